"""Covariances of drivers and outcome from incomplete answers, and drivers completed by what is expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pxanalysis.analysis.drivers.design import DriverDesign, Missing
from pxanalysis.analysis.drivers.sums import DriverSums, sum_rows
from pxanalysis.arrays import ROWS_AT_ONCE, BoolArray, FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.inputs import check_joint_counts, check_spreads
from pxanalysis.statistics.moments.em import EMFit, PatternStatistics, find_patterns, stable_order
from pxanalysis.statistics.moments.estimate import check_rows, count_joint, fit_standardised, linearly_dependent
from pxanalysis.statistics.regression.explained_variance import as_correlations

__all__ = [
    "Clearing",
    "DriverMoments",
    "clear_of_met",
    "estimate_driver_moments",
    "fill_missing",
    "moments_of_sums",
    "nearly_singular",
    "regress_missing",
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

    def take_off(self, values: FloatArray, met: FloatArray) -> None:
        """Take it off the values (n, k) themselves."""
        for start in range(0, len(met) if met.shape[1] else 0, ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            values[part] -= self.shift(met[part])

    def put_back(self, values: FloatArray, met: FloatArray) -> None:
        """Put it back in the values (n, k) themselves."""
        replace(self, slopes=-self.slopes).take_off(values, met)


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
    method
        ``complete`` (nothing was missing), ``em`` or ``listwise``.
    """

    mean: FloatArray
    covariance: FloatArray
    met_variance: FloatArray
    clearing: Clearing
    method: Literal["complete", "em", "listwise"]

    @property
    def spread(self) -> FloatArray:
        """Standard deviation of each column with what goes with having met, shape (k,)."""
        return np.sqrt(np.diagonal(self.covariance) + self.met_variance)

    def clear(self, design: DriverDesign) -> FloatArray:
        """Rows of the design after clearing, shape (n, k), NaN where missing."""
        values = design.numbers
        self.clearing.take_off(values, design.met)
        return values


def estimate_driver_moments(design: DriverDesign) -> DriverMoments:
    """Estimate the covariances of a driver model, by maximum likelihood under normality where answers are missing.

    Missing is what was not asked or not answered. The score of a driver that was not met is no such cell: it is a
    known constant beside the effect of having met it (``DriverDesign.known_scores``). So covariances are those of the
    patients there are, of whom some have no contribution of that driver, and slopes come from those who met it. A
    missing cell is expected as of a patient who may not have met the driver; that makes its importance smaller by the
    proportion missing times the proportion that did not meet it, and leaves slopes as they are.

    Raises
    ------
    NotEstimableError
        When the rows cannot carry the covariances: a column is constant, or (nearly) follows from others.
    """
    return moments_of_sums(sum_rows(design), design.missing)


def moments_of_sums(sums: DriverSums, missing: Missing) -> DriverMoments:
    """Estimate the same from sums over the rows, see :func:`estimate_driver_moments`."""
    check_spreads(*sums.ends, sums.names)
    clearing = clear_of_met(sums)
    shift = clearing.shift(sums.met[sums.meeting].astype(np.float64))
    cleared = np.where(sums.here, sums.mean - shift, 0.0)
    _check_cleared(sums, cleared)
    fit, centre, spread = _fit(sums, cleared)
    if not fit.converged:
        raise NotEstimableError(f"the covariances of drivers and outcome could not be estimated: {fit.reason}.")
    covariance = fit.cov * np.outer(spread, spread)
    follow = linearly_dependent(covariance[:-1, :-1], sums.names[:-1], SINGULAR_BELOW)
    if follow:
        raise NotEstimableError(
            f"{', '.join(follow)} (nearly) follow from each other in these responses, so their effects cannot be told "
            "apart; leave one out or wait for more answers.",
            code="singular",
        )
    centred = shift - np.average(shift, axis=0, weights=sums.weight)
    return DriverMoments(
        mean=fit.mean * spread + centre,
        covariance=covariance,
        met_variance=np.average(centred**2, axis=0, weights=sums.weight),
        clearing=clearing,
        method="listwise" if missing == "listwise" else "complete" if sums.observed.all() else "em",
    )


def clear_of_met(sums: DriverSums) -> Clearing:
    """Regress each column on who met what, over the rows that have it.

    Rows that met the same drivers are alike in this regression: their weight and mean stand for them.
    """
    met = sums.met.astype(np.float64)
    size, (groups, m) = len(sums.names), met.shape
    mass = np.bincount(sums.meeting, sums.weight, minlength=groups)
    slopes = np.zeros((m, size))
    for column in range(size if m else 0):
        here = sums.here[:, column]
        meeting, weight = sums.meeting[here], sums.weight[here]
        own = np.bincount(meeting, weight, minlength=groups)
        total = np.bincount(meeting, weight * sums.mean[here, column], minlength=groups)
        seen = np.flatnonzero(own)
        varying = np.flatnonzero(np.ptp(met[seen], axis=0) > 0)
        root = np.sqrt(own[seen])
        columns = np.column_stack([np.ones(seen.size), met[np.ix_(seen, varying)]]) * root[:, None]
        # the limit below which a direction counts as absent is that of as many rows as there are
        limit = np.finfo(np.float64).eps * max(int(sums.rows[here].sum()), columns.shape[1])
        slopes[varying, column] = np.linalg.lstsq(columns, total[seen] / root, rcond=limit)[0][1:]
    return Clearing(mass @ met / mass.sum(), slopes)


def _check_cleared(sums: DriverSums, cleared: FloatArray) -> None:
    """Refuse a column that is determined by who met what; ``cleared`` (C, k) are the means of groups after clearing."""
    weight = sums.weight[:, None] * sums.here
    left, whole = (
        sums.within + (weight * (values - sums.mean_of(values)) ** 2).sum(axis=0) for values in (cleared, sums.mean)
    )
    remains = np.sqrt(left / whole)
    if remains.min() < 1e-7:
        raise NotEstimableError(
            f"'{sums.names[int(remains.argmin())]}' follows from who met what, so its effect cannot be told apart; "
            "leave it out.",
            code="singular",
        )


def _fit(sums: DriverSums, cleared: FloatArray) -> tuple[EMFit, FloatArray, FloatArray]:
    """Maximum-likelihood moments in standard units, and the centre and spread (k,) that those are in."""
    k = len(sums.names)
    present, pattern = np.unique(sums.pattern, return_inverse=True)
    observed = sums.observed[present]
    rows = np.bincount(pattern, sums.rows).astype(np.intp)
    check_rows(int(rows.sum()), k)
    check_joint_counts(count_joint(observed, rows), sums.names)
    mass = sums.weight[:, None] * sums.here
    centre = sums.mean_of(cleared)
    spread = np.sqrt((sums.within + (mass * (cleared - centre) ** 2).sum(axis=0)) / mass.sum(axis=0))
    standard = np.where(sums.here, (cleared - centre) / spread, 0.0)
    total, cross = np.zeros((present.size, k)), np.zeros((present.size, k, k))
    for place, block in zip(np.searchsorted(present, sums.block_pattern[sums.blocks]), sums.blocks, strict=True):
        cross[place] += sums.spread[block]
    cross /= np.outer(spread, spread)
    order = np.argsort(pattern, kind="stable")
    for place, groups in enumerate(np.split(order, np.cumsum(np.bincount(pattern))[:-1])):
        weighted = standard[groups] * sums.weight[groups, None]
        total[place] = weighted.sum(axis=0)
        cross[place] += weighted.T @ standard[groups]
    weight = np.bincount(pattern, sums.weight).astype(np.float64)
    statistics = PatternStatistics(observed, weight[None], total[None], cross[None])
    return fit_standardised(statistics, rows, sums.names), centre, spread


def nearly_singular(covariance: FloatArray) -> BoolArray:
    """Whether covariances (..., k, k) are too close to singular for their inverse to mean anything, shape (...).

    That is, the smallest eigenvalue of the correlations is below 1e-7, or a column has no variance.
    """
    diagonal = np.diagonal(covariance, axis1=-2, axis2=-1)
    sound = np.asarray(np.isfinite(covariance).all(axis=(-2, -1)) & (diagonal > 0).all(axis=-1))
    eye = np.eye(covariance.shape[-1])
    correlation = as_correlations(np.where(np.expand_dims(sound, (-2, -1)), covariance, eye))
    return np.asarray(~sound | (np.linalg.eigvalsh(correlation)[..., 0] < SINGULAR_BELOW))


def fill_missing(values: FloatArray, mean: FloatArray, covariance: FloatArray) -> None:
    """Fill the missing cells of ``values`` themselves with their expectation given the row's other cells.

    Parameters
    ----------
    values
        Shape (n, k), NaN where missing; of a million rows a second copy would be large.
    mean, covariance
        Shapes (k,) and (k, k).

    Examples
    --------
    >>> rows = np.array([[1.0, np.nan]])
    >>> fill_missing(rows, np.zeros(2), np.array([[1.0, 0.5], [0.5, 1.0]]))
    >>> rows.tolist()
    [[1.0, 0.5]]
    """
    patterns = find_patterns(values)
    order = stable_order(patterns.of_row, patterns.count)
    ends = np.cumsum(np.bincount(patterns.of_row, minlength=patterns.count))
    for observed, rows in zip(patterns.observed, np.split(order, ends[:-1]), strict=True):
        if not observed.all():
            slopes, _ = regress_missing(observed, covariance)
            away = values[np.ix_(rows, observed)] - mean[observed]
            values[np.ix_(rows, ~observed)] = mean[~observed] + away @ slopes


def regress_missing(observed: BoolArray, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes of the missing cells on the q cells that are ``observed`` (k,), and what is left of their covariance.

    Returns
    -------
    Arrays of shape (q, k-q) and (k-q, k-q).
    """
    across = covariance[np.ix_(observed, ~observed)]
    slopes = np.asarray(np.linalg.solve(covariance[np.ix_(observed, observed)], across), dtype=np.float64)
    return slopes, covariance[np.ix_(~observed, ~observed)] - across.T @ slopes
