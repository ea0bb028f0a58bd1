"""Power for one correlation, and for the difference of two correlations with one criterion."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.dependent_correlations.record import check_correlations
from pxanalysis.statistics.power.solving import check_power, quantiles, solve_n

__all__ = ["n_for_correlation", "n_for_dependent_correlations", "power_correlation", "power_dependent_correlations"]

Approximation = Literal["t", "z"]


def power_correlation(r: float, n: float, alpha: float = 0.05, approximation: Approximation = "t") -> float:
    """Chance that a correlation is told from 0, two-sided.

    Parameters
    ----------
    approximation
        ``t``: the critical value of the t test, and Fisher's z with its bias term r/(2(n − 1)) (Cohen 1988; what R's
        pwr does); ``z``: plain Fisher z.

    Examples
    --------
    >>> round(power_correlation(0.3, 100), 4), round(power_correlation(0.3, 100, approximation="z"), 4)
    (0.8648, 0.8618)
    """
    from scipy.stats import norm, t

    check_correlations(r=r)
    if approximation == "z":
        shift, edge = np.arctanh(r) * np.sqrt(n - 3.0), norm.ppf(1.0 - alpha / 2.0)
        return float(norm.sf(edge - shift) + norm.cdf(-edge - shift))
    critical = t.ppf(1.0 - alpha / 2.0, n - 2.0)
    edge = np.arctanh(np.sqrt(critical**2 / (critical**2 + n - 2.0)))
    shift = np.arctanh(abs(r)) + abs(r) / (2.0 * (n - 1.0))
    return float(norm.cdf((shift - edge) * np.sqrt(n - 3.0)) + norm.cdf((-shift - edge) * np.sqrt(n - 3.0)))


def n_for_correlation(r: float, power: float = 0.8, alpha: float = 0.05, approximation: Approximation = "t") -> float:
    """People (unrounded) for which a correlation is told from 0 with this power."""
    check_power(alpha, power)
    if r == 0:
        raise AnalysisError("r: expected a correlation other than 0; no sample tells 0 from 0.")
    if approximation == "z":
        check_correlations(r=r)
        return float((quantiles(alpha, power) / np.arctanh(abs(r))) ** 2 + 3.0)
    return solve_n(lambda n: power_correlation(r, n, alpha), power, 4.0)


def _difference(r1: float, r2: float, r12: float) -> tuple[float, float]:
    """Difference of the Fisher z's, and its standard deviation at n − 3 = 1 (Dunn & Clark 1969)."""
    check_correlations(r1=r1, r2=r2, r12=r12)
    determinant = 1.0 + 2.0 * r1 * r2 * r12 - r1**2 - r2**2 - r12**2
    if determinant <= 0 or abs(r12) >= 1:
        raise AnalysisError(
            f"r1, r2 and r12: {r1}, {r2} and {r12} cannot go together; a correlation of {r12} between the metrics "
            "leaves them less room to differ with the criterion."
        )
    left = 1.0 - r1**2 - r2**2
    c = (r12 * left - 0.5 * r1 * r2 * (left - r12**2)) / ((1.0 - r1**2) * (1.0 - r2**2))
    return float(np.arctanh(r1) - np.arctanh(r2)), float(np.sqrt(2.0 - 2.0 * c))


def power_dependent_correlations(r1: float, r2: float, r12: float, n: float, alpha: float = 0.05) -> float:
    """Chance that two correlations with one criterion are told apart, two-sided (Dunn & Clark's z, asymptotic).

    Parameters
    ----------
    r1, r2
        Of each metric with the criterion.
    r12
        Of the two metrics.

    Examples
    --------
    >>> round(power_dependent_correlations(0.45, 0.35, 0.60, 300), 4)
    0.5755
    """
    from scipy.stats import norm

    gap, spread = _difference(r1, r2, r12)
    shift, edge = gap * np.sqrt(n - 3.0) / spread, norm.ppf(1.0 - alpha / 2.0)
    return float(norm.sf(edge - shift) + norm.cdf(-edge - shift))


def n_for_dependent_correlations(r1: float, r2: float, r12: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """People (unrounded) for which two correlations with one criterion are told apart."""
    check_power(alpha, power)
    gap, spread = _difference(r1, r2, r12)
    if gap == 0:
        raise AnalysisError("r1 and r2: expected two different correlations; no sample tells equals apart.")
    return 3.0 + (quantiles(alpha, power) * spread / gap) ** 2
