"""The declared frames are what is written, what is read and what is documented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from study_results_fixture import make_example

from pxanalysis.analysis.whole_study.fit import fit_study
from pxanalysis.analysis.whole_study.frames import (
    FRAMES,
    DriverRow,
    PracticeRow,
    PriorityRow,
    as_declared,
    empty_frame,
    frame_schema,
    list_columns,
    read_rows,
    validate_frame,
    with_absent,
)
from pxanalysis.analysis.whole_study.results import StudyResults
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.errors import AnalysisError
from pxanalysis.journey.reading import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("practices", "each"), [(6, 40), (1, 12)], ids=["estimable", "not estimable"])
def test_a_frame_has_all_its_columns_whether_or_not_something_could_be_estimated(
    practices: int, each: int, tmp_path: Path
) -> None:
    simulate_survey(read_journey("dental-treatment"), practices=practices, responses=each).write(tmp_path)
    responses = read_survey(tmp_path / "simulated.csv", journey="dental-treatment")
    results = fit_study(responses, FitSettings(n_bootstrap=100, seed=1))
    assert set(results.frames) == set(FRAMES)
    for name, kind in FRAMES.items():
        columns = {one.name: one.dtype for one in list_columns(kind)}
        assert {column: str(dtype) for column, dtype in results.frames[name].dtypes.items()} == columns, name
        assert list(results.frames[name]) == [*columns]


def test_a_column_that_is_not_there_or_holds_something_else_is_named() -> None:
    drivers = make_example().results.frames["drivers"]
    with pytest.raises(AnalysisError, match="frame 'drivers': no column 'beta'"):
        validate_frame(drivers.drop(columns="beta"), DriverRow)
    with pytest.raises(AnalysisError, match=r"frame 'drivers'.*heavy"):
        validate_frame(drivers.assign(beta="heavy"), DriverRow)
    with pytest.raises(AnalysisError, match=r"frame 'drivers'.*touchpoint"):
        validate_frame(drivers.assign(touchpoint=None), DriverRow)


def test_rows_have_none_where_a_figure_is_absent() -> None:
    frame = with_absent(pd.DataFrame({"touchpoint": ["desk"], "beta": [np.nan]}), DriverRow)
    (row,) = read_rows(frame, DriverRow)
    assert (row.touchpoint, row.beta, row.n, row.reason) == ("desk", None, 0, "")
    (practice,) = read_rows(with_absent(pd.DataFrame({"practice_id": ["a"]}), PracticeRow), PracticeRow)
    assert (practice.n_invited, practice.first_date, practice.suppressed) == (None, None, False)


def test_an_empty_frame_is_as_declared() -> None:
    for kind in FRAMES.values():
        pd.testing.assert_frame_equal(as_declared(empty_frame(kind), kind), empty_frame(kind))


def test_the_model_says_what_each_column_means() -> None:
    for kind in FRAMES.values():
        for name, column in frame_schema(kind).columns.items():
            assert re.fullmatch(r".{2,}\.", column.description), (kind.frame, name)


def test_results_that_were_written_with_other_columns_are_not_read(tmp_path: Path) -> None:
    example = make_example().results
    StudyResults(example.meta, example.frames).write(tmp_path)
    assert len(StudyResults.read(tmp_path)["priorities"]) == len(example.frames["priorities"])
    meta = json.loads((tmp_path / "meta.json").read_text(encoding="utf-8"))
    (tmp_path / "meta.json").write_text(json.dumps(meta | {"frames_version": "older"}), encoding="utf-8")
    with pytest.raises(AnalysisError, match=r"another version of pxanalysis\. Run 'pxanalysis fit --force'"):
        StudyResults.read(tmp_path)


def test_rows_of_a_practice_are_its_own_wherever_they_stand() -> None:
    results = make_example().results
    mixed = {name: frame.sample(frac=1, random_state=1, ignore_index=True) for name, frame in results.frames.items()}
    for found in (results, StudyResults(results.meta, mixed)):
        for name, frame in found.frames.items():
            for practice in (
                ("", "nobody", *results.frames["practices"]["practice_id"]) if "practice_id" in frame else ()
            ):
                own = frame[frame["practice_id"] == practice].reset_index(drop=True)
                pd.testing.assert_frame_equal(found.of_practice(name, practice), own)


def test_results_that_are_kept_are_not_read_again_until_they_are_others(tmp_path: Path) -> None:
    example = make_example().results
    StudyResults(example.meta, example.frames).write(tmp_path)
    code = (
        "import sys; from pathlib import Path; from pxanalysis.analysis.whole_study.results import *\n"
        "folder = Path(sys.argv[1]); keep_results(folder); kept = StudyResults.read(folder)\n"
        "assert StudyResults.read(folder) is kept\n"
        "StudyResults(kept.meta.with_facts(study_title='new'), kept.frames).write(folder)\n"
        "assert StudyResults.read(folder).meta.study_title == 'new'"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


@pytest.mark.parametrize("step", [0, 7, len(FRAMES), len(FRAMES) + 1, 2 * len(FRAMES)])
def test_whoever_stops_writing_leaves_the_old_results_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    example = make_example().results
    StudyResults(example.meta.with_facts(study_title="old"), example.frames).write(tmp_path)
    priorities = example.frames["priorities"].head(1)
    steps = 0

    def stop_at(done: Callable[..., object]) -> Callable[..., object]:
        def step_on(*given: object, **more: object) -> object:
            nonlocal steps
            steps += 1
            if steps > step:
                raise KeyboardInterrupt
            return done(*given, **more)

        return step_on

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stop_at(Path.replace))
        patched.setattr(pd.DataFrame, "to_parquet", stop_at(pd.DataFrame.to_parquet))
        with pytest.raises(KeyboardInterrupt):
            StudyResults(example.meta.with_facts(study_title="new"), example.frames | {"priorities": priorities}).write(
                tmp_path
            )
    found = StudyResults.read(tmp_path)
    new = step > len(FRAMES)
    assert found.meta.study_title == ("new" if new else "old")
    assert len(found["priorities"]) == (1 if new else len(example.frames["priorities"]))
    assert not new or not list(tmp_path.glob(".*")), "what was read is in its place"


def test_a_frame_that_is_not_as_declared_is_not_written(tmp_path: Path) -> None:
    example = make_example().results
    broken = {**example.frames, "priorities": example.frames["priorities"].drop(columns="gain")}
    with pytest.raises(AnalysisError, match="frame 'priorities': no column 'gain'"):
        StudyResults(example.meta, broken).write(tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_figure_that_is_written_is_read() -> None:
    """By a part of the report, a drawing or a notebook; reasons are for who opens the frame."""
    package = ROOT / "src" / "pxanalysis"
    rooms = [*package.glob("reporting/**/*.py"), *package.glob("figures/**/*.py"), *ROOT.glob("notebooks/*.ipynb")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    keys = {"outcome_or_touchpoint", "question", "previous"}
    for kind in FRAMES.values():
        for one in list_columns(kind):
            base = re.sub("_(low|high)$", "", one.name)
            read = re.search(rf"""[."'\\]{one.name}\b|["']{base}(_{{end}})?["']""", text)
            assert read or one.name in keys or one.name.endswith("reason"), f"{kind.frame}.{one.name}"


def test_the_page_of_frames_is_what_is_declared() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import make_frames; print(make_frames.make_page(), end='')"],
        cwd=ROOT / "docs",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (ROOT / "docs" / "frames.md").read_text(encoding="utf-8") == made, "run python docs/make_frames.py"
    assert all(f"## {name}\n" in made for name in FRAMES)
    assert f"| `{list_columns(PriorityRow)[0].name}` |" in made
