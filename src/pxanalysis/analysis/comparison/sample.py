"""Who and what a comparison is about: oriented metrics, criteria, practices; what cannot be compared is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from pxanalysis.analysis.comparison.criteria import (
    FEWEST_PEOPLE,
    CriterionSample,
    choose_criteria,
    criterion_sample,
    few_practices_reason,
    is_turned,
    too_few_people,
)
from pxanalysis.analysis.comparison.plan import ComparisonPlan, Exclusion, Transform
from pxanalysis.analysis.comparison.transforms import MetricScale
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["NO_CRITERION", "WITHOUT_CRITERION", "ComparisonSample", "draw_sample"]


IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class ComparisonSample:
    """The responses a comparison is about.

    Attributes
    ----------
    responses
        After exclusions.
    metrics
        The k metrics.
    answers
        Shape (n, k), oriented, NaN where missing; columns are the metrics' ids.
    practices
        Practice of each response, shape (n,), or None when the plan has no clusters.
    criteria
        One sample per criterion that can be used.
    refused
        Criteria that cannot, with the reason.
    notes
        What a reader has to know.
    n_excluded
        Responses left out, by reason.
    """

    responses: Responses
    metrics: tuple[MetricScale, ...]
    answers: pd.DataFrame
    practices: npt.NDArray[np.object_] | None
    criteria: tuple[CriterionSample, ...]
    refused: dict[str, str]
    notes: tuple[str, ...]
    n_excluded: dict[str, int]

    @property
    def complete(self) -> npt.NDArray[np.bool_]:
        """Whether every metric was answered, shape (n,)."""
        return np.asarray(self.answers.notna().all(axis=1))

    def columns(self, rows: IntArray, transform: Transform) -> FloatArray:
        """Metrics of some rows in one form, shape (rows, k)."""
        found = [metric.apply(self.answers[metric.id].to_numpy()[rows], transform) for metric in self.metrics]
        return np.column_stack(found)

    def undefined(self, transform: Transform) -> str:
        """Why a form cannot be compared, or ""."""
        return "; ".join(filter(None, (metric.reason(transform) for metric in self.metrics)))


def draw_sample(responses: Responses, plan: ComparisonPlan) -> ComparisonSample:
    """Take what a plan needs from the responses.

    Raises
    ------
    AnalysisError
        For a metric, criterion or column the journey does not have.
    NotEstimableError
        When fewer than two metrics can be compared, two are identical, or one has a single answer.
    """
    kept, n_excluded = _exclude(responses, plan.exclusions)
    metrics = _choose_metrics(kept, plan.metrics)
    raw = kept.numbers([metric.id for metric in metrics])
    answers = pd.DataFrame({metric.id: metric.orient(raw[metric.id].to_numpy()) for metric in metrics})
    _check_metrics(answers)
    practices = kept.practice_ids if plan.cluster == "practice_id" else None
    criteria, refused = [], {}
    for criterion in choose_criteria(kept, plan, metrics):
        found = criterion_sample(kept, criterion, answers, practices)
        if isinstance(found, str):
            refused[criterion.id] = found
        else:
            criteria.append(found)
    return ComparisonSample(
        responses=kept,
        metrics=metrics,
        answers=answers,
        practices=practices,
        criteria=tuple(criteria),
        refused=refused,
        notes=tuple(_notes(kept, metrics, criteria)),
        n_excluded=n_excluded,
    )


def _exclude(responses: Responses, exclusions: tuple[Exclusion, ...]) -> tuple[Responses, dict[str, int]]:
    counts = {}
    for rule in exclusions:
        if rule.column not in responses.table.columns:
            raise AnalysisError(
                f"exclusions: there is no column '{rule.column}' in the responses; there are: "
                f"{', '.join(responses.table.columns)}."
            )
        column = pl.col(rule.column)
        if rule.equals is not None:
            out = column.cast(pl.String) == str(rule.equals)
        else:
            out = column < rule.below if rule.below is not None else column > rule.above
        before = responses.n
        responses = responses.where(~out.fill_null(value=False))
        counts[rule.reason] = before - responses.n
    if responses.n == 0:
        raise NotEstimableError("exclusions: no response is left; loosen them.", "too_few")
    return responses, counts


def _choose_metrics(responses: Responses, names: tuple[str, ...]) -> tuple[MetricScale, ...]:
    journey = responses.journey
    chosen = [outcome.id for outcome in journey.rated_outcomes] if not names else []
    for name in names:
        try:
            outcome = journey.outcome(name)
        except KeyError as error:
            raise AnalysisError(f"metrics: {error.args[0]}.") from error
        if outcome.kind == "behaviour":
            raise AnalysisError(f"metrics: '{name}' is a behaviour (0/1); give it as a criterion.")
        chosen.append(outcome.id)
    if len(set(chosen)) < 2:
        raise AnalysisError(
            f"metrics: expected at least two to compare, received {', '.join(chosen) or 'none'}; the journey "
            f"'{journey.id}' has {', '.join(o.id for o in journey.rated_outcomes)}."
        )
    return tuple(
        MetricScale.of_outcome(outcome, journey.scales[outcome.scale or ""])
        for outcome in (journey.outcome(name) for name in dict.fromkeys(chosen))
    )


def _check_metrics(answers: pd.DataFrame) -> None:
    complete = answers.dropna()
    if len(complete) < FEWEST_PEOPLE:
        raise NotEstimableError(too_few_people(len(complete), "every metric"), "too_few")
    for name in complete:
        if complete[name].min() == complete[name].max():
            raise NotEstimableError(
                f"metric '{name}': everybody gave the same answer ({complete[name].iloc[0]:g}, high is good), so it "
                "goes with nothing; leave it out.",
                "constant_outcome",
            )
    r = complete.corr().to_numpy()
    for one in range(len(r)):
        for other in range(one):
            if abs(r[one, other]) > 1.0 - 1e-9:
                first, second = answers.columns[other], answers.columns[one]
                raise NotEstimableError(
                    f"metrics '{first}' and '{second}' correlate {r[one, other]:.0f}: they are the same measurement "
                    "(check [columns] in study.toml), so neither can be better. Leave one of them out.",
                    "singular",
                )


def _notes(responses: Responses, metrics: tuple[MetricScale, ...], criteria: list[CriterionSample]) -> list[str]:
    notes = [metric.note for metric in metrics if metric.note]
    if responses.simulated:
        notes.insert(0, "These answers are simulated: nothing here is about real patients.")
    behaviours = {behaviour.id for behaviour in responses.journey.behaviours}
    if not criteria:
        notes.insert(0, NO_CRITERION)
    elif not behaviours & {one.criterion.id for one in criteria}:
        held = ", ".join(f"'{one.criterion.id}'" for one in criteria)
        notes.insert(0, NO_BEHAVIOUR.format(names=held))
    for timing, sentence in _TIMING.items():
        names = [f"'{one.criterion.id}'" for one in criteria if one.criterion.timing == timing]
        if names:
            notes.append(sentence.format(names=", ".join(names)))
    for one in criteria:
        if is_turned(responses, one.criterion.id):
            notes.append(f"'{one.criterion.id}' was turned around: not having it counts as high, so r above 0 is good.")
        if one.single_class:
            notes.append(
                f"In {one.single_class} of {one.n_practices} practices everybody has the same '{one.criterion.id}': "
                "they tell something about differences between practices only."
            )
        reason = few_practices_reason(one.n_practices)
        if reason:
            notes.append(f"{one.criterion.id}: {reason}.")
    return notes


WITHOUT_CRITERION = "there is no criterion in these data, see what would be needed"

NO_BEHAVIOUR = (
    "What patients did is not among the criteria ({names}): what is found is about answers or characteristics, and "
    "cannot say which metric predicts behaviour."
)

NO_CRITERION = (
    "There is no criterion in these data: which metric is the best indicator of anything cannot be said. What would be "
    "needed is what patients did afterwards (came back, recommended, stayed), 0/1 per response, as a behaviour in the "
    "journey. What follows compares the metrics with each other only."
)

_TIMING = {
    "unknown": "The data do not say when {names} happened. What happened before the questionnaire was not predicted "
    "by it: "
    "state in comparison.toml (timing) when each was observed.",
    "same": "Asked in the same questionnaire: {names}. Part of what goes together is the mood and the moment.",
    "before": "Observed before the metrics were asked: {names}. What goes together is no prediction.",
}
