"""What a cell of the report notebook may do wrong: each costs its own report, with a reason, and no other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pxanalysis.study import Study
from pxanalysis.study.reports import list_outdated, render_study

MEGABYTE = 1_000_000

CELLS = {
    "raises": "raise ValueError('no such patient')",
    "exits": "import sys\nsys.exit(3)",
    "ends": "import os\nos._exit(3)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "eats memory": "hold = [bytearray(1 << 28) for _ in range(64)]",
    "computes on": "while True:\n    pass",
}
PRINTS = "for _ in range(100):\n    print('x' * 1_000_000)"
SAID = {
    "raises": "ValueError: no such patient",
    "exits": "SystemExit",
    "ends": "ended without an answer (exit code 3)",
    "crashes": "ended without an answer (signal 11)",
    "eats memory": "MemoryError:  (it may take 4096 MB",
    "computes on": "computed for longer than 10 seconds",
}


@pytest.mark.slow
def test_each_costs_its_own_report_and_no_other(made: Study, tmp_path: Path) -> None:
    shutil.copytree(made.root, tmp_path / "copy")
    study = Study(tmp_path / "copy")
    settings = study.root / "study.toml"
    settings.write_text(settings.read_text() + "\n[reports]\ncpu_seconds = 10\nretries = 0\n")
    ids = sorted(study.results["practices"]["practice_id"])
    victims = dict(zip(CELLS, ids, strict=False))
    codes = {victims[name]: code for name, code in CELLS.items()} | {ids[-1]: PRINTS}
    notebook = json.loads(study.notebook.read_text())
    source = f"exec({codes!r}.get(practice_id, ''))"
    cell = {"cell_type": "code", "execution_count": None, "id": "bad", "metadata": {}, "outputs": [], "source": source}
    notebook["cells"].insert(3, cell)
    study.notebook.write_text(json.dumps(notebook))
    before = {path.name: path.read_bytes() for path in study.reports_folder.glob("*.html")}
    summary = render_study(Study(study.root), workers=2)
    reasons = {outcome.job.practice_id: outcome.reason for outcome in summary.failed}
    assert reasons.keys() == set(victims.values())
    assert {outcome.attempts for outcome in summary.failed} == {1}, "as study.toml asks"
    for name, practice_id in victims.items():
        assert SAID[name] in reasons[practice_id], name
    assert list_outdated(study) == sorted(victims.values(), key=ids.index)
    pages = {path.name: path.read_bytes() for path in study.reports_folder.glob("*.html")}
    for outcome in summary.outcomes:
        name = Path(outcome.job.output).name
        assert (pages[name] == before[name]) != outcome.made, "the page of before stays where none could be made"
    assert max(map(len, pages.values())) < 5 * MEGABYTE, "what a cell prints is on no page"


def test_a_practice_that_vanished_between_fit_and_report_is_named(made: Study, tmp_path: Path) -> None:
    """Results were made anew meanwhile, without it: its report says so, and the others are made."""
    from pxanalysis.reporting.making.batch import render_reports
    from pxanalysis.reporting.making.render import ReportJob

    job = ReportJob("gone", "nl", str(made.root), str(made.notebook), str(tmp_path / "gone.html"))
    (outcome,) = render_reports([job], workers=1, preload=["pxanalysis.study"])
    assert "'gone'" in outcome.reason
    assert not Path(job.output).exists()


def test_a_notebook_copied_before_outcomes_were_a_part_still_shows_them(made: Study, tmp_path: Path) -> None:
    """Every study has a copy of the notebook of its day; once the opening showed the outcomes."""
    from pxanalysis.reporting.making.batch import render_reports
    from pxanalysis.reporting.making.render import ReportJob

    notebook = json.loads(made.notebook.read_text())
    chosen = json.dumps(
        notebook | {"cells": [c for c in notebook["cells"] if ".outcomes(" not in "".join(c["source"])]}
    )
    del notebook["metadata"]["pxanalysis"]
    old = json.dumps(notebook | {"cells": json.loads(chosen)["cells"]})
    practice_id = sorted(made.results["practices"]["practice_id"])[0]
    pages = {}
    for name, text in (("now", made.notebook.read_text()), ("old", old), ("chosen", chosen)):
        (tmp_path / f"{name}.ipynb").write_text(text)
        page = tmp_path / f"{name}.html"
        job = ReportJob(practice_id, "nl", str(made.root), str(tmp_path / f"{name}.ipynb"), str(page))
        (outcome,) = render_reports([job], workers=1, preload=["pxanalysis.study"])
        assert outcome.made, outcome.reason
        pages[name] = page.read_text()
    heading = 'id="outcomes"'
    assert heading in pages["now"]
    assert pages["old"].count(heading) == 1
    assert pages["old"].index(heading) > pages["old"].index("Wat u het eerst kunt doen")
    assert heading not in pages["chosen"], "who took the cell out of the notebook of today wants it out"
