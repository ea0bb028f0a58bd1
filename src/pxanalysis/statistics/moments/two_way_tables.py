"""Polychoric correlations from two-way tables: two-step maximum likelihood for all pairs of items at once.

Step one: thresholds from the items' own frequencies. Step two: per pair the correlation that makes its table most
likely, by Fisher scoring (Olsson 1979). Variances by the delta method over both steps (Muthén 1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, owens_t

from pxanalysis.arrays import FloatArray, IntArray

__all__ = [
    "PolychoricFit",
    "PolychoricTables",
    "bivariate_cdf",
    "bivariate_density",
    "correlation_influence",
    "fit_polychoric",
    "tabulate_pairs",
    "threshold_influence",
]

FAR = 38.0
NEAR_ZERO = 1e-100


def bivariate_cdf(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> FloatArray:
    """P(X <= h, Y <= k) for standard normal X, Y with correlation rho; the arguments broadcast.

    From two values of Owen's T function (Owen 1956, eq. 2.1), accurate to about 1e-15.

    Parameters
    ----------
    h, k
        Limits, may be infinite.
    rho
        Correlations strictly between -1 and 1.

    Examples
    --------
    >>> round(float(bivariate_cdf(0.0, 0.0, 0.5)), 12)
    0.333333333333
    >>> float(bivariate_cdf(np.inf, 0.0, 0.5))
    0.5
    """
    h_, k_, r = np.broadcast_arrays(np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR), np.asarray(rho, dtype=np.float64))
    h_ = np.where(np.abs(h_) < NEAR_ZERO, NEAR_ZERO, h_)
    k_ = np.where(np.abs(k_) < NEAR_ZERO, NEAR_ZERO, k_)
    root = np.sqrt(1 - r * r)
    first = owens_t(h_, (k_ / h_ - r) / root)
    second = owens_t(k_, (h_ / k_ - r) / root)
    value = 0.5 * (ndtr(h_) + ndtr(k_)) - first - second - np.where(h_ * k_ < 0, 0.5, 0.0)
    result: FloatArray = np.clip(value, 0.0, 1.0)
    return result


def bivariate_density(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> FloatArray:
    """Density at (h, k), 0 at infinity; it is also the derivative of the distribution function to rho (Plackett 1954).

    Examples
    --------
    >>> round(float(bivariate_density(0.0, 0.0, 0.0)) * 2 * np.pi, 12)
    1.0
    """
    h_, k_, r = np.broadcast_arrays(np.clip(h, -FAR, FAR), np.clip(k, -FAR, FAR), np.asarray(rho, dtype=np.float64))
    rest = 1 - r * r
    result: FloatArray = np.exp(-(h_ * h_ - 2 * r * h_ * k_ + k_ * k_) / (2 * rest)) / (2 * np.pi * np.sqrt(rest))
    return result


SMALLEST = 1e-300
BOUND = 0.9999
NEAR_BOUND = 0.999
MAX_ITER = 60


@dataclass(frozen=True, slots=True, eq=False)
class PolychoricTables:
    """Frequencies of p items with at most K categories.

    Attributes
    ----------
    margins
        Shape (p, K), weighted frequencies, 0 beyond an item's own categories.
    first, second
        Shape (m,), the items of each of the m = p(p-1)/2 pairs.
    joint
        Shape (m, K, K), weighted two-way frequencies over the rows that answer both.
    """

    margins: FloatArray
    first: IntArray
    second: IntArray
    joint: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class PolychoricFit:
    """Two-step estimates.

    Attributes
    ----------
    thresholds
        Shape (p, K - 1), +inf beyond an item's own categories.
    correlation
        Shape (p, p).
    variance
        Shape (p, p), asymptotic variance of each correlation for one row; divide by n and take the root for a
        standard error. 0 on the diagonal.
    at_bound
        Shape (p, p), True where no interior maximum exists (the table leaves a correlation of ±1).
    """

    thresholds: FloatArray
    correlation: FloatArray
    variance: FloatArray
    at_bound: npt.NDArray[np.bool_]


def tabulate_pairs(codes: IntArray, weights: FloatArray) -> PolychoricTables:
    """Two-way tables of answers coded 0..K-1, shape (n, p), -1 where missing."""
    p, size = codes.shape[1], int(codes.max()) + 1
    answers = np.ascontiguousarray((codes + 1).T)  # 0 where missing
    wide = size + 1
    margins = np.array([np.bincount(one, weights, minlength=wide)[1:] for one in answers])
    first, second = np.triu_indices(p, 1)
    joint = np.array(
        [
            np.bincount(answers[i] * wide + answers[j], weights, minlength=wide**2).reshape(wide, wide)[1:, 1:]
            for i, j in zip(first, second, strict=True)
        ]
    ).reshape(-1, size, size)
    return PolychoricTables(margins, first, second, joint)


def _thresholds(margins: FloatArray) -> FloatArray:
    share = np.cumsum(margins, axis=1)[:, :-1] / margins.sum(axis=1, keepdims=True)
    beyond = np.cumsum(margins[:, ::-1], axis=1)[:, ::-1][:, 1:] <= 0
    thresholds: FloatArray = np.where(beyond, np.inf, ndtri(np.clip(share, 0, 1)))
    return thresholds


def _cells(at_corners: FloatArray) -> FloatArray:
    """Contents of the cells of a grid from a function's values at its corners, (..., K+1, K+1) -> (..., K, K)."""
    return np.asarray(np.diff(np.diff(at_corners, axis=-1), axis=-2))


def _cell_probabilities(h: FloatArray, k: FloatArray, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities of the cells and their derivatives to rho, both (m, K, K), from thresholds (m, K - 1)."""
    m, inner = h.shape
    corners, slopes = np.zeros((2, m, inner + 2, inner + 2))
    across = (h[:, :, None], k[:, None, :], rho[:, None, None])
    corners[:, 1:-1, 1:-1] = bivariate_cdf(*across)
    corners[:, 1:-1, -1] = ndtr(h)
    corners[:, -1, 1:-1] = ndtr(k)
    corners[:, -1, -1] = 1.0
    slopes[:, 1:-1, 1:-1] = bivariate_density(*across)
    return np.maximum(_cells(corners), SMALLEST), _cells(slopes)


def _start(tables: PolychoricTables) -> FloatArray:
    """Pearson correlations of the category numbers, which lie on the same side of 0 and are a little too small."""
    score = np.arange(tables.margins.shape[1], dtype=np.float64)
    share = tables.joint / tables.joint.sum(axis=(1, 2), keepdims=True)
    row, column = share.sum(axis=2), share.sum(axis=1)
    mean_row, mean_column = row @ score, column @ score
    covariance = np.einsum("mab,a,b->m", share, score, score) - mean_row * mean_column
    variance = (row @ score**2 - mean_row**2) * (column @ score**2 - mean_column**2)
    ratio = np.divide(covariance, np.sqrt(variance), out=np.zeros_like(covariance), where=variance > 0)
    start: FloatArray = np.clip(ratio, -0.95, 0.95)
    return start


def fit_polychoric(tables: PolychoricTables) -> PolychoricFit:
    """Estimate thresholds, then all correlations, then their variances."""
    p = tables.margins.shape[0]
    thresholds = _thresholds(tables.margins)
    h, k = thresholds[tables.first], thresholds[tables.second]
    rho = _start(tables)
    moving = np.arange(rho.size)
    for _ in range(MAX_ITER):
        step = _fisher_step(tables.joint[moving], h[moving], k[moving], rho[moving])
        low, high = (rho[moving] - 1) / 2, (rho[moving] + 1) / 2
        new = np.clip(rho[moving] + step, np.maximum(low, -BOUND), np.minimum(high, BOUND))
        change = np.abs(new - rho[moving])
        rho[moving] = new
        moving = moving[change > 1e-13]
        if moving.size == 0:
            break
    variance = _variances(tables, thresholds, rho)
    at_bound = np.abs(rho) >= NEAR_BOUND
    at_bound[moving] = True
    return PolychoricFit(
        thresholds,
        _symmetric(tables, rho, p, 1.0),
        _symmetric(tables, variance, p, 0.0),
        _symmetric(tables, at_bound.astype(np.float64), p, 0.0) > 0,
    )


def _symmetric(tables: PolychoricTables, pairs: FloatArray, p: int, diagonal: float) -> FloatArray:
    matrix = np.full((p, p), diagonal)
    matrix[tables.first, tables.second] = matrix[tables.second, tables.first] = pairs
    return matrix


def _fisher_step(joint: FloatArray, h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    probability, slope = _cell_probabilities(h, k, rho)
    score = np.where(joint > 0, joint * slope / probability, 0.0).sum(axis=(1, 2))
    information = joint.sum(axis=(1, 2)) * (slope**2 / probability).sum(axis=(1, 2))
    step: FloatArray = np.divide(score, information, out=np.zeros_like(score), where=information > 0)
    return step


def _threshold_slopes(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """Derivatives of row cumulative probabilities to the row thresholds, shape (m, K - 1, K)."""
    root = np.sqrt(1 - rho**2)[:, None, None]
    finite = np.isfinite(h)
    safe = np.where(finite, h, 0.0)
    conditional = np.zeros((h.shape[0], h.shape[1], h.shape[1] + 2))
    conditional[:, :, 1:-1] = ndtr((k[:, None, :] - rho[:, None, None] * safe[:, :, None]) / root)
    conditional[:, :, -1] = 1.0
    density = np.where(finite, np.exp(-0.5 * safe**2) / np.sqrt(2 * np.pi), 0.0)
    slopes: FloatArray = density[:, :, None] * np.diff(conditional, axis=2)
    return slopes


def threshold_influence(thresholds: FloatArray) -> FloatArray:
    """How an answer in each category moves each threshold, shape (p, K - 1, K): ``(1[a <= c] - F_c) / density``."""
    finite = np.isfinite(thresholds)
    safe = np.where(finite, thresholds, 0.0)
    below = np.arange(thresholds.shape[1] + 1)[None, None, :] <= np.arange(thresholds.shape[1])[None, :, None]
    density = np.exp(-0.5 * safe**2) / np.sqrt(2 * np.pi)
    return np.where(finite[:, :, None], (below - ndtr(safe)[:, :, None]) / density[:, :, None], 0.0)


def correlation_influence(tables: PolychoricTables, thresholds: FloatArray, rho: FloatArray) -> FloatArray:
    """How a row with answers (a, b) moves each pair's correlation, shape (m, K, K), thresholds included."""
    h, k = thresholds[tables.first], thresholds[tables.second]
    probability, slope = _cell_probabilities(h, k, rho)
    score = np.where(tables.joint > 0, slope / probability, 0.0)
    weight = tables.joint / tables.joint.sum(axis=(1, 2), keepdims=True)
    ratio = weight * score / probability
    influence = threshold_influence(thresholds)
    effect = np.zeros_like(score)
    rows = _threshold_slopes(h, k, rho)
    columns = _threshold_slopes(k, h, rho)
    by_row = np.einsum("mcb,mcb->mc", ratio[:, :-1] - ratio[:, 1:], rows)
    by_column = np.einsum("mac,mca->mc", ratio[:, :, :-1] - ratio[:, :, 1:], columns)
    effect += np.einsum("mc,mca->ma", by_row, influence[tables.first])[:, :, None]
    effect += np.einsum("mc,mcb->mb", by_column, influence[tables.second])[:, None, :]
    information = (weight * score**2).sum(axis=(1, 2))
    known = (information > 0)[:, None, None]
    result: FloatArray = np.divide(
        score - effect, information[:, None, None], out=np.zeros_like(score), where=np.broadcast_to(known, score.shape)
    )
    return result


def _variances(tables: PolychoricTables, thresholds: FloatArray, rho: FloatArray) -> FloatArray:
    weight = tables.joint / tables.joint.sum(axis=(1, 2), keepdims=True)
    variance: FloatArray = (weight * correlation_influence(tables, thresholds, rho) ** 2).sum(axis=(1, 2))
    return variance
