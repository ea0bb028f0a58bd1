"""One action of a practice: what was thought of, when it was chosen and in place, and what was expected of it."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Literal, get_args

from pxanalysis.errors import SurveyError

__all__ = ["DAYS", "SMALLEST_CHANGE", "Action", "ActionStatus", "find_contradictions", "make_id"]

ActionStatus = Literal["idea", "chosen", "started", "done", "dropped"]
"""Thought of, decided on, begun, in place, given up."""

SMALLEST_CHANGE = 5.0
"""Smallest worthwhile change of a score (0-100) where nothing else was written down."""

DAYS = ("idea_on", "decided_on", "started_on", "in_place_on", "dropped_on")
"""The dates of an action in the order in which they come."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action, tied to one touchpoint of one practice.

    Attributes
    ----------
    action_id
        The same for as long as the action is known.
    practice_id, touchpoint
        Whose, and where in the journey.
    idea
        What is to change, in the practice's own words.
    kind
        What kind of action it is, by which actions of several practices are pooled ("reception script").
    owner_role
        Who sees to it: a role, not a name.
    effort_hours, cost
        What it takes; None: not known.
    idea_on, decided_on, started_on, in_place_on, dropped_on
        Days; None: not yet, or not.
    why
        Why it was chosen.
    expected_effect
        Change of the score (0-100) that was expected when it was chosen; None: not written down.
    expected_gain
        What the report's priority promised of the outcome at that time; None: there was none.
    smallest_change
        Smallest worthwhile change of the score.
    """

    action_id: str
    practice_id: str
    touchpoint: str
    idea: str
    kind: str = ""
    owner_role: str = ""
    effort_hours: float | None = None
    cost: float | None = None
    idea_on: date | None = None
    decided_on: date | None = None
    started_on: date | None = None
    in_place_on: date | None = None
    dropped_on: date | None = None
    why: str = ""
    expected_effect: float | None = None
    expected_gain: float | None = None
    smallest_change: float = SMALLEST_CHANGE

    @property
    def status(self) -> ActionStatus:
        """The furthest that the dates say."""
        reached: tuple[tuple[date | None, ActionStatus], ...] = (
            (self.dropped_on, "dropped"),
            (self.in_place_on, "done"),
            (self.started_on, "started"),
            (self.decided_on, "chosen"),
        )
        return next((name for day, name in reached if day is not None), "idea")

    def as_plain(self) -> dict[str, object]:
        """Values as JSON has them, days in ISO form, with the status."""
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}
        return plain | {"status": self.status}

    @classmethod
    def from_plain(cls, plain: dict[str, object]) -> Action:
        """The action that :meth:`as_plain` wrote."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in plain.items() if name in known}
        for name in DAYS:
            if isinstance(values.get(name), str):
                values[name] = date.fromisoformat(str(values[name]))
        return cls(**values)  # type: ignore[arg-type]


def make_id(practice_id: str, touchpoint: str, idea: str, idea_on: date | None) -> str:
    """A short id of an action that came without one; the same facts give the same id.

    Examples
    --------
    >>> make_id("01010137", "reception", "greet by name", date(2026, 1, 5))
    'A-1a9b6c'
    """
    text = "\n".join([practice_id, touchpoint, idea.strip().casefold(), "" if idea_on is None else str(idea_on)])
    return f"A-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def find_contradictions(action: Action, today: date) -> list[str]:
    """What of an action cannot be: each as the field, what was expected and found, and the remedy.

    Examples
    --------
    >>> bad = Action("A-1", "p", "reception", "greet", idea_on=date(2026, 1, 5), in_place_on=date(2026, 2, 1))
    >>> find_contradictions(bad, date(2026, 6, 1))[0]
    'in_place_on: 2026-02-01, while the action was never chosen (decided_on is empty). Give the day it was chosen.'
    """
    found = [
        f"{name}: expected {what}, found nothing. Fill it in."
        for name, what in (
            ("practice_id", "the practice's id"),
            ("touchpoint", "the id of a touchpoint of the journey"),
            ("idea", "what is to change, in a few words"),
        )
        if not str(getattr(action, name)).strip()
    ]
    if action.idea_on is None:
        found.append("idea_on: expected the day on which the idea came up (2026-03-01), found nothing. Fill it in.")
    return [*found, *_wrong_days(action, today), *_wrong_numbers(action)]


def _wrong_days(action: Action, today: date) -> list[str]:
    found = []
    if action.decided_on is None:
        found += [
            f"{name}: {day}, while the action was never chosen (decided_on is empty). Give the day it was chosen."
            for name in ("started_on", "in_place_on")
            if (day := getattr(action, name)) is not None
        ]
    known = [(name, day) for name in DAYS if (day := getattr(action, name)) is not None]
    for (before, first), (name, day) in itertools.pairwise(known):
        if day < first:
            found.append(f"{name}: {day} lies before {before}, {first}. Correct one of the two days.")
    found += [
        f"{name}: {day} is still to come (today is {today}). Write down what happened, when it happened."
        for name, day in known
        if day > today
    ]
    return found


def _wrong_numbers(action: Action) -> list[str]:
    found = [
        f"{name}: expected a number of 0 or more, found {value:g}. Correct it or leave it empty."
        for name in ("effort_hours", "cost")
        if (value := getattr(action, name)) is not None and value < 0
    ]
    if not 0 < action.smallest_change <= 50:
        found.append(
            f"smallest_change: expected points of the score, above 0 and up to 50, found {action.smallest_change:g}. "
            f"Leave it out for {SMALLEST_CHANGE:g}."
        )
    if action.expected_effect is not None and not -100 <= action.expected_effect <= 100:
        found.append(
            f"expected_effect: expected a change of the score, -100 to 100, found {action.expected_effect:g}. "
            "Correct it."
        )
    return found


def check_status(text: str, action: Action) -> str:
    """What is wrong with a status that a file gives beside the dates; empty where it agrees with them."""
    known = get_args(ActionStatus)
    if text not in known:
        return f"status: expected one of {', '.join(known)}, found '{text}'. Correct it or leave it empty."
    if text != action.status:
        return f"status: '{text}', while the dates say '{action.status}'. Correct the dates or leave the status empty."
    return ""


def raise_all(place: str, problems: list[str]) -> None:
    """Raise one SurveyError with everything that is wrong at a place; nothing when nothing is."""
    if problems:
        raise SurveyError("\n".join(f"{place}: {problem}" for problem in problems))
