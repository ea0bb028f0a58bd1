"""From estimates with standard errors to shrunken estimates and differences from the benchmark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray

STEPS = 200
REACH = 5.0
"""Of the grid of standard deviations between practices: its points, and its end in deviations of the estimates."""

__all__ = ["Shrunken", "between_variance", "difference_from_mean", "shrink_estimates"]


@dataclass(frozen=True, slots=True, eq=False)
class Shrunken:
    """Empirical-Bayes estimates; arrays of shape (J,), NaN where a practice has no estimate.

    Attributes
    ----------
    mu
        Centre, the precision-weighted mean over practices.
    sigma2_between
        Variance between practices.
    estimate, error
        Shrunken estimate and its standard error, that of the centre and of the variance between practices included.
    reliability
        R_j, 0-1.
    """

    mu: float
    sigma2_between: float
    estimate: FloatArray
    error: FloatArray
    reliability: FloatArray


def between_variance(estimates: FloatArray, variances: FloatArray) -> float:
    """Variance between practices beyond their sampling variances, at least 0 (DerSimonian & Laird 1986).

    With equal patient variances and no case mix it is the (MSB − MSW)/n₀ of the analysis of variance.

    Parameters
    ----------
    estimates, variances
        Shape (J,), at least two, variances above 0.
    """
    weight = 1.0 / variances
    mass = float(weight.sum())
    spread = float(weight @ (estimates - weight @ estimates / mass) ** 2)
    return max(0.0, (spread - (len(estimates) - 1)) / (mass - float(weight @ weight) / mass))


def shrink_estimates(estimates: FloatArray, errors: FloatArray) -> Shrunken:
    """Shrink estimates towards their precision-weighted mean: μ + R_j(M_j − μ), R_j = σ²_b/(σ²_b + SE_j²).

    Parameters
    ----------
    estimates, errors
        Shape (J,); those without an error above 0 take no part.
    """
    usable = np.isfinite(estimates) & (errors > 0)
    blank = np.full(estimates.shape, np.nan)
    if usable.sum() < 2:
        return Shrunken(np.nan, np.nan, blank, blank, blank)
    value, variance = estimates[usable], errors[usable] ** 2
    between = between_variance(value, variance)
    weight = 1.0 / (between + variance)
    mu = float(weight @ value / weight.sum())
    shrunk, error, reliability = blank.copy(), blank.copy(), blank.copy()
    reliability[usable] = between / (between + variance)
    shrunk[usable] = mu + reliability[usable] * (value - mu)
    error[usable] = _posterior_error(value, variance, shrunk[usable])
    return Shrunken(mu, between, shrunk, error, reliability)


def _posterior_error(values: FloatArray, variances: FloatArray, shrunk: FloatArray) -> FloatArray:
    """Root of the mean squared distance of the true means from ``shrunk``, shape (J,).

    The standard deviation between practices is not known: it is averaged over its posterior under a flat prior, as is
    the centre (Gelman 2006, doi:10.1214/06-BA117A; Gelman et al., Bayesian Data Analysis, section 5.4). Taking it as
    known covers too little, least of all where it was estimated small.
    """
    reach = REACH * max(float(np.std(values, ddof=1)), float(np.sqrt(variances.min())))
    tau2 = (np.linspace(0.0, 1.0, STEPS)[:, None] * reach) ** 2
    total = variances + tau2
    weight = 1.0 / total
    mass = weight.sum(axis=1, keepdims=True)
    centre = (weight * values).sum(axis=1, keepdims=True) / mass
    log_density = -0.5 * (np.log(mass[:, 0]) + (np.log(total) + weight * (values - centre) ** 2).sum(axis=1))
    density = np.exp(log_density - log_density.max())
    trust = tau2 / total
    mean = centre + trust * (values - centre)
    own = trust * variances + (1.0 - trust) ** 2 / mass
    return np.asarray(np.sqrt(density @ (own + (mean - shrunk) ** 2) / density.sum()))


def difference_from_mean(
    estimates: FloatArray, errors: FloatArray, weights: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Weighted mean of all practices, and each practice's difference Δ_p from it with its standard error.

    As in the CAHPS macro (AHRQ, Instructions for Analyzing Data from CAHPS Surveys): Δ_p = M_p − M̄ and
    SE² = V_p(1 − 2w_p/Σw) + Σw²V/(Σw)². The own practice is part of the mean, which the formula takes into account.

    Parameters
    ----------
    estimates, errors, weights
        Shape (J,); NaN estimates take no part.
    """
    usable = np.isfinite(estimates) & np.isfinite(errors)
    weight = np.where(usable, weights, 0.0)
    mass = float(weight.sum())
    mean = float(weight @ np.where(usable, estimates, 0.0)) / mass if mass > 0 else np.nan
    variance = np.where(usable, errors, 0.0) ** 2
    common = float(weight**2 @ variance) / mass**2 if mass > 0 else np.nan
    squared = variance * (1.0 - 2.0 * weight / max(mass, 1e-300)) + common
    return mean, np.where(usable, estimates - mean, np.nan), np.where(usable, np.sqrt(np.maximum(squared, 0.0)), np.nan)
