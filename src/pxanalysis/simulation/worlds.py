"""Worlds in which advice is tried: what scales, practices and patients are like, each by a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.simulation.answers import SimulationDesign

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Step, Touchpoint

__all__ = ["WORLDS", "World", "find_world"]


def _as_it_is(journey: Journey) -> Journey:
    return journey


@dataclass(frozen=True, slots=True)
class World:
    """One kind of study.

    Attributes
    ----------
    meaning
        What is special to it.
    design
        Knobs of the simulation.
    journey
        What is asked, from the journey that one starts with.
    practices, responses
        Practices in a study, and the range of their sizes.
    outcome
        What drivers explain.
    uses_case_mix, uses_weights
        Whether the analysis holds case mix equal; whether less content patients answer half as often and count double.
    slope_sd
        Spread (log) of the weights between practices.
    """

    meaning: str
    design: SimulationDesign = field(default_factory=SimulationDesign)
    journey: Callable[[Journey], Journey] = _as_it_is
    practices: int = 25
    responses: tuple[int, int] = (20, 400)
    outcome: str = "ktv"
    uses_case_mix: bool = False
    uses_weights: bool = False
    slope_sd: float = 0.0

    def weights_of(self, weights: FloatArray, practices: int, rng: np.random.Generator) -> FloatArray:
        """Weights of each practice, shape (practices, touchpoints), around those of all (touchpoints,)."""
        drawn = self.slope_sd * rng.standard_normal((practices, weights.size)) if self.slope_sd else np.zeros(1)
        return np.broadcast_to(weights * np.exp(drawn - self.slope_sd**2 / 2), (practices, weights.size))


def _reshape(journey: Journey, change: Callable[[int, Touchpoint], Touchpoint]) -> Journey:
    """The same journey with every touchpoint changed, told its position."""
    position, steps = 0, []
    for step in journey.steps:
        touchpoints = []
        for touchpoint in step.touchpoints:
            touchpoints.append(change(position, touchpoint))
            position += 1
        steps.append(step.model_copy(update={"touchpoints": tuple(touchpoints)}))
    return journey.model_copy(update={"steps": tuple(steps)})


def _first_three_single(journey: Journey) -> Journey:
    """The first three touchpoints have one question each."""

    def shorten(position: int, touchpoint: Touchpoint) -> Touchpoint:
        return touchpoint.model_copy(update={"items": touchpoint.items[:1]}) if position < 3 else touchpoint

    return _reshape(journey, shorten)


def _twice(journey: Journey) -> Journey:
    """Every step once more under other ids, so that ten touchpoints are twenty."""

    def again(_: int, touchpoint: Touchpoint) -> Touchpoint:
        items = tuple(item.model_copy(update={"id": f"{item.id}_2"}) for item in touchpoint.items)
        return touchpoint.model_copy(update={"id": f"{touchpoint.id}_2", "items": items})

    def renamed(step: Step) -> Step:
        return step.model_copy(update={"id": f"{step.id}_2"})

    copied = tuple(renamed(step) for step in _reshape(journey, again).steps)
    return journey.model_copy(update={"steps": (*journey.steps, *copied)})


WEAK = SimulationDesign(weak=3)

WORLDS: dict[str, World] = {
    "base": World("Ordinal answers at Dutch ceilings, alpha about .8."),
    "unrel": World("The three that count most have items that agree little; what they do not share is error.", WEAK),
    "mixed": World("Scales from weak to strong.", SimulationDesign(uneven=0.6)),
    "congen": World("Items say it unequally strongly, two share noise.", SimulationDesign(uneven_items=True, weak=2)),
    "content": World("As unrel, but what items do not share is experience.", SimulationDesign(weak=3, content=1.0)),
    "half": World("As unrel, half error and half experience.", SimulationDesign(weak=3, content=0.5)),
    "single": World("Three touchpoints of one question.", journey=_first_three_single),
    "single-unrel": World("Three touchpoints of one question, three weak scales.", WEAK, _first_three_single),
    "halo": World("The general disposition counts by itself too.", SimulationDesign(outcome_halo=0.5)),
    "all": World(
        "Weak, uneven, half experience, single questions and halo.",
        SimulationDesign(weak=3, content=0.25, uneven_items=True, outcome_halo=0.25),
        _first_three_single,
    ),
    "base-8": World("8 practices of 60.", practices=8, responses=(60, 60)),
    "unrel-8": World("As unrel, 8 practices of 60.", WEAK, practices=8, responses=(60, 60)),
    "content-8": World(
        "As content, 8 practices of 60.",
        SimulationDesign(weak=3, content=1.0),
        practices=8,
        responses=(60, 60),
    ),
    "case-mix": World(
        "Characteristics of patients count for answers and outcome, and are held equal.",
        SimulationDesign(weak=3, case_mix_outcome=1.0),
        uses_case_mix=True,
    ),
    "weights": World("Less content patients answer half as often, and count double.", WEAK, uses_weights=True),
    "twenty": World("Twenty touchpoints.", WEAK, _twice),
    "nps": World("The recommendation is the outcome.", WEAK, outcome="nps"),
    "slopes": World("What counts differs between practices.", WEAK, slope_sd=0.4),
    "confounding": World("Good practices are liked for other reasons too.", SimulationDesign(weak=3, confounding=1.0)),
}


def find_world(name: str) -> World:
    """The world of this name; an AnalysisError lists what there is."""
    if name not in WORLDS:
        raise AnalysisError(f"world: expected one of {', '.join(WORLDS)}, received '{name}'.")
    return WORLDS[name]
