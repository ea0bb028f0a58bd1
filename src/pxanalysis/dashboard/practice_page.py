"""The page of one practice: what comes in now, and of the last release what changed, what was said and done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from pxanalysis.analysis.privacy.masking import say_masks
from pxanalysis.analysis.whole_study.frames import CommentRow
from pxanalysis.dashboard.courses import outcome_lines, touchpoint_lines
from pxanalysis.dashboard.signals import find_signals
from pxanalysis.dashboard.words import CHANNELS, action_words, count_cards, label_subjects, say_courses, say_signal
from pxanalysis.figures.kit.frames import remembering
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.actions import say_verdict
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.pictures.section import trend_pictures
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_NAME, LONGEST_SENTENCE, Selection

if TYPE_CHECKING:
    from pxanalysis.dashboard.courses import CourseLine
    from pxanalysis.dashboard.snapshot import Snapshot
    from pxanalysis.study.contacts import CallBack

__all__ = ["PracticeParts", "make_practice", "practice_values", "render_live", "select_practice"]

LONGEST_COMMENT = 400


@dataclass(frozen=True, slots=True)
class PracticeParts:
    """What of a practice follows from a release and the register alone: made once, shown to everybody who may see it.

    Attributes
    ----------
    lacking
        Why there are no figures, in words; empty where there are.
    """

    name: str
    lacking: str = ""
    released: str = ""
    outcomes: Sequence[CourseLine] = ()
    pictures: Sequence[Markup] = ()
    touchpoints: Sequence[CourseLine] = ()
    history: Data | None = None
    comments: Sequence[tuple[str, Sequence[str]]] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    brought: Mapping[str, str] = field(default_factory=dict)


def select_practice(snapshot: Snapshot, practice_id: str, wording: Wording) -> Selection | None:
    """The practice's rows of the results; None where nothing was fitted, or nothing of this practice."""
    results = snapshot.results
    if results is None or practice_id not in set(results["practices"]["practice_id"]):
        return None
    return Selection(results, snapshot.study.journey, practice_id, wording, snapshot.shown_actions)


def make_practice(snapshot: Snapshot, practice_id: str, language: str, *, figures: bool = True) -> PracticeParts:
    """Return the parts of a practice's page that rest on the last release."""
    journey = snapshot.study.journey
    wording = Wording(language, journey.reported_on)
    labels = label_subjects(journey, language)
    name = display_text(snapshot.names.get(practice_id, practice_id), LONGEST_NAME) or display_text(practice_id, 80)
    selection = select_practice(snapshot, practice_id, wording)
    if selection is None:
        key = "live.not_fitted" if snapshot.results is None else "live.no_answers_yet"
        return PracticeParts(name, wording.text(key), labels=labels)
    if selection.suppressed:
        return PracticeParts(name, wording.text("live.too_few", minimum=selection.minimum), labels=labels)
    with remembering():
        return _released_parts(snapshot, selection, name, labels, figures=figures)


def _released_parts(
    snapshot: Snapshot, selection: Selection, name: str, labels: Mapping[str, str], *, figures: bool
) -> PracticeParts:
    wording = selection.wording
    touchpoints = touchpoint_lines(selection, snapshot.courses)
    shown = () if snapshot.shown_actions is None else snapshot.shown_actions.of_practice(selection.practice_id)
    return PracticeParts(
        name,
        released=wording.text("live.released", n=selection.n, waiting=selection.waiting),
        outcomes=outcome_lines(selection),
        pictures=trend_pictures(selection) if figures else (),
        touchpoints=touchpoints,
        history=_history(wording, touchpoints),
        comments=_comments(selection),
        labels=labels,
        brought={one.action_id: say_verdict(wording, one) for one in shown if one.decided_on},
    )


def _history(wording: Wording, lines: Sequence[CourseLine]) -> Data | None:
    """Every figure of the touchpoints, latest period first; None without any."""
    periods = dict.fromkeys(period for line in lines for period, _ in line.figures)
    if not periods:
        return None
    order = _chronological(lines, list(periods))
    known = [dict(line.figures) for line in lines]
    none = wording.text("none")
    rows = [(period, *(own.get(period, none) for own in known)) for period in reversed(order)]
    columns = [wording.text("live.period"), *(line.label for line in lines)]
    return Data(wording.text("live.history"), columns, rows)


def _chronological(lines: Sequence[CourseLine], periods: list[str]) -> list[str]:
    """Periods as the lines have them, merged: each line is in order already."""
    order: list[str] = []
    for line in lines:
        place = 0
        for period, _ in line.figures:
            if period in order:
                place = order.index(period) + 1
            else:
                order.insert(place, period)
                place += 1
    return order or periods


def _comments(selection: Selection) -> list[tuple[str, Sequence[str]]]:
    """Released comments by touchpoint, each once, in the order of the release, which has nothing to do with time."""
    about = {one.id: one.touchpoint for one in selection.journey.open_questions}
    groups: dict[str | None, list[str]] = {}
    for row in selection.own(CommentRow):
        text = display_text(say_masks(row.text, selection.language), LONGEST_COMMENT)
        group = groups.setdefault(about.get(row.question), [])
        if text and text not in group:
            group.append(text)
    found: list[tuple[str, Sequence[str]]] = [
        (label, groups[name]) for name, label in selection.labels.items() if groups.get(name)
    ]
    general = groups.get(None)
    return [*found, (selection.wording.text("live.comments_general"), general)] if general else found


def _signals(
    snapshot: Snapshot, practice_id: str, parts: PracticeParts, waiting: Sequence[CallBack] | int, language: str
) -> list[tuple[str, str]]:
    """Signals of a practice: code and sentence."""
    wording = Wording(language, snapshot.study.journey.reported_on)
    found = find_signals(
        snapshot.arrivals.of(practice_id),
        [*parts.outcomes, *parts.touchpoints],
        snapshot.actions_of(practice_id),
        waiting,
        snapshot.arrivals.today,
    )
    channels = {name: wording.text(f"live.channel_{name}") for name in CHANNELS}
    return [(one.code, say_signal(wording, one, parts.labels, channels)) for one in found]


def practice_values(
    snapshot: Snapshot, practice_id: str, parts: PracticeParts, language: str, call_backs: Sequence[CallBack] | int
) -> dict[str, Any]:
    """What the template of a practice's page needs of its content."""
    journey = snapshot.study.journey
    wording = Wording(language, journey.reported_on)
    own = [] if isinstance(call_backs, int) else list(call_backs)
    return {
        "parts": parts,
        "cards": count_cards(wording, snapshot.arrivals, snapshot.arrivals.of(practice_id)),
        "channels": _channel_data(wording, snapshot, practice_id),
        "signals": _signals(snapshot, practice_id, parts, call_backs, language),
        "actions": action_words(wording, snapshot.actions_of(practice_id), parts.labels, parts.brought),
        "touchpoints": [(one.id, parts.labels[one.id]) for one in journey.touchpoints],
        "call_backs": [_call_back(wording, one) for one in own],
        "call_states": [(state, _call_state(wording, state)) for state in ("done", "not reached", "closed", "open")],
        "course_words": say_courses(wording),
        "today": snapshot.arrivals.today.isoformat(),
        "ahead": "" if snapshot.arrivals.ahead is None else wording.date(snapshot.arrivals.ahead),
        "simulated": snapshot.results is not None and snapshot.results.meta.simulated,
    }


def _channel_data(wording: Wording, snapshot: Snapshot, practice_id: str) -> Data | None:
    flows = snapshot.arrivals.of(practice_id).channels
    if not flows:
        return None
    rows = []
    for name, flow in flows.items():
        key = f"live.channel_{name}"
        label = wording.text(key) if wording.has(key) else display_text(name, LONGEST_LABEL)
        last = wording.text("none") if flow.last is None else wording.date(flow.last)
        rows.append((label, wording.number(flow.week), wording.number(flow.total), last))
    keys = ("live.channel", "live.week", "live.total", "live.last_answer")
    return Data(wording.text("live.channels"), [wording.text(key) for key in keys], rows)


def _call_state(wording: Wording, state: str) -> str:
    code = state.replace(" ", "_")
    return wording.text(f"live.call_{code}")


def _call_back(wording: Wording, one: CallBack) -> dict[str, Any]:
    return {
        "number": one.number,
        "day": wording.date(one.day),
        "contact": [(display_text(name, 40), display_text(value, 120)) for name, value in one.contact.items()],
        "request": display_text(one.request, LONGEST_SENTENCE * 2),
        "state": one.state,
        "state_words": _call_state(wording, one.state),
        "note": display_text(one.note, LONGEST_SENTENCE),
        "until": wording.date(one.until),
    }


def render_live(
    snapshot: Snapshot, practice_id: str | None, language: str, time: str, *, renewed: bool, ended: bool
) -> str:
    """Return the cards of what comes in, of all practices together without an id, and whether there are new figures.

    Parameters
    ----------
    time
        When they were counted, as a clock says it.
    ended
        Whether the viewer may not look any more: then there are no counts.
    """
    wording = Wording(language, snapshot.study.journey.reported_on)
    own = snapshot.arrivals.whole if practice_id is None else snapshot.arrivals.of(practice_id)
    cards = [] if ended else count_cards(wording, snapshot.arrivals, own)
    return render_part("dashboard_live", wording, cards=cards, time=time, renewed=renewed, ended=ended).html
