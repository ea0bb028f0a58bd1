"""Sums per group that every metric is made from: one pass over the answers, no loop over groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_weights
from pxanalysis.statistics.proportions.intervals import kish_n

if TYPE_CHECKING:
    from pxanalysis.journey.model import Outcome
    from pxanalysis.survey.responses import Responses

__all__ = [
    "GroupSums",
    "Grouping",
    "Period",
    "choose_outcomes",
    "group_quantile",
    "group_responses",
    "group_sums",
    "linearised_error",
    "outcome_answers",
    "row_weights",
]

Period = Literal["month", "quarter", "year"]

_CODE = "\x00code"

_EVERY: dict[str, str] = {"month": "1mo", "quarter": "1q", "year": "1y"}


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Groups of responses.

    Attributes
    ----------
    codes
        Shape (n,), group of each row 0..G-1; −1 for rows that belong to none (no date, no value).
    labels
        G rows: ``practice_id`` ("" when practices are pooled) and, when asked for, ``group`` and ``period``.
    clusters
        Shape (n,), practice of each row where practices are pooled; None where a group lies within one practice.
    n_practices
        Practices in the responses.
    """

    codes: IntArray
    labels: pd.DataFrame
    clusters: IntArray | None
    n_practices: int


def _column(responses: Responses, name: str) -> pl.Series:
    if name not in responses.table.columns:
        raise AnalysisError(
            f"by: expected 'practice', None or a column of the responses, received '{name}'; there are: "
            f"{', '.join(c for c in responses.table.columns if ':' not in c)}."
        )
    return responses.table[name].cast(pl.String)


def group_responses(responses: Responses, by: str | None, period: Period | None) -> Grouping:
    """Give every response its group.

    Raises
    ------
    AnalysisError
        When ``by`` is no column or ``period`` no known length.
    """
    if period is not None and period not in get_args(Period):
        raise AnalysisError(f"period: expected one of {', '.join(get_args(Period))} or None, received '{period}'.")
    n = responses.n
    practices = responses.table["practice_id"]
    parts = {"practice_id": practices if by == "practice" else pl.repeat("", n, dtype=pl.String, eager=True)}
    if by not in {None, "practice"}:
        parts["group"] = _column(responses, str(by))
    if period is not None:
        dates = responses.table["completed_on"].cast(pl.Date)
        parts["period"] = dates.dt.truncate(_EVERY[period]).dt.strftime("%Y-%m" if period == "month" else "%Y-%m-%d")
    keys = pl.DataFrame({name: series.alias(name) for name, series in parts.items()})
    labels = keys.drop_nulls().unique().sort(list(parts))
    numbered = labels.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias(_CODE))
    found = keys.join(numbered, on=list(parts), how="left", maintain_order="left")[_CODE]  # a null matches nothing
    codes = found.fill_null(-1).to_numpy().astype(np.intp)
    clusters, names = responses.practice_codes
    pooled = by != "practice" and len(names) > 1
    return Grouping(codes, labels.to_pandas(), clusters if pooled else None, len(names) if n else 0)


def choose_outcomes(responses: Responses, outcome: str | list[str] | None) -> list[Outcome]:
    """Return the outcomes that are meant by an id, a kind, a list of them, or None for all of the journey.

    Raises
    ------
    AnalysisError
        When the journey has no such outcome, or one that was asked for was not collected.
    """
    if outcome is None:
        return list(responses.journey.outcomes)
    wanted = [outcome] if isinstance(outcome, str) else list(outcome)
    try:
        found = [responses.journey.outcome(name) for name in wanted]
    except KeyError as error:
        raise AnalysisError(f"outcome: {error.args[0]}.") from error
    absent = [one.id for one in found if one.id not in responses.table.columns]
    if absent:
        raise AnalysisError(f"outcome: '{absent[0]}' is in the journey but was not collected in these responses.")
    return found


def outcome_answers(responses: Responses, outcome: Outcome) -> FloatArray:
    """Answers to one outcome, shape (n,), NaN where missing or not collected."""
    if outcome.id not in responses.table.columns:
        return np.full(responses.n, np.nan)
    return responses.numbers([outcome.id])[outcome.id].to_numpy()


def row_weights(responses: Responses, weights: object) -> FloatArray:
    """Case weights of shape (n,), from a column name, an array or None (ones).

    Raises
    ------
    AnalysisError
        When weights are negative, missing or all zero, or of the wrong number.
    """
    if isinstance(weights, str):
        weights = responses.numbers([weights])[weights]
    if responses.n == 0:
        return np.ones(0)
    return check_weights(weights, responses.n)


@dataclass(frozen=True, slots=True, eq=False)
class GroupSums:
    """One variable per group; every array has the shape (G,).

    Attributes
    ----------
    n
        Answers with a weight above 0.
    mass, effective
        Sum of the weights, and Kish's effective number of answers.
    mean, variance
        Weighted mean, and weighted mean square around it (divisor ``mass``); NaN without answers.
    error
        Standard error of the mean: by respondent (with unit weights s/√n), or by cluster.
    df
        Degrees of freedom of ``error``: answers or clusters, minus 1.
    """

    n: FloatArray
    mass: FloatArray
    effective: FloatArray
    mean: FloatArray
    variance: FloatArray
    error: FloatArray
    df: FloatArray


def _total(codes: IntArray, amount: FloatArray, size: int) -> FloatArray:
    return np.bincount(codes, amount, minlength=size).astype(np.float64)


def _over(top: FloatArray, bottom: FloatArray) -> FloatArray:
    out = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out


def group_sums(
    values: FloatArray,
    codes: IntArray,
    n_groups: int,
    weights: FloatArray,
    clusters: IntArray | None = None,
) -> GroupSums:
    """Mean and its standard error per group.

    The error is the linearised one of survey statistics for a sample drawn with replacement: with the scores
    u = w(z − z̄)/Σw summed per unit, √(G/(G−1)·Σu²) over the group's units (Binder 1983; CR1). Units are respondents, or
    the clusters (practices) that have answers in the group.

    Parameters
    ----------
    values, codes, weights
        Shape (n,): values (NaN where missing), group 0..G-1, weight of at least 0.
    clusters
        Shape (n,), codes 0..C-1 of the clusters; None: every respondent is a unit.
    """
    used = np.isfinite(values) & (weights > 0)
    value, group, weight = values[used], codes[used], weights[used]
    n = _total(group, np.ones(value.size), n_groups)
    mass = _total(group, weight, n_groups)
    mean = _over(_total(group, weight * value, n_groups), mass)
    spread = value - mean[group]
    # equal answers must have no spread at all, also where their weighted mean is rounded
    spread[np.abs(spread) <= 1e-11 * np.abs(value)] = 0.0
    variance = _over(_total(group, weight * spread**2, n_groups), mass)
    error, df = linearised_error(
        weight * spread / mass[group], group, n_groups, None if clusters is None else clusters[used]
    )
    effective = kish_n(mass, _total(group, weight**2, n_groups))
    return GroupSums(n, mass, effective, mean, variance, error, df)


def linearised_error(
    scores: FloatArray, codes: IntArray, n_groups: int, clusters: IntArray | None
) -> tuple[FloatArray, FloatArray]:
    """Standard error and degrees of freedom per group from the scores of its respondents, summed per cluster."""
    if clusters is None:
        units, squares = _total(codes, np.ones(scores.size), n_groups), _total(codes, scores**2, n_groups)
    else:
        width = int(clusters.max(initial=0)) + 1
        pairs, position = np.unique(codes * width + clusters, return_inverse=True)
        group = (pairs // width).astype(np.intp)
        squares = _total(group, _total(position.astype(np.intp), scores, pairs.size) ** 2, n_groups)
        units = _total(group, np.ones(pairs.size), n_groups)
    return np.sqrt(_over(units * squares, units - 1)), np.maximum(units - 1, 0.0)


def group_quantile(
    values: FloatArray, codes: IntArray, n_groups: int, weights: FloatArray, probability: FloatArray
) -> FloatArray:
    """Weighted quantile per group: the value where the cumulative weight passes the probability, shape (G,).

    Where it is reached exactly at a value, the mean of that value and the next; with unit weights and probability .5
    that is the ordinary median. NaN without answers.
    """
    used = np.isfinite(values) & (weights > 0)
    value, group, weight = values[used], codes[used], weights[used]
    if value.size == 0:
        return np.full(n_groups, np.nan)
    order = np.lexsort((value, group))
    value, group, weight = value[order], group[order], weight[order]
    cumulative = np.cumsum(weight)
    mass = _total(group, weight, n_groups)
    start, end = (np.searchsorted(group, np.arange(n_groups), side=side) for side in ("left", "right"))
    base = np.concatenate([[0.0], cumulative])[start]
    target = base + np.clip(np.nan_to_num(probability), 0.0, 1.0) * mass
    slack = 1e-9 * weight.mean()
    last = np.maximum(end - 1, 0)
    lower, upper = (
        np.clip(np.searchsorted(cumulative, edge, side="left"), np.minimum(start, last), last)
        for edge in (target - slack, target + slack)
    )
    middle = (value[lower] + value[upper]) / 2.0
    return np.where((mass > 0) & np.isfinite(probability), middle, np.nan)
