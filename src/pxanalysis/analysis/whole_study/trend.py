"""The course of each outcome per practice: periods, what of them is hidden, and whether one differs from another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.metrics import Period, Side, difference_of_sides, estimate_metrics
from pxanalysis.analysis.privacy import suppress
from pxanalysis.analysis.privacy.counted import CountedAnswers
from pxanalysis.analysis.whole_study.frames import TrendRow, as_declared, empty_frame, with_absent
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, PROTECTS_OTHERS, FitSettings
from pxanalysis.analysis.whole_study.shown import of_shown_practices
from pxanalysis.journey.outcome_metrics import COMPARED_METRIC
from pxanalysis.survey.responses import Responses

__all__ = ["choose_period", "tabulate_trend"]

_FIGURES = ["estimate", "ci_low", "ci_high", "std_error", "n_effective"]
_COURSE = ["practice_id", "outcome"]


def choose_period(responses: Responses, minimum_n: int) -> Period | None:
    """Months when at least half of all practice-months have enough answers, else quarters; None without dates."""
    dated = responses.table.filter(pl.col("completed_on").is_not_null())
    if dated.height == 0:
        return None
    sizes = dated.group_by("practice_id", pl.col("completed_on").dt.truncate("1mo")).len()["len"].to_numpy()
    return "month" if float(np.mean(sizes >= minimum_n)) >= 0.5 else "quarter"


def tabulate_trend(responses: Responses, settings: FitSettings, counted: CountedAnswers | None = None) -> pd.DataFrame:
    """Main metric of each rated outcome per practice and month or quarter, and how it differs from other periods.

    A period on too few people is hidden, and the next smallest with it, since the practice's figure over all periods
    would otherwise give it away; so would all periods shown give away a few responses without a date. The same periods
    are hidden for all outcomes that most patients of a practice answer: one that is shown would tell how few people are
    behind one that is not. ``reason_code`` tells the two apart: ``few_respondents`` and
    ``protects_others``. A practice with few responses has a hidden row for every period of the study: its own would be
    the dates on which these people answered.

    ``difference`` with its interval is that from the ``previous`` period with a figure; ``since_first_low`` and
    ``since_first_high`` are the interval of the difference from the first one. Other patients answer in each period, so
    both are differences of independent groups (`pxanalysis.analysis.metrics.difference_of_sides`).

    Parameters
    ----------
    counted
        Which answers count in a period; None: all, and every period is over.
    """
    shown = of_shown_practices(responses, settings.minimum_n)
    period = choose_period(shown, settings.minimum_n)
    if period is None:
        return empty_frame(TrendRow)
    dated = (shown if counted is None else counted.of_periods(period)).where(pl.col("completed_on").is_not_null())
    dated = of_shown_practices(dated, settings.minimum_n) if counted is not None else dated
    rated = [outcome.id for outcome in responses.journey.rated_outcomes]
    found = estimate_metrics(
        dated,
        rated,
        by="practice",
        period=period,
        metrics=["mean", "net"],
        confidence=settings.confidence,
        weights=settings.weights,
    ).table
    found = found[found["metric"] == found["kind"].map(COMPARED_METRIC)]
    if counted is not None:  # a period without anybody who counts is not over, or has the row of one that is hidden
        found = found[found["n"] > 0]
    answered = shown.table.group_by("practice_id").agg(pl.col(rated).is_not_null().sum()).to_pandas()
    whole = answered.melt("practice_id", var_name="outcome", value_name="n").assign(period="", reason="")
    frame = _hide_jointly(pd.concat([found, whole], ignore_index=True), rated, settings.minimum_n)
    frame = _with_differences(frame[frame["period"] != ""], settings.confidence)
    hidden = [] if counted is None else [_periods_of_others(counted, shown, frame, period, settings.minimum_n)]
    frame = pd.concat([as_declared(frame, TrendRow), _hidden_periods(responses, shown, found), *hidden])
    return frame.sort_values([*_COURSE, "period"], ignore_index=True)


def _hide_jointly(cells: pd.DataFrame, rated: list[str], minimum_n: int) -> pd.DataFrame:
    """Hide what is on too few people, and whatever else it takes, in the same periods for the outcomes of a practice.

    Outcome by outcome, so that one protects its hidden periods with those that are hidden already, until none of them
    asks for more. An outcome that was asked of some patients only hides periods of its own: it would take the course of
    the others with it, and they do not tell how few answered it.
    """
    keys = pd.MultiIndex.from_frame(cells[["practice_id", "period"]])
    part = (cells["period"] != "").to_numpy()
    joined = part & _asked_of_most(cells)

    def spread(gone: np.ndarray) -> np.ndarray:
        return np.asarray(gone | (joined & keys.isin(keys[gone & joined])))

    # A period in which nobody answered a question, because it was not asked yet, has nobody to protect.
    anybody = (cells["n"] > 0).to_numpy()
    small = part & (cells["n"] < minimum_n).to_numpy()
    few = small | spread(small & anybody)
    hidden, before = few.copy(), -1
    while hidden.sum() > before:
        before = int(hidden.sum())
        for outcome in rated:
            own = np.flatnonzero((cells["outcome"] == outcome) & anybody)
            table = cells.iloc[own].assign(suppressed=hidden[own])
            table = suppress(table, groups=["period"], within=_COURSE, minimum_n=minimum_n)
            more = np.zeros(len(cells), dtype=bool)
            more[own] = table["suppressed"].to_numpy(dtype=bool) & part[own] & ~hidden[own]
            hidden |= spread(more)
    return _emptied(cells, hidden, few)


def _asked_of_most(cells: pd.DataFrame) -> np.ndarray:
    """Rows of outcomes with at least half as many answers as the practice's outcome with most."""
    total = cells[cells["period"] == ""].set_index(_COURSE)["n"]
    most = total >= 0.5 * total.groupby(level="practice_id").transform("max")
    return np.asarray(pd.MultiIndex.from_frame(cells[_COURSE]).isin(most[most].index))


def _emptied(cells: pd.DataFrame, hidden: np.ndarray, few: np.ndarray) -> pd.DataFrame:
    """Empty what is hidden, and say whether the period is itself on too few people or protects another."""
    codes = np.select([~hidden, few], ["", "few_respondents"], default="protects_others")
    reasons = pd.Series({"few_respondents": FEW_RESPONDENTS, "protects_others": PROTECTS_OTHERS})
    frame = cells.assign(n=cells["n"].astype("Int64").mask(hidden), suppressed=hidden, reason_code=codes)
    frame.loc[hidden, _FIGURES] = np.nan
    frame["reason"] = frame["reason"].where(~hidden, frame["reason_code"].map(reasons))
    return frame


def _with_differences(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Put beside every shown period how it differs from the one before it and from the first."""
    shown = frame[~frame["suppressed"] & frame["estimate"].notna()].sort_values([*_COURSE, "period"])
    courses, own = shown.groupby(_COURSE, sort=False), _side(shown)
    before = courses[[*_FIGURES, "period"]].shift()
    first = courses[_FIGURES].transform("first").where(before["period"].notna())
    nets = (shown["metric"] == "net").to_numpy()
    columns = {"previous": before["period"].fillna(""), "difference": shown["estimate"] - before["estimate"]}
    for name, other in (("difference", before), ("since_first", first)):
        means, shares = (difference_of_sides(form, _side(other), own, confidence) for form in ("mean", "net"))
        for end, mean, share in zip(("low", "high"), means, shares, strict=True):
            columns[f"{name}_{end}"] = pd.Series(np.where(nets, share, mean), index=shown.index)
    wide = frame.join(pd.DataFrame(columns))
    return wide.assign(previous=wide["previous"].fillna("").astype("str"))


def _side(rows: pd.DataFrame) -> Side:
    estimate, low, high, error, effective = (rows[name].to_numpy(dtype=np.float64) for name in _FIGURES)
    return Side(estimate, error, effective, low, high)


def _periods_of_others(
    counted: CountedAnswers, shown: Responses, frame: pd.DataFrame, period: Period, minimum_n: int
) -> pd.DataFrame:
    """Rows of periods that are over and have answers, which count for the practice with those of other periods."""
    every, length = "1mo" if period == "month" else "1q", len("2026-01" if period == "month" else "2026-01-01")
    rated = [outcome.id for outcome in shown.journey.rated_outcomes]
    answers = shown.table.filter(~pl.col("completed_on").dt.strftime("%Y-%m").is_in(sorted(counted.still_open)))
    named = pl.col("completed_on").dt.truncate(every).cast(pl.String).str.slice(0, length).alias("period")
    counts = answers.group_by("practice_id", named).agg(pl.col(rated).is_not_null().sum())
    rows = counts.unpivot(rated, index=["practice_id", "period"], variable_name="outcome", value_name="people")
    wide = rows.filter((pl.col("people") > 0) & pl.col("period").is_not_null()).sort(*_COURSE, "period").to_pandas()
    keys = [*_COURSE, "period"]
    absent = ~pd.MultiIndex.from_frame(wide[keys]).isin(pd.MultiIndex.from_frame(frame[keys]))
    few = (wide["people"] < minimum_n)[absent]
    codes, reasons = ("few_respondents", "protects_others"), (FEW_RESPONDENTS, PROTECTS_OTHERS)
    hidden = wide.loc[absent, keys].assign(suppressed=True)
    hidden = hidden.assign(reason_code=np.where(few, *codes), reason=np.where(few, *reasons))
    return with_absent(hidden, TrendRow)


def _hidden_periods(responses: Responses, shown: Responses, found: pd.DataFrame) -> pd.DataFrame:
    """Rows of the practices that are hidden, one per outcome and period of the others."""
    absent = sorted(set(responses.practices) - set(shown.practices))
    keys = [absent, sorted(found["outcome"].unique()), sorted(found["period"].unique())]
    rows = pd.MultiIndex.from_product(keys, names=["practice_id", "outcome", "period"]).to_frame(index=False)
    rows = rows.assign(suppressed=True, reason_code="few_respondents", reason=FEW_RESPONDENTS)
    return with_absent(rows, TrendRow)
