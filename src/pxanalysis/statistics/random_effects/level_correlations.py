"""Correlations of people within practices, and of practices' means, in the sample and in samples of practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray

__all__ = ["LevelCorrelations", "correlate_levels"]


@dataclass(frozen=True, slots=True, eq=False)
class LevelCorrelations:
    """Correlations of k columns with the last one, apart for two levels.

    Attributes
    ----------
    within, between
        Shape (k−1,): people around their practice's mean; practices' means, each practice counting once.
    within_replicates, between_replicates
        Shape (B, k−1), in samples of practices.
    """

    within: FloatArray
    between: FloatArray
    within_replicates: FloatArray
    between_replicates: FloatArray


def correlate_levels(rows: FloatArray, codes: npt.NDArray[np.intp], counts: npt.NDArray[np.int32]) -> LevelCorrelations:
    """Correlate the columns of ``rows`` (n, k), complete, with the last one within and between practices.

    Parameters
    ----------
    codes
        Practice of each row, 0…J−1, each occurring.
    counts
        Shape (B, J), how often each practice is drawn in each sample.
    """
    practices, k = counts.shape[1], rows.shape[1]
    size = np.bincount(codes, minlength=practices).astype(np.float64)
    means = np.stack([np.bincount(codes, rows[:, j], practices) / size for j in range(k)], axis=1)
    rest = rows - means[codes]
    products = np.zeros((practices, k, k))
    for one in range(k):
        for other in range(one + 1):
            products[:, one, other] = np.bincount(codes, rest[:, one] * rest[:, other], practices)
            products[:, other, one] = products[:, one, other]
    drawn = np.vstack([np.ones((1, practices)), counts.astype(np.float64)])
    inside = np.einsum("bj,jkl->bkl", drawn, products)
    share = drawn / drawn.sum(axis=1, keepdims=True)
    centre = share @ means
    squares = np.einsum("bj,jk,jl->bkl", share, means, means) - centre[:, :, None] * centre[:, None, :]
    within, between = _with_last(inside), _with_last(squares)
    return LevelCorrelations(within[0], between[0], within[1:], between[1:])


def _with_last(covariances: FloatArray) -> FloatArray:
    """Correlations (B, k−1) with the last column; NaN without spread."""
    spread = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 0.0))
    below = spread[:, :-1] * spread[:, -1:]
    out = np.full(below.shape, np.nan)
    np.divide(covariances[:, :-1, -1], below, out=out, where=below > 1e-12)
    return out
