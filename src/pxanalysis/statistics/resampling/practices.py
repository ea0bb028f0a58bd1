"""Bootstrap of means and covariances that resamples whole practices and never re-reads a row.

Complete rows: the cross-products of each practice are summed once; a replicate is their weighted sum. Incomplete
rows: every replicate starts with one Newton step from the full-sample maximum-likelihood solution, made from the
practices' summed gradients (the k-step bootstrap, Andrews 2002; Davidson & MacKinnon 1999); with few missingness
patterns it goes on to the replicate's own maximum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.conventions import FEWEST_RESAMPLED
from pxanalysis.statistics.inputs import (
    Matrix,
    as_generator,
    check_joint_counts,
    check_spread,
    check_weights,
    encode_clusters,
    numeric_matrix,
)
from pxanalysis.statistics.moments.em import Patterns, find_patterns, pack, unpack
from pxanalysis.statistics.moments.estimate import count_joint
from pxanalysis.statistics.moments.products import standard_units, unit_products
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.resampling.incomplete import (
    IncompleteSample,
    count_joint_answers,
    one_step,
    prepare_incomplete,
    refine,
)
from pxanalysis.statistics.resampling.weights import draw_counts, resampling_units, weighted_sums

__all__ = ["BootstrapMethod", "MomentReplicates", "bootstrap_moments", "draw_counts"]

CountArray = npt.NDArray[np.int32]

BootstrapMethod = Literal["auto", "listwise", "em", "one-step"]
"""``auto`` is ``em`` or, with so many missingness patterns that this takes long, ``one-step``."""

EXACT_UP_TO = 200_000
CHECK_WORK = 20_000
MOST_CHECKED = 20
NO_SPREAD = 1e-12
FEWEST_JOINT = 2
"""Rows of a sample that have to answer any pair of columns together."""


@dataclass(frozen=True, slots=True, eq=False)
class MomentReplicates:
    """Means and covariances of B bootstrap samples of p columns.

    Attributes
    ----------
    mean, cov
        Shapes (B, p) and (B, p, p); covariances with the sum of weights as divisor, in the units of the data.
        NaN in replicates that are not ``valid``.
    counts
        Shape (B, J), how often each practice was drawn; when ``unit`` is ``case``, each row that was used (each
        bundle of rows when there are more than 20,000).
    unit
        ``practice``, or ``case`` when there is only one practice.
    labels
        The J practice ids in the order of ``counts``; empty for cases.
    rows
        Shape (n_obs,), positions of the rows that were used.
    units
        Shape (n_obs,), which column of ``counts`` each of them belongs to.
    valid
        Shape (B,), False where a sample holds no joint answers for some pair of columns, or a constant column.
    method
        ``complete``, ``listwise``, ``em`` or ``one-step``.
    n_obs, n_dropped, n_patterns
        Rows used, rows left out (without any answer, or incomplete when listwise), missingness patterns.
    n_checked, largest_error, typical_error
        Replicates recomputed by full EM to check ``one-step``, and the largest and root-mean-square difference
        over all their moments, in bootstrap standard errors (0 when not needed).
    notes
        Why replicates are not valid or the bootstrap is doubtful.
    """

    mean: FloatArray
    cov: FloatArray
    counts: CountArray
    unit: Literal["practice", "case"]
    labels: tuple[str, ...]
    rows: npt.NDArray[np.intp]
    units: npt.NDArray[np.intp]
    valid: npt.NDArray[np.bool_]
    method: str
    n_obs: int
    n_dropped: int
    n_patterns: int
    n_checked: int = 0
    largest_error: float = 0.0
    typical_error: float = 0.0
    notes: tuple[Note, ...] = ()


def bootstrap_moments(
    values: object,
    clusters: object,
    n_replicates: int,
    rng: np.random.Generator | int,
    *,
    weights: object = None,
    method: BootstrapMethod = "auto",
) -> MomentReplicates:
    """Means and covariances of bootstrap samples of whole practices; of rows when there is one practice.

    Parameters
    ----------
    values
        Array or DataFrame of shape (n, p), NaN where missing.
    clusters
        Practice of each row, shape (n,), any hashable values; None for a bootstrap of rows.
    n_replicates
        Number of bootstrap samples B.
    rng
        Generator or seed; the same seed gives the same replicates.
    weights
        Case weights of shape (n,), 0 or more; they multiply the bootstrap counts.
    method
        ``listwise`` uses complete rows only; ``em`` finds every replicate's maximum-likelihood moments;
        ``one-step`` stops after one Newton step from the full-sample solution (checked against ``em`` on up to
        20 replicates); ``auto`` is ``em`` unless the missingness patterns are so many that it takes long.

    Raises
    ------
    AnalysisError
        For an unknown method or input that makes no sense, by name.
    NotEstimableError
        When the full sample itself cannot be estimated.
    """
    if method not in get_args(BootstrapMethod):
        raise AnalysisError(f"method: expected one of {', '.join(get_args(BootstrapMethod))}, received '{method}'.")
    matrix = numeric_matrix(values)
    values = matrix.numbers
    case_weights = check_weights(weights, len(values))
    codes, labels = encode_clusters(clusters, len(values))
    answered = np.isfinite(values)
    keep = (answered.all(axis=1) if method == "listwise" else answered.any(axis=1)) & (case_weights > 0)
    rows = np.flatnonzero(keep)
    if rows.size < 2:
        raise NotEstimableError(f"{rows.size} of {len(values)} rows can be used; the bootstrap needs at least 2.")
    used = values if rows.size == len(values) else values[rows]
    check_spread(Matrix(used, matrix.names))
    patterns = find_patterns(used)
    of_pattern = np.bincount(patterns.of_row, minlength=patterns.count)
    check_joint_counts(count_joint(patterns.observed, of_pattern), matrix.names)
    centre, spread = standard_units(used)
    generator = as_generator(rng)
    units = resampling_units(codes[rows], generator)
    counts = draw_counts(units.count, n_replicates, generator)
    sample = _Sample(used, patterns, units.of_row, case_weights[rows], centre, spread)
    made = _replicate(sample, counts, method)
    return MomentReplicates(
        mean=np.where(made.valid[:, None], made.mean * spread + centre, np.nan),
        cov=np.where(made.valid[:, None, None], made.cov * np.outer(spread, spread), np.nan),
        counts=counts,
        unit=units.kind,
        labels=tuple(labels[code] for code in units.codes),
        rows=rows,
        units=units.of_row,
        valid=made.valid,
        method=made.method,
        n_obs=int(rows.size),
        n_dropped=int(len(values) - rows.size),
        n_patterns=made.n_patterns,
        n_checked=made.n_checked,
        largest_error=made.largest_error,
        typical_error=made.typical_error,
        notes=_write_notes(made.valid, units.kind, units.count),
    )


def _write_notes(valid: npt.NDArray[np.bool_], unit: str, n_units: int) -> tuple[Note, ...]:
    failed, found = int((~valid).sum()), []
    if failed:
        found.append(Note("samples_set_aside", {"failed": failed, "n": int(valid.size)}))
    if unit == "practice" and n_units < FEWEST_RESAMPLED:
        found.append(Note("few_resampled", {"n": n_units, "minimum": FEWEST_RESAMPLED}))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """Replicates in standardised units."""

    mean: FloatArray
    cov: FloatArray
    valid: npt.NDArray[np.bool_]
    method: str
    n_patterns: int
    n_checked: int = 0
    largest_error: float = 0.0
    typical_error: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """Rows (n, p) with their patterns, units and weights (n,), and what brings them to standard units (p,)."""

    values: FloatArray
    patterns: Patterns
    units: npt.NDArray[np.intp]
    weights: FloatArray
    centre: FloatArray
    spread: FloatArray


def _replicate(rows: _Sample, counts: CountArray, method: str) -> _Made:
    if rows.patterns.observed.all():
        return _complete(rows, counts, "listwise" if method == "listwise" else "complete")
    sample = prepare_incomplete(rows.values, rows.units, rows.weights, rows.patterns, rows.centre, rows.spread)
    if not sample.fit.converged:
        raise NotEstimableError(sample.fit.reason)
    n_patterns = len(sample.observed)
    mean, cov = one_step(sample, counts)
    joint = weighted_sums(counts, count_joint_answers(sample, counts.shape[1]))
    covered: npt.NDArray[np.bool_] = joint.min(axis=1) >= FEWEST_JOINT
    exact = method == "em" or (method == "auto" and len(counts) * n_patterns <= EXACT_UP_TO)
    if exact:
        drawn = counts if covered.all() else counts[covered]  # of one large practice they take a gigabyte
        mean[covered], cov[covered], done = refine(sample, drawn, mean[covered], cov[covered])
        covered[covered] = done
        return _Made(mean, cov, covered, "em", n_patterns)
    checked = np.flatnonzero(covered)[: min(MOST_CHECKED, max(5, CHECK_WORK // n_patterns))]
    errors = _errors(sample, counts, mean, cov, covered, checked)
    return _Made(mean, cov, covered, "one-step", n_patterns, checked.size, *errors)


def _complete(rows: _Sample, counts: CountArray, method: str) -> _Made:
    p = rows.values.shape[1]
    products = unit_products(rows.values, rows.units, rows.weights, counts.shape[1], rows.centre)
    sums = weighted_sums(counts, products)
    moments = sums[:, 1:] / np.maximum(sums[:, :1], np.finfo(np.float64).tiny)
    mean = moments[:, :p] / rows.spread
    cov = unpack(moments[:, p:], p) / np.outer(rows.spread, rows.spread) - mean[:, :, None] * mean[:, None, :]
    spread = np.einsum("bii->bi", cov).min(axis=1) > NO_SPREAD
    return _Made(mean, cov, (sums[:, 0] > 0) & spread, method, 1)


def _errors(
    sample: IncompleteSample,
    counts: CountArray,
    mean: FloatArray,
    cov: FloatArray,
    covered: npt.NDArray[np.bool_],
    checked: npt.NDArray[np.intp],
) -> tuple[float, float]:
    """Compare ``one-step`` with the replicates' own maxima, in bootstrap standard errors of each moment."""
    full_mean, full_cov, done = refine(sample, counts[checked], mean[checked], cov[checked])
    fast = np.concatenate([mean[checked], pack(cov[checked])], axis=1)[done]
    full = np.concatenate([full_mean, pack(full_cov)], axis=1)[done]
    spread = np.concatenate([mean, pack(cov)], axis=1)[covered].std(axis=0)
    scaled = np.divide(fast - full, spread, out=np.zeros_like(fast), where=spread > 0)
    return float(np.abs(scaled).max(initial=0.0)), float(np.sqrt((scaled**2).sum() / max(scaled.size, 1)))
