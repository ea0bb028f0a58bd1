"""Metrics as models of a criterion: non-nested tests, prediction of other practices, combinations, dominance."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.comparison.association import adjust_family
from pxanalysis.analysis.comparison.criteria import CriterionSample
from pxanalysis.analysis.comparison.sample import ComparisonSample
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.non_nested import compare_linear, fit_model, vuong_test
from pxanalysis.statistics.prediction.cross_validation import (
    OutOfSample,
    deal_folds,
    predict_left_out,
    score_predictions,
)
from pxanalysis.statistics.prediction.fit_dominance import dominance_of_subsets, fit_index, subset_fits

__all__ = ["compare_combinations", "dominance_rows", "non_nested_rows", "predict_criterion"]

IntArray = npt.NDArray[np.intp]
Predictions = dict[tuple[str, ...], OutOfSample]

REFUSED = (
    "J, Cox and encompassing tests are for a continuous criterion in linear models; for two classes Vuong's test on "
    "logit "
    "likelihoods takes their place"
)


def non_nested_rows(sample: ComparisonSample, one: CriterionSample, confidence: float) -> pd.DataFrame:
    """One row per pair and test: ``criterion, term, first, second, test, statistic, p_value, p_holm, reason``.

    ``J``, ``Cox``, ``encompassing`` test whether ``second`` explains what ``first`` does not (both ways round are
    there); ``Vuong`` whether ``first`` lies closer to the truth (positive z), with ``p_distinguishable`` and the BIC
    difference; with practices, errors are summed per practice.
    """
    columns = sample.columns(one.rows, "mean")
    rows: list[dict[str, object]] = []
    for i, j in combinations(range(columns.shape[1]), 2):
        pair = (sample.metrics[i].id, sample.metrics[j].id)
        try:
            rows.append(_vuong_row(one, columns[:, [i]], columns[:, [j]], pair, confidence))
        except NotEstimableError as error:
            rows.append({**_head(one, pair), "test": "Vuong", "reason": str(error)})
        if one.kind == "binary":
            continue
        both = compare_linear(one.observed, columns[:, [i]], columns[:, [j]], one.codes)
        for found, order in zip(both, (pair, pair[::-1]), strict=True):
            j_test = found.j if found.j_clustered is None else found.j_clustered
            for name, test in (("J", j_test), ("Cox", found.cox), ("encompassing", found.encompassing)):
                rows.append(
                    {
                        **_head(one, order),
                        "test": name,
                        "statistic": test.statistic,
                        "p_value": test.p_value,
                        "reason": "",
                    }
                )
    if one.kind == "binary":
        rows.append(
            {"criterion": one.criterion.id, "term": "all pairs", "test": "J, Cox, encompassing", "reason": REFUSED}
        )
    table = pd.DataFrame(rows)
    for name in ("statistic", "p_value"):
        if name not in table:
            table[name] = np.nan
    adjusted = np.full(len(table), np.nan)
    for _, family in table.groupby("test").indices.items():
        adjusted[family] = adjust_family(table["p_value"].iloc[family])
    return table.assign(p_holm=adjusted)


def _head(one: CriterionSample, pair: tuple[str, str]) -> dict[str, object]:
    term = f"{pair[0]} against {pair[1]}"
    return {"criterion": one.criterion.id, "term": term, "first": pair[0], "second": pair[1], "n": one.n}


def _vuong_row(
    one: CriterionSample, first: FloatArray, second: FloatArray, pair: tuple[str, str], confidence: float
) -> dict[str, object]:
    fits = fit_model(one.observed, first, one.kind), fit_model(one.observed, second, one.kind)
    found = vuong_test(*fits, correction="bic", codes=one.codes, confidence=confidence)
    clustered = one.codes is not None
    return {
        **_head(one, pair),
        "test": "Vuong",
        "statistic": found.z_clustered if clustered else found.z,
        "p_value": found.p_clustered if clustered else found.p_value,
        "z_independent": found.z,
        "p_independent": found.p_value,
        "p_distinguishable": found.p_distinguishable,
        "bic_difference": found.bic_difference,
        "bic_low": found.bic_low,
        "bic_high": found.bic_high,
        "reason": "",
    }


def _subsets(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [subset for size in range(1, len(names) + 1) for subset in combinations(names, size)]


def predict_criterion(
    sample: ComparisonSample, one: CriterionSample, folds: int, seed: int
) -> tuple[pd.DataFrame, Predictions]:
    """Predict each part of the practices from the others, by every metric and combination, and by the mean alone.

    Returns
    -------
    One row per model: ``criterion, term, metrics`` (how many), ``n, folds, log_loss, brier, auc, hit_rate, base_rate,
    r2, rmse, mae, reason``; and the predictions themselves.
    """
    units = np.arange(one.n) if one.codes is None else one.codes
    count = min(folds, int(units.max()) + 1)
    if count < 2:
        raise NotEstimableError("one practice: nothing can be left out.", "too_few")
    fold = deal_folds(units, count, seed)
    columns = pd.DataFrame(sample.columns(one.rows, "mean"), columns=[metric.id for metric in sample.metrics])
    rows, kept = [], {}
    for subset in [(), *_subsets(tuple(metric.id for metric in sample.metrics))]:
        found = predict_left_out(one.observed, columns[list(subset)].to_numpy(), fold, one.kind)
        scores = score_predictions(one.observed, found, one.kind)
        if not subset:  # means of other folds rank people against their own fold's share: an area without meaning
            scores = replace(scores, auc=float("nan"))
        kept[subset] = found
        rows.append(
            {
                "criterion": one.criterion.id,
                "term": " + ".join(subset) or "(mean only)",
                "metrics": len(subset),
                "n": one.n,
                "folds": count,
                **{name: getattr(scores, name) for name in scores.__slots__},
                "reason": "",
            }
        )
    return pd.DataFrame(rows), kept


def compare_combinations(one: CriterionSample, predictions: Predictions, confidence: float) -> pd.DataFrame:
    """Whether two or three metrics together predict better than the best one (de Haan, Verhoef & Wiesel 2015).

    One row per combination: ``criterion, term, best`` (the best single metric), ``estimate`` (mean loss of the best
    one minus that of the combination in people left out: log-loss, or squared error as a share of the criterion's
    variance; positive: the combination predicts better), ``std_error, ci_low, ci_high, p_value, p_holm, reason``.
    """
    from scipy.stats import t

    loss = {subset: _loss(one, found.predicted) for subset, found in predictions.items() if subset}
    singles = [subset for subset in loss if len(subset) == 1]
    best = min(singles, key=lambda subset: float(loss[subset].mean()))
    units = np.arange(one.n) if one.codes is None else one.codes
    groups = int(units.max()) + 1
    reach = float(t.ppf(0.5 + confidence / 2.0, groups - 1))
    rows = []
    for subset in (subset for subset in loss if len(subset) > 1):
        gain = loss[best] - loss[subset]
        sums = np.bincount(units, weights=gain - gain.mean())
        error = float(np.sqrt(groups / (groups - 1.0) * (sums**2).sum())) / one.n
        mean = float(gain.mean())
        rows.append(
            {
                "criterion": one.criterion.id,
                "term": " + ".join(subset),
                "best": best[0],
                "n": one.n,
                "estimate": mean,
                "std_error": error,
                "ci_low": mean - reach * error,
                "ci_high": mean + reach * error,
                "p_value": float(2.0 * t.sf(abs(mean) / error, groups - 1)) if error > 0 else np.nan,
                "reason": "",
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(p_holm=adjust_family(table["p_value"]))


def _loss(one: CriterionSample, predicted: FloatArray) -> FloatArray:
    if one.kind == "continuous":
        return np.asarray((one.observed - predicted) ** 2 / one.observed.var())
    return np.asarray(-np.where(one.observed == 1, np.log(predicted), np.log1p(-predicted)))


def dominance_rows(sample: ComparisonSample, one: CriterionSample) -> pd.DataFrame:
    """One row per metric: ``criterion, term, index`` (R² or McFadden's), ``estimate`` (general dominance), ``share``.

    Also ``alone`` (index of the metric by itself), ``last`` (what it adds to all others), ``dominates`` (metrics that
    it dominates completely), ``full``.
    """
    columns = sample.columns(one.rows, "mean")
    index = "r2" if one.kind == "continuous" else "mcfadden"
    fits = subset_fits(one.observed, columns, one.kind)
    found = dominance_of_subsets(fit_index(fits, one.observed, index))
    names = [metric.id for metric in sample.metrics]
    return pd.DataFrame(
        [
            {
                "criterion": one.criterion.id,
                "term": name,
                "index": index,
                "estimate": found.general[k],
                "share": found.general[k] / found.full,
                "alone": found.conditional[k, 0],
                "last": found.conditional[k, -1],
                "dominates": ", ".join(names[j] for j in range(len(names)) if found.complete[k, j] == 1),
                "full": found.full,
            }
            for k, name in enumerate(names)
        ]
    )
