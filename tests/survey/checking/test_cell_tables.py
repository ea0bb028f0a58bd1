"""A cell that is looked up is what it is when it is parsed, whatever its type."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pxanalysis.journey import Journey
from pxanalysis.survey.checking.cell_tables import tabulate_cells
from pxanalysis.survey.checking.schema import build_schema
from pxanalysis.survey.policy import SurveyPolicy

SCHEMA_DAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([5, None, 9, 1, -100, 100, 5], dtype=pl.Int8),
        pl.Series([5, None, 9, 1, -100, 30_000, 5], dtype=pl.Int16),
        pl.Series([5, None, 9, 1, -100, 100, 5], dtype=pl.Int32),
        pl.Series([5, None, 9, 1, -100, 10**9, 5], dtype=pl.Int64),
        pl.Series([5.0, None, 9.0, 1.0, float("nan"), 4.5, 5.0]),
        pl.Series(["5", None, "9", "1 - oneens", "x", "4.5", " 5 "]),
    ],
    ids=lambda cells: str(cells.dtype),
)
def test_answers_of_every_type(cells: pl.Series, treatment: Journey) -> None:
    name = "anaesthesia_gentle"  # from 1 to 5, 9 does not apply
    schema = build_schema(treatment, SurveyPolicy(today=SCHEMA_DAY))
    found = tabulate_cells(cells, name, treatment, schema).look_up(cells)
    assert found.values.to_list() == [5, None, None, 1, None, None, 5]
    assert found.values.dtype == pl.Int8
    assert found.not_applicable is not None
    assert found.not_applicable.to_list() == [False, False, True, False, False, False, False]
    assert found.unusable is not None
    empty = cells.dtype.is_float()  # what is no number is empty in a column of numbers
    assert found.unusable.to_list() == [False, False, False, False, not empty, True, False]


def test_days_after_today_cannot_be_used(treatment: Journey) -> None:
    cells = pl.Series([date(2025, 1, 2), None, date(2026, 7, 2), date(2025, 1, 2)])
    schema = build_schema(treatment, SurveyPolicy(today=SCHEMA_DAY))
    found = tabulate_cells(cells, "completed_on", treatment, schema).look_up(cells)
    assert found.values.to_list() == [date(2025, 1, 2), None, None, date(2025, 1, 2)]
    assert found.unusable is not None
    assert found.unusable.to_list() == [False, False, True, False]


@pytest.mark.parametrize("cells", [["patient", None, "martian", "patient"], [" patient", None, "martian", "patient"]])
def test_a_level_is_stored_trimmed_and_an_unknown_one_not_at_all(cells: list[str | None], treatment: Journey) -> None:
    schema = build_schema(treatment, SurveyPolicy(today=SCHEMA_DAY))
    found = tabulate_cells(pl.Series(cells), "role", treatment, schema).look_up(pl.Series(cells))
    assert found.values.to_list() == ["patient", None, None, "patient"]
    assert found.unusable is not None
    assert found.unusable.to_list() == [False, False, True, False]


def test_a_practice_id_that_is_refused_is_still_shown(treatment: Journey) -> None:
    schema = build_schema(treatment, SurveyPolicy(practice_pattern="[0-9]{8}", today=SCHEMA_DAY))
    cells = pl.Series(["01010137", "1010137", None])
    found = tabulate_cells(cells, "practice_id", treatment, schema).look_up(cells)
    assert found.values.to_list() == ["01010137", "1010137", None]
    assert found.unusable is not None
    assert found.unusable.to_list() == [False, True, False]
