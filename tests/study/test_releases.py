"""A study that is run every hour: reports a few answers apart never tell what those few said."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.study import Study, init_study
from pxanalysis.survey.simulate import simulate_survey


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    return simulate_survey(read_journey("dental-treatment"), practices=5, responses=(60, 60), seed=8).answers


@pytest.fixture
def study(tmp_path: Path, answers: pl.DataFrame) -> Study:
    """Five practices of which 40 answers each have been released."""
    study = init_study(tmp_path / "study", "dental-treatment")
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text.replace("n_bootstrap = 1000", "n_bootstrap = 100"))
    study = Study(study.root)
    add(study, answers, 0, 40)
    study.fit()
    return study


def add(study: Study, answers: pl.DataFrame, start: int, stop: int, practice: int | None = None) -> None:
    """Put answers number ``start`` to ``stop`` of each practice, or of one, into the study."""
    place = pl.int_range(pl.len()).over("practice_id")
    some = answers.filter((place >= start) & (place < stop))
    if practice is not None:
        some = some.filter(pl.col("practice_id") == some["practice_id"].unique().sort()[practice])
    some.write_csv(study.raw_folder / f"from-{start}-{practice}.csv")
    study.ingest()


def sizes(study: Study) -> list[int]:
    return study.results["practices"]["n"].tolist()


def test_three_new_answers_change_no_figure(study: Study, answers: pl.DataFrame) -> None:
    before = study.results
    add(study, answers, 40, 43, practice=0)
    study.fit()
    found = study.results
    practice = before["practices"]["practice_id"].iloc[0]
    assert found.meta["waiting"] == {practice: 3}
    for name in ("practices", "outcomes", "distributions", "touchpoints", "items", "funnel", "trend", "comments"):
        assert found[name].equals(before[name]), name


def test_they_count_once_there_are_ten(study: Study, answers: pl.DataFrame) -> None:
    add(study, answers, 40, 46, practice=0)
    study.fit()
    add(study, answers, 46, 50, practice=0)
    add(study, answers, 40, 49, practice=1)
    found = study.fit()
    assert sizes(study) == [50, 40, 40, 40, 40]
    assert list(found.meta["waiting"].values()) == [9]


def test_fitting_again_by_force_lets_nothing_through(study: Study, answers: pl.DataFrame) -> None:
    add(study, answers, 40, 42)
    study.fit()
    study.fit(force=True)
    assert sizes(study) == [40] * 5


def test_run_says_what_waits(study: Study, answers: pl.DataFrame) -> None:
    add(study, answers, 40, 42)
    done = CliRunner().invoke(app, ["fit", "--study", str(study.root)])
    assert "Note: 10 new answers of 5 practices wait until 10 have come in there" in done.output


def test_a_damaged_release_is_not_taken_for_none(study: Study, answers: pl.DataFrame) -> None:
    (study.root / "data/processed/released.parquet").write_bytes(b"PAR1 no")
    add(study, answers, 40, 42)
    with pytest.raises(StudyError, match=r"released\.parquet: cannot be read .* Restore it from a backup"):
        study.fit()
