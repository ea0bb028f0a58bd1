"""KTV, NPS, CES and behaviours per practice beside the other practices, their distribution and their course."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.fit.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.analysis.fit.touchpoints import FEWEST_PRACTICES
from pxanalysis.analysis.metrics import Period, estimate_distributions, estimate_metrics

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses

__all__ = ["choose_period", "describe_distributions", "describe_outcomes", "describe_trend", "main_metric"]

SHOWN_METRICS = ["mean", "top2", "insufficient", "low_effort", "net_easy", "net", "share"]


def main_metric(kind: str) -> str:
    """The metric an outcome is known by: the NPS is a net share, a behaviour a share, others a mean."""
    return {"nps": "net", "behaviour": "share"}.get(kind, "mean")


def large_enough(responses: Responses, minimum_n: int) -> Responses:
    """Responses of practices with at least ``minimum_n`` of them; pooled figures rest on these."""
    return responses.where(pl.len().over("practice_id") >= minimum_n)


def describe_outcomes(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """One row per practice ("" for all pooled), outcome and metric, with the practices' middle half beside it.

    ``verdict`` says whether the practice's interval lies below or above the mean of all practices.
    """
    own = estimate_metrics(responses, metrics=SHOWN_METRICS, confidence=settings.confidence).tidy()
    pooled = estimate_metrics(
        large_enough(responses, settings.minimum_n), by=None, metrics=SHOWN_METRICS, confidence=settings.confidence
    ).tidy()
    frame = pd.concat([pooled, own], ignore_index=True).drop(columns=["std_error", "sd", "n_effective"])
    frame = _hide(frame, settings.minimum_n, ["estimate", "ci_low", "ci_high"])
    frame = frame.merge(_benchmarks(frame), on=["outcome", "metric"], how="left", validate="many_to_one")
    frame["verdict"] = _verdicts(frame, responses.journey)
    return frame.assign(adjusted=np.nan)


def _hide(frame: pd.DataFrame, minimum_n: int, columns: list[str]) -> pd.DataFrame:
    few = frame["n"] < minimum_n
    hidden = frame.assign(suppressed=few, reason=np.where(few, FEW_RESPONDENTS, frame["reason"]))
    hidden[columns] = hidden[columns].mask(few)
    hidden["n"] = hidden["n"].astype("Int64").mask(few)
    return hidden


def _benchmarks(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame[(frame["practice_id"] != "") & frame["estimate"].notna()]
    groups = shown.groupby(["outcome", "metric"])["estimate"]
    enough = groups.count() >= FEWEST_PRACTICES
    table = pd.DataFrame(
        {
            "benchmark": groups.mean(),
            "benchmark_low": groups.quantile(0.25),
            "benchmark_high": groups.quantile(0.75),
        }
    )
    return table.where(enough).reset_index()


def _verdicts(frame: pd.DataFrame, journey: Journey) -> pd.Series:
    known = frame["ci_low"].notna() & frame["benchmark"].notna() & (frame["practice_id"] != "")
    verdict = pd.Series("", index=frame.index)
    verdict[known] = "no difference"
    verdict[known & (frame["ci_high"] < frame["benchmark"])] = "lower"
    verdict[known & (frame["ci_low"] > frame["benchmark"])] = "higher"
    return verdict


def describe_distributions(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """Share of each answer per practice ("" for all pooled), of questions answered by at least ``minimum_n`` people.

    A share is a figure on all who answered the question; the number behind a single answer is not kept.
    """
    own = estimate_distributions(responses)
    pooled = estimate_distributions(large_enough(responses, settings.minimum_n), by=None)
    frame = pd.concat([pooled, own], ignore_index=True)
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
    """Main metric of each rated outcome per practice ("" for all pooled) and month or quarter."""
    columns = ["practice_id", "outcome", "period", "n", "estimate", "ci_low", "ci_high", "suppressed", "reason"]
    period = choose_period(responses, settings.minimum_n)
    if period is None:
        return pd.DataFrame(columns=columns)
    rated = [outcome.id for outcome in responses.journey.rated_outcomes]
    blocks = [
        estimate_metrics(
            one, rated, by=by, period=period, metrics=["mean", "net"], confidence=settings.confidence
        ).tidy()
        for by, one in (("practice", responses), (None, large_enough(responses, settings.minimum_n)))
    ]
    frame = pd.concat(blocks, ignore_index=True)
    frame = frame[frame["metric"] == frame["kind"].map(main_metric)]
    frame = _hide(frame, settings.minimum_n, ["estimate", "ci_low", "ci_high"])
    return frame.sort_values(["practice_id", "outcome", "period"], ignore_index=True)[columns]
