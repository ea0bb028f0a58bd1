"""A programme as a whole: a difference-in-differences from the time *before* the half-year that chose the action."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.statistics.action_effects.windows import WindowMeans
from pxanalysis.statistics.conventions import FEWEST_ACTING

__all__ = ["DonutDifference", "ProgrammeMean", "average_programme", "estimate_donut_difference"]


@dataclass(frozen=True, slots=True, eq=False)
class DonutDifference:
    """Change since the months before the choosing ones, beyond that of comparison practices; shape (J, T).

    Attributes
    ----------
    effect, variance
        e and what is chance in it, without what it shares with others.
    shared
        Variance of the comparison mean, which all practices that are held beside it share, shape (T,).
    """

    effect: FloatArray
    variance: FloatArray
    shared: FloatArray


def estimate_donut_difference(
    base: WindowMeans, after: WindowMeans, within: FloatArray, compared: BoolArray
) -> DonutDifference:
    """E = (y1 − y0*) − the weighted mean of the same over comparison practices, weights 1/(1/n1 + 1/n0*).

    Parameters
    ----------
    base
        Means of the months −12 to −7 before the decision.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        change = after.mean - base.mean
        inverse = 1.0 / after.n + 1.0 / base.n
        usable = compared[:, None] & np.isfinite(change)
        weight = np.where(usable, 1.0 / inverse, 0.0)
        total = weight.sum(axis=0)
        mean = (weight * np.where(usable, change, 0.0)).sum(axis=0) / total
        share = weight / total
        # a large practice draws the mean towards itself: its residual is divided by what of it is not its own (HC3)
        residual = np.where(usable, (change - mean) / (1.0 - share), 0.0)
        spread = np.where(usable.sum(axis=0) > 1, (share**2 * residual**2).sum(axis=0), np.nan)
    return DonutDifference(change - mean, within * inverse, spread)


@dataclass(frozen=True, slots=True, eq=False)
class ProgrammeMean:
    """Mean effect over acting practices with its t interval; NaN with fewer than five."""

    estimate: float
    std_error: float
    low: float
    high: float
    n_practices: int


def average_programme(
    effects: FloatArray, practices: IntArray, touchpoints: IntArray, shared: FloatArray, *, confidence: float = 0.95
) -> ProgrammeMean:
    """Mean ± t(m − 1)·SE of the effects, one value per practice.

    Actions at one touchpoint are held beside the same comparison practices; what chance did to those, their spread
    does not show. So SE² = SD²/m + Σ (share of the actions at a touchpoint)² x the variance of its comparison mean.

    Parameters
    ----------
    effects, practices, touchpoints, shared
        Shape (A,): e of each action, whose it is, at which touchpoint, and the variance of what it was held beside.
    """
    owners = np.unique(practices)
    m = len(owners)
    if m < FEWEST_ACTING:
        return ProgrammeMean(*(float("nan"),) * 4, m)
    own = np.array([effects[practices == one].mean() for one in owners])
    weight = np.array([1.0 / (m * (practices == one).sum()) for one in practices])
    common = sum(weight[touchpoints == t].sum() ** 2 * shared[touchpoints == t].mean() for t in np.unique(touchpoints))
    error = float(np.sqrt(own.var(ddof=1) / m + common))
    half = float(stdtrit(m - 1, 0.5 + confidence / 2.0)) * error
    mean = float(own.mean())
    return ProgrammeMean(mean, error, mean - half, mean + half, m)
