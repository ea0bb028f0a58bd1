"""KTV, NPS, CES and behaviours per practice beside the other practices, their distribution and their course."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.conventions import FEWEST_PRACTICES, MAIN_METRIC
from pxanalysis.analysis.fit.comparing import Compared, practices_with
from pxanalysis.analysis.fit.settings import FEW_RESPONDENTS, PROTECTS_OTHERS, FitSettings
from pxanalysis.analysis.fit.shown import of_shown_practices
from pxanalysis.analysis.metrics import Period, estimate_distributions, estimate_metrics
from pxanalysis.analysis.practices import PracticeComparison
from pxanalysis.analysis.privacy import suppress
from pxanalysis.survey.responses import Responses

__all__ = [
    "choose_period",
    "describe_distributions",
    "describe_funnel",
    "describe_outcomes",
    "describe_trend",
]

SHOWN_METRICS = {
    "ktv": ["mean", "top2", "insufficient"],
    "nps": ["net", "mean"],
    "ces": ["mean", "low_effort", "net_easy"],
    "behaviour": ["share"],
}


MAIN_ONLY = "practices are compared on the main metric of an outcome only"


Estimator = Callable[[Responses, str, str | None], pd.DataFrame]


def _own_and_pooled(responses: Responses, settings: FitSettings, estimate: Estimator) -> pd.DataFrame:
    """Every outcome pooled and per practice.

    Pooled figures rest on practices in which enough people answered; otherwise a practice that is hidden is the
    pooled figure less all others.
    """
    tables = []
    for outcome in responses.journey.outcomes:
        enough = practices_with(responses, outcome.id, settings.minimum_n)
        if enough.n:
            tables.append(estimate(enough, outcome.id, None))
        tables.append(estimate(responses, outcome.id, "practice"))
    return pd.concat(tables, ignore_index=True).sort_values("practice_id", kind="stable", ignore_index=True)


def describe_outcomes(responses: Responses, settings: FitSettings, compared: list[Compared]) -> pd.DataFrame:
    """One row per practice ("" for all pooled), outcome and metric, with the practices' middle half beside it.

    ``adjusted`` (of the main metric) is after case mix and shrunken; ``verdict`` says whether the practice differs
    significantly and meaningfully from the mean of all practices after case mix (``difference`` with its interval, and
    the least ``meaningful`` one). Other metrics have no verdict: ``comparison_reason`` says so, or why there is none.
    """

    def estimate(some: Responses, outcome: str, by: str | None) -> pd.DataFrame:
        kind = responses.journey.outcome(outcome).kind
        return estimate_metrics(
            some, outcome, by=by, metrics=SHOWN_METRICS[kind], confidence=settings.confidence
        ).tidy()

    frame = _own_and_pooled(responses, settings, estimate).drop(columns=["std_error", "sd", "n_effective"])
    frame = _hide(frame, settings.minimum_n, ["estimate", "ci_low", "ci_high"])
    frame = frame.merge(_benchmarks(frame), on=["outcome", "metric"], how="left", validate="many_to_one")
    return _adjust(frame, compared)


def _adjust(frame: pd.DataFrame, compared: list[Compared]) -> pd.DataFrame:
    """Put in what the comparison after case mix says of each outcome's main metric, or why there is none."""
    reasons = {one.outcome: one.reason for one in compared}
    main = frame["metric"] == frame["kind"].map(MAIN_METRIC)
    tables = [_of_comparison(one.comparison) for one in compared if one.comparison is not None]
    merged = frame.merge(
        pd.concat([_NOTHING_COMPARED, *tables], ignore_index=True),
        on=["practice_id", "outcome", "metric"],
        how="left",
        validate="one_to_one",
    )
    words = merged["compared"].astype("str")
    usable = ~merged["suppressed"] & words.notna() & (words != "")
    merged["verdict"] = words.where(usable, "")
    merged[_COMPARED] = merged[_COMPARED].where(usable)
    merged["comparison_reason"] = np.where(main, merged["outcome"].map(reasons).fillna(""), MAIN_ONLY)
    return merged.drop(columns="compared")


def _of_comparison(result: PracticeComparison) -> pd.DataFrame:
    table = result.tidy()[["practice_id", "shrunk", "verdict", "difference", "difference_low", "difference_high"]]
    table = table.rename(columns={"shrunk": "adjusted", "verdict": "compared"})
    return table.assign(outcome=result.subject, metric=result.metric, meaningful=result.meaningful)


_COMPARED = ["adjusted", "difference", "difference_low", "difference_high", "meaningful"]

_NOTHING_COMPARED = pd.DataFrame(
    {
        "practice_id": pd.Series(dtype="str"),
        "outcome": pd.Series(dtype="str"),
        "metric": pd.Series(dtype="str"),
        **{name: pd.Series(dtype="float64") for name in _COMPARED},
        "compared": pd.Series(dtype="str"),
    }
)


def describe_funnel(compared: list[Compared]) -> pd.DataFrame:
    """Each practice with enough answers against limits that widen where answers are few, per rated outcome.

    Values are after case mix; ``flag`` is ``low998``, ``low95``, ``within``, ``high95`` or ``high998``. An outcome
    that cannot be drawn has one row with the reason and no practice.
    """
    columns = ["outcome", "practice_id", "n", "estimate", "low95", "high95", "low998", "high998", "centre", "flag"]
    tables = []
    for one in compared:
        if one.funnel is not None:
            tables.append(one.funnel.tidy()[[*columns, "reason"]])
        elif one.rated:
            row = {name: np.nan for name in columns} | {"outcome": one.outcome, "practice_id": "", "flag": ""}
            tables.append(pd.DataFrame([row | {"reason": one.reason}]))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=[*columns, "reason"])


def _hide(frame: pd.DataFrame, minimum_n: int, columns: list[str]) -> pd.DataFrame:
    few = frame["n"] < minimum_n
    hidden = frame.assign(suppressed=few, reason=np.where(few, FEW_RESPONDENTS, frame["reason"]))
    hidden[columns] = hidden[columns].mask(few)
    hidden["n"] = hidden["n"].astype("Int64").mask(few)
    return hidden


def _benchmarks(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean and middle half of the practices that are shown, where there are enough of them."""
    shown = frame[(frame["practice_id"] != "") & frame["estimate"].notna()]
    groups = shown.groupby(["outcome", "metric"])["estimate"]
    table = pd.DataFrame(
        {
            "benchmark": groups.mean(),
            "benchmark_low": groups.quantile(0.25),
            "benchmark_high": groups.quantile(0.75),
        }
    )
    return table.where(groups.count() >= FEWEST_PRACTICES).reset_index()


def describe_distributions(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """Share of each answer per practice ("" for all pooled), of questions answered by at least ``minimum_n`` people.

    A share is a figure on all who answered the question; the number behind a single answer is not kept.
    """
    frame = _own_and_pooled(responses, settings, lambda some, outcome, by: estimate_distributions(some, outcome, by=by))
    few = frame["base"] < settings.minimum_n
    frame = frame.assign(n=frame["base"].astype("Int64").mask(few), share=frame["share"].mask(few), suppressed=few)
    return frame[["practice_id", "outcome", "value", "n", "share", "suppressed"]]


def choose_period(responses: Responses, minimum_n: int) -> Period | None:
    """Months when at least half of all practice-months have enough answers, else quarters; None without dates."""
    dated = responses.table.filter(pl.col("completed_on").is_not_null())
    if dated.height == 0:
        return None
    sizes = dated.group_by("practice_id", pl.col("completed_on").dt.truncate("1mo")).len()["len"].to_numpy()
    return "month" if float(np.mean(sizes >= minimum_n)) >= 0.5 else "quarter"


def describe_trend(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """Main metric of each rated outcome per practice and month or quarter.

    A period on too few people is hidden, and the next smallest with it, since the practice's figure over all periods
    would otherwise give it away; so would all periods shown give away a few responses without a date.
    ``reason_code`` tells the two apart: ``few_respondents`` and ``protects_others``. A practice with few responses has
    a hidden row for every period of the study: its own would be the dates on which these people answered.
    """
    columns = ["practice_id", "outcome", "period", "n", "estimate", "ci_low", "ci_high"]
    columns += ["suppressed", "reason_code", "reason"]
    shown = of_shown_practices(responses, settings.minimum_n)
    period = choose_period(shown, settings.minimum_n)
    if period is None:
        return pd.DataFrame(columns=columns)
    dated = shown.where(pl.col("completed_on").is_not_null())
    rated = [outcome.id for outcome in responses.journey.rated_outcomes]
    found = estimate_metrics(
        dated, rated, by="practice", period=period, metrics=["mean", "net"], confidence=settings.confidence
    ).tidy()
    found = found[found["metric"] == found["kind"].map(MAIN_METRIC)]
    answered = shown.table.group_by("practice_id").agg(pl.col(rated).is_not_null().sum()).to_pandas()
    whole = answered.melt("practice_id", var_name="outcome", value_name="n").assign(period="", reason="")
    cells = pd.concat([found, whole], ignore_index=True)
    frame = suppress(
        cells,
        values=["estimate", "ci_low", "ci_high"],
        groups=["period"],
        within=["practice_id", "outcome"],
        minimum_n=settings.minimum_n,
    )
    frame = _with_codes(frame.assign(n=frame["n"].astype("Int64")), cells["n"] < settings.minimum_n)
    frame = pd.concat([frame[frame["period"] != ""][columns], _hidden_periods(responses, shown, found)])
    return frame[columns].sort_values(["practice_id", "outcome", "period"], ignore_index=True)


def _with_codes(frame: pd.DataFrame, few: pd.Series) -> pd.DataFrame:
    """Say whether a period is itself on too few people, or is hidden so that another cannot be worked out."""
    codes = np.select([~frame["suppressed"], few], ["", "few_respondents"], default="protects_others")
    frame["reason_code"] = codes
    reasons = pd.Series({"few_respondents": FEW_RESPONDENTS, "protects_others": PROTECTS_OTHERS})
    frame["reason"] = frame["reason"].where(~frame["suppressed"], frame["reason_code"].map(reasons))
    return frame


def _hidden_periods(responses: Responses, shown: Responses, found: pd.DataFrame) -> pd.DataFrame:
    """Rows of the practices that are hidden, one per outcome and period of the others."""
    absent = sorted(set(responses.practices) - set(shown.practices))
    keys = [absent, sorted(found["outcome"].unique()), sorted(found["period"].unique())]
    rows = pd.MultiIndex.from_product(keys, names=["practice_id", "outcome", "period"]).to_frame(index=False)
    rows = rows.assign(n=pd.array([pd.NA] * len(rows), dtype="Int64"), estimate=np.nan, ci_low=np.nan, ci_high=np.nan)
    return rows.assign(suppressed=True, reason_code="few_respondents", reason=FEW_RESPONDENTS)
