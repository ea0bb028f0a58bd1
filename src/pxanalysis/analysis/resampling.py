"""What a bootstrap resamples: practices, or rows when there is one practice; counts, and sums weighted by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pxanalysis.analysis.patterns import pack
from pxanalysis.errors import AnalysisError

__all__ = ["Units", "draw_counts", "resampling_units", "unit_products", "weighted_sums"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
CountArray = npt.NDArray[np.int32]

ROW_CHUNK = 4_096
REPLICATE_CHUNK = 256
MOST_CASES = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """What is drawn.

    Attributes
    ----------
    kind
        ``practice``, or ``case`` when there is one practice.
    of_row
        Shape (n,), the unit of each row, 0..count-1.
    codes
        Shape (count,), the practice code of each unit; empty for cases.
    count
        Number of units J.
    """

    kind: Literal["practice", "case"]
    of_row: IntArray
    codes: IntArray
    count: int


def resampling_units(codes: IntArray, rng: np.random.Generator) -> Units:
    """Practices as units, or rows when all ``codes`` (n,) are the same.

    More than 20,000 rows of one practice are drawn in as many bundles of random rows: the spread of a statistic over
    resampled bundles is that over resampled rows, and the counts stay small.
    """
    present, of_row = np.unique(codes, return_inverse=True)
    if present.size > 1:
        return Units("practice", of_row.astype(np.intp), present.astype(np.intp), int(present.size))
    of_row = np.arange(codes.size, dtype=np.intp)
    if codes.size > MOST_CASES:
        of_row = rng.permutation(codes.size).astype(np.intp) % MOST_CASES
    return Units("case", of_row, np.empty(0, dtype=np.intp), min(int(codes.size), MOST_CASES))


def draw_counts(n_units: int, n_replicates: int, rng: np.random.Generator) -> CountArray:
    """How often each of ``n_units`` is drawn with replacement, shape (n_replicates, n_units); rows sum to n_units."""
    if n_replicates < 1:
        raise AnalysisError(f"n_replicates: expected 1 or more, received {n_replicates}.")
    counts = np.empty((n_replicates, n_units), dtype=np.int32)
    for replicate in range(n_replicates):
        counts[replicate] = np.bincount(rng.integers(0, n_units, size=n_units), minlength=n_units)
    return counts


def weighted_sums(counts: CountArray, sums: FloatArray) -> FloatArray:
    """Sums of every replicate, (B, J) @ (J, c), a few hundred replicates at a time so that memory stays small."""
    total = np.empty((len(counts), sums.shape[1]))
    for start in range(0, len(counts), REPLICATE_CHUNK):
        part = slice(start, start + REPLICATE_CHUNK)
        total[part] = counts[part].astype(np.float64) @ sums
    return total


def unit_products(rows: FloatArray, units: IntArray, weights: FloatArray, n_units: int) -> FloatArray:
    """Weighted sums per unit of ``[1, row, packed row row']`` for rows (n, p), shape (J, 1 + p + p(p+1)/2)."""
    n, p = rows.shape
    if n > 8 * n_units:
        return _block_products(rows, units, weights, n_units)
    sums = np.zeros((n_units, 1 + p + p * (p + 1) // 2))
    a, b = np.tril_indices(p)
    for start in range(0, n, ROW_CHUNK):
        part = slice(start, min(start + ROW_CHUNK, n))
        block = rows[part]
        products = np.column_stack([np.ones(len(block)), block, block[:, a] * block[:, b]])
        sums += _selector(units[part], weights[part], n_units) @ products
    return sums


def _block_products(rows: FloatArray, units: IntArray, weights: FloatArray, n_units: int) -> FloatArray:
    """Make the same sums unit by unit, with a matrix product each: faster where units are large."""
    order = np.argsort(units, kind="stable")
    ends = np.cumsum(np.bincount(units, minlength=n_units))
    sums = []
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        chosen = order[start:end]
        block, weight = rows[chosen], weights[chosen]
        weighted = block * weight[:, None]
        sums.append(np.concatenate([[weight.sum()], weighted.sum(axis=0), pack(weighted.T @ block)]))
    return np.array(sums)


def _selector(units: IntArray, weights: FloatArray, n_units: int) -> sparse.csr_array:
    return sparse.csr_array((weights, (units, np.arange(units.size))), shape=(n_units, units.size))
