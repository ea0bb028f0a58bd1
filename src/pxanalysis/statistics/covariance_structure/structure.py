"""What a structural equation model implies: means and covariances as a function of its parameters, and their slopes.

Reticular action model (McArdle & McDonald 1984): all v variables, the p observed ones first, have one-headed arrows
A (row = target, column = source), two-headed arrows S and means m. With E = (I - A)^-1 the covariances of all variables
are C = E S E' and the implied ones their first p rows and columns. Every derivative of C is uv' + vu'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray

__all__ = ["ARROW", "MEAN", "TWO_HEADED", "Implied", "Structure", "imply", "moment_slopes", "pull_back"]

IntArray = npt.NDArray[np.intp]
AnyArray = npt.NDArray[Any]

ARROW, TWO_HEADED, MEAN = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Cells of the model of one group; groups share the numbering of parameters.

    Attributes
    ----------
    n_variables, n_observed
        v and p; observed variables come first.
    kind, row, column
        Shape (c,): ``ARROW``, ``TWO_HEADED`` (lower triangle or diagonal) or ``MEAN`` (column 0), and where.
    parameter
        Shape (c,): number of the parameter in the cell, -1 where ``value`` is fixed. Cells may share a parameter.
    value
        Shape (c,): the fixed value, or where to start.
    n_parameters
        q, over all groups.
    """

    n_variables: int
    n_observed: int
    kind: IntArray
    row: IntArray
    column: IntArray
    parameter: IntArray
    value: FloatArray
    n_parameters: int

    @property
    def free(self) -> IntArray:
        """Positions of the free cells, shape (f,)."""
        return np.flatnonzero(self.parameter >= 0)

    @property
    def has_means(self) -> bool:
        """Whether means are part of the model."""
        return bool((self.kind == MEAN).any())

    def gather(self, per_cell: AnyArray) -> AnyArray:
        """Sum the free cells (..., f) of each parameter: (..., q)."""
        out = np.zeros((*per_cell.shape[:-1], self.n_parameters), dtype=per_cell.dtype)
        numbers = self.parameter[self.free]
        if np.unique(numbers).size == numbers.size:
            out[..., numbers] = per_cell
            return out
        for position, number in enumerate(numbers):
            out[..., number] += per_cell[..., position]
        return out


@dataclass(frozen=True, slots=True, eq=False)
class Implied:
    """Implied moments of b parameter vectors.

    Attributes
    ----------
    reach
        E restricted to observed rows, shape (b, p, v).
    spread
        C restricted to observed rows, shape (b, p, v).
    cov, mean
        Shapes (b, p, p) and (b, p).
    all_cov, all_mean, all_reach
        Shapes (b, v, v), (b, v) and (b, v, v), of all variables.
    """

    reach: AnyArray
    spread: AnyArray
    cov: AnyArray
    mean: AnyArray
    all_cov: AnyArray
    all_mean: AnyArray
    all_reach: AnyArray


def imply(structure: Structure, theta: AnyArray) -> Implied:
    """Implied moments at parameters of shape (b, q), real or complex."""
    b, v, p = theta.shape[0], structure.n_variables, structure.n_observed
    filled = np.broadcast_to(structure.value.astype(theta.dtype), (b, structure.value.size)).copy()
    free = structure.free
    filled[:, free] = theta[:, structure.parameter[free]]
    arrows, between = np.zeros((2, b, v, v), dtype=theta.dtype)
    level = np.zeros((b, v), dtype=theta.dtype)
    kind, row, column = structure.kind, structure.row, structure.column
    one, two, mean = kind == ARROW, kind == TWO_HEADED, kind == MEAN
    arrows[:, row[one], column[one]] = filled[:, one]
    between[:, row[two], column[two]] = filled[:, two]
    between[:, column[two], row[two]] = filled[:, two]
    level[:, row[mean]] = filled[:, mean]
    reach = np.linalg.inv(np.eye(v) - arrows)
    all_cov = reach @ between @ np.swapaxes(reach, -1, -2)
    all_mean = (reach @ level[:, :, None])[:, :, 0]
    observed = all_cov[:, :p]
    return Implied(reach[:, :p], observed, observed[:, :, :p], all_mean[:, :p], all_cov, all_mean, reach)


def pull_back(structure: Structure, implied: Implied, by_cov: AnyArray, by_mean: AnyArray) -> AnyArray:
    """Gradient to the parameters, shape (b, q), of a function of the implied moments.

    Its slopes are ``by_cov`` (b, p, p; symmetric, so that df = tr(by_cov dΣ)) and ``by_mean`` (b, p).
    """
    free = structure.free
    kind, row, column = structure.kind[free], structure.row[free], structure.column[free]
    left = np.swapaxes(implied.reach, -1, -2) @ by_cov
    own, across = left @ implied.reach, left @ implied.spread
    at_mean = (np.swapaxes(implied.reach, -1, -2) @ by_mean[:, :, None])[:, :, 0]
    arrow = 2 * across[:, row, column] + at_mean[:, row] * implied.all_mean[:, column]
    two = np.where(row == column, 1.0, 2.0) * own[:, row, column]
    cells = np.where(kind == ARROW, arrow, np.where(kind == TWO_HEADED, two, at_mean[:, row]))
    return structure.gather(cells)


@dataclass(frozen=True, slots=True, eq=False)
class Slopes:
    """dΣ = weight (uv' + vu') and dμ = level, for each free cell; u and v as columns of ``[reach, spread]``."""

    first: IntArray
    second: IntArray
    weight: FloatArray
    level_of: IntArray
    level_by: IntArray


def slope_columns(structure: Structure) -> Slopes:
    """Which columns of ``[reach, spread]`` (2v of them) make the derivative of each free cell."""
    free = structure.free
    kind, row, column = structure.kind[free], structure.row[free], structure.column[free]
    second = np.where(kind == ARROW, structure.n_variables + column, column)
    weight = np.where(kind == MEAN, 0.0, np.where((kind == TWO_HEADED) & (row == column), 0.5, 1.0))
    by = np.where(kind == ARROW, column, -1)
    return Slopes(row, np.where(kind == MEAN, row, second), weight, row, np.where(kind == TWO_HEADED, -2, by))


def mean_slopes(structure: Structure, implied: Implied) -> AnyArray:
    """Derivative of the implied means per free cell, shape (b, f, p)."""
    slopes = slope_columns(structure)
    by = slopes.level_by
    factor = np.where(by >= 0, implied.all_mean[:, np.maximum(by, 0)], np.where(by == -1, 1.0, 0.0))
    result: AnyArray = np.swapaxes(implied.reach, -1, -2)[:, slopes.level_of] * factor[:, :, None]
    return result


def moment_slopes(structure: Structure, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the implied covariances (q, p, p) and means (q, p) at parameters (q,)."""
    implied = imply(structure, theta[None])
    slopes = slope_columns(structure)
    columns = np.concatenate([implied.reach[0], implied.spread[0]], axis=1).T
    u, v = columns[slopes.first], columns[slopes.second] * slopes.weight[:, None]
    product = u[:, :, None] * v[:, None, :]
    by_cov = product + np.swapaxes(product, -1, -2)
    by_mean = mean_slopes(structure, implied)[0]
    return (
        np.moveaxis(structure.gather(np.moveaxis(by_cov, 0, -1)), -1, 0),
        np.moveaxis(structure.gather(np.moveaxis(by_mean, 0, -1)), -1, 0),
    )
