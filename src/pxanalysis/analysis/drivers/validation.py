"""How far a driver model can be trusted: R² on practices it has not seen, and drivers that overlap."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.moments import DriverMoments, fill_missing, moments_of_sums, regress_missing
from pxanalysis.analysis.drivers.sums import DriverSums, sum_rows
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MOST_FOLDS
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.regression.explained_variance import as_correlations
from pxanalysis.statistics.regression.proportional_odds import category_probabilities, fit_categorical

__all__ = ["Family", "complete_drivers", "condition_index", "cross_validated_r2", "variance_inflation"]
Family = Literal["linear", "ordinal", "logistic"]


def complete_drivers(design: DriverDesign, moments: DriverMoments) -> FloatArray:
    """Case mix and drivers in their own units, missing cells as expected from the row's other drivers, (n, c+p)."""
    values = moments.clear(design)
    fill_missing(values[:, :-1], moments.mean[:-1], moments.covariance[:-1, :-1])
    moments.clearing.put_back(values, design.met)
    return values[:, :-1]


def variance_inflation(moments: DriverMoments) -> FloatArray:
    """How many times the variance of each coefficient is inflated by the other columns, shape (c+p,); 1 is not."""
    inputs = len(moments.mean) - 1
    precision = np.linalg.inv(moments.covariance[:inputs, :inputs])
    return np.asarray(np.diagonal(precision) * moments.spread[:inputs] ** 2)


def condition_index(design: DriverDesign, moments: DriverMoments) -> float:
    """Root of the ratio of largest to smallest eigenvalue of the drivers' correlations; above 30 is a warning.

    Belsley, Kuh & Welsch (1980), on centred columns. Case mix is left aside: a rare answer there says nothing about
    how drivers overlap.
    """
    drivers = slice(len(design.covariates), len(moments.mean) - 1)
    values = np.linalg.eigvalsh(as_correlations(moments.covariance[drivers, drivers]))
    return float(np.sqrt(values[-1] / values[0]))


def cross_validated_r2(design: DriverDesign, family: Family = "linear", *, seed: int = 1) -> tuple[float, Note | None]:
    """Proportion of the outcome's variance predicted in practices left out of the fit.

    The practices are dealt over at most 10 folds; with one practice, the responses are. An ordinal or logistic model
    predicts the expected answer. It may be below 0, when the mean of the others predicts better. For a linear model,
    the error that a missing answer adds is taken off (as the model expects it), so that the figure is about complete
    answers, as R² is; nothing is missing of a driver that was not met.

    Returns
    -------
    The cross-validated R² and None; NaN and the reason when a fold cannot be fitted.
    """
    fold = _deal(design, seed)
    sums = sum_rows(design, fold)
    squares = variance = 0.0
    for test in range(int(fold.max()) + 1):
        inside = np.arange(fold.max() + 1) == test
        learn, left_out = sums.of_parts(~inside), sums.of_parts(inside)
        try:
            moments = moments_of_sums(learn, design.missing)
            if family == "linear":
                error = _linear_squares(left_out, moments)
            else:
                error = _categorical_squares(design, moments, fold == test)
        except AnalysisError as failure:
            return float("nan"), Note("cv_failed", {"reason": str(failure)})
        if not np.isfinite(error):
            return float("nan"), Note("cv_failed", {"reason": "the outcome cannot be predicted."})
        squares += error
        centre = learn.mean_of(learn.mean)[-1]
        variance += left_out.within[-1] + left_out.weight @ (left_out.mean[:, -1] - centre) ** 2
    return 1.0 - squares / variance, None


def _deal(design: DriverDesign, seed: int) -> IntArray:
    """Fold of each row."""
    rng = np.random.default_rng(seed)
    if len(design.practices) > 1:
        units, count = design.codes, len(design.practices)
    else:
        units, count = np.arange(len(design.rated)), len(design.rated)
    return np.asarray(rng.permutation(np.arange(count) % min(MOST_FOLDS, count))[units])


def _linear_squares(left_out: DriverSums, moments: DriverMoments) -> float:
    """Weighted sum of squared errors in rows left out, less the error that missing cells add.

    The error of a row is a weighted sum of its cells, which is the same for all rows with the same cells.
    """
    inner, link = moments.covariance[:-1, :-1], moments.covariance[:-1, -1]
    slopes = np.asarray(np.linalg.solve(inner, link), dtype=np.float64)
    observed = left_out.observed[:, :-1]
    share = np.zeros(left_out.observed.shape)
    excess = np.zeros(len(observed))
    share[:, -1] = 1.0
    for pattern in np.unique(left_out.pattern):
        here = observed[pattern]
        gone = slopes[~here]
        of_missing, left = regress_missing(here, inner)
        share[pattern, :-1][here] = -slopes[here] - of_missing @ gone
        excess[pattern] = gone @ left @ gone
    met = left_out.met[left_out.meeting].astype(np.float64)
    away = left_out.mean - moments.clearing.shift(met) - moments.mean
    about = left_out.weight @ ((share[left_out.pattern] * away).sum(axis=1) ** 2 - excess[left_out.pattern])
    of_block = share[left_out.block_pattern[left_out.blocks]]
    return float(about + np.einsum("bi,bij,bj->", of_block, left_out.spread[left_out.blocks], of_block))


def _categorical_squares(design: DriverDesign, moments: DriverMoments, inside: BoolArray) -> float:
    """Weighted sum of squared errors in the rows ``inside`` (n,) by a model of the others."""
    learn = ~inside
    columns = np.column_stack([design.met, complete_drivers(design, moments)])
    varying = np.ptp(columns[learn], axis=0) > 0
    fit = fit_categorical(design.rated[learn], columns[np.ix_(learn, varying)], weights=design.weights[learn])
    predicted = category_probabilities(fit, columns[np.ix_(inside, varying)]) @ fit.categories
    return float(design.weights[inside] @ (design.rated[inside] - predicted) ** 2)
