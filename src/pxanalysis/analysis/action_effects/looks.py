"""When an action is looked at: whole months before its decision, and after it was in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pxanalysis.analysis.action_effects.cells import StudyCells, month_number
from pxanalysis.survey.action_list import Action

__all__ = ["BEFORE", "LEAST_BEFORE", "LOOKS", "Look", "choose_look", "first_after", "month_name"]

LOOKS = (3, 6, 12)
"""Months after an action was in place at which it is looked at (Pocock's limits hold for these three)."""

BEFORE = 12
"""Months before the decision."""

LEAST_BEFORE = 6
"""Of which so many at least have to be there."""


@dataclass(frozen=True, slots=True)
class Look:
    """Months of a look, as places in the study's months.

    Attributes
    ----------
    first, decided
        The months before: from ``first`` up to, not with, ``decided``.
    start, months
        The months after: so many from ``start``.
    """

    first: int
    decided: int
    start: int
    months: int

    @property
    def end(self) -> int:
        """The month after the last."""
        return self.start + self.months


def first_after(day: date) -> int:
    """Number of the first month that lies wholly after an action was in place."""
    return month_number(day) + (day.day > 1)


def month_name(number: int) -> str:
    """A month by its number, as 2026-03."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def choose_look(
    action: Action, study: StudyCells, place: tuple[int, int], looks: Sequence[int], minimum_n: int
) -> Look | None:
    """The latest look that is due; None before the first.

    A look that adds fewer than ``minimum_n`` answers to the one before it would tell what those few said; the one
    before then stands. An action that was given up is looked at until then.

    Parameters
    ----------
    place
        Practice and touchpoint, as places in the cells.
    """
    if action.decided_on is None or action.in_place_on is None:
        return None
    decided = month_number(action.decided_on) - study.first
    start = first_after(action.in_place_on) - study.first
    last = study.months if action.dropped_on is None else month_number(action.dropped_on) - study.first
    chosen: Look | None = None
    before = 0.0
    for months in looks:
        look = Look(max(0, decided - BEFORE), decided, start, months)
        if start < 0 or look.end > min(last, study.months):
            break
        n = float(study.cells.n[place[0], start : look.end, place[1]].sum())
        if chosen is None or n - before >= minimum_n:
            chosen, before = look, n
    return chosen
