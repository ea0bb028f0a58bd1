"""What pages of the dashboard say of counts, signals, actions and call-backs, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_SENTENCE

if TYPE_CHECKING:
    from pxanalysis.dashboard.arrivals import Arrivals, PracticeArrivals
    from pxanalysis.dashboard.signals import Signal
    from pxanalysis.journey.model import Journey
    from pxanalysis.reporting.page.wording import Wording
    from pxanalysis.survey.action_list import Action

__all__ = [
    "CHANNELS",
    "MOVES",
    "ActionWords",
    "action_words",
    "count_cards",
    "label_subjects",
    "say_courses",
    "say_signal",
]

CHANNELS = ("web", "app", "letter", "paper", "email", "phone", "qr", "sms", "kiosk")
"""Channels that have a name in every language; others keep their own."""

MOVES = {
    "idea": ("choose", "drop"),
    "chosen": ("start", "done", "drop"),
    "started": ("done", "drop"),
    "done": ("drop",),
    "dropped": (),
}
"""Moves that an action can make from where it stands."""

_DAY_OF = {"idea": "idea_on", "chosen": "decided_on", "started": "started_on", "done": "in_place_on"}


@dataclass(frozen=True, slots=True)
class ActionWords:
    """An action as the page shows it; ``moves`` are (code, words)."""

    action_id: str
    idea: str
    contact: str
    role: str
    status: str
    code: str
    said: str
    moves: tuple[tuple[str, str], ...]


def count_cards(wording: Wording, arrivals: Arrivals, own: PracticeArrivals) -> list[dict[str, str]]:
    """Return the cards of what comes in: today, this week, in all with the response rate."""
    flow = own.all
    last = (
        wording.text("live.no_dates") if flow.last is None else wording.text("live.last", day=wording.date(flow.last))
    )
    if not flow.total:
        last = wording.text("live.no_answers")
    rate = wording.text("live.rate_unknown")
    if own.rate is not None and own.invited:
        rate = wording.text("live.rate", rate=wording.percent(own.rate), invited=own.invited)
    return [
        {
            "name": wording.text("live.today"),
            "value": wording.number(flow.today),
            "note": wording.date(arrivals.today),
        },
        {
            "name": wording.text("live.week"),
            "value": wording.number(flow.week),
            "note": wording.text("live.week_before", count=wording.number(flow.week_before)),
        },
        {"name": wording.text("live.total"), "value": wording.number(flow.total), "note": f"{last} {rate}"},
    ]


def say_courses(wording: Wording) -> dict[str, str]:
    """What a course can say, in words, by code."""
    return {code: wording.text(f"live.says_{code}") for code in ("improvement", "concern", "common", "open")}


def label_subjects(journey: Journey, language: str) -> dict[str, str]:
    """What outcomes and touchpoints are called, by id."""
    labels = {one.id: display_text(one.label[language], LONGEST_LABEL) for one in journey.touchpoints}
    return labels | {one.id: display_text(one.label[language], LONGEST_LABEL) for one in journey.outcomes}


def say_signal(
    wording: Wording, signal: Signal, labels: Mapping[str, str], channels: Mapping[str, str], *, short: bool = False
) -> str:
    """Return a signal as a sentence, or short for in a list.

    Parameters
    ----------
    labels
        What outcomes and touchpoints are called.
    channels
        What channels are called; one that is not there has its own name.
    """
    values: dict[str, str | int] = {}
    if signal.code in {"worse", "better"}:
        values["subject"] = labels.get(signal.subject, signal.subject)
    if signal.code == "channel":
        values["channel"] = channels.get(signal.subject, display_text(signal.subject, LONGEST_LABEL))
    if signal.day is not None:
        values["day"] = wording.date(signal.day)
    if signal.code == "response":
        values |= {"month": wording.month(signal.subject), "rate": wording.percent(signal.rate)}
        values["usual"] = wording.percent(signal.usual)
    if signal.code in {"actions", "callbacks"}:
        values["n"] = signal.count
    return wording.text(f"live.short_{signal.code}" if short else f"live.signal_{signal.code}", **values)


def action_words(
    wording: Wording, actions: Iterable[Action], labels: Mapping[str, str], brought: Mapping[str, str]
) -> list[ActionWords]:
    """Return the actions of a practice, those that move first, each with what it brought."""
    order = ("started", "chosen", "idea", "done", "dropped")
    found = []
    for one in sorted(actions, key=lambda one: (order.index(one.status), one.idea_on or date.min, one.action_id)):
        day = one.dropped_on if one.status == "dropped" else getattr(one, _DAY_OF[one.status])
        state = wording.text(f"live.action_{one.status}", day="" if day is None else wording.date(day))
        found.append(
            ActionWords(
                one.action_id,
                display_text(one.idea, LONGEST_SENTENCE),
                labels.get(one.touchpoint, display_text(one.touchpoint, LONGEST_LABEL)),
                display_text(one.owner_role, LONGEST_LABEL),
                state,
                one.status,
                brought.get(one.action_id, ""),
                tuple((move, wording.text(f"live.move_{move}")) for move in MOVES[one.status]),
            )
        )
    return found
