"""Would the conclusion stand: other forms of the metrics, unreliable single questions, the same people asked twice."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.comparison.association import correlate
from pxanalysis.analysis.comparison.criteria import CriterionSample, too_thin
from pxanalysis.analysis.comparison.plan import ComparisonPlan
from pxanalysis.analysis.comparison.sample import ComparisonSample
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.dependent_correlations import FourCorrelations, compare_nonoverlapping, zou_nonoverlapping
from pxanalysis.statistics.random_effects.retest import estimate_retest

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["information_rows", "retest_rows", "unreliability_rows"]

ASSUMED = (0.6, 0.7, 0.8, 0.9)
"""Reliabilities that a single question may have (Wanous & Hudy 2001 found about .7 to .8)."""


def information_rows(sample: ComparisonSample, one: CriterionSample, plan: ComparisonPlan) -> pd.DataFrame:
    """What cutting an answer into classes loses: each form against the answers as given.

    One row per metric and form: ``criterion, term, transform, n, r, kept`` (r² of the form as a share of r² of the
    answers as given), ``estimate`` (r of the form − r as given), ``std_error, ci_low, ci_high, p_value``,
    ``people_factor`` (how many times more people the form takes for the same power), ``reason``.
    """
    rows = []
    for k, metric in enumerate(sample.metrics):
        forms = [form for form in plan.transforms if form != "mean" and not metric.reason(form)]
        blocks = [sample.columns(one.rows, form)[:, k] for form in forms]
        thin = {form: too_thin((metric.id,), block[:, None], one) for form, block in zip(forms, blocks, strict=True)}
        head = {"criterion": one.criterion.id, "term": metric.id, "n": one.n}
        rows += [head | {"transform": form, "estimate": np.nan, "reason": why} for form, why in thin.items() if why]
        usable = [position for position, form in enumerate(forms) if not thin[form]]
        columns = np.column_stack([sample.columns(one.rows, "mean")[:, k], *(blocks[position] for position in usable)])
        names = ("mean", *(forms[position] for position in usable))
        found = correlate(
            columns,
            names,
            one.observed,
            one.codes,
            n_bootstrap=plan.n_bootstrap,
            seed=plan.seed,
            confidence=plan.confidence,
        )
        for position, form in enumerate(names):
            if position == 0:
                continue
            gap = found.resampled.row(
                float(found.r[position] - found.r[0]), found.replicates[:, position] - found.replicates[:, 0]
            )
            # where the answers as given may go with nothing, a share of nothing says nothing
            clear = found.resampled.row(float(found.r[0]), found.replicates[:, 0])["p_value"] < 1 - plan.confidence
            kept = float(found.r[position] ** 2 / found.r[0] ** 2) if clear else np.nan
            rest = {"transform": form, "r": found.r[position], "kept": kept, "people_factor": 1.0 / kept}
            rows.append(head | rest | gap | {"reason": found.resampled.reason})
    if not rows:
        raise NotEstimableError("no other form of the metrics is in the plan.", "other")
    return pd.DataFrame(rows)


def unreliability_rows(
    sample: ComparisonSample, one: CriterionSample, associations: pd.DataFrame, retest: pd.DataFrame
) -> pd.DataFrame:
    """What single questions' unreliability could do (Spearman 1904: r divided by the root of the reliability).

    One row per pair: ``criterion, term, first, second, r_first, r_second, flips_at`` (the order of the two turns around
    when the reliability of the one that is behind is below this share of the other's), ``corrected_first,
    corrected_second, reliability_first, reliability_second`` (by test-retest where there is one), ``reason``; and
    ``low_high``, ``high_low``: the corrected difference if the reliabilities were .6 and .9, or .9 and .6.
    """
    known = {} if retest.empty or "icc_agreement" not in retest else retest.set_index("term")["icc_agreement"].to_dict()
    r = associations.set_index("term")["estimate"]
    rows = []
    for first, second in combinations([metric.id for metric in sample.metrics], 2):
        a, b = float(r[first]), float(r[second])
        row: dict[str, object] = {
            "criterion": one.criterion.id,
            "term": f"{first} − {second}",
            "first": first,
            "second": second,
            "r_first": a,
            "r_second": b,
            "flips_at": min(a**2, b**2) / max(a**2, b**2) if a * b > 0 else np.nan,
            "low_high": a / np.sqrt(ASSUMED[0]) - b / np.sqrt(ASSUMED[-1]),
            "high_low": a / np.sqrt(ASSUMED[-1]) - b / np.sqrt(ASSUMED[0]),
            "reason": "" if known else "no test-retest in these data: reliabilities are assumed",
        }
        for name, value, end in ((first, a, "first"), (second, b, "second")):
            reliability = float(known.get(name, np.nan))
            row |= {f"reliability_{end}": reliability, f"corrected_{end}": value / np.sqrt(reliability)}
        rows.append(row)
    return pd.DataFrame(rows)


def retest_rows(sample: ComparisonSample, second: Responses, confidence: float) -> pd.DataFrame:
    """Test-retest of each metric, and whether one is more stable than another.

    Parameters
    ----------
    second
        The second occasion; a response with the same ``response_id`` is by the same person.

    Returns
    -------
    One row per metric: ``term, n, estimate`` (ICC for agreement) with ``ci_low, ci_high, icc_agreement, pearson,
    icc_consistency, sem, srd, mean_change, srm, reason``; and one per pair, ``quantity`` = ``difference``: of the
    retest correlations (Steiger's z for four variables, Zou's interval).
    """
    if second.journey.id != sample.responses.journey.id:
        raise AnalysisError(
            f"retest: expected answers to '{sample.responses.journey.id}', received '{second.journey.id}'."
        )
    ids = [str(value) for value in sample.responses.table["response_id"].to_list()]
    later = second.numbers([metric.id for metric in sample.metrics])
    later.index = pd.Index([str(value) for value in second.table["response_id"].to_list()])
    first = sample.answers.set_axis(pd.Index(ids))
    shared = first.index.intersection(later.index)
    if len(shared) < 20:
        raise NotEstimableError(
            f"retest: {len(shared)} response ids are in both files; at least 20 people have to be asked twice.",
            "too_few",
        )
    both = pd.DataFrame(
        {f"{metric.id}/1": first.loc[shared, metric.id] for metric in sample.metrics}
        | {f"{metric.id}/2": metric.orient(later.loc[shared, metric.id].to_numpy()) for metric in sample.metrics}
    )
    rows = [_retest_row(both, metric.id, confidence) for metric in sample.metrics]
    names = [metric.id for metric in sample.metrics]
    rows += [_retest_difference(both, *pair, confidence) for pair in combinations(names, 2)]
    return pd.DataFrame(rows)


def _retest_row(both: pd.DataFrame, name: str, confidence: float) -> dict[str, object]:
    pair = both[[f"{name}/1", f"{name}/2"]].dropna().to_numpy()
    found = estimate_retest(pair[:, 0], pair[:, 1], confidence)
    return {
        "term": name,
        "quantity": "retest",
        "n": found.n,
        "estimate": found.icc_agreement,
        "ci_low": found.icc_agreement_low,
        "ci_high": found.icc_agreement_high,
        "icc_agreement": found.icc_agreement,
        "icc_consistency": found.icc_consistency,
        "pearson": found.pearson,
        "sem": found.sem_agreement,
        "srd": found.srd_agreement,
        "mean_change": found.mean_change,
        "srm": found.srm,
        "p_value": found.p_value,
        "reason": "",
    }


def _retest_difference(both: pd.DataFrame, first: str, second: str, confidence: float) -> dict[str, object]:
    columns = [f"{first}/1", f"{first}/2", f"{second}/1", f"{second}/2"]
    complete = both[columns].dropna()
    r = complete.corr().to_numpy()
    four = FourCorrelations(r[0, 1], r[2, 3], r[0, 2], r[0, 3], r[1, 2], r[1, 3], len(complete))
    low, high = zou_nonoverlapping(four, confidence)
    return {
        "term": f"{first} − {second}",
        "quantity": "difference",
        "n": len(complete),
        "estimate": four.difference,
        "ci_low": low,
        "ci_high": high,
        "p_value": compare_nonoverlapping(four).p_value,
        "reason": "",
    }
