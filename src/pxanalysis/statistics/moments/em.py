"""Maximum-likelihood mean and covariance of incomplete normal data, by missingness pattern.

The EM step of the saturated normal model equals a gradient step scaled by the complete-data information
(Little & Rubin 2002, ch. 8 and 11): with W the zero-padded inverse of the observed block of the covariance S,
r the residuals and N the sum of weights, ``g = sum W r`` and ``G = sum (W r r' W - W)`` give
``mean + S g / N`` and ``S + S G S / N - (S g / N)(S g / N)'``. So one pass over the patterns yields the EM step,
the gradient and, with one matrix product more, the observed information for Newton's method.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.arrays import ROWS_AT_ONCE, BoolArray, FloatArray, IntArray

__all__ = [
    "EMFit",
    "PatternStatistics",
    "Patterns",
    "Score",
    "em_step",
    "find_kinds",
    "find_patterns",
    "fit_em",
    "newton_matrix",
    "observed_information",
    "pack",
    "padded_inverses",
    "pattern_statistics",
    "score_patterns",
    "stable_order",
    "triangle_information",
    "unpack",
]


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Missingness patterns of n rows.

    Attributes
    ----------
    observed
        Shape (m, p), True where the pattern answers the column.
    of_row
        Shape (n,), the pattern of each row.
    """

    observed: BoolArray
    of_row: IntArray

    @property
    def count(self) -> int:
        """Number of patterns."""
        return int(self.observed.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class PatternStatistics:
    """Sums per pattern, all that the normal likelihood needs; a leading axis may hold replicates.

    Attributes
    ----------
    observed
        Shape (m, p).
    weight
        Shape (b, m), sum of case weights.
    total
        Shape (b, m, p), weighted sums, 0 where not observed.
    cross
        Shape (b, m, p, p), weighted cross-products about zero, 0 where not observed.
    """

    observed: BoolArray
    weight: FloatArray
    total: FloatArray
    cross: FloatArray


def find_patterns(values: FloatArray) -> Patterns:
    """Group rows of shape (n, p) by which cells are not NaN.

    Examples
    --------
    >>> patterns = find_patterns(np.array([[1.0, np.nan], [2.0, 3.0], [4.0, np.nan]]))
    >>> patterns.observed.tolist(), patterns.of_row.tolist()
    ([[True, False], [True, True]], [0, 1, 0])
    """
    return Patterns(*find_kinds(np.isfinite(values)))


def find_kinds(flags: BoolArray) -> tuple[BoolArray, IntArray]:
    """The different rows of Booleans (n, p), sorted, shape (m, p), and which of them each row is, shape (n,)."""
    bits = np.ascontiguousarray(np.packbits(flags, axis=1))
    if bits.shape[1] > 8:
        keys = bits.view([("", bits.dtype)] * bits.shape[1]).ravel()
        _, first, of_row = np.unique(keys, return_index=True, return_inverse=True)
        return flags[first], of_row.astype(np.intp)
    wide = np.zeros(
        (len(bits), 8), dtype=np.uint8
    )  # a whole number sorts as its bytes do, and is looked up much faster
    wide[:, : bits.shape[1]] = bits
    codes, kinds = pd.factorize(wide.view(">u8").ravel().astype(np.uint64))
    order = np.argsort(kinds)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    first = np.zeros(order.size, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return flags[first[order]], rank[codes]


def stable_order(codes: IntArray, count: int) -> IntArray:
    """Rows by their code (n,) of 0 ... count-1, those of one code as they stand."""
    small = codes.astype(np.uint16) if count <= np.iinfo(np.uint16).max else codes  # short numbers sort in one go
    return np.argsort(small, kind="stable")


def pattern_statistics(filled: FloatArray, patterns: Patterns, weights: FloatArray) -> PatternStatistics:
    """Sums per pattern of rows ``filled`` of shape (n, p), in which missing cells are 0 (one replicate)."""
    p = filled.shape[1]
    count = patterns.count
    order = stable_order(patterns.of_row, count)
    ends = np.cumsum(np.bincount(patterns.of_row, minlength=count))
    total = np.zeros((count, p))
    cross = np.zeros((count, p, p))
    start = 0
    for m, end in enumerate(ends.tolist()):
        for begin in range(start, end, ROWS_AT_ONCE):
            rows = order[begin : min(begin + ROWS_AT_ONCE, end)]
            block = filled[rows]
            weighted = block * weights[rows, None]
            total[m] += weighted.sum(axis=0)
            cross[m] += weighted.T @ block
        start = end
    summed = np.bincount(patterns.of_row, weights=weights, minlength=count).astype(np.float64)
    return PatternStatistics(patterns.observed, summed[None], total[None], cross[None])


def pack(matrices: FloatArray) -> FloatArray:
    """Lower triangles of symmetric matrices (..., p, p) as vectors (..., p(p+1)/2), row by row."""
    rows, columns = np.tril_indices(matrices.shape[-1])
    packed: FloatArray = matrices[..., rows, columns]
    return packed


def unpack(vectors: FloatArray, p: int) -> FloatArray:
    """Symmetric matrices (..., p, p) from their packed lower triangles."""
    return vectors[..., triangle_positions(p)]


def triangle_positions(p: int) -> IntArray:
    """Where cell (a, b) of a symmetric p x p matrix stands in its packed triangle, shape (p, p)."""
    position = np.empty((p, p), dtype=np.intp)
    rows, columns = np.tril_indices(p)
    position[rows, columns] = position[columns, rows] = np.arange(rows.size)
    return position


FEW_VARIABLES = 40
"""Of so many, the places of all pairs of covariances are remembered (11 MB)."""

CHUNK_CELLS = 2_000_000
NEWTON_LIMIT = 2_500
EM_FIRST = 8


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """Gradient of the observed-data likelihood, per replicate.

    Attributes
    ----------
    weight
        Shape (b,), sum of weights N.
    mean, cov
        ``g`` of shape (b, p) and ``G`` of shape (b, p, p); the derivative to S is G/2.
    loglik
        Shape (b,).
    """

    weight: FloatArray
    mean: FloatArray
    cov: FloatArray
    loglik: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class EMFit:
    """Saturated estimate: ``mean`` (p,), ``cov`` (p, p; divisor N), ``loglik``, iterations, and why it stopped."""

    mean: FloatArray
    cov: FloatArray
    loglik: float
    n_iter: int
    converged: bool
    reason: str


def padded_inverses(cov: FloatArray, observed: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Inverse of the observed block per replicate and pattern, 0 elsewhere, with its log determinant.

    Parameters
    ----------
    cov
        Shape (b, p, p).
    observed
        Shape (m, p).

    Returns
    -------
    Arrays of shape (b, m, p, p) and (b, m).
    """
    both = observed[:, :, None] & observed[:, None, :]
    padding = np.einsum("mi,ij->mij", ~observed, np.eye(observed.shape[1]))
    blocks = np.where(both, cov[:, None], 0.0) + padding
    _, log_determinant = np.linalg.slogdet(blocks)
    return np.linalg.inv(blocks) - padding, log_determinant


def _chunks(statistics: PatternStatistics) -> Iterator[slice]:
    b, m, p = statistics.total.shape
    size = max(1, CHUNK_CELLS // (b * p * p))
    return (slice(start, min(start + size, m)) for start in range(0, m, size))


def _residual_sums(statistics: PatternStatistics, part: slice, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sums and cross-products about ``mean`` (b, p) for the patterns in ``part``."""
    weight = statistics.weight[:, part]
    centre = mean[:, None, :] * statistics.observed[part]
    total = statistics.total[:, part]
    product = total[..., :, None] * centre[..., None, :]
    cross = statistics.cross[:, part] - product - np.swapaxes(product, -1, -2)
    cross += weight[..., None, None] * (centre[..., :, None] * centre[..., None, :])
    return total - weight[..., None] * centre, cross


def score_patterns(mean: FloatArray, cov: FloatArray, statistics: PatternStatistics) -> Score:
    """Gradient and log-likelihood at means (b, p) and covariances (b, p, p)."""
    b, p = mean.shape
    g, gradient, loglik = np.zeros((b, p)), np.zeros((b, p, p)), np.zeros(b)
    for part in _chunks(statistics):
        weight = statistics.weight[:, part]
        inverse, log_determinant = padded_inverses(cov, statistics.observed[part])
        total, cross = _residual_sums(statistics, part, mean)
        half = inverse @ cross
        g += np.einsum("bmij,bmj->bi", inverse, total)
        gradient += (half @ inverse).sum(axis=1) - np.einsum("bm,bmij->bij", weight, inverse)
        constant = statistics.observed[part].sum(axis=1) * np.log(2 * np.pi)
        loglik -= 0.5 * ((constant + log_determinant) * weight).sum(axis=1)
        loglik -= 0.5 * np.einsum("bmii->b", half)
    return Score(statistics.weight.sum(axis=1), g, gradient, loglik)


def em_step(cov: FloatArray, score: Score) -> tuple[FloatArray, FloatArray]:
    """Change of means (b, p) and covariances (b, p, p) in one EM step."""
    shift = np.einsum("bij,bj->bi", cov, score.mean) / score.weight[:, None]
    change = cov @ score.cov @ cov / score.weight[:, None, None]
    return shift, change - shift[:, :, None] * shift[:, None, :]


def observed_information(mean: FloatArray, cov: FloatArray, statistics: PatternStatistics) -> FloatArray:
    """Negative Hessian in (mean, packed covariance), shape (q, q), at one mean (p,) and covariance (p, p)."""
    p = mean.size
    t = p * (p + 1) // 2
    position = triangle_positions(p)
    info_mean, mixed, joint = np.zeros((p, p)), np.zeros((t, p)), np.zeros((t, t))
    for part in _chunks(statistics):
        inverse = padded_inverses(cov[None], statistics.observed[part])[0][0]
        total, cross = (array[0] for array in _residual_sums(statistics, part, mean[None]))
        weighted = statistics.weight[0, part, None, None] * inverse
        packed = pack(inverse)
        info_mean += weighted.sum(axis=0)
        mixed += packed.T @ np.einsum("mij,mj->mi", inverse, total)
        joint += packed.T @ pack(inverse @ cross @ inverse - 0.5 * weighted)
    rows, columns = np.tril_indices(p)
    once = np.where(rows == columns, 0.5, 1.0)
    across = mixed[position[:, rows], columns] + mixed[position[:, columns], rows]
    return np.block([[info_mean, across * once], [(across * once).T, triangle_information(joint + joint.T, p)]])


def triangle_information(products: FloatArray, p: int) -> FloatArray:
    """Information on packed covariances from sums of products of packed matrices, both of shape (t, t)."""
    first, second, once = (_triangle_places if p <= FEW_VARIABLES else _triangle_places.__wrapped__)(p)
    flat = products.ravel()
    information: FloatArray = flat[first]
    information += flat[second]
    information *= once
    return information


@lru_cache(maxsize=8)
def _triangle_places(p: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Where the two products of each pair of packed places stand, in the flattened matrix, and what each counts."""
    position = triangle_positions(p)
    a, b = np.tril_indices(p)
    t = a.size
    first = position[b[:, None], a[None, :]] * t + position[a[:, None], b[None, :]]
    second = position[a[:, None], a[None, :]] * t + position[b[:, None], b[None, :]]
    once = np.where(a == b, 0.5, 1.0)
    return first, second, once[:, None] * once


def newton_matrix(mean: FloatArray, cov: FloatArray, statistics: PatternStatistics) -> FloatArray:
    """Matrix (q, q) that turns an EM step in (mean, packed covariance) into a Newton step.

    It is the inverse observed information times the complete-data information, (I - DM)^-1 in the words of
    Meng & Rubin (1991); without missing values it is the identity.
    """
    p = mean.size
    precision = np.asarray(np.linalg.inv(cov), dtype=np.float64)
    weight = statistics.weight.sum()
    packed = pack(precision)
    complete = np.zeros((p + packed.size, p + packed.size))
    complete[:p, :p] = weight * precision
    complete[p:, p:] = triangle_information(weight * np.outer(packed, packed), p)
    matrix = np.linalg.solve(observed_information(mean, cov, statistics), complete)
    return np.asarray(matrix, dtype=np.float64)


def fit_em(statistics: PatternStatistics, mean: FloatArray, cov: FloatArray, *, max_iter: int = 500) -> EMFit:
    """Climb from ``mean`` (p,) and ``cov`` (p, p) to the maximum: EM steps first, Newton steps once near it.

    Columns should be on about the same scale (standardised): it stops when no mean or covariance moves by more
    than 1e-9. A Newton step that lowers the likelihood or leaves the positive definite matrices is replaced by an
    EM step, which never does.
    """
    p = mean.size
    newton_allowed = p + p * (p + 1) // 2 <= NEWTON_LIMIT
    score = score_patterns(mean[None], cov[None], statistics)
    for iteration in range(1, max_iter + 1):
        shift, change = (array[0] for array in em_step(cov[None], score))
        step = np.concatenate([shift, pack(change)])
        if newton_allowed and iteration > EM_FIRST:
            step = _newton_or_em(mean, cov, statistics, step, float(score.loglik[0]))
        mean, cov = mean + step[:p], cov + unpack(step[p:], p)
        score = score_patterns(mean[None], cov[None], statistics)
        if np.abs(step).max() < 1e-9:
            return EMFit(mean, cov, float(score.loglik[0]), iteration, True, "")
        if np.linalg.eigvalsh(cov)[0] < 1e-9:
            return EMFit(mean, cov, float(score.loglik[0]), iteration, False, SINGULAR)
    return EMFit(mean, cov, float(score.loglik[0]), max_iter, False, f"not converged after {max_iter} iterations")


SINGULAR = (
    "the covariance matrix became singular: some columns are (nearly) a weighted sum of others, or too few people "
    "answered some pairs of columns together; leave one of them out"
)


def _newton_or_em(
    mean: FloatArray, cov: FloatArray, statistics: PatternStatistics, step: FloatArray, loglik: float
) -> FloatArray:
    p = mean.size
    try:
        newton: FloatArray = newton_matrix(mean, cov, statistics) @ step
        np.linalg.cholesky(cov + unpack(newton[p:], p))
    except np.linalg.LinAlgError:
        return step
    after = score_patterns((mean + newton[:p])[None], (cov + unpack(newton[p:], p))[None], statistics).loglik[0]
    return newton if after >= loglik - 1e-9 * abs(loglik) else step
