"""The small scale on a card: where the practice lies between two round numbers, and where other practices lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pxanalysis.analysis.whole_study.frames import OutcomeRow
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.selection import is_known
from pxanalysis.reporting.sections.values import in_unit

__all__ = ["Gauge", "make_gauge"]

_FINEST = {"net": 0.01, "proportion": 0.01}
"""The last digit that is written of a figure, where it is not a tenth."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A small scale: where the practice lies, how sure that is, and where the middle half of practices lies.

    Attributes
    ----------
    start, end
        The round numbers at its two ends, in words.
    low, value, high
        Places, as percentages of the width, written for SVG.
    benchmark
        Place and width of the middle half of practices; None where it is not known.
    """

    start: str
    end: str
    low: str
    value: str
    high: str
    benchmark: tuple[str, str] | None


def make_gauge(row: OutcomeRow, wording: Wording) -> Gauge | None:
    """Return the scale of an outcome; None where it has no interval."""
    if not (is_known(row.estimate) and is_known(row.ci_low) and is_known(row.ci_high)):
        return None
    known = is_known(row.benchmark_low) and is_known(row.benchmark_high)
    middle = [end for end in (row.benchmark_low, row.benchmark_high) if end is not None] if known else []
    own, unit = [row.ci_low, row.ci_high], row.unit
    start, end = _round_ends(min(own + middle), max(own + middle), _FINEST.get(unit, 0.1))

    def percent(share: float) -> str:
        return f"{100 * share:.1f}%"

    def place(value: float) -> str:
        return percent((value - start) / (end - start))

    return Gauge(
        in_unit(wording, start, unit),
        in_unit(wording, end, unit),
        place(own[0]),
        place(row.estimate),
        place(own[1]),
        (place(middle[0]), percent((middle[1] - middle[0]) / (end - start))) if middle else None,
    )


def _round_ends(low: float, high: float, finest: float) -> tuple[float, float]:
    """Two round numbers around a range, about a quarter of it apart from it at most.

    >>> _round_ends(7.8, 8.7, 0.1), _round_ends(-0.17, 0.35, 0.01)
    ((7.5, 9.0), (-0.2, 0.4))
    """
    least = max((high - low) / 4, finest)
    power = 10.0 ** math.floor(math.log10(least) + 1e-9)
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return round(first * step, 6), round(max(last, first + 1) * step, 6)
