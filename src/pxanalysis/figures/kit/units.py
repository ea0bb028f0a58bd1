"""How an outcome's values are written and how far its axis reaches at least."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.words import Words

__all__ = ["Unit", "decimals_needed", "nice_ticks", "unit_axis", "write_value"]


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return at most ``most`` round values within ``low..high``, evenly apart; ``low`` alone when they are equal.

    >>> nice_ticks(0, 0.31)
    [0.0, 0.1, 0.2, 0.3]
    """
    reach = high - low
    if not math.isfinite(reach) or reach <= 0:
        return [low]
    power = math.floor(math.log10(reach)) - 1
    steps = [(factor, power + up) for up in range(4) for factor in (1, 2, 5)]
    for factor, exponent in steps:
        step = factor * 10.0**exponent
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [round(count * step, max(0, -exponent)) + 0.0 for count in range(first, last + 1)]
    return [low]


def decimals_needed(ticks: Sequence[float]) -> int:
    """Return with how many decimals (at most 3) all ticks are written exactly.

    >>> decimals_needed([0.0, 0.5, 1.0]), decimals_needed([10.0, 20.0])
    (1, 0)
    """
    return next((places for places in range(3) if all(abs(round(t, places) - t) < 1e-9 for t in ticks)), 3)


Unit = Literal["grade", "scale", "proportion", "net"]
"""Grade (KTV) and scale: as answered. Proportion: 0–1, written as a percentage. Net: −1…1, written as −100…+100."""


@dataclass(frozen=True, slots=True)
class _Habit:
    least: float
    low: float
    high: float


# The least reach keeps a small change from looking like a large one.
_HABITS: dict[Unit, _Habit] = {
    "grade": _Habit(least=2.0, low=0.0, high=10.0),
    "scale": _Habit(least=1.0, low=-1e9, high=1e9),
    "proportion": _Habit(least=0.3, low=0.0, high=1.0),
    "net": _Habit(least=0.6, low=-1.0, high=1.0),
}


def _habit(unit: Unit) -> _Habit:
    if unit not in _HABITS:
        raise ReportError(f"unit: expected one of {', '.join(_HABITS)}; received '{unit}'.")
    return _HABITS[unit]


def write_value(value: float, unit: Unit, words: Words, decimals: int | None = None) -> str:
    """Write a value in its unit: ``8,3``, ``31%``, ``+38``."""
    _habit(unit)
    if unit == "proportion":
        return words.percent(value, decimals or 0)
    if unit == "net":
        return words.signed(100 * value, decimals or 0)
    return words.number(value, 1 if decimals is None else decimals)


def unit_axis(
    low: float, high: float, unit: Unit, words: Words, most: int = 6
) -> tuple[float, float, list[tuple[float, str]]]:
    """Return the ends of an axis around ``low..high``, and its ticks with their texts."""
    habit = _habit(unit)
    room = max(0.06 * (high - low), (habit.least - (high - low)) / 2)
    start, end = low - room, high + room
    if start < habit.low:
        start, end = habit.low, max(end, min(habit.high, habit.low + habit.least))
    if end > habit.high:
        start, end = min(start, max(habit.low, habit.high - habit.least)), habit.high
    ticks = nice_ticks(start, end, most)
    return start, end, [(tick, write_value(tick, unit, words, _decimals(ticks, unit))) for tick in ticks]


def _decimals(ticks: Sequence[float], unit: Unit) -> int:
    needed = decimals_needed(ticks)
    return max(0, needed - 2) if unit in {"proportion", "net"} else needed
