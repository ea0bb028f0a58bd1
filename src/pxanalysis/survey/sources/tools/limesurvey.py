"""LimeSurvey: partials, languages, and a day that stands for none."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import Tally, text_of

__all__ = ["describe", "recognise", "tidy"]

_SIGNS = (
    ("submitdate", "lastpage", "startlanguage"),
    ("Date submitted", "Last page", "Start language"),
    ("Datum ingezonden", "Laatste pagina", "Taal"),
    ("submitdate. Date submitted", "lastpage. Last page", "startlanguage. Start language"),
)
ANONYMOUS_DAY = "1980-01-01"
"""What LimeSurvey gives as every date of an anonymised survey."""
_DATES = ("submitdate", "datestamp", "startdate", "date submitted", "date last action", "date started")


def recognise(raw: RawTable) -> bool:
    """Whether columns are LimeSurvey's, by code, by full English or Dutch heading, or by both."""
    return any(set(signs) <= set(raw.cells.columns) for signs in _SIGNS)


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """Take out 1980-01-01, which is no date."""
    submitted, _, language = next(signs for signs in _SIGNS if set(signs) <= set(raw.cells.columns))
    tally.count_values("language", text_of(raw, language))
    tally.counts["partial"] += int((text_of(raw, submitted).fill_null("").str.strip_chars() == "").sum())
    cells = raw.cells
    anonymous = text_of(raw, submitted).str.starts_with(ANONYMOUS_DAY).fill_null(value=False)
    if anonymous.any():
        dates = [name for name in cells.columns if name.split(". ")[0].casefold() in _DATES and name in cells.columns]
        text = [pl.col(name).cast(pl.String) for name in dates]
        cells = cells.with_columns(pl.when(~anonymous).then(one) for one in text)
        tally.counts["anonymous"] += int(anonymous.sum())
    return replace(raw, cells=cells)


def describe(raw: RawTable, tally: Tally) -> list[str]:
    """Say what there is of partials and languages."""
    notes = [f"{raw.name} is a LimeSurvey export; language: {tally.describe_values('language')}."]
    if tally.counts["partial"]:
        notes.append(
            f"{raw.name}: {tally.counts['partial']} responses in this LimeSurvey export were not sent in to the end; "
            "what they hold counts."
        )
    if tally.counts["anonymous"]:
        notes.append(
            f"{raw.name}: the survey is anonymised, {tally.counts['anonymous']} responses have no date "
            f"({ANONYMOUS_DAY} stands for none), so they count in no period."
        )
    return notes
