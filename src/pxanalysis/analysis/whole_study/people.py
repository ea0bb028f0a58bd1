"""Who answered: practices with their numbers and dates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl

from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.analysis.whole_study.shown import of_shown_practices, weights_of

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["count_rejected", "summarise_study", "tabulate_practices"]


def count_rejected(responses: Responses) -> tuple[int, int]:
    """Rows refused and cells dropped, over all files."""
    refused = responses.rejected.filter(pl.col("action") == "row rejected")
    dropped = responses.rejected.filter(pl.col("action") == "cell dropped")
    return refused.select("file", "row").n_unique(), dropped.select("file", "row", "column").n_unique()


def _iso(value: object) -> str | None:
    return None if value is None else str(value)


def summarise_study(responses: Responses, settings: FitSettings) -> dict[str, Any]:
    """What went in: journey, counts, first and last date (ISO, or None without dates), whether it is simulated.

    ``n_invited`` is None unless it is known of every practice. Dates are of practices with enough responses.
    """
    rows, cells = count_rejected(responses)
    dates = of_shown_practices(responses, settings.minimum_n).table["completed_on"]
    return {
        "journey_id": responses.journey.id,
        "title": dict(responses.journey.title.root),
        "n_responses": responses.n,
        "n_practices": len(responses.practices),
        "n_invited": _total_invited(responses),
        "n_rejected_rows": rows,
        "n_rejected_cells": cells,
        "n_effective": _effective(responses, settings.weights),
        "first_date": _iso(dates.min()),
        "last_date": _iso(dates.max()),
        "simulated": responses.simulated,
    }


def _effective(responses: Responses, column: str | None) -> float | None:
    weights = weights_of(responses, column)
    return None if weights is None else float(weights.sum() ** 2 / (weights**2).sum())


def _total_invited(responses: Responses) -> int | None:
    numbers = _invited_by_practice(responses, responses.practices)
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _invited_by_practice(responses: Responses, practices: list[str]) -> list[int | None]:
    listed = responses.practice_list
    return [listed[practice].invited if practice in listed else None for practice in practices]


def _name(responses: Responses, practice_id: str) -> str:
    listed = responses.practice_list.get(practice_id)
    return (listed.name if listed else None) or practice_id


def tabulate_practices(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """One row per practice: name, number of responses and of invited patients, first and last date, refused rows.

    Dates of a practice with few responses are left out: they would be the dates on which these people answered.
    """
    counted = responses.table.group_by("practice_id").agg(
        pl.len().alias("n"), pl.col("completed_on").min().alias("first"), pl.col("completed_on").max().alias("last")
    )
    frame = counted.sort("practice_id").to_pandas()
    few = frame["n"] < settings.minimum_n
    return pd.DataFrame(
        {
            "practice_id": frame["practice_id"].astype(str),
            "name": [_name(responses, practice_id) for practice_id in frame["practice_id"]],
            "n": frame["n"].astype("int64"),
            "n_invited": pd.array(_invited_by_practice(responses, list(frame["practice_id"])), dtype="Int64"),
            "first_date": [None if pd.isna(day) else day.date().isoformat() for day in frame["first"].mask(few)],
            "last_date": [None if pd.isna(day) else day.date().isoformat() for day in frame["last"].mask(few)],
            "n_rejected": _rejected_by_practice(responses, list(frame["practice_id"])),
            "suppressed": few,
            "reason": [FEW_RESPONDENTS if one else "" for one in few],
        }
    )


def _rejected_by_practice(responses: Responses, practices: list[str]) -> list[int]:
    """Refused rows of each practice; a row without a readable practice id is nobody's."""
    refused = responses.rejected.filter(pl.col("action") == "row rejected")
    rows = refused.unique(["file", "row"]).group_by("practice_id").len()
    counts = dict(rows.iter_rows())
    return [int(counts.get(practice, 0)) for practice in practices]
