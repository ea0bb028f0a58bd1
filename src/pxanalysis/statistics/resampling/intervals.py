"""Intervals from bootstrap replicates: percentile, bias-corrected and accelerated, and that of explained variance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, expanded_tail

__all__ = [
    "MIN_REPLICATES",
    "IntervalMethod",
    "bca_interval",
    "bootstrap_interval",
    "percentile_interval",
    "r2_interval",
]

IntervalMethod = Literal["percentile", "bca"]

MIN_REPLICATES = 50
"""Fewer usable bootstrap samples than this carry no interval."""


def bootstrap_interval(
    estimate: FloatArray,
    replicates: FloatArray,
    confidence: float,
    jackknife: FloatArray | None = None,
    *,
    units: float = np.inf,
) -> tuple[FloatArray, FloatArray]:
    """Percentile interval of each column, or BCa when jackknife estimates are given.

    Parameters
    ----------
    estimate
        Shape (p,).
    replicates
        Shape (B, p), finite.
    jackknife
        Estimates with one unit left out each, shape (units, p).
    units
        How many practices (in equal ones) were resampled; a percentile interval of few is cut off further out.

    Returns
    -------
    Lower and upper ends, each (p,).

    Raises
    ------
    NotEstimableError
        With fewer than 50 replicates.
    """
    if len(replicates) < MIN_REPLICATES:
        raise NotEstimableError(
            f"only {len(replicates)} bootstrap samples could be used, at least {MIN_REPLICATES} are needed for an "
            "interval; raise n_bootstrap.",
            code="bootstrap_failed",
        )
    if jackknife is not None:
        return bca_interval(estimate, replicates, jackknife.mean(axis=0) - jackknife, confidence)
    return percentile_interval(replicates, confidence, units=units)


def percentile_interval(
    draws: npt.NDArray[np.floating], confidence: float, *, units: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Ends between which the middle share ``confidence`` of draws (B, ...) lies, each of the shape of one draw.

    With ``units`` practices resampled the ends are cut off further out (Hesterberg 2015), see ``expanded_tail``.
    """
    tail = expanded_tail(units, confidence) if np.isfinite(units) else 0.5 - confidence / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def bca_interval(
    estimate: FloatArray, replicates: FloatArray, influence: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Bias-corrected and accelerated interval (Efron 1987), shapes as in ``bootstrap_interval``.

    Parameters
    ----------
    influence
        Shape (units, p): how each resampled unit moves the estimate, in any unit; minus the jackknife's deviations
        will do.
    """
    below = (replicates < estimate).mean(axis=0) + 0.5 * (replicates == estimate).mean(axis=0)
    edge = 0.5 / len(replicates)
    bias = norm.ppf(np.clip(below, edge, 1 - edge))
    squares = (influence**2).sum(axis=0)
    acceleration = (influence**3).sum(axis=0) / (6 * np.where(squares > 0, squares, 1.0) ** 1.5)
    ends = []
    for tail in (0.5 - confidence / 2, 0.5 + confidence / 2):
        moved = bias + norm.ppf(tail)
        levels = norm.cdf(bias + moved / (1 - acceleration * moved))
        ends.append(np.array([np.quantile(column, level) for column, level in zip(replicates.T, levels, strict=True)]))
    return ends[0], ends[1]


def r2_interval(estimate: float, replicates: FloatArray, confidence: float, units: float) -> tuple[float, float]:
    """Interval of a proportion of explained variance, around the estimate.

    Samples explain more than the whole does, as the whole explains more than the population: a percentile interval
    would have that optimism twice. So it is ``tanh(z ± reach)²`` with z the Fisher transform of the root of R² and
    reach from the spread of the samples, widened for few practices.

    Parameters
    ----------
    estimate, replicates
        R², and R² in bootstrap samples, shape (B,).
    units
        How many practices (in equal ones) were resampled.

    Examples
    --------
    >>> low, high = r2_interval(0.4, np.linspace(0.35, 0.47, 100), 0.95, 25)
    >>> round(low, 2), round(high, 2)
    (0.32, 0.47)
    """

    def transform(values: npt.ArrayLike) -> FloatArray:
        return np.asarray(np.arctanh(np.sqrt(np.clip(values, 0.0, 1.0 - 1e-12))))

    reach = norm.ppf(0.5 + confidence / 2) * bootstrap_expansion(units, confidence)
    reach *= transform(replicates).std(ddof=1)
    centre = float(transform(estimate))
    return float(np.tanh(max(centre - reach, 0.0)) ** 2), float(np.tanh(centre + reach) ** 2)
