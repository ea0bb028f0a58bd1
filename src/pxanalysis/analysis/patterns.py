"""Rows grouped by which columns they answered: what incomplete normal data have to say is kept per group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["PatternStatistics", "Patterns", "find_patterns", "pack", "pattern_statistics", "unpack"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
BoolArray = npt.NDArray[np.bool_]


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
    observed = np.isfinite(values)
    bits = np.ascontiguousarray(np.packbits(observed, axis=1))
    keys = bits.view([("", bits.dtype)] * bits.shape[1]).ravel()
    _, first, of_row = np.unique(keys, return_index=True, return_inverse=True)
    return Patterns(observed[first], of_row.astype(np.intp))


def pattern_statistics(filled: FloatArray, patterns: Patterns, weights: FloatArray) -> PatternStatistics:
    """Sums per pattern of rows ``filled`` of shape (n, p), in which missing cells are 0 (one replicate)."""
    p = filled.shape[1]
    count = patterns.count
    order = np.argsort(patterns.of_row, kind="stable")
    ends = np.cumsum(np.bincount(patterns.of_row, minlength=count))
    rows, weight = filled[order], weights[order]
    total = np.empty((count, p))
    cross = np.empty((count, p, p))
    start = 0
    for m, end in enumerate(ends):
        block = rows[start:end]
        weighted = block * weight[start:end, None]
        total[m] = weighted.sum(axis=0)
        cross[m] = weighted.T @ block
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
