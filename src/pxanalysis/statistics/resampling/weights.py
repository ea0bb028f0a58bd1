"""What a bootstrap resamples: practices, or rows when there is one practice; counts, and sums weighted by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError

__all__ = ["Units", "draw_counts", "resampling_units", "weighted_sums"]
CountArray = npt.NDArray[np.int32]
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
