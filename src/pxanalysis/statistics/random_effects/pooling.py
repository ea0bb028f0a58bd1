"""Random-effects pooling of estimates with known error variances, many coefficients at once.

The model: estimate y_j of practice j is ``mu + u_j + e_j`` with Var(u) = tau² and Var(e_j) = v_j known. Formulas as in
Viechtbauer (2005, 2010; doi:10.18637/jss.v036.i03) and DerSimonian & Laird (1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.stats import chi2, norm, t

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_confidence

__all__ = ["MeanTest", "PooledEffects", "TauMethod", "pool_effects"]

TauMethod = Literal["reml", "dl"]
"""``reml``: restricted maximum likelihood; ``dl``: the moment estimate of DerSimonian and Laird."""

MeanTest = Literal["normal", "hartung-knapp"]
"""Interval of the mean: normal with the model's error, or t with an error from the spread that was found."""

STEPS = 200
CONVERGED = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class PooledEffects:
    """K coefficients pooled over J practices; arrays of shape (K,) unless said, NaN where not estimable.

    Attributes
    ----------
    count
        Practices with an estimate.
    mean, mean_error, mean_low, mean_high
        The mean effect over practices with its interval.
    tau2, tau2_error
        Variance of the effects between practices, and its asymptotic standard error.
    tau2_low, tau2_high
        Interval by inverting Q (Viechtbauer 2007), whatever the estimate of tau².
    tau2_dl
        DerSimonian and Laird's estimate, as a check.
    q, q_p_value
        Cochran's Q (``count - 1`` degrees of freedom) and its p-value for "no differences".
    i2
        tau² as a proportion of itself plus the typical error variance, 0-1.
    new_low, new_high
        Prediction interval: where the effect of another practice lies.
    shrunk, shrunk_error
        Shape (J, K): each practice's effect drawn towards the mean, and the root of its mean squared error with what
        is uncertain about the mean and about tau² (Prasad & Rao 1990).
    blup_error
        Shape (J, K): the same with tau² taken for known, as metafor's ``blup`` has it; too small with few practices.
    trust
        Shape (J, K): weight of the practice's own estimate in ``shrunk``, tau²/(tau² + v), 0-1.
    """

    count: FloatArray
    mean: FloatArray
    mean_error: FloatArray
    mean_low: FloatArray
    mean_high: FloatArray
    tau2: FloatArray
    tau2_error: FloatArray
    tau2_low: FloatArray
    tau2_high: FloatArray
    tau2_dl: FloatArray
    q: FloatArray
    q_p_value: FloatArray
    i2: FloatArray
    new_low: FloatArray
    new_high: FloatArray
    shrunk: FloatArray
    shrunk_error: FloatArray
    blup_error: FloatArray
    trust: FloatArray


def pool_effects(
    estimates: FloatArray,
    variances: FloatArray,
    *,
    method: TauMethod = "reml",
    mean_test: MeanTest = "hartung-knapp",
    confidence: float = 0.95,
) -> PooledEffects:
    """Pool practice-specific estimates, each coefficient by itself.

    Parameters
    ----------
    estimates, variances
        Shape (J, K); NaN where a practice has none. Variances above 0.
    method
        Which estimate of tau² is used.
    mean_test
        How the interval of the mean is made; ``normal`` is the default of metafor.

    Raises
    ------
    AnalysisError
        For arrays of other shapes, variances that are not above 0, or an unknown option.

    Examples
    --------
    >>> pooled = pool_effects(np.array([[0.1], [0.5], [0.9]]), np.full((3, 1), 0.04))
    >>> pooled.tau2.round(4).tolist(), pooled.shrunk.ravel().round(2).tolist()
    ([0.12], [0.2, 0.5, 0.8])
    """
    check_confidence(confidence)
    y, v = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if y.ndim != 2 or y.shape != v.shape:
        raise AnalysisError(f"estimates, variances: expected the same shape (J, K), received {y.shape} and {v.shape}.")
    if method not in get_args(TauMethod) or mean_test not in get_args(MeanTest):
        raise AnalysisError(f"expected method 'reml' or 'dl' and a known mean_test, received {method}, {mean_test}.")
    has = np.isfinite(y) & np.isfinite(v)
    if (v[has] <= 0).any():
        raise AnalysisError("variances: an estimate without error cannot be pooled; expected variances above 0.")
    y, v = np.where(has, y, 0.0), np.where(has, v, np.inf)
    return _pool(y, v, method, mean_test, confidence)


def _pool(y: FloatArray, v: FloatArray, method: TauMethod, mean_test: MeanTest, confidence: float) -> PooledEffects:
    count = np.isfinite(v).sum(axis=0).astype(np.float64)
    some = count > 1
    free = np.where(some, count - 1, 1.0)
    q = _q(y, v, np.zeros(y.shape[1]))
    dl = np.maximum(0.0, (q - free) / _scale(1.0 / v))
    tau2 = _reml(y, v, dl) if method == "reml" else dl
    weight = 1.0 / (v + tau2)
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    mean = (weight * y).sum(axis=0) / total
    error = 1.0 / np.sqrt(total)
    reach = np.full(count.size, norm.ppf(0.5 + confidence / 2))
    if mean_test == "hartung-knapp":
        error = error * np.sqrt((weight * (y - mean) ** 2).sum(axis=0) / free)
        reach = np.asarray(t.ppf(0.5 + confidence / 2, free))
    low, high = _q_profile(y, v, confidence)
    spread = reach * np.sqrt(error**2 + tau2)
    trust = np.where(np.isfinite(v), tau2 / (tau2 + v), 0.0)
    known = tau2 * (1.0 - trust) + (1.0 - trust) ** 2 * error**2
    unknown = 2.0 * (1.0 - trust) ** 2 * weight * 2.0 / _information(weight)
    pooled = {
        "mean": mean,
        "mean_error": error,
        "mean_low": mean - reach * error,
        "mean_high": mean + reach * error,
        "tau2": tau2,
        "tau2_error": np.sqrt(2.0 / _information(weight)),
        "tau2_low": low,
        "tau2_high": high,
        "tau2_dl": dl,
        "q": q,
        "q_p_value": chi2.sf(q, free),
        "i2": tau2 / (tau2 + free / _scale(1.0 / v)),
        "new_low": mean - spread,
        "new_high": mean + spread,
    }
    return PooledEffects(
        count=count,
        shrunk=np.where(some, mean + trust * (y - mean), np.nan),
        shrunk_error=np.where(some, np.sqrt(known + unknown), np.nan),
        blup_error=np.where(some, np.sqrt(known), np.nan),
        trust=trust,
        **{name: np.where(some, values, np.nan) for name, values in pooled.items()},
    )


def _q(y: FloatArray, v: FloatArray, tau2: FloatArray) -> FloatArray:
    """Weighted squares about the weighted mean, with the weights 1/(v + tau²)."""
    weight = 1.0 / (v + tau2)
    mean = (weight * y).sum(axis=0) / np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    return np.asarray((weight * (y - mean) ** 2).sum(axis=0))


def _scale(weight: FloatArray) -> FloatArray:
    """Sum of weights less their squares over their sum: (count - 1) divided by the typical error variance."""
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    return np.asarray(np.maximum(total - (weight**2).sum(axis=0) / total, np.finfo(float).tiny))


def _information(weight: FloatArray) -> FloatArray:
    """Twice the restricted information on tau², tr(PP)."""
    total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
    squares = (weight**2).sum(axis=0)
    information = squares - 2.0 * (weight**3).sum(axis=0) / total + (squares / total) ** 2
    return np.asarray(np.maximum(information, np.finfo(float).tiny))


def _reml(y: FloatArray, v: FloatArray, start: FloatArray) -> FloatArray:
    """Fisher scoring of the restricted likelihood; a step below 0 stops at 0."""
    tau2 = start.copy()
    scale = np.where(start > 0, start, 1.0 / _scale(1.0 / v))
    for _ in range(STEPS):
        weight = 1.0 / (v + tau2)
        total = np.maximum(weight.sum(axis=0), np.finfo(float).tiny)
        mean = (weight * y).sum(axis=0) / total
        trace = total - (weight**2).sum(axis=0) / total
        step = ((weight**2 * (y - mean) ** 2).sum(axis=0) - trace) / _information(weight)
        moved = np.maximum(0.0, tau2 + step)
        done = np.abs(moved - tau2) <= CONVERGED * scale
        tau2 = moved
        if done.all():
            break
    return tau2


def _q_profile(y: FloatArray, v: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    """Values of tau² at which Q is at its upper and lower percentile; 0 where Q is below it everywhere."""
    free = np.maximum(np.isfinite(v).sum(axis=0) - 1.0, 1.0)
    return tuple(  # type: ignore[return-value]
        _solve_q(y, v, chi2.ppf(level, free)) for level in (0.5 + confidence / 2, 0.5 - confidence / 2)
    )


def _solve_q(y: FloatArray, v: FloatArray, wanted: FloatArray) -> FloatArray:
    """Bisection for the tau² at which Q equals ``wanted``; Q falls as tau² rises."""
    low = np.zeros(y.shape[1])
    high = np.ptp(y, axis=0) ** 2 + np.where(np.isfinite(v), v, 0.0).max(axis=0) + np.finfo(float).tiny
    while (_q(y, v, high) > wanted).any():
        high = np.where(_q(y, v, high) > wanted, 2.0 * high, high)
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        above = _q(y, v, middle) > wanted
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(_q(y, v, np.zeros(y.shape[1])) <= wanted, 0.0, high)
