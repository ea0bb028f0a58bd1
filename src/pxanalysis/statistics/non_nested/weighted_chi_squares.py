"""Upper tail of a weighted sum of chi-squares with one degree of freedom each."""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import FloatArray

__all__ = ["weighted_chi_square_tail"]

_TERMS = 100_000
_REACH = 60.0


def weighted_chi_square_tail(value: float, weights: FloatArray) -> float:
    """Probability that Σ wᵢ χ²₁ exceeds ``value``, for weights of 0 or more, to about six decimals.

    The characteristic function is inverted by the trapezoidal rule (Davies 1980, eq. 3). With weights that sum to 1, a
    spacing of 2π/(x + 60) leaves out less than 1e-12 of the distribution.

    Examples
    --------
    >>> round(weighted_chi_square_tail(5.991, np.array([1.0, 1.0])), 4)
    0.05
    >>> round(weighted_chi_square_tail(3.841, np.array([1.0, 0.0])), 3)
    0.05
    """
    from scipy.stats import chi2

    used = weights[weights > weights.max(initial=0.0) * 1e-10]
    if used.size == 0:
        return float(value <= 0)
    if used.size == 1:
        return float(chi2.sf(value / used[0], 1))
    scaled, x = used / used.sum(), value / used.sum()
    place = np.arange(_TERMS) + 0.5
    u = place * 2.0 * np.pi / (x + _REACH)
    angle, decay = -u * x, np.zeros_like(u)
    for weight in scaled:
        angle += 0.5 * np.arctan(2.0 * weight * u)
        decay -= 0.25 * np.log1p((2.0 * weight * u) ** 2)
    below = 0.5 - float((np.sin(angle) * np.exp(decay) / place).sum()) / np.pi
    return float(np.clip(1.0 - below, 0.0, 1.0))
