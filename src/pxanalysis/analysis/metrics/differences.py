"""How a metric differs between two groups of responses, for example two periods, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.metrics.definitions import Metric, MetricForm, metrics_of
from pxanalysis.analysis.metrics.estimate import MetricEstimate, estimate_metric
from pxanalysis.analysis.metrics.grouped import (
    Grouping,
    choose_outcomes,
    linearised_error,
    outcome_answers,
    row_weights,
)
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.proportions.intervals import difference_from_intervals, t_interval, welch_interval

if TYPE_CHECKING:
    from pxanalysis.journey.model import Outcome
    from pxanalysis.survey.responses import Responses

__all__ = ["MetricDifferences", "Side", "difference_of_sides", "estimate_differences"]

Pair = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two groups of different patients; every array has the shape (G,), one place per comparison.

    Attributes
    ----------
    estimate, std_error, low, high
        In the units of the metric, NaN where missing.
    effective
        Answers that the interval rests on.
    """

    estimate: FloatArray
    std_error: FloatArray
    effective: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MetricDifferences(Result):
    """Differences second − first.

    Attributes
    ----------
    table
        See :meth:`tidy`.
    n_first, n_second
        Responses in each group.
    confidence
        Level of the intervals.
    """

    table: pd.DataFrame
    n_first: int
    n_second: int
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per practice ("" = pooled), outcome and metric.

        Columns: ``practice_id, term`` (outcome and metric), ``estimate`` (second − first), ``std_error`` (empty: the
        intervals are not symmetric), ``ci_low, ci_high, outcome, kind, metric, unit, n_first, n_second, first, second,
        method, reason``.
        """
        return standard_columns(self.table.assign(term=self.table["outcome"] + " " + self.table["metric"]))

    def glance(self) -> pd.DataFrame:
        """Return one row: n_first, n_second, confidence."""
        names = ("n_first", "n_second", "confidence")
        return pd.DataFrame([{name: getattr(self, name) for name in names}])


def _grouping(responses: Responses, practices: list[str], *, pooled: bool) -> Grouping:
    """Groups that are the same practices, in the same order, for both sides."""
    position = pd.Index(practices).get_indexer(pd.Index(responses.practice_ids))
    codes = position.astype(np.intp)
    if not pooled:
        return Grouping(codes, pd.DataFrame({"practice_id": practices}), None, len(practices))
    clusters = codes if len(practices) > 1 else None
    return Grouping(np.zeros_like(codes), pd.DataFrame({"practice_id": [""]}), clusters, len(practices))


def difference_of_sides(form: MetricForm, first: Side, second: Side, confidence: float = 0.95) -> Pair:
    """Interval of second − first for independent groups: Welch for means, square-and-add for shares and nets.

    With Wilson's limits square-and-add is Newcombe's hybrid score interval; with those of adjusted Wald it holds the
    difference of two NPS as well as they hold the NPS. NaN where a side has no interval, or neither any spread.

    Examples
    --------
    >>> ten = Side(np.array([0.5]), np.array([0.16]), np.array([10.0]), np.array([0.24]), np.array([0.76]))
    >>> [round(float(end[0]), 2) for end in difference_of_sides("share", ten, ten)]
    [-0.37, 0.37]
    """
    if form == "mean":
        freedom = (first.effective - 1, second.effective - 1)
        means = ((first.estimate, first.std_error), (second.estimate, second.std_error))
        return welch_interval(*means, freedom, confidence)
    sides = ((side.estimate, side.low, side.high) for side in (first, second))
    low, high = difference_from_intervals(*sides)
    return np.maximum(low, -2.0), np.minimum(high, 2.0)


def _separate(metric: Metric, sides: tuple[MetricEstimate, MetricEstimate], confidence: float) -> Pair:
    first, second = (Side(one.estimate, one.std_error, one.effective, one.low, one.high) for one in sides)
    return difference_of_sides(metric.form, first, second, confidence)


def _clustered(
    metric: Metric,
    answers: Pair,
    weights: Pair,
    groups: tuple[Grouping, Grouping],
    confidence: float,
) -> Pair:
    """Both groups hold patients of the same practices: scores of both are summed per practice before squaring."""
    scores, clusters = [], []
    for sign, answer, weight, group in zip((-1.0, 1.0), answers, weights, groups, strict=True):
        values = metric.values(answer)
        used = np.isfinite(values) & (weight > 0)
        mass = max(float(weight[used].sum()), 1e-300)
        mean = float(weight[used] @ values[used]) / mass
        scores.append(sign * weight[used] * (values[used] - mean) / mass)
        clusters.append((group.codes if group.clusters is None else group.clusters)[used])
    joined = np.concatenate(scores)
    error, df = linearised_error(joined, np.zeros(joined.size, dtype=np.intp), 1, np.concatenate(clusters))
    return t_interval(np.zeros(1), error, df, confidence)


def _reason(metric: Metric, one: MetricEstimate, two: MetricEstimate, low: FloatArray) -> np.ndarray:
    undefined = np.full(one.n.shape, bool(metric.reason))
    absent = (one.n == 0) | (two.n == 0)
    texts = [
        metric.reason,
        "no answers in one of the two groups",
        "too few answers or no spread in one of the two groups",
    ]
    return np.select([undefined, absent, ~np.isfinite(low)], texts, default="").astype(object)


def _rows(
    outcome: Outcome, metric: Metric, one: MetricEstimate, two: MetricEstimate, limits: Pair, how: str
) -> pd.DataFrame:
    reason = _reason(metric, one, two, limits[0])
    return pd.DataFrame(
        {
            "outcome": outcome.id,
            "kind": outcome.kind,
            "metric": metric.name,
            "unit": metric.unit,
            "n_first": one.n.astype(np.int64),
            "n_second": two.n.astype(np.int64),
            "first": one.estimate,
            "second": two.estimate,
            "estimate": two.estimate - one.estimate,
            "ci_low": np.where(reason == "", limits[0], np.nan),
            "ci_high": np.where(reason == "", limits[1], np.nan),
            "method": how,
            "reason": reason,
        }
    )


def estimate_differences(
    first: Responses,
    second: Responses,
    outcome: str | list[str] | None = None,
    *,
    by: str | None = "practice",
    weights: tuple[object, object] = (None, None),
    confidence: float = 0.95,
) -> MetricDifferences:
    """Estimate second − first for every metric that is a mean, a share or a net share.

    Per practice the two groups are independent patients: Welch's interval for means; Newcombe's hybrid score interval
    for shares and its generalisation for net shares (square-and-add of the single intervals). Pooled over practices
    (``by=None``) the same practices stand on both sides, so errors are cluster-robust over both together.

    Parameters
    ----------
    first, second
        For example ``responses.where(pl.col("completed_on") < date)`` and the rest; of the same journey.
    by
        ``practice`` or None (pooled).
    weights
        Case weights of each side, as in :func:`~pxanalysis.analysis.metrics.estimate_metrics`.
    """
    check_confidence(confidence)
    if by not in {"practice", None}:
        raise AnalysisError(f"by: expected 'practice' or None, received '{by}'.")
    if first.journey.id != second.journey.id:
        raise AnalysisError(
            f"expected two groups of one journey, received '{first.journey.id}' and '{second.journey.id}'."
        )
    practices = sorted(set(first.practices) | set(second.practices))
    pooled = by is None and len(practices) > 1
    groups = (_grouping(first, practices, pooled=by is None), _grouping(second, practices, pooled=by is None))
    mass = (row_weights(first, weights[0]), row_weights(second, weights[1]))
    blocks = []
    for one in choose_outcomes(first, outcome):
        answers = (outcome_answers(first, one), outcome_answers(second, one))
        for metric in metrics_of(one, first.journey):
            if metric.form == "median":
                continue
            sides = [estimate_metric(metric, *side, confidence) for side in zip(answers, groups, mass, strict=True)]
            if pooled:
                limits = _clustered(metric, answers, mass, groups, confidence)
                gap = sides[1].estimate - sides[0].estimate
                limits, how = (gap + limits[0], gap + limits[1]), "t, cluster-robust (CR1)"
            else:
                limits = _separate(metric, (sides[0], sides[1]), confidence)
                how = {"mean": "Welch", "share": "Newcombe (hybrid score)"}.get(metric.form, "square-and-add")
            block = _rows(one, metric, sides[0], sides[1], limits, how)
            block.insert(0, "practice_id", groups[0].labels["practice_id"])
            blocks.append(block)
    table = pd.concat(blocks, ignore_index=True).sort_values("practice_id", kind="stable", ignore_index=True)
    return MetricDifferences(table, first.n, second.n, confidence)
