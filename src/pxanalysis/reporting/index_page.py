"""The page that lists all practices: how their reports stand, how they do, what comes first and what they work on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from urllib.parse import quote

from markupsafe import Markup

from pxanalysis.analysis.whole_study.facts import StudyFacts
from pxanalysis.journey.parts import ReportedOn
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import content_policy, css_text, page_css, running_title
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.practice_list import STATES, IndexRow, ReportState
from pxanalysis.reporting.sections.opening.cards import STANDS_APART
from pxanalysis.reporting.sections.priorities.advice import write_gain
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_NAME

__all__ = ["render_index"]

_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class _Cell:
    """A figure or word of a practice, what is said below it, and what it is sorted by where that is something else."""

    text: str
    sort: str | None = None
    notes: tuple[tuple[str, str], ...] = ()
    """Class and words of each line below."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its heading, whether it is a number, whether a phone gives it a line, whether most comes first."""

    label: str
    number: bool = False
    wide: bool = False
    most_first: bool = False


def render_index(
    rows: Sequence[IndexRow],
    meta: StudyFacts,
    language: str,
    reported_on: ReportedOn = "practice",
    *,
    satisfaction: str,
    programme: bool = False,
) -> str:
    """Return the page that lists all practices; it sorts and filters with a script, and reads without.

    Parameters
    ----------
    meta
        Of the study's results: ``title``, ``n_responses``, ``n_practices``, ``first_date``, ``last_date``,
        ``simulated``, ``minimum_n``.
    reported_on
        What kind of provider the journey says reports are about.
    satisfaction
        What the journey calls its outcome of the kind ``ktv``.
    programme
        Whether actions were looked at, so that ``programme.html`` stands beside this page.
    """
    wording = Wording(language, reported_on)
    counts = Counter(row.state for row in rows)
    states = [(state.replace(" ", "-"), wording.text(_state_key(state)), counts[state]) for state in STATES]
    facts = [wording.text("index.practices", n=len(rows)), wording.text("index.responses", n=meta.n_responses)]
    if meta.first_date and meta.last_date:
        facts.insert(0, wording.period(meta.first_date, meta.last_date))
    columns, kept = _columns(rows, wording, satisfaction, acted=programme)
    css = page_css() + _asset("index.css") + _labels_css(wording, columns)
    script = _asset("index.js")
    part = render_part(
        "index_page",
        wording,
        policy=content_policy(css, script),
        css=Markup(css),
        script=Markup(script),
        title=display_text(meta.title[language], LONGEST_NAME),
        facts=facts,
        simulated=meta.simulated,
        programme=programme,
        states=[state for state in states if state[2]],
        columns=columns,
        rows=[_head(row, wording) | {"cells": _cells(row, wording, meta.smallest_gain, kept)} for row in rows],
    )
    return part.html + "\n"


def _columns(
    rows: Sequence[IndexRow], wording: Wording, satisfaction: str, *, acted: bool
) -> tuple[list[_Column], list[str]]:
    """The columns behind name and report, and what they are called here; without those that are empty."""
    text = wording.text
    columns = {
        "n": _Column(text("column.n"), number=True),
        "response": _Column(text("index.response"), number=True),
        "ktv": _Column(satisfaction, number=True, wide=True),
        "first": _Column(text("index.first"), wide=True),
        "gain": _Column(text("index.gain"), number=True, wide=True, most_first=True),
        "actions": _Column(text("index.actions"), wide=True),
        "date": _Column(text("index.date")),
    }
    held = {
        "response": any(row.response is not None for row in rows),
        "gain": any(row.gain is not None for row in rows),
        "date": any(row.last_date for row in rows),
        "actions": acted,
    }
    kept = [name for name in columns if held.get(name, True)]
    return [columns[name] for name in kept], kept


def _labels_css(wording: Wording, columns: Sequence[_Column]) -> str:
    """What a cell is called where the rows are cards, on a phone; in the style sheet it is said once for all rows."""
    places = range(3, 3 + len(columns))
    cells = {f"td:nth-child({place})": one.label for place, one in zip(places, columns, strict=True)}
    rules = "".join(
        f'#practices {cell}::before{{content:{text};content:{text}/""}}'
        for cell, label in {"thead tr": wording.text("index.sort"), **cells}.items()
        for text in [css_text(label)]
    )
    wide = ",".join(f"td:nth-child({place})" for place, one in zip(places, columns, strict=True) if one.wide)
    rules += f"#practices :is({wide}){{grid-column:1/-1}}"
    title = running_title(wording.text("index.heading"))
    return f"\n@media screen and (max-width:44rem){{{rules}}}\n{title}"


@cache
def _asset(name: str) -> str:
    return (resources.files("pxanalysis.reporting") / "template" / name).read_text(encoding="utf-8").strip()


def _state_key(state: ReportState) -> str:
    return f"index.state_{state.replace(' ', '_')}"


def _head(row: IndexRow, wording: Wording) -> dict[str, object]:
    """Whose row it is, and how the report stands."""
    return {
        "name": display_text(row.name, LONGEST_NAME) or row.practice_id,
        "id": display_text(row.practice_id, LONGEST_LABEL),
        "href": quote(row.file, safe=""),
        "state": wording.text(_state_key(row.state)),
        "state_code": row.state.replace(" ", "-"),
        "state_sort": str(STATES.index(row.state)),
        "reason": display_text(row.reason, _LONGEST_REASON),
    }


def _cells(row: IndexRow, wording: Wording, smallest: float | None, kept: Sequence[str]) -> list[_Cell]:
    made = {
        "n": lambda: _Cell(wording.number(row.n), str(row.n)),
        "response": lambda: _share(row.response, wording),
        "ktv": lambda: _ktv(row, wording),
        "first": lambda: _first(row, wording),
        "gain": lambda: _gain(row, wording, smallest),
        "actions": lambda: _actions(row, wording),
        "date": lambda: _Cell(wording.date(row.last_date) if row.last_date else wording.text("none"), row.last_date),
    }
    return [made[name]() for name in kept]


def _share(share: float | None, wording: Wording) -> _Cell:
    return _Cell(wording.text("none"), "") if share is None else _Cell(wording.percent(share), f"{share:.6f}")


def _ktv(row: IndexRow, wording: Wording) -> _Cell:
    """The mean, how it is beside elsewhere, and whether it changed."""
    if row.ktv is None:
        return _Cell(wording.text("none"), "")
    notes = []
    if row.verdict.removeprefix("seems_") in STANDS_APART:
        tone = {"lower": "worse", "higher": "better"}.get(row.verdict, "same")
        notes.append((f"verdict {tone}", wording.text(f"verdict.{row.verdict}")))
    if row.change:
        notes.append(("change", wording.text(f"index.year_{row.change}")))
    return _Cell(wording.number(row.ktv, 1), f"{row.ktv:.6f}", tuple(notes))


def _gain(row: IndexRow, wording: Wording, smallest: float | None) -> _Cell:
    if row.gain is None:
        return _Cell(wording.text("none"), "")
    unit = "first.points_of_share" if row.gain_is_share else "first.points"
    gain = write_gain(wording, row.gain, smallest, of_share=row.gain_is_share, signed=True)
    return _Cell(wording.text(unit, gain=gain), f"{row.gain:.6f}")


def _actions(row: IndexRow, wording: Wording) -> _Cell:
    """How many run, are in place, or are only thought of; sorted by how far a practice is."""
    counts = {"running": row.running, "in_place": row.in_place, "ideas": row.ideas}
    said = [wording.text(f"index.actions_{name}", n=count) for name, count in counts.items() if count]
    order = f"{row.in_place * 10_000 + row.running * 100 + row.ideas:09d}"
    return _Cell(", ".join(said) or wording.text("index.actions_none"), order)


def _first(row: IndexRow, wording: Wording) -> _Cell:
    """What comes first, and how sure it is that it is among the first three; without one why, sorted last."""
    label = display_text(row.first.get(wording.language, ""), LONGEST_LABEL)
    if not label:
        return _Cell(_without_first(row, wording), "")
    sure = wording.text("index.sure", sure=wording.text(row.certainty).lower()) if row.certainty else ""
    return _Cell(label, None, (("", sure),) if sure else ())


def _without_first(row: IndexRow, wording: Wording) -> str:
    keys = {"open": "index.first_open", "nothing": "index.first_nothing"}
    return wording.text(keys.get(row.standing, "none"))
