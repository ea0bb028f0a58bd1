"""KTV, NPS and CES compared in one call, as a methodologist would."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pxanalysis.analysis.comparison.association import (
    Correlated,
    adjust_family,
    association_rows,
    correlate,
    difference_rows,
    pairs_of,
)
from pxanalysis.analysis.comparison.criteria import CriterionSample, too_thin
from pxanalysis.analysis.comparison.description import between_metrics, compare_shares, describe_metrics
from pxanalysis.analysis.comparison.models import (
    compare_combinations,
    dominance_rows,
    non_nested_rows,
    predict_criterion,
)
from pxanalysis.analysis.comparison.plan import ComparisonPlan, Criterion, Transform, read_plan
from pxanalysis.analysis.comparison.practices import discrimination_rows, level_rows, stability_rows
from pxanalysis.analysis.comparison.responsiveness import responsiveness_rows
from pxanalysis.analysis.comparison.result import MetricComparison
from pxanalysis.analysis.comparison.sample import WITHOUT_CRITERION, ComparisonSample, draw_sample
from pxanalysis.analysis.comparison.sensitivity import information_rows, retest_rows, unreliability_rows
from pxanalysis.analysis.comparison.touchpoints import compare_profiles
from pxanalysis.analysis.comparison.verdict import check_hypotheses, verdict_rows
from pxanalysis.analysis.provenance import DataFacts, hash_answers
from pxanalysis.errors import NotEstimableError

if TYPE_CHECKING:
    from pxanalysis.survey.action_list import Action
    from pxanalysis.survey.responses import Responses

__all__ = ["compare_metrics"]

Frames = dict[str, pd.DataFrame]


def compare_metrics(
    responses: Responses,
    criterion: str | Sequence[str] | None = None,
    *,
    metrics: Sequence[str] | None = None,
    transforms: Sequence[Transform] | None = None,
    cluster: Literal["practice_id"] | None = "practice_id",
    plan: ComparisonPlan | str | Path | None = None,
    retest: Responses | None = None,
    actions: Iterable[Action] = (),
    n_bootstrap: int | None = None,
    seed: int | None = None,
) -> MetricComparison:
    """Compare metrics by how they go with criteria, how they tell practices apart, and what drives them.

    The difference of two correlations with one criterion (Δr) has its error from samples of practices; Williams',
    Steiger's, Meng's and Zou's stand beside it and assume independent people. A metric is named when it goes with a
    criterion more closely than every other one by Holm's p over all pairs and criteria.

    Parameters
    ----------
    criterion
        What the metrics are held against: behaviours (``returned``), rated items or numeric characteristics, by id;
        all behaviours of the journey when None. An observed criterion is worth more than an asked one, and a later one
        more than one of the same moment: ``Criterion`` in a plan says which it is.
    metrics
        Ids or kinds of at least two rated outcomes; all that the journey has when None.
    transforms
        ``mean``, ``top2``, ``top``, ``net``; all when None. ``mean`` decides, the others are sensitivity.
    cluster
        ``practice_id``, or None for people who were not sampled by practice.
    plan
        A plan or its file (``comparison.toml``); what else is given and differs is reported as a deviation.
    retest
        A second occasion of (some of) the same people, with the same response ids.
    actions
        ``study.actions``: which metric moved most in the practices that changed something.
    n_bootstrap, seed
        Samples of practices; 2,000 when None.

    Returns
    -------
    MetricComparison
        With a frame per question, what may be said (``summary()``), tables and figures for a thesis (``write()``).

    Raises
    ------
    AnalysisError
        For what the journey does not have, or a criterion that was observed before the metrics.
    NotEstimableError
        When metrics are identical, constant, or answered by fewer than 20 people.
    """
    planned = read_plan(plan) if isinstance(plan, str | Path) else plan
    asked = planned or ComparisonPlan()
    changes: dict[str, object] = {}
    if criterion is not None:
        names = (criterion,) if isinstance(criterion, str) else tuple(criterion)
        known = {one.id: one for one in asked.criteria}
        changes["criteria"] = tuple(known.get(name, Criterion(id=name)).model_dump() for name in names)
    for key, value in (("metrics", metrics), ("transforms", transforms)):
        if value is not None:
            changes[key] = tuple(value)
    if cluster != "practice_id":
        changes["cluster"] = "none" if cluster is None else cluster
    for key, number in (("n_bootstrap", n_bootstrap), ("seed", seed)):
        if number is not None:
            changes[key] = number
    used = asked.changed(**changes)
    plan_hash = asked.hash if planned is not None else used.hash
    sample = draw_sample(responses, used)
    deviations = _deviations(asked, used, sample) if planned is not None else ()
    frames = _frames(sample, used, retest, tuple(actions))
    return MetricComparison(
        frames=frames,
        plan=used,
        plan_hash=plan_hash,
        preregistered=planned is not None,
        deviations=deviations,
        notes=sample.notes + tuple(f"{name}: {reason}." for name, reason in sample.refused.items()),
        n_obs=sample.responses.n,
        n_complete=int(sample.complete.sum()),
        n_practices=1 if sample.practices is None else len(sample.responses.practices),
        reported_on=responses.journey.reported_on,
        n_excluded=sample.n_excluded,
        data=_data_facts(sample.responses),
        journey_id=responses.journey.id,
    )


def _data_facts(responses: Responses) -> DataFacts:
    days = responses.table["completed_on"]
    first, last = days.min(), days.max()
    return DataFacts(
        sha256=hash_answers(responses.table.sort("response_id")),
        n_responses=responses.n,
        n_practices=len(responses.practices),
        first_date=None if first is None else str(first),
        last_date=None if last is None else str(last),
        simulated=responses.simulated,
    )


def _deviations(asked: ComparisonPlan, used: ComparisonPlan, sample: ComparisonSample) -> tuple[str, ...]:
    before, after = asked.model_dump(mode="json"), used.model_dump(mode="json")
    found = [f"{key}: planned {before[key]}, used {after[key]}." for key in before if before[key] != after[key]]
    if asked.planned_n is not None and sample.complete.sum() < asked.planned_n:
        found.append(
            f"planned_n: {asked.planned_n} complete responses were planned, there are {sample.complete.sum()}."
        )
    practices = len(sample.responses.practices)
    if asked.planned_practices is not None and practices < asked.planned_practices:
        found.append(f"planned_practices: {asked.planned_practices} were planned, there are {practices}.")
    found += [f"criterion '{name}' of the plan could not be used: {reason}." for name, reason in sample.refused.items()]
    return tuple(found)


def _or_reason(make: Callable[[], pd.DataFrame], **head: object) -> pd.DataFrame:
    """Return a frame, or one row with the reason why there is none."""
    try:
        return make()
    except NotEstimableError as error:
        return pd.DataFrame([{**head, "term": "", "estimate": np.nan, "reason": str(error)}])


def _frames(
    sample: ComparisonSample, plan: ComparisonPlan, retest: Responses | None, actions: Sequence[Action]
) -> Frames:
    frames: Frames = {
        "descriptives": describe_metrics(sample, plan.confidence),
        "shares": compare_shares(sample, plan.confidence),
        "between_metrics": between_metrics(sample),
        "retest": _or_reason(lambda: _retest(sample, retest, plan.confidence)),
        "responsiveness": _or_reason(lambda: responsiveness_rows(sample, actions, plan.confidence)),
        "discrimination": _or_reason(lambda: discrimination_rows(sample, plan.transforms, plan.confidence)),
        "stability": _or_reason(lambda: stability_rows(sample, plan.confidence)),
    }
    frames |= _criterion_frames(sample, plan, frames["retest"])
    try:
        profiles, distances = compare_profiles(sample, min(plan.n_bootstrap, 1000), plan.seed, plan.confidence)
    except NotEstimableError as error:
        profiles = distances = pd.DataFrame([{"term": "", "estimate": np.nan, "reason": str(error)}])
    frames |= {"profiles": profiles, "profile_distances": distances}
    frames["hypotheses"] = check_hypotheses(frames["differences"], plan)
    return frames


def _retest(sample: ComparisonSample, second: Responses | None, confidence: float) -> pd.DataFrame:
    if second is None:
        raise NotEstimableError(
            "nobody was asked twice in these data; give the second occasion (retest=, --retest) with the same response "
            "ids.",
            "too_few",
        )
    return retest_rows(sample, second, confidence)


PER_CRITERION = (
    "associations",
    "differences",
    "non_nested",
    "predictions",
    "combinations",
    "dominance",
    "levels",
    "information",
    "unreliability",
)


def _criterion_frames(sample: ComparisonSample, plan: ComparisonPlan, retest: pd.DataFrame) -> Frames:
    if not sample.criteria:
        reason = "; ".join(f"{name}: {why}" for name, why in sample.refused.items()) or WITHOUT_CRITERION
        empty = pd.DataFrame([{"term": "", "estimate": np.nan, "reason": reason}])
        return dict.fromkeys((*PER_CRITERION, "verdicts"), empty)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in PER_CRITERION}
    for one in sample.criteria:
        for name, frame in _one_criterion(sample, one, plan, retest).items():
            parts[name].append(frame)
    frames = {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}
    families = frames["differences"].groupby("transform")["p_value"]
    frames["differences"]["p_holm"] = families.transform(lambda p: adjust_family(p))
    frames["verdicts"] = verdict_rows(frames["associations"], frames["differences"], plan)
    return frames


def _one_criterion(
    sample: ComparisonSample, one: CriterionSample, plan: ComparisonPlan, retest: pd.DataFrame
) -> Frames:
    head = {"criterion": one.criterion.id}
    associations, differences = [], []
    primary: Correlated | None = None
    for transform in plan.transforms:
        found, rows = _one_form(sample, one, plan, transform)
        associations.append(rows[0])
        differences.append(rows[1])
        primary = found if transform == "mean" or primary is None else primary
    association = pd.concat(associations, ignore_index=True)
    predictions, combinations = _predict(sample, one, plan)
    by_metric = association[association["transform"] == plan.primary]
    return {
        "associations": association,
        "differences": pd.concat(differences, ignore_index=True),
        "non_nested": _or_reason(lambda: non_nested_rows(sample, one, plan.confidence), **head),
        "predictions": predictions,
        "combinations": combinations,
        "dominance": _or_reason(lambda: dominance_rows(sample, one), **head),
        "levels": _or_reason(lambda: _levels(sample, one, primary), **head),
        "information": _or_reason(lambda: information_rows(sample, one, plan), **head),
        "unreliability": _or_reason(lambda: unreliability_rows(sample, one, by_metric, retest), **head),
    }


def _levels(sample: ComparisonSample, one: CriterionSample, found: Correlated | None) -> pd.DataFrame:
    if found is None:
        raise NotEstimableError("no form of the metrics could be compared.")
    return level_rows(sample, one, found)


def _predict(sample: ComparisonSample, one: CriterionSample, plan: ComparisonPlan) -> tuple[pd.DataFrame, pd.DataFrame]:
    try:
        table, kept = predict_criterion(sample, one, plan.folds, plan.seed)
    except NotEstimableError as error:
        empty = pd.DataFrame([{"criterion": one.criterion.id, "term": "", "estimate": np.nan, "reason": str(error)}])
        return empty, empty
    return table, compare_combinations(one, kept, plan.confidence)


def _one_form(
    sample: ComparisonSample, one: CriterionSample, plan: ComparisonPlan, transform: Transform
) -> tuple[Correlated | None, tuple[pd.DataFrame, pd.DataFrame]]:
    """Associations and differences of the metrics in one form; rows with a reason where it is not defined."""
    head = {"criterion": one.criterion.id, "transform": transform}
    names = tuple(metric.id for metric in sample.metrics)
    columns = sample.columns(one.rows, transform)
    reason = sample.undefined(transform) or too_thin(names, columns, one)
    if reason:
        empty = [{"term": name, "estimate": np.nan, "reason": reason} for name in names]
        pairs = [
            {"term": f"{a} − {b}", "first": a, "second": b, "estimate": np.nan, "p_value": np.nan, "reason": reason}
            for a, b in pairs_of(names)
        ]
        return None, (pd.DataFrame(empty).assign(**head), pd.DataFrame(pairs).assign(**head))
    options = {"n_bootstrap": plan.n_bootstrap, "seed": plan.seed}
    found = correlate(columns, names, one.observed, one.codes, confidence=plan.confidence, **options)
    associations = association_rows(found, columns, one.observed, one.kind).assign(**head)
    differences = difference_rows(found, pairs_of(names), columns, one.observed, one.kind).assign(**head)
    return found, (associations, differences)
