"""KTV, NPS, CES and behaviours with their intervals, per practice, per period or pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.metrics.definitions import METRICS, Metric, metrics_of
from pxanalysis.analysis.metrics.grouped import (
    Grouping,
    GroupSums,
    Period,
    choose_outcomes,
    group_quantile,
    group_responses,
    group_sums,
    outcome_answers,
    row_weights,
)
from pxanalysis.analysis.metrics.result import MetricsResult
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.proportions.intervals import adjusted_wald, capped_effective_n, t_interval, wilson

if TYPE_CHECKING:
    from pxanalysis.journey.model import Outcome
    from pxanalysis.survey.responses import Responses

__all__ = ["MetricEstimate", "estimate_metric", "estimate_metrics"]

NO_ANSWERS = "no answers"
ONE_ANSWER = "one answer; an interval needs at least two"
NO_SPREAD = "all answers are equal, so there is no spread to base an interval on"
ONE_PRACTICE = "answers from one practice only, so the spread between practices cannot be estimated"
FEW_FOR_MEDIAN = "too few answers for an interval of the median"


@dataclass(frozen=True, slots=True, eq=False)
class MetricEstimate:
    """One metric over G groups; arrays have the shape (G,).

    Attributes
    ----------
    n, effective
        Answers, and the number that the interval rests on (smaller with weights or clusters).
    estimate, std_error, low, high
        In the units of the metric; NaN with a ``reason``.
    sd
        Standard deviation of what is averaged (answers, 0/1 or −1/0/1), in the same units.
    method
        Name of the interval.
    reason
        Sentence where the estimate or its interval is missing, else "".
    """

    n: FloatArray
    effective: FloatArray
    estimate: FloatArray
    std_error: FloatArray
    low: FloatArray
    high: FloatArray
    sd: FloatArray
    method: str
    reason: np.ndarray


def estimate_metric(
    metric: Metric, answers: FloatArray, grouping: Grouping, weights: FloatArray, confidence: float
) -> MetricEstimate:
    """Estimate one metric for all groups at once.

    Parameters
    ----------
    answers, weights
        Shape (n,), as answered (NaN where missing), and at least 0.
    """
    inside = grouping.codes >= 0
    size = len(grouping.labels)
    codes, weight = grouping.codes[inside], weights[inside]
    clusters = None if grouping.clusters is None else grouping.clusters[inside]
    values = metric.values(answers[inside])
    sums = group_sums(values, codes, size, weight, clusters)
    effective, clustered = sums.effective, clusters is not None
    if clustered and metric.form != "mean":
        effective = capped_effective_n(sums.variance, sums.error, sums.df, sums.effective, confidence)
    estimate, error = sums.mean, sums.error
    if metric.form == "median":
        estimate, low, high = _median(values, codes, size, weight, effective, confidence)
        error = np.full(size, np.nan)
    else:
        low, high = _limits(metric, sums, effective, confidence)
    reason = _reasons(metric, sums, low, clustered=clustered, confidence=confidence)
    blank = np.full(size, bool(metric.reason)) | (sums.n == 0)
    estimate, low, high, error = (np.where(blank, np.nan, part) for part in (estimate, low, high, error))
    low, high = (np.where(reason == "", part, np.nan) for part in (low, high))
    sd = np.sqrt(
        sums.variance * np.where(metric.form == "mean", sums.effective / np.maximum(sums.effective - 1, 1e-9), 1)
    )
    method = _method(metric, grouping, weighted=bool((weights != 1).any()))
    return MetricEstimate(sums.n, effective, estimate, error, low, high, sd, method, reason)


def _limits(metric: Metric, sums: GroupSums, effective: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    if metric.form == "share":
        return wilson(sums.mean, effective, confidence)
    if metric.form == "net":
        either = sums.variance + sums.mean**2
        return adjusted_wald((either + sums.mean) / 2, (either - sums.mean) / 2, effective, confidence)
    low, high = t_interval(sums.mean, sums.error, sums.df, confidence)
    return np.maximum(low, metric.low), np.minimum(high, metric.high)


def _median(
    values: FloatArray, codes: np.ndarray, size: int, weights: FloatArray, effective: FloatArray, confidence: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Median, and the quantiles at Wilson's limits of the share 1/2 (Woodruff 1952)."""
    half = np.full(size, 0.5)
    edges = wilson(half, effective, confidence)
    low, middle, high = (group_quantile(values, codes, size, weights, p) for p in (edges[0], half, edges[1]))
    return middle, low, high


def _reasons(metric: Metric, sums: GroupSums, low: FloatArray, *, clustered: bool, confidence: float) -> np.ndarray:
    missing = ~np.isfinite(low)
    few = (metric.form == "median") & (1 - 2 * 0.5**sums.n < confidence)
    cases = [
        (np.full(sums.n.shape, bool(metric.reason)), metric.reason),
        (sums.n == 0, NO_ANSWERS),
        ((missing | (metric.form == "net")) & (sums.n == 1), ONE_ANSWER),  # adjusted Wald would not hold the estimate
        (few, FEW_FOR_MEDIAN),
        (np.full(sums.n.shape, clustered) & (sums.df == 0), ONE_PRACTICE),
        (missing, NO_SPREAD),
    ]
    return np.select([case for case, _ in cases], [text for _, text in cases], default="").astype(object)


def _method(metric: Metric, grouping: Grouping, *, weighted: bool) -> str:
    clustered = grouping.clusters is not None
    name = {"mean": "t", "share": "Wilson", "net": "adjusted Wald", "median": "Woodruff"}[metric.form]
    if clustered:
        name += ", cluster-robust (CR1)" if metric.form == "mean" else ", cluster-robust effective n"
    if weighted:
        name += ", weighted" if clustered or metric.form == "mean" else ", weighted (Kish's effective n)"
    return f"{name}; {metric.note}" if metric.note else name


def _rows(outcome: Outcome, metric: Metric, grouping: Grouping, result: MetricEstimate) -> pd.DataFrame:
    return grouping.labels.assign(
        outcome=outcome.id,
        kind=outcome.kind,
        metric=metric.name,
        unit=metric.unit,
        n=result.n.astype(np.int64),
        estimate=result.estimate,
        ci_low=result.low,
        ci_high=result.high,
        method=result.method,
        reason=result.reason,
        std_error=result.std_error,
        sd=result.sd,
        n_effective=result.effective,
    )


def _check_metrics(metrics: list[str] | None) -> None:
    known = sorted({name for names in METRICS.values() for name in names})
    unknown = [name for name in metrics or [] if name not in known]
    if unknown:
        raise AnalysisError(f"metrics: expected some of {', '.join(known)}, received '{unknown[0]}'.")


def estimate_metrics(
    responses: Responses,
    outcome: str | list[str] | None = None,
    *,
    by: str | None = "practice",
    period: Period | None = None,
    metrics: list[str] | None = None,
    weights: object = None,
    confidence: float = 0.95,
) -> MetricsResult:
    """Estimate KTV, NPS, CES and behaviours, each with an interval.

    Shares have Wilson's interval, net shares (NPS, net easy) the adjusted Wald interval, means Student's t. Where
    practices are pooled the errors are cluster-robust: patients of one practice are more alike than others.

    Parameters
    ----------
    outcome
        Id or kind (``ktv``, ``nps``, ``ces``), or several; None: all outcomes of the journey.
    by
        ``practice``: each practice by itself; None: all practices pooled; or any other column of the responses
        (practices pooled within each of its values).
    period
        ``month``, ``quarter`` or ``year`` of ``completed_on``: adds a column ``period`` (YYYY-MM for months, else the
        first day). Responses without a date are left out and counted in ``n_dropped``.
    metrics
        Only these, for example ``["mean", "net"]``.
    weights
        One weight per response (array or column name), at least 0.
    confidence
        Proportion, .95 by default.

    Raises
    ------
    AnalysisError
        For an unknown outcome, column, metric or period, for metrics that the outcome does not have, and for weights
        that are negative, missing or all zero.
    """
    check_confidence(confidence)
    _check_metrics(metrics)
    grouping = group_responses(responses, by, period)
    weight = row_weights(responses, weights)
    blocks = [
        _rows(one, metric, grouping, estimate_metric(metric, answers, grouping, weight, confidence))
        for one in choose_outcomes(responses, outcome)
        for answers in [outcome_answers(responses, one)]
        for metric in metrics_of(one, responses.journey)
        if metrics is None or metric.name in metrics
    ]
    if not blocks:
        raise AnalysisError(f"metrics: none of {', '.join(metrics or [])} belongs to the outcome that was asked for.")
    keys = list(grouping.labels.columns)
    table = pd.concat(blocks, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
    used = int((grouping.codes >= 0).sum())
    return MetricsResult(table, used, responses.n - used, grouping.n_practices, confidence, weights is not None)
