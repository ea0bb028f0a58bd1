"""Finding the maximum-likelihood solution: semopy's estimate first, then Newton steps, and what was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments
from pxanalysis.statistics.covariance_structure.objective import CompleteData, SemData, as_problem
from pxanalysis.statistics.covariance_structure.optimise import Optimum, climb, climb_slowly, rank_deficient
from pxanalysis.statistics.covariance_structure.semopy_estimate import estimate_by_semopy
from pxanalysis.statistics.covariance_structure.structure import ARROW, MEAN, TWO_HEADED, Structure
from pxanalysis.statistics.covariance_structure.threads import single_thread

__all__ = ["Solution", "plain_start", "pooled_moments", "solve", "unidentified"]

STEPS = 6
"""Scoring steps before semopy is asked: what it does from there is to arrive, at a fraction of its time."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Where the likelihood is highest.

    Attributes
    ----------
    theta
        Shape (q,), in standard units.
    loglik, saturated_loglik
        In standard units.
    largest_gradient, n_iter
        Of the last steps.
    tried
        What was tried, in words, and how it went.
    unidentified
        Numbers of parameters that the data say nothing about.
    """

    theta: FloatArray
    loglik: float
    saturated_loglik: float
    largest_gradient: float
    n_iter: int
    tried: tuple[str, ...]
    unidentified: tuple[int, ...] = ()


def pooled_moments(groups: Sequence[GroupMoments]) -> GroupMoments:
    """Within-group mean and covariance over all groups."""
    sizes = np.array([group.n for group in groups])
    mean = np.average([group.mean for group in groups], axis=0, weights=sizes)
    cov = np.average([group.cov for group in groups], axis=0, weights=sizes)
    return GroupMoments(float(sizes.sum()), mean, cov)


def plain_start(structure: Structure, moments: GroupMoments) -> FloatArray:
    """Moderate loadings, no paths, half of each observed variance unexplained, sample means; shape (q,)."""
    theta = np.zeros(structure.n_parameters)
    loaded = (structure.kind == ARROW) & (structure.column >= structure.n_observed)
    for cell in structure.free:
        row, column, kind = structure.row[cell], structure.column[cell], structure.kind[cell]
        value = 0.0
        if kind == ARROW and loaded[cell] and row < structure.n_observed:
            value = 0.8 * _side(structure, cell, moments.cov)
        elif kind == TWO_HEADED and row == column:
            value = 0.5 * moments.cov[row, row] if row < structure.n_observed else 0.5
        elif kind == MEAN and row < structure.n_observed:
            value = float(moments.mean[row])
        theta[structure.parameter[cell]] = value
    return theta


def _side(structure: Structure, cell: int, cov: FloatArray) -> float:
    """Sign of an item's covariance with the first item of its latent."""
    first = np.flatnonzero((structure.kind == ARROW) & (structure.column == structure.column[cell]))
    items = structure.row[first][structure.row[first] < structure.n_observed]
    return -1.0 if cov[items[0], structure.row[cell]] < 0 else 1.0


def _fill(structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]) -> FloatArray:
    """Give what semopy was not asked for a start: means, and the parameters of further groups by their place."""
    known: dict[tuple[int, int, int], float] = {}
    out = theta.copy()
    for structure, group in zip(structures, groups, strict=True):
        plain = plain_start(structure, group)
        for cell in structure.free:
            place = (int(structure.kind[cell]), int(structure.row[cell]), int(structure.column[cell]))
            number = structure.parameter[cell]
            if np.isnan(out[number]):
                out[number] = known.get(place, plain[number]) if place[0] != MEAN else plain[number]
            known.setdefault(place, out[number])
    return out


def _near(structure: Structure, moments: GroupMoments) -> FloatArray | None:
    """Where a few scoring steps from a plain start lead, (q,); None when they lead nowhere."""
    if structure.n_parameters == 0:
        return None
    problem = as_problem(CompleteData((moments,)), [structure])
    start = plain_start(structure, moments)
    if not np.isfinite(problem.value(start)):
        return None
    return climb(problem, start, max_iter=STEPS).theta


def solve(data: SemData, structures: Sequence[Structure]) -> Solution:
    """Find the highest likelihood.

    Raises
    ------
    NotEstimableError
        When the model is not identified, or nothing that was tried arrives; the message says what was tried.
    """
    groups = data.moments
    pooled = pooled_moments(groups)
    tried = []
    with single_thread():
        first = estimate_by_semopy(structures[0], pooled.cov, pooled.n, _near(structures[0], pooled))
        tried.append(f"semopy: {first.message}")
        starts = [] if first.theta is None else [_fill(structures, first.theta, groups)]
        plain = np.full(structures[0].n_parameters, np.nan)
        starts.append(_fill(structures, plain, groups))
        problem = as_problem(data, structures)
        for start in starts:
            if not np.isfinite(problem.value(start)):
                tried.append("a start at which the implied covariances are not positive definite")
                continue
            found = climb(problem, start)
            tried.append(f"Newton steps: {found.n_iter}, largest gradient {found.largest_gradient:.1e}")
            if found.converged:
                return _checked(data, structures, found, tuple(tried))
        for start in (start for start in reversed(starts) if np.isfinite(problem.value(start))):
            found = climb_slowly(problem, start)
            tried.append(f"BFGS: largest gradient {found.largest_gradient:.1e}")
            if found.converged:
                return _checked(data, structures, found, tuple(tried))
    raise NotEstimableError(
        f"the model did not converge. Tried: {'; '.join(tried)}. Fewer paths, or latents with more or better items, "
        "make it easier; a latent whose items hardly correlate cannot be told from nothing."
    )


def _checked(data: SemData, structures: Sequence[Structure], found: Optimum, tried: tuple[str, ...]) -> Solution:
    total = float(data.sizes.sum())
    saturated = data.saturated_loglik
    loose = unidentified(data.expected(structures, found.theta))
    return Solution(
        found.theta, saturated - total * found.value, saturated, found.largest_gradient, found.n_iter, tried, loose
    )


def unidentified(information: FloatArray) -> tuple[int, ...]:
    """Numbers of the parameters that can be moved without the model noticing; empty when it is identified."""
    directions = rank_deficient(information)
    if not len(directions):
        return ()
    return tuple(int(number) for number in np.flatnonzero(np.abs(directions).max(axis=0) > 0.1))
