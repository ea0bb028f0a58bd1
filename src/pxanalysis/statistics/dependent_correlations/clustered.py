"""The difference of two correlations with one criterion when people are nested in practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray

__all__ = ["ClusteredDifference", "correlation_influence", "difference_clustered"]

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ClusteredDifference:
    """``r_jk − r_jh`` with its cluster-robust (sandwich) error.

    Attributes
    ----------
    estimate, std_error
        Standard error with the factor G/(G−1), as lavaan has it.
    n_clusters
        Practices G.
    """

    estimate: float
    std_error: float
    n_clusters: int


def correlation_influence(x: FloatArray, y: FloatArray) -> tuple[float, FloatArray]:
    """Correlation of two columns (n,) and each row's influence on it, shape (n,), summing to 0.

    The influence of a standardised row is ``xy − r(x² + y²)/2`` (Devlin, Gnanadesikan & Kettenring 1975).
    """
    a, b = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
    r = float((a * b).mean())
    return r, np.asarray(a * b - r * (a**2 + b**2) / 2.0)


def difference_clustered(
    first: FloatArray, second: FloatArray | None, criterion: FloatArray, codes: IntArray
) -> ClusteredDifference:
    """Correlation of ``first`` with the criterion minus that of ``second`` (0 when None), by influence functions.

    Parameters
    ----------
    first, second, criterion
        Shape (n,), complete.
    codes
        Practice of each row, 0…G−1.
    """
    r1, influence = correlation_influence(first, criterion)
    r2 = 0.0
    if second is not None:
        r2, other = correlation_influence(second, criterion)
        influence = influence - other
    sums = np.bincount(codes, weights=influence)
    groups = int(np.count_nonzero(np.bincount(codes)))
    error = float(np.sqrt((sums**2).sum() * groups / (groups - 1.0))) / len(criterion)
    return ClusteredDifference(r1 - r2, error, groups)
