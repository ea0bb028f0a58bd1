"""One-way variance components by restricted maximum likelihood, as lme4 gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from pxanalysis.arrays import FloatArray

__all__ = ["RemlFit", "fit_reml"]


@dataclass(frozen=True, slots=True)
class RemlFit:
    """REML estimates of a one-way random-effects model.

    Attributes
    ----------
    mu, se_mu
        Mean over practices and its standard error, in the units of the data.
    sigma2_between, sigma2_within
        Variance components, in squared units.
    deviance
        −2 × restricted log-likelihood at the maximum (lme4's ``REMLcrit``).
    """

    mu: float
    se_mu: float
    sigma2_between: float
    sigma2_within: float
    deviance: float

    @property
    def icc(self) -> float:
        """Share of the variance that lies between practices, 0-1."""
        return self.sigma2_between / (self.sigma2_between + self.sigma2_within)


def _profile(ratio: float, n: FloatArray, mean: FloatArray, ss: float) -> tuple[float, float, float, float]:
    """Deviance profiled over μ and σ²_w at σ²_b/σ²_w = ratio, with μ, Σ weights and σ²_w."""
    weight = n / (1.0 + n * ratio)
    mass = float(weight.sum())
    mu = float(weight @ mean) / mass
    df = float(n.sum()) - 1.0
    within = (ss + float(weight @ (mean - mu) ** 2)) / df
    deviance = df * (1.0 + np.log(2.0 * np.pi * within)) + float(np.log1p(n * ratio).sum()) + np.log(mass)
    return float(deviance), mu, mass, within


def _slope(log_ratio: float, n: FloatArray, mean: FloatArray, ss: float) -> float:
    """Derivative of the profiled deviance to the ratio."""
    ratio = float(np.exp(log_ratio))
    shrink = 1.0 + n * ratio
    _, mu, mass, within = _profile(ratio, n, mean, ss)
    weight = n / shrink
    residual = float(weight**2 @ (mean - mu) ** 2) / within
    return float(weight.sum()) - residual - float((weight**2).sum()) / mass


def fit_reml(n: FloatArray, mean: FloatArray, ss: FloatArray) -> RemlFit | None:
    """Fit the one-way random-effects model by REML from per-practice statistics.

    The likelihood is profiled over μ and σ²_w (Searle, Casella & McCulloch 1992, ch. 6), which leaves the ratio
    σ²_b/σ²_w; its derivative is brought to zero.

    Parameters
    ----------
    n, mean, ss
        Shape (J,): answers, mean and sum of squares around the mean of each practice; practices with 0 answers are
        left out.

    Returns
    -------
    The fit, or None when it cannot be made (fewer than two practices, no practice with two answers, no spread).

    Examples
    --------
    >>> dyestuff = np.array([1505.0, 1528, 1564, 1498, 1600, 1470])  # Davies 1947: six batches of five
    >>> fit = fit_reml(np.full(6, 5.0), dyestuff, np.full(6, 58830 / 6))
    >>> round(fit.sigma2_between, 2), round(fit.sigma2_within, 2), round(fit.mu, 2)
    (1764.05, 2451.25, 1527.5)
    """
    seen = n > 0
    n, mean, total = n[seen], mean[seen], float(ss[seen].sum())
    if n.size < 2 or n.sum() <= n.size or total <= 0:
        return None
    tiny, huge = np.log(1e-10 / n.max()), np.log(1e8)
    if _slope(tiny, n, mean, total) >= 0:
        ratio = 0.0
    else:
        ratio = float(np.exp(brentq(_slope, tiny, huge, args=(n, mean, total), xtol=1e-13, rtol=1e-13)))
    deviance, mu, mass, within = _profile(ratio, n, mean, total)
    return RemlFit(mu, float(np.sqrt(within / mass)), ratio * within, within, deviance)
