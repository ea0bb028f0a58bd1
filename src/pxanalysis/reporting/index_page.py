"""The page that lists all practices: how their reports stand, and the three figures to look for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from pxanalysis.analysis.whole_study.facts import StudyFacts
from pxanalysis.analysis.whole_study.frames import OutcomeRow, PracticeRow, PriorityRow, VarianceRow, read_rows
from pxanalysis.journey.model import Journey
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.journey.parts import ReportedOn
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import content_policy, css_text, page_css, running_title
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.opening.cards import STANDS_APART, verdict_code
from pxanalysis.reporting.sections.priorities.advice import Standing, candidates, standing
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_NAME, Results, is_known

__all__ = ["IndexRow", "ReportState", "index_rows", "render_index"]

ReportState = Literal["made", "out of date", "too few responses", "failed", "not made"]

_STATES: tuple[ReportState, ...] = ("failed", "not made", "out of date", "too few responses", "made")
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One practice on the index page.

    Attributes
    ----------
    ktv
        Mean satisfaction, 1-10; None where it may not or cannot be shown.
    first
        Label of the first priority per language; empty where no priority is certain.
    standing
        What the priorities come down to: ``first``, ``open``, ``nothing`` or ``unknown``.
    last_date
        Day of the last response, ISO; empty where unknown.
    state, file, reason
        How the report stands; its file name, empty where there is none; why it failed.
    verdict
        How the mean satisfaction is beside elsewhere, as on the report; empty without a direction.
    """

    practice_id: str
    name: str
    n: int
    ktv: float | None
    first: Mapping[str, str]
    standing: Standing
    last_date: str
    state: ReportState
    file: str
    reason: str
    verdict: str = ""


def index_rows(results: Results, journey: Journey, reports: Mapping[str, tuple[str, str, str]]) -> list[IndexRow]:
    """List the practices of a study by name.

    Parameters
    ----------
    reports
        Per practice id: state (``made``, ``out of date``, ``failed``), file name and reason. A practice that is not
        in it has no report yet.
    """
    ktv, first, standings = _ktv_figures(results), _first_priorities(results, journey), _standings(results, journey)
    needed = _needed(results)
    labels = {touchpoint.id: touchpoint.label.root for touchpoint in journey.touchpoints}
    rows = []
    for practice in read_rows(results.frames["practices"], PracticeRow):
        practice_id = practice.practice_id
        state, file, reason = reports.get(practice_id, ("not made", "", ""))
        if state == "made" and practice.suppressed:
            state = "too few responses"
        rows.append(
            IndexRow(
                practice_id,
                practice.name or practice_id,
                practice.n,
                ktv[practice_id].estimate if practice_id in ktv else None,
                labels.get(first.get(practice_id, ""), {}),
                standings.get(practice_id, "unknown"),
                (practice.last_date or "")[:10],
                next(known for known in _STATES if known == state),
                file if state != "failed" else "",
                reason,
                _verdict(ktv[practice_id], needed) if practice_id in ktv else "",
            )
        )
    return sorted(rows, key=lambda row: (_natural(row.name), row.practice_id))


def _natural(name: str) -> list[tuple[int, str]]:
    """What a name is sorted by: "Praktijk 2" comes before "Praktijk 10"."""
    parts = re.split(r"([0-9]{1,18})", name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _ktv_figures(results: Results) -> dict[str, OutcomeRow]:
    rows = read_rows(results.frames["outcomes"], OutcomeRow)
    means = [row for row in rows if row.kind == "ktv" and row.metric == MAIN_METRIC["ktv"] and not row.suppressed]
    return {row.practice_id: row for row in means if is_known(row.estimate)}


def _needed(results: Results) -> dict[str, float]:
    """Answers it takes to tell practices apart, by outcome."""
    rows = read_rows(results.frames["practice_variance"], VarianceRow)
    return {row.outcome_or_touchpoint: row.n_for_70 for row in rows if is_known(row.n_for_70)}


def _verdict(row: OutcomeRow, needed: Mapping[str, float]) -> str:
    """The verdict as the report words it: what rests on few answers seems so."""
    code = verdict_code(row)
    few = row.n is not None and row.n < needed.get(row.outcome, 0.0)
    return f"seems_{code}" if few and code in {"lower", "higher"} else code


def _first_priorities(results: Results, journey: Journey) -> dict[str, str]:
    smallest = results.meta.smallest_gain or 0.0
    first = {name: candidates(rows, smallest) for name, rows in _priorities(results, journey).items()}
    return {name: rows[0].touchpoint for name, rows in first.items() if rows and rows[0].status == "act"}


def _standings(results: Results, journey: Journey) -> dict[str, Standing]:
    smallest = results.meta.smallest_gain or 0.0
    return {name: standing(rows, smallest) for name, rows in _priorities(results, journey).items()}


def _priorities(results: Results, journey: Journey) -> dict[str, list[PriorityRow]]:
    """The rows of each practice, of the touchpoints that are its own to improve."""
    provider = results.meta.provider
    others = {one.id for step in journey.steps if provider and step.provider != provider for one in step.touchpoints}
    rows: dict[str, list[PriorityRow]] = {}
    for row in read_rows(results.frames["priorities"], PriorityRow):
        if row.touchpoint in others:
            continue
        rows.setdefault(row.practice_id, []).append(row)
    return rows


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
    states = [(state.replace(" ", "-"), wording.text(_state_key(state)), counts[state]) for state in _STATES]
    facts = [wording.text("index.practices", n=len(rows)), wording.text("index.responses", n=meta.n_responses)]
    if meta.first_date and meta.last_date:
        facts.insert(0, wording.period(meta.first_date, meta.last_date))
    css, script = page_css() + _asset("index.css") + _labels_css(wording, satisfaction), _asset("index.js")
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
        satisfaction=satisfaction,
        states=[state for state in states if state[2]],
        rows=[_cells(row, wording) for row in rows],
    )
    return part.html + "\n"


def _labels_css(wording: Wording, satisfaction: str) -> str:
    """What a cell is called where the rows are cards, on a phone; in the style sheet it is said once for all rows."""
    count, first, date, sort = (wording.text(key) for key in ("column.n", "index.first", "index.date", "index.sort"))
    labels = (count, satisfaction, first, date)
    cells = {f"td:nth-child({place})": label for place, label in enumerate(labels, start=3)}
    rules = "".join(
        f'#practices {cell}::before{{content:{text};content:{text}/""}}'
        for cell, label in {"thead tr": sort, **cells}.items()
        for text in [css_text(label)]
    )
    title = running_title(wording.text("index.heading"))
    return f"\n@media screen and (max-width:44rem){{{rules}}}\n{title}"


@cache
def _asset(name: str) -> str:
    return (resources.files("pxanalysis.reporting") / "template" / name).read_text(encoding="utf-8").strip()


def _state_key(state: ReportState) -> str:
    return f"index.state_{state.replace(' ', '_')}"


def _cells(row: IndexRow, wording: Wording) -> dict[str, str]:
    """The words of a row, and what it is sorted by where that differs."""
    return {
        "name": display_text(row.name, LONGEST_NAME) or row.practice_id,
        "id": display_text(row.practice_id, LONGEST_LABEL),
        "href": quote(row.file, safe=""),
        "n": wording.number(row.n),
        "n_sort": str(row.n),
        "ktv": wording.number(row.ktv, 1) if row.ktv is not None else wording.text("none"),
        "ktv_sort": f"{row.ktv:.6f}" if row.ktv is not None else "",
        "verdict": wording.text(f"verdict.{row.verdict}") if row.verdict.removeprefix("seems_") in STANDS_APART else "",
        "tone": {"lower": "worse", "higher": "better"}.get(row.verdict, "same"),
        "first": display_text(row.first.get(wording.language, ""), LONGEST_LABEL) or _without_first(row, wording),
        "date": wording.date(row.last_date) if row.last_date else wording.text("none"),
        "date_sort": row.last_date,
        "state": wording.text(_state_key(row.state)),
        "state_code": row.state.replace(" ", "-"),
        "state_sort": str(_STATES.index(row.state)),
        "reason": display_text(row.reason, _LONGEST_REASON),
    }


def _without_first(row: IndexRow, wording: Wording) -> str:
    keys = {"open": "index.first_open", "nothing": "index.first_nothing"}
    return wording.text(keys.get(row.standing, "none"))
