"""A study's list of practices: where it stands, what the fit keeps of it, and what happens when it is not there."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from study_copies import copy_study, init_quick

from pxanalysis.errors import StudyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study


@pytest.fixture
def study(tmp_path: Path, ingested: Study) -> Study:
    """Three practices of fifteen answers, ingested; their list is in data/raw."""
    return copy_study(ingested, tmp_path)


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Study:
    study = init_quick(tmp_path_factory.mktemp("list") / "study")
    simulate_survey(study.journey, practices=3, responses=15, seed=1).write(study.raw_folder)
    study.ingest()
    return study


def set_source(study: Study, line: str) -> Study:
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text().replace("[source]\n", f"[source]\n{line}\n"))
    return Study(study.root)


def set_invited(study: Study, numbers: list[int | None]) -> None:
    path = study.practices_file
    table = pl.read_csv(path, infer_schema=False)
    table.with_columns(pl.Series("invited", numbers, dtype=pl.Int64)).write_csv(path)


@pytest.mark.slow
def test_the_fit_keeps_how_many_were_invited(study: Study) -> None:
    set_invited(study, [30, 60, 25])
    results = study.fit()
    frame = results["practices"]
    assert frame["n_invited"].to_list() == [30, 60, 25]
    assert frame["n_invited"].dtype == "Int64"
    assert frame["name"].str.startswith("Praktijk").all()
    assert results.meta.n_invited == 115


@pytest.mark.slow
def test_without_all_numbers_there_is_no_total(study: Study) -> None:
    set_invited(study, [30, None, 25])
    results = study.fit()
    assert results["practices"]["n_invited"].isna().to_list() == [False, True, False]
    assert results.meta.n_invited is None


@pytest.mark.slow
def test_a_practice_that_nobody_answered_for_is_not_in_the_total(study: Study) -> None:
    set_invited(study, [30, 60, 25])
    with study.practices_file.open("a") as stream:
        stream.write("99999999,Praktijk Zonder Antwoord,400\n")
    assert study.fit().meta.n_invited == 115


@pytest.mark.slow
def test_another_number_is_a_reason_to_fit_again(study: Study) -> None:
    set_invited(study, [30, 60, 25])
    study.fit()
    assert study.is_fitted
    set_invited(study, [30, 60, 26])
    assert not study.is_fitted
    assert study.fit().meta.n_invited == 116


@pytest.mark.slow
def test_a_list_that_is_behind_stops_nothing_and_is_said(study: Study) -> None:
    set_invited(study, [30, 14, 25])
    practice = study.store.read()["practice_id"].unique().sort()[1]
    (note,) = study.fit().meta.study_notes
    assert f"at practice '{practice}' (14 invited, 15 answered). Give the number" in note
    assert "niet te berekenen" in study.report(practice, "nl").method().html


@pytest.mark.slow
def test_a_new_study_needs_no_list(study: Study) -> None:
    study.practices_file.unlink()
    results = study.fit()
    assert results["practices"]["name"].to_list() == results["practices"]["practice_id"].to_list()
    assert results["practices"]["n_invited"].isna().all()
    assert results.meta.n_invited is None


@pytest.mark.slow
def test_a_list_that_is_named_must_be_there(study: Study) -> None:
    named = set_source(study, 'practices = "practicse.csv"')
    with pytest.raises(
        StudyError, match=r"practicse\.csv: study\.toml names this file under \[source\] practices, and"
    ) as caught:
        named.fit()
    assert "take the line out" in str(caught.value)
    study.practices_file.rename(named.root / "practicse.csv")
    assert named.fit()["practices"]["name"].str.startswith("Praktijk").all()


def test_a_list_in_the_usual_place_is_never_taken_for_answers(study: Study) -> None:
    assert [path.name for path in study.raw_files()] == ["simulated.csv"]


def test_codes_for_no_answer_stand_in_study_toml(study: Study) -> None:
    path = study.raw_folder / "simulated.csv"
    table = pl.read_csv(path, infer_schema=False)
    answered = table["staff_friendly"].drop_nulls().len() - table.head(2)["staff_friendly"].drop_nulls().len()
    values = ["-99", "NULL", *table["staff_friendly"].to_list()[2:]]
    table.with_columns(pl.Series("staff_friendly", values)).write_csv(path)
    shutil.rmtree(study.root / "data" / "processed")
    changed = set_source(study, 'missing = ["NULL", -99]')
    (batch,) = changed.ingest()
    assert (batch.accepted, batch.dropped_cells) == (45, 0)
    assert changed.responses.table["staff_friendly"].drop_nulls().len() == answered


@pytest.mark.parametrize("value", ['"NA"', "[true]", "[[1]]"])
def test_codes_are_a_list_of_texts_or_numbers(study: Study, value: str) -> None:
    with pytest.raises(StudyError, match=r"source\.missing"):
        set_source(study, f"missing = {value}")
