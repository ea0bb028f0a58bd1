"""Shapley shares of explained variance: LMG for single drivers, Owen values for drivers in groups."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.regression.explained_variance import (
    BREADTH,
    MAX_PLAYERS,
    Blocks,
    chunks,
    prepare,
    subset_r2,
    subset_sizes,
    walk,
)

__all__ = ["lmg_shares", "member_sums", "owen_shares"]

_OWEN_CELLS = 1 << 20


def member_sums(values: FloatArray) -> FloatArray:
    """Sum of a value per subset over the subsets that hold player j: (2^m, ...) to (m, ...)."""
    players = values.shape[0].bit_length() - 1
    sums = np.empty((players, *values.shape[1:]))
    for player in reversed(range(players)):
        half = values.shape[0] // 2
        sums[player] = values[half:].sum(axis=0)
        values = values[:half] + values[half:]
    return sums


def _order_weights(players: int) -> FloatArray:
    """Proportion of orderings in which exactly a given set of s stands before a player, s = 0 ... players."""
    return np.array([1.0 / (players * comb(players - 1, s)) for s in range(players)] + [0.0])


def lmg_shares(covariances: FloatArray, *, outcome: int = -1, always: Sequence[int] = ()) -> FloatArray:
    """Exact LMG (Shapley) shares of R²: the mean over all orderings of what a driver adds when it enters.

    Parameters
    ----------
    covariances
        Covariance or correlation matrices of drivers and outcome, shape (..., p+1, p+1), for example of
        bootstrap replicates. At most 25 drivers.
    outcome
        Position of the outcome; the last by default.
    always
        Positions of covariates (case mix) that are in every model; they get no share.

    Returns
    -------
    Array of shape (..., p - len(always)), proportions of the outcome's variance in the order of the drivers,
    summing to R² (less that of the covariates). NaN for a matrix that is singular.

    Notes
    -----
    Lindeman, Merenda & Gold (1980); Grömping (2007), doi:10.1198/000313007X188252.

    Examples
    --------
    >>> lmg_shares(np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.3], [0.6, 0.3, 1.0]])).round(4).tolist()
    [0.315, 0.045]
    """
    covariances = np.asarray(covariances, dtype=np.float64)
    matrices, usable, sizes, left = prepare(covariances, outcome, always, None)
    players = len(sizes)
    weights = _order_weights(players)
    member = weights + np.concatenate([[0.0], weights[:-1]])
    popcounts = subset_sizes(min(players, BREADTH))
    shares = np.zeros((players, matrices.shape[-1]))
    for chunk in chunks(matrices, players):
        for start, residuals in walk(matrices[..., chunk], sizes):
            explained = left[chunk] - residuals
            count = popcounts[: len(residuals)] + start.bit_count()
            valued = member[count][:, None] * explained
            low = member_sums(valued)
            shares[: len(low), chunk] += low
            high = [player for player in range(len(low), players) if start >> player & 1]
            shares[high, chunk] += valued.sum(axis=0)
            shares[:, chunk] -= weights[count] @ explained
    shares[:, ~usable] = np.nan
    return np.moveaxis(shares, 0, -1).reshape(*covariances.shape[:-2], players)


def owen_shares(
    covariances: FloatArray, groups: Blocks, *, outcome: int = -1, always: Sequence[int] = ()
) -> FloatArray:
    """Owen values: Shapley shares over the orderings in which the drivers of a group stand together.

    Parameters
    ----------
    covariances
        Shape (..., k, k).
    groups
        Positions of the drivers of each group. The other groups and the drivers of one group together number
        at most 25, so 26 items in 7 touchpoints are no problem.

    Returns
    -------
    Array of shape (..., drivers), in the order of ``groups`` laid end to end. The values of a group sum to
    the LMG share of the group as a whole.

    Notes
    -----
    Owen (1977), doi:10.1007/978-3-642-45494-3_7.
    """
    covariances = np.asarray(covariances, dtype=np.float64)
    size = covariances.shape[-1]
    flat = covariances.reshape(-1, size, size)
    largest = len(groups) - 1 + max(len(group) for group in groups)
    step = max(1, _OWEN_CELLS >> min(largest, MAX_PLAYERS))
    parts = [_owen(flat[start : start + step], groups, outcome, always) for start in range(0, max(len(flat), 1), step)]
    return np.concatenate(parts).reshape(*covariances.shape[:-2], -1)


def _owen(covariances: FloatArray, groups: Blocks, outcome: int, always: Sequence[int]) -> FloatArray:
    """Owen values (B, drivers) of matrices (B, k, k)."""
    among = _order_weights(len(groups))
    parts = []
    for own, group in enumerate(groups):
        # Large blocks first: the matrices should be small by the time that there are many of them.
        others = sorted((groups[i] for i in range(len(groups)) if i != own), key=len, reverse=True)
        blocks = [*others, *([index] for index in group)]
        explained = subset_r2(covariances, outcome=outcome, always=always, blocks=blocks)
        explained = explained.reshape(1 << len(group), 1 << len(others), len(covariances))
        parts.append(_shapley(among[subset_sizes(len(others))] @ explained))
    return np.concatenate(parts).T


def _shapley(values: FloatArray) -> FloatArray:
    """Shapley values of a game given per subset: (2^m, ...) to (m, ...)."""
    players = values.shape[0].bit_length() - 1
    weights = _order_weights(players)
    member = weights + np.concatenate([[0.0], weights[:-1]])
    sizes = subset_sizes(players)
    flat = values.reshape(len(sizes), -1)
    shares = member_sums(member[sizes][:, None] * flat) - weights[sizes] @ flat
    return shares.reshape(players, *values.shape[1:])
