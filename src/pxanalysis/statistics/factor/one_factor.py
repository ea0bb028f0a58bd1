"""Factor models in which every item belongs to one factor, fitted for many covariance matrices at once.

``S = L F L' + P`` with unit factor variances. Maximum likelihood by Fisher scoring: every derivative of S has the
form ``a b' + b a'``, so gradient and information are products of small matrices (Lawley & Maxwell 1971, ch. 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import NotEstimableError

__all__ = ["FactorFit", "fit_factors", "fit_one_factor_dwls", "srmr_of"]
MAX_ITER = 300
HALVINGS = 12
LOWEST_UNIQUENESS = -1.0
LARGEST_GRADIENT = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class FactorFit:
    """Solutions for b covariance matrices of p items on m factors.

    Attributes
    ----------
    loadings, uniquenesses
        Shape (b, p), in the units of the covariances; an item's loading is on its own factor.
    correlations
        Shape (b, m, m), between factors.
    discrepancy
        Shape (b,), the minimised fit function; times n it is the chi-square statistic.
    converged
        Shape (b,).
    heywood
        Shape (b, p), True where a uniqueness is 0 or negative (inadmissible).
    """

    loadings: FloatArray
    uniquenesses: FloatArray
    correlations: FloatArray
    discrepancy: FloatArray
    converged: npt.NDArray[np.bool_]
    heywood: npt.NDArray[np.bool_]


def _check_identified(factor_of: IntArray) -> None:
    sizes = np.bincount(factor_of)
    if sizes.size == 1 and sizes[0] < 3:
        raise NotEstimableError(
            f"a factor model of {sizes[0]} items is not identified; it needs 3 (for 2 items use Spearman-Brown)."
        )
    if sizes.min() < 2:
        raise NotEstimableError("every factor needs at least 2 items; leave out the scale with one item.")


def fit_factors(
    cov: FloatArray,
    factor_of: Sequence[int] | IntArray,
    *,
    tolerance: float = 1e-10,
    max_iter: int = 300,
) -> FactorFit:
    """Fit by maximum likelihood; negative uniquenesses are not prevented but flagged as ``heywood``.

    Parameters
    ----------
    cov
        Shape (b, p, p), positive definite.
    factor_of
        Shape (p,), number of each item's factor, 0..m-1; each factor has at least 2 items, 3 when it is alone.
    tolerance
        Largest change of a standardised parameter at which it stops.
    max_iter
        Fisher steps; a matrix whose solution runs off to uniquenesses below -1 is given up before.

    Raises
    ------
    NotEstimableError
        When the model is not identified.
    """
    owner = np.asarray(factor_of, dtype=np.intp)
    _check_identified(owner)
    spread = np.sqrt(np.einsum("bii->bi", cov))
    standard = cov / (spread[:, :, None] * spread[:, None, :])
    theta = _start(standard, owner)
    value, gradient, information = _evaluate(theta, standard, owner)
    moving = np.ones(len(cov), dtype=bool)
    for _ in range(max_iter):
        step = _solve(information[moving], gradient[moving])
        new, new_value = _search(theta[moving], value[moving], step, standard[moving], owner)
        change = np.abs(new - theta[moving]).max(axis=1)
        theta[moving], value[moving] = new, new_value
        active = np.flatnonzero(moving)
        lost = (new[:, owner.size : 2 * owner.size] < LOWEST_UNIQUENESS).any(axis=1)
        moving[active[(change < tolerance) | lost]] = False
        if not moving.any():
            break
        _, gradient[moving], information[moving] = _evaluate(theta[moving], standard[moving], owner)
    p = owner.size
    loadings, unique = theta[:, :p] * spread, theta[:, p : 2 * p] * spread**2
    correlations = _factor_correlations(theta, owner)
    settled = ~moving & (np.abs(gradient).max(axis=1) < LARGEST_GRADIENT)
    return FactorFit(loadings, unique, correlations, value, settled, theta[:, p : 2 * p] <= 1e-8)


def _start(standard: FloatArray, owner: IntArray) -> FloatArray:
    """Loadings from each factor's first principal axis, shrunk; factor correlations from the sums of items."""
    b, p, _ = standard.shape
    loadings = np.empty((b, p))
    for factor in range(owner.max() + 1):
        items = np.flatnonzero(owner == factor)
        values, vectors = np.linalg.eigh(standard[:, items[:, None], items])
        axis = vectors[:, :, -1] * np.sqrt(np.maximum(values[:, -1:], 0.1)) * 0.85
        loadings[:, items] = axis * np.where(axis.sum(axis=1, keepdims=True) < 0, -1.0, 1.0)
    weights = loadings[:, :, None] * (owner[:, None] == np.arange(owner.max() + 1))
    sums = np.swapaxes(weights, 1, 2) @ standard @ weights
    size = np.sqrt(np.einsum("bii->bi", sums))
    low = np.tril_indices(owner.max() + 1, -1)
    phi = np.clip((sums / (size[:, :, None] * size[:, None, :]))[:, low[0], low[1]], -0.9, 0.9)
    unique = np.clip(1 - loadings**2, 0.1, 0.9)
    return np.concatenate([loadings, unique, phi], axis=1)


def _factor_correlations(theta: FloatArray, owner: IntArray) -> FloatArray:
    m = int(owner.max()) + 1
    phi = np.tile(np.eye(m), (len(theta), 1, 1))
    rows, columns = np.tril_indices(m, -1)
    phi[:, rows, columns] = phi[:, columns, rows] = theta[:, 2 * owner.size :]
    return phi


def _implied(theta: FloatArray, owner: IntArray) -> FloatArray:
    p = owner.size
    phi = _factor_correlations(theta, owner)
    sigma = theta[:, :p, None] * theta[:, None, :p] * phi[:, owner[:, None], owner]
    sigma[:, np.arange(p), np.arange(p)] += theta[:, p : 2 * p]
    return sigma


def _discrepancy(theta: FloatArray, standard: FloatArray, owner: IntArray) -> tuple[FloatArray, FloatArray]:
    """Fit function, infinite outside the positive definite matrices, and the inverse implied matrix."""
    sigma = _implied(theta, owner)
    inside = np.linalg.eigvalsh(sigma)[:, 0] > 1e-10
    inverse = np.linalg.inv(np.where(inside[:, None, None], sigma, np.eye(owner.size)))
    log_ratio = np.linalg.slogdet(sigma)[1] - np.linalg.slogdet(standard)[1]
    value = log_ratio + np.einsum("bij,bij->b", standard, inverse) - owner.size
    return np.where(inside, value, np.inf), inverse


def _evaluate(theta: FloatArray, standard: FloatArray, owner: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fit function (b,), half its gradient (b, q) and half its expected Hessian (b, q, q)."""
    p, m = owner.size, int(owner.max()) + 1
    value, inverse = _discrepancy(theta, standard, owner)
    loading = theta[:, :p, None] * (owner[:, None] == np.arange(m))
    along = loading @ _factor_correlations(theta, owner)
    unit = np.broadcast_to(np.eye(p), inverse.shape)
    rows, columns = np.tril_indices(m, -1)
    a = np.concatenate([unit, unit, loading[:, :, rows]], axis=2)
    b = np.concatenate([along[:, :, owner], 0.5 * unit, loading[:, :, columns]], axis=2)
    left, right = inverse @ a, inverse @ b
    misfit = inverse - inverse @ standard @ inverse
    gradient = np.einsum("bpq,bpq->bq", a, misfit @ b)
    mixed = np.swapaxes(b, 1, 2) @ left
    information = mixed * np.swapaxes(mixed, 1, 2) + (np.swapaxes(b, 1, 2) @ right) * (np.swapaxes(a, 1, 2) @ left)
    return value, gradient, information


def _solve(information: FloatArray, gradient: FloatArray) -> FloatArray:
    ridge = 1e-12 * np.einsum("bii->b", information)[:, None, None] * np.eye(information.shape[1])
    step: FloatArray = np.linalg.solve(information + ridge, gradient[:, :, None])[:, :, 0]
    return step


def _search(
    theta: FloatArray, value: FloatArray, step: FloatArray, standard: FloatArray, owner: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Go down the Fisher step, halved where that does not lower the fit function."""
    best, best_value = theta.copy(), value.copy()
    open_ = np.arange(len(theta))
    length = 1.0
    for _ in range(HALVINGS):
        trial = theta[open_] - length * step[open_]
        trial_value, _ = _discrepancy(trial, standard[open_], owner)
        good = trial_value <= value[open_] + 1e-14
        best[open_[good]], best_value[open_[good]] = trial[good], trial_value[good]
        open_ = open_[~good]
        if open_.size == 0:
            break
        length /= 2
    return best, best_value


def srmr_of(cov: FloatArray, loadings: FloatArray) -> float:
    """Standardised root mean square residual of a one-factor model (k, k), (k,); Bentler's, with the diagonal."""
    spread = np.sqrt(np.diag(cov))
    standard = loadings / spread
    residual = np.tril(cov / np.outer(spread, spread) - np.outer(standard, standard), -1)
    k = len(cov)
    return float(np.sqrt((residual**2).sum() / (k * (k + 1) / 2)))


def fit_one_factor_dwls(correlation: FloatArray, variance: FloatArray) -> FactorFit:
    """One factor behind polychoric correlations (p, p) by diagonally weighted least squares.

    Minimises ``sum_(i<j) (r_ij - l_i l_j)^2 / variance_ij`` by Gauss-Newton (Muthén, du Toit & Spisic 1997); the
    loadings are those of a WLSMV fit.
    """
    p = len(correlation)
    owner = np.zeros(p, dtype=np.intp)
    _check_identified(owner)
    rows, columns = np.tril_indices(p, -1)
    weight = 1 / np.maximum(variance[rows, columns], 1e-12)
    target = correlation[rows, columns]
    loadings = _start(correlation[None], owner)[0, :p]
    value, converged = np.inf, False
    for _ in range(MAX_ITER):
        jacobian = np.zeros((rows.size, p))
        jacobian[np.arange(rows.size), rows] = loadings[columns]
        jacobian[np.arange(rows.size), columns] = loadings[rows]
        residual = target - loadings[rows] * loadings[columns]
        value = float(weight @ residual**2)
        step = np.linalg.lstsq(jacobian * np.sqrt(weight)[:, None], residual * np.sqrt(weight), rcond=None)[0]
        loadings = loadings + np.clip(step, -0.3, 0.3)
        if np.abs(step).max() < 1e-12:
            converged = True
            break
    unique = 1 - loadings**2
    return FactorFit(
        loadings[None], unique[None], np.ones((1, 1, 1)), np.array([value]), np.array([converged]), unique[None] <= 1e-8
    )
