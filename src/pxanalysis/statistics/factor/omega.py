"""Reliability from a factor model: omega by each of its definitions, composite reliability, AVE, ordinal omega."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.factor.alpha import cronbach_alpha
from pxanalysis.statistics.factor.one_factor import FactorFit, fit_one_factor_dwls
from pxanalysis.statistics.moments.two_way_tables import PolychoricFit, bivariate_cdf

__all__ = [
    "OrdinalReliability",
    "average_variance_extracted",
    "composite_reliability",
    "green_yang_omega",
    "omega_implied",
    "omega_observed",
    "omega_standardised",
    "ordinal_reliability",
]


def omega_observed(loadings: FloatArray, cov: FloatArray) -> FloatArray:
    """Omega total with the observed variance of the sum below the line: ``(sum of loadings)^2 / sum(S)``.

    Loadings (..., k) and covariances (..., k, k) in the same units (McDonald 1999; semTools ``compRelSEM``).
    """
    total = cov.sum(axis=(-2, -1))
    omega: FloatArray = loadings.sum(axis=-1) ** 2 / np.where(total > 0, total, np.nan)
    return omega


def omega_implied(loadings: FloatArray, uniquenesses: FloatArray) -> FloatArray:
    """Omega total with the model's own variance below the line: ``(sum l)^2 / ((sum l)^2 + sum of uniquenesses)``."""
    common = loadings.sum(axis=-1) ** 2
    omega: FloatArray = common / (common + uniquenesses.sum(axis=-1))
    return omega


def omega_standardised(uniquenesses: FloatArray, cov: FloatArray) -> FloatArray:
    """Omega total of standardised items, ``1 - sum of standardised uniquenesses / sum(R)`` (psych ``omega``)."""
    variance = np.einsum("...ii->...i", cov)
    spread = np.sqrt(variance)
    correlation = cov / (spread[..., :, None] * spread[..., None, :])
    omega: FloatArray = 1 - (uniquenesses / variance).sum(axis=-1) / correlation.sum(axis=(-2, -1))
    return omega


def composite_reliability(standardised_loadings: FloatArray) -> FloatArray:
    """rho_C of standardised loadings (..., k): ``(sum l)^2 / ((sum l)^2 + sum(1 - l^2))`` (Fornell & Larcker 1981).

    Examples
    --------
    >>> round(float(composite_reliability(np.array([0.7, 0.8, 0.9]))), 4)
    0.8446
    """
    return omega_implied(standardised_loadings, 1 - standardised_loadings**2)


def average_variance_extracted(standardised_loadings: FloatArray) -> FloatArray:
    """AVE, the mean squared standardised loading (..., k) (Fornell & Larcker 1981)."""
    ave: FloatArray = (standardised_loadings**2).mean(axis=-1)
    return ave


def _covariance_of_categories(tau: FloatArray, other: FloatArray, rho: float) -> float:
    """Covariance of two category numbers with thresholds ``tau`` and ``other`` cut from normals correlating ``rho``."""
    if rho >= 1:
        joint = ndtr(np.minimum(tau[:, None], other[None, :]))
    else:
        joint = bivariate_cdf(tau[:, None], other[None, :], rho)
    return float(joint.sum() - ndtr(tau).sum() * ndtr(other).sum())


def green_yang_omega(loadings: FloatArray, correlation: FloatArray, thresholds: FloatArray) -> float:
    """Categorical omega: reliability of the sum of the answers as given (Green & Yang 2009, eq. 21).

    Parameters
    ----------
    loadings, correlation
        Standardised loadings (k,) and polychoric correlations (k, k).
    thresholds
        Shape (k, K - 1), infinite beyond an item's own categories.
    """
    cuts = [row[np.isfinite(row)] for row in thresholds]
    true, total = 0.0, 0.0
    for i, tau in enumerate(cuts):
        for j, other in enumerate(cuts):
            true += _covariance_of_categories(tau, other, float(loadings[i] * loadings[j]))
            total += _covariance_of_categories(tau, other, 1.0 if i == j else float(correlation[i, j]))
    return true / total


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalReliability:
    """From polychoric correlations: alpha, omega of the underlying normals, and omega of the answers as given.

    The omegas are NaN with fewer than 3 items or when ``factor`` did not converge or is inadmissible.
    """

    alpha: float
    latent_omega: float
    categorical_omega: float
    factor: FactorFit | None


def ordinal_reliability(fit: PolychoricFit) -> OrdinalReliability:
    """Ordinal alpha (Zumbo, Gadermann & Zeisser 2007), latent omega and categorical omega from a polychoric fit."""
    alpha = float(cronbach_alpha(fit.correlation))
    if len(fit.correlation) < 3:
        return OrdinalReliability(alpha, np.nan, np.nan, None)
    factor = fit_one_factor_dwls(fit.correlation, fit.variance)
    if not factor.converged[0] or factor.heywood.any():
        return OrdinalReliability(alpha, np.nan, np.nan, factor)
    loadings = factor.loadings[0]
    latent = float(omega_observed(loadings, fit.correlation))
    return OrdinalReliability(alpha, latent, green_yang_omega(loadings, fit.correlation, fit.thresholds), factor)
