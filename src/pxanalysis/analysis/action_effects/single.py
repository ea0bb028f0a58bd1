"""One action: its figures, what else changed in that practice, and what may be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import ndtr, stdtrit

from pxanalysis.analysis.action_effects.cells import StudyCells, month_number
from pxanalysis.analysis.action_effects.looks import LEAST_BEFORE, LOOKS, Look, choose_look, first_after, month_name
from pxanalysis.analysis.action_effects.verdicts import Figures, Verdict, decide, more_needed, say
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.statistics.action_effects.donut import DonutDifference, estimate_donut_difference
from pxanalysis.statistics.action_effects.shrunken import (
    FEWEST_COMPARED,
    ShrunkenDifference,
    answers_needed,
    estimate_shrunken_difference,
)
from pxanalysis.statistics.action_effects.windows import WindowMeans, pool_within_variance
from pxanalysis.statistics.conventions import CHOOSING
from pxanalysis.survey.action_list import Action

__all__ = ["Differences", "Workbench", "describe_action"]

POCOCK, ONE_LOOK = 2.289, 1.96
"""Normal quantile of each of three looks that together err as often as one at 1.96 (Pocock 1977), and of one look."""

OUTSIDE_ICC = 0.05
"""Share of the variance between practices where there are too few to estimate it; of patient experience scores."""


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """All practices and touchpoints over the windows of one look."""

    before: WindowMeans
    after: WindowMeans
    shrunken: ShrunkenDifference
    donut: DonutDifference | None


@dataclass(eq=False)
class Workbench:
    """What figures of actions are made from.

    Attributes
    ----------
    compared
        Shape (J,): practices without any action.
    acting
        Shape (J, T): where a practice decided on an action.
    """

    study: StudyCells
    actions: Sequence[Action]
    minimum_n: int
    looks: Sequence[int] = LOOKS
    _made: dict[Look, Differences] = field(default_factory=dict)

    @cached_property
    def within(self) -> FloatArray:
        """σ² per touchpoint."""
        return pool_within_variance(self.study.cells)

    @cached_property
    def acting(self) -> BoolArray:
        """Where a practice decided on an action, shape (J, T)."""
        found = np.zeros((len(self.study.practices), len(self.study.touchpoints)), dtype=bool)
        for action in self.actions:
            place = self.place(action)
            if action.decided_on is not None and place is not None:
                found[place] = True
        return found

    @cached_property
    def compared(self) -> BoolArray:
        """Practices without any action, shape (J,)."""
        decided = {action.practice_id for action in self.actions if action.decided_on is not None}
        return np.array([practice not in decided for practice in self.study.practices], dtype=bool)

    @property
    def quantile(self) -> float:
        """Normal quantile of the interval that is shown."""
        return ONE_LOOK if len(self.looks) == 1 else POCOCK

    def place(self, action: Action) -> tuple[int, int] | None:
        """Practice and touchpoint of an action in the cells; None where one is not there."""
        if action.practice_id not in self.study.practices or action.touchpoint not in self.study.touchpoints:
            return None
        return self.study.practices.index(action.practice_id), self.study.touchpoints.index(action.touchpoint)

    def differences(self, look: Look) -> Differences:
        """Differences over the windows of a look, made once."""
        if look not in self._made:
            cells, base = self.study.cells, None
            after = cells.window(look.start, look.end)
            before = cells.window(look.first, look.decided)
            if look.decided - look.first > CHOOSING + 2:
                early = cells.window(look.first, look.decided - CHOOSING)
                base = estimate_donut_difference(early, after, self.within, self.compared)
            shrunken = estimate_shrunken_difference(before, after, self.within, self.compared)
            self._made[look] = Differences(before, after, shrunken, base)
        return self._made[look]


def describe_action(action: Action, bench: Workbench, *, sound: bool) -> dict[str, object]:
    """One row of the result: the figures that may be shown and the sentence, in the order of the table of texts.

    Parameters
    ----------
    sound
        Whether practices without an action seem to change no more often than by chance.
    """
    row: dict[str, object] = {
        "action_id": action.action_id,
        "practice_id": action.practice_id,
        "touchpoint": action.touchpoint,
        "kind": action.kind,
        "idea": action.idea,
        "decided_on": action.decided_on,
        "in_place_on": action.in_place_on,
        "smallest_change": action.smallest_change,
    }
    place = bench.place(action)
    reason = _impossible(action, bench)
    if reason or place is None:
        return _said(row, "not_possible", reason=reason)
    if action.in_place_on is None or action.decided_on is None:
        return _said(row, "not_in_place")
    look = choose_look(action, bench.study, place, bench.looks, bench.minimum_n)
    if look is None:
        until = first_after(action.in_place_on) + bench.looks[0] - 1
        given_up = action.dropped_on is not None and month_number(action.dropped_on) <= until
        if given_up:
            return _said(row, "not_possible", reason="given up before the first look")
        return _said(row, "first_look", until=month_name(until))
    row |= {"look": look.months, "until": month_name(bench.study.first + look.end - 1)}
    return _looked_at(row, action, bench, look, place, sound=sound)


def _impossible(action: Action, bench: Workbench) -> str:
    """Why nothing can be said of an action; empty where something can."""
    study = bench.study
    if action.touchpoint not in study.touchpoints:
        return (
            f"the journey has no touchpoint '{action.touchpoint}' now; if it was renamed, say so in study.toml: "
            f'[actions] renamed = {{"{action.touchpoint}" = "new-id"}}'
        )
    if action.practice_id not in study.practices:
        return f"practice '{action.practice_id}' has no answers in months that are over"
    if action.decided_on is None or action.in_place_on is None:
        return ""
    before = month_number(action.decided_on) - study.first
    if before < LEAST_BEFORE:
        return (
            f"{max(before, 0)} months of answers before the decision ({action.decided_on}); {LEAST_BEFORE} are needed "
            "to know where the score stood"
        )
    return ""


def _looked_at(
    row: dict[str, object], action: Action, bench: Workbench, look: Look, place: tuple[int, int], *, sound: bool
) -> dict[str, object]:
    found = bench.differences(look)
    n0, n1 = float(found.before.n[place]), float(found.after.n[place])
    if min(n0, n1) < bench.minimum_n:
        return _said(row, "too_few")
    y0, y1 = float(found.before.mean[place]), float(found.after.mean[place])
    row |= {"n_before": n0, "n_after": n1, "score_before": y0, "score_after": y1, "raw_change": y1 - y0}
    if _other_action(action, bench, look):
        return _said(row, "inseparable")
    compared = int(found.shrunken.n_compared[place[1]])
    row["n_compared"] = compared
    if compared < FEWEST_COMPARED:
        return _said(row | {"regression": _outside_regression(found, place)}, "no_comparison", n_compared=compared)
    row |= {
        "regression": float(found.shrunken.expected[place]) - y0,
        "trend": float(found.shrunken.trend[place[1]]),
    }
    if not sound:
        return _said(row, "withheld")
    figures = _figures(action, bench, look, place)
    row |= {
        "estimate": figures.estimate,
        "std_error": figures.std_error,
        "ci_low": figures.low,
        "ci_high": figures.high,
        "elsewhere": figures.others,
        "more_needed": more_needed(figures),
    }
    verdict = decide(figures)
    return _said(
        row,
        verdict,
        estimate=figures.estimate,
        low=figures.low,
        high=figures.high,
        smallest=figures.smallest,
        needed=more_needed(figures),
    )


def _said(row: dict[str, object], verdict: Verdict, **values: object) -> dict[str, object]:
    text = say(verdict, **values)
    shown = "estimate" in row
    return row | {"verdict": verdict, "text": text, "reason": "" if shown else text}


def _other_action(action: Action, bench: Workbench, look: Look) -> bool:
    """Whether another action at this touchpoint began in the months of the look."""
    for other in bench.actions:
        same = (other.practice_id, other.touchpoint) == (action.practice_id, action.touchpoint)
        began = other.started_on or other.in_place_on
        if other.action_id == action.action_id or not same or began is None:
            continue
        if look.first <= month_number(began) - bench.study.first < look.end:
            return True
    return False


def _outside_regression(found: Differences, place: tuple[int, int]) -> float:
    """What regression to the mean would bring, by the usual share of variance between practices."""
    n, mean = found.before.n[:, place[1]], found.before.mean[:, place[1]]
    known = n > 0
    ratio = (1.0 - OUTSIDE_ICC) / OUTSIDE_ICC  # σ²/τ²
    weight = 1.0 / (1.0 + ratio / n[known])
    centre = float((weight * mean[known]).sum() / weight.sum())
    trust = 1.0 / (1.0 + ratio / n[place[0]])
    return float((1.0 - trust) * (centre - mean[place[0]]))


def _figures(action: Action, bench: Workbench, look: Look, place: tuple[int, int]) -> Figures:
    found = bench.differences(look)
    shrunken, t = found.shrunken, place[1]
    freedom = shrunken.n_compared[t] - 1.0
    level = float(ndtr(bench.quantile))
    shared = shrunken.drift + float(shrunken.trend_variance[t])
    n0, n1 = float(found.before.n[place]), float(found.after.n[place])
    quantile = float(stdtrit(freedom, level))
    needed = _needed(n0, float(bench.within[t]), shrunken.between, shared, action.smallest_change, quantile)
    return Figures(
        estimate=float(shrunken.effect[place]),
        std_error=float(np.sqrt(shrunken.variance[place])),
        quantile=quantile,
        needed=needed,
        n_after=n1,
        most_after=n1 * max(bench.looks) / look.months,
        smallest=action.smallest_change,
        others=_elsewhere(bench, found, place[0]),
    )


def _needed(n0: float, within: float, between: float, shared: float, smallest: float, quantile: float) -> float:
    """Answers after it until the shown interval is as short as it should be; else until anything is said."""
    for q in (quantile, ONE_LOOK):
        found = answers_needed(n0, within, between, shared, change=smallest, quantile=q)
        if np.isfinite(found):
            return found
    return float("inf")


def _elsewhere(bench: Workbench, found: Differences, practice: int) -> float:
    """Largest |d/s| at the practice's touchpoints without an action; NaN where there are none."""
    usable = ~bench.acting[practice] & (found.before.n[practice] >= bench.minimum_n)
    usable &= (found.after.n[practice] >= bench.minimum_n) & np.isfinite(found.shrunken.variance[practice])
    ratio = np.abs(found.shrunken.effect[practice]) / np.sqrt(found.shrunken.variance[practice])
    return float(ratio[usable].max()) if usable.any() else float("nan")
