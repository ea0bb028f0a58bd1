"""The page of the programme: every practice, what comes in there, what asks for a call, and some beside each other."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import quote

from pxanalysis.dashboard.courses import CourseLine, outcome_lines, touchpoint_lines
from pxanalysis.dashboard.practice_page import select_practice
from pxanalysis.dashboard.signals import ACTION_DAYS, CALL_BACK_DAYS, Signal, find_signals
from pxanalysis.dashboard.words import CHANNELS, count_cards, label_subjects, say_courses, say_signal
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.opening.cards import main_row
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_NAME
from pxanalysis.reporting.sections.values import in_unit

if TYPE_CHECKING:
    from pxanalysis.dashboard.snapshot import Snapshot
    from pxanalysis.study.contacts import CallBackCounts

__all__ = ["MOST_COMPARED", "ON_A_PAGE", "Asked", "ProgrammeRow", "list_practices", "programme_values"]

ON_A_PAGE, MOST_COMPARED = 50, 4
"""Practices on one page of the list, and beside each other."""

Show = Literal["all", "call"]
Order = Literal["name", "call", "week"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks of the list.

    Attributes
    ----------
    search
        Part of a name or id.
    show
        All practices, or those that need a call.
    order
        By name, most reasons for a call first, or most answers this week first.
    page
        From 1.
    compare
        Practices to put beside each other, by id.
    """

    search: str = ""
    show: Show = "all"
    order: Order = "name"
    page: int = 1
    compare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """What of a practice follows from the last release: made once per release.

    Attributes
    ----------
    courses
        Courses of outcomes and touchpoints, of which only what they say is used here.
    figures
        Main metric of each rated outcome, in words; empty where it may not be shown.
    """

    practice_id: str
    name: str
    courses: Sequence[CourseLine]
    figures: Mapping[str, str]


def list_practices(snapshot: Snapshot, language: str, *, bare: bool = False, pause: float = 0.0) -> list[ProgrammeRow]:
    """Return every practice with what was released of it, by name.

    Parameters
    ----------
    bare
        Leave out what was released, which takes a twentieth of a second for each practice.
    pause
        Seconds between two practices in which other threads go first.
    """
    wording = Wording(language, snapshot.study.journey.reported_on)
    rows = []
    for practice_id, name in snapshot.names.items():
        label = display_text(name, LONGEST_NAME) or display_text(practice_id, LONGEST_LABEL)
        selection = None if bare else select_practice(snapshot, practice_id, wording)
        if selection is None or selection.suppressed:
            rows.append(ProgrammeRow(practice_id, label, (), {}))
            continue
        time.sleep(pause)
        courses = [*outcome_lines(selection), *touchpoint_lines(selection, snapshot.courses)]
        figures = {}
        for outcome in selection.journey.rated_outcomes:
            row = main_row(selection, outcome)
            figures[outcome.id] = "" if row is None else in_unit(wording, row.estimate or 0.0, row.unit)
        rows.append(ProgrammeRow(practice_id, label, courses, figures))
    return sorted(rows, key=lambda row: (row.name.casefold(), row.practice_id))


def programme_values(
    snapshot: Snapshot,
    rows: Sequence[ProgrammeRow],
    asked: Asked,
    counts: Mapping[str, CallBackCounts],
    language: str,
) -> dict[str, Any]:
    """What the template of the programme's page needs.

    Parameters
    ----------
    rows
        Of `list_practices`, in this language.
    counts
        Call-backs by practice: numbers, never whose they are.
    """
    journey = snapshot.study.journey
    wording = Wording(language, journey.reported_on)
    signals = {row.practice_id: _signals(snapshot, row, counts) for row in rows}
    calls = {name: [one for one in found if one.asks_for_a_call] for name, found in signals.items()}
    chosen = [row for row in rows if _matches(row, asked, calls)]
    chosen = sorted(chosen, key=lambda row: _rank(row, asked, calls, snapshot))
    pages = max(1, math.ceil(len(chosen) / ON_A_PAGE))
    page = min(max(asked.page, 1), pages)
    shown = chosen[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    first = next(iter(journey.rated_outcomes), None)
    labels = label_subjects(journey, language)
    channels = {name: wording.text(f"live.channel_{name}") for name in CHANNELS}
    outcome = "" if first is None else first.id
    cards = count_cards(wording, snapshot.arrivals, snapshot.arrivals.whole)

    def reasons(row: ProgrammeRow) -> list[str]:
        return [say_signal(wording, one, labels, channels, short=True) for one in calls[row.practice_id]]

    return {
        "cards": cards,
        "totals": _totals(wording, rows, calls, counts),
        "rows": [_row(wording, snapshot, row, reasons(row), counts, outcome) for row in shown],
        "outcome": labels.get(outcome, ""),
        "course_words": say_courses(wording),
        "shows": [(code, wording.text(f"live.show_{code}")) for code in get_args(Show)],
        "orders": [(code, wording.text(f"live.order_{code}")) for code in get_args(Order)],
        "asked": asked,
        "page": page,
        "pages": pages,
        "found": wording.text("live.found", n=len(chosen)),
        "compared": _compare(wording, snapshot, rows, asked, labels),
        "call_backs": _call_back_data(wording, rows, counts),
        "ahead": "" if snapshot.arrivals.ahead is None else wording.date(snapshot.arrivals.ahead),
        "simulated": snapshot.results is not None and snapshot.results.meta.simulated,
        "fitted": snapshot.results is not None,
        "help": wording.text("live.call_help", actions=ACTION_DAYS, days=CALL_BACK_DAYS),
    }


def _signals(snapshot: Snapshot, row: ProgrammeRow, counts: Mapping[str, CallBackCounts]) -> list[Signal]:
    waiting = counts[row.practice_id].late if row.practice_id in counts else 0
    return find_signals(
        snapshot.arrivals.of(row.practice_id),
        row.courses,
        snapshot.actions_of(row.practice_id),
        waiting,
        snapshot.arrivals.today,
    )


def _matches(row: ProgrammeRow, asked: Asked, calls: Mapping[str, Sequence[Signal]]) -> bool:
    words = asked.search.casefold().strip()
    inside = words in row.name.casefold() or words in row.practice_id.casefold()
    return inside and (asked.show == "all" or bool(calls[row.practice_id]))


def _rank(
    row: ProgrammeRow, asked: Asked, calls: Mapping[str, Sequence[Signal]], snapshot: Snapshot
) -> tuple[int, str, str]:
    first = {"call": -len(calls[row.practice_id]), "week": -snapshot.arrivals.of(row.practice_id).all.week}
    return first.get(asked.order, 0), row.name.casefold(), row.practice_id


def _totals(
    wording: Wording,
    rows: Sequence[ProgrammeRow],
    calls: Mapping[str, Sequence[Signal]],
    counts: Mapping[str, CallBackCounts],
) -> list[dict[str, str]]:
    need = sum(bool(found) for found in calls.values())
    cards = [
        {
            "name": wording.text("live.need_call"),
            "value": wording.number(need),
            "note": wording.text("live.of_practices", count=wording.number(len(rows))),
        }
    ]
    if counts:
        waiting, handled = (sum(getattr(one, name) for one in counts.values()) for name in ("open", "handled"))
        note = wording.text("live.call_backs_handled", count=wording.number(handled))
        cards.append({"name": wording.text("live.call_backs_open"), "value": wording.number(waiting), "note": note})
    return cards


def _row(
    wording: Wording,
    snapshot: Snapshot,
    row: ProgrammeRow,
    reasons: list[str],
    counts: Mapping[str, CallBackCounts],
    outcome: str,
) -> dict[str, Any]:
    arrivals = snapshot.arrivals.of(row.practice_id)
    actions = snapshot.actions_of(row.practice_id)
    running = sum(one.status in {"chosen", "started"} for one in actions)
    done = sum(one.status == "done" for one in actions)
    course = next((one for one in row.courses if one.subject == outcome), None)
    none = wording.text("none")
    return {
        "id": row.practice_id,
        "address": quote(row.practice_id, safe=""),
        "name": row.name,
        "today": wording.number(arrivals.all.today),
        "week": wording.number(arrivals.all.week),
        "rate": none if arrivals.rate is None else wording.percent(arrivals.rate),
        "figure": row.figures.get(outcome, "") or none,
        "says": course.says if course is not None else "",
        "actions": wording.text("live.actions_short", running=running, done=done) if actions else none,
        "call_backs": wording.number(counts[row.practice_id].open) if row.practice_id in counts else none,
        "reasons": reasons,
    }


def _compare(
    wording: Wording,
    snapshot: Snapshot,
    rows: Sequence[ProgrammeRow],
    asked: Asked,
    labels: Mapping[str, str],
) -> Data | None:
    """Practices beside each other: figures of the last release, and counts of now."""
    known = {row.practice_id: row for row in rows}
    chosen = [known[name] for name in dict.fromkeys(asked.compare) if name in known][:MOST_COMPARED]
    if len(chosen) < 2:
        return None
    none = wording.text("none")
    body: list[tuple[str, ...]] = [
        (labels[outcome.id], *(row.figures.get(outcome.id, "") or none for row in chosen))
        for outcome in snapshot.study.journey.rated_outcomes
    ]
    for touchpoint in snapshot.study.journey.touchpoints:
        own = [next((one.value for one in row.courses if one.subject == touchpoint.id), "") for row in chosen]
        if any(own):
            body.append((wording.text("live.latest_of", subject=labels[touchpoint.id]), *(one or none for one in own)))
    flows = [snapshot.arrivals.of(row.practice_id) for row in chosen]
    body.append((wording.text("live.week"), *(wording.number(one.all.week) for one in flows)))
    rates = (none if one.rate is None else wording.percent(one.rate) for one in flows)
    body.append((wording.text("live.response_rate"), *rates))
    return Data(wording.text("live.compared"), [wording.text("live.figure"), *(row.name for row in chosen)], body)


def _call_back_data(
    wording: Wording, rows: Sequence[ProgrammeRow], counts: Mapping[str, CallBackCounts]
) -> Data | None:
    body = [
        (row.name, *(wording.number(getattr(counts[row.practice_id], name)) for name in _CALL_COLUMNS))
        for row in rows
        if row.practice_id in counts
    ]
    if not body:
        return None
    columns = [wording.text("column.practice"), *(wording.text(f"live.count_{name}") for name in _CALL_COLUMNS)]
    return Data(wording.text("live.call_backs"), columns, body)


_CALL_COLUMNS = ("open", "late", "done", "not_reached", "closed", "expired", "lost")
