"""What results rest on can be read from them, tells of nobody, and making them again gives the same numbers."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import validate
from typer.testing import CliRunner

from pxanalysis.analysis.provenance import PROVENANCE_FILE, Provenance
from pxanalysis.analysis.whole_study.differences import list_differences
from pxanalysis.cli import app
from pxanalysis.errors import AnalysisError, StudyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.provenance import make_results_again, trace


def test_provenance_is_as_its_schema_says_and_names_nobody(made: Study) -> None:
    text = (made.results_folder / PROVENANCE_FILE).read_text(encoding="utf-8")
    schema = json.loads(CliRunner().invoke(app, ["reproduce", "--schema"]).output)
    validate(json.loads(text), schema)
    undescribed = [
        name for name, one in schema["properties"].items() if not {"description", "$ref", "const"} & set(one)
    ]
    assert undescribed in ([], ["plan"])
    found = Provenance.read(made.results_folder / PROVENANCE_FILE)
    assert found.data.sha256 == made.results.meta.data_hash
    assert found.data.files == tuple(batch.digest for batch in made.store.batches)
    assert len(found.outputs) == len(made.results.frames)
    for practice in made.responses.practices:
        assert practice not in text


def test_a_page_and_a_folder_are_traced_to_the_command_that_makes_them(made: Study, tmp_path: Path) -> None:
    page = next(one for one in sorted(made.reports_folder.glob("0*.html")))
    found = trace(page)
    assert found.page[1] == "the page that was made"
    assert found.changed == ()
    assert found.command.startswith("pxanalysis fit --force && pxanalysis report --practice 0")
    told = "\n".join(found.lines())
    assert made.results.meta.data_hash in told
    assert f"seed: {made.results.meta.seed};" in told
    archived = shutil.copy(made.results_folder / PROVENANCE_FILE, tmp_path)
    assert trace(Path(archived)).changed == (), "an archived file stands without its tables"
    assert trace(made.root).provenance == trace(made.results_folder).provenance


def test_what_was_changed_afterwards_is_said(made: Study, tmp_path: Path) -> None:
    root = shutil.copytree(made.root, tmp_path / "study")
    study = Study(root)
    page = next(one for one in sorted(study.reports_folder.glob("0*.html")))
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    (study.results_folder / "drivers.parquet").write_bytes(b"")
    found = trace(page)
    assert found.page[1].startswith("not the page that was made")
    assert found.changed == ("drivers.parquet",)
    (study.results_folder / PROVENANCE_FILE).write_text("{}")
    with pytest.raises(AnalysisError, match="not the provenance of results"):
        trace(root)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent", "not there. Name a page"),
        ("index.html", "not the report of a practice"),
        ("x.docx", "expected a page"),
    ],
)
def test_what_is_no_result_is_refused(made: Study, tmp_path: Path, name: str, words: str) -> None:
    place = made.reports_folder if name == "index.html" else tmp_path
    if name == "x.docx":
        (tmp_path / name).touch()
    with pytest.raises(StudyError, match=words):
        trace(place / name)


@pytest.mark.slow
def test_made_again_every_number_is_the_same_and_a_changed_one_is_seen(made: Study, tmp_path: Path) -> None:
    root = shutil.copytree(made.root, tmp_path / "study")
    study = Study(root)
    before = {path.name: path.read_bytes() for path in study.results_folder.iterdir()}
    assert make_results_again(root) == []
    assert {path.name: path.read_bytes() for path in study.results_folder.iterdir()} == before
    found = study.results
    found.frames["drivers"].loc[0, "importance"] *= 1 + 1e-6
    found.write(study.results_folder)
    done = CliRunner().invoke(app, ["reproduce", str(root), "--again"])
    assert done.exit_code == 5
    assert "drivers.parquet: importance: 1 numbers differ" in done.output
    text = (root / "study.toml").read_text()
    (root / "study.toml").write_text(text.replace("n_bootstrap = 200", "n_bootstrap = 100"))
    with pytest.raises(StudyError, match="changed since the results were made"):
        make_results_again(root)


@pytest.mark.slow
def test_same_input_and_seed_give_the_same_file_and_1e_9_with_other_linear_algebra(tmp_path: Path) -> None:
    """Other kernels of OpenBLAS sum in another order, as another computer's library does."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        pytest.skip("OPENBLAS_CORETYPE=Nehalem names a kernel of x86-64")
    study = init_study(tmp_path / "one", "dental-treatment")
    settings = study.root / "study.toml"
    settings.write_text(settings.read_text().replace("n_bootstrap = 1000", "n_bootstrap = 200"))
    simulate_survey(study.journey, practices=12, responses=(30, 90), seed=1).write(study.raw_folder)
    Study(study.root).ingest()
    # the key shuffles comments, so that their order tells nobody who wrote last
    (study.root / "data" / "processed" / "released.key").write_bytes(bytes(32))
    for name in ("two", "other"):
        shutil.copytree(study.root, tmp_path / name)
    for name, kernel in (("one", ""), ("two", ""), ("other", "Nehalem")):
        more = {"OPENBLAS_CORETYPE": kernel} if kernel else {}
        command = [sys.executable, "-m", "pxanalysis", "fit", "--study", str(tmp_path / name)]
        subprocess.run(command, env=os.environ | more, check=True, capture_output=True)
    one, two, other = (Study(tmp_path / name).results_folder for name in ("one", "two", "other"))
    assert list_differences(one, two, tolerance=0) == []
    assert (one / PROVENANCE_FILE).read_bytes() == (two / PROVENANCE_FILE).read_bytes()
    assert list_differences(one, other) == []
    assert "Nehalem" in Provenance.read(other / PROVENANCE_FILE).computer["linear_algebra"]
