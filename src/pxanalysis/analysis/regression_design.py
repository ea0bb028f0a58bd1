"""From responses to the arrays of a driver model: scores, outcome, case mix, and who met what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.inputs import check_weights, encode_clusters
from pxanalysis.analysis.regression_eligibility import (
    check_complete,
    check_outcome,
    check_size,
    find_left_out,
    find_tellable,
)
from pxanalysis.analysis.result import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.survey.scores import ScoreLevel, score_items, score_responses

if TYPE_CHECKING:
    from pxanalysis.journey.model import CaseMixVariable, Journey, Outcome, PlacedItem
    from pxanalysis.survey.responses import Responses

__all__ = ["DriverDesign", "Missing", "build_design", "find_outcome"]

IntArray = npt.NDArray[np.intp]

Missing = Literal["em", "listwise"]
"""``em``: every response with the outcome and a driver; ``listwise``: only those complete on all of them."""


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
        Names of the p drivers, the c case-mix columns (``health=good`` for a category), and the m drivers that some
        patients did not meet.
    groups
        Where each driver belongs, p names: an item's touchpoint, a touchpoint's step, a step itself.
    item_names, item_units, items
        The k items, the driver (or touchpoint, when the drivers are items) each belongs to, and their scores (n, k).
    scores
        Shape (n, p), 0-100, NaN where not answered or not met.
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
    """

    outcome: Outcome
    level: ScoreLevel
    drivers: tuple[str, ...]
    covariates: tuple[str, ...]
    met_names: tuple[str, ...]
    groups: tuple[str, ...]
    item_names: tuple[str, ...]
    item_units: tuple[str, ...]
    items: FloatArray
    scores: FloatArray
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

    @property
    def numbers(self) -> FloatArray:
        """Case mix, drivers and outcome beside each other, shape (n, c+p+1)."""
        return np.column_stack([self.adjusters, self.scores, self.rated])

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
    rated = _oriented(responses, found)
    scores = score_responses(responses, level)
    adjusters = _case_mix(responses, case_mix or ())
    case_weights = check_weights(weights, responses.n)
    some = np.isfinite(rated) & np.isfinite(scores.to_numpy()).any(axis=1) & (case_weights > 0)
    check_outcome(found, rated[some], responses.n)
    keep, n_complete, left_out = _choose(scores, adjusters, some, missing)
    check_outcome(found, rated[keep], responses.n)
    used = scores.drop(columns=list(left_out))
    met = _met(responses, level)[keep]
    met = met[find_tellable(met, list(used.columns) if level != "item" else list(met.columns))]
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
        items=score_items(responses)[keep].to_numpy(dtype=np.float64),
        scores=used[keep].to_numpy(dtype=np.float64),
        adjusters=adjusters[keep].to_numpy(dtype=np.float64),
        met=met.to_numpy(dtype=np.float64),
        rated=rated[keep],
        weights=case_weights[keep],
        codes=codes,
        practices=practices,
        rows=np.flatnonzero(keep),
        left_out=left_out,
        missing=missing,
        n_rated=int(some.sum()),
        n_complete=n_complete,
        n_dropped=int(responses.n - keep.sum()),
    )
    others = len(design.covariates) + len(design.met_names)
    check_size(found, len(design.rated), len(design.drivers), others, left_out)
    return design


def _choose(
    scores: pd.DataFrame, adjusters: pd.DataFrame, some: npt.NDArray[np.bool_], missing: Missing
) -> tuple[npt.NDArray[np.bool_], int, dict[str, str]]:
    """Rows to use (n,), how many are complete, and the drivers that these rows cannot carry."""
    left_out = find_left_out(scores[some])
    used = scores.drop(columns=list(left_out))
    complete = some & np.isfinite(used.to_numpy()).all(axis=1) & np.isfinite(adjusters.to_numpy()).all(axis=1)
    n_complete = int(complete.sum())
    if missing == "em":
        return some, n_complete, left_out
    check_complete(n_complete, int(some.sum()))
    return complete, n_complete, left_out | find_left_out(used[complete])


def _oriented(responses: Responses, outcome: Outcome) -> FloatArray:
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


def _met(responses: Responses, level: ScoreLevel) -> pd.DataFrame:
    """Whether each unit was met (1) or all of its items were "not applicable" (0); touchpoints when by item."""
    flags = responses.not_applicable
    units: dict[str, list[str]] = {}
    for placed in responses.journey.items:
        units.setdefault(_unit(placed, level), []).append(placed.id)
    return pd.DataFrame({unit: 1.0 - flags[items].all(axis=1) for unit, items in units.items()})


def _case_mix(responses: Responses, names: tuple[str, ...]) -> pd.DataFrame:
    known = {variable.id: variable for variable in responses.journey.case_mix}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise AnalysisError(
            f"case_mix: the journey has no variable '{unknown[0]}'; it has: {', '.join(known) or 'none'}."
        )
    parts = [_coded(responses, known[name]) for name in names]
    return pd.concat([pd.DataFrame(index=range(responses.n)), *parts], axis=1)


def _coded(responses: Responses, variable: CaseMixVariable) -> pd.DataFrame:
    """A number as it is; a category as 0/1 per level after the first that occurs."""
    if variable.type == "number":
        return responses.numbers([variable.id])
    answers = responses.table[variable.id].to_pandas().astype(object)
    present = [level.id for level in variable.levels if (answers == level.id).any()]
    return pd.DataFrame(
        {
            f"{variable.id}={level}": np.where(answers.isna(), np.nan, (answers == level).astype(np.float64))
            for level in present[1:]
        },
        index=range(responses.n),
    )
