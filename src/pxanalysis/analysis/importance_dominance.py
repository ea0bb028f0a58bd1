"""Dominance of one driver over another: on average, per model size, and in every model."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from pxanalysis.analysis.importance_shapley import member_sums
from pxanalysis.analysis.importance_subsets import subset_r2, subset_sizes
from pxanalysis.analysis.result import FloatArray

__all__ = ["complete_dominance", "conditional_dominance", "general_dominance"]


def conditional_dominance(covariance: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Mean gain in R² of a driver when it is one of 1, 2, ... p drivers in the model.

    Parameters
    ----------
    covariance
        Covariance or correlation matrix of drivers and outcome, shape (p+1, p+1).

    Returns
    -------
    Array of shape (p, p): driver, number of drivers in the model less one; proportions of the outcome's variance.

    Notes
    -----
    Azen & Budescu (2003), doi:10.1037/1082-989X.8.2.129.
    """
    explained = subset_r2(covariance, outcome=outcome, always=always)
    players = explained.shape[0].bit_length() - 1
    sizes = subset_sizes(players)
    by_size = np.stack([np.where(sizes == size, explained, 0.0) for size in range(players + 1)], axis=1)
    member = member_sums(by_size)
    total = by_size.sum(axis=0)
    models = np.array([comb(players - 1, size) for size in range(players)])
    return np.asarray((member[:, 1:] - (total[:-1] - member[:, :-1])) / models)


def general_dominance(covariance: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Mean of the conditional values over the model sizes, shape (p,): the same as the LMG shares."""
    return np.asarray(conditional_dominance(covariance, outcome=outcome, always=always).mean(axis=1))


def complete_dominance(covariance: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Proportion of the models without both in which driver i would add more than driver j.

    Parameters
    ----------
    covariance
        Covariance or correlation matrix of drivers and outcome, shape (p+1, p+1).

    Returns
    -------
    Array of shape (p, p), NaN on the diagonal; 1 means that row dominates column completely.

    Notes
    -----
    Azen & Budescu (2003), doi:10.1037/1082-989X.8.2.129.
    """
    explained = subset_r2(covariance, outcome=outcome, always=always)
    players = explained.shape[0].bit_length() - 1
    cube = explained.reshape((2,) * players)
    table = np.full((players, players), np.nan)
    for one in range(players):
        for other in range(one):
            axes = (players - 1 - one, players - 1 - other)
            first, second = np.moveaxis(cube, axes, (0, 1))[[1, 0], [0, 1]]
            table[one, other] = np.mean(first > second)
            table[other, one] = np.mean(second > first)
    return table
