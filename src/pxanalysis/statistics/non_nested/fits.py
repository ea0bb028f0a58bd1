"""A criterion explained by some columns: least squares when it is continuous, logistic regression when it is binary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.regression.proportional_odds import category_probabilities, fit_categorical

__all__ = ["CriterionKind", "ModelFit", "fit_model", "predict"]

CriterionKind = Literal["binary", "continuous"]


@dataclass(frozen=True, slots=True, eq=False)
class ModelFit:
    """A fitted model of n rows and k coefficients (the constant counted, the error variance not).

    Attributes
    ----------
    kind
        ``continuous`` (normal likelihood at the maximum-likelihood variance) or ``binary`` (logit).
    coefficients
        Shape (k,), the constant first.
    fitted
        Expected criterion of each row, shape (n,).
    loglik
        Log-likelihood of each row, shape (n,).
    scores, information
        Derivatives of ``loglik`` to the coefficients, (n, k), and minus their expected derivative, (k, k).
    """

    kind: CriterionKind
    coefficients: FloatArray
    fitted: FloatArray
    loglik: FloatArray
    scores: FloatArray
    information: FloatArray

    @property
    def n_coefficients(self) -> int:
        """Number of coefficients k."""
        return int(self.coefficients.size)

    @property
    def bic(self) -> float:
        """Bayesian information criterion; the error variance of a continuous criterion counts as a parameter."""
        parameters = self.n_coefficients + (self.kind == "continuous")
        return float(-2.0 * self.loglik.sum() + parameters * np.log(self.loglik.size))


def fit_model(criterion: FloatArray, columns: FloatArray, kind: CriterionKind) -> ModelFit:
    """Fit a criterion (n,) on columns (n, k−1), complete; a constant is added.

    Raises
    ------
    NotEstimableError
        When a binary criterion has one class, or is separated perfectly.
    """
    design = np.column_stack([np.ones(len(criterion)), columns])
    return (_logit if kind == "binary" else _least_squares)(criterion, design)


def _least_squares(criterion: FloatArray, design: FloatArray) -> ModelFit:
    coefficients = np.asarray(np.linalg.lstsq(design, criterion, rcond=None)[0], dtype=np.float64)
    fitted = design @ coefficients
    residual = criterion - fitted
    variance = float(residual @ residual) / len(criterion)
    if variance <= 0:
        raise NotEstimableError("the criterion follows from the metric without any error.", "singular")
    unbiased = variance * len(criterion) / (len(criterion) - design.shape[1])
    return ModelFit(
        kind="continuous",
        coefficients=coefficients,
        fitted=fitted,
        loglik=-0.5 * (np.log(2.0 * np.pi * variance) + residual**2 / variance),
        scores=design * (residual / unbiased)[:, None],
        information=design.T @ design / unbiased,
    )


def _logit(criterion: FloatArray, design: FloatArray) -> ModelFit:
    if np.unique(criterion).size != 2:
        raise NotEstimableError(
            "the criterion has one class, so nothing can tell its classes apart.", "constant_outcome"
        )
    if design.shape[1] == 1:
        share = float(criterion.mean())
        coefficients, chance = np.array([np.log(share / (1.0 - share))]), np.full(len(criterion), share)
    else:
        fit = fit_categorical(criterion, design[:, 1:], units=np.zeros(len(criterion), dtype=np.intp))
        coefficients = np.concatenate([-fit.thresholds, fit.coefficients])
        chance = category_probabilities(fit, design[:, 1:])[:, 1]
    return ModelFit(
        kind="binary",
        coefficients=coefficients,
        fitted=chance,
        loglik=np.where(criterion == 1, np.log(chance), np.log1p(-chance)),
        scores=design * (criterion - chance)[:, None],
        information=(design * (chance * (1.0 - chance))[:, None]).T @ design,
    )


def predict(fit: ModelFit, columns: FloatArray) -> FloatArray:
    """Expected criterion of other rows, shape (m,), for columns (m, k−1)."""
    from scipy.special import expit

    link = fit.coefficients[0] + columns @ fit.coefficients[1:]
    return np.asarray(expit(link) if fit.kind == "binary" else link)
