"""How reliable each touchpoint's scale is, and from how many responses it tells practices apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pxanalysis.analysis.reliability import Reliability, estimate_reliability
from pxanalysis.analysis.whole_study.settings import FEW_RESPONDENTS, FitSettings
from pxanalysis.analysis.whole_study.shown import shown_items, weights_of

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["estimate_study_reliability", "tabulate_scales"]

_PRACTICE_COLUMNS = ["icc", "n_for_70", "n_for_80", "n_for_90", "icc_reason"]


def estimate_study_reliability(responses: Responses, settings: FitSettings) -> Reliability:
    """Reliability of every touchpoint's scale, from the answers that may be shown."""
    shown = shown_items(responses, settings.minimum_n)
    return estimate_reliability(
        shown,
        confidence=settings.confidence,
        n_bootstrap=settings.n_bootstrap,
        seed=settings.seed,
        discriminant=False,
        weights=weights_of(shown, settings.weights),
    )


def tabulate_scales(found: pd.DataFrame, settings: FitSettings, variance: pd.DataFrame) -> pd.DataFrame:
    """One row per touchpoint: alpha and omega with intervals, verdict, ICC and responses needed per practice.

    They rest on practices that are shown; ``reason`` is that of alpha and omega, ``icc_reason`` of the ICC.

    Parameters
    ----------
    found
        Table of `estimate_study_reliability`.
    variance
        What ``tabulate_variance`` found.
    """
    between = variance.rename(columns={"reason": "icc_reason"}).set_index("outcome_or_touchpoint")[_PRACTICE_COLUMNS]
    table = found.merge(between, left_on="scale", right_index=True, how="left")
    few = table["n"] < settings.minimum_n
    numbers = [name for name in table.columns if pd.api.types.is_float_dtype(table[name])]
    table[numbers] = table[numbers].mask(few)
    table["n"] = table["n"].astype("Int64").mask(few)
    table.loc[few, ["verdict", "reason"]] = ["not-estimable", FEW_RESPONDENTS]
    return table.drop(columns=["n_incomplete"])
