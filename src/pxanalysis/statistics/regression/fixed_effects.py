"""Fixed effects of practices by least squares, with patient characteristics compared within practices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.statistics.regression.least_squares import solve_least_squares

__all__ = ["AdjustedFit", "fit_fixed_effects", "kish_weights", "remove_case_mix"]


@dataclass(frozen=True, slots=True, eq=False)
class AdjustedFit:
    """Practices after case mix, for J practices and p adjuster columns.

    Attributes
    ----------
    n
        Shape (J,): answers (effective, when weighted).
    adjusted, error
        Shape (J,): what the practice's patients would have said on average had they been the average patient, and its
        standard error from the spread of all patients of a practice, pooled; NaN without answers.
    own_error
        Shape (J,): the same from the spread of the practice's own patients; NaN where that is not known.
    low, high
        Range the adjusted values can lie in.
    beta, beta_error
        Shape (p,): effect of each adjuster within practices, and its standard error.
    sigma2
        Residual variance between patients of a practice.
    test, statistic, df1, df2, p_value
        Test of "no differences between practices": ``F`` or ``likelihood ratio`` (df2 infinite).
    note
        Shape (J,): what is special about a practice's estimate, or "".
    """

    n: FloatArray
    adjusted: FloatArray
    error: FloatArray
    own_error: FloatArray
    low: float
    high: float
    beta: FloatArray
    beta_error: FloatArray
    sigma2: float
    test: str
    statistic: float
    df1: float
    df2: float
    p_value: float
    note: npt.NDArray[np.object_]


def kish_weights(weights: FloatArray, codes: IntArray, n_practices: int) -> FloatArray:
    """Weights scaled so that those of a practice sum to Kish's effective number of its answers, shape (n,)."""
    mass = np.bincount(codes, weights, minlength=n_practices)
    squares = np.bincount(codes, weights**2, minlength=n_practices)
    scale = np.divide(mass, squares, out=np.zeros(n_practices), where=squares > 0)
    return np.asarray(weights * scale[codes], dtype=np.float64)


def _means(values: FloatArray, codes: IntArray, weights: FloatArray, mass: FloatArray) -> FloatArray:
    """Weighted practice means of the columns of (n, k) values, shape (J, k)."""
    sums = [np.bincount(codes, weights * column, minlength=mass.size) for column in values.T]
    stacked = np.column_stack(sums) if sums else np.zeros((mass.size, 0))
    out = np.full(stacked.shape, np.nan)
    np.divide(stacked, mass[:, None], out=out, where=mass[:, None] > 0)
    return out


def _within(
    y: FloatArray, x: FloatArray, codes: IntArray, weights: FloatArray, mass: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Slopes within practices, (XᵀX)⁻¹, weighted residuals, practice means of y and of x."""
    mean_y, mean_x = _means(y[:, None], codes, weights, mass)[:, 0], _means(x, codes, weights, mass)
    root = np.sqrt(weights)
    left, right = (x - mean_x[codes]) * root[:, None], (y - mean_y[codes]) * root
    inverse: FloatArray = np.linalg.inv(left.T @ left).astype(np.float64)
    beta = inverse @ (left.T @ right)
    return beta, inverse, right - left @ beta, mean_y, mean_x


def _total_residual(y: FloatArray, x: FloatArray, weights: FloatArray) -> float:
    """Residual sum of squares of y on x and an intercept, without practices."""
    root = np.sqrt(weights)
    design = np.column_stack([np.ones(len(y)), x]) * root[:, None]
    rest = y * root - design @ solve_least_squares(y * root, design)
    return float(rest @ rest)


def fit_fixed_effects(
    y: FloatArray,
    x: FloatArray,
    codes: IntArray,
    n_practices: int,
    weights: FloatArray | None = None,
    *,
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> AdjustedFit | None:
    """Adjust practice means for case mix as CAHPS does: ȳ_j − (x̄_j − x̄)ᵀβ, with β from within practices.

    Parameters
    ----------
    y
        Shape (n,), no missing values.
    x
        Shape (n, p), centred at the mean patient, full rank within practices.
    weights
        Shape (n,), above 0; scaled per practice to Kish's effective number.

    Returns
    -------
    The fit, or None when no degrees of freedom or no spread are left.
    """
    weight = np.ones(len(y)) if weights is None else kish_weights(weights, codes, n_practices)
    mass = np.bincount(codes, weight, minlength=n_practices).astype(np.float64)
    practices = int((mass > 0).sum())
    beta, inverse, residual, mean_y, mean_x = _within(y, x, codes, weight, mass)
    df2 = float(mass.sum()) - practices - x.shape[1]
    rss = float(residual @ residual)
    centred = y - np.average(y, weights=weight)
    if df2 <= 0 or rss <= 1e-20 * max(float(weight @ centred**2), 1e-300):
        return None
    sigma2 = rss / df2
    size = np.where(mass > 0, mass, np.nan)
    squares = np.bincount(codes, residual**2, minlength=n_practices)
    own = np.divide(squares, mass - 1, out=np.full(n_practices, np.nan), where=mass > 1)
    shift = np.nan_to_num(mean_x)
    of_slopes = sigma2 * np.einsum("jp,pq,jq->j", shift, inverse, shift)
    df1 = practices - 1.0
    f_value = max(_total_residual(y, x, weight) - rss, 0.0) / max(df1, 1.0) / sigma2
    return AdjustedFit(
        n=mass,
        adjusted=mean_y - shift @ beta,
        error=np.sqrt(sigma2 / size + of_slopes),
        own_error=np.sqrt(own / size + of_slopes),
        low=limits[0],
        high=limits[1],
        beta=beta,
        beta_error=np.sqrt(sigma2 * np.diag(inverse)),
        sigma2=sigma2,
        test="F",
        statistic=f_value,
        df1=df1,
        df2=df2,
        p_value=float(fdtrc(df1, df2, f_value)) if df1 > 0 else np.nan,
        note=np.where(mass > 0, "", "no answers").astype(object),
    )


def remove_case_mix(
    values: FloatArray, x: FloatArray, codes: IntArray, n_practices: int, weights: FloatArray | None = None
) -> FloatArray:
    """Answers as the average patient would have given them: y − xᵀβ per column, β from within practices.

    Parameters
    ----------
    values
        Shape (n, K), NaN where missing; each column has its own β from its own answers.
    x
        Shape (n, p), centred.

    Returns
    -------
    Shape (n, K), missing where ``values`` is; a column with too few answers for β is returned as it is.
    """
    out = values.copy()
    for k in range(values.shape[1] if x.shape[1] else 0):
        seen = np.isfinite(values[:, k])
        if weights is not None:
            seen &= weights > 0
        own = np.ones(int(seen.sum())) if weights is None else weights[seen]
        mass = np.bincount(codes[seen], own, minlength=n_practices).astype(np.float64)
        root = np.sqrt(own)
        left = (x[seen] - _means(x[seen], codes[seen], own, mass)[codes[seen]]) * root[:, None]
        right = (values[seen, k] - _means(values[seen, k, None], codes[seen], own, mass)[codes[seen], 0]) * root
        if seen.sum() > (mass > 0).sum() + x.shape[1]:
            out[:, k] -= x @ solve_least_squares(right, left)
    return out
