"""Round values on an axis, and as many decimals as they need."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["decimals_needed", "nice_ticks"]


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
