"""A bootstrap of few practices gives intervals that are too narrow; by how much, and how to widen them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

from pxanalysis.arrays import FloatArray

__all__ = ["bootstrap_expansion", "effective_practices", "effective_units", "expanded_tail"]


def effective_practices(sizes: FloatArray) -> float:
    """Number of equal practices that carries as much as practices of these sizes: (sum n)²/sum n².

    Examples
    --------
    >>> effective_practices(np.array([50.0, 50.0, 50.0])), round(effective_practices(np.array([100.0, 1.0])), 2)
    (3.0, 1.02)
    """
    sizes = np.asarray(sizes, dtype=np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def effective_units(codes: npt.NDArray[np.intp]) -> float:
    """Effective number of practices among rows of these codes (n,); rows are the units when there is one practice.

    At least 2, so that something is left to estimate an error from.
    """
    sizes = np.bincount(codes).astype(np.float64)
    return max(effective_practices(sizes) if sizes.size > 1 else float(sizes.sum()), 2.0)


def bootstrap_expansion(units: float, confidence: float = 0.95) -> float:
    """Factor by which deviations of bootstrap replicates from the estimate are too small: sqrt(n/(n-1)) t/z.

    Parameters
    ----------
    units
        How many practices (or cases) are resampled, in equal ones; at least 2 are counted.

    Notes
    -----
    Hesterberg (2015), doi:10.1080/00031305.2015.1089789, section 3.1: the bootstrap divides by n where n - 1 is
    wanted, and knows no t distribution.

    Examples
    --------
    >>> round(bootstrap_expansion(25), 3), round(bootstrap_expansion(1e9), 3)
    (1.075, 1.0)
    """
    units = max(units, 2.0)
    level = 0.5 + confidence / 2.0
    return float(np.sqrt(units / (units - 1.0)) * t.ppf(level, units - 1.0) / norm.ppf(level))


def expanded_tail(units: float, confidence: float = 0.95) -> float:
    """Proportion to cut off at each end of the replicates for a percentile interval that is wide enough.

    Examples
    --------
    >>> round(expanded_tail(25), 4)
    0.0176
    """
    reach = norm.ppf(0.5 + confidence / 2.0) * bootstrap_expansion(units, confidence)
    return float(norm.cdf(-reach))
