"""From responses to the arrays of a driver model: scores, outcome, case mix, and who met what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.case_mix import code_case_mix, knows_case_mix
from pxanalysis.analysis.drivers.coded_scores import CodedScores
from pxanalysis.analysis.drivers.eligibility import (
    check_complete,
    check_outcome,
    check_size,
    find_left_out,
    find_tellable,
)
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_weights, encode_clusters
from pxanalysis.statistics.notes import Note
from pxanalysis.survey.scores import ScoreLevel, find_unmet, rescale, score_responses

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Outcome, PlacedItem
    from pxanalysis.journey.parts import ScaleKind
    from pxanalysis.survey.responses import Responses

__all__ = ["DriverDesign", "Missing", "ScaleFacts", "build_design", "find_outcome", "orient_outcome"]

Missing = Literal["em", "listwise"]
"""``em``: every response with the outcome and a driver; ``listwise``: only those complete on all of them."""


class ScaleFacts(NamedTuple):
    """What is known beforehand of a score: whether its items measure one thing, and its reliability."""

    kind: ScaleKind | None = None
    reliability: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DriverDesign:
    """Arrays of a driver model, for the n responses that are used.

    Attributes
    ----------
    outcome
        What is explained.
    level
        What the drivers are: touchpoints, items or steps.
    drivers, covariates, met_names
        Names of the p drivers, the c case-mix columns (``health=good`` for a category), and the m drivers (by item
        also touchpoints) that enough patients did not meet for an effect of having met it.
    groups
        Where each driver belongs, p names: an item's touchpoint, a touchpoint's step, a step itself.
    item_names, item_units, item_scores
        The k items, the driver (or touchpoint, when the drivers are items) each belongs to, and their scores.
    scores
        Shape (n, p), 0-100, NaN where not answered or not met.
    unmet, items_unmet
        Shapes (n, p) and (n, k), Boolean: the patient did not meet it ("not applicable"), so nothing is missing.
    adjusters
        Shape (n, c), case mix in its own units or 0/1, NaN where missing.
    met
        Shape (n, m), 1 where the patient met it, else 0.
    rated
        Shape (n,), the outcome on its own scale, turned so that higher is better.
    weights, codes
        Shape (n,), case weights and practice 0 ... J-1.
    practices
        Ids of the J practices.
    rows
        Shape (n,), positions of these responses in the response table.
    left_out
        Why a driver is not in the model, by name.
    missing
        How missing answers are treated.
    n_rated, n_complete, n_dropped
        Responses with the outcome and at least one driver (what ``em`` uses), those complete on everything (what
        ``listwise`` uses), and those not used.
    notes
        What was done to the case mix.
    labels
        What drivers and case-mix variables are called in the study's language, by id.
    response_weights
        Case weight of every response of the table, also of those not used; None when none were given.
    scales
        What the journey says of how well touchpoints and markers are measured, by id.
    """

    outcome: Outcome
    level: ScoreLevel
    drivers: tuple[str, ...]
    covariates: tuple[str, ...]
    met_names: tuple[str, ...]
    groups: tuple[str, ...]
    item_names: tuple[str, ...]
    item_units: tuple[str, ...]
    item_scores: CodedScores
    items_unmet: BoolArray
    scores: FloatArray
    unmet: BoolArray
    adjusters: FloatArray
    met: FloatArray
    rated: FloatArray
    weights: FloatArray
    codes: IntArray
    practices: tuple[str, ...]
    rows: IntArray
    left_out: dict[str, str]
    missing: Missing
    n_rated: int
    n_complete: int
    n_dropped: int
    notes: tuple[Note, ...]
    labels: dict[str, str] = field(default_factory=dict)
    response_weights: FloatArray | None = None
    scales: dict[str, ScaleFacts] = field(default_factory=dict)

    @property
    def known_scores(self) -> FloatArray:
        """Scores with, for who did not meet a driver, the mean of those who did; NaN only where truly missing, (n, p).

        Beside the effect of having met it, any constant gives the same slopes; with this one that effect is at the
        average score.
        """
        scores = self.scores.copy()
        for column in range(scores.shape[1]):
            own = scores[:, column]
            answered = np.isfinite(own)
            own[self.unmet[:, column]] = np.average(own[answered], weights=self.weights[answered])
        return scores

    @property
    def numbers(self) -> FloatArray:
        """Case mix, drivers and outcome beside each other, shape (n, c+p+1); see ``known_scores``."""
        return np.column_stack([self.adjusters, self.known_scores, self.rated])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns of ``numbers``."""
        return (*self.covariates, *self.drivers, self.outcome.id)

    @property
    def order(self) -> list[str]:
        """All drivers there are, also those left out, in journey order."""
        return list(dict.fromkeys(self.item_names if self.level == "item" else self.item_units))


def find_outcome(journey: Journey, outcome: str) -> Outcome:
    """Return the journey's outcome with this id or kind; an AnalysisError lists what there is."""
    try:
        return journey.outcome(outcome)
    except KeyError as error:
        raise AnalysisError(f"outcome: {error.args[0]}.") from error


def build_design(
    responses: Responses,
    outcome: str = "ktv",
    level: ScoreLevel = "touchpoint",
    *,
    case_mix: tuple[str, ...] | None = None,
    weights: object = None,
    missing: Missing = "em",
) -> DriverDesign:
    """Gather the arrays of a driver model.

    Parameters
    ----------
    outcome
        Id or kind (``ktv``, ``nps``, ``ces``) of an outcome, or the id of a behaviour.
    level
        Which scores are the drivers.
    case_mix
        Ids of the journey's case-mix variables that are in the model beside the drivers; none when None.
    weights
        One case weight per response, 0 or more.
    missing
        Whether incomplete responses are used.

    Raises
    ------
    AnalysisError
        For an unknown outcome, level or case-mix variable.
    NotEstimableError
        When there are too few rows, the outcome is missing or constant, or no driver is left.
    """
    if level not in get_args(ScoreLevel):
        raise AnalysisError(f"level: expected one of {', '.join(get_args(ScoreLevel))}, received '{level}'.")
    if missing not in get_args(Missing):
        raise AnalysisError(f"missing: expected 'em' or 'listwise', received '{missing}'.")
    found = find_outcome(responses.journey, outcome)
    rated = orient_outcome(responses, found)
    scores = score_responses(responses, level)
    unmet = find_unmet(responses, level)
    known = knows_case_mix(responses, case_mix or ())
    case_weights = check_weights(weights, responses.n)
    some = np.isfinite(rated) & np.isfinite(scores.to_numpy()).any(axis=1) & (case_weights > 0)
    check_outcome(found, rated[some], responses.n)
    keep, n_complete, left_out = _choose(scores, unmet, known, some, missing)
    check_outcome(found, rated[keep], responses.n)
    used = scores.drop(columns=list(left_out))
    met = _list_met(unmet, responses, level, list(used.columns))[keep]
    met = met[find_tellable(met)]
    adjusters, notes = code_case_mix(responses, case_mix or (), keep)
    codes, practices = encode_clusters(responses.practice_ids[keep], int(keep.sum()))
    design = DriverDesign(
        outcome=found,
        level=level,
        drivers=tuple(used.columns),
        covariates=tuple(adjusters.columns),
        met_names=tuple(met.columns),
        groups=_groups(responses.journey, level, list(used.columns)),
        item_names=tuple(placed.id for placed in responses.journey.items),
        item_units=tuple(_unit(placed, level) for placed in responses.journey.items),
        item_scores=CodedScores.code(_score_item(responses, placed)[keep] for placed in responses.journey.items),
        items_unmet=find_unmet(responses, "item")[keep].to_numpy(),
        scores=used[keep].to_numpy(dtype=np.float64),
        unmet=unmet.loc[keep, list(used.columns)].to_numpy(),
        adjusters=adjusters.to_numpy(dtype=np.float64),
        met=met.to_numpy(dtype=np.float64),
        rated=rated[keep],
        weights=case_weights[keep],
        codes=codes,
        practices=practices,
        rows=np.flatnonzero(keep),
        left_out=left_out,
        labels=responses.labels,
        response_weights=None if weights is None else case_weights,
        scales=_scale_facts(responses.journey),
        missing=missing,
        n_rated=int(some.sum()),
        n_complete=n_complete,
        n_dropped=int(responses.n - keep.sum()),
        notes=notes,
    )
    others = len(design.covariates) + len(design.met_names)
    check_size(found, len(design.rated), len(design.drivers), others, left_out)
    return design


def _score_item(responses: Responses, placed: PlacedItem) -> FloatArray:
    answers = responses.numbers([placed.id])[placed.id].to_numpy()
    turned = placed.item.direction == "lower-is-better"
    return rescale(answers, placed.scale.min, placed.scale.max, reverse=turned)


def _scale_facts(journey: Journey) -> dict[str, ScaleFacts]:
    stated = {touchpoint.id: ScaleFacts(touchpoint.scale, touchpoint.reliability) for touchpoint in journey.touchpoints}
    markers = {one.id: ScaleFacts(None, one.reliability) for one in journey.case_mix if one.marker}
    return {name: facts for name, facts in (stated | markers).items() if facts != ScaleFacts()}


def _choose(
    scores: pd.DataFrame, unmet: pd.DataFrame, known: BoolArray, some: BoolArray, missing: Missing
) -> tuple[BoolArray, int, dict[str, str]]:
    """Rows to use (n,), how many are complete, and the drivers that these rows cannot carry.

    Of a unit that was not met nothing is missing. ``known`` says whose case mix is complete.
    """
    left_out = find_left_out(scores[some], unmet[some])
    used = scores.columns.drop(list(left_out))
    complete = some & (scores[used].notna() | unmet[used]).to_numpy().all(axis=1) & known
    n_complete = int(complete.sum())
    if missing == "em":
        return some, n_complete, left_out
    check_complete(n_complete, int(some.sum()))
    return complete, n_complete, left_out | find_left_out(scores.loc[complete, used], unmet.loc[complete, used])


def orient_outcome(responses: Responses, outcome: Outcome) -> FloatArray:
    """The outcome on its own scale, turned where a low answer is good, shape (n,)."""
    answers = responses.numbers([outcome.id])[outcome.id].to_numpy()
    if outcome.direction == "higher-is-better":
        return answers
    ends = (0, 1) if outcome.scale is None else _ends(responses.journey, outcome.scale)
    return ends[0] + ends[1] - answers


def _ends(journey: Journey, scale: str) -> tuple[int, int]:
    return journey.scales[scale].min, journey.scales[scale].max


def _unit(placed: PlacedItem, level: ScoreLevel) -> str:
    return placed.step.id if level == "step" else placed.touchpoint.id


def _groups(journey: Journey, level: ScoreLevel, drivers: list[str]) -> tuple[str, ...]:
    pairs = {
        "item": [(placed.id, placed.touchpoint.id) for placed in journey.items],
        "touchpoint": [(placed.touchpoint.id, placed.step.id) for placed in journey.items],
        "step": [(placed.step.id, placed.step.id) for placed in journey.items],
    }
    above = dict(pairs[level])
    return tuple(above[name] for name in drivers)


def _list_met(unmet: pd.DataFrame, responses: Responses, level: ScoreLevel, used: list[str]) -> pd.DataFrame:
    """Who met (1) what, for units that may get an effect of their own; by item also the touchpoints, which come first.

    An item's own effect is needed only where it does not apply to some who met its touchpoint.
    """
    own = ~unmet[used]
    if level != "item":
        return own
    above = ~find_unmet(responses, "touchpoint")
    return pd.concat([above, own.drop(columns=above.columns.intersection(own.columns))], axis=1)
