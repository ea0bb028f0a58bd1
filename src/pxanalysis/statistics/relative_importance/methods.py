"""Ways to share out R² over drivers, each a function of the covariance matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.regression.explained_variance import as_correlations, prepare
from pxanalysis.statistics.relative_importance.shapley import lmg_shares, owen_shares

__all__ = [
    "MOST_EXACT",
    "ImportanceMethod",
    "choose_method",
    "first_shares",
    "importance_shares",
    "johnson_shares",
    "last_shares",
]

ImportanceMethod = Literal["lmg", "johnson", "owen", "first", "last"]
"""``lmg``, ``johnson`` and ``owen`` sum to R²; ``first`` and ``last`` do not."""


MOST_EXACT = 25
"""Up to this many drivers shares are exact (LMG); above it they are Johnson's relative weights."""


def choose_method(drivers: int) -> ImportanceMethod:
    """``lmg``, or ``johnson`` for more drivers than orderings can be summed over.

    Examples
    --------
    >>> choose_method(10), choose_method(26)
    ('lmg', 'johnson')
    """
    return "lmg" if drivers <= MOST_EXACT else "johnson"


def _solved(correlations: FloatArray, with_outcome: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(correlations, with_outcome[..., None])[..., 0])


def _powered(correlations: FloatArray, power: float) -> FloatArray:
    """Symmetric power of correlation matrices (..., p, p)."""
    values, vectors = np.linalg.eigh(correlations)
    return np.asarray((vectors * values[..., None, :] ** power) @ np.swapaxes(vectors, -1, -2))


def johnson_shares(correlations: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """Johnson's relative weights.

    The drivers are rotated to the orthogonal variables nearest to them, R² is shared over those, and each part is
    given back by squared loadings.

    Parameters
    ----------
    correlations
        Correlations of the drivers, shape (..., p, p).
    with_outcome
        Correlations of drivers and outcome, shape (..., p).

    Returns
    -------
    Array of shape (..., p), proportions of the outcome's variance that sum to R².

    Notes
    -----
    Johnson (2000), doi:10.1207/S15327906MBR3501_1.
    """
    root = _powered(correlations, 0.5)
    return np.asarray((root**2 @ _solved(root, with_outcome)[..., None] ** 2)[..., 0])


def first_shares(correlations: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """R² of each driver by itself; these do not sum to R²."""
    del correlations
    return np.asarray(with_outcome**2)


def last_shares(correlations: FloatArray, with_outcome: FloatArray) -> FloatArray:
    """What each driver adds to R² when it enters last; these do not sum to R²."""
    precision = np.diagonal(np.linalg.inv(correlations), axis1=-2, axis2=-1)
    return np.asarray(_solved(correlations, with_outcome) ** 2 / precision)


_CLOSED_FORM: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "johnson": johnson_shares,
    "first": first_shares,
    "last": last_shares,
}


def importance_shares(
    covariances: FloatArray,
    method: ImportanceMethod = "lmg",
    *,
    outcome: int = -1,
    always: Sequence[int] = (),
    groups: Sequence[Sequence[int]] | None = None,
) -> FloatArray:
    """Share out R² by any of the methods.

    Parameters
    ----------
    covariances
        Covariance or correlation matrices of drivers and outcome, shape (..., p+1, p+1).
    outcome
        Position of the outcome; the last by default.
    always
        Positions of covariates that are in every model. The drivers get shares of what R² gains over these.
    groups
        For ``owen``: positions of the drivers of each group.

    Returns
    -------
    Array of shape (..., drivers), proportions of the outcome's variance in the order of the columns. NaN for a
    matrix that is singular.

    Examples
    --------
    >>> matrix = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.3], [0.6, 0.3, 1.0]])
    >>> importance_shares(matrix, "johnson").round(4).tolist()
    [0.315, 0.045]
    """
    if method not in get_args(ImportanceMethod):
        raise AnalysisError(f"method: expected one of {', '.join(get_args(ImportanceMethod))}, received '{method}'.")
    covariances = np.asarray(covariances, dtype=np.float64)
    if method == "lmg":
        return lmg_shares(covariances, outcome=outcome, always=always)
    if method == "owen":
        return _in_column_order(covariances, groups, outcome, always)
    matrices, usable, sizes, left = prepare(covariances, outcome, always, None, enumerated=False)
    partial = as_correlations(np.moveaxis(matrices, -1, 0))
    shares = _CLOSED_FORM[method](partial[:, :-1, :-1], partial[:, :-1, -1]) * left[:, None]
    shares[~usable] = np.nan
    return shares.reshape(*covariances.shape[:-2], len(sizes))


def _in_column_order(
    covariances: FloatArray, groups: Sequence[Sequence[int]] | None, outcome: int, always: Sequence[int]
) -> FloatArray:
    size = covariances.shape[-1]
    drivers = [index for index in range(size) if index != outcome % size and index not in always]
    placed = [index for group in groups or () for index in group]
    if sorted(placed) != drivers:
        raise AnalysisError(
            f"groups: expected every driver in exactly one group (positions {drivers}), received {sorted(placed)}."
        )
    shares = owen_shares(covariances, groups or (), outcome=outcome, always=always)
    return np.asarray(shares[..., np.argsort(placed)])
