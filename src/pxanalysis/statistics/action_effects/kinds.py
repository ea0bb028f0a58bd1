"""Kinds of action: what each brought on average, how much that differs between practices, and for a next one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import stdtrit

from pxanalysis.arrays import FloatArray, IntArray

__all__ = ["KindMeans", "paule_mandel", "pool_kinds"]


@dataclass(frozen=True, slots=True, eq=False)
class KindMeans:
    """Mean effect per kind, arrays of shape (I,) in order of the kind's number.

    Attributes
    ----------
    estimate, std_error, low, high
        θ with its t interval; NaN without degrees of freedom.
    next_low, next_high
        Where the effect of the same kind of action in another practice lies.
    count
        Actions of each kind.
    spread
        ω², variance of true effects within kinds, one for all.
    freedom
        M − I.
    """

    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    next_low: FloatArray
    next_high: FloatArray
    count: IntArray
    spread: float
    freedom: int


def paule_mandel(effects: FloatArray, variances: FloatArray, kinds: IntArray) -> float:
    """ω² at which the weighted squares around the kinds' means equal their degrees of freedom; 0 where they are less.

    ΣΣ(d − θ_i)²/(s² + ω²) = M − I (Paule & Mandel 1982, here with a mean per kind).

    Examples
    --------
    >>> effects, variances = np.array([0.0, 2.0, 4.0]), np.ones(3)
    >>> paule_mandel(effects, variances, np.zeros(3, dtype=int))
    3.0
    """
    freedom = len(effects) - len(np.unique(kinds))
    if freedom < 1:
        return float("nan")

    def excess(spread: float) -> float:
        weight = 1.0 / (variances + spread)
        means = _means(effects, weight, kinds)
        return float((weight * (effects - means[kinds]) ** 2).sum() - freedom)

    if excess(0.0) <= 0.0:
        return 0.0
    high = float(variances.max() + np.var(effects) * len(effects))
    return round(float(brentq(excess, 0.0, high, xtol=1e-12)), 10)


def _means(effects: FloatArray, weight: FloatArray, kinds: IntArray) -> FloatArray:
    return np.bincount(kinds, weight * effects) / np.bincount(kinds, weight)


def pool_kinds(
    effects: FloatArray,
    variances: FloatArray,
    kinds: IntArray,
    *,
    touchpoints: IntArray,
    shared: FloatArray,
    confidence: float = 0.95,
) -> KindMeans:
    """Pool effects per kind with one ω² for all kinds: θ_i ± t(M − I)/√Σw, w = 1/(s² + ω²).

    Parameters
    ----------
    effects, variances
        Shape (M,): e of each action and its own variance.
    kinds
        Shape (M,): number of the kind, 0 to I − 1.
    touchpoints, shared
        Shape (M,): where it was, and the variance of what it was held beside, which actions at one touchpoint share; it
        adds Σ (their share of the weight)² x that variance.
    """
    count = np.bincount(kinds)
    spread = paule_mandel(effects, variances, kinds)
    freedom = len(effects) - len(count)
    if freedom < 1:
        none = np.full(len(count), np.nan)
        return KindMeans(_means(effects, 1.0 / variances, kinds), none, none, none, none, none, count, spread, freedom)
    weight = 1.0 / (variances + spread)
    mean, total = _means(effects, weight, kinds), np.bincount(kinds, weight)
    error2 = 1.0 / total + _shared_variance(weight / total[kinds], kinds, touchpoints, shared)
    t = float(stdtrit(freedom, 0.5 + confidence / 2.0))
    half, further = t * np.sqrt(error2), t * np.sqrt(error2 + spread)
    return KindMeans(
        mean, np.sqrt(error2), mean - half, mean + half, mean - further, mean + further, count, spread, freedom
    )


def _shared_variance(share: FloatArray, kinds: IntArray, touchpoints: IntArray, shared: FloatArray) -> FloatArray:
    found = np.zeros(int(kinds.max()) + 1)
    for t in np.unique(touchpoints):
        here = touchpoints == t
        found += np.bincount(kinds[here], share[here], minlength=len(found)) ** 2 * shared[here].mean()
    return found
