"""Figures of a result row in the words of the reader: grades, percentages, ranges, periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pxanalysis.analysis.whole_study.facts import PlainNote
from pxanalysis.analysis.whole_study.frames import OutcomeRow
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.selection import Selection, is_known

__all__ = [
    "chance_text",
    "difference_text",
    "extra_decimals",
    "in_unit",
    "note_text",
    "on_limit",
    "outside",
    "period_name",
    "range_of",
    "score",
    "score_range",
    "share_decimals",
    "written_difference",
]

Pair = tuple[float, float]

MOST_DECIMALS = 1
"""Decimals that are added at most to the customary ones, so that figures do not contradict the words beside them."""

_MOST_OF_DIFFERENCE = 3
"""The same for a difference: no word beside it can say that an interval only just leaves out 0."""

_SMALL_SHARE = 0.095
"""Below this a share rounded to a whole percentage says too little."""


def in_unit(wording: Wording, value: float, unit: str, more: int = 0) -> str:
    """Write a figure as its unit is customarily written: grade 8,4; share 31%; net share (−1 to 1) +31.

    Parameters
    ----------
    more
        Decimals beyond the customary ones.
    """
    if unit == "proportion":
        return wording.percent(value, more)
    if unit == "net":
        return wording.signed(100 * value, more)
    return wording.number(value, 1 + more)


def _rounded(value: float, unit: str, more: int) -> float:
    """The figure that `in_unit` writes, in the steps in which it is written."""
    if unit == "score":
        return round(float(value), more)
    if unit == "proportion":
        return round(100 * round(float(value), 2 + more), more)
    return round(100 * float(value), more) if unit == "net" else round(float(value), 1 + more)


def extra_decimals(unit: str, unequal: Iterable[Pair], most: int = MOST_DECIMALS) -> int:
    """Decimals to add to the customary ones, so that figures called different are not written as one.

    Rounding keeps the order of figures, but makes ties; those that are left with one more decimal stay.

    Parameters
    ----------
    unit
        As of `in_unit`, or ``score`` for scores of 0-100, customarily written in whole points.
    unequal
        Pairs of which words say that one is higher than the other.
    most
        Decimals to add at most.

    Examples
    --------
    >>> extra_decimals("grade", [(8.04, 8.31)]), extra_decimals("grade", [(8.26, 8.31)])
    (0, 1)
    """
    apart = [(one, other) for one, other in unequal if one != other]
    for more in range(most):
        if all(_rounded(one, unit, more) != _rounded(other, unit, more) for one, other in apart):
            return more
    return most


def written_difference(unit: str, value: float, other: float) -> tuple[int, float]:
    """Decimals to add (one at most) to two figures, and the difference to write beside them: that of what is written.

    The difference is in the steps in which it is written: points of 0-100 for shares, net shares and scores.

    Examples
    --------
    >>> written_difference("score", 64.6, 79.4), written_difference("score", 64.9, 79.8)
    ((1, -14.8), (0, -15.0))
    """
    exact = _rounded(value - other, unit, 0)
    gaps = [round(_rounded(value, unit, more) - _rounded(other, unit, more), 6) for more in (0, 1)]
    return (0, gaps[0]) if abs(gaps[0] - exact) < 1e-9 else (1, gaps[1])


def outside(value: float, low: float, high: float) -> list[Pair]:
    """A value with each of two limits that it lies beyond, for `extra_decimals`.

    >>> outside(0.0, -0.37, -0.02), outside(0.0, -0.1, 0.4)
    ([(0.0, -0.02)], [])
    """
    return [(value, low)] * (value < low) + [(value, high)] * (value > high)


def on_limit(unit: str, value: float, low: float, high: float) -> bool:
    """Whether a value lies beyond a limit, but with the decimals of `extra_decimals` is written as that limit.

    >>> on_limit("grade", 8.997, 7.985, 8.996), on_limit("grade", 9.03, 7.985, 8.996), on_limit("grade", 8.5, 8.0, 9.0)
    (True, False, False)
    """
    beyond = outside(value, low, high)
    more = extra_decimals(unit, beyond)
    return any(_rounded(one, unit, more) == _rounded(other, unit, more) for one, other in beyond)


def share_decimals(unit: str, *shares: float | None) -> int:
    """One decimal for shares of which one is small, so that 0.4% is not written as none.

    >>> share_decimals("proportion", 0.012, 0.5), share_decimals("proportion", 0.5, 0.9), share_decimals("net", 0.01)
    (1, 0, 0)
    """
    return int(unit == "proportion" and any(is_known(share) and 0 < share < _SMALL_SHARE for share in shares))


def difference_text(wording: Wording, row: OutcomeRow, unit: str, key: str) -> str:
    """Write a difference with its interval; one that leaves out 0 is written so that it does.

    Parameters
    ----------
    row
        Without a difference or its interval nothing is written.
    key
        Message with places ``difference, low, high``.
    """
    difference, low, high = row.difference, row.difference_low, row.difference_high
    if not (is_known(difference) and is_known(low) and is_known(high)):
        return ""
    more = extra_decimals(unit, outside(0.0, low, high), _MOST_OF_DIFFERENCE)
    size, decimals = (1.0, 1) if unit in {"grade", "scale"} else (100.0, 0)
    names = {"difference": difference, "low": low, "high": high}
    return wording.text(key, **{name: wording.signed(size * value, decimals + more) for name, value in names.items()})


def chance_text(wording: Wording, chance: float) -> str:
    """Write a probability; nothing is certain, and nothing impossible.

    >>> chance_text(Wording("nl"), 0.998), chance_text(Wording("nl"), 0.94), chance_text(Wording("nl"), 0.0)
    ('>99%', '94%', '<1%')
    """
    if chance < 0.01:
        return f"<{wording.percent(0.01)}"
    return f">{wording.percent(0.99)}" if chance > 0.99 else wording.percent(chance)


def range_of(wording: Wording, low: float | None, high: float | None, unit: str, more: int = 0) -> str:
    """Write two figures of one unit as a range, with decimals beyond the customary ones; empty where one is missing."""
    if not (is_known(low) and is_known(high)):
        return ""
    return wording.text("between", low=in_unit(wording, low, unit, more), high=in_unit(wording, high, unit, more))


def score(wording: Wording, value: float | None, more: int = 0) -> str:
    """Write a score of 0-100 in whole points, or with decimals; empty where it is missing."""
    return wording.number(value, more) if is_known(value) else ""


def score_range(wording: Wording, low: float | None, high: float | None) -> str:
    """Write two scores as a range, cut off at 0 and 100; empty where one is missing."""
    if not (is_known(low) and is_known(high)):
        return ""
    bottom, top = max(0.0, low), min(100.0, high)
    return wording.text("between", low=wording.number(bottom), high=wording.number(top))


def follows(before: str, period: str) -> bool:
    """Whether a period is the one after another: both months or both quarters.

    >>> follows("2025-12", "2026-01"), follows("2025-10-01", "2026-01-01"), follows("2025-07-01", "2026-01-01")
    (True, True, False)
    """
    months = [12 * int(one[:4]) + int(one[5:7]) for one in (before, period)]
    return months[1] - months[0] == (1 if len(period) == 7 else 3)


def period_name(wording: Wording, period: str) -> str:
    """Name a period: ``2026-03`` is a month, ``2026-04-01`` the quarter that starts that day.

    >>> period_name(Wording("nl"), "2026-04-01"), period_name(Wording("nl"), "2026-04")
    ('2e kwartaal 2026', 'apr 2026')
    """
    if len(period) == 7:
        return wording.month(period, short=True)
    day = dt.date.fromisoformat(period[:10])
    return wording.text("quarter", quarter=str((day.month - 1) // 3 + 1), year=str(day.year))


def note_text(selection: Selection, note: PlainNote) -> str:
    """A note in the reader's language, touchpoints by their label; empty where there are no words for it."""
    key = f"note.{note['code']}"
    if not selection.wording.has(key):
        return ""
    values = {name: value for name, value in note.items() if name != "code"}
    if "touchpoint" in values:
        values["touchpoint"] = selection.label(str(values["touchpoint"]))
    return selection.wording.text(key, **values)
