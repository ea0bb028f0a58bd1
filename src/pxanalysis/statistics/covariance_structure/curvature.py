"""Second derivatives of the implied covariances, from products of the model's own matrices."""

from __future__ import annotations

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.structure import ARROW, Implied, Structure, slope_columns

__all__ = ["model_curvature", "moment_curvature"]


def moment_curvature(structure: Structure, implied: Implied, cov: FloatArray) -> FloatArray:
    """Second derivative of half the discrepancy along the slopes of Sigma, free cells (f, f), for one solution.

    ½ [2 tr(P A P B P S) - tr(P A P B)] with A and B of the form uv' + vu', P the implied precision, S the sample's.
    """
    precision = np.linalg.inv(implied.cov[0])
    columns = np.concatenate([implied.reach[0], implied.spread[0]], axis=1)
    slopes = slope_columns(structure)
    u, v = slopes.first, slopes.second
    plain = columns.T @ precision @ columns
    weighed = columns.T @ precision @ cov @ precision @ columns

    def cross(one: FloatArray, other: FloatArray) -> FloatArray:
        return one[u[:, None], u] * other[v[:, None], v] + one[u[:, None], v] * other[v[:, None], u]

    cells: FloatArray = cross(plain, weighed) + cross(weighed, plain) - cross(plain, plain)
    return cells * (slopes.weight[:, None] * slopes.weight)


def model_curvature(structure: Structure, implied: Implied, by_cov: FloatArray) -> FloatArray:
    """tr(G d²Sigma) of free cells (f, f), for one solution and a symmetric G (p, p).

    With E the reach and C the covariances of all variables, along an arrow (i, j): dC = E_i C_j' + C_j E_i' and
    dE = E_i E_j.; along a covariance (k, l): dC = E_k E_l' + E_l E_k'.
    """
    free = structure.free
    arrow = structure.kind[free] == ARROW
    row, column = structure.row[free], structure.column[free]
    reach, all_cov = implied.all_reach[0], implied.all_cov[0]
    within = implied.reach[0].T @ by_cov @ implied.reach[0]
    across = implied.reach[0].T @ by_cov @ implied.spread[0]
    i, j = row[:, None], column[:, None]
    k, m = row[None, :], column[None, :]
    both = across[k, j] * reach[m, i] + within[i, k] * all_cov[m, j] + across[i, m] * reach[j, k]
    mixed = within[i, k] * reach[j, m] + within[i, m] * reach[j, k]
    mixed = mixed * np.where(k == m, 0.5, 1.0)
    first, second = arrow[:, None], arrow[None, :]
    cells = np.where(first & second, both, 0.0)
    cells += np.where(first & ~second, mixed, 0.0)
    cells += np.where(~first & second, mixed.T, 0.0)
    return 2 * cells
