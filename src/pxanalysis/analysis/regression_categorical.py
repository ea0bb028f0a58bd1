"""Proportional-odds regression, of which logistic regression is the case of two categories.

``P(y <= k) = F(threshold_k - x'b)`` with F logistic. The likelihood is concave, so Newton's method with step halving
finds its one maximum. The gradient and the Hessian are kept per practice: they carry the cluster-robust errors and
the bootstrap, which takes one Newton step per replicate (the k-step bootstrap; Davidson & MacKinnon 1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.regression_errors import FEW_CLUSTERS, ClusterSums, ErrorMethod, bias_reduced
from pxanalysis.analysis.result import FloatArray
from pxanalysis.errors import NotEstimableError

__all__ = [
    "LATENT_VARIANCE",
    "CategoricalFit",
    "category_probabilities",
    "fit_categorical",
    "one_step_replicates",
    "robust_errors",
]

IntArray = npt.NDArray[np.intp]

LATENT_VARIANCE = np.pi**2 / 3
"""Variance of the standard logistic distribution, the unexplained part of the latent outcome."""

_STEPS = 60


@dataclass(frozen=True, slots=True, eq=False)
class CategoricalFit:
    """A proportional-odds fit with K categories and q design columns.

    Attributes
    ----------
    thresholds
        Shape (K-1,), increasing.
    coefficients
        Shape (q,), log-odds of a higher answer per unit.
    categories
        Shape (K,), the answers that occur, increasing.
    sums
        Per unit (practice, or row when there is one practice): minus the Hessian and the gradient.
    loglik
        Log-likelihood.
    """

    thresholds: FloatArray
    coefficients: FloatArray
    categories: FloatArray
    sums: ClusterSums
    loglik: float

    @property
    def parameters(self) -> FloatArray:
        """Thresholds and coefficients beside each other, shape (K-1+q,)."""
        return np.concatenate([self.thresholds, self.coefficients])


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Design rows of both edges of the answered category: (n, K-1+q), zero threshold beyond the outer edges."""

    upper: FloatArray
    lower: FloatArray
    is_top: npt.NDArray[np.bool_]
    is_bottom: npt.NDArray[np.bool_]


def _edges(category: IntArray, design: FloatArray, categories: int) -> _Rows:
    thresholds = np.eye(categories - 1)
    padded = np.vstack([np.zeros((1, categories - 1)), thresholds, np.zeros((1, categories - 1))])
    return _Rows(
        upper=np.column_stack([padded[category + 1], -design]),
        lower=np.column_stack([padded[category], -design]),
        is_top=category == categories - 1,
        is_bottom=category == 0,
    )


def _probability(rows: _Rows, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Probability of the answered category, and the logistic densities at its edges, each (n,)."""
    from scipy.special import expit

    above = np.where(rows.is_top, np.inf, rows.upper @ parameters)
    below = np.where(rows.is_bottom, -np.inf, rows.lower @ parameters)
    # With both edges far up, the difference of the upper tails keeps the digits that F(above) - F(below) loses.
    flip = np.where(np.isfinite(above) & np.isfinite(below), above + below > 0, rows.is_top)
    probability = np.where(flip, expit(-below) - expit(-above), expit(above) - expit(below))
    return probability, expit(above) * expit(-above), expit(below) * expit(-below)


def _loglik(rows: _Rows, parameters: FloatArray, weights: FloatArray) -> float:
    probability = _probability(rows, parameters)[0]
    if not (probability > 0).all():
        return -np.inf
    return float(weights @ np.log(probability))


def _derivatives(
    rows: _Rows, parameters: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Weighted first and second derivatives of the log-likelihood to the upper and lower edge, each (n,)."""
    from scipy.special import expit

    probability, density_above, density_below = _probability(rows, parameters)
    first, second = density_above / probability, -density_below / probability
    slope_above = np.where(rows.is_top, 0.0, 1 - 2 * expit(rows.upper @ parameters))
    slope_below = np.where(rows.is_bottom, 0.0, 1 - 2 * expit(rows.lower @ parameters))
    curve_above = first * slope_above - first**2
    curve_below = second * slope_below - second**2
    return weights * first, weights * second, weights * curve_above, weights * curve_below, -weights * first * second


def _sums(rows: _Rows, parameters: FloatArray, weights: FloatArray, units: IntArray) -> ClusterSums:
    first, second, curve_above, curve_below, mixed = _derivatives(rows, parameters, weights)
    gradient = first[:, None] * rows.upper + second[:, None] * rows.lower
    count = int(units.max()) + 1
    score = np.zeros((count, gradient.shape[1]))
    np.add.at(score, units, gradient)
    order = np.argsort(units, kind="stable")
    ends = np.cumsum(np.bincount(units, minlength=count))
    information = np.empty((count, gradient.shape[1], gradient.shape[1]))
    start = 0
    for unit, end in enumerate(ends):
        here = order[start:end]
        upper, lower = rows.upper[here], rows.lower[here]
        across = (upper * mixed[here, None]).T @ lower
        information[unit] = -(
            (upper * curve_above[here, None]).T @ upper
            + (lower * curve_below[here, None]).T @ lower
            + across
            + across.T
        )
        start = end
    return ClusterSums(information, score)


def fit_categorical(
    outcome: FloatArray,
    design: FloatArray,
    *,
    weights: FloatArray | None = None,
    units: IntArray | None = None,
    names: tuple[str, ...] = (),
) -> CategoricalFit:
    """Fit proportional odds (two categories: logistic regression) by maximum likelihood.

    Parameters
    ----------
    outcome
        Shape (n,), any ordered numbers; only their order counts.
    design
        Shape (n, q), without a constant and without missing values.
    weights
        Case weights, shape (n,).
    units
        Practice of each row 0 ... J-1, each occurring; every row by itself when None.
    names
        Names of the design columns, for messages.

    Raises
    ------
    NotEstimableError
        When the drivers separate the answers perfectly, so that the estimates run off to infinity.
    """
    categories, category = np.unique(outcome, return_inverse=True)
    case_weights = np.ones(len(outcome)) if weights is None else weights
    by_unit = np.arange(len(outcome)) if units is None else units
    centre = np.average(design, axis=0, weights=case_weights)
    spread = np.sqrt(np.average((design - centre) ** 2, axis=0, weights=case_weights))
    rows = _edges(category, (design - centre) / spread, categories.size)
    share = np.cumsum(np.bincount(category, weights=case_weights))[:-1] / case_weights.sum()
    start = np.concatenate([np.log(share / (1 - share)), np.zeros(design.shape[1])])
    parameters = _climb(rows, start, case_weights, _separated(category, design, names))
    back = np.concatenate([np.ones(share.size), 1 / spread])
    scaled = parameters * back
    scaled[: share.size] += centre @ scaled[share.size :]
    raw_rows = _edges(category, design, categories.size)
    return CategoricalFit(
        thresholds=scaled[: share.size],
        coefficients=scaled[share.size :],
        categories=np.asarray(categories, dtype=np.float64),
        sums=_sums(raw_rows, scaled, case_weights, by_unit),
        loglik=_loglik(rows, parameters, case_weights),
    )


def _climb(rows: _Rows, parameters: FloatArray, weights: FloatArray, separated: str) -> FloatArray:
    everyone = np.zeros(len(weights), dtype=np.intp)
    height = _loglik(rows, parameters, weights)
    for _ in range(_STEPS):
        sums = _sums(rows, parameters, weights, everyone)
        try:
            step = np.linalg.solve(sums.information[0], sums.score[0])
        except np.linalg.LinAlgError:
            break
        size = 1.0
        while (after := _loglik(rows, parameters + size * step, weights)) < height - 1e-12 * abs(height):
            size /= 2
            if size < 1e-8:
                break
        parameters = parameters + size * step
        gain, height = after - height, after
        if np.abs(parameters).max() > 100 or height > -1e-6:
            break
        if gain < 1e-10 * (1 + abs(height)) and np.abs(step).max() < 1e-7:
            return parameters
    raise NotEstimableError(separated)


def _separated(category: IntArray, design: FloatArray, names: tuple[str, ...]) -> str:
    """Say which column orders the categories without overlap."""
    found = []
    for column, name in enumerate(names):
        for sign in (1.0, -1.0):
            ends = [
                (part.min(), part.max())
                for part in (sign * design[category == k, column] for k in range(int(category.max()) + 1))
            ]
            if all(low[1] <= high[0] for low, high in pairwise(ends)):
                found.append(f"'{name}'")
    which = f"{' and '.join(dict.fromkeys(found))} separates" if found else "a combination of the drivers separates"
    return (
        f"{which} the outcome's answers perfectly, so the estimates run off to infinity; leave it out, join answer "
        "categories, or wait for more answers."
    )


def robust_errors(fit: CategoricalFit, *, clustered: bool) -> tuple[FloatArray, FloatArray, ErrorMethod]:
    """Sandwich covariance of thresholds and coefficients (q', q'), degrees of freedom (q',), and its name.

    ``CR2`` below 40 practices, else ``CR1``; without practices ``HC1``.
    """
    units, size = fit.sums.score.shape
    if clustered and units < FEW_CLUSTERS:
        return *bias_reduced(fit.sums), "CR2"
    bread = np.linalg.inv(fit.sums.information.sum(axis=0))
    factor = units / (units - 1) if clustered else units / (units - size)
    covariance = factor * bread @ (fit.sums.score.T @ fit.sums.score) @ bread
    degrees = units - 1.0 if clustered else float(units - size)
    return covariance, np.full(size, degrees), "CR1" if clustered else "HC1"


def one_step_replicates(fit: CategoricalFit, counts: npt.NDArray[np.integer]) -> FloatArray:
    """Thresholds and coefficients of bootstrap samples by one Newton step, (B, K-1+q), from counts (B, units).

    NaN where a sample's Hessian is singular.
    """
    units, size = fit.sums.score.shape
    drawn = counts.astype(np.float64)
    information = (drawn @ fit.sums.information.reshape(units, -1)).reshape(-1, size, size)
    usable = np.linalg.cond(information) < 1e14
    steps = np.full((len(drawn), size), np.nan)
    steps[usable] = np.linalg.solve(information[usable], (drawn @ fit.sums.score)[usable][..., None])[..., 0]
    return np.asarray(fit.parameters + steps)


def category_probabilities(fit: CategoricalFit, design: FloatArray) -> FloatArray:
    """Probability of each category, shape (n, K), for a design of shape (n, q)."""
    from scipy.special import expit

    below = expit(fit.thresholds - (design @ fit.coefficients)[:, None])
    return np.diff(below, axis=1, prepend=0.0, append=1.0)
