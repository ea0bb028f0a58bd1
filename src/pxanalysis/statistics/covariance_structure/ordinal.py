"""Ordered answers: a model of polychoric correlations by diagonally weighted least squares (DWLS).

Errors and the scaled-and-shifted chi-square from the full covariance of the correlations ("WLSMV": Muthen 1984;
Asparouhov & Muthen 2010). Thresholds are free, so they fit exactly and do not enter the test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.covariance_structure.optimise import Optimum, Problem, climb
from pxanalysis.statistics.covariance_structure.structure import (
    TWO_HEADED,
    AnyArray,
    IntArray,
    Structure,
    imply,
    moment_slopes,
)
from pxanalysis.statistics.moments.two_way_tables import (
    correlation_influence,
    fit_polychoric,
    tabulate_pairs,
    threshold_influence,
)

__all__ = ["OrdinalData", "OrdinalFit", "fit_ordinal", "prepare_ordinal", "scaled_shifted", "unit_variances"]

CHUNK = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalData:
    """Polychoric correlations of complete rows.

    Attributes
    ----------
    n
        Rows.
    correlation
        Shape (p, p).
    first, second
        Shape (m,), the columns of each pair.
    gamma
        Shape (m, m): covariance of the m correlations times n.
    thresholds, threshold_variance
        Shape (p, K - 1), +inf beyond a column's own categories; variance times n.
    """

    n: int
    correlation: FloatArray
    first: IntArray
    second: IntArray
    gamma: FloatArray
    thresholds: FloatArray
    threshold_variance: FloatArray

    @property
    def pairs(self) -> FloatArray:
        """Correlations of the pairs, shape (m,)."""
        found: FloatArray = self.correlation[self.first, self.second]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalFit:
    """Estimates ``theta`` (q,), ``robust`` and ``naive`` covariance (q, q; by n - 1), discrepancies, traces of UΓ."""

    theta: FloatArray
    robust: FloatArray
    naive: FloatArray
    discrepancy: float
    traces: tuple[float, float]
    baseline_discrepancy: float
    baseline_traces: tuple[float, float]
    optimum: Optimum


def prepare_ordinal(codes: IntArray, names: Sequence[str]) -> OrdinalData:
    """Correlations of answers coded 0..K-1, shape (n, p), and their covariance.

    Raises
    ------
    NotEstimableError
        When a pair's correlation has no estimate.
    """
    tables = tabulate_pairs(codes, np.ones(len(codes)))
    fit = fit_polychoric(tables)
    if fit.at_bound.any():
        i, j = (int(x) for x in np.argwhere(fit.at_bound)[0])
        raise NotEstimableError(
            f"the table of '{names[i]}' and '{names[j]}' has so many empty cells that their polychoric correlation "
            "runs to ±1; join rare answers, leave one of them out, or use estimator='MLR'."
        )
    rho = fit.correlation[tables.first, tables.second]
    influence = correlation_influence(tables, fit.thresholds, rho)
    pair = np.arange(rho.size)
    gamma = np.zeros((rho.size, rho.size))
    for start in range(0, len(codes), CHUNK):
        part = codes[start : start + CHUNK]
        moved = influence[pair, part[:, tables.first], part[:, tables.second]]
        gamma += moved.T @ moved
    share = tables.margins / tables.margins.sum(axis=1, keepdims=True)
    spread = np.einsum("pca,pa->pc", threshold_influence(fit.thresholds) ** 2, share)
    return OrdinalData(
        len(codes), fit.correlation, tables.first, tables.second, gamma / len(codes), fit.thresholds, spread
    )


def _residual_cells(structure: Structure) -> IntArray:
    """Cells of the residual variances of observed variables."""
    own = (structure.kind == TWO_HEADED) & (structure.row == structure.column) & (structure.row < structure.n_observed)
    return np.flatnonzero(own)


def unit_variances(structure: Structure, theta: AnyArray) -> Structure:
    """Put what is left of each observed variance of 1 into its residual, at parameters (q,), real or complex."""
    cells = _residual_cells(structure)
    value = structure.value.astype(theta.dtype)
    value[cells] = 0.0
    empty = replace(structure, value=value)
    explained = np.diagonal(imply(empty, theta[None]).cov[0])
    value = value.copy()
    value[cells] = 1.0 - explained[structure.row[cells]]
    return replace(structure, value=value)


def fit_ordinal(structure: Structure, data: OrdinalData, start: FloatArray) -> OrdinalFit:
    """Fit by DWLS.

    Parameters
    ----------
    structure
        With observed residual variances fixed (they follow from the rest; see ``unit_variances``).
    start
        Where to start, shape (q,).

    Raises
    ------
    NotEstimableError
        When it does not converge or is not identified.
    """
    weight = 1.0 / np.diag(data.gamma)

    def left(theta: FloatArray) -> FloatArray:
        off: FloatArray = data.pairs - imply(structure, theta[None]).cov[0][data.first, data.second]
        return off

    def slopes(theta: FloatArray) -> FloatArray:
        found: FloatArray = moment_slopes(structure, theta)[0][:, data.first, data.second]
        return found

    def metric(theta: FloatArray) -> FloatArray:
        found = slopes(theta)
        product: FloatArray = (found * weight) @ found.T
        return product

    problem = Problem(
        value=lambda theta: float(0.5 * weight @ left(theta) ** 2),
        gradient=lambda theta: -slopes(theta) @ (weight * left(theta)),
        metric=metric,
        hessian=metric,
    )
    found = climb(problem, start)
    if not found.converged:
        raise NotEstimableError(
            f"the model of the ordered answers did not converge ({found.n_iter} steps, largest gradient "
            f"{found.largest_gradient:.1e}); use fewer paths, or latents with more or better items."
        )
    return _with_errors(found, slopes(found.theta), weight, data)


def _with_errors(found: Optimum, slopes: FloatArray, weight: FloatArray, data: OrdinalData) -> OrdinalFit:
    bread = (slopes * weight) @ slopes.T
    inverse = np.linalg.inv(bread)
    side = inverse @ (slopes * weight)
    projected = np.diag(weight) - (slopes * weight).T @ side
    moved = projected @ data.gamma
    free = weight[:, None] * data.gamma
    baseline = float(weight @ data.pairs**2)
    return OrdinalFit(
        theta=found.theta,
        robust=side @ data.gamma @ side.T / (data.n - 1),
        naive=inverse / (data.n - 1),
        discrepancy=2 * found.value,
        traces=(float(np.trace(moved)), float((moved * moved.T).sum())),
        baseline_discrepancy=baseline,
        baseline_traces=(float(np.trace(free)), float((free * free.T).sum())),
        optimum=found,
    )


def scaled_shifted(chi_square: float, df: int, traces: tuple[float, float]) -> tuple[float, float, float]:
    """Scaled-and-shifted chi-square, its scaling factor and its shift (Asparouhov & Muthen 2010)."""
    factor = float(np.sqrt(df / traces[1]))
    shift = df - factor * traces[0]
    return chi_square * factor + shift, 1.0 / factor, shift


def complex_beside(structure: Structure, theta: FloatArray, step: float) -> Iterator[tuple[Structure, AnyArray]]:
    """The structure and parameters a tiny imaginary step along each parameter, with unit variances kept."""
    for along in np.eye(theta.size):
        beside = theta + step * 1j * along
        yield unit_variances(structure, beside), beside
