"""Bootstrap intervals of estimates: percentile, and bias-corrected and accelerated (BCa)."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from pxanalysis.arrays import FloatArray

__all__ = ["bca_interval", "percentile_interval"]


def percentile_interval(replicates: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Quantiles ``tail`` and ``1 - tail`` of replicates (B, k), each of shape (k,)."""
    low, high = np.quantile(replicates, [tail, 1.0 - tail], axis=0)
    return low, high


def bca_interval(
    replicates: FloatArray, estimate: FloatArray, influence: FloatArray, tail: float
) -> tuple[FloatArray, FloatArray]:
    """BCa interval (Efron 1987), with the acceleration from empirical influence values.

    Parameters
    ----------
    replicates, estimate
        Shapes (B, k) and (k,).
    influence
        Shape (units, k): how each resampled unit moves the estimate; third over second moment gives the acceleration.
    tail
        Proportion to cut off at each end.
    """
    count = len(replicates)
    below = (replicates < estimate).sum(axis=0) + 0.5 * (replicates == estimate).sum(axis=0)
    bias = ndtri(np.clip(below / count, 0.5 / count, 1 - 0.5 / count))
    cubed, squared = (influence**3).sum(axis=0), (influence**2).sum(axis=0)
    acceleration = np.divide(cubed, 6 * squared**1.5, out=np.zeros_like(cubed), where=squared > 0)
    ends = []
    for z in (ndtri(tail), ndtri(1 - tail)):
        moved = bias + (bias + z) / (1 - acceleration * (bias + z))
        place = np.clip(ndtr(moved), 0.5 / count, 1 - 0.5 / count)
        ends.append(np.array([np.quantile(column, at) for column, at in zip(replicates.T, place, strict=True)]))
    return ends[0], ends[1]
