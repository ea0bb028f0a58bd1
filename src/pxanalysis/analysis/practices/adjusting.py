"""Which case-mix model fits what is compared, its fit, and the intervals of the adjusted values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from pxanalysis.analysis.practices.inputs import Answers, Subject, choose_subject, gather_answers
from pxanalysis.analysis.practices.logit_adjustment import fit_logit_margins
from pxanalysis.analysis.practices.spread import Uncertainty, half_widths
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.proportions.intervals import wilson
from pxanalysis.statistics.regression.fixed_effects import AdjustedFit, fit_fixed_effects

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = [
    "Adjusted",
    "AdjustmentMethod",
    "adjust_practices",
    "adjusted_interval",
    "adjuster_table",
    "choose_method",
    "fit_adjusted",
]

AdjustmentMethod = Literal["auto", "ols", "logistic", "ordinal"]
"""``auto``: least squares for means and net shares, logistic for shares."""


def choose_method(method: AdjustmentMethod, subject: Subject) -> str:
    """Return ``ols``, ``logistic`` or ``ordinal``; a method that does not fit the subject raises AnalysisError."""
    if method not in get_args(AdjustmentMethod):
        raise AnalysisError(f"method: expected one of {', '.join(get_args(AdjustmentMethod))}, received '{method}'.")
    chosen = ("logistic" if subject.form == "share" else "ols") if method == "auto" else method
    if chosen == "logistic" and subject.form != "share":
        raise AnalysisError(
            f"method: 'logistic' is for shares (0/1); '{subject.name}' is a {subject.form}. Use 'ols' or 'ordinal'."
        )
    if chosen == "ordinal" and len(np.unique(subject.answers[np.isfinite(subject.answers)])) > 30:
        raise AnalysisError(
            f"method: 'ordinal' is for at most 30 ordered answers; '{subject.name}' has more. Use 'ols'."
        )
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Practices on one subject after case mix, by ``method`` (``ols``, ``logistic`` or ``ordinal``)."""

    subject: Subject
    method: str
    data: Answers
    fit: AdjustedFit


def adjust_practices(
    responses: Responses,
    outcome: str,
    metric: str | None = None,
    adjusters: Sequence[str] | None = None,
    *,
    method: AdjustmentMethod = "auto",
    weights: object = None,
) -> Adjusted:
    """Fit the case-mix model of one subject; parameters and errors as of what is made from it."""
    subject = choose_subject(responses, outcome, metric)
    chosen = choose_method(method, subject)
    data = gather_answers(responses, subject, adjusters, weights)
    return Adjusted(subject, chosen, data, fit_adjusted(chosen, subject, data))


NOT_FINITE = "all its patients answered at one end, so its effect has no finite estimate; it was left out"


def fit_adjusted(method: str, subject: Subject, data: Answers) -> AdjustedFit:
    """Fit the chosen model.

    Raises
    ------
    NotEstimableError
        Saying what the answers lack.
    """
    size = len(data.practices)
    if method == "ols":
        limits = (subject.low, subject.high)
        fit = fit_fixed_effects(data.y, data.mix.x, data.codes, size, data.weights, limits=limits)
        trouble = "every practice has one answer, or patients of a practice do not differ"
    else:
        fit = fit_logit_margins(data.y, data.mix.x, data.codes, size, data.weights)
        trouble = "fewer than two practices have mixed answers, or the adjusters predict the answers perfectly"
    if fit is None:
        raise NotEstimableError(
            f"'{subject.name}' cannot be compared between practices: {trouble}. More answers per practice would help."
        )
    return fit


def adjusted_interval(
    fit: AdjustedFit, of: Uncertainty, method: str, confidence: float
) -> tuple[FloatArray, FloatArray]:
    """Intervals of the adjusted values: t (normal when ordinal), Wilson on the effective number for shares."""
    if method == "logistic":
        spread = fit.adjusted * (1.0 - fit.adjusted)
        effective = np.where(spread > 0, spread / of.error**2, fit.n)
        return wilson(fit.adjusted, effective, confidence)
    half = half_widths(of, confidence)
    low, high = fit.adjusted - half, fit.adjusted + half
    return np.maximum(low, fit.low), np.minimum(high, fit.high)


def adjuster_table(data: Answers, fit: AdjustedFit) -> pd.DataFrame:
    """One row per case-mix column with its effect, and per one that was left out with the reason."""
    mix = data.mix
    count = mix.imputed.sum() if mix.imputed.shape[1] else pd.Series(dtype=int)
    rows = [
        {
            "term": name,
            "estimate": beta,
            "std_error": error,
            "n_imputed": int(count.get(name.split("=")[0], 0)),
            "reason": "" if np.isfinite(beta) else NOT_FINITE,
        }
        for name, beta, error in zip(mix.names, fit.beta, fit.beta_error, strict=True)
    ]
    left_out = {**data.absent, **mix.dropped}
    rows += [
        {"term": name, "estimate": np.nan, "std_error": np.nan, "n_imputed": 0, "reason": reason}
        for name, reason in left_out.items()
    ]
    return pd.DataFrame(rows, columns=["term", "estimate", "std_error", "n_imputed", "reason"])
