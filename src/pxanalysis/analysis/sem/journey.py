"""From a journey to a model: touchpoints or steps as latents measured by their items, with paths to the outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.design import DriverDesign, build_design, find_outcome, orient_outcome
from pxanalysis.errors import AnalysisError, NotEstimableError

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["JourneyModel", "SemLevel", "write_journey_model"]

SemLevel = Literal["touchpoint", "step"]

OUTCOME_NAMES = {"ktv": "KTV", "nps": "NPS", "ces": "CES"}

FEWEST_ANSWERS = 10
"""An item answered by fewer people is left out of the model."""


@dataclass(frozen=True, slots=True, eq=False)
class JourneyModel:
    """A journey as a model.

    Attributes
    ----------
    syntax
        In lavaan's words.
    frame
        Items on 0-100 (those of who did not meet a touchpoint at the mean of those who did), outcome, case mix, and
        ``met_<touchpoint>``; one row per response that is used.
    clusters
        Practice of each row.
    drivers
        Touchpoints or steps, in journey order.
    labels
        What each is called.
    notes
        What was left out or assumed.
    n_dropped
        Responses without the outcome or any score.
    n_filled
        Items that did not apply to everybody, with the mean of the others in those cells.
    """

    syntax: str
    frame: pd.DataFrame
    clusters: pd.Series[str]
    drivers: tuple[str, ...]
    outcome: str
    labels: dict[str, str]
    notes: tuple[str, ...]
    n_dropped: int
    n_filled: int = 0


def write_journey_model(
    responses: Responses,
    outcome: str = "ktv",
    level: SemLevel = "touchpoint",
    *,
    chain: bool = False,
    case_mix: tuple[str, ...] | None = None,
    reliability: float | Mapping[str, float] | None = None,
    then: tuple[str, ...] = (),
) -> JourneyModel:
    """Write the model of a journey.

    Parameters
    ----------
    chain
        Whether a touchpoint also depends on those of all earlier steps, so that early ones have indirect effects.
    reliability
        Of touchpoints with one item: one value for all, or by touchpoint; None takes what the journey states, else that
        of an item of the others.
    then
        Further outcomes that follow from ``outcome`` and the touchpoints (mediation), such as ``("nps",)``.
    """
    if level not in get_args(SemLevel):
        raise AnalysisError(f"level: expected one of {', '.join(get_args(SemLevel))}, received '{level}'.")
    design = build_design(responses, outcome, level, case_mix=case_mix)
    items, left_out = _items(design)
    members = _members(design, items)
    stated = {name: fact.reliability for name, fact in design.scales.items() if fact.reliability and name in members}
    known = stated | dict(reliability) if isinstance(reliability, Mapping) else reliability
    assumed, notes = _single_items(members, items, stated if reliability is None else known)
    met = [name for name in design.met_names if name in members]
    adjusters = _name_adjusters(design.covariates)
    covariates = [*adjusters, *(f"met_{name}" for name in met)]
    frame = _frame(design, items, members, adjusters, met)
    later = _later(responses, design, frame, then)
    lines = [*_measurement(members, frame, assumed)]
    lines += _structure(design, list(members), covariates, later, chain=chain)
    labels = _labels(responses, members) | dict(zip(adjusters, design.covariates, strict=True))
    labels |= {name: OUTCOME_NAMES.get(name, name) for name in (design.outcome.id, *later)}
    notes += [f"'{name}' is left out: {why}" for name, why in (design.left_out | left_out).items()]
    notes += [str(note) for note in design.notes]
    notes += [_met_note(name) for name in met]
    notes += [f"'{name}' is 0 or 1 and taken as a number" for name in later if frame[name].dropna().isin([0, 1]).all()]
    return JourneyModel(
        syntax="\n".join(lines),
        frame=frame,
        clusters=pd.Series([design.practices[code] for code in design.codes]),
        drivers=tuple(members),
        outcome=design.outcome.id,
        labels=labels,
        notes=tuple(notes),
        n_dropped=int(design.n_dropped),
        n_filled=_count_filled(design),
    )


def _name_adjusters(covariates: tuple[str, ...]) -> list[str]:
    """Names that a model can hold: ``cm_age``, ``cm_health_good``; one that would stand twice gets its number."""
    plain = ["cm_" + re.sub(r"\W", "_", name) for name in covariates]
    return [f"{name}_{i + 1}" if plain.count(name) > 1 else name for i, name in enumerate(plain)]


def _members(design: DriverDesign, items: pd.DataFrame) -> dict[str, list[str]]:
    """Items of each driver that are in the model; drivers without any are not."""
    members: dict[str, list[str]] = {name: [] for name in design.drivers}
    for item, unit in zip(design.item_names, design.item_units, strict=True):
        if item in items.columns and unit in members:
            members[unit].append(item)
    return {name: own for name, own in members.items() if own}


def _frame(
    design: DriverDesign, items: pd.DataFrame, members: Mapping[str, list[str]], adjusters: list[str], met: list[str]
) -> pd.DataFrame:
    """Items, outcome, case mix and who met what, beside each other."""
    frame = items[[item for own in members.values() for item in own]].copy()
    frame[design.outcome.id] = design.rated
    for name, column in zip(adjusters, design.adjusters.T, strict=True):
        frame[name] = column
    for position, name in enumerate(design.met_names):
        if name in met:
            frame[f"met_{name}"] = design.met[:, position]
    return frame


def _met_note(name: str) -> str:
    return f"'{name}' was not met by everybody: its effect is that among those who met it, beside 'met_{name}'"


def _count_filled(design: DriverDesign) -> int:
    """How many items somebody did not answer because they did not apply."""
    blank = np.isnan(design.item_scores.of(range(len(design.item_names))))
    return int((design.items_unmet & blank).any(axis=0).sum())


def _items(design: DriverDesign) -> tuple[pd.DataFrame, dict[str, str]]:
    """Item scores with the mean of those to whom it applied for those to whom it did not, and what is left out."""
    columns, left_out = {}, {}
    for position, name in enumerate(design.item_names):
        score, unmet = design.item_scores.of([position])[:, 0], design.items_unmet[:, position]
        seen = np.isfinite(score)
        if design.item_units[position] not in design.drivers:
            continue
        if seen.sum() < FEWEST_ANSWERS:
            left_out[name] = f"{int(seen.sum())} answers"
        elif np.ptp(score[seen]) == 0:
            left_out[name] = "every answer is the same"
        else:
            columns[name] = np.where(unmet & ~seen, score[seen].mean(), score)
    return pd.DataFrame(columns), left_out


def _single_items(
    members: Mapping[str, list[str]], items: pd.DataFrame, reliability: float | Mapping[str, float] | None
) -> tuple[dict[str, float], list[str]]:
    """Reliability of the touchpoints with one item, and what is to be said of it."""
    single = [name for name, own in members.items() if len(own) == 1]
    if isinstance(reliability, Mapping):
        unknown = sorted(set(reliability) - set(members))
        if unknown:
            raise AnalysisError(f"reliability: there is no '{unknown[0]}'; there are: {', '.join(members)}.")
    given = dict(reliability) if isinstance(reliability, Mapping) else dict.fromkeys(single, reliability)
    stated = {name: float(value) for name, value in given.items() if value is not None}
    for name, value in stated.items():
        if not 0 < value <= 1:
            raise AnalysisError(f"reliability of '{name}': expected a proportion above 0 and up to 1, got {value}.")
    rest = [name for name in single if name not in stated]
    borrowed = _item_reliability(members, items)
    notes = []
    for name in rest:
        if borrowed is None:
            notes.append(f"'{name}' has one item and no other scale tells how precise one is: taken as exact")
        else:
            notes.append(
                f"'{name}' has one item; its reliability is assumed ({borrowed:.2f}, as an item of the others)"
            )
    return stated | dict.fromkeys(rest, 1.0 if borrowed is None else borrowed), notes


def _item_reliability(members: Mapping[str, list[str]], items: pd.DataFrame) -> float | None:
    """Mean covariance over mean variance of the items of a scale, averaged over scales; None without a scale."""
    ratios = []
    for own in members.values():
        if len(own) > 1:
            cov = items[own].cov().to_numpy()
            off = cov[~np.eye(len(own), dtype=bool)]
            ratios.append(float(off.mean() / np.diag(cov).mean()))
    mean = float(np.mean(ratios)) if ratios else 0.0
    return mean if mean > 0 else None


def _later(responses: Responses, design: DriverDesign, frame: pd.DataFrame, then: tuple[str, ...]) -> list[str]:
    """Put further outcomes into the frame, and list them."""
    found = []
    for name in then:
        outcome = find_outcome(responses.journey, name)
        values = orient_outcome(responses, outcome)[design.rows]
        if outcome.id in frame.columns:
            raise AnalysisError(f"then: '{outcome.id}' is in the model already; name another outcome.")
        if np.isfinite(values).sum() < FEWEST_ANSWERS or np.nanmin(values) == np.nanmax(values):
            raise NotEstimableError(f"then: '{outcome.id}' has too few or only the same answers; leave it out.")
        frame[outcome.id] = values
        found.append(outcome.id)
    return found


def _measurement(members: Mapping[str, list[str]], frame: pd.DataFrame, assumed: Mapping[str, float]) -> Iterator[str]:
    for name, own in members.items():
        yield f"{name} =~ {' + '.join(own)}"
        if len(own) == 1:
            variance = float(np.nanvar(frame[own[0]].to_numpy()))
            yield f"{own[0]} ~~ {(1 - assumed[name]) * variance:.10g}*{own[0]}"


def _structure(
    design: DriverDesign, names: list[str], covariates: list[str], later: list[str], *, chain: bool
) -> Iterator[str]:
    step_of = dict(zip(design.drivers, design.groups, strict=True))
    order = list(dict.fromkeys(step_of[name] for name in names))
    for position, name in enumerate(names):
        earlier = [o for o in names if order.index(step_of[o]) < order.index(step_of[name])] if chain else []
        if earlier or covariates:
            yield f"{name} ~ {' + '.join([*earlier, *covariates])}"
        beside = [o for o in names[:position] if not chain or step_of[o] == step_of[name]]
        if beside:
            yield f"{name} ~~ {' + '.join(beside)}"
    yield f"{design.outcome.id} ~ {' + '.join([*names, *covariates])}"
    done = [design.outcome.id]
    for name in later:
        yield f"{name} ~ {' + '.join([*done, *names, *covariates])}"
        done.append(name)


def _labels(responses: Responses, members: Mapping[str, list[str]]) -> dict[str, str]:
    language = responses.journey.languages[0]
    parts = {part.id: part.label[language] for part in responses.journey.touchpoints}
    parts |= {part.id: part.label[language] for part in responses.journey.steps}
    return {name: parts[name] for name in members}
