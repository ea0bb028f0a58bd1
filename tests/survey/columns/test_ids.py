"""Practice ids that are one, over all files of a study."""

from __future__ import annotations

import polars as pl
import pytest

from pxanalysis.survey.columns.ids import clean_id, find_odd_ids, join_ids, judge_ids


def test_zeros_that_a_spreadsheet_ate() -> None:
    joined, notes = join_ids({"01010411": 30, "1010411": 14, "7": 3}, [])
    assert joined == {"1010411": "01010411"}
    assert "read as one, '01010411'" in notes[0]


def test_the_list_may_have_the_whole_id() -> None:
    assert join_ids({"1010411": 14}, ["01010411"])[0] == {"1010411": "01010411"}


def test_more_than_one_reading_stays_apart_and_is_said() -> None:
    joined, notes = join_ids({"1": 3, "01": 4, "001": 5}, [])
    assert joined == {}
    assert "more than one reading" in notes[0]


def test_two_that_the_list_names_are_two() -> None:
    assert join_ids({"a1": 3, "A1": 4}, ["a1", "A1"])[0] == {}


@pytest.mark.parametrize("other", ["linde", "LINDE ", "Lin de"])
def test_capitals_and_spaces(other: str) -> None:
    assert join_ids({"Linde": 9, other: 4}, [])[0] == {other: "Linde"}


def test_unicode_forms_are_one() -> None:
    assert clean_id("Zoe\u0308") == clean_id("Zo\u00eb")


def test_a_row_of_totals_is_no_practice() -> None:
    """Of a sheet that begins with the practice; a practice may well have such a word in its name."""
    ids = pl.Series("practice_id", ["P1", "Gemiddelde", "TOTAAL", "Totaal Mondzorg", "Total (n = 9)", "Som"])
    assert find_odd_ids(ids.head(3)).to_list() == [False, True, True]
    found = judge_ids(ids, "a.csv", "practice_id")
    assert found.problems["index"].to_list() == [1, 2, 4, 5]
    assert "row of totals" in found.problems["reason"][0]
