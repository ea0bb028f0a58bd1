"""Who answered: practices with their numbers and dates, and what they wrote, masked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl

from pxanalysis.analysis.privacy.decisions import Decision
from pxanalysis.analysis.privacy.masking import mask_text, needs_reader
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.analysis.whole_study.shown import of_shown_practices, weights_of

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["count_rejected", "count_unread", "select_comments", "summarise_study", "tabulate_practices"]

COMMENTS_SHOWN = 40
"""Comments of a practice to a question that are kept for its report."""

FIRST_SCREEN = 10
"""Comments of a practice to a question that are shown although nobody has read them: what a page shows at once."""


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


def select_comments(
    comments: pl.DataFrame, settings: FitSettings, decisions: Mapping[int, Decision] | None = None
) -> pd.DataFrame:
    """Masked free text of practices in which at least ``minimum_n`` people wrote something to the question.

    Parameters
    ----------
    comments
        Of those who count in the release: ``practice_id, question, text, place``. They stand in the order of
        ``place``, which does not tell who wrote last.
    decisions
        What somebody who read them decided, by ``place``. Of comments that nobody has read `FIRST_SCREEN` are shown,
        and none in a script in which names cannot be told.
    """
    known = decisions or {}
    cell = ["practice_id", "question"]
    rows = comments.filter(pl.len().over(cell) >= settings.minimum_n).sort([*cell, "place"]).to_pandas()
    rows = rows.assign(
        shown=[_text_to_show(text, known.get(place)) for text, place in zip(rows["text"], rows["place"], strict=True)]
    )
    rows = rows[rows["shown"] != ""]
    unread = ~rows["place"].isin([place for place, one in known.items() if one.verdict != "withhold"])
    number = unread.groupby([rows[name] for name in cell]).cumsum()
    rows = rows[~unread | (number <= FIRST_SCREEN)].groupby(cell).head(COMMENTS_SHOWN)
    return rows.assign(text=rows["shown"])[[*cell, "text"]].astype(str).reset_index(drop=True)


def _text_to_show(text: str, decision: Decision | None) -> str:
    """A comment as it may be shown; empty where it may not, or not yet."""
    if decision is None:
        return "" if needs_reader(text) else mask_text(text)
    return "" if decision.verdict == "withhold" else decision.text


def count_unread(
    comments: pl.DataFrame, settings: FitSettings, decisions: Mapping[int, Decision] | None = None
) -> dict[str, int]:
    """Per practice, comments that are shown once somebody has read them."""
    known = set(decisions or {})
    cell = ["practice_id", "question"]
    enough = comments.filter((pl.len().over(cell) >= settings.minimum_n) & ~pl.col("place").is_in(sorted(known)))
    frame = enough.to_pandas()
    frame = frame.assign(foreign=[needs_reader(text) for text in frame["text"]])
    waits = frame.groupby(cell)["foreign"].agg(lambda one: int(one.sum()) + max(0, int((~one).sum()) - FIRST_SCREEN))
    numbers = waits.groupby("practice_id").sum()
    return {str(practice): int(number) for practice, number in numbers.items() if number}
