"""What the priorities of one practice come down to: something first, still open, or nothing to do first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pxanalysis.reporting.sections.selection import Row, is_known

__all__ = [
    "HARDLY_WORTH",
    "MOST",
    "NOTHING_TO_WIN",
    "Standing",
    "candidates",
    "count_reached",
    "rank_rows",
    "reached",
    "standing",
    "wins_nothing",
]

NOTHING_TO_WIN = frozenset({"negative_effect", "no_effect", "at_target"})
"""Why a contact wins nothing; its place among those that do says nothing."""

MOST = 3
"""How many contacts a report puts first at most."""

HARDLY_WORTH = 2.5
"""Times the smallest gain worth having; what brings less than this is no reason to tell somebody to start."""

Standing = Literal["first", "open", "nothing", "unknown"]
"""Something comes first; something may; nothing does; there is no ranking."""


def rank_rows(rows: Sequence[Row]) -> list[Row]:
    """The rows that have a place and may be shown."""
    return [row for row in rows if not row["suppressed"] and is_known(row["rank"])]


def candidates(rows: Sequence[Row], smallest_gain: float) -> list[Row]:
    """What could be done, those that are certain first, at most three.

    What is undecided and brings less than the smallest gain worth having, in outcome points, is not among them.
    """
    chosen = [row for row in rank_rows(rows) if row["status"] == "act" or _may_be_worth_it(row, smallest_gain)]
    chosen.sort(key=lambda row: (row["status"] != "act", row["rank"], str(row["touchpoint"])))
    return chosen[:MOST]


def _may_be_worth_it(row: Row, smallest_gain: float) -> bool:
    # As the gain is written: 0.0196 reads as 0.02, and that is not less than 0.02.
    little = is_known(row["gain"]) and round(float(row["gain"]), 2) < smallest_gain
    return row["status"] == "undecided" and not little


def reached(row: Row) -> bool:
    """Whether the score, after correction, is at the target or above it."""
    return is_known(row["target"]) and float(row["performance"]) >= float(row["target"])


def count_reached(rows: Sequence[Row]) -> int:
    """On how many contacts the target is reached."""
    return sum(reached(row) for row in rank_rows(rows))


def wins_nothing(row: Row) -> bool:
    """Whether nothing is to be won on a contact, so that its place among those that do says nothing."""
    some = is_known(row.get("gain")) and float(row["gain"]) > 0
    return row.get("reason_code") in NOTHING_TO_WIN and not some


def standing(rows: Sequence[Row], smallest_gain: float) -> Standing:
    """What one practice's rows of priorities come down to.

    Where nothing is certain and what may be won on any of them is small, nothing has to be done first.
    """
    ranked, chosen = rank_rows(rows), candidates(rows, smallest_gain)
    if not ranked:
        return "unknown"
    if any(row["status"] == "act" for row in chosen):
        return "first"
    largest = max((float(row["gain"]) for row in chosen if is_known(row["gain"])), default=0.0)
    return "nothing" if largest <= HARDLY_WORTH * smallest_gain else "open"
