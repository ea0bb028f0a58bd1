"""Many samples at once: the model refitted to the moments of every bootstrap sample, together.

Fisher scoring with exact slopes from the full-sample estimate; one replicate is one layer of every array. A replicate
counts when nothing is left to gain and its covariances are positive definite; others are refitted one by one with step
halving, and counted when that fails too.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments, expected_information, gradient
from pxanalysis.statistics.covariance_structure.objective import CompleteData, as_problem
from pxanalysis.statistics.covariance_structure.optimise import climb
from pxanalysis.statistics.covariance_structure.structure import TWO_HEADED, Structure, imply
from pxanalysis.statistics.covariance_structure.threads import single_thread

__all__ = ["Replicates", "free_given", "refit_replicates"]

BoolArray = npt.NDArray[np.bool_]

CHUNK = 50
SHARED_ROUNDS = 25
REMEMBERED = 6
ROUNDS = 25
ASTRAY = 10.0
ENOUGH = 1e-11
"""Decrement per respondent at which a replicate is done: at n = 500 within 7e-5 standard errors of its optimum."""

LEAST_EIGENVALUE = 1e-10
THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Replicates:
    """Estimates of B bootstrap samples.

    Attributes
    ----------
    theta
        Shape (B, q); NaN where ``valid`` is False.
    valid
        Shape (B,), Boolean.
    n_refitted, n_failed
        Samples that needed a fit of their own, and those for which that failed.
    n_inadmissible
        Accepted samples with a negative variance (Heywood cases); they count, as leaving them out would bias intervals.
    largest_decrement
        Most that any accepted replicate has left to gain, per respondent.
    """

    theta: FloatArray
    valid: npt.NDArray[np.bool_]
    n_refitted: int
    n_failed: int
    n_inadmissible: int
    largest_decrement: float


def free_given(structure: Structure, theta: FloatArray, given: npt.NDArray[np.bool_]) -> tuple[Structure, FloatArray]:
    """Let cells that hold sample moments of covariates vary with the sample, as parameters after the others.

    Their maximum-likelihood estimate is the sample's own moment, so nothing else changes.
    """
    cells = np.flatnonzero(given)
    parameter = structure.parameter.copy()
    parameter[cells] = structure.n_parameters + np.arange(cells.size)
    wider = replace(structure, parameter=parameter, n_parameters=structure.n_parameters + cells.size)
    return wider, np.concatenate([theta, structure.value[cells]])


def refit_replicates(structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]) -> Replicates:
    """Refit to B samples.

    Parameters
    ----------
    theta
        The full-sample estimate (q,), in the units of the moments.
    groups
        Per group, moments of all samples: ``mean`` (B, p) and ``cov`` (B, p, p).
    """
    count = len(groups[0].cov)
    parts = [slice(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]

    def fit(part: slice) -> tuple[FloatArray, FloatArray]:
        with np.errstate(all="ignore"):  # each thread has its own
            own = [GroupMoments(g.n, g.mean[part], g.cov[part]) for g in groups]
            return _score(structures, theta, own, metric)

    whole = [GroupMoments(g.n, *_typical(g)) for g in groups]
    metric = np.linalg.inv(expected_information(structures, theta[None], whole)[0])
    with single_thread(), np.errstate(all="ignore"), ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(fit, parts))
        found = np.concatenate([part[0] for part in done])
        left = np.concatenate([part[1] for part in done])
        again = np.flatnonzero(~(left < ENOUGH))
        failed = 0
        for sample in again:
            one = [GroupMoments(g.n, g.mean[sample], g.cov[sample]) for g in groups]
            found[sample], left[sample] = _alone(structures, theta, one)
            failed += int(not left[sample] < ENOUGH)
    valid = left < ENOUGH
    found[~valid] = np.nan
    largest = float(left[valid].max(initial=0.0))
    return Replicates(found, valid, int(again.size), failed, _count_negative(structures, found[valid]), largest)


def _count_negative(structures: Sequence[Structure], theta: FloatArray) -> int:
    """Samples in which some free variance is below 0."""
    own = [s.parameter[(s.kind == TWO_HEADED) & (s.row == s.column) & (s.parameter >= 0)] for s in structures]
    return int((theta[:, np.unique(np.concatenate(own))] < 0).any(axis=1).sum())


def _score(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments], metric: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Fit a chunk: estimates (b, q) and what is left to gain (b,), infinite where it went astray.

    Limited-memory BFGS from the full sample's information, which all replicates share; then scoring by their own
    information, for the few that are far from the full sample.
    """
    count = len(groups[0].cov)
    found = np.broadcast_to(theta, (count, theta.size)).copy()
    left = np.full(count, np.inf)
    moving = np.flatnonzero(_usable(groups))
    memory = _Memory(metric)
    for turn in range(SHARED_ROUNDS + ROUNDS):
        if moving.size == 0:
            break
        own = [GroupMoments(g.n, g.mean[moving], g.cov[moving]) for g in groups]
        try:
            slope = gradient(structures, found[moving], own)
            step = memory.step(slope) if turn < SHARED_ROUNDS else _own_step(structures, found[moving], own, slope)
        except np.linalg.LinAlgError:
            break
        decrement = np.einsum("bq,bq->b", slope, step)
        sane = np.isfinite(decrement) & (decrement > -ENOUGH) & (decrement < ASTRAY)
        left[moving] = np.where(sane, np.abs(decrement), np.inf)
        go = sane & (left[moving] >= ENOUGH)
        found[moving[go]] -= step[go]
        if turn < SHARED_ROUNDS:
            memory.keep(go, slope, step)
        moving = moving[go]
        if turn == SHARED_ROUNDS - 1:
            moving = np.flatnonzero(~(left < ENOUGH) & _usable(groups))
            found[moving] = theta
    return found, np.where(_positive(structures, found), left, np.inf)


class _Memory:
    """The last steps and changes of slope of every replicate that is still moving (Nocedal 1980)."""

    def __init__(self, metric: FloatArray) -> None:
        self.metric = metric
        self.steps: list[FloatArray] = []
        self.changes: list[FloatArray] = []
        self.last: tuple[FloatArray, FloatArray] | None = None

    def step(self, slope: FloatArray) -> FloatArray:
        """Quasi-Newton step (b, q) for slopes (b, q)."""
        if self.last is not None:
            self.steps.append(-self.last[1])
            self.changes.append(slope - self.last[0])
            del self.steps[:-REMEMBERED], self.changes[:-REMEMBERED]
        toward, weights = slope.copy(), []
        for moved, change in zip(reversed(self.steps), reversed(self.changes), strict=True):
            along = np.einsum("bq,bq->b", moved, change)
            scale = np.where(along > 0, 1.0 / np.where(along > 0, along, 1.0), 0.0)
            weight = scale * np.einsum("bq,bq->b", moved, toward)
            toward -= weight[:, None] * change
            weights.append((scale, weight))
        step: FloatArray = toward @ self.metric
        for (scale, weight), moved, change in zip(reversed(weights), self.steps, self.changes, strict=True):
            step += (weight - scale * np.einsum("bq,bq->b", change, step))[:, None] * moved
        return step

    def keep(self, go: BoolArray, slope: FloatArray, step: FloatArray) -> None:
        """Remember this step, of the replicates that go on."""
        self.last = slope[go], step[go]
        self.steps = [moved[go] for moved in self.steps]
        self.changes = [change[go] for change in self.changes]


def _own_step(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments], slope: FloatArray
) -> FloatArray:
    metric = expected_information(structures, theta, groups)
    return np.asarray(np.linalg.solve(metric, slope[:, :, None])[:, :, 0], dtype=np.float64)


def _typical(group: GroupMoments) -> tuple[FloatArray, FloatArray]:
    """Shapes that the information needs; it depends on the model, not on the moments."""
    return group.mean[0], group.cov[0]


def _usable(groups: Sequence[GroupMoments]) -> BoolArray:
    """Whether the moments of each sample are there and their covariances positive definite."""
    usable = np.ones(len(groups[0].cov), dtype=np.bool_)
    for group in groups:
        there = np.isfinite(group.cov.reshape(len(group.cov), -1).sum(axis=1) + group.mean.sum(axis=1))
        filled = np.where(there[:, None, None], group.cov, 0.0)
        usable &= there & (np.linalg.eigvalsh(filled)[:, 0] > LEAST_EIGENVALUE)
    return usable


def _positive(structures: Sequence[Structure], theta: FloatArray) -> BoolArray:
    positive = np.ones(len(theta), dtype=np.bool_)
    for structure in structures:
        positive &= np.linalg.eigvalsh(np.nan_to_num(imply(structure, theta).cov))[:, 0] > 0
    return positive


def _alone(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]
) -> tuple[FloatArray, float]:
    """Fit one sample with step halving from the full-sample estimate."""
    if not _usable([GroupMoments(g.n, g.mean[None], g.cov[None]) for g in groups])[0]:
        return np.full(theta.size, np.nan), np.inf
    problem = as_problem(CompleteData(tuple(groups)), structures)
    try:
        best = climb(problem, theta, max_iter=100)
    except np.linalg.LinAlgError:
        return np.full(theta.size, np.nan), np.inf
    return best.theta, 0.0 if best.converged else np.inf
