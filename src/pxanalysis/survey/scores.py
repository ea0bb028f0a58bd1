"""Scores on 0-100: an item by its range and direction, a touchpoint or step as the mean of its items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.survey.form_versions import FORM, FormVersion, list_versions
from pxanalysis.survey.policy import DONT_KNOW_PREFIX

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = [
    "NEGATIVE_BELOW",
    "ScoreLevel",
    "find_unmet",
    "mean_of_answered",
    "rescale",
    "score_items",
    "score_responses",
]

NEGATIVE_BELOW = 50.0
"""A score below this (0-100) is a negative experience."""

_OF_A_FORM = 0.1

ScoreLevel = Literal["item", "touchpoint", "step"]


def rescale(values: FloatArray, low: float, high: float, *, reverse: bool = False) -> FloatArray:
    """Map answers from ``low..high`` to 0-100, higher is better; missing stays missing.

    Parameters
    ----------
    values
        Answers of any shape on ``low..high``, NaN where missing.
    reverse
        True for items on which a high answer is bad.

    Examples
    --------
    >>> rescale(np.array([1.0, 4.0, 5.0]), 1, 5).tolist()
    [0.0, 75.0, 100.0]
    >>> rescale(np.array([1.0, 4.0, 5.0]), 1, 5, reverse=True).tolist()
    [100.0, 25.0, 0.0]
    """
    scaled = 100.0 * (values - low) / (high - low)
    return 100.0 - scaled if reverse else scaled


def mean_of_answered(scores: FloatArray, min_share: float = 0.5) -> FloatArray:
    """Row means over the answered columns, NaN where fewer than ``min_share`` of the columns are answered.

    Parameters
    ----------
    scores
        Shape (n, k), NaN where missing.
    min_share
        Proportion (0-1] of the k columns that has to be answered; at least one always is.

    Returns
    -------
    Array of shape (n,), on the scale of ``scores``.

    Examples
    --------
    >>> mean_of_answered(np.array([[50.0, np.nan, 100.0], [np.nan, np.nan, 100.0]])).tolist()
    [75.0, nan]
    """
    if not 0 < min_share <= 1:
        raise AnalysisError(f"min_share: expected a proportion above 0 and up to 1, received {min_share}.")
    answered = np.isfinite(scores)
    count = answered.sum(axis=1)
    needed = max(1, math.ceil(min_share * scores.shape[1] - 1e-9))
    total = np.where(answered, scores, 0.0).sum(axis=1)
    return np.where(count >= needed, total / np.maximum(count, 1), np.nan)


def score_items(responses: Responses, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Items on 0-100 in journey order, higher is better, NaN where missing or not applicable; shape (n, items).

    ``names`` are the items to score, all when None: of a million rows those of one touchpoint take far less memory.
    """
    placed_items = [placed for placed in responses.journey.items if names is None or placed.id in names]
    values = np.empty((responses.n, len(placed_items)), order="F")  # of a million rows, a frame is not copied twice
    for position, placed in enumerate(placed_items):
        raw, reverse = responses.numbers([placed.id])[placed.id].to_numpy(), placed.item.direction == "lower-is-better"
        values[:, position] = rescale(raw, placed.scale.min, placed.scale.max, reverse=reverse)
    return pd.DataFrame(values, columns=[placed.id for placed in placed_items], copy=False)


def score_responses(
    responses: Responses, level: ScoreLevel = "touchpoint", *, min_share: float | None = None
) -> pd.DataFrame:
    """Scores on 0-100 per response, higher is better.

    Parameters
    ----------
    level
        ``item``, ``touchpoint`` (mean of its items) or ``step`` (mean of its items over all its touchpoints).
    min_share
        A touchpoint or step is scored when at least this proportion of its items is answered; that of the responses
        (``items_needed``) when None.

    Returns
    -------
    DataFrame of shape (n, units) in journey order; NaN where not scored. A touchpoint the patient did not meet is
    NaN by design (planned missingness).
    """
    if level == "item":
        return score_items(responses)
    groups: dict[str, list[str]] = {}
    for placed in responses.journey.items:
        unit = placed.touchpoint.id if level == "touchpoint" else placed.step.id
        groups.setdefault(unit, []).append(placed.id)
    share = responses.items_needed if min_share is None else min_share
    uncommon = responses.uncommon_items
    values = np.empty((responses.n, len(groups)), order="F")
    for position, columns in enumerate(groups.values()):
        values[:, position] = _score_unit(score_items(responses, columns), uncommon, share)
    return pd.DataFrame(values, columns=list(groups), copy=False)


def _score_unit(items: pd.DataFrame, uncommon: frozenset[str], min_share: float) -> FloatArray:
    """Means over the items on which all forms can be compared, shape (n,).

    A mean that has another item on another form is another score. So the score rests on what all forms asked, when
    that is enough; else on what was asked of most people, and the others have none.
    """
    names = list(items.columns)
    shared = [name for name in names if name not in uncommon]
    if len(shared) == len(names):
        return mean_of_answered(items.to_numpy(), min_share)
    if shared and len(shared) >= min_share * len(names) - 1e-9:
        return mean_of_answered(items[shared].to_numpy(), min_share)
    chosen = _choose_most_asked(
        items[[name for name in names if name in uncommon]], min_share * len(names) - len(shared)
    )
    scores = mean_of_answered(items[[*shared, *chosen]].to_numpy(), min_share)
    return np.where(items[chosen].notna().all(axis=1).to_numpy(), scores, np.nan)


def _choose_most_asked(items: pd.DataFrame, needed: float) -> list[str]:
    """Of the items that not all were asked, those ``needed`` or more that most people answered together.

    A set counts where it is that of a form: a tenth or more of those who answered anything answered exactly these.
    """
    answered = items.notna().to_numpy()
    kinds, times = np.unique(answered[answered.any(axis=1)], axis=0, return_counts=True)
    usual = times >= _OF_A_FORM * max(times.sum(), 1)
    patterns = [one for one in kinds[usual] if one.sum() >= max(needed - 1e-9, 1)]
    if not patterns:
        return list(items.columns)
    best = max(patterns, key=lambda one: (int(answered[:, one].all(axis=1).sum()), int(one.sum())))
    return list(items.columns[best])


def find_unmet(responses: Responses, level: ScoreLevel = "touchpoint") -> pd.DataFrame:
    """Whether a patient did not meet each unit, Boolean of shape (n, units) in journey order.

    A touchpoint was not met when all of its items were answered "not applicable"; or, where it is optional and none of
    its items has such an answer, when all of its items are blank while another item of the questionnaire is answered.
    "I do not know" says that it was met. Of who had a version of the questionnaire without it, that is not known.
    A step was not met when none of its touchpoints was. An item does not apply where its touchpoint was not met, and
    where it was itself answered "not applicable".
    """
    flags = responses.not_applicable
    versions = list_versions(responses.table, responses.journey)
    forms = responses.table[FORM].to_numpy() if versions else np.array([])
    silent: BoolArray | None = None
    unmet: dict[str, BoolArray] = {}
    steps: dict[str, str] = {}
    items: dict[str, BoolArray] = {}
    for step in responses.journey.steps:
        for touchpoint in step.touchpoints:
            names = [item.id for item in touchpoint.items]
            if not names:
                continue
            can_decline = any(responses.journey.scales[item.scale].not_applicable for item in touchpoint.items)
            by_blank = touchpoint.optional and not can_decline
            absent = flags[names].all(axis=1).to_numpy()
            if by_blank:
                known = _find_unknown(responses, names) | _find_not_asked(versions, forms, names)
                silent = _find_silent(responses) if silent is None else silent
                absent = responses.numbers(names).isna().all(axis=1).to_numpy() & ~silent & ~known
            unmet[touchpoint.id], steps[touchpoint.id] = absent, step.id
            items |= {name: absent | flags[name].to_numpy() for name in names}
    if level == "touchpoint":
        return pd.DataFrame(unmet)
    if level == "item":
        return pd.DataFrame({placed.id: items[placed.id] for placed in responses.journey.items})
    parts: dict[str, list[BoolArray]] = {}
    for name, step_id in steps.items():
        parts.setdefault(step_id, []).append(unmet[name])
    return pd.DataFrame({step_id: np.logical_and.reduce(columns) for step_id, columns in parts.items()})


def _find_silent(responses: Responses) -> BoolArray:
    """Who answered no item of the questionnaire at all, shape (n,)."""
    silent = np.ones(responses.n, dtype=bool)
    for placed in responses.journey.items:
        silent &= responses.numbers([placed.id])[placed.id].isna().to_numpy()
    return silent


def _find_not_asked(versions: tuple[FormVersion, ...], forms: npt.NDArray[np.object_], names: list[str]) -> BoolArray:
    """Whose version of the questionnaire had none of these items; a single False where versions are not known."""
    without = [version.name for version in versions if set(names) <= set(version.not_asked)]
    return np.isin(forms.astype(str), without) if without else np.zeros(1, dtype=bool)


def _find_unknown(responses: Responses, names: list[str]) -> BoolArray:
    """Who answered "I do not know" to any of these items, shape (n,)."""
    flags = [name for name in (DONT_KNOW_PREFIX + item for item in names) if name in responses.table.columns]
    if not flags:
        return np.zeros(responses.n, dtype=bool)
    table = responses.table.select(pl.any_horizontal(pl.col(flags).fill_null(value=False)))
    return table.to_series().to_numpy().astype(bool)
