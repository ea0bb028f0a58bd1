"""Scores per practice, month and touchpoint, adjusted for who answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pxanalysis.analysis.drivers.case_mix import code_case_mix, knows_case_mix
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.action_effects.windows import MonthlyCells
from pxanalysis.survey.action_list import Action
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import score_responses

__all__ = ["StudyCells", "month_number", "tabulate_cells"]


@dataclass(frozen=True, slots=True, eq=False)
class StudyCells:
    """Monthly cells of a study.

    Attributes
    ----------
    cells
        J practices, M months, T touchpoints.
    practices, touchpoints
        Their ids in order.
    first
        Number of the first month (`month_number`).
    months
        Months that are over and have answers, M.
    """

    cells: MonthlyCells
    practices: tuple[str, ...]
    touchpoints: tuple[str, ...]
    first: int
    months: int


def month_number(day: date) -> int:
    """Months since the year 0, so that months can be counted.

    Examples
    --------
    >>> month_number(date(2026, 3, 1)) - month_number(date(2025, 12, 31))
    3
    """
    return day.year * 12 + day.month - 1


def tabulate_cells(responses: Responses, actions: Sequence[Action], case_mix: Sequence[str], as_of: date) -> StudyCells:
    """Count and add up adjusted scores.

    Raises
    ------
    NotEstimableError
        When no month with answers is over.
    """
    over = pl.col("completed_on").is_not_null() & (pl.col("completed_on") < pl.lit(as_of.replace(day=1)))
    dated = responses.where(over)
    if dated.n == 0:
        raise NotEstimableError(
            f"no response has a date (completed_on) in a month that was over on {as_of}; without dates nothing can be "
            "said of before and after."
        )
    days = dated.table["completed_on"]
    month = (days.dt.year().cast(pl.Int64) * 12 + days.dt.month() - 1).to_numpy()
    first = int(month.min())
    month = (month - first).astype(np.intp)
    practices, codes = np.unique(dated.practice_ids.astype(str), return_inverse=True)
    scores = score_responses(dated)
    touchpoints = tuple(str(name) for name in scores.columns)
    untreated = _before_actions(actions, practices, codes, month, first)
    values = _adjust(dated, scores.to_numpy(dtype=np.float64), case_mix, codes * (month.max() + 1) + month, untreated)
    shape = (len(practices), int(month.max()) + 1)
    cells = MonthlyCells.count(values, codes, month, shape)
    return StudyCells(cells, tuple(practices.tolist()), touchpoints, first, shape[1])


def _before_actions(
    actions: Sequence[Action], practices: np.ndarray, codes: IntArray, month: IntArray, first: int
) -> BoolArray:
    """Answers that no action can have changed: of practices that decided on none, and before the first decision."""
    start = np.full(len(practices), np.iinfo(np.intp).max)
    for action in actions:
        place = np.flatnonzero(practices == action.practice_id)
        if action.decided_on is not None and place.size:
            start[place[0]] = min(start[place[0]], month_number(action.decided_on) - first)
    return np.asarray(month < start[codes])


def _adjust(
    responses: Responses, scores: FloatArray, case_mix: Sequence[str], cell: IntArray, untreated: BoolArray
) -> FloatArray:
    """Scores less what patients' characteristics account for, by slopes within practice-months of untreated answers.

    Characteristics are centred, so that scores stay on their scale; an answer whose characteristics are not known keeps
    its score.
    """
    if not case_mix:
        return scores
    names = tuple(case_mix)
    knows_case_mix(responses, names)  # refuses an unknown variable
    coded, _ = code_case_mix(responses, names, np.ones(responses.n, dtype=bool))
    x = coded.to_numpy(dtype=np.float64)
    x = np.where(np.isfinite(x), x - np.nanmean(x, axis=0), 0.0)
    adjusted = scores.copy()
    for t in range(scores.shape[1]):
        used = untreated & np.isfinite(scores[:, t])
        if used.sum() > 10 * x.shape[1]:
            within = _demean(np.column_stack([scores[used, t], x[used]]), cell[used])
            slopes, *_ = np.linalg.lstsq(within[:, 1:], within[:, 0], rcond=None)
            adjusted[:, t] -= x @ slopes
    return adjusted


def _demean(columns: FloatArray, groups: IntArray) -> FloatArray:
    _, codes = np.unique(groups, return_inverse=True)
    count = np.bincount(codes)
    means = np.column_stack([np.bincount(codes, column) / count for column in columns.T])
    return np.asarray(columns - means[codes])
