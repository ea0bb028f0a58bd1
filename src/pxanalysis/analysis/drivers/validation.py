"""How far a driver model can be trusted: R² on practices it has not seen, and drivers that overlap."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.moments import DriverMoments, estimate_driver_moments, expect_missing, missing_variance
from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MOST_FOLDS
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.regression.explained_variance import as_correlations
from pxanalysis.statistics.regression.proportional_odds import category_probabilities, fit_categorical

__all__ = ["Family", "complete_drivers", "condition_index", "cross_validated_r2", "variance_inflation"]
Family = Literal["linear", "ordinal", "logistic"]


def complete_drivers(design: DriverDesign, moments: DriverMoments) -> FloatArray:
    """Case mix and drivers in their own units, missing cells as expected from the row's other drivers, (n, c+p)."""
    inputs = moments.cleared.shape[1] - 1
    filled = expect_missing(moments.cleared[:, :inputs], moments.mean[:inputs], moments.covariance[:inputs, :inputs])
    return np.asarray(filled + moments.clearing.shift(design.met)[:, :inputs])


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
    squares = variance = 0.0
    for test in np.unique(fold):
        inside = np.flatnonzero(fold == test)
        try:
            predicted, centre, excess = _predict(design, family, fold != test, inside)
        except AnalysisError as error:
            return float("nan"), Note("cv_failed", {"reason": str(error)})
        weights = design.weights[inside]
        if not np.isfinite(predicted).all():
            return float("nan"), Note("cv_failed", {"reason": "the outcome cannot be predicted."})
        squares += float(weights @ ((design.rated[inside] - predicted) ** 2 - excess))
        variance += float(weights @ (design.rated[inside] - centre) ** 2)
    return 1.0 - squares / variance, None


def _deal(design: DriverDesign, seed: int) -> IntArray:
    """Fold of each row."""
    rng = np.random.default_rng(seed)
    if len(design.practices) > 1:
        units, count = design.codes, len(design.practices)
    else:
        units, count = np.arange(len(design.rated)), len(design.rated)
    return np.asarray(rng.permutation(np.arange(count) % min(MOST_FOLDS, count))[units])


def _predict(
    design: DriverDesign,
    family: Family,
    learn: npt.NDArray[np.bool_],
    inside: IntArray,
) -> tuple[FloatArray, float, FloatArray]:
    """Predict the rows ``inside`` by a model of the rows ``learn``; also the latter's mean, and error by missing."""
    moments = estimate_driver_moments(design, learn)
    centre = float(np.average(design.rated[learn], weights=design.weights[learn]))
    inputs = moments.cleared.shape[1] - 1
    if family == "linear":
        inner, cleared = moments.covariance[:inputs, :inputs], moments.cleared[inside, :inputs]
        slopes = np.asarray(np.linalg.solve(inner, moments.covariance[:inputs, inputs]), dtype=np.float64)
        filled = expect_missing(cleared, moments.mean[:inputs], inner)
        shift = moments.clearing.shift(design.met[inside])[:, inputs]
        predicted = moments.mean[inputs] + (filled - moments.mean[:inputs]) @ slopes + shift
        return predicted, centre, missing_variance(cleared, inner, slopes)
    columns = np.column_stack([design.met, complete_drivers(design, moments)])
    varying = np.ptp(columns[learn], axis=0) > 0
    fit = fit_categorical(design.rated[learn], columns[np.ix_(learn, varying)], weights=design.weights[learn])
    chances = category_probabilities(fit, columns[np.ix_(inside, varying)])
    return chances @ fit.categories, centre, np.zeros(inside.size)
