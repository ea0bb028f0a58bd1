"""Inputs that went wrong in other hands: each as its README says it is right (they are beside the project)."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.metrics import estimate_metrics
from pxanalysis.errors import NotEstimableError, SurveyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.taking_in import IngestError
from pxanalysis.survey.practice_list import read_practices
from pxanalysis.survey.reading import read_survey

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"


def case(number: str) -> Path:
    found = sorted(CASES.glob(f"{number}-*"))
    if not found:
        pytest.skip(f"the cases are not at {CASES}; inputs of the same kinds are made in tests/survey and tests/study")
    return found[0]


def study_of(folder: Path, number: str, files: str, journey: str = "dental-treatment") -> Study:
    source = case(number)
    own = source / "journey.yaml"
    study = init_study(folder / "study", str(own) if own.is_file() else journey)
    if (source / "study.toml").is_file():
        (study.root / "study.toml").write_text((source / "study.toml").read_text())
    for file in sorted(source.glob(files)):
        (study.raw_folder / file.name).write_bytes(file.read_bytes())
    return Study(study.root)


def ingest(study: Study) -> None:
    study.ingest(today=date(2026, 11, 28))


@pytest.mark.parametrize(
    ("number", "files", "journey", "people", "practices"),
    [
        ("04", "zero_width.csv", "dental-treatment", 392, {"01010411": 44}),
        ("04", "zeros_lost_*.csv", "dental-treatment", 392, {"01010411": 44}),
        ("05", "double_bom_*.csv", "dental-treatment", 392, {}),
        ("05", "no_id_*.csv", "dental-treatment", 392, {}),
        ("06", "mixed.csv", "dental-treatment", 392, {}),
        ("07", "answers.csv", "dental-treatment", 392, {}),
        ("20", "*.csv", "dental-checkup", 226, {"01011644": 74}),
        ("21", "*.csv", "dental-checkup", 452, {"01011644": 148}),
        ("28", "*.csv", "dental-checkup", 190, {}),
    ],
)
def test_people_and_practices(
    number: str, files: str, journey: str, people: int, practices: dict[str, int], tmp_path: Path
) -> None:
    study = study_of(tmp_path, number, files, journey)
    ingest(study)
    counts = dict(study.responses.table["practice_id"].value_counts().iter_rows())
    assert sum(counts.values()) == people
    assert {one: counts[one] for one in practices} == practices
    assert all(batch.records == batch.accepted + batch.rejected_rows for batch in study.store.batches)
    if journey == "dental-treatment":
        assert len(counts) == 6


@pytest.mark.parametrize(("number", "files"), [("06", "mixed.csv"), ("07", "answers.csv")])
def test_periods(number: str, files: str, tmp_path: Path) -> None:
    study = study_of(tmp_path, number, files)
    ingest(study)
    days = study.responses.table["completed_on"]
    assert (days.min(), days.max()) == (date(2025, 1, 1), date(2026, 6, 30))


@pytest.mark.parametrize(
    ("number", "file", "name"),
    [
        ("02", "nps_1_to_11.csv", "nps"),
        ("02", "items_0_to_4.csv", "appointment_easy"),
        ("03", "answers.csv", "returned"),
        ("03", "boolean_item.parquet", "staff_friendly"),
    ],
)
def test_columns_that_are_asked_about(number: str, file: str, name: str) -> None:
    with pytest.raises(SurveyError, match=f"column '{name}'"):
        read_survey(case(number) / file, journey="dental-treatment")


def test_shifted_answers_put_right() -> None:
    folder = case("02")
    right = read_survey(folder / "right.csv", journey="dental-treatment").table
    found = read_survey(folder / "nps_1_to_11.csv", journey="dental-treatment", readings={"nps": "1-11"}).table
    assert found["nps"].to_list() == right["nps"].to_list()


def test_words_for_not_applicable() -> None:
    folder = case("01")
    coded = read_survey(folder / "same_coded_9.csv", journey="dental-treatment").table
    assert read_survey(folder / "answers.csv", journey="dental-treatment").table.equals(coded)


def test_thousands_in_invited() -> None:
    folder = case("10")
    assert [p.invited for p in read_practices(folder / "practices.csv").values()] == [1000, 2000]
    assert next(iter(read_practices(folder / "practices_us.csv").values())).invited == 1000


@pytest.mark.parametrize(
    ("number", "files", "message"),
    [("13", "*.csv", "rounded by a spreadsheet"), ("26", "*.csv", r"\[source\] encoding"), ("22", "*.csv", r"b\.csv")],
)
def test_files_that_are_refused(number: str, files: str, message: str, tmp_path: Path) -> None:
    study = study_of(tmp_path, number, files, "dental-checkup" if number == "22" else "dental-treatment")
    with pytest.raises(IngestError, match=message):
        ingest(study)
    assert len(study.store.batches) == (2 if number == "22" else 0)


def test_one_wrong_byte(tmp_path: Path) -> None:
    study = study_of(tmp_path, "14", "*.csv")
    ingest(study)
    comments = study.responses.table["comment"].drop_nulls()
    assert comments.str.contains("caf\u00e9").sum() >= 39


def test_commas_in_the_header(tmp_path: Path) -> None:
    study = study_of(tmp_path, "15", "*.csv")
    ingest(study)
    assert study.store.batches[0].records == 40


def test_a_list_for_dutch_spreadsheets(tmp_path: Path) -> None:
    study = study_of(tmp_path, "17", "*.csv")
    ingest(study)
    written = next((study.root / "data/processed/rejected").glob("*.csv")).read_text(encoding="utf-8-sig")
    assert written.startswith("file;row;column")


def test_what_qualtrics_exports(tmp_path: Path) -> None:
    study = study_of(tmp_path, "18", "*.csv")
    ingest(study)
    batch = study.store.batches[0]
    assert (batch.accepted, batch.rejected_rows, batch.dropped_cells) == (60, 2, 0)
    assert any("completed_on" in note for note in batch.notes)
    kept = pl.read_parquet(next((study.root / "data/processed/rejected/aside").glob("*.parquet")))
    assert not {"IPAddress", "RecipientEmail"} & set(kept.columns)


def test_two_forms(tmp_path: Path) -> None:
    study = study_of(tmp_path, "23", "*.csv")
    ingest(study)
    asked = study.questions
    assert len(asked) == 1
    assert "one_form = false" in asked[0], "found from what is missing, and asked to be confirmed"
    results = study.fit()
    variance = results["practice_variance"].set_index("outcome_or_touchpoint")["icc"]
    assert variance["applying"] < 0.02, "nobody differs"
    touchpoints = results["touchpoints"].query("touchpoint == 'applying' and practice_id != ''")
    assert touchpoints["mean"].between(88, 92).all()
    assert any("more than one form" in note for note in results.meta.study_notes)
    from pxanalysis.survey.scores import score_responses

    responses = study.responses
    means = score_responses(responses)["applying"].groupby(responses.practice_ids).mean()
    assert means.between(88, 92).all()


def test_touchpoints_with_the_same_answers() -> None:
    responses = read_survey(case("11") / "answers.csv", journey="dental-treatment")
    with pytest.raises(NotEstimableError, match="columns appointment, staff are"):
        fit_drivers(responses, n_bootstrap=100)


def test_nps_of_one_answer() -> None:
    responses = read_survey(case("12") / "answers.csv", journey="dental-treatment")
    row = estimate_metrics(responses, "nps", by=None).tidy().set_index("metric").loc["net"]
    assert row["estimate"] == -1
    assert row[["ci_low", "ci_high"]].isna().all()
    assert row["reason"] == "one answer; an interval needs at least two"


def test_a_date_format_with_an_offset(tmp_path: Path) -> None:
    study = init_study(tmp_path / "study", "dental-treatment")
    own = tomllib.loads((case("16") / "study_part.toml").read_text())["source"]["date_format"]
    settings = study.root / "study.toml"
    settings.write_text(settings.read_text().replace("[source]", f'[source]\ndate_format = "{own}"'))
    answers = simulate_survey(study.journey, practices=2, responses=30, seed=4).answers.head(40)
    late = answers.with_columns(pl.col("completed_on").cast(pl.String) + "T00:30:00+0200")
    late.write_csv(study.raw_folder / "export.csv")
    again = Study(study.root)
    ingest(again)
    days = again.responses.table.sort("response_id")["completed_on"]
    assert days.to_list() == answers.sort("response_id")["completed_on"].to_list(), "the day where it was answered"


def test_dates_that_cannot_be(tmp_path: Path) -> None:
    """Each with the reason that is true; the row without a date is kept, and said."""
    study = init_study(tmp_path / "study", str(case("23") / "journey.yaml"))
    shutil.copyfile(case("25") / "dates.csv", study.raw_folder / "dates.csv")
    settings = study.root / "study.toml"
    columns = """[columns]
practice_id = "Uni_short"
completed_on = "On what day did you attend the course?"
use_more = "How likely is it that you will use this technology more in your research?"
ktv = "How worthwhile was attending the course for you?"
"""
    settings.write_text(settings.read_text().replace("[columns]\n", columns))
    found = Study(study.root).check(today=date(2026, 11, 28))[0]
    assert found.error is None
    assert found.table is not None
    refused = {row["value"]: row["reason"] for row in found.table.rejected.iter_rows(named=True) if row["value"]}
    assert "filler" in refused["01/01/1900"]
    assert "after today" in refused["12/07/2230"]
    assert "before the middle" in refused["12/07/1987"]
    assert "expected a date" in refused["20/13/2020"]
    dates = next(verdict for verdict in found.verdicts if verdict.name == "completed_on")
    assert "1 rows have no date and are kept" in dates.evidence
    assert dates.said


def test_a_journey_in_english(tmp_path: Path) -> None:
    study = init_study(tmp_path / "s", str(case("24") / "journey.yaml"))
    assert study.settings.study.language == "en"
    shutil.rmtree(study.root)
