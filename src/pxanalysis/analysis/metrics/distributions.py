"""How the answers to an outcome are distributed: number and share of each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.metrics.grouped import (
    Grouping,
    Period,
    choose_outcomes,
    group_responses,
    outcome_answers,
    row_weights,
)
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Outcome
    from pxanalysis.survey.responses import Responses

__all__ = ["estimate_distributions"]


def _answers_of(outcome: Outcome, journey: Journey) -> range:
    if outcome.kind == "behaviour":
        return range(2)
    scale = journey.scales[str(outcome.scale)]
    return range(scale.min, scale.max + 1)


def _count(position: np.ndarray, codes: np.ndarray, amount: FloatArray, groups: int, answers: int) -> FloatArray:
    cells = np.bincount(codes * answers + position, amount, minlength=groups * answers)
    return cells.astype(np.float64).reshape(groups, answers)


def _one(outcome: Outcome, values: FloatArray, answers: range, grouping: Grouping, weights: FloatArray) -> pd.DataFrame:
    used = np.isfinite(values) & (grouping.codes >= 0) & (weights > 0)
    stray = used & ~np.isin(values, np.array(answers, dtype=np.float64))
    if stray.any():
        raise AnalysisError(
            f"outcome '{outcome.id}' has the answer {values[stray][0]:g}, which its scale {answers[0]}-{answers[-1]} "
            "does not have; validate the answers first."
        )
    position, groups = (values[used] - answers[0]).astype(np.intp), len(grouping.labels)
    codes, weight = grouping.codes[used], weights[used]
    number = _count(position, codes, np.ones(codes.size), groups, len(answers))
    mass = _count(position, codes, weight, groups, len(answers))
    base = mass.sum(axis=1, keepdims=True)
    share = np.divide(mass, base, out=np.full(mass.shape, np.nan), where=base > 0)
    rows = grouping.labels.loc[grouping.labels.index.repeat(len(answers))].reset_index(drop=True)
    return rows.assign(
        outcome=outcome.id,
        value=np.tile(np.array(answers), groups),
        n=number.ravel().astype(np.int64),
        base=np.repeat(number.sum(axis=1).astype(np.int64), len(answers)),
        share=share.ravel(),
    )


def estimate_distributions(
    responses: Responses,
    outcome: str | list[str] | None = None,
    *,
    by: str | None = "practice",
    period: Period | None = None,
    weights: object = None,
) -> pd.DataFrame:
    """Count each answer to each outcome.

    Parameters
    ----------
    outcome, by, period, weights
        As in :func:`~pxanalysis.analysis.metrics.estimate_metrics`.

    Returns
    -------
    One row per group, outcome and answer of the scale (also those nobody gave): ``practice_id`` ("" = pooled; also
    ``group``, ``period``), ``outcome, value, n`` (people who gave it), ``base`` (people who answered) and ``share``
    (proportion, weighted when there are weights; NaN where nobody answered).
    """
    grouping = group_responses(responses, by, period)
    weight = row_weights(responses, weights)
    blocks = [
        _one(one, outcome_answers(responses, one), _answers_of(one, responses.journey), grouping, weight)
        for one in choose_outcomes(responses, outcome)
    ]
    keys = list(grouping.labels.columns)
    return pd.concat(blocks, ignore_index=True).sort_values(keys, kind="stable", ignore_index=True)
