"""How well a score tells two classes apart: the area under the ROC curve with DeLong's errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError

__all__ = ["AreaUnderCurve", "areas_under_curve", "replicate_areas"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class AreaUnderCurve:
    """Areas of k scores on the same people.

    Attributes
    ----------
    estimate
        Shape (k,): chance that a random person of the positive class scores higher than one of the other; ties count
        half.
    covariance
        Shape (k, k), DeLong, DeLong & Clarke-Pearson (1988), doi:10.2307/2531595.
    """

    estimate: FloatArray
    covariance: FloatArray

    @property
    def std_error(self) -> FloatArray:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.diagonal(self.covariance))

    def difference(self, first: int, second: int) -> tuple[float, float]:
        """Area of one score minus that of another, and its standard error."""
        variance = self.covariance[first, first] + self.covariance[second, second] - 2 * self.covariance[first, second]
        return float(self.estimate[first] - self.estimate[second]), float(np.sqrt(max(variance, 0.0)))


def areas_under_curve(scores: FloatArray, positive: BoolArray) -> AreaUnderCurve:
    """Areas under the curve of scores (n, k) for a class (n,), by mid-ranks.

    Raises
    ------
    NotEstimableError
        With fewer than two people in a class.

    Examples
    --------
    >>> found = areas_under_curve(np.array([[1.0], [2.0], [2.0], [3.0]]), np.array([False, False, True, True]))
    >>> found.estimate.tolist()
    [0.875]
    """
    from scipy.stats import rankdata

    n1, n0 = int(positive.sum()), int((~positive).sum())
    if min(n1, n0) < 2:
        raise NotEstimableError(
            f"the criterion has {n1} positive and {n0} negative cases; the area under the curve takes 2 of each.",
            "too_few",
        )
    ranks = rankdata(scores, axis=0)
    above = (ranks[positive] - rankdata(scores[positive], axis=0)) / n0
    below = 1.0 - (ranks[~positive] - rankdata(scores[~positive], axis=0)) / n1
    covariance = np.atleast_2d(np.cov(above, rowvar=False)) / n1 + np.atleast_2d(np.cov(below, rowvar=False)) / n0
    return AreaUnderCurve(above.mean(axis=0), covariance)


def replicate_areas(
    scores: FloatArray, positive: BoolArray, units: npt.NDArray[np.intp], counts: npt.NDArray[np.int32]
) -> FloatArray:
    """Areas in bootstrap samples (B, k) from how often each unit was drawn, (B, J); NaN where a class is absent.

    The rows of a unit are first counted per distinct score and class, so that a replicate is a product of matrices.
    """
    drawn = counts.astype(np.float64)
    n_units = counts.shape[1]
    areas = np.empty((len(drawn), scores.shape[1]))
    for column in range(scores.shape[1]):
        levels, level = np.unique(scores[:, column], return_inverse=True)
        tables = []
        for wanted in (positive, ~positive):
            cell = units[wanted] * levels.size + level[wanted]
            tables.append(np.bincount(cell, minlength=n_units * levels.size).reshape(n_units, levels.size))
        high, low = drawn @ tables[0], drawn @ tables[1]
        below = np.cumsum(low, axis=1) - 0.5 * low
        pairs = high.sum(axis=1) * low.sum(axis=1)
        wins = (high * below).sum(axis=1)
        areas[:, column] = np.divide(wins, pairs, out=np.full(len(drawn), np.nan), where=pairs > 0)
    return areas
