"""Practices compared on every outcome, once: verdicts, funnels, and what a researcher asks about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.analysis.practices import FunnelResult, PracticeComparison
from pxanalysis.analysis.practices.adjusting import adjust_practices
from pxanalysis.analysis.practices.compare import compare_adjusted
from pxanalysis.analysis.practices.funnel import make_funnel
from pxanalysis.analysis.whole_study.drivers import choose_case_mix
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.conventions import FEWEST_PRACTICES

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["Compared", "compare_outcomes", "practices_with", "tabulate_case_mix", "tabulate_comparisons"]

_FACTS = ["n_obs", "n_practices", "sigma2_between", "sigma2_within", "icc", "meaningful"]
_TEST = ["test", "statistic", "df1", "df2", "p_value"]
_FUNNEL = ["centre", "sigma", "phi", "tau2"]
_EFFECTS = ["outcome", "term", "variable", "level", "used", "estimate", "std_error", "n_imputed", "reason"]


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One outcome, over the practices in which enough people answered it.

    Attributes
    ----------
    outcome, rated
        Id of the outcome, and whether it is a rating; there is no funnel of behaviours.
    responses
        Answers of these practices.
    comparison, funnel
        None with the ``reason``.
    """

    outcome: str
    rated: bool
    responses: Responses
    comparison: PracticeComparison | None
    funnel: FunnelResult | None
    reason: str


def practices_with(responses: Responses, outcome: str, minimum_n: int) -> Responses:
    """Responses of practices in which at least ``minimum_n`` people answered this."""
    answered = responses.table.group_by("practice_id").agg(pl.col(outcome).is_not_null().sum().alias("n"))
    enough = answered.filter(pl.col("n") >= minimum_n)["practice_id"]
    if len(enough) == answered.height:
        return responses
    return responses.where(pl.col("practice_id").is_in(enough.implode()))


def compare_outcomes(responses: Responses, settings: FitSettings) -> list[Compared]:
    """Compare the practices with enough answers on every outcome, after case mix."""
    rated = {outcome.id for outcome in responses.journey.rated_outcomes}
    return [_compare(responses, one.id, settings, rated=one.id in rated) for one in responses.journey.outcomes]


def _compare(responses: Responses, outcome: str, settings: FitSettings, *, rated: bool) -> Compared:
    enough = practices_with(responses, outcome, settings.minimum_n)
    if len(enough.practices) < FEWEST_PRACTICES:
        found = f"{len(enough.practices)} practices have enough answers; from {FEWEST_PRACTICES} on they are compared."
        return Compared(outcome, rated, enough, None, None, found)
    adjusters = choose_case_mix(enough, settings)
    try:
        adjusted = adjust_practices(enough, outcome, adjusters=adjusters, weights=settings.weights)
        comparison = compare_adjusted(adjusted, confidence=settings.confidence)
        funnel = make_funnel(adjusted) if rated else None
    except NotEstimableError as error:
        return Compared(outcome, rated, enough, None, None, str(error))
    return Compared(outcome, rated, enough, comparison, funnel, "")


def tabulate_comparisons(compared: list[Compared]) -> pd.DataFrame:
    """One row per outcome: how practices differ after case mix, and how wide the funnel is drawn.

    ``metric, n_obs, n_practices, sigma2_between, sigma2_within, icc, meaningful`` (least difference that counts), the
    ``test`` that all practices are equal; ``centre, sigma, phi, tau2`` of the funnel; ``reason``.
    """
    return pd.DataFrame([_facts(one) for one in compared]).astype(
        {name: "float64" for name in [*_FACTS, *_FUNNEL, "statistic", "df1", "df2", "p_value"]}
    )


def _facts(one: Compared) -> dict[str, Any]:
    comparison, funnel = one.comparison, one.funnel
    names = [*_FACTS, *_TEST]
    facts = {name: getattr(comparison, name) if comparison else np.nan for name in names}
    widths = {name: getattr(funnel, name) if funnel else np.nan for name in _FUNNEL}
    metric = comparison.metric if comparison else ""
    row = {"outcome": one.outcome, "metric": metric, **facts, **widths, "reason": one.reason}
    return row | {"test": comparison.test if comparison else ""}


def tabulate_case_mix(compared: list[Compared], minimum_n: int) -> pd.DataFrame:
    """One row per outcome and case-mix column: its effect within practices, or why it has none.

    ``variable`` and ``level`` (of a category, against the first; else ""), whether it was ``used``, ``estimate`` with
    ``std_error`` in units of the outcome, ``n_imputed`` (missing characteristics put in as the practice's mean). A
    number below ``minimum_n``, and an effect that rests on fewer people with a characteristic, is hidden.
    """
    tables = [_effects(one, one.comparison, minimum_n) for one in compared if one.comparison is not None]
    frame = pd.concat([pd.DataFrame(columns=_EFFECTS), *tables], ignore_index=True)
    kinds = {"used": "bool", "estimate": "float64", "std_error": "float64", "n_imputed": "Int64"}
    return frame[_EFFECTS].astype(kinds)


def _effects(one: Compared, comparison: PracticeComparison, minimum_n: int) -> pd.DataFrame:
    table = comparison.adjusters.assign(outcome=one.outcome, used=comparison.adjusters["estimate"].notna())
    parts = [term.partition("=") for term in table["term"]]
    table = table.assign(variable=[variable for variable, _, _ in parts], level=[level for _, _, level in parts])
    few = np.array([_rests_on_few(one, variable, level, minimum_n) for variable, _, level in parts], dtype=bool)
    table.loc[few, ["estimate", "std_error"]] = np.nan
    table.loc[few, "reason"] = FEW_RESPONDENTS
    imputed = table["n_imputed"].astype("Int64")
    return table.assign(n_imputed=imputed.mask((imputed > 0) & (imputed < minimum_n)))


def _rests_on_few(one: Compared, variable: str, level: str, minimum_n: int) -> bool:
    """Whether fewer people than that have the characteristic, or the level that it is held against."""
    if variable not in one.responses.table.columns:
        return False
    known = one.responses.table.filter(pl.col(one.outcome).is_not_null())[variable].drop_nulls()
    if not level:
        return known.len() < minimum_n
    order = next((list(v.levels) for v in one.responses.journey.case_mix if v.id == variable), [])
    answers = known.cast(pl.String)
    counts = {text.id: int((answers == text.id).sum()) for text in order}
    present = [name for name, count in counts.items() if count]
    return min(counts.get(level, 0), counts[present[0]] if present else 0) < minimum_n
