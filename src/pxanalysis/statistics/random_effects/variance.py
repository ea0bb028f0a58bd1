"""How much of the differences between answers lies between practices: one-way variance components.

Kernels on per-practice statistics (n, mean, sum of squares), so that all columns, and all replicates of a practice
bootstrap, are done in one pass without reading a row again. Formulas: one-way random-effects analysis of variance with
n₀ (Searle, Casella & McCulloch 1992, ch. 3); reliability of a practice's mean (Adams 2009).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtri

from pxanalysis.arrays import FloatArray, IntArray

__all__ = [
    "PracticeStats",
    "VarianceComponents",
    "divide",
    "icc_interval",
    "practice_stats",
    "variance_components",
]


@dataclass(frozen=True, slots=True, eq=False)
class PracticeStats:
    """What has to be known of each practice, for K columns at once.

    Attributes
    ----------
    n
        Shape (J, K): answers; with weights Kish's effective number (Σw)²/Σw².
    mean
        Shape (J, K), in the units of the data; NaN where a practice has no answers.
    ss
        Shape (J, K): sum of squares around the practice's own mean (weights scaled to sum to ``n``).
    """

    n: FloatArray
    mean: FloatArray
    ss: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class VarianceComponents:
    """One-way random-effects variance components; every array has the shape (K,), or (R, K) with replicates.

    Attributes
    ----------
    n_obs, n_practices
        Answers (effective, when weighted) and practices with answers.
    n0
        [Σn − Σn²/Σn]/(J−1), the practice size that counts when sizes differ.
    ms_between, ms_within
        Mean squares; ``ms_within`` is NaN when every practice has one answer.
    sigma2_between, sigma2_within
        Variances between practices (0 when the mean squares say less than 0) and between patients of a practice,
        in squared units of the data.
    icc
        ``sigma2_between / (sigma2_between + sigma2_within)``, 0-1.
    f_value
        ``ms_between / ms_within``.
    """

    n_obs: FloatArray
    n_practices: FloatArray
    n0: FloatArray
    ms_between: FloatArray
    ms_within: FloatArray
    sigma2_between: FloatArray
    sigma2_within: FloatArray
    icc: FloatArray
    f_value: FloatArray


def divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Quotient, NaN where the divisor is not above zero."""
    out = np.full(np.broadcast_shapes(np.shape(top), np.shape(bottom)), np.nan)
    np.divide(top, bottom, out=out, where=np.asarray(bottom) > 0)
    return out


def practice_stats(
    values: FloatArray, codes: IntArray, n_practices: int, weights: FloatArray | None = None
) -> PracticeStats:
    """Number, mean and sum of squares per practice and column.

    Parameters
    ----------
    values
        Shape (n, K), NaN where missing (each column uses its own answers).
    codes
        Shape (n,), the practice of each row, 0..J-1.
    weights
        Shape (n,), at least 0. Within a practice they are scaled to sum to Kish's effective number of answers, under
        which the formulas of the unweighted analysis of variance stay unbiased for equal patient variances.

    Examples
    --------
    >>> stats = practice_stats(np.array([[1.0], [3.0], [8.0]]), np.array([0, 0, 1]), 2)
    >>> stats.n.ravel().tolist(), stats.mean.ravel().tolist(), stats.ss.ravel().tolist()
    ([2.0, 1.0], [2.0, 8.0], [2.0, 0.0])
    """
    found = [_one_column(column, codes, n_practices, weights) for column in values.T]
    n, mean, ss = np.array(found).reshape(-1, 3, n_practices).transpose(1, 2, 0)
    return PracticeStats(n, mean, ss)


def _one_column(
    values: FloatArray, codes: IntArray, n_practices: int, weights: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Number, mean and sum of squares of each practice, three arrays of shape (J,)."""
    answered = np.isfinite(values) if weights is None else np.isfinite(values) & (weights > 0)
    own, code = values[answered], codes[answered]
    weight = np.ones(own.size) if weights is None else weights[answered]

    def total(amount: FloatArray) -> FloatArray:
        return np.bincount(code, amount, minlength=n_practices).astype(np.float64)

    mass = total(weight)
    mean = divide(total(weight * own), mass)
    spread = own - mean[code]
    # equal answers must have no spread at all, also where their mean is rounded
    spread[np.abs(spread) <= 1e-11 * np.abs(own)] = 0.0
    ss = total(weight * spread**2)
    if weights is None:
        return mass, mean, ss
    effective = np.where(mass > 0, divide(mass**2, total(weight**2)), 0.0)
    return effective, mean, np.where(mass > 0, ss * divide(effective, mass), 0.0)


def variance_components(stats: PracticeStats, multiplicity: FloatArray | None = None) -> VarianceComponents:
    """Variance components by the analysis of variance, for all columns and replicates at once.

    Parameters
    ----------
    stats
        Per-practice statistics, shape (J, K).
    multiplicity
        Shape (R, J): how often each practice was drawn in each bootstrap replicate; a practice drawn twice counts
        as two. None: the sample itself, and results of shape (K,).

    Returns
    -------
    Components of shape (K,) or (R, K). NaN where they cannot be estimated (fewer than two practices, or no practice
    with two answers).

    Examples
    --------
    >>> data = np.array([[9.0], [8.0], [5.0], [6.0], [2.0], [1.0]])
    >>> parts = variance_components(practice_stats(data, np.array([0, 0, 1, 1, 2, 2]), 3))
    >>> parts.f_value.round(4).tolist(), parts.icc.round(4).tolist()
    ([49.3333], [0.9603])
    """
    draws = np.ones((1, stats.n.shape[0])) if multiplicity is None else np.asarray(multiplicity, dtype=np.float64)
    some = stats.n > 0
    centre = divide(np.where(some, stats.n * stats.mean, 0.0).sum(0), stats.n.sum(0))
    offset = np.where(some, stats.mean - centre, 0.0)
    n_obs = draws @ stats.n
    practices = draws @ some.astype(np.float64)
    ss_between = draws @ (stats.n * offset**2) - divide((draws @ (stats.n * offset)) ** 2, n_obs)
    ms_between = divide(np.maximum(ss_between, 0.0), practices - 1)
    ms_within = divide(draws @ stats.ss, n_obs - practices)
    n0 = divide(n_obs - divide(draws @ stats.n**2, n_obs), practices - 1)
    between = np.maximum(0.0, divide(ms_between - ms_within, n0))
    parts = VarianceComponents(
        n_obs=n_obs,
        n_practices=practices,
        n0=n0,
        ms_between=ms_between,
        ms_within=ms_within,
        sigma2_between=between,
        sigma2_within=ms_within,
        icc=divide(between, between + ms_within),
        f_value=divide(ms_between, ms_within),
    )
    if multiplicity is not None:
        return parts
    return VarianceComponents(*(getattr(parts, name)[0] for name in VarianceComponents.__slots__))


def icc_interval(parts: VarianceComponents, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Interval of the ICC from the F distribution, with n₀ where practices differ in size (Donner & Wells 1986).

    Exact for practices of equal size; cut off at 0 and 1.
    """
    tail = 1.0 - (1.0 - confidence) / 2.0
    df1, df2 = parts.n_practices - 1, parts.n_obs - parts.n_practices
    usable = (df1 > 0) & (df2 > 0)
    one, two = np.where(usable, df1, 1.0), np.where(usable, df2, 1.0)
    low = parts.f_value / fdtri(one, two, tail)
    high = parts.f_value * fdtri(two, one, tail)
    edge = [np.clip((f - 1.0) / (f + parts.n0 - 1.0), 0.0, 1.0) for f in (low, high)]
    return np.where(usable, edge[0], np.nan), np.where(usable, edge[1], np.nan)
