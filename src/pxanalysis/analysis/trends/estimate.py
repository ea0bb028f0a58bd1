"""Courses of every practice: periods, figures, and the chart of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.trends.chart import ChartKind, CourseChart, chart_course
from pxanalysis.analysis.trends.result import TrendsResult
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.control_charts import Improvement
from pxanalysis.statistics.conventions import DETRACTORS_TO, MINIMUM_N, PROMOTERS_FROM
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import score_responses

__all__ = ["PeriodLength", "Rebase", "estimate_trends"]

PeriodLength = Literal["week", "month", "quarter"]

_EVERY: dict[PeriodLength, str] = {"week": "1w", "month": "1mo", "quarter": "1q"}

ENOUGH_PERIODS, WIDEST, FEWEST_PERIODS = 0.8, 0.12, 12
"""A length of period serves when .8 of the periods have enough answers, limits are at most 12 points of 100 from the
centre, and there are twelve periods or more."""


@dataclass(frozen=True, slots=True)
class Rebase:
    """A new baseline, which nobody draws silently: from when, why, and who decided it.

    Raises
    ------
    AnalysisError
        Without a reason or a name.
    """

    practice_id: str
    subject: str
    day: date
    reason: str
    who: str

    def __post_init__(self) -> None:
        for name in ("reason", "who"):
            if not str(getattr(self, name)).strip():
                raise AnalysisError(
                    f"rebase of {self.subject} in practice {self.practice_id} on {self.day}: no {name}. A new baseline "
                    "hides what went before; write down why it is right and who decided it."
                )


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    id: str
    answers: FloatArray
    chart: ChartKind
    better: Improvement
    span: float


def estimate_trends(
    responses: Responses,
    subjects: Sequence[str] | None = None,
    *,
    period: PeriodLength | None = None,
    minimum_n: int = MINIMUM_N,
    target: float | None = None,
    rebases: Sequence[Rebase] = (),
) -> TrendsResult:
    """Put the course of outcomes and touchpoints of every practice on control charts.

    Means are charted by I', shares of a behaviour by p'; see `pxanalysis.statistics.control_charts`. NPS is charted as
    the mean of −1, 0 and 1. Limits come from the first twelve figures and then stay; with six to eleven they are on
    trial; with fewer there are none.

    Parameters
    ----------
    subjects
        Ids of outcomes and touchpoints; None: all outcomes.
    period
        None: per practice the shortest of week, month and quarter in which 80 % of the periods have ``minimum_n``
        answers, limits lie within 12 points of 100, and there are twelve periods; else the longest that is possible.
    minimum_n
        A period on fewer answers is a gap.
    target
        What is to be reached, in the unit of the subjects; then ``assurance`` says whether it is.
    rebases
        New baselines, each with its day, reason and who decided it.

    Raises
    ------
    AnalysisError
        For an unknown subject or period, and a rebase of a practice or subject that is not there.
    NotEstimableError
        When no response has a date.
    """
    if period is not None and period not in get_args(PeriodLength):
        raise AnalysisError(f"period: expected one of {', '.join(get_args(PeriodLength))}, received '{period}'.")
    dated = responses.where(pl.col("completed_on").is_not_null())
    if dated.n == 0:
        raise NotEstimableError("no response has a date (completed_on); without dates there is no course.")
    chosen = [_subject(dated, name) for name in subjects or [one.id for one in responses.journey.outcomes]]
    _check_rebases(rebases, dated.practices, [one.id for one in chosen])
    points, courses = [], []
    practice_ids = np.asarray(dated.practice_ids)
    days = dated.table["completed_on"].cast(pl.Date)
    for practice_id in dated.practices:
        own = practice_ids == practice_id
        for subject in chosen:
            length = period or _choose_period(days.filter(own), subject.answers[own], subject.span, minimum_n)
            rows = _figures(days.filter(own), subject.answers[own], length, minimum_n)
            mine = [one for one in rebases if (one.practice_id, one.subject) == (practice_id, subject.id)]
            starts = _starts(rows["period"].tolist(), mine)
            found = chart_course(
                rows["estimate"].to_numpy(),
                rows["n"].to_numpy(dtype=np.float64),
                kind=subject.chart,
                better=subject.better,
                target=target,
                starts=starts,
            )
            points.append(_points(rows, found, practice_id, subject.id))
            courses.append(_course(rows, found, practice_id, subject, length))
    return TrendsResult(pd.concat(points, ignore_index=True), pd.DataFrame(courses), minimum_n)


def _subject(responses: Responses, name: str) -> _Subject:
    journey = responses.journey
    outcome = next((one for one in journey.outcomes if one.id == name), None)
    if outcome is None:
        touchpoints = [touchpoint.id for touchpoint in journey.touchpoints]
        if name not in touchpoints:
            known = ", ".join([*(one.id for one in journey.outcomes), *touchpoints])
            raise AnalysisError(f"subjects: the journey '{journey.id}' has no outcome or touchpoint '{name}': {known}.")
        return _Subject(name, score_responses(responses)[name].to_numpy(dtype=np.float64), "i_prime", "up", 100.0)
    answers = responses.numbers([name])[name].to_numpy(dtype=np.float64)
    better: Improvement = "down" if outcome.direction == "lower-is-better" else "up"
    if outcome.kind == "behaviour":
        return _Subject(name, answers, "p_prime", better, 1.0)
    if outcome.kind == "nps":
        net = np.where(answers >= PROMOTERS_FROM, 1.0, np.where(answers <= DETRACTORS_TO, -1.0, 0.0))
        return _Subject(name, np.where(np.isfinite(answers), net, np.nan), "i_prime", "up", 2.0)
    scale = journey.scales[outcome.scale or ""]
    return _Subject(name, answers, "i_prime", better, float(scale.max - scale.min))


def _check_rebases(rebases: Sequence[Rebase], practices: Sequence[str], subjects: Sequence[str]) -> None:
    for one in rebases:
        for what, value, known in (("practice", one.practice_id, practices), ("subject", one.subject, subjects)):
            if value not in known:
                raise AnalysisError(
                    f"rebase on {one.day}: there is no {what} '{value}'. There are: {', '.join(known)}."
                )


def _choose_period(days: pl.Series, values: FloatArray, span: float, minimum_n: int) -> PeriodLength:
    """The shortest length that serves; else the shortest in which most periods have enough answers; else quarters."""
    known = values[np.isfinite(values)]
    spread = float(known.std()) / span if known.size > 1 else 0.0
    enough: list[PeriodLength] = []
    for length in get_args(PeriodLength):
        rows = _figures(days, values, length, minimum_n)
        n = rows["n"].to_numpy(dtype=np.float64)
        if not n.size or float((n >= minimum_n).mean()) < ENOUGH_PERIODS:
            continue
        enough.append(length)
        if 3.0 * spread / np.sqrt(np.median(n)) <= WIDEST and len(n) >= FEWEST_PERIODS:
            chosen: PeriodLength = length
            return chosen
    return enough[0] if enough else "quarter"


def _figures(days: pl.Series, values: FloatArray, length: PeriodLength, minimum_n: int) -> pd.DataFrame:
    """Every period from the first to the last answer: ``period`` (its first day), ``n``, ``estimate``."""
    table = pl.DataFrame({"period": days.dt.truncate(_EVERY[length]), "value": values})
    table = table.with_columns(pl.col("value").fill_nan(None))
    found = table.group_by("period").agg(pl.col("value").count().alias("n"), pl.col("value").mean().alias("estimate"))
    first, last = table["period"].min(), table["period"].max()
    if first is None or last is None:
        return pd.DataFrame({"period": [], "n": [], "estimate": []})
    every = pl.DataFrame({"period": pl.date_range(first, last, _EVERY[length], eager=True)})  # type: ignore[arg-type]
    rows = every.join(found, on="period", how="left").sort("period").with_columns(pl.col("n").fill_null(0))
    few = pl.col("n") < minimum_n
    return (
        rows.with_columns(pl.when(~few).then("estimate").alias("estimate")).to_pandas().astype({"estimate": "float64"})
    )


def _starts(periods: list[date], rebases: Sequence[Rebase]) -> BoolArray:
    """The first period that begins on or after the day of a rebase starts a new baseline."""
    starts = np.zeros(len(periods), dtype=bool)
    for one in rebases:
        later = [place for place, first in enumerate(periods) if pd.Timestamp(first).date() >= one.day]
        if not later or later[0] == 0:
            raise AnalysisError(
                f"rebase of {one.subject} in practice {one.practice_id} on {one.day}: the day is not within the course "
                f"({periods[0]} to {periods[-1]}); correct it."
            )
        starts[later[0]] = True
    return starts


def _points(rows: pd.DataFrame, found: CourseChart, practice_id: str, subject: str) -> pd.DataFrame:
    limits = {name: getattr(found.limits, name) for name in ("centre", "low", "high", "near_low", "near_high")}
    gap = rows["estimate"].isna()
    return rows.assign(
        practice_id=practice_id,
        subject=subject,
        n=rows["n"].astype("Int64").mask(gap),
        **limits,
        signal=found.signals,
        reason=np.where(gap, "fewer answers than a figure may rest on", ""),
    )[["practice_id", "subject", "period", "n", "estimate", *limits, "signal", "reason"]]


def _course(
    rows: pd.DataFrame, found: CourseChart, practice_id: str, subject: _Subject, length: PeriodLength
) -> dict[str, object]:
    known = rows.dropna(subset="estimate")
    return {
        "practice_id": practice_id,
        "subject": subject.id,
        "period": length,
        "chart": subject.chart,
        "better": subject.better,
        "n_figures": found.n_figures,
        "latest": float(known["estimate"].iloc[-1]) if len(known) else np.nan,
        "variation": found.variation,
        "side": found.side,
        "assurance": found.assurance,
        "trial": found.trial,
        "reason": found.reason,
    }
