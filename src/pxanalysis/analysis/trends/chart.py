"""One course on a control chart: which limits it may have, as many figures as there are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.statistics.control_charts import (
    Assurance,
    ControlLimits,
    Improvement,
    Signal,
    Variation,
    i_prime_limits,
    judge_target,
    judge_variation,
    label_points,
    p_prime_limits,
)

__all__ = ["FEWEST_CHARTED", "FROZEN_AT", "ChartKind", "CourseChart", "chart_course"]

ChartKind = Literal["i_prime", "p_prime"]
"""Of means on unequal numbers, and of shares."""

FEWEST_CHARTED = 6
"""With fewer figures there is a line, and no limits."""

FROZEN_AT = 12
"""With so many figures limits are those of the first of them and stay; until then they are on trial."""


@dataclass(frozen=True, slots=True, eq=False)
class CourseChart:
    """A course with its limits.

    Attributes
    ----------
    limits
        Per period, NaN where there are none.
    signals
        Per period: ``outside``, ``trend``, ``two-of-three``, ``shift`` or empty.
    variation, side
        What the latest figure says: ``common cause``, ``improvement``, ``concern`` or ``change``; ``high`` or ``low``.
    assurance
        Whether the target is met as things stand; empty without one, and while limits are on trial.
    n_figures
        Figures since the last baseline began.
    trial
        Whether limits are computed anew with every figure.
    reason
        Why there are no limits; empty where there are.
    """

    limits: ControlLimits
    signals: list[Signal]
    variation: Variation
    side: Literal["", "high", "low"]
    assurance: Assurance
    n_figures: int
    trial: bool
    reason: str


def chart_course(
    values: FloatArray,
    n: FloatArray,
    *,
    kind: ChartKind = "i_prime",
    better: Improvement = "up",
    target: float | None = None,
    starts: BoolArray | None = None,
) -> CourseChart:
    """Put a course on a control chart.

    Parameters
    ----------
    values, n
        Shape (T,): mean or share per period in order, NaN for a gap, and the answers it rests on.
    starts
        Shape (T,): whether a new baseline starts here.

    Returns
    -------
    No limits below six figures; trial limits from all below twelve; from then on those of the first twelve.

    Examples
    --------
    >>> values = np.r_[np.tile([80.0, 82.0], 6), 95.0]
    >>> found = chart_course(values, np.full(13, 40.0))
    >>> found.variation, found.side, found.trial
    ('improvement', 'high', False)
    """
    # The width of a limit tells how many answers a period has; of a gap that is nobody's business.
    n = np.where(np.isfinite(values), n, np.nan)
    begun = np.zeros(len(values), dtype=bool) if starts is None else np.asarray(starts, dtype=bool)
    edges = [0, *np.flatnonzero(begun[1:]) + 1, len(values)]
    parts = [slice(first, last) for first, last in pairwise(edges)]
    limits = _joined([_limits(values[part], n[part], kind) for part in parts])
    signals = label_points(values, limits, begun)
    variation, side = judge_variation(values, limits, signals, better)
    count = int(np.isfinite(values[parts[-1]]).sum())
    trial, reason = FEWEST_CHARTED <= count < FROZEN_AT, _reason(count, limits, parts[-1])
    assurance: Assurance = "" if trial or reason else judge_target(limits, target, better)
    return CourseChart(limits, signals, variation, side, assurance, count, trial, reason)


def _limits(values: FloatArray, n: FloatArray, kind: ChartKind) -> ControlLimits:
    count = int(np.isfinite(values).sum())
    if count < FEWEST_CHARTED:
        none = np.full(len(values), np.nan)
        return ControlLimits(none, none, none, none, none)
    baseline = FROZEN_AT if count >= FROZEN_AT else None
    if kind == "p_prime":
        return p_prime_limits(values * n, n, baseline=baseline)
    return i_prime_limits(values, n, baseline=baseline)


def _joined(parts: list[ControlLimits]) -> ControlLimits:
    ends = ("centre", "low", "high", "near_low", "near_high")
    centre, low, high, near_low, near_high = (np.concatenate([getattr(part, end) for part in parts]) for end in ends)
    return ControlLimits(centre, low, high, near_low, near_high)


def _reason(count: int, limits: ControlLimits, part: slice) -> str:
    if count < FEWEST_CHARTED:
        return f"limits need at least {FEWEST_CHARTED} periods with a figure; there are {count}."
    if not np.isfinite(limits.high[part]).any():
        return "there are no limits where no two periods in a row have a figure, or all answers are alike."
    return ""
