"""Which metric moves when a practice changes something: sensitivity to an action (responsiveness)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
from scipy.special import stdtr, stdtrit

from pxanalysis.analysis.comparison.sample import ComparisonSample
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.action_effects.donut import estimate_donut_difference
from pxanalysis.statistics.action_effects.windows import MonthlyCells, pool_within_variance
from pxanalysis.statistics.conventions import CHOOSING, FEWEST_ACTING
from pxanalysis.survey.action_list import Action

__all__ = ["responsiveness_rows"]

YEAR = 12
FEWEST_ANSWERS = 10
"""Of a practice, before and after, to every metric."""


def responsiveness_rows(sample: ComparisonSample, actions: Sequence[Action], confidence: float) -> pd.DataFrame:
    """Change of each metric in the year after a practice's first action, in standard deviations of patients.

    Beyond that of practices without an action, since the half-year *before* the one that chose the action
    (`pxanalysis.statistics.action_effects.donut`). The spread between patients is the yardstick (Guyatt, Walter and
    Norman 1987), so that metrics are in one unit: the one that changes most shows an action soonest. Practices are the
    units, and a difference of two metrics is one of the same people.

    Returns
    -------
    One row per metric, ``quantity`` = ``change``: ``term, n_practices, estimate`` (SD), ``std_error, ci_low, ci_high``
    by t(m − 1), ``p_value, ratio`` (estimate over error: how soon it shows); and one per pair, ``difference``.

    Raises
    ------
    NotEstimableError
        Without dates, without actions in place, or with fewer than five practices that can be compared on both sides.
    """
    if sample.practices is None:
        raise NotEstimableError("sensitivity to an action compares practices; the plan has no clusters.", "not_asked")
    days = sample.responses.table["completed_on"]
    first = _first_months(actions)
    if not first or days.is_null().all():
        what = "no action is in place" if not first else "no response has a date"
        raise NotEstimableError(
            f"{what}; sensitivity to an action needs dates, and actions that are in place "
            "('pxanalysis actions' records them; actions= outside a study).",
            "too_few",
        )
    names, changes, shared = _changes(
        sample, days, first, {one.practice_id for one in actions if one.decided_on is not None}
    )
    m = len(changes)
    if m < FEWEST_ACTING:
        raise NotEstimableError(
            f"{m} practices with an action have {FEWEST_ANSWERS} answers to every metric in months -12 to -7 and in "
            f"the year after it; {FEWEST_ACTING} are needed.",
            "too_few",
        )
    reach = float(stdtrit(m - 1, 0.5 + confidence / 2))
    errors = np.sqrt(changes.var(axis=0, ddof=1) / m + shared)
    rows = [
        {"term": name, "quantity": "change" if k < len(sample.metrics) else "difference"}
        | _infer(float(changes[:, k].mean()), float(errors[k]), m, reach)
        for k, name in enumerate(names)
    ]
    return pd.DataFrame(rows).assign(reason="")


def _first_months(actions: Sequence[Action]) -> dict[str, int]:
    first: dict[str, int] = {}
    for one in actions:
        if one.in_place_on is not None:
            month = one.in_place_on.year * 12 + one.in_place_on.month - 1
            first[one.practice_id] = min(first.get(one.practice_id, month), month)
    return first


def _changes(
    sample: ComparisonSample, days: pl.Series, first: dict[str, int], deciding: set[str]
) -> tuple[list[str], FloatArray, FloatArray]:
    """Metrics, then pairs of them: names, changes (m, k), and the error variance of what they are held beside (k,)."""
    dated = days.is_not_null().to_numpy()
    month = (days.dt.year().cast(pl.Int64) * 12 + days.dt.month() - 1).to_numpy()[dated].astype(np.intp)
    start = int(month.min())
    assert sample.practices is not None
    practices, codes = np.unique(sample.practices[dated].astype(str), return_inverse=True)
    answers = sample.answers.to_numpy(dtype=np.float64)[dated]
    single = (answers - np.nanmean(answers, axis=0)) / np.nanstd(answers, axis=0, ddof=1)
    pairs = list(combinations(range(single.shape[1]), 2))
    values = np.column_stack([single, *(single[:, one] - single[:, other] for one, other in pairs)])
    ids = [metric.id for metric in sample.metrics]
    names = [*ids, *(f"{ids[one]} - {ids[other]}" for one, other in pairs)]
    cells = MonthlyCells.count(
        values, codes.astype(np.intp), month - start, (len(practices), int(month.max()) - start + 1)
    )
    within = pool_within_variance(cells)
    compared: BoolArray = ~np.isin(practices, list(deciding))
    found, errors = [], []
    for place, practice in enumerate(practices):
        at = first.get(str(practice), start) - start
        if practice not in first or at < YEAR or at >= cells.n.shape[1]:
            continue
        base, after = cells.window(at - YEAR, at - CHOOSING), cells.window(at, at + YEAR)
        if min(base.n[place].min(), after.n[place].min()) >= FEWEST_ANSWERS:
            difference = estimate_donut_difference(base, after, within, compared)
            found.append(difference.effect[place])
            errors.append(difference.shared)
    known = [np.isfinite(one).all() and np.isfinite(other).all() for one, other in zip(found, errors, strict=True)]
    kept = [at for at, usable in enumerate(known) if usable]
    k = values.shape[1]
    changes = np.array([found[at] for at in kept]).reshape(-1, k)
    shared = np.array([errors[at] for at in kept]).reshape(-1, k)
    return names, changes, shared.mean(axis=0) if len(kept) else np.full(k, np.nan)


def _infer(estimate: float, error: float, m: int, reach: float) -> dict[str, object]:
    ratio = estimate / error if error > 0 else np.nan
    return {
        "n_practices": m,
        "estimate": estimate,
        "std_error": error,
        "ci_low": estimate - reach * error,
        "ci_high": estimate + reach * error,
        "p_value": float(2 * stdtr(m - 1, -abs(ratio))),
        "ratio": ratio,
    }
