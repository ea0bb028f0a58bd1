"""What may be said: which metric is named, per criterion, and what became of the hypotheses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.comparison.output.numbers import apa_number, readable
from pxanalysis.analysis.comparison.plan import ComparisonPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_hypotheses", "name_metric", "verdict_rows"]


def name_metric(metrics: Sequence[str], differences: pd.DataFrame, r: dict[str, float], alpha: float) -> str:
    """Name the metric whose correlation is larger than that of every other by Holm's p; "" when there is none.

    Parameters
    ----------
    differences
        Rows of one criterion and form: ``first, second, estimate, p_holm``.
    r
        Correlation of each metric with the criterion.

    Examples
    --------
    >>> rows = pd.DataFrame({"first": ["a"], "second": ["b"], "estimate": [0.2], "p_holm": [0.01]})
    >>> name_metric(["a", "b"], rows, {"a": 0.5, "b": 0.3}, 0.05)
    'a'
    """
    best = max(metrics, key=lambda name: r[name])
    mine = differences[(differences["first"] == best) | (differences["second"] == best)]
    ahead = np.where(mine["first"] == best, mine["estimate"], -mine["estimate"]) > 0
    certain = mine["p_holm"].to_numpy(dtype=np.float64) < alpha
    return best if len(mine) == len(metrics) - 1 and bool((ahead & certain).all()) else ""


def verdict_rows(associations: pd.DataFrame, differences: pd.DataFrame, plan: ComparisonPlan) -> pd.DataFrame:
    """One row per criterion: ``criterion, term`` (the metric that is named, or ""), ``best`` (largest r), ``sentence``.

    Also ``largest_error`` (of the differences) and ``detectable`` (the Δr this study would have found in 8 of 10
    cases).
    """
    alpha = 1.0 - plan.confidence
    rows = []
    for criterion, found in differences[differences["transform"] == plan.primary].groupby("criterion", sort=False):
        here = (associations["criterion"] == criterion) & (associations["transform"] == plan.primary)
        r = {str(name): float(value) for name, value in associations.loc[here, ["term", "estimate"]].to_numpy()}
        named = name_metric(list(r), found, r, alpha)
        error = float(found["std_error"].max())
        best = max(r, key=lambda name: r[name])
        rows.append(
            {
                "criterion": criterion,
                "term": named,
                "best": best,
                "r_best": r[best],
                "largest_error": error,
                "detectable": 2.8 * error,
                "sentence": _sentence(str(criterion), named, best, r, found, error),
                "reason": "; ".join(dict.fromkeys(filter(None, found["reason"]))),
            }
        )
    return pd.DataFrame(rows)


def _sentence(criterion: str, named: str, best: str, r: dict[str, float], found: pd.DataFrame, error: float) -> str:
    strengths = ", ".join(
        f"{readable(name)} r = {apa_number(value, bounded=True)}"
        for name, value in sorted(r.items(), key=lambda one: -one[1])
    )
    if named:
        return f"{criterion}: {readable(named)} goes with it more closely than every other metric ({strengths})."
    if not np.isfinite(error):
        return f"{criterion}: no metric is named, because the data carry no interval ({strengths})."
    widest = float(np.maximum(found["ci_low"].abs(), found["ci_high"].abs()).max())
    return (
        f"{criterion}: no metric is named. {readable(best)} has the largest correlation ({strengths}), but it is not "
        f"told from every "
        f"other; differences up to {apa_number(widest, bounded=True)} go with these data, and about "
        f"{apa_number(2.8 * error, bounded=True)} would have been found in "
        "8 of 10 such studies."
    )


def check_hypotheses(differences: pd.DataFrame, plan: ComparisonPlan) -> pd.DataFrame:
    """One row per hypothesis: ``term, criterion, better, than, estimate, p_holm, outcome, reason``.

    ``outcome``: ``supported``, ``contradicted`` (the other way round), ``undecided`` (which is no evidence of
    equality), ``not tested``.
    """
    alpha = 1.0 - plan.confidence
    rows = []
    for hypothesis in plan.hypotheses:
        term = f"{hypothesis.better} > {hypothesis.than}"
        head = {"term": term, "criterion": hypothesis.criterion, "better": hypothesis.better, "than": hypothesis.than}
        row = _find(differences, hypothesis.criterion, hypothesis.better, hypothesis.than, plan.primary)
        if row is None:
            reason = (
                f"no comparison of {hypothesis.better} and {hypothesis.than} on {hypothesis.criterion} could be made"
            )
            rows.append(head | {"estimate": np.nan, "p_holm": np.nan, "outcome": "not tested", "reason": reason})
            continue
        estimate, p = row
        certain = p < alpha
        outcome = "undecided" if not certain else "supported" if estimate > 0 else "contradicted"
        if not np.isfinite(p):
            outcome = "not tested"
        rows.append(head | {"estimate": estimate, "p_holm": p, "outcome": outcome, "reason": ""})
    columns = ["term", "criterion", "better", "than", "estimate", "p_holm", "outcome", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _find(
    differences: pd.DataFrame, criterion: str, better: str, than: str, transform: str
) -> tuple[float, float] | None:
    if differences.empty or "transform" not in differences:
        return None
    here = differences[(differences["criterion"] == criterion) & (differences["transform"] == transform)]
    for first, second, sign in ((better, than, 1.0), (than, better, -1.0)):
        row = here[(here["first"] == first) & (here["second"] == second)]
        if len(row):
            return sign * float(row["estimate"].iloc[0]), float(row["p_holm"].iloc[0])
    return None
