"""Covariances of drivers and outcome from incomplete answers, and drivers completed by what is expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.inputs import Matrix, check_spread
from pxanalysis.statistics.moments.em import find_patterns
from pxanalysis.statistics.moments.estimate import estimate_moments, linearly_dependent
from pxanalysis.statistics.regression.explained_variance import as_correlations

__all__ = [
    "Clearing",
    "DriverMoments",
    "clear_of_met",
    "estimate_driver_moments",
    "expect_missing",
    "missing_variance",
    "nearly_singular",
]

SINGULAR_BELOW = 1e-7


@dataclass(frozen=True, slots=True, eq=False)
class Clearing:
    """What having met the optional drivers does to each of k columns.

    Attributes
    ----------
    centre
        Proportion that met each of the m drivers, shape (m,).
    slopes
        Mean difference of each column between those who met a driver and those who did not, other drivers' meetings
        being equal; shape (m, k). 0 for the scores of the only optional driver, which are their own mean where it was
        not met, so that they are 0 there after clearing.
    """

    centre: FloatArray
    slopes: FloatArray

    def shift(self, met: FloatArray) -> FloatArray:
        """What the columns owe to who met what, shape (n, k)."""
        return np.asarray((met - self.centre) @ self.slopes)


@dataclass(frozen=True, slots=True, eq=False)
class DriverMoments:
    """Means and covariances of case mix, drivers and outcome (k = c+p+1), cleared of who met what.

    Attributes
    ----------
    mean, covariance
        Shapes (k,) and (k, k), in the units of the design; divisor the sum of weights.
    met_variance
        Variance of each column that goes with having met the optional drivers, shape (k,).
    clearing
        What was cleared away.
    cleared
        Shape (n, k), the rows after clearing, NaN where missing.
    method
        ``complete`` (nothing was missing), ``em`` or ``listwise``.
    """

    mean: FloatArray
    covariance: FloatArray
    met_variance: FloatArray
    clearing: Clearing
    cleared: FloatArray
    method: Literal["complete", "em", "listwise"]

    @property
    def spread(self) -> FloatArray:
        """Standard deviation of each column with what goes with having met, shape (k,)."""
        return np.sqrt(np.diagonal(self.covariance) + self.met_variance)


def clear_of_met(values: FloatArray, met: FloatArray, weights: FloatArray) -> Clearing:
    """Regress each column of ``values`` (n, k; NaN where missing) on ``met`` (n, m), over the rows that have it."""
    centre = weights @ met / weights.sum()
    slopes = np.zeros((met.shape[1], values.shape[1]))
    for column in range(values.shape[1] if met.shape[1] else 0):
        rows = np.isfinite(values[:, column])
        varying = np.flatnonzero(np.ptp(met[rows], axis=0) > 0)
        root = np.sqrt(weights[rows])
        design = np.column_stack([np.ones(root.size), met[np.ix_(rows, varying)]]) * root[:, None]
        slopes[varying, column] = np.linalg.lstsq(design, values[rows, column] * root, rcond=None)[0][1:]
    return Clearing(centre, slopes)


def estimate_driver_moments(design: DriverDesign, rows: BoolArray | None = None) -> DriverMoments:
    """Estimate the covariances of a driver model, by maximum likelihood under normality where answers are missing.

    Missing is what was not asked or not answered. The score of a driver that was not met is no such cell: it is a
    known constant beside the effect of having met it (``DriverDesign.known_scores``). So covariances are those of the
    patients there are, of whom some have no contribution of that driver, and slopes come from those who met it. A
    missing cell is expected as of a patient who may not have met the driver; that makes its importance smaller by the
    proportion missing times the proportion that did not meet it, and leaves slopes as they are.

    Parameters
    ----------
    rows
        Which of the n rows to learn from; all when None. ``cleared`` holds all rows all the same.

    Raises
    ------
    NotEstimableError
        When the rows cannot carry the covariances: a column is constant, or (nearly) follows from others.
    """
    learn = np.ones(len(design.rated), dtype=bool) if rows is None else rows
    raw = design.numbers
    weights = design.weights[learn]
    check_spread(Matrix(raw[learn], design.names))
    clearing = clear_of_met(raw[learn], design.met[learn], weights)
    shift = clearing.shift(design.met)
    cleared = raw - shift
    _check_cleared(raw[learn], cleared[learn], design.names)
    moments = estimate_moments(pd.DataFrame(cleared[learn], columns=list(design.names)), weights=weights)
    if not moments.converged:
        raise NotEstimableError(f"the covariances of drivers and outcome could not be estimated: {moments.reason}.")
    follow = linearly_dependent(moments.cov.to_numpy()[:-1, :-1], design.names[:-1], SINGULAR_BELOW)
    if follow:
        raise NotEstimableError(
            f"{', '.join(follow)} (nearly) follow from each other in these responses, so their effects cannot be told "
            "apart; leave one out or wait for more answers.",
            code="singular",
        )
    centred = shift[learn] - np.average(shift[learn], axis=0, weights=weights)
    return DriverMoments(
        mean=np.asarray(moments.mean, dtype=np.float64),
        covariance=np.asarray(moments.cov, dtype=np.float64),
        met_variance=np.average(centred**2, axis=0, weights=weights),
        clearing=clearing,
        cleared=cleared,
        method=_method(design),
    )


def nearly_singular(covariance: FloatArray) -> BoolArray:
    """Whether covariances (..., k, k) are too close to singular for their inverse to mean anything, shape (...).

    That is, the smallest eigenvalue of the correlations is below 1e-7, or a column has no variance.
    """
    diagonal = np.diagonal(covariance, axis1=-2, axis2=-1)
    sound = np.asarray(np.isfinite(covariance).all(axis=(-2, -1)) & (diagonal > 0).all(axis=-1))
    eye = np.eye(covariance.shape[-1])
    correlation = as_correlations(np.where(np.expand_dims(sound, (-2, -1)), covariance, eye))
    return np.asarray(~sound | (np.linalg.eigvalsh(correlation)[..., 0] < SINGULAR_BELOW))


def _check_cleared(raw: FloatArray, cleared: FloatArray, names: tuple[str, ...]) -> None:
    """Refuse a column that is determined by who met what."""
    left = np.nanstd(cleared, axis=0) / np.nanstd(raw, axis=0)
    if left.min() < 1e-7:
        raise NotEstimableError(
            f"'{names[int(left.argmin())]}' follows from who met what, so its effect cannot be told apart; leave it "
            "out.",
            code="singular",
        )


def _method(design: DriverDesign) -> Literal["complete", "em", "listwise"]:
    if design.missing == "listwise":
        return "listwise"
    return "em" if np.isnan(design.numbers).any() else "complete"


def expect_missing(values: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
    """Fill missing cells with their expectation given the row's other cells.

    Parameters
    ----------
    values
        Shape (n, k), NaN where missing; not changed.
    mean, covariance
        Shapes (k,) and (k, k).

    Examples
    --------
    >>> expect_missing(np.array([[1.0, np.nan]]), np.zeros(2), np.array([[1.0, 0.5], [0.5, 1.0]])).tolist()
    [[1.0, 0.5]]
    """
    patterns = find_patterns(values)
    filled = values.copy()
    for position, observed in enumerate(patterns.observed):
        if observed.all():
            continue
        rows = np.flatnonzero(patterns.of_row == position)
        expected = np.tile(mean[~observed], (rows.size, 1))
        if observed.any():
            slopes = np.linalg.solve(covariance[np.ix_(observed, observed)], covariance[np.ix_(observed, ~observed)])
            expected += (values[np.ix_(rows, observed)] - mean[observed]) @ slopes
        filled[np.ix_(rows, ~observed)] = expected
    return filled


def missing_variance(values: FloatArray, covariance: FloatArray, slopes: FloatArray) -> FloatArray:
    """Variance of a weighted sum of a row's cells that is due to its missing cells, shape (n,).

    Parameters
    ----------
    values
        Shape (n, k), NaN where missing.
    covariance, slopes
        Shapes (k, k) and (k,), the weights of the sum.
    """
    patterns = find_patterns(values)
    variances = np.zeros(patterns.count)
    for position, observed in enumerate(patterns.observed):
        gone = slopes[~observed]
        left = covariance[np.ix_(~observed, ~observed)]
        if observed.any():
            across = covariance[np.ix_(observed, ~observed)]
            left = left - across.T @ np.linalg.solve(covariance[np.ix_(observed, observed)], across)
        variances[position] = gone @ left @ gone
    return variances[patterns.of_row]
