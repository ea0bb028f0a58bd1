"""Drivers within and between practices: whether it is the better experience or the better practice that counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import t

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.moments import DriverMoments
from pxanalysis.analysis.drivers.validation import complete_drivers
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.regression.explained_variance import check_singular
from pxanalysis.statistics.regression.least_squares import ErrorMethod, LeastSquares, fit_least_squares

__all__ = ["WithinBetween", "split_within_between"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class WithinBetween(Result):
    """Coefficients of patients' differences within a practice and of practices' means.

    Attributes
    ----------
    terms
        One row per driver: ``term``; ``within, within_error, within_low, within_high`` and the same for ``between``,
        in outcome units per point on 0-100; ``difference`` (between less within, the contextual effect) with
        ``difference_low, difference_high, p_value``; ``reason`` where ``between`` cannot be estimated.
    outcome, errors, n_obs, n_practices, confidence
        What was fitted.
    """

    terms: pd.DataFrame
    outcome: str
    errors: ErrorMethod
    n_obs: int
    n_practices: int
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per driver: ``estimate`` is the difference, between less within, see ``terms``."""
        names = {"difference": "estimate", "difference_error": "std_error"}
        names |= {"difference_low": "ci_low", "difference_high": "ci_high"}
        return standard_columns(self.terms.rename(columns=names))

    def glance(self) -> pd.DataFrame:
        """One row: outcome, errors, responses, practices."""
        facts = ["outcome", "errors", "n_obs", "n_practices", "confidence"]
        return pd.DataFrame([{fact: getattr(self, fact) for fact in facts}])


def split_within_between(design: DriverDesign, moments: DriverMoments, confidence: float) -> WithinBetween:
    """Split each driver into the patient's distance from the practice's mean and that mean (Mundlak 1978).

    Missing scores are put in as expected from the other drivers. The mean is that of the patients who met the driver;
    those who did not have no distance from it and no mean, beside the effect of having met it. Practice means of few
    patients are noisy, which draws ``between`` towards ``within``. The split is linear, also for a model that is
    ordinal or logistic.

    Raises
    ------
    NotEstimableError
        With one practice, or one response in every practice.
    """
    practices, n = len(design.practices), len(design.rated)
    if practices < 2:
        raise NotEstimableError("all responses are from one practice, so there is nothing between practices to see.")
    if practices == n:
        raise NotEstimableError(
            "every practice has one response, so differences within and between practices cannot be told apart; "
            "collect more responses per practice."
        )
    columns = np.hstack([design.met, complete_drivers(design, moments)])
    others, drivers = np.split(columns, [columns.shape[1] - len(design.drivers)], axis=1)
    means = _means_of_met(drivers, design)
    check_singular(np.atleast_2d(np.cov(drivers - means, rowvar=False)), design.drivers)
    reason = _why_not_between(means, design, others.shape[1])
    if reason:
        fit = _fit_within(design, others, drivers - means)
    else:
        matrix = np.hstack([np.ones((n, 1)), others, drivers - means, means])
        fit = fit_least_squares(design.rated, matrix, weights=design.weights, codes=design.codes)
    return WithinBetween(
        terms=_terms(design, fit, bool(reason), confidence).assign(reason=reason),
        outcome=design.outcome.id,
        errors=fit.errors,
        n_obs=n,
        n_practices=practices,
        confidence=confidence,
    )


def _means_of_met(drivers: FloatArray, design: DriverDesign) -> FloatArray:
    """Mean of each driver among those in the row's practice who met it; where unmet, the driver's own constant."""
    means = np.empty_like(drivers)
    for column in range(drivers.shape[1]):
        weight = np.where(design.unmet[:, column], 0.0, design.weights)
        size = len(design.practices)
        total = np.bincount(design.codes, weight * drivers[:, column], minlength=size)
        mass = np.bincount(design.codes, weight, minlength=size)
        mean = np.divide(total, mass, out=np.zeros(size), where=mass > 0)
        means[:, column] = np.where(design.unmet[:, column], drivers[:, column], mean[design.codes])
    return means


def _practice_means(values: FloatArray, design: DriverDesign) -> FloatArray:
    """Weighted mean of each column in the row's practice, shape of ``values``."""
    totals = np.zeros((len(design.practices), values.shape[1]))
    np.add.at(totals, design.codes, values * design.weights[:, None])
    weight = np.bincount(design.codes, weights=design.weights)
    return np.asarray((totals / weight[:, None])[design.codes])


def _why_not_between(means: FloatArray, design: DriverDesign, others: int) -> str:
    practices, drivers = len(design.practices), len(design.drivers)
    if practices < drivers + others + 3:
        return (
            f"{practices} practices cannot carry {drivers} practice means; at least {drivers + others + 3} are needed"
        )
    try:
        check_singular(np.atleast_2d(np.cov(means, rowvar=False)), design.drivers)
    except NotEstimableError as error:
        return f"practice means: {error}"
    return ""


def _fit_within(design: DriverDesign, others: FloatArray, within: FloatArray) -> LeastSquares:
    """Practices' own levels taken out of everything."""
    both = np.column_stack([design.rated, others])
    cleared = both - _practice_means(both, design)
    varying = cleared[:, 1:][:, np.ptp(cleared[:, 1:], axis=0) > 1e-9]
    matrix = np.hstack([np.ones((len(within), 1)), varying, within])
    return fit_least_squares(cleared[:, 0], matrix, weights=design.weights, codes=design.codes)


def _terms(design: DriverDesign, fit: LeastSquares, within_only: bool, confidence: float) -> pd.DataFrame:
    p, q = len(design.drivers), len(fit.coefficients)
    absent = np.full((p, q), np.nan)
    between = absent if within_only else np.eye(q)[q - p :]
    within = np.eye(q)[q - p :] if within_only else np.eye(q)[q - 2 * p : q - p]
    frame = pd.DataFrame({"term": list(design.drivers)})
    for name, contrasts in (("within", within), ("between", between), ("difference", between - within)):
        frame = frame.join(_contrast(fit, contrasts, name, confidence))
    return frame.drop(columns=["within_p", "between_p"]).rename(columns={"difference_p": "p_value"})


def _contrast(fit: LeastSquares, contrasts: npt.NDArray[np.float64], name: str, confidence: float) -> pd.DataFrame:
    """Estimate, error, interval and p-value of each row of ``contrasts``."""
    estimate = contrasts @ fit.coefficients
    error = np.sqrt(np.einsum("ij,jk,ik->i", contrasts, fit.covariance, contrasts))
    degrees = np.where(contrasts != 0, fit.degrees, np.inf).min(axis=1)
    reach = t.ppf(0.5 + confidence / 2, degrees) * error
    return pd.DataFrame(
        {
            name: estimate,
            f"{name}_error": error,
            f"{name}_low": estimate - reach,
            f"{name}_high": estimate + reach,
            f"{name}_p": 2 * t.sf(np.abs(estimate / error), degrees),
        }
    )
