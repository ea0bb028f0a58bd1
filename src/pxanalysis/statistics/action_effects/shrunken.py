"""One practice: a shrunken difference-in-differences, which takes out regression to the mean and the general trend.

A practice acts where its score was low, and a low score is partly chance: without any action it would rise again. So
the score after is held beside the level that was to be *expected* (the score before, drawn towards all practices as far
as it is chance), and the change beyond that beside the same change in practices that did nothing in the same months.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.statistics.action_effects.windows import WindowMeans, estimate_between_variance

__all__ = ["FEWEST_COMPARED", "ShrunkenDifference", "answers_needed", "estimate_shrunken_difference"]

FEWEST_COMPARED = 8
"""With fewer comparison practices the general trend is not known well enough to be taken out."""


@dataclass(frozen=True, slots=True, eq=False)
class ShrunkenDifference:
    """Change beyond regression to the mean and the general trend, of every practice at every touchpoint.

    Attributes
    ----------
    expected
        Shape (J, T): B = μ + R(y0 − μ), the level had the practice only stayed as it truly was.
    trend, trend_variance, n_compared
        Shape (T,): Δ over the comparison practices, its variance 1/Σu, and how many they are.
    effect, variance
        Shape (J, T): d = y1 − B − Δ and s². Of a comparison practice, Δ rests on the others.
    between, drift
        τ² and η²: variance of practices' true levels, and of how they go their own way in between.
    """

    expected: FloatArray
    trend: FloatArray
    trend_variance: FloatArray
    n_compared: FloatArray
    effect: FloatArray
    variance: FloatArray
    between: float
    drift: float


def estimate_shrunken_difference(
    before: WindowMeans, after: WindowMeans, within: FloatArray, compared: BoolArray
) -> ShrunkenDifference:
    """Estimate d and s² of every practice and touchpoint.

    Parameters
    ----------
    before, after
        Means of the two windows, the same months for all practices.
    within
        σ² per touchpoint, shape (T,).
    compared
        Shape (J,): practices without any action.

    Returns
    -------
    NaN effects where a window has no answers or nobody is compared.

    Notes
    -----
    R = τ²/(τ² + σ²/n0), μ = Σwȳ/Σw with w = 1/(τ² + σ²/n0). D_c = y1 − B of a comparison practice,
    v_c = σ²/n1 + τ²(1 − R); η² = max(0, mean of (D_c − Δ)²C/(C − 1) − v_c) over practices and touchpoints;
    Δ = ΣuD/Σu, u = 1/(v_c + η²); s² = σ²/n1 + τ²(1 − R) + η² + 1/Σu.
    """
    between = estimate_between_variance(before, within)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = within / np.where(before.n > 0, before.n, np.nan)
        trust = between / (between + chance)
        weight = 1.0 / (between + chance)
        centre = np.nansum(weight * before.mean, axis=0) / np.nansum(weight, axis=0)
        expected = centre + trust * (before.mean - centre)
        change = after.mean - expected
        noise = within / np.where(after.n > 0, after.n, np.nan) + between * (1.0 - trust)
        usable = compared[:, None] & np.isfinite(change) & np.isfinite(noise)
        count = usable.sum(axis=0).astype(np.float64)
        first, _, _ = _trend(change, 1.0 / noise, usable)
        excess = (change - first) ** 2 * count / (count - 1.0) - noise
        drift = max(0.0, float(np.mean(excess[usable & (count > 1)]))) if (usable & (count > 1)).any() else np.nan
        trend, variance, each = _trend(change, 1.0 / (noise + drift), usable)
        beside, beside_variance = _without_self(change, each, usable, trend, variance)
    return ShrunkenDifference(
        expected, trend, variance, count, change - beside, noise + drift + beside_variance, between, drift
    )


def _trend(change: FloatArray, weight: FloatArray, usable: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted mean change of comparison practices, its variance, and the weights, 0 for other practices."""
    each = np.where(usable, weight, 0.0)
    total = each.sum(axis=0)
    return (each * np.where(usable, change, 0.0)).sum(axis=0) / total, 1.0 / total, each


def _without_self(
    change: FloatArray, weight: FloatArray, usable: BoolArray, trend: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Trend that each practice is held beside: that of all comparison practices, or of the others for one of them."""
    total = weight.sum(axis=0)
    left = total - weight
    own = (trend * total - weight * np.where(usable, change, 0.0)) / left
    return np.where(usable, own, trend), np.where(usable, 1.0 / left, variance)


def answers_needed(
    n_before: float, within: float, between: float, shared: float, *, change: float, quantile: float
) -> float:
    """Answers after an action from which its interval is ± ``change`` or shorter; infinite where none are enough.

    n1 = σ²/[(δ/q)² − (η² + 1/Σu) − σ²/(n0 + σ²/τ²)]; ``shared`` is η² + 1/Σu. The score before sets a floor: with
    few answers before, no number after is enough.

    Examples
    --------
    >>> within, between = 0.95 * 15.0**2, 0.05 * 15.0**2
    >>> [round(answers_needed(n, within, between, 0.8, change=5, quantile=1.96)) for n in (60, 120, 240)]
    [71, 51, 44]
    """
    room = (change / quantile) ** 2 - shared - within / (n_before + within / between)
    return within / room if room > 0 else float("inf")
