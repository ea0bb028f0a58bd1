"""A simulated study in which some practices act: where their score was low, with effects that are known.

Scores also go up and down by themselves: with the seasons, slowly upwards for all, and each practice its own way. So a
method that only compares before and after is seen to fail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.simulation.answers import SimulationDesign, draw_answers
from pxanalysis.simulation.study import (
    Simulation,
    SimulationTruth,
    add_context,
    draw_qualities,
    draw_sizes,
    draw_weights,
    list_practices,
    number_practices,
)
from pxanalysis.survey.action_list import Action
from pxanalysis.survey.files import write_atomically
from pxanalysis.survey.responses import Responses
from pxanalysis.survey.scores import score_responses

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey
    from pxanalysis.journey.parts import Touchpoint

__all__ = ["KINDS", "ActionDesign", "ActionSimulation", "simulate_actions"]

KINDS = {"explain": 0.45, "train": 0.2, "reorganise": 0.0}
"""Kinds of action and what each does, in patient standard deviations of experience."""

_TITLES = {
    "nl": {
        "title": "{kind} bij ‘{touchpoint}’ (verzonnen)",
        "explain": "Beter uitleggen",
        "train": "Het team trainen",
        "reorganise": "Het werk anders verdelen",
        "idea": "Een idee",
        "owner": "assistent",
    },
    "en": {
        "title": "{kind} at “{touchpoint}” (simulated)",
        "explain": "Explain better",
        "train": "Train the team",
        "reorganise": "Divide work otherwise",
        "idea": "An idea",
        "owner": "assistant",
    },
}

_CHOOSING = 6
"""Months that show a practice where its score is low."""


@dataclass(frozen=True, slots=True)
class ActionDesign:
    """How practices act, and what else goes on.

    Attributes
    ----------
    months
        Length of the study.
    share
        Proportion of practices that act.
    drift, persistence
        Standard deviation of a practice's own ups and downs at a touchpoint, in patient standard deviations, and their
        correlation from one month to the next.
    season, trend
        Half the difference between the best and the worst month, and what each month adds for all.
    effects
        Kind of action to its effect.
    """

    months: int = 36
    share: float = 0.3
    drift: float = 0.08
    persistence: float = 0.85
    season: float = 0.08
    trend: float = 0.004
    effects: tuple[tuple[str, float], ...] = tuple(KINDS.items())

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise AnalysisError(f"share: expected a proportion 0-1, received {self.share}.")
        if self.months < 30:
            raise AnalysisError(f"months: expected 30 or more, for a year before and after, received {self.months}.")


@dataclass(frozen=True, slots=True, eq=False)
class ActionSimulation:
    """Simulated answers, the actions, and what each truly did.

    Attributes
    ----------
    actions
        The register, as a practice would keep it.
    effects
        ``action_id, kind, effect``: the true mean change of the score in points, of the patients after it was in place.
    """

    simulation: Simulation
    actions: list[Action]
    effects: pd.DataFrame

    @property
    def responses(self) -> Responses:
        """The answers as they are once they were checked."""
        return _checked(self.simulation.journey, self.simulation.answers)

    def write(self, folder: Path, actions_file: Path) -> list[Path]:
        """Write the answers and the truth, with the effects, into a folder, and the list of actions."""
        paths = self.simulation.write(folder)
        truth = json.loads(paths[-1].read_text(encoding="utf-8"))
        truth["effects"] = self.effects.set_index("action_id").to_dict(orient="index")
        paths[-1].write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
        write_atomically(actions_file, self.list_actions())
        return [*paths, actions_file]

    def list_actions(self) -> str:
        """The list of actions as CSV."""
        rows = [{name: value for name, value in one.as_plain().items() if name != "status"} for one in self.actions]
        return pl.DataFrame(rows, infer_schema_length=None).write_csv()


def simulate_actions(
    journey: Journey,
    *,
    practices: int = 40,
    responses: int | tuple[int, int] = (200, 1200),
    seed: int = 1,
    design: SimulationDesign | None = None,
    actions: ActionDesign | None = None,
    last_day: date = date(2026, 6, 30),
) -> ActionSimulation:
    """Simulate a study of three years in which some practices act on the touchpoint where they score lowest.

    Parameters
    ----------
    practices, responses, seed, design
        As of `simulate_survey`.
    last_day
        The last day of a month.

    Raises
    ------
    AnalysisError
        When a number makes no sense.
    """
    knobs, acting = design or SimulationDesign(), actions or ActionDesign()
    sizes = draw_sizes(practices, responses, np.random.default_rng([seed, 1]))
    rng = np.random.default_rng(seed)
    touchpoints = [touchpoint.id for touchpoint in journey.touchpoints]
    weights = draw_weights(touchpoints, knobs, rng)
    qualities = draw_qualities(practices, weights, knobs, rng)
    course = _courses(qualities, acting, rng)
    ids = number_practices(practices)
    monthly = rng.multinomial(sizes, np.full(acting.months, 1.0 / acting.months))
    context = _dated(journey, ids, monthly, last_day, rng)
    noise = int(rng.integers(2**31))
    before = _answers(journey, course, monthly, weights, knobs, noise)
    chosen = _choose(journey, before, context, ids, acting, last_day, rng)
    moved = course.copy()
    for j, t, place, kind in chosen:
        moved[j, place:, t] += dict(acting.effects)[kind]
    after = _answers(journey, moved, monthly, weights, knobs, noise)
    register, effects = _register(journey, chosen, ids, before, after, context, acting, last_day)
    register += _further_ideas(journey, ids, {one.practice_id for one in register}, last_day, acting.months, rng)
    table = add_context(after, journey, context, last_day)
    simulation = Simulation(
        journey=journey,
        answers=table,
        practices=list_practices(ids, sizes, rng),
        truth=SimulationTruth(weights, pd.DataFrame(qualities, index=ids, columns=touchpoints), seed),
    )
    return ActionSimulation(simulation, register, effects)


def _courses(qualities: FloatArray, design: ActionDesign, rng: np.random.Generator) -> FloatArray:
    """Quality per practice, month and touchpoint, shape (J, M, T)."""
    j, t = qualities.shape
    own = np.empty((j, design.months, t))
    own[:, 0] = rng.standard_normal((j, t))
    for month in range(1, design.months):
        new = np.sqrt(1.0 - design.persistence**2) * rng.standard_normal((j, t))
        own[:, month] = design.persistence * own[:, month - 1] + new
    months = np.arange(design.months)
    common = design.season * np.sin(2.0 * np.pi * months / 12.0) + design.trend * months
    return np.asarray(qualities[:, None] + design.drift * own + common[None, :, None])


def _dated(
    journey: Journey, ids: list[str], monthly: IntArray, last_day: date, rng: np.random.Generator
) -> pl.DataFrame:
    """Practice, month and day of every answer, practice by practice, month by month."""
    months = monthly.shape[1]
    index = np.repeat(np.tile(np.arange(months), len(ids)), monthly.ravel())
    firsts = np.array([_month(last_day, months, place) for place in range(months)], dtype="datetime64[D]")
    days = firsts[index] + rng.integers(0, 28, len(index)).astype("timedelta64[D]")
    roles = [role.id for role in journey.roles] or ["patient"]
    return pl.DataFrame(
        {
            "practice_id": np.repeat(np.array(ids), monthly.sum(axis=1)),
            "completed_on": days,
            "role": rng.choice(roles, len(index)),
            "channel": rng.choice(["web", "app", "letter"], len(index), p=[0.6, 0.25, 0.15]),
            "simulated": np.ones(len(index), dtype=np.int64),
            "month": index,
        }
    )


def _month(last_day: date, months: int, place: int) -> date:
    """First day of the ``place``-th of so many months of which the last ends on that day."""
    number = last_day.year * 12 + last_day.month - months + place
    return date(number // 12, number % 12 + 1, 1)


def _answers(
    journey: Journey,
    course: FloatArray,
    monthly: IntArray,
    weights: pd.Series[float],
    design: SimulationDesign,
    seed: int,
) -> pl.DataFrame:
    """Answers of every practice-month; the same seed draws the same patients, whatever the quality."""
    flat = course.reshape(-1, course.shape[2])
    values = np.asarray(weights, dtype=np.float64)
    return draw_answers(journey, flat, monthly.ravel(), weights=values, design=design, rng=np.random.default_rng(seed))


def _scores(journey: Journey, answers: pl.DataFrame, context: pl.DataFrame) -> FloatArray:
    return score_responses(_checked(journey, pl.concat([context, answers], how="horizontal"))).to_numpy(
        dtype=np.float64
    )


def _checked(journey: Journey, table: pl.DataFrame) -> Responses:
    """The answers as they are once they were checked: "does not apply" is no number, a mark is a yes."""
    numbers = [
        pl.when(~pl.col(placed.id).is_in(placed.scale.not_applicable_codes)).then(pl.col(placed.id)).alias(placed.id)
        for placed in journey.items
    ]
    return Responses(journey, table.with_columns(*numbers, pl.col("simulated").cast(pl.Boolean)), pl.DataFrame())


def _choose(
    journey: Journey,
    answers: pl.DataFrame,
    context: pl.DataFrame,
    ids: list[str],
    design: ActionDesign,
    last_day: date,
    rng: np.random.Generator,
) -> list[tuple[int, int, int, str]]:
    """Practice, touchpoint, month from which it is in place, and kind: chosen where the last half-year was lowest.

    Lowest beside all practices: what is low everywhere is nobody's weak point.
    """
    scores, month = _scores(journey, answers, context), context["month"].to_numpy()
    practice = context["practice_id"].to_numpy()
    acting = rng.permutation(len(ids))[: round(design.share * len(ids))]
    found = []
    for number, j in enumerate(sorted(acting.tolist())):
        place = int(rng.integers(16, 20))
        recent = (month >= place - 1 - _CHOOSING) & (month < place - 1)
        level = np.nanmean(scores[recent], axis=0)
        own = np.nanmean(scores[recent & (practice == ids[j])], axis=0)
        kind = design.effects[number % len(design.effects)][0]
        found.append((j, int(np.nanargmin(own - level)), place, kind))
    return found


def _register(
    journey: Journey,
    chosen: list[tuple[int, int, int, str]],
    ids: list[str],
    before: pl.DataFrame,
    after: pl.DataFrame,
    context: pl.DataFrame,
    design: ActionDesign,
    last_day: date,
) -> tuple[list[Action], pd.DataFrame]:
    change = _scores(journey, after, context) - _scores(journey, before, context)
    month, practice = context["month"].to_numpy(), context["practice_id"].to_numpy()
    actions, effects = [], []
    for number, (j, t, place, kind) in enumerate(chosen, start=1):
        since = change[(practice == ids[j]) & (month >= place), t]
        decided, there = (_month(last_day, design.months, place + shift) for shift in (-1, 0))
        touchpoint = journey.touchpoints[t]
        actions.append(
            Action(
                f"S{number:03d}",
                ids[j],
                touchpoint.id,
                _title(journey, kind, touchpoint),
                kind,
                _words(journey)["owner"],
                effort_hours=8.0,
                cost=100.0,
                idea_on=decided - timedelta(days=5 + 23 * number % 70),
                decided_on=decided,
                started_on=decided + timedelta(days=3),
                in_place_on=there,
                why="lowest score of the half-year",
            )
        )
        effects.append({"action_id": f"S{number:03d}", "kind": kind, "effect": float(np.nanmean(since))})
    return actions, pd.DataFrame(effects, columns=["action_id", "kind", "effect"])


def _title(journey: Journey, kind: str, touchpoint: Touchpoint) -> str:
    """What an action is called, in the journey's first language where that is known here."""
    words = _words(journey)
    return words["title"].format(kind=words.get(kind, kind), touchpoint=touchpoint.label[journey.languages[0]])


def _words(journey: Journey) -> dict[str, str]:
    return _TITLES.get(journey.languages[0], _TITLES["en"])


def _further_ideas(
    journey: Journey, ids: list[str], acting: set[str], last_day: date, months: int, rng: np.random.Generator
) -> list[Action]:
    """Ideas of acting practices that came to nothing, some of them given up."""
    found: list[Action] = []
    for practice_id in sorted(acting):
        for _ in range(int(rng.integers(0, 3))):
            day = _month(last_day, months, int(rng.integers(14, months - 3)))
            touchpoint = journey.touchpoints[int(rng.integers(len(journey.touchpoints)))]
            title = _title(journey, "idea", touchpoint)
            idea = Action(f"I{len(found) + 1:03d}", practice_id, touchpoint.id, title, idea_on=day)
            found.append(replace(idea, dropped_on=day + timedelta(days=40)) if rng.random() < 0.3 else idea)
    return found
