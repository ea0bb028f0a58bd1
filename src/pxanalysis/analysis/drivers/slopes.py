"""Slopes of the drivers within each practice, with their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.drivers.moments import fill_missing
from pxanalysis.arrays import FloatArray

if TYPE_CHECKING:
    from pxanalysis.analysis.drivers.model import DriverModel

__all__ = ["PracticeSlopes", "estimate_practice_slopes"]

FEWEST_FREE = 10
SMALLEST_SHARE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PracticeSlopes:
    """Slopes of p drivers in J practices, standardised with the study's standard deviations.

    Attributes
    ----------
    estimate, error
        Shape (J, p); NaN where a practice has no slopes of its own.
    n
        Shape (J,), responses.
    usable
        Shape (J,).
    reasons
        Shape (J,), why a practice has none, or "".
    needed
        Responses that slopes of one's own take.
    to_raw
        Shape (p,): times this, a slope is in outcome points per point.
    """

    estimate: FloatArray
    error: FloatArray
    n: FloatArray
    usable: npt.NDArray[np.bool_]
    reasons: npt.NDArray[np.object_]
    needed: int
    to_raw: FloatArray


def estimate_practice_slopes(model: DriverModel, responses_per_driver: int = 5) -> PracticeSlopes:
    """Least squares within each practice on drivers cleared of case mix and of who met what.

    Missing scores are put in as expected from the row's other drivers; a driver that was not met contributes nothing,
    so that a practice's slope is that of its patients who met it, and a practice where nobody did has no slopes. The
    variance of a practice's residuals counts beside that of all practices, which has p degrees of freedom, so that a
    small practice's error is not at the mercy of its few residuals. Residuals spread more at low scores than near the
    ceiling: every driver's error variance is scaled by how much larger the heteroscedasticity-robust one (HC2) is over
    all practices together.
    """
    columns, rated = _cleared(model)
    practices, p = len(model.design.practices), columns.shape[1]
    needed = max(responses_per_driver * p, p + 1 + FEWEST_FREE)
    estimate, inverse, robust = (np.full((practices, p), np.nan) for _ in range(3))
    squares, free = np.zeros(practices), np.zeros(practices)
    n = np.bincount(model.design.codes, minlength=practices).astype(np.float64)
    reasons = np.full(practices, "", dtype=object)
    order = np.argsort(model.design.codes, kind="stable")
    for practice, rows in enumerate(np.split(order, np.cumsum(n.astype(int))[:-1])):
        if rows.size < needed:
            reasons[practice] = f"{rows.size} responses; slopes of its own take {needed}"
            continue
        fit = _fit(columns[rows], rated[rows], model.design.weights[rows])
        if fit is None:
            reasons[practice] = "a driver hardly varies within this practice"
            continue
        estimate[practice], inverse[practice], robust[practice], squares[practice] = fit
        free[practice] = rows.size - p - 1
    usable = free > 0
    pooled = squares.sum() / max(free.sum(), 1.0)
    variance = (squares + p * pooled) / np.maximum(free + p, 1.0)
    own = squares / np.maximum(free, 1.0)
    uneven = np.nansum(robust, axis=0) / np.maximum(np.nansum(own[:, None] * inverse, axis=0), np.finfo(float).tiny)
    to_raw = _outcome_sd(model) / model.moments.spread[len(model.design.covariates) : -1]
    return PracticeSlopes(
        estimate=estimate / to_raw,
        error=np.sqrt(variance[:, None] * inverse * uneven) / to_raw,
        n=n,
        usable=usable,
        reasons=reasons,
        needed=needed,
        to_raw=to_raw,
    )


def _outcome_sd(model: DriverModel) -> float:
    moments = model.moments
    return float(np.sqrt(moments.covariance[-1, -1] + moments.met_variance[-1]))


def _cleared(model: DriverModel) -> tuple[FloatArray, FloatArray]:
    """Drivers (n, p) without missing cells and outcome (n,), both without what goes with case mix and meetings."""
    moments, skip = model.moments, len(model.design.covariates)
    values = moments.clear(model.design)
    fill_missing(values[:, :-1], moments.mean[:-1], moments.covariance[:-1, :-1])
    if skip:
        inner, cross = moments.covariance[:skip, :skip], moments.covariance[:skip, skip:]
        values[:, skip:] -= (values[:, :skip] - moments.mean[:skip]) @ np.linalg.solve(inner, cross)
    return values[:, skip:-1], values[:, -1]


def _fit(
    columns: FloatArray, rated: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, float] | None:
    """Slopes, diagonal of the inverse cross-products, HC2 variances, residual sum of squares; None when singular."""
    root = np.sqrt(weights / weights.mean())[:, None]
    x = np.hstack([root, columns * root])
    y = rated * root[:, 0]
    cross = x.T @ x
    scale = np.sqrt(np.diagonal(cross))
    within = columns - columns.mean(axis=0)
    spread = np.sqrt((within**2).sum(axis=0))
    if (spread <= 0).any() or np.linalg.eigvalsh(within.T @ within / np.outer(spread, spread))[0] < SMALLEST_SHARE:
        return None
    inverse = np.linalg.inv(cross / np.outer(scale, scale)) / np.outer(scale, scale)
    reach = x @ inverse
    slopes = inverse @ (x.T @ y)
    residual = y - x @ slopes
    leverage = np.einsum("ij,ij->i", reach, x)
    robust = ((reach * (residual / np.sqrt(np.maximum(1.0 - leverage, 1e-6)))[:, None]) ** 2).sum(axis=0)
    return slopes[1:], np.diagonal(inverse)[1:], robust[1:], float(residual @ residual)
