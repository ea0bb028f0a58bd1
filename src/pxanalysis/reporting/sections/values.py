"""Figures of a result row in the words of the reader: grades, percentages, ranges, periods."""

from __future__ import annotations

import datetime as dt

from pxanalysis.reporting.sections.selection import Row, is_known
from pxanalysis.reporting.wording import Wording

__all__ = ["chance_text", "in_unit", "period_name", "range_of", "score", "score_range"]


def in_unit(wording: Wording, value: float, unit: str) -> str:
    """Write a figure as its unit is customarily written: grade 8,4; share 31%; net share (−1 to 1) +31."""
    if unit == "proportion":
        return wording.percent(value)
    if unit == "net":
        return wording.signed(100 * value)
    return wording.number(value, 1)


def chance_text(wording: Wording, chance: float) -> str:
    """Write a probability; nothing is 100 % certain.

    >>> chance_text(Wording("nl"), 0.998), chance_text(Wording("nl"), 0.94)
    ('>99%', '94%')
    """
    return f">{wording.percent(0.99)}" if chance > 0.99 else wording.percent(chance)


def range_of(wording: Wording, low: float, high: float, unit: str) -> str:
    """Write two figures of one unit as a range; empty where one is missing."""
    if not (is_known(low) and is_known(high)):
        return ""
    return wording.text("between", low=in_unit(wording, low, unit), high=in_unit(wording, high, unit))


def score(wording: Wording, value: float) -> str:
    """Write a score of 0-100 in whole points; empty where it is missing."""
    return wording.number(value) if is_known(value) else ""


def score_range(wording: Wording, row: Row, low: str, high: str) -> str:
    """Write two scores of a row as a range, cut off at 0 and 100; empty where one is missing."""
    if not (is_known(row.get(low)) and is_known(row.get(high))):
        return ""
    bottom, top = max(0.0, row[low]), min(100.0, row[high])
    return wording.text("between", low=wording.number(bottom), high=wording.number(top))


def period_name(wording: Wording, period: str) -> str:
    """Name a period: ``2026-03`` is a month, ``2026-04-01`` the quarter that starts that day.

    >>> period_name(Wording("nl"), "2026-04-01"), period_name(Wording("nl"), "2026-04")
    ('2e kwartaal 2026', 'apr 2026')
    """
    if len(period) == 7:
        return wording.month(period, short=True)
    day = dt.date.fromisoformat(period[:10])
    return wording.text("quarter", quarter=str((day.month - 1) // 3 + 1), year=str(day.year))
