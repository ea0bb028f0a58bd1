"""How reliable a practice's mean is, how many answers that takes, and the mean shrunk accordingly.

Kernels that broadcast, for all columns and bootstrap replicates at once.
"""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.random_effects.variance import divide

__all__ = ["gls_mean", "needed_n", "practice_reliability", "shrink_means", "shrunken_error"]


def gls_mean(
    means: FloatArray,
    ns: FloatArray,
    sigma2_between: FloatArray | float,
    sigma2_within: FloatArray | float,
    multiplicity: FloatArray | None = None,
) -> FloatArray:
    """Mean over practices, each with the weight 1/(σ²_b + σ²_w/n): the centre that practices are shrunk towards.

    Parameters
    ----------
    means, ns
        Shape (J, K).
    sigma2_between, sigma2_within
        Shape (K,), or (R, K) together with ``multiplicity`` of shape (R, J).

    Returns
    -------
    Shape (K,) or (R, K). With σ²_b = 0 it is the mean over all patients.
    """
    between, within = np.asarray(sigma2_between, dtype=np.float64), np.asarray(sigma2_within, dtype=np.float64)
    weight = (
        divide(ns, within[..., None, :] + ns * between[..., None, :]) if between.ndim else ns / (within + ns * between)
    )
    if multiplicity is not None:
        weight = weight * multiplicity[..., None]
    weight = np.where((ns > 0) & np.isfinite(weight), weight, 0.0)
    return divide((weight * np.where(ns > 0, means, 0.0)).sum(-2), weight.sum(-2))


def practice_reliability(
    ns: FloatArray | float, sigma2_between: FloatArray | float, sigma2_within: FloatArray | float
) -> FloatArray:
    """Reliability R_j of a practice's mean, 0-1: σ²_b/(σ²_b + σ²_w/n); 0 without answers.

    Examples
    --------
    >>> float(practice_reliability(75, 0.03, 0.97).round(3))
    0.699
    """
    between, within = np.asarray(sigma2_between, dtype=np.float64), np.asarray(sigma2_within, dtype=np.float64)
    signal = np.asarray(ns, dtype=np.float64) * between
    total = signal + within
    return np.where(np.isfinite(total) & (total > 0), signal / np.where(total > 0, total, 1.0), total * np.nan)


def shrink_means(
    means: FloatArray,
    ns: FloatArray,
    mu: FloatArray | float,
    sigma2_between: FloatArray | float,
    sigma2_within: FloatArray | float,
) -> FloatArray:
    """Empirical-Bayes means μ + R_j(ȳ_j − μ); arrays broadcast, a practice without answers gets μ.

    Parameters
    ----------
    means, ns
        For example shape (J, K); in replicates (J, K) against ``mu`` and variances of shape (R, 1, K).

    Examples
    --------
    >>> shrink_means(np.array([9.0, 7.0]), np.array([10.0, 90.0]), 8.0, 0.1, 0.9).round(3).tolist()
    [8.526, 7.091]
    """
    weight = practice_reliability(ns, sigma2_between, sigma2_within)
    return mu + weight * np.where(np.asarray(ns) > 0, means - mu, 0.0)


def shrunken_error(
    ns: FloatArray,
    sigma2_between: FloatArray | float,
    sigma2_within: FloatArray | float,
    var_mu: FloatArray | float = 0.0,
) -> FloatArray:
    """Standard error of an empirical-Bayes mean: √(σ²_b(1−R_j) + (1−R_j)²·Var(μ)).

    With ``var_mu`` 0 it is the posterior (conditional) standard deviation that lme4 gives.
    """
    rest = 1.0 - practice_reliability(ns, sigma2_between, sigma2_within)
    variance: FloatArray = np.asarray(sigma2_between) * rest + rest**2 * np.asarray(var_mu)
    return np.sqrt(variance)


def needed_n(icc: FloatArray | float, reliability: float) -> FloatArray:
    """Answers a practice needs for its mean to have this reliability: R/(1−R)·(1−ICC)/ICC.

    Rounded up, so that what is promised is reached; at least 1. Infinite when the ICC is 0, NaN when it is NaN.

    Examples
    --------
    >>> [int(needed_n(0.03, target)) for target in (0.7, 0.8, 0.9)]
    [76, 130, 291]
    """
    share = np.asarray(icc, dtype=np.float64)
    odds = np.where(share > 0, (1.0 - share) / np.where(share > 0, share, 1.0), np.inf)
    exact = np.where(np.isnan(share), np.nan, reliability / (1.0 - reliability) * odds)
    return np.maximum(1.0, np.ceil(exact - 1e-9))
