"""Cells that an export fills where nobody answered: as empty as an empty cell, and never at the cost of an answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.journey import Journey
from pxanalysis.survey.checking.parsing import parse_dates
from pxanalysis.survey.policy import SurveyPolicy
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses

BASE = {
    "response_id": ["a", "b", "c"],
    "practice_id": ["01", "02", "NA"],
    "completed_on": ["2025-02-01", "NA", "2025-02-01"],
    "role": ["patient", "NA", "patient"],
    "staff_friendly": ["5", "-99", "NA"],
    "staff_attention": ["4", "#N/A", "3"],
    "anaesthesia_explained": ["9", "5", "2"],
    "nps": ["0", "10", "-99.0"],
    "age": ["41", "-99", "62"],
    "returned": ["1", "NA", "0"],
    "comment": ["Fijn", "NA", "Ga zo door"],
}


def read(folder: Path, journey: Journey, columns: dict[str, list[str]], missing: tuple[str, ...]) -> Responses:
    pl.DataFrame(columns).write_csv(folder / "export.csv")
    policy = SurveyPolicy(missing=missing, today=date(2026, 7, 1))
    return read_survey(folder / "export.csv", journey=journey, policy=policy)


def test_codes_are_empty_cells(tmp_path: Path, treatment: Journey) -> None:
    responses = read(tmp_path, treatment, BASE, ("NA", "#N/A", "-99"))
    assert responses.rejected.height == 0
    table = responses.table.sort("response_id")
    assert table["staff_friendly"].to_list() == [5, None, None]
    assert table["staff_attention"].to_list() == [4, None, 3]
    assert table["nps"].to_list() == [0, 10, None]
    assert table["age"].to_list() == [41.0, None, 62.0]
    assert table["returned"].to_list() == [1, None, 0]
    assert table["completed_on"].to_list() == [date(2025, 2, 1), None, date(2025, 2, 1)]
    assert table["role"].to_list() == ["patient", None, "patient"]
    assert table["comment"].to_list() == ["Fijn", None, "Ga zo door"]
    assert table["practice_id"].to_list() == ["01", "02", "NA"], "an id is an id"


def test_without_the_setting_they_are_bad_answers_that_name_it(tmp_path: Path, treatment: Journey) -> None:
    rejected = read(tmp_path, treatment, BASE, ()).rejected
    reasons = rejected.filter(pl.col("column") == "staff_attention")["reason"]
    assert "name what means no answer under [source] missing in study.toml" in reasons[0]
    assert rejected.filter(pl.col("column") == "completed_on")["action"].to_list() == ["row rejected"]


def test_an_answer_of_the_scale_stays_an_answer(tmp_path: Path, treatment: Journey) -> None:
    """0 is "would not recommend", 9 is "does not apply", and 1 is "came back": no code may take these away."""
    table = read(tmp_path, treatment, BASE, ("0", "9", "1", "5", "NA", "#N/A", "-99")).table.sort("response_id")
    assert table["nps"].to_list() == [0, 10, None]
    assert table["staff_friendly"].to_list() == [5, None, None]
    assert table["returned"].to_list() == [1, None, 0]
    assert table["na:anaesthesia_explained"].to_list() == [True, False, False]


@pytest.mark.parametrize("kind", [pl.Int64, pl.Float64, pl.String])
def test_typed_files_have_codes_too(kind: type[pl.DataType], tmp_path: Path, treatment: Journey) -> None:
    path = tmp_path / "export.parquet"
    pl.DataFrame(
        {"practice_id": ["01", "02"], "staff_friendly": pl.Series([5, 99]).cast(kind), "nps": [9, 8]}
    ).write_parquet(path)
    responses = read_survey(path, journey=treatment, policy=SurveyPolicy(missing=("99", "NA")))
    assert responses.table["staff_friendly"].to_list() == [5, None]
    assert responses.rejected.height == 0


@pytest.mark.parametrize(
    "tail",
    [
        " 23:30:00+02",
        ", 11:07",
        " 11:07:29 AM GMT+2",
        " 3:07:29 p. m. CET",
        " 3:07:29 nachm. MESZ",
        "T23:59:01.5+02:00",
    ],
)
def test_times_behind_a_day_as_tools_write_them(tail: str) -> None:
    """PostgreSQL, German forms, and Google Forms in several languages."""
    values, failed = parse_dates(pl.Series([f"2026-01-05{tail}", f"05.01.2026{tail}"]))
    assert not failed.any()
    assert [str(day) for day in values] == ["2026-01-05", "2026-01-05"]


@pytest.mark.parametrize(
    "day", ["5 januari 2026", "05-Jan-2026", "5. Jan. 2026", "Jan 5, 2026", "January 5 2026", "05 JAN 2026"]
)
def test_days_with_the_name_of_their_month(day: str) -> None:
    values, failed = parse_dates(pl.Series([day, "3 of 4", "12 bla 2026", "31 feb 2026"]))
    assert failed.to_list() == [False, True, True, True]
    assert values[0] == date(2026, 1, 5)
