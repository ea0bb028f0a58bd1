"""Correlations of every pair of columns from the rows that answer both, for many bootstrap samples at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray, IntArray

__all__ = ["pairwise_correlations", "pairwise_replicates"]
CHUNK_CELLS = 4_000_000


def _products(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Sums over rows (n, p) of weight, x_k, x_k^2 and x_k x_l where both k and l are answered, shape (4, p, p)."""
    answered = np.isfinite(values).astype(np.float64)
    filled = np.nan_to_num(values)
    weighted, mask = filled * weights[:, None], answered * weights[:, None]
    return np.stack([mask.T @ answered, weighted.T @ answered, (weighted * filled).T @ answered, weighted.T @ filled])


def _correlations(sums: FloatArray) -> FloatArray:
    """Correlations (..., p, p) from sums (..., 4, p, p), NaN where a pair has no spread; 1 on the diagonal."""
    weight, total, square, cross = (sums[..., part, :, :] for part in range(4))
    safe = np.where(weight > 0, weight, 1.0)
    mean = total / safe
    other = np.swapaxes(mean, -1, -2)
    variance = np.maximum(square / safe - mean**2, 0.0)
    scale = np.sqrt(variance * np.swapaxes(variance, -1, -2))
    covariance = cross / safe - mean * other
    correlation: FloatArray = np.divide(covariance, scale, out=np.full(scale.shape, np.nan), where=scale > 1e-12)
    diagonal = np.arange(scale.shape[-1])
    correlation[..., diagonal, diagonal] = 1.0
    return correlation


def _standardise(values: FloatArray) -> FloatArray:
    """Centre and scale the columns, so that sums of squares lose no digits; correlations do not change."""
    count = np.maximum(np.isfinite(values).sum(axis=0), 1)
    deviation = values - np.nansum(values, axis=0) / count
    spread = np.sqrt(np.nansum(deviation**2, axis=0) / count)
    scaled: FloatArray = deviation / np.where(spread > 0, spread, 1.0)
    return scaled


def pairwise_correlations(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Pearson correlations (p, p), each over the rows of ``values`` (n, p) that answer both columns.

    Examples
    --------
    >>> table = np.array([[1.0, 2, np.nan], [2, 4, 1], [3, 6, 0]])
    >>> pairwise_correlations(table, np.ones(3)).round(3).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
    """
    return _correlations(_products(_standardise(values), weights))


def pairwise_replicates(
    values: FloatArray, weights: FloatArray, units: IntArray, counts: npt.NDArray[np.int32]
) -> FloatArray:
    """Pairwise correlations (B, p, p) of bootstrap samples that draw unit j ``counts[:, j]`` times.

    ``values`` (n, p) belong to ``units`` (n,), numbered 0..J-1; the sums of each unit are made once.
    """
    n_replicates, n_units = counts.shape
    p = values.shape[1]
    standard = _standardise(values)
    order = np.argsort(units, kind="stable")
    ends = np.cumsum(np.bincount(units, minlength=n_units))
    sums = np.zeros((n_replicates, 4 * p * p))
    size = max(1, CHUNK_CELLS // (4 * p * p))
    for start in range(0, n_units, size):
        part = range(start, min(start + size, n_units))
        rows = [order[ends[j - 1] if j else 0 : ends[j]] for j in part]
        block = np.array([_products(standard[chosen], weights[chosen]).ravel() for chosen in rows])
        sums += counts[:, part.start : part.stop].astype(np.float64) @ block
    return _correlations(sums.reshape(n_replicates, 4, p, p))
