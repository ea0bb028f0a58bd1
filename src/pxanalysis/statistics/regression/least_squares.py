"""Least squares with errors that know about practices: HC3, CR1, or CR2 when practices are few."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pxanalysis.arrays import ROWS_AT_ONCE, FloatArray, IntArray

__all__ = [
    "FEW_CLUSTERS",
    "ClusterSums",
    "ErrorMethod",
    "LeastSquares",
    "bias_reduced",
    "fit_least_squares",
    "solve_least_squares",
    "standardisation_ratio",
    "sum_by_cluster",
]

ErrorMethod = Literal["HC3", "CR1", "CR2", "HC1", "bootstrap"]

FEW_CLUSTERS = 40
"""With fewer practices than this, CR1 errors are too small and CR2 with its own degrees of freedom is used."""


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """What J clusters contribute: ``information`` (J, q, q), X'X or minus the Hessian; ``score`` (J, q), X'e."""

    information: FloatArray
    score: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LeastSquares:
    """A linear fit.

    Attributes
    ----------
    coefficients
        Shape (q,), in the order of the design's columns.
    covariance
        Shape (q, q).
    degrees
        Degrees of freedom of each coefficient's t distribution, shape (q,).
    residuals
        Shape (n,).
    errors
        ``HC3``, ``CR1`` or ``CR2``.
    r2, adj_r2
        Proportion of variance explained.
    """

    coefficients: FloatArray
    covariance: FloatArray
    degrees: FloatArray
    residuals: FloatArray
    errors: ErrorMethod
    r2: float
    adj_r2: float

    @property
    def std_errors(self) -> FloatArray:
        """Standard errors, shape (q,)."""
        return np.sqrt(np.diagonal(self.covariance))


def sum_by_cluster(design: FloatArray, residuals: FloatArray, codes: IntArray) -> ClusterSums:
    """X'X and X'e per cluster, for a design (n, q) and residuals (n,) already multiplied by the root of weights."""
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes))
    information = np.empty((ends.size, design.shape[1], design.shape[1]))
    score = np.empty((ends.size, design.shape[1]))
    start = 0
    for cluster, end in enumerate(ends):
        rows = design[order[start:end]]
        information[cluster] = rows.T @ rows
        score[cluster] = residuals[order[start:end]] @ rows
        start = end
    return ClusterSums(information, score)


def bias_reduced(sums: ClusterSums) -> tuple[FloatArray, FloatArray]:
    """CR2 covariance (q, q) and Satterthwaite degrees of freedom (q,) from sums per cluster.

    With M the inverse of the summed information and ``M½ X'X M½ = V s² V'`` in a cluster, the adjustment
    ``(I - H)^-½`` of that cluster's residuals acts on its score as ``M^-½ V (1-s²)^-½ V' M½``, so no matrix is
    larger than q x q. A direction that one cluster determines alone (s² = 1) contributes nothing.

    Notes
    -----
    Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004. The working model has equal
    variances, with case weights inverse to them.
    """
    values, vectors = np.linalg.eigh(sums.information.sum(axis=0))
    root = (vectors / np.sqrt(values)) @ vectors.T
    shares, rotation = np.linalg.eigh(root @ sums.information @ root)
    shares = np.clip(shares, 0.0, 1.0)
    left = 1.0 - shares
    half = np.where(left > 1e-10, 1.0 / np.sqrt(np.maximum(left, 1e-10)), 0.0)
    transposed = np.swapaxes(rotation, -1, -2)
    adjusted = np.einsum("jab,jb->ja", (rotation * half[:, None, :]) @ transposed, sums.score @ root)
    covariance = root @ (adjusted.T @ adjusted) @ root
    reach = (rotation * (shares * half)[:, None, :]) @ transposed
    spread = (rotation * (shares * half**2)[:, None, :]) @ transposed
    degrees = np.array([_satterthwaite(reach @ column, spread, column) for column in root])
    return covariance, degrees


def _satterthwaite(reach: FloatArray, spread: FloatArray, contrast: FloatArray) -> float:
    """Degrees of freedom of one contrast from the cross-products of the clusters' influence vectors."""
    gram = -reach @ reach.T
    gram[np.diag_indices(len(gram))] += np.einsum("a,jab,b->j", contrast, spread, contrast)
    return float(np.trace(gram) ** 2 / (gram**2).sum())


def fit_least_squares(
    outcome: FloatArray, design: FloatArray, *, weights: FloatArray | None = None, codes: IntArray | None = None
) -> LeastSquares:
    """Fit (weighted) least squares.

    Parameters
    ----------
    outcome, design
        Shapes (n,) and (n, q) without missing values; the design holds its own constant.
    weights
        Case weights, shape (n,).
    codes
        Practice of each row, 0 ... J-1, each occurring. HC3 when None, when there is one practice, or when every
        practice has one row; CR2 (Satterthwaite degrees of freedom) below 40 practices; else CR1 as Stata and
        statsmodels have it (J - 1 degrees of freedom).
    """
    case_weights = np.ones(len(outcome)) if weights is None else weights
    clusters = 0 if codes is None else int(codes.max()) + 1
    if codes is not None and FEW_CLUSTERS <= clusters < len(outcome):
        return _fit_many_clusters(outcome, design, case_weights, codes)
    # the heaviest import of all (1.5 s); only fitting needs it
    import statsmodels.api as sm

    model = sm.WLS(outcome, design, weights=case_weights)
    if codes is None or clusters < 2 or clusters == len(outcome):
        fit = model.fit(cov_type="HC3", use_t=True)
        covariance, errors = fit.cov_params(), "HC3"
        degrees = np.full(design.shape[1], fit.df_resid)
    else:
        fit = model.fit()
        root = np.sqrt(case_weights)
        sums = sum_by_cluster(design * root[:, None], fit.resid * root, codes)
        (covariance, degrees), errors = bias_reduced(sums), "CR2"
    return LeastSquares(
        coefficients=np.asarray(fit.params),
        covariance=np.asarray(covariance),
        degrees=np.asarray(degrees, dtype=np.float64),
        residuals=np.asarray(fit.resid),
        errors=errors,  # type: ignore[arg-type]
        r2=float(fit.rsquared),
        adj_r2=float(fit.rsquared_adj),
    )


def _fit_many_clusters(outcome: FloatArray, design: FloatArray, weights: FloatArray, codes: IntArray) -> LeastSquares:
    """Least squares with CR1 errors, without a second copy of a design of a million rows.

    The triangle of its QR decomposition, made some thousand rows at a time, is all that the coefficients rest on.
    """
    n, q = design.shape
    triangle = np.empty((0, q + 1))
    for start in range(0, n, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        rows = np.column_stack([design[part], outcome[part]]) * np.sqrt(weights[part])[:, None]
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, rows]), mode="r"))
    inverse = np.linalg.pinv(triangle[:q, :q], rcond=1e-15)
    coefficients = inverse @ triangle[:q, q]
    residuals = outcome - design @ coefficients
    scores = _sum_rows(design, weights * residuals, codes)
    clusters = len(scores)
    bread = inverse @ inverse.T
    correction = clusters / (clusters - 1) * (n - 1) / (n - q)
    left, whole = (float(weights @ away**2) for away in (residuals, outcome - np.average(outcome, weights=weights)))
    free = n - int(np.linalg.matrix_rank(triangle[:q, :q]))
    return LeastSquares(
        coefficients=coefficients,
        covariance=bread @ (scores.T @ scores) @ bread * correction,
        degrees=np.full(q, clusters - 1.0),
        residuals=residuals,
        errors="CR1",
        r2=1.0 - left / whole,
        adj_r2=1.0 - (n - 1) / free * left / whole,
    )


def _sum_rows(rows: FloatArray, weights: FloatArray, codes: IntArray) -> FloatArray:
    """Weighted sums of rows (n, q) by their code 0 ... J-1, shape (J, q)."""
    places = (codes, np.arange(codes.size))
    return np.asarray(sparse.coo_array((weights, places), shape=(int(codes.max()) + 1, codes.size)).tocsr() @ rows)


def solve_least_squares(outcome: FloatArray, design: FloatArray) -> FloatArray:
    """Coefficients (q,) alone; the shortest of all that fit equally well where columns of (n, q) follow from others."""
    return np.asarray(np.linalg.lstsq(design, outcome, rcond=1e-10)[0])


def standardisation_ratio(
    outcome: FloatArray,
    design: FloatArray,
    fit: LeastSquares,
    *,
    weights: FloatArray,
    codes: IntArray,
    scaled: npt.NDArray[np.bool_],
) -> FloatArray:
    """How many times larger the error of a standardised coefficient is than if the standard deviations were known.

    The delta method, by influence functions summed per practice (per row when there is one): beta is b s_x / s_y, and
    s_x and s_y come from the same patients. 1 for a coefficient of 0; below 1 where a sample with a larger slope tends
    to have a larger s_y.

    Parameters
    ----------
    design
        Shape (n, q), a constant first, as fitted.
    scaled
        Shape (q-1,): whether the coefficient is multiplied by the standard deviation of its column.

    Returns
    -------
    Array of shape (q-1,), for all coefficients but the constant.
    """
    share = weights / weights.sum()
    residual = outcome - design @ fit.coefficients
    units = codes if np.ptp(codes) > 0 else np.arange(len(outcome))
    cross = np.zeros((design.shape[1], design.shape[1]))
    for start in range(0, len(outcome), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        cross += (design[part] * share[part, None]).T @ design[part]
    slopes = (_sum_rows(design, share * residual, units) @ np.linalg.inv(cross))[:, 1:]
    of_outcome = np.bincount(units, _half_influence(outcome, share))
    known, estimated = (slopes**2).sum(axis=0), np.empty(slopes.shape[1])
    for place, slope in enumerate(fit.coefficients[1:]):
        own = np.bincount(units, _half_influence(design[:, place + 1], share)) if scaled[place] else 0.0
        estimated[place] = ((slopes[:, place] + slope * (own - of_outcome)) ** 2).sum()
    return np.asarray(np.sqrt(np.divide(estimated, known, out=np.ones_like(known), where=known > 0)))


def _half_influence(column: FloatArray, share: FloatArray) -> FloatArray:
    """Influence of each row on the logarithm of a column's standard deviation, shape (n,)."""
    away = column - share @ column
    away *= away
    return np.asarray(share * (away / (share @ away) - 1.0) / 2.0)
