"""SurveyMonkey: a question over its columns in the first row, the option or row of each in the second."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.headers import number_names
from pxanalysis.survey.sources.tools.records import Tally, drop_records

__all__ = ["can_split", "describe", "recognise", "tidy"]

_FIRST = {"respondent id", "respondentid"}
_WHOLE = {"response", "open-ended response"}
_NAMELESS = "(column "


def recognise(raw: RawTable) -> bool:
    """Whether the first column names a respondent as SurveyMonkey does."""
    return raw.cells.columns[0].casefold() in _FIRST


def can_split(first: RawTable) -> bool:
    """No: columns get their names of the second row, also those that hold nothing else."""
    return False


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """Join two header rows into one name a column, ``Question [option]``; one header row stays as it is."""
    if raw.cells.height == 0 or raw.cells[0, 0] is not None:
        return raw
    tally.counts["header rows"] = 2
    names, question = [], ""
    for name, option in zip(raw.cells.columns, raw.cells.row(0), strict=True):
        question = question if name.startswith(_NAMELESS) else name
        part = str(option or "").strip()
        names.append(question if not part or part.casefold() in _WHOLE else f"{question} [{part}]")
    second = pl.int_range(raw.cells.height, eager=True) == 0
    raw = replace(raw, cells=raw.cells.rename(dict(zip(raw.cells.columns, number_names(names), strict=True))))
    return drop_records(raw, second)


def describe(raw: RawTable, tally: Tally) -> list[str]:
    """Say how many header rows there were."""
    if tally.counts["header rows"]:
        return [f"{raw.name} is a SurveyMonkey export; its two header rows were read as one."]
    return [f"{raw.name} is a SurveyMonkey export with one header row."]
