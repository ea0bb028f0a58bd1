"""The standardised solution with its slopes: what each parameter is when every variable has variance 1."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.structure import (
    ARROW,
    TWO_HEADED,
    AnyArray,
    Implied,
    Structure,
    imply,
)

__all__ = ["explained_variance", "standardise", "standardised_slopes"]

STEP = 1e-30

Scale = Literal["all", "latent"]


def _cells(structure: Structure, theta: AnyArray) -> AnyArray:
    """Values of all cells, free or fixed, shape (b, c)."""
    values = np.broadcast_to(structure.value.astype(theta.dtype), (len(theta), structure.value.size)).copy()
    free = structure.free
    values[:, free] = theta[:, structure.parameter[free]]
    return values


def standardise(structure: Structure, theta: AnyArray, scale: Scale = "all") -> AnyArray:
    """Cells (b, c) in units of the implied standard deviations, of all variables or of the latent ones only.

    A covariance is a correlation: of the residuals where the variables are explained (lavaan's ``std.all``).
    """
    spread = np.sqrt(np.diagonal(imply(structure, theta).all_cov, axis1=-2, axis2=-1).astype(theta.dtype))
    return _in_units(structure, _cells(structure, theta), spread, scale)


def _in_units(structure: Structure, values: AnyArray, spread: AnyArray, scale: Scale) -> AnyArray:
    """Cells (b, c) in units of the standard deviations (b, v)."""
    if scale == "latent":
        spread = np.where(np.arange(structure.n_variables) < structure.n_observed, 1.0, spread)
    kind, row, column = structure.kind, structure.row, structure.column
    own = np.zeros_like(spread)
    diagonal = (kind == TWO_HEADED) & (row == column)
    own[:, row[diagonal]] = values[:, diagonal]
    residual = spread.copy()
    if scale == "all":
        positive = own.real > 0
        residual = np.where(positive, np.sqrt(np.where(positive, own, 1.0)), np.nan)
    by = np.where(kind == ARROW, spread[:, row] / spread[:, column], spread[:, row])
    pair = np.where(row == column, spread[:, row] * spread[:, column], residual[:, row] * residual[:, column])
    result: AnyArray = values / np.where(kind == TWO_HEADED, pair, by)
    if scale == "latent":
        return _latent_pairs(structure, result, values, own, spread)
    return result


def _latent_pairs(
    structure: Structure, result: AnyArray, values: AnyArray, own: AnyArray, spread: AnyArray
) -> AnyArray:
    """Covariances of latents are correlations of their residuals; those of observed variables stay in their units."""
    inner = structure.row >= structure.n_observed
    both = inner & (structure.column >= structure.n_observed) & (structure.kind == TWO_HEADED)
    for cell in np.flatnonzero(both & (structure.row != structure.column)):
        product = own[:, structure.row[cell]] * own[:, structure.column[cell]]
        positive = product.real > 0
        result[:, cell] = np.where(positive, values[:, cell] / np.sqrt(np.where(positive, product, 1.0)), np.nan)
    return result


def standardised_slopes(structure: Structure, theta: FloatArray, scale: Scale = "all") -> FloatArray:
    """Derivatives of the standardised cells to the parameters, shape (c, q), for delta-method errors.

    A complex step through the units; how standard deviations move with the parameters is known in closed form.
    """
    implied = imply(structure, theta[None])
    spread = np.sqrt(np.diagonal(implied.all_cov[0]))
    moves = _variance_slopes(structure, implied) / (2 * spread[:, None])
    beside = theta + STEP * 1j * np.eye(theta.size)
    slopes: FloatArray = _in_units(structure, _cells(structure, beside), spread + STEP * 1j * moves.T, scale).imag.T
    return slopes / STEP


def _variance_slopes(structure: Structure, implied: Implied) -> FloatArray:
    """Derivatives of the implied variances of all variables to the parameters, shape (v, q)."""
    free = structure.free
    kind, row, column = structure.kind[free], structure.row[free], structure.column[free]
    reach, cov = implied.all_reach[0], implied.all_cov[0]
    two = np.where(row == column, 1.0, 2.0) * reach[:, row] * reach[:, column]
    cells = np.where(kind == ARROW, 2 * reach[:, row] * cov[:, column], np.where(kind == TWO_HEADED, two, 0.0))
    slopes: FloatArray = structure.gather(cells)
    return slopes


def explained_variance(structure: Structure, theta: FloatArray) -> FloatArray:
    """R² of every variable that has a cause, shape (v,); NaN for the others."""
    implied = imply(structure, theta[None])
    caused = np.zeros(structure.n_variables, dtype=bool)
    caused[structure.row[structure.kind == ARROW]] = True
    own = np.zeros(structure.n_variables)
    diagonal = (structure.kind == TWO_HEADED) & (structure.row == structure.column)
    own[structure.row[diagonal]] = _cells(structure, theta[None])[0, diagonal]
    return np.where(caused, 1.0 - own / np.diag(implied.all_cov[0]), np.nan)
