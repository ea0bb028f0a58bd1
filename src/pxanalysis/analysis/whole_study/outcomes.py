"""KTV, NPS, CES and behaviours per practice beside the other practices, and how their answers are distributed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pxanalysis.analysis.metrics import estimate_distributions, estimate_metrics
from pxanalysis.analysis.practices import PracticeComparison
from pxanalysis.analysis.whole_study.comparing import Compared, practices_with
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.survey.responses import Responses

__all__ = ["tabulate_distributions", "tabulate_funnel", "tabulate_outcomes"]

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


def tabulate_outcomes(responses: Responses, settings: FitSettings, compared: list[Compared]) -> pd.DataFrame:
    """One row per practice ("" for all pooled), outcome and metric, with the practices' middle half beside it.

    ``adjusted`` (of the main metric) is after case mix and shrunken; ``verdict`` says whether the practice differs
    significantly and meaningfully from the mean of all practices after case mix (``difference`` with its interval, and
    the least ``meaningful`` one). Other metrics have no verdict: ``comparison_reason`` says so, or why there is none.
    """

    def estimate(some: Responses, outcome: str, by: str | None) -> pd.DataFrame:
        kind = responses.journey.outcome(outcome).kind
        return estimate_metrics(
            some,
            outcome,
            by=by,
            metrics=list(dict.fromkeys((MAIN_METRIC[kind], *SHOWN_METRICS[kind]))),
            confidence=settings.confidence,
            weights=settings.weights,
        ).table

    frame = _own_and_pooled(responses, settings, estimate).drop(columns=["std_error", "sd", "n_effective"])
    frame = _hide(frame, settings.minimum_n, ["estimate", "ci_low", "ci_high"])
    frame = frame.merge(_benchmarks(frame), on=["outcome", "metric"], how="left", validate="many_to_one")
    return _adjust(frame, compared)


def _adjust(frame: pd.DataFrame, compared: list[Compared]) -> pd.DataFrame:
    """Put in what the comparison after case mix says of each outcome's main metric, or why there is none."""
    reasons = {one.outcome: one.reason for one in compared}
    main = frame["metric"] == frame["kind"].map(MAIN_METRIC)
    shown = frame[main].drop_duplicates("outcome").set_index("outcome")["metric"]
    tables = [_of_comparison(one.comparison, shown) for one in compared if one.comparison is not None]
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


def _of_comparison(result: PracticeComparison, shown: pd.Series) -> pd.DataFrame:
    """What was found on the compared metric, to stand beside the one that is shown."""
    columns = ["practice_id", "shrunk", "verdict", "difference", "difference_low", "difference_high"]
    table = result.table[[*columns, "difference_shrunk"]]
    table = table.rename(columns={"shrunk": "adjusted", "verdict": "compared"})
    return table.assign(outcome=result.subject, metric=shown[result.subject], meaningful=result.meaningful)


_COMPARED = ["adjusted", "difference", "difference_low", "difference_high", "difference_shrunk", "meaningful"]

_NOTHING_COMPARED = pd.DataFrame(
    {
        "practice_id": pd.Series(dtype="str"),
        "outcome": pd.Series(dtype="str"),
        "metric": pd.Series(dtype="str"),
        **{name: pd.Series(dtype="float64") for name in _COMPARED},
        "compared": pd.Series(dtype="str"),
    }
)


def tabulate_funnel(compared: list[Compared]) -> pd.DataFrame:
    """Each practice with enough answers against limits that widen where answers are few, per rated outcome.

    Values are after case mix; ``flag`` is ``low998``, ``low95``, ``within``, ``high95`` or ``high998``. An outcome
    that cannot be drawn has one row with the reason and no practice.
    """
    columns = ["outcome", "practice_id", "n", "estimate", "low95", "high95", "low998", "high998", "centre", "flag"]
    tables = []
    for one in compared:
        if one.funnel is not None:
            tables.append(one.funnel.table[[*columns, "reason"]])
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


def tabulate_distributions(responses: Responses, settings: FitSettings) -> pd.DataFrame:
    """Share of each answer per practice ("" for all pooled), of questions answered by at least ``minimum_n`` people.

    A share is a figure on all who answered the question; the number behind a single answer is not kept.
    """
    frame = _own_and_pooled(
        responses,
        settings,
        lambda some, outcome, by: estimate_distributions(some, outcome, by=by, weights=settings.weights),
    )
    few = frame["base"] < settings.minimum_n
    frame = frame.assign(n=frame["base"].astype("Int64").mask(few), share=frame["share"].mask(few), suppressed=few)
    return frame[["practice_id", "outcome", "value", "n", "share", "suppressed"]]
