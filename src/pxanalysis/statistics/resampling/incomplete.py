"""EM for many bootstrap samples at once: one Newton step from the full-sample solution, or on to each maximum.

No row is read again: all that the samples need are the sums of the rows that one unit has of one missingness pattern.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.statistics.moments.em import (
    EMFit,
    Patterns,
    PatternStatistics,
    Score,
    em_step,
    find_patterns,
    fit_em,
    newton_matrix,
    pack,
    padded_inverses,
    stable_order,
    unpack,
)
from pxanalysis.statistics.moments.products import standard_units, unit_products
from pxanalysis.statistics.resampling.weights import weighted_sums

__all__ = ["IncompleteSample", "count_joint_answers", "counted_covariances", "one_step", "prepare_incomplete", "refine"]
SMALLEST_EIGENVALUE = 1e-9
CHUNK_CELLS = 8_000_000


@dataclass(frozen=True, slots=True, eq=False)
class IncompleteSample:
    """Sums of standardised incomplete rows per cell (a unit and a missingness pattern), and their full-sample solution.

    Attributes
    ----------
    observed
        Shape (m, p), the patterns.
    unit, rows
        Shape (c,), the resampling unit 0..J-1 of each cell, sorted by pattern, and how many rows it has.
    sums
        Shape (c, 1 + p + p(p+1)/2), weighted sums of ``[1, row, packed row row']``, 0 where missing.
    begins
        Shape (m + 1,), where the cells of each pattern begin, and the end.
    fit
        The full-sample maximum-likelihood solution.
    newton
        Shape (q, q), turns EM steps at that solution into Newton steps.
    """

    observed: BoolArray
    unit: IntArray
    rows: IntArray
    sums: FloatArray
    begins: IntArray
    fit: EMFit
    newton: FloatArray

    @property
    def pattern(self) -> IntArray:
        """The pattern of each cell, shape (c,)."""
        return np.repeat(np.arange(len(self.observed)), np.diff(self.begins))


def prepare_incomplete(
    values: FloatArray,
    units: IntArray,
    weights: FloatArray,
    patterns: Patterns | None = None,
    centre: FloatArray | float = 0.0,
    spread: FloatArray | float = 1.0,
) -> IncompleteSample:
    """Fit the full sample.

    Parameters
    ----------
    values
        Shape (n, p), NaN where missing, each row with at least one answer.
    units, weights
        Shape (n,): resampling unit 0..J-1 and case weight of each row.
    patterns
        Those of ``values``, when they are known.
    centre, spread
        Shape (p,), what brings ``values`` to standard units; left out where they are in them.
    """
    p = values.shape[1]
    centre, spread = np.broadcast_to(centre, p), np.broadcast_to(spread, p)
    patterns = find_patterns(values) if patterns is None else patterns
    size = int(units.max()) + 1
    order = stable_order(units, size)
    order = order[stable_order(patterns.of_row[order], patterns.count)]
    key = patterns.of_row[order] * size + units[order]
    first = np.diff(key, prepend=-1) > 0
    cell = np.empty(key.size, dtype=np.intp)
    cell[order] = np.cumsum(first) - 1
    cells = key[first]
    sums = unit_products(values, cell, weights, cells.size, centre)
    sums[:, 1 : 1 + p] /= spread
    sums[:, 1 + p :] /= pack(np.outer(spread, spread))
    begins = np.searchsorted(cells // size, np.arange(patterns.count + 1)).astype(np.intp)
    whole = np.add.reduceat(sums, begins[:-1], axis=0)
    statistics = PatternStatistics(
        patterns.observed, whole[None, :, 0], whole[None, :, 1 : 1 + p], unpack(whole[None, :, 1 + p :], p)
    )
    fit = fit_em(statistics, np.zeros(p), np.eye(p))
    newton = newton_matrix(fit.mean, fit.cov, statistics) if fit.converged else np.eye(p + p * (p + 1) // 2)
    rows = np.bincount(cell, minlength=cells.size).astype(np.intp)
    return IncompleteSample(patterns.observed, cells % size, rows, sums, begins, fit, newton)


def count_joint_answers(sample: IncompleteSample, n_units: int) -> FloatArray:
    """How many rows of each unit answer any pair of columns together, packed, shape (J, p(p+1)/2)."""
    cells = sparse.coo_array((sample.rows, (sample.unit, sample.pattern)), shape=(n_units, len(sample.observed)))
    flags = sample.observed.astype(np.float64)
    return np.asarray(cells.tocsr() @ pack(flags[:, :, None] * flags[:, None, :]))


def _unit_scores(sample: IncompleteSample, n_units: int) -> FloatArray:
    """Weight, gradient g and packed gradient G per unit at the full-sample solution, shape (J, 1 + p + t)."""
    p = sample.observed.shape[1]
    scores = np.zeros((n_units, sample.sums.shape[1]))
    size = max(1, CHUNK_CELLS // (4 * p * p))
    for start in range(0, len(sample.observed), size):
        inverses = padded_inverses(sample.fit.cov[None], sample.observed[start : start + size])[0][0]
        for pattern, inverse in enumerate(inverses, start):
            centre = np.where(sample.observed[pattern], sample.fit.mean, 0.0)
            for first in range(sample.begins[pattern], sample.begins[pattern + 1], size):
                part = slice(first, min(first + size, sample.begins[pattern + 1]))
                weight, total = sample.sums[part, 0], sample.sums[part, 1 : 1 + p]
                lean = total[:, :, None] * centre
                cross = unpack(sample.sums[part, 1 + p :], p) - lean - np.swapaxes(lean, 1, 2)
                cross += weight[:, None, None] * np.outer(centre, centre)
                about = inverse @ cross @ inverse - weight[:, None, None] * inverse
                whitened = (total - weight[:, None] * centre) @ inverse
                scores[sample.unit[part]] += np.concatenate([weight[:, None], whitened, pack(about)], axis=1)
    return scores


def one_step(sample: IncompleteSample, counts: npt.NDArray[np.int32]) -> tuple[FloatArray, FloatArray]:
    """Means (B, p) and covariances (B, p, p) after one Newton step per replicate from the full-sample solution.

    Where that step leaves the positive definite matrices, the EM step is taken instead, which never does.
    """
    p = sample.observed.shape[1]
    sums = weighted_sums(counts, _unit_scores(sample, counts.shape[1]))
    score = Score(sums[:, 0], sums[:, 1 : 1 + p], unpack(sums[:, 1 + p :], p), np.zeros(len(sums)))
    return _move(sample, np.tile(sample.fit.mean, (len(sums), 1)), sample.fit.cov[None], score)


def counted_covariances(
    values: FloatArray,
    units: IntArray,
    weights: FloatArray,
    counts: npt.NDArray[np.int32],
    times: IntArray | None = None,
) -> FloatArray:
    """Covariances of samples in which each unit is counted so often, shape (B, p, p).

    Exact where nothing is missing; else one Newton step from the maximum-likelihood solution of all rows.

    Parameters
    ----------
    values
        Shape (n, p), NaN where missing, each row with at least one answer.
    units, weights
        Shape (n,): unit 0 ... J-1 and case weight of each row.
    counts
        Shape (B, J). A sample without any row of these has NaN.
    times
        Shape (n,), for how many rows each of these stands, where alike ones were taken together.
    """
    n_units, size = counts.shape[1], values.shape[1]
    present = counts[:, np.bincount(units, minlength=n_units) > 0].any(axis=1)
    found = np.full((len(counts), size, size), np.nan)
    centre, spread = standard_units(values, times)
    patterns = find_patterns(values)
    if not patterns.observed.all():
        sample = prepare_incomplete(values, units, weights, patterns, centre, spread)
        found[present] = one_step(sample, counts[present])[1] * np.outer(spread, spread)
        return found
    sums = weighted_sums(counts[present], unit_products(values, units, weights, n_units, centre))
    mean, second = np.split(sums[:, 1:] / sums[:, :1], [size], axis=1)
    found[present] = unpack(second, size) - mean[:, :, None] * mean[:, None, :]
    return found


def _move(sample: IncompleteSample, mean: FloatArray, cov: FloatArray, score: Score) -> tuple[FloatArray, FloatArray]:
    shift, change = em_step(cov, score)
    return _accelerate(sample.newton, mean, cov, shift, change)


def _accelerate(
    newton: FloatArray, mean: FloatArray, cov: FloatArray, shift: FloatArray, change: FloatArray
) -> tuple[FloatArray, FloatArray]:
    p = mean.shape[1]
    step = np.concatenate([shift, pack(change)], axis=1) @ newton.T
    new_mean, new_cov = mean + step[:, :p], cov + unpack(step[:, p:], p)
    outside = ~_definite(new_cov)
    new_mean[outside] = (mean + shift)[outside]
    new_cov[outside] = (cov + change)[outside]
    return new_mean, new_cov


def _definite(matrices: FloatArray) -> BoolArray:
    """Whether each smallest eigenvalue is above the least; by one factorisation where that is so of all of them."""
    try:
        np.linalg.cholesky(matrices - SMALLEST_EIGENVALUE * np.eye(matrices.shape[-1]))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.eigvalsh(matrices)[:, 0] > SMALLEST_EIGENVALUE)
    return np.asarray(np.isfinite(matrices).all(axis=(1, 2)))


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Sums of one missingness pattern for a chunk of b replicates."""

    observed: IntArray
    missing: IntArray
    weight: FloatArray
    total: FloatArray
    cross: FloatArray


def refine(
    sample: IncompleteSample,
    counts: npt.NDArray[np.int32],
    mean: FloatArray,
    cov: FloatArray,
    *,
    tolerance: float = 1e-7,
    max_iter: int = 50,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Iterate each replicate to its own maximum from ``mean`` (B, p), ``cov`` (B, p, p).

    EM by pattern, batched over replicates, each step multiplied by the full sample's Newton matrix. Returns
    means, covariances and whether each replicate converged (no entry, in standard deviations, still moving more
    than ``tolerance``).
    """
    done = np.zeros(len(counts), dtype=bool)
    mean, cov = mean.copy(), cov.copy()
    p = mean.shape[1]
    size = max(1, CHUNK_CELLS // (len(sample.observed) * p * p))
    for start in range(0, len(counts), size):
        part = np.arange(start, min(start + size, len(counts)))
        # a replicate that is singular runs off before it is given up as lost
        with np.errstate(over="ignore", invalid="ignore"):
            mean[part], cov[part], done[part] = _refine_chunk(
                sample, counts[part], mean[part], cov[part], tolerance, max_iter
            )
    return mean, cov, done


def _groups(sample: IncompleteSample, counts: FloatArray) -> list[_Group]:
    p = sample.observed.shape[1]
    groups = []
    for m, observed in enumerate(sample.observed):
        part = slice(sample.begins[m], sample.begins[m + 1])
        sums = counts[:, sample.unit[part]] @ sample.sums[part]
        here, absent = np.flatnonzero(observed), np.flatnonzero(~observed)
        cross = unpack(sums[:, 1 + p :], p)
        groups.append(_Group(here, absent, sums[:, 0], sums[:, 1 : 1 + p], cross))
    return groups


def _refine_chunk(
    sample: IncompleteSample,
    counts: npt.NDArray[np.int32],
    mean: FloatArray,
    cov: FloatArray,
    tolerance: float,
    max_iter: int,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    groups = _groups(sample, counts.astype(np.float64))
    done = np.zeros(len(counts), dtype=bool)
    active = np.arange(len(counts))
    for _ in range(max_iter):
        here_mean, here_cov = mean[active], cov[active]
        em_mean, em_cov = _expected_moments(groups, here_mean, here_cov)
        # A replicate that is lost stays where it was, and does not count as converged.
        kept = np.asarray(np.isfinite(em_mean).all(axis=1) & np.isfinite(em_cov).all(axis=(1, 2)))
        here_mean, here_cov, em_mean, em_cov = (one[kept] for one in (here_mean, here_cov, em_mean, em_cov))
        active, groups = active[kept], _of_replicates(groups, kept)
        new_mean, new_cov = _accelerate(sample.newton, here_mean, here_cov, em_mean - here_mean, em_cov - here_cov)
        largest = np.maximum(np.abs(new_mean - here_mean).max(axis=1), np.abs(new_cov - here_cov).max(axis=(1, 2)))
        mean[active], cov[active] = new_mean, new_cov
        still = largest >= tolerance
        done[active[~still]] = True
        active, groups = active[still], _of_replicates(groups, still)
        if not active.size:
            break
    return mean, cov, done


def _of_replicates(groups: list[_Group], chosen: BoolArray) -> list[_Group]:
    """The groups of some of the replicates: those that have come to their end cost nothing from then on."""
    if chosen.all():
        return groups
    return [replace(one, weight=one.weight[chosen], total=one.total[chosen], cross=one.cross[chosen]) for one in groups]


def _expected_moments(groups: list[_Group], mean: FloatArray, cov: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means (b, p) and covariances (b, p, p) after one EM step; NaN where it has left the numbers."""
    total = np.sum([group.total for group in groups], axis=0)
    cross = np.sum([group.cross for group in groups], axis=0)
    weight = np.sum([group.weight for group in groups], axis=0)
    precision = _inverse(cov)
    for group in groups:
        if group.missing.size:
            _expect(group, mean, cov, precision, total, cross)
    em_mean = total / weight[:, None]
    return em_mean, cross / weight[:, None, None] - em_mean[:, :, None] * em_mean[:, None, :]


def _inverse(matrices: FloatArray) -> FloatArray:
    """Inverses, NaN for a singular matrix: a replicate of few practices can have fewer rows than columns.

    Such a replicate is lost: it stands still at the identity from then on, and does not count as converged.
    """
    try:
        return np.asarray(np.linalg.inv(matrices), dtype=np.float64)
    except np.linalg.LinAlgError:
        regular = np.linalg.matrix_rank(np.nan_to_num(matrices)) == matrices.shape[-1]
        found = np.full(matrices.shape, np.nan)
        found[regular] = np.linalg.inv(matrices[regular])
        return found


def _expect(
    group: _Group, mean: FloatArray, cov: FloatArray, precision: FloatArray, total: FloatArray, cross: FloatArray
) -> None:
    """Add the expected sums of a pattern's missing columns to ``total`` and ``cross``."""
    here, gone = group.observed, group.missing
    if gone.size <= here.size:
        conditional = _inverse(precision[:, gone[:, None], gone])
        slopes = -conditional @ precision[:, gone[:, None], here]
    else:
        slopes = cov[:, gone[:, None], here] @ _inverse(cov[:, here[:, None], here])
        conditional = cov[:, gone[:, None], gone] - slopes @ cov[:, here[:, None], gone]
    intercept = mean[:, gone] - np.einsum("bij,bj->bi", slopes, mean[:, here])
    weight, known = group.weight, group.total[:, here]
    predicted = np.einsum("bij,bj->bi", slopes, known)
    total[:, gone] += weight[:, None] * intercept + predicted
    mixed = slopes @ group.cross[:, here[:, None], here]
    within = mixed @ np.swapaxes(slopes, 1, 2) + weight[:, None, None] * conditional
    lean = predicted[:, :, None] * intercept[:, None, :]
    within += lean + np.swapaxes(lean, 1, 2)
    within += weight[:, None, None] * (intercept[:, :, None] * intercept[:, None, :])
    mixed += intercept[:, :, None] * known[:, None, :]
    cross[:, gone[:, None], gone] += within
    cross[:, gone[:, None], here] += mixed
    cross[:, here[:, None], gone] += np.swapaxes(mixed, 1, 2)
