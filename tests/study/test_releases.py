"""A study that is run every hour: reports a few answers apart never tell what those few said."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from study_copies import copy_study, init_quick
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.reports import list_outdated, render_study


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    return simulate_survey(read_journey("dental-treatment"), practices=5, responses=(60, 60), seed=8).answers


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, answers: pl.DataFrame) -> Study:
    study = init_quick(tmp_path_factory.mktemp("releases") / "study")
    add(study, answers, 0, 40)
    study.fit()
    return study


@pytest.fixture
def study(tmp_path: Path, fitted: Study) -> Study:
    """Five practices of which 40 answers each have been released."""
    return copy_study(fitted, tmp_path)


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


@pytest.mark.slow
def test_three_new_answers_change_no_figure(study: Study, answers: pl.DataFrame) -> None:
    before = study.results
    add(study, answers, 40, 43, practice=0)
    study.fit()
    found = study.results
    practice = before["practices"]["practice_id"].iloc[0]
    assert found.meta.waiting == {practice: 3}
    for name in ("practices", "outcomes", "distributions", "touchpoints", "items", "funnel", "trend", "comments"):
        assert found[name].equals(before[name]), name


@pytest.mark.slow
def test_they_count_once_there_are_ten(study: Study, answers: pl.DataFrame) -> None:
    add(study, answers, 40, 46, practice=0)
    study.fit()
    add(study, answers, 46, 50, practice=0)
    add(study, answers, 40, 49, practice=1)
    found = study.fit()
    assert sizes(study) == [50, 40, 40, 40, 40]
    assert list(found.meta.waiting.values()) == [9]


@pytest.mark.slow
def test_fitting_again_by_force_lets_nothing_through(study: Study, answers: pl.DataFrame) -> None:
    add(study, answers, 40, 42)
    study.fit()
    study.fit(force=True)
    assert sizes(study) == [40] * 5


@pytest.mark.slow
def test_run_says_what_waits(study: Study, answers: pl.DataFrame) -> None:
    add(study, answers, 40, 42)
    done = CliRunner().invoke(app, ["fit", "--study", str(study.root)])
    assert "10 newer answers of 5 practices count from the next release" in done.output


@pytest.mark.slow
def test_a_damaged_release_is_not_taken_for_none(study: Study, answers: pl.DataFrame) -> None:
    (study.root / "data/processed/released.parquet").write_bytes(b"PAR1 no")
    add(study, answers, 40, 42)
    with pytest.raises(StudyError, match=r"released\.parquet: cannot be read .* Restore it from a backup"):
        study.fit()


def test_results_without_the_release_they_rest_on_are_not_fitted_over(study: Study, answers: pl.DataFrame) -> None:
    (study.root / "data/processed/released.parquet").unlink()
    add(study, answers, 40, 42)
    with pytest.raises(StudyError, match=r"released\.parquet: not there, while results that rest on it are"):
        study.fit()


@pytest.mark.slow
def test_the_data_hash_is_of_the_answers_that_figures_rest_on(study: Study, answers: pl.DataFrame) -> None:
    before = study.results.meta
    add(study, answers, 40, 43, practice=0)
    waiting = study.fit().meta
    assert waiting.data_hash == before.data_hash
    assert waiting.fit_key != before.fit_key
    add(study, answers, 43, 50, practice=0)
    assert study.fit().meta.data_hash != before.data_hash
    assert study.is_fitted


@pytest.mark.slow
@pytest.mark.slow
def test_answers_that_wait_make_only_their_own_page_out_of_date(study: Study, answers: pl.DataFrame) -> None:
    render_study(study, workers=1)
    add(study, answers, 40, 43, practice=0)
    study.fit()
    assert list_outdated(study) == list(study.results.meta.waiting)
    page = study.report(list_outdated(study)[0], "nl").opening().html
    assert "3 nieuwe antwoorden tellen nog niet mee" in page


@pytest.mark.slow
def test_those_who_wait_have_answered(study: Study, answers: pl.DataFrame) -> None:
    ids = study.results["practices"]["practice_id"].tolist()
    rows = [f"{practice},Praktijk {practice},{50 if i else 41}" for i, practice in enumerate(ids)]
    study.practices_file.write_text("\n".join(["practice_id,practice_name,invited", *rows]))
    add(study, answers, 40, 43, practice=0)
    add(study, answers, 40, 45, practice=1)
    (note,) = [note for note in study.fit().meta.study_notes if "invited" in note]
    assert "(41 invited, 43 answered)" in note
    assert "respons" not in study.report(ids[0], "nl").opening().html
    assert "respons 90%" in study.report(ids[1], "nl").opening().html
