"""Bivariate normal distribution function and density, for whole arrays at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, owens_t

__all__ = ["bivariate_cdf", "bivariate_density"]

FloatArray = npt.NDArray[np.float64]

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
