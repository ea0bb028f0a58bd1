"""What practices are compared on, and which patient characteristics are taken into account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.analysis.metrics.definitions import MetricForm, MetricUnit, metrics_of
from pxanalysis.analysis.metrics.grouped import outcome_answers, row_weights
from pxanalysis.analysis.practices.case_mix import CaseMix, build_case_mix
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey.outcome_metrics import COMPARED_METRIC
from pxanalysis.survey.scores import score_items, score_responses

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["Answers", "Subject", "choose_adjusters", "choose_subject", "gather_answers"]


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One thing practices are compared on.

    Attributes
    ----------
    name, metric, unit
        Id of the outcome, touchpoint, step or item; metric of an outcome (``mean`` for scores); its unit, where
        ``score`` is 0-100.
    form
        ``mean``, ``share`` (answers 0/1) or ``net`` (−1/0/1).
    answers
        Shape (n,), NaN where missing.
    low, high
        Range of the answers.
    """

    name: str
    metric: str
    unit: MetricUnit | str
    form: MetricForm
    answers: FloatArray
    low: float
    high: float


def choose_subject(responses: Responses, name: str, metric: str | None) -> Subject:
    """Find an outcome (id or kind), touchpoint, step or item by its id.

    Raises
    ------
    AnalysisError
        When the journey has nothing of that name, or the outcome no such metric.
    """
    try:
        outcome = responses.journey.outcome(name)
    except KeyError:
        for table in (score_responses(responses), score_responses(responses, "step"), score_items(responses)):
            if name in table:
                return Subject(name, "mean", "score", "mean", table[name].to_numpy(), 0.0, 100.0)
        known = [one.id for one in responses.journey.outcomes] + [one.id for one in responses.journey.touchpoints]
        raise AnalysisError(
            f"outcome: the journey has no outcome, touchpoint, step or item '{name}'; there are: {', '.join(known)}."
        ) from None
    wanted = metric or COMPARED_METRIC[outcome.kind]
    found = {one.name: one for one in metrics_of(outcome, responses.journey)}
    if wanted not in found or found[wanted].form == "median":
        usable = ", ".join(one for one in found if one != "median")
        raise AnalysisError(f"metric: expected one of {usable} for '{outcome.id}', received '{wanted}'.")
    one = found[wanted]
    if one.reason:
        raise AnalysisError(f"metric: '{wanted}' is {one.reason}.")
    ends = {"mean": (one.low, one.high), "share": (0.0, 1.0), "net": (-1.0, 1.0)}[one.form]
    values = one.values(outcome_answers(responses, outcome))
    return Subject(outcome.id, wanted, one.unit, one.form, values, *ends)


def _as_journey_says(name: str, responses: Responses) -> pd.Series:
    """A category of the journey becomes a categorical in the journey's order, whatever it is stored as."""
    column = responses.table[name]
    declared = {variable.id: variable for variable in responses.journey.case_mix}
    if name not in declared or declared[name].type != "category":
        return column.to_pandas()
    order = [level.id for level in declared[name].levels]
    words = column if column.dtype == pl.String else pl.Series(column.to_pandas().astype("string"))
    levels = order + sorted(set(words.drop_nulls().unique()) - set(order))
    codes = words.cast(pl.Enum(levels)).to_physical().cast(pl.Int64).fill_null(-1)
    return pd.Series(pd.Categorical.from_codes(codes.to_numpy(), dtype=pd.CategoricalDtype(levels)))


def choose_adjusters(responses: Responses, adjusters: Sequence[str] | None) -> tuple[pd.DataFrame, dict[str, str]]:
    """Patient characteristics as a frame of n rows, and those of the journey that were not collected.

    Parameters
    ----------
    adjusters
        Columns of the responses; None: the case-mix variables of the journey; empty: none.

    Raises
    ------
    AnalysisError
        When a column that was asked for is not there.
    """
    columns = responses.table.columns
    wanted = [variable.id for variable in responses.journey.case_mix] if adjusters is None else list(adjusters)
    absent = [name for name in wanted if name not in columns]
    if absent and adjusters is not None:
        raise AnalysisError(f"adjusters: responses have no column '{absent[0]}'; there are: {', '.join(columns)}.")
    chosen = [name for name in wanted if name in columns]
    twice = sorted({name for name in chosen if chosen.count(name) > 1})
    if twice:
        raise AnalysisError(f"adjusters: column '{twice[0]}' occurs more than once; keep one.")
    columns_of = {name: _as_journey_says(name, responses) for name in chosen}
    frame = pd.DataFrame(columns_of, index=range(responses.n))
    return frame, dict.fromkeys(absent, "not collected")


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Answers to one subject with everything that belongs to them.

    Attributes
    ----------
    y, codes, weights
        Shape (m,): answers without missing values, practice of each, weights above 0 (or None).
    mix
        Case-mix columns of the same m patients.
    practices
        Ids of the J practices that ``codes`` refers to.
    counts
        Shape (J,), answers per practice.
    absent
        Case-mix variables of the journey that were not collected.
    n_dropped
        Responses without an answer or with weight 0.
    """

    y: FloatArray
    codes: npt.NDArray[np.intp]
    weights: FloatArray | None
    mix: CaseMix
    practices: tuple[str, ...]
    counts: FloatArray
    absent: dict[str, str]
    n_dropped: int


def gather_answers(responses: Responses, subject: Subject, adjusters: Sequence[str] | None, weights: object) -> Answers:
    """Bring together answers, practices, case mix and weights of the patients who answered.

    Raises
    ------
    NotEstimableError
        When fewer than two practices have answers, or every answer is the same.
    """
    frame, absent = choose_adjusters(responses, adjusters)
    mass = None if weights is None else row_weights(responses, weights)
    rows = np.isfinite(subject.answers) & (True if mass is None else mass > 0)
    codes, practices = responses.practice_codes
    y, own = subject.answers[rows], codes[rows]
    counts = np.bincount(own, minlength=len(practices)).astype(np.float64)
    answered = int((counts > 0).sum())
    if answered < 2:
        raise NotEstimableError(
            f"'{subject.name}' was answered in {answered} practice(s); comparing practices needs at least two."
        )
    if np.ptp(y) == 0:
        raise NotEstimableError(f"every answer to '{subject.name}' is {y[0]:g}, so practices cannot differ.")
    weight = None if mass is None else mass[rows]
    mix = build_case_mix(frame[rows].reset_index(drop=True), own, len(practices), weight)
    return Answers(y, own, weight, mix, practices, counts, absent, int((~rows).sum()))
