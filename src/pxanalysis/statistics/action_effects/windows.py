"""Means before and after, per practice and touchpoint, and how much practices differ beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray, IntArray

__all__ = ["MonthlyCells", "WindowMeans", "estimate_between_variance", "pool_within_variance"]

LEAST_SHARE = 0.004
"""Variance between practices is taken to be at least this share of that within them."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowMeans:
    """Means over a window of time.

    Attributes
    ----------
    mean
        Shape (J, T), practices by touchpoints, 0-100; NaN where nobody answered.
    n
        Shape (J, T), answers.
    """

    mean: FloatArray
    n: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MonthlyCells:
    """Answers per practice, month and touchpoint.

    Attributes
    ----------
    n, total, squares
        Shape (J, M, T): answers, their sum and the sum of their squares; 0 where nobody answered.
    """

    n: FloatArray
    total: FloatArray
    squares: FloatArray

    @classmethod
    def count(cls, values: FloatArray, practices: IntArray, months: IntArray, shape: tuple[int, int]) -> MonthlyCells:
        """Count and add up answers (N, T), NaN where not given, of practices and months (N,); ``shape`` is (J, M)."""
        j, m = shape
        place = practices * m + months

        def add(column: FloatArray) -> FloatArray:
            return np.bincount(place, column, minlength=j * m).astype(np.float64)

        known = np.isfinite(values)
        filled = np.where(known, values, 0.0)
        whole = (j, m, values.shape[1])
        parts = (known.astype(np.float64), filled, filled**2)
        return cls(*(np.stack([add(column) for column in part.T], axis=-1).reshape(whole) for part in parts))

    def window(self, first: int, end: int) -> WindowMeans:
        """Means over the months ``first`` up to, not with, ``end``."""
        n = self.n[:, first:end].sum(axis=1)
        total = self.total[:, first:end].sum(axis=1)
        return WindowMeans(np.divide(total, n, out=np.full_like(total, np.nan), where=n > 0), n)


def pool_within_variance(cells: MonthlyCells) -> FloatArray:
    """Variance of answers within practice-months, pooled, per touchpoint, shape (T,); NaN without two in one cell."""
    known = cells.n > 0
    deviations = np.where(known, cells.squares - cells.total**2 / np.where(known, cells.n, 1.0), 0.0).sum(axis=(0, 1))
    freedom = np.where(known, cells.n - 1.0, 0.0).sum(axis=(0, 1))
    return np.asarray(
        np.divide(np.maximum(deviations, 0.0), freedom, out=np.full_like(freedom, np.nan), where=freedom > 0)
    )


def estimate_between_variance(window: WindowMeans, within: FloatArray) -> float:
    """Variance of practices' true levels, averaged over touchpoints, at least .004 of that within.

    Per touchpoint Q = Σ n_j(ȳ_j − ȳ)², τ² = (Q − (J − 1)σ²)/(N − Σn_j²/N), the moment estimate of a one-way layout
    (Searle, Casella & McCulloch 1992, section 3.6).

    Parameters
    ----------
    within
        σ² per touchpoint, shape (T,).

    Examples
    --------
    >>> window = WindowMeans(np.array([[70.0], [80.0], [90.0]]), np.full((3, 1), 10.0))
    >>> estimate_between_variance(window, np.array([200.0]))
    80.0
    """
    known = window.n > 0
    n, mean = np.where(known, window.n, 0.0), np.where(known, window.mean, 0.0)
    total = n.sum(axis=0)
    usable = (known.sum(axis=0) >= 2) & np.isfinite(within)
    if not usable.any():
        return float("nan")
    n, mean, total, own = n[:, usable], mean[:, usable], total[usable], within[usable]
    centre = (n * mean).sum(axis=0) / total
    spread = (n * (mean - centre) ** 2).sum(axis=0)
    found = (spread - ((n > 0).sum(axis=0) - 1.0) * own) / (total - (n**2).sum(axis=0) / total)
    return float(max(found.mean(), LEAST_SHARE * own.mean()))
