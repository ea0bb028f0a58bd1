"""Normal likelihood of complete data by their moments: discrepancy, gradient, information, batched and complex-safe.

F = log|Σ| + tr(MΣ⁻¹) − log|S| − p with M = S + (m − μ)(m − μ)'; without a mean structure m = μ. Half of F, averaged
over groups by their size, is the objective: its second derivative is the information of one respondent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.curvature import model_curvature, moment_curvature
from pxanalysis.statistics.covariance_structure.structure import (
    AnyArray,
    Structure,
    imply,
    mean_slopes,
    pull_back,
    slope_columns,
)

__all__ = ["GroupMoments", "case_scores", "discrepancy", "expected_information", "gradient", "observed_information"]

STEP = 1e-30
"""Imaginary step: derivatives of an analytic gradient by it are exact to rounding (Squire & Trapp 1998)."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupMoments:
    """Sample moments of one group: ``n``, ``mean`` (p,) and ``cov`` (p, p) with divisor n; or of b replicates of it."""

    n: float
    mean: AnyArray
    cov: AnyArray


def _shares(groups: Sequence[GroupMoments]) -> FloatArray:
    sizes = np.array([group.n for group in groups], dtype=np.float64)
    shares: FloatArray = sizes / sizes.sum()
    return shares


def discrepancy(structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]) -> FloatArray:
    """F at parameters (b, q), averaged over groups, shape (b,); infinite where Σ is not positive definite."""
    total = np.zeros(len(theta))
    for structure, group, share in zip(structures, groups, _shares(groups), strict=True):
        implied = imply(structure, theta)
        sign, log_determinant = np.linalg.slogdet(implied.cov)
        positive = (sign > 0) & (np.diagonal(implied.cov, axis1=-2, axis2=-1) > 0).all(axis=-1)
        cov = np.where(positive[:, None, None], implied.cov, np.eye(structure.n_observed))
        target = group.cov + np.zeros_like(cov)
        if structure.has_means:
            off = group.mean - implied.mean
            target = target + off[:, :, None] * off[:, None, :]
        own = np.linalg.slogdet(group.cov)[1]
        fit = log_determinant + np.einsum("bii->b", np.linalg.solve(cov, target)) - own - structure.n_observed
        total += share * np.where(positive & (np.linalg.eigvalsh(cov)[:, 0] > 0), fit, np.inf)
    return total


def gradient(structures: Sequence[Structure], theta: AnyArray, groups: Sequence[GroupMoments]) -> AnyArray:
    """Gradient of F/2 at parameters (b, q), shape (b, q)."""
    total = np.zeros_like(theta)
    for structure, group, share in zip(structures, groups, _shares(groups), strict=True):
        implied = imply(structure, theta)
        precision = np.linalg.inv(implied.cov)
        residual = group.cov + np.zeros_like(implied.cov)
        by_mean = np.zeros_like(implied.mean)
        if structure.has_means:
            off = group.mean - implied.mean
            residual = residual + off[:, :, None] * off[:, None, :]
            by_mean = -(precision @ off[:, :, None])[:, :, 0]
        by_cov = 0.5 * (precision - precision @ residual @ precision)
        total = total + share * pull_back(structure, implied, by_cov, by_mean)
    return total


def expected_information(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]
) -> FloatArray:
    """Expected information of one respondent at parameters (b, q), shape (b, q, q)."""
    shape = (*theta.shape, theta.shape[1])
    total = np.zeros(shape)
    for structure, share in zip(structures, _shares(groups), strict=True):
        implied = imply(structure, theta)
        precision = np.linalg.inv(implied.cov)
        columns = np.concatenate([implied.reach, implied.spread], axis=2)
        product = np.swapaxes(columns, -1, -2) @ precision @ columns
        slopes = slope_columns(structure)
        u, v = slopes.first, slopes.second
        cells = product[:, u[:, None], u] * product[:, v[:, None], v]
        cells += product[:, u[:, None], v] * product[:, v[:, None], u]
        cells *= slopes.weight[:, None] * slopes.weight
        if structure.has_means:
            level = mean_slopes(structure, implied)
            cells += level @ precision @ np.swapaxes(level, -1, -2)
        total += share * _gather_both(structure, cells)
    return total


def _gather_both(structure: Structure, cells: FloatArray) -> FloatArray:
    once = structure.gather(cells)
    both: FloatArray = structure.gather(np.swapaxes(once, -1, -2))
    return both


def observed_information(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]
) -> FloatArray:
    """Hessian of F/2 at parameters (q,), shape (q, q)."""
    if not any(structure.has_means for structure in structures):
        return _covariance_hessian(structures, theta, groups)
    q = theta.size
    beside = theta + STEP * 1j * np.eye(q)
    hessian = gradient(structures, beside, groups).imag / STEP
    symmetric: FloatArray = 0.5 * (hessian + hessian.T)
    return symmetric


def _covariance_hessian(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]
) -> FloatArray:
    total = np.zeros((theta.size, theta.size))
    for structure, group, share in zip(structures, groups, _shares(groups), strict=True):
        implied = imply(structure, theta[None])
        precision = np.linalg.inv(implied.cov[0])
        by_cov = 0.5 * (precision - precision @ group.cov @ precision)
        cells = moment_curvature(structure, implied, group.cov) + model_curvature(structure, implied, by_cov)
        total += share * _gather_both(structure, cells[None])[0]
    return total


def case_scores(structure: Structure, theta: FloatArray, rows: FloatArray, *, own_mean: FloatArray) -> FloatArray:
    """Derivative of each respondent's log-likelihood to the parameters, shape (n, q), for complete rows (n, p).

    ``own_mean`` is the mean that rows deviate from when there is no mean structure.
    """
    implied = imply(structure, theta[None])
    precision = np.linalg.inv(implied.cov[0])
    centre = implied.mean[0] if structure.has_means else own_mean
    pulled = (rows - centre) @ precision
    columns = np.concatenate([implied.reach[0], implied.spread[0]], axis=1)
    slopes = slope_columns(structure)
    product = columns.T @ precision @ columns
    toward = pulled @ columns
    cells = toward[:, slopes.first] * toward[:, slopes.second] - product[slopes.first, slopes.second]
    cells = cells * slopes.weight
    if structure.has_means:
        cells = cells + pulled @ mean_slopes(structure, implied)[0].T
    scores: FloatArray = structure.gather(cells)
    return scores
