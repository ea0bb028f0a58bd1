"""What asks for attention: shifts in what was released, silence, a falling response, and what waits too long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from pxanalysis.dashboard.arrivals import PracticeArrivals
from pxanalysis.dashboard.courses import CourseLine

if TYPE_CHECKING:
    from pxanalysis.study.contacts import CallBack
    from pxanalysis.survey.action_list import Action

__all__ = ["ACTION_DAYS", "CALL_BACK_DAYS", "Signal", "find_signals"]

Code = Literal["worse", "better", "silence", "channel", "response", "actions", "callbacks"]

ACTION_DAYS = 60
"""An action that was chosen so many days ago and is not in place waits: most of what is ever realised is by then."""

CALL_BACK_DAYS = 3
"""A patient who asked to be called back waits too long after so many days."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to look at.

    Attributes
    ----------
    code
        What it is: a course that is ``worse`` or ``better`` beyond its usual ups and downs, ``silence``, silence of a
        ``channel``, a falling ``response``, ``actions`` or ``callbacks`` that wait.
    subject
        Outcome, touchpoint, channel or month it is about; empty where it is about all.
    count
        How many wait.
    day
        Day of the last answer.
    rate, usual
        Response rates, proportions.
    """

    code: Code
    subject: str = ""
    count: int = 0
    day: date | None = None
    rate: float = 0.0
    usual: float = 0.0

    @property
    def asks_for_a_call(self) -> bool:
        """Whether the practice needs a call; what became better is told, and needs none."""
        return self.code != "better"


def find_signals(
    arrivals: PracticeArrivals,
    courses: Iterable[CourseLine],
    actions: Iterable[Action],
    waiting: Iterable[CallBack] | int,
    today: date,
) -> list[Signal]:
    """Return what asks for attention in one practice, most urgent first.

    Parameters
    ----------
    waiting
        Open call-backs, or how many of them wait too long.
    """
    late = waiting if isinstance(waiting, int) else sum((today - one.day).days >= CALL_BACK_DAYS for one in waiting)
    found = [Signal("callbacks", count=late)] if late else []
    lines = list(courses)
    found += [Signal("worse", one.subject) for one in lines if one.says == "concern"]
    if arrivals.all.silent:
        found.append(Signal("silence", day=arrivals.all.last))
    else:
        silent = [(name, flow) for name, flow in arrivals.channels.items() if flow.silent]
        found += [Signal("channel", name, day=flow.last) for name, flow in silent]
    if arrivals.fall is not None:
        found.append(Signal("response", arrivals.fall.month, rate=arrivals.fall.rate, usual=arrivals.fall.usual))
    waits = [one for one in actions if one.status in {"chosen", "started"} and _is_late(one, today)]
    found += [Signal("actions", count=len(waits))] if waits else []
    return found + [Signal("better", one.subject) for one in lines if one.says == "improvement"]


def _is_late(action: Action, today: date) -> bool:
    return action.decided_on is not None and (today - action.decided_on).days > ACTION_DAYS
