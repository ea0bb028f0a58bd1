"""Proportional-odds regression, of which logistic regression is the case of two categories.

The gradient and the Hessian are kept per practice: they carry the cluster-robust errors and the bootstrap, which takes
one Newton step per replicate (the k-step bootstrap; Davidson & MacKinnon 1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.regression.cumulative_logit import AnswerTerms, answer_terms, climb_likelihood
from pxanalysis.statistics.regression.least_squares import FEW_CLUSTERS, ClusterSums, ErrorMethod, bias_reduced

__all__ = [
    "LATENT_VARIANCE",
    "CategoricalFit",
    "category_probabilities",
    "fit_categorical",
    "one_step_replicates",
    "robust_errors",
]

LATENT_VARIANCE = np.pi**2 / 3
"""Variance of the standard logistic distribution, the unexplained part of the latent outcome."""


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


def _terms(rows: _Rows, parameters: FloatArray) -> AnswerTerms:
    return answer_terms(
        np.where(rows.is_top, np.inf, rows.upper @ parameters),
        np.where(rows.is_bottom, -np.inf, rows.lower @ parameters),
    )


def _loglik(rows: _Rows, parameters: FloatArray, weights: FloatArray) -> float:
    chance = _terms(rows, parameters).chance
    return float(weights @ np.log(chance)) if (chance > 0).all() else -np.inf


def _derivatives(
    rows: _Rows, parameters: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Weighted first and second derivatives of the log-likelihood to the upper and lower edge, each (n,)."""
    terms = _terms(rows, parameters)
    first, second = terms.dense_upper / terms.chance, -terms.dense_lower / terms.chance
    slope_above = np.where(rows.is_top, 0.0, 1 - 2 * terms.upper)
    slope_below = np.where(rows.is_bottom, 0.0, 1 - 2 * terms.lower)
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

    def parts(values: FloatArray) -> tuple[FloatArray, FloatArray]:
        sums = _sums(rows, values, weights, everyone)
        return sums.score[0], sums.information[0]

    found = climb_likelihood(
        lambda values: _loglik(rows, values, weights),
        parts,
        parameters,
        solve=lambda information, score: np.asarray(np.linalg.solve(information, score)),
        ran_away=lambda values, height: bool(np.abs(values).max() > 100 or height > -1e-6),
        tolerance=1e-7,
    )
    if found is None:
        raise NotEstimableError(separated)
    return found[0]


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
    below = expit(fit.thresholds - (design @ fit.coefficients)[:, None])
    return np.diff(below, axis=1, prepend=0.0, append=1.0)
