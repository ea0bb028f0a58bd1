"""Covariances cleared of what scores miss the mark by, so that slopes are those on true scores (errors in variables).

With S = T + e, e independent of T and of the outcome, the covariances of T and the outcome are those of S less the
variance of e on the diagonal (Fuller 1987, Measurement Error Models, section 2.2). How large e is follows from how
little the items of one score agree, if what they differ by is error and not content; covariances cannot tell which.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError

__all__ = ["Corrected", "correct_covariance", "item_error", "item_spread", "scale_error"]

MOST_ERROR = 0.9
"""Largest error variance, as a proportion of the score's variance."""

LEAST_ERROR = 1e-6
"""Smallest, so that the guard can be solved also where a column is taken as known exactly."""

MARGIN = 0.95
"""How near the correction may come to explaining the outcome fully."""


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """Covariances without error.

    Attributes
    ----------
    covariance
        Shape (..., k+1, k+1), outcome last; the error is taken off the diagonal of the k inputs.
    kappa
        Shape (...): which proportion of the error could be taken off; below 1 the error cannot be as large as stated,
        which is a sign that items differ in content.
    """

    covariance: FloatArray
    kappa: FloatArray


def item_spread(covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean variance v and mean covariance c of the items of one score, (..., k, k) -> (...) each; k at least 2.

    Examples
    --------
    >>> v, c = item_spread(np.array([[2.0, 0.5], [0.5, 4.0]]))
    >>> float(v), float(c)
    (3.0, 0.5)
    """
    k = covariance.shape[-1]
    variance = np.einsum("...ii->...", covariance)
    between = covariance.sum(axis=(-2, -1)) - variance
    return np.asarray(variance / k), np.asarray(between / (k * (k - 1)))


def scale_error(variance: FloatArray, covariance: FloatArray, per_item: FloatArray | float) -> FloatArray:
    """Error variance of a mean of items: (v - c)/k, which is (1 - alpha) times the variance of the mean.

    Parameters
    ----------
    variance, covariance
        Mean variance and covariance of the items, see :func:`item_spread`.
    per_item
        1/k; where some answered fewer items, the mean of 1/(items answered).

    Examples
    --------
    >>> float(scale_error(np.array(3.0), np.array(0.5), 1 / 2))
    1.25
    """
    return np.asarray((variance - covariance) * per_item)


def item_error(variance: FloatArray, reliability: FloatArray | float) -> FloatArray:
    """Error variance of a score of known reliability: (1 - r) v.

    Examples
    --------
    >>> float(item_error(np.array(400.0), 0.75))
    100.0
    """
    return np.asarray((1.0 - np.asarray(reliability)) * variance)


def correct_covariance(covariance: FloatArray, error: FloatArray) -> Corrected:
    """Take error variances off the diagonal, as far as covariances stay those of real variables.

    Parameters
    ----------
    covariance
        Shape (..., k+1, k+1), k inputs and the outcome, which stands last.
    error
        Shape (..., k), 0 for what is known exactly; at most .9 of each input's variance is taken.

    Returns
    -------
    Corrected
        With C_xx.y = C_xx - s s'/C_yy and f the smallest eigenvalue of E^-1/2 C_xx.y E^-1/2, kappa = min(1, .95 f):
        the proportion of variance explained stays below 1 and the matrix positive definite.

    Raises
    ------
    AnalysisError
        When shapes do not fit, or an error variance is negative.

    Examples
    --------
    >>> found = correct_covariance(np.array([[1.0, 0.3], [0.3, 1.0]]), np.array([0.4]))
    >>> found.covariance.round(6).tolist(), float(found.kappa)
    ([[0.6, 0.3], [0.3, 1.0]], 1.0)
    """
    size = covariance.shape[-1] - 1
    if error.shape[-1:] != (size,):
        raise AnalysisError(f"error: expected {size} variances, one per input, received {error.shape[-1:]}.")
    if (error < 0).any():
        raise AnalysisError("error: expected variances of 0 or more, received a negative one.")
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)[..., :size]
    taken = np.clip(error, LEAST_ERROR * variance, MOST_ERROR * variance)
    link = covariance[..., :size, size]
    left = (
        covariance[..., :size, :size]
        - link[..., :, None] * link[..., None, :] / covariance[..., size, size, None, None]
    )
    root = np.sqrt(taken)
    scaled = left / (root[..., :, None] * root[..., None, :])
    kappa = np.minimum(1.0, MARGIN * np.linalg.eigvalsh(scaled)[..., 0])
    corrected = covariance.copy()
    place = np.arange(size)
    corrected[..., place, place] -= kappa[..., None] * np.minimum(error, taken)
    return Corrected(corrected, np.asarray(kappa))
