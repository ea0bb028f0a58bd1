"""Metrics as measures of practices: level by level, how well they tell practices apart, how stable they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.analysis.comparison.association import Correlated, adjust_family, pairs_of
from pxanalysis.analysis.comparison.criteria import CriterionSample
from pxanalysis.analysis.comparison.plan import Transform
from pxanalysis.analysis.comparison.sample import ComparisonSample
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.statistics.dependent_correlations import compare_independent, zou_independent
from pxanalysis.statistics.dependent_correlations.record import fisher_limits
from pxanalysis.statistics.inputs import encode_clusters
from pxanalysis.statistics.power import n_for_reliability
from pxanalysis.statistics.random_effects.level_correlations import correlate_levels
from pxanalysis.statistics.random_effects.variance import icc_interval, practice_stats, variance_components

if TYPE_CHECKING:
    from pxanalysis.arrays import FloatArray

__all__ = ["discrimination_rows", "level_rows", "stability_rows"]

FEWEST_BETWEEN = 10
"""Fewer practices carry no correlation between practices."""

FEWEST_OF_PRACTICE = 10


def level_rows(sample: ComparisonSample, one: CriterionSample, found: Correlated) -> pd.DataFrame:
    """Correlations within and between practices, and their differences.

    One row per level, and metric or pair: ``criterion, level`` (``respondent``: people around their practice's mean;
    ``practice``: practices' means), ``term, quantity`` (``r`` or ``difference``), ``n, estimate, std_error, ci_low,
    ci_high, p_value, p_holm`` (Holm over the pairs of a level), ``reason``. Between practices, correlations are
    weakened by the chance in small practices' means.
    """
    names = tuple(metric.id for metric in sample.metrics)
    if one.codes is None:
        raise NotEstimableError("there are no practices in this comparison, so there is one level.", "too_few")
    columns = np.column_stack([sample.columns(one.rows, "mean"), one.observed])
    levels = correlate_levels(columns, one.codes, found.drawn.counts)
    blocks = []
    for level, r, replicates in (
        ("respondent", levels.within, levels.within_replicates),
        ("practice", levels.between, levels.between_replicates),
    ):
        few = level == "practice" and one.n_practices < FEWEST_BETWEEN
        reason = (
            f"{one.n_practices} practices; a correlation between practices takes at least {FEWEST_BETWEEN}"
            if few
            else ""
        )
        head = {"criterion": one.criterion.id, "level": level, "n": one.n if level == "respondent" else one.n_practices}
        rows: list[dict[str, object]] = []
        for k, name in enumerate(names):
            rows.append(head | {"term": name, "quantity": "r"} | _row(found, float(r[k]), replicates[:, k], reason))
        for first, second in pairs_of(names):
            i, j = names.index(first), names.index(second)
            gap = _row(found, float(r[i] - r[j]), replicates[:, i] - replicates[:, j], reason)
            rows.append(head | {"term": f"{first} − {second}", "quantity": "difference"} | gap)
        block = pd.DataFrame(rows)
        adjusted = adjust_family(block["p_value"].where(block["quantity"] == "difference"))
        blocks.append(block.assign(p_holm=adjusted))
    return pd.concat(blocks, ignore_index=True)


def _row(found: Correlated, estimate: float, replicates: FloatArray, reason: str) -> dict[str, object]:
    if reason:
        return {"estimate": np.nan, "p_value": np.nan, "reason": reason}
    return {**found.resampled.row(estimate, replicates), "reason": found.resampled.reason}


def discrimination_rows(sample: ComparisonSample, transforms: tuple[Transform, ...], confidence: float) -> pd.DataFrame:
    """How well a metric tells practices apart.

    One row per metric and form: ``term, transform, n, n_practices, estimate`` (ICC, one-way analysis of variance),
    ``ci_low, ci_high, n_70, n_80, n_90`` (people per practice for a reliability of .7, .8, .9, rounded up), ``reason``.
    """
    if sample.practices is None:
        raise NotEstimableError("there are no practices in this comparison.", "too_few")
    codes, labels = encode_clusters(sample.practices, len(sample.practices))
    if len(labels) < FEWEST_PRACTICES:
        raise NotEstimableError(
            f"{len(labels)} practices; how practices differ takes at least {FEWEST_PRACTICES}.", "too_few"
        )
    rows = []
    for metric in sample.metrics:
        for transform in transforms:
            head: dict[str, object] = {"term": metric.id, "transform": transform}
            if metric.reason(transform):
                rows.append(head | {"estimate": np.nan, "reason": metric.reason(transform)})
                continue
            values = metric.apply(sample.answers[metric.id].to_numpy(), transform)
            parts = variance_components(practice_stats(values[:, None], codes, len(labels)))
            low, high = icc_interval(parts, confidence)
            icc = float(parts.icc[0])
            needed = {
                f"n_{round(100 * r)}": np.ceil(n_for_reliability(icc, r) - 1e-9) if icc > 0 else np.nan
                for r in (0.7, 0.8, 0.9)
            }
            limits = {"estimate": icc, "ci_low": float(low[0]), "ci_high": float(high[0])}
            counts = {"n": int(parts.n_obs[0]), "n_practices": int(parts.n_practices[0])}
            reason = "" if icc > 0 else "practices differ no more than by chance: no number of people is enough"
            rows.append(head | counts | limits | needed | {"reason": reason})
    return pd.DataFrame(rows)


def stability_rows(sample: ComparisonSample, confidence: float) -> pd.DataFrame:
    """How the metrics and what they go with hold over two halves of the period (different people).

    Rows: ``quantity`` = ``practice means`` (correlation over practices of the mean in both halves, practices with ten
    or more answers in each) and ``r with <criterion>`` (second half − first half, Fisher's z, Zou's interval);
    ``term, n, estimate, ci_low, ci_high, p_value, reason``.
    """
    dates = sample.responses.table["completed_on"].cast(pl.Date, strict=False)
    if dates.null_count() == len(dates):
        raise NotEstimableError("the responses have no dates, so there are no waves to compare.", "too_few")
    days = dates.to_physical().to_numpy().astype(np.float64)
    early, late = _halves(days)
    if not late.any():
        raise NotEstimableError("all responses are of one day, so there are no waves to compare.", "too_few")
    rows: list[dict[str, object]] = []
    for metric in sample.metrics:
        rows.append(
            {"term": metric.id, "quantity": "practice means", **_practice_halves(sample, metric.id, early, late)}
        )
    for one in sample.criteria:
        answers = sample.answers.iloc[one.rows]
        for metric in sample.metrics:
            x = answers[metric.id].to_numpy()
            halves = _halves(days[one.rows])
            rows.append(
                {
                    "term": metric.id,
                    "quantity": f"r with {one.criterion.id}, second half − first",
                    **_correlation_halves(x, one.observed, halves, confidence),
                }
            )
    return pd.DataFrame(rows)


def _halves(days: FloatArray) -> list[npt.NDArray[np.bool_]]:
    """Rows (n,) up to the median day, and after it; a row without a date is in neither."""
    known = np.isfinite(days)
    late = known & (np.where(known, days, -np.inf) > (np.median(days[known]) if known.any() else np.inf))
    return [known & ~late, late]


def _practice_halves(
    sample: ComparisonSample, name: str, early: npt.NDArray[np.bool_], late: npt.NDArray[np.bool_]
) -> dict[str, object]:
    if sample.practices is None:
        return {"estimate": np.nan, "reason": "there are no practices in this comparison"}
    answers = sample.answers[name]
    means = []
    for part in (early, late):
        grouped = answers[part].groupby(sample.practices[part].astype(str)).agg(["count", "mean"])
        means.append(grouped.loc[grouped["count"] >= FEWEST_OF_PRACTICE, "mean"])
    both = pd.concat(means, axis=1, join="inner")
    if len(both) < FEWEST_BETWEEN:
        return {
            "n": len(both),
            "estimate": np.nan,
            "reason": f"{len(both)} practices have {FEWEST_OF_PRACTICE} answers in both halves; {FEWEST_BETWEEN} are "
            f"needed",
        }
    r = float(np.atleast_2d(np.corrcoef(both.to_numpy().T))[0, 1])
    low, high = fisher_limits(r, len(both))
    return {"n": len(both), "estimate": r, "ci_low": low, "ci_high": high, "reason": ""}


def _correlation_halves(
    x: FloatArray, y: FloatArray, halves: list[npt.NDArray[np.bool_]], confidence: float
) -> dict[str, object]:
    sizes = [int(half.sum()) for half in halves]
    spread = [min(x[half].std(), y[half].std()) if half.any() else 0.0 for half in halves]
    if min(sizes) < 20 or min(spread) == 0:
        reason = f"{sizes[0]} and {sizes[1]} people with the criterion in the two halves; 20 in each are needed"
        return {"n": sum(sizes), "estimate": np.nan, "reason": reason}
    first, second = (float(np.corrcoef(x[half], y[half])[0, 1]) for half in halves)
    test = compare_independent(second, first, sizes[1], sizes[0])
    low, high = zou_independent(second, first, sizes[1], sizes[0], confidence)
    gap = {"estimate": second - first, "ci_low": low, "ci_high": high}
    return {"n": sum(sizes), **gap, "p_value": test.p_value, "reason": ""}
