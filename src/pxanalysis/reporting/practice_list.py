"""What the list of all practices says of each: its report, its figures, what comes first, and what it is doing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from pxanalysis.analysis.whole_study.frames import (
    ComparisonRow,
    DriverRow,
    FrameRow,
    OutcomeRow,
    PracticeRow,
    PriorityRow,
    ReliabilityRow,
    TrendRow,
    VarianceRow,
    read_rows,
)
from pxanalysis.journey.model import Journey
from pxanalysis.journey.outcome_metrics import MAIN_METRIC
from pxanalysis.reporting.sections.opening.cards import verdict_code, year_change
from pxanalysis.reporting.sections.priorities.advice import Standing, candidates, certainty_key, standing
from pxanalysis.reporting.sections.priorities.precision import answers_needed, scale_is_weak
from pxanalysis.reporting.sections.selection import Results, is_known

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions

__all__ = ["STATES", "IndexRow", "ReportState", "index_rows"]

ReportState = Literal["made", "out of date", "too few responses", "failed", "not made"]

STATES: tuple[ReportState, ...] = ("failed", "not made", "out of date", "too few responses", "made")

R = TypeVar("R", bound=FrameRow)


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
    response
        Proportion of those invited who answered; None where that is not known.
    change
        Whether the last year is ``higher`` or ``lower`` than the one before it; empty where that is not certain.
    gain
        What the first priority would bring, in points of the outcome; None without one.
    gain_is_share
        Whether that outcome is a behaviour, so that its points are shares of patients, 0-1.
    certainty
        Key of the word for how sure the first priority is, as on its card; empty without one.
    ideas, running, in_place
        Actions: only thought of, decided on, in place. Those that were dropped are not counted.
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
    response: float | None = None
    change: str = ""
    gain: float | None = None
    gain_is_share: bool = False
    certainty: str = ""
    ideas: int = 0
    running: int = 0
    in_place: int = 0


def index_rows(
    results: Results,
    journey: Journey,
    reports: Mapping[str, tuple[str, str, str]],
    actions: ShownActions | None = None,
) -> list[IndexRow]:
    """List the practices of a study by name.

    Parameters
    ----------
    reports
        Per practice id: state (``made``, ``out of date``, ``failed``), file name and reason. A practice that is not
        in it has no report yet.
    actions
        What pages show of actions; None where none are recorded.
    """
    known = _Known(results, journey)
    rows = [
        _row(known, practice, reports.get(practice.practice_id, ("not made", "", "")), actions)
        for practice in read_rows(results.frames["practices"], PracticeRow)
    ]
    return sorted(rows, key=lambda row: (_natural(row.name), row.practice_id))


class _Known:
    """The rows that the list needs, of all practices, each frame read once."""

    def __init__(self, results: Results, journey: Journey) -> None:
        self.meta = results.meta
        modelled = next((one for one in journey.outcomes if one.id == results.meta.outcome), None)
        self.of_share = modelled is not None and modelled.kind == "behaviour"
        self.labels = {touchpoint.id: touchpoint.label.root for touchpoint in journey.touchpoints}
        provider = results.meta.provider
        steps = [step for step in journey.steps if provider and step.provider != provider]
        others = {one.id for step in steps for one in step.touchpoints}
        own = [row for row in _read(results, PriorityRow) if row.touchpoint not in others]
        self.priorities = _by_practice(own)
        outcomes = _read(results, OutcomeRow)
        means = [row for row in outcomes if row.kind == "ktv" and row.metric == MAIN_METRIC["ktv"]]
        self.ktv = {row.practice_id: row for row in means if not row.suppressed and is_known(row.estimate)}
        counts = [row for row in outcomes if row.outcome == results.meta.outcome and row.n is not None]
        self.answers = {name: max(row.n or 0 for row in rows) for name, rows in _by_practice(counts).items()}
        self.courses = _by_practice(_read(results, TrendRow))
        self.needed = answers_needed(_read(results, VarianceRow), _read(results, ComparisonRow))
        sources = {row.touchpoint: row.reliability_from for row in _read(results, DriverRow)}
        scales = _read(results, ReliabilityRow)
        self.weak = {row.scale for row in scales if scale_is_weak(row, sources.get(row.scale, ""))}
        self.rebased = {(one.practice_id, one.subject) for one in results.meta.rebases}


def _read(results: Results, kind: type[R]) -> list[R]:
    frame = results.frames.get(kind.frame)
    return [] if frame is None or frame.empty else read_rows(frame, kind)


Q = TypeVar("Q", OutcomeRow, PriorityRow, TrendRow)


def _by_practice(rows: Iterable[Q]) -> dict[str, list[Q]]:
    found: dict[str, list[Q]] = {}
    for row in rows:
        found.setdefault(row.practice_id, []).append(row)
    return found


def _row(known: _Known, practice: PracticeRow, report: tuple[str, str, str], actions: ShownActions | None) -> IndexRow:
    name, (state, file, reason) = practice.practice_id, report
    if state == "made" and practice.suppressed:
        state = "too few responses"
    ktv, own, smallest = known.ktv.get(name), known.priorities.get(name, []), known.meta.smallest_gain or 0.0
    chosen = [row for row in candidates(own, smallest) if row.status == "act"][:1]
    first = chosen[0] if chosen else None
    recorded = [] if actions is None else [one for one in actions.of_practice(name) if one.status != "dropped"]
    return IndexRow(
        name,
        practice.name or name,
        practice.n,
        ktv.estimate if ktv else None,
        known.labels.get(first.touchpoint, {}) if first else {},
        standing(own, smallest) if own else "unknown",
        (practice.last_date or "")[:10],
        next(one for one in STATES if one == state),
        file if state != "failed" else "",
        reason,
        verdict=_verdict(ktv, known.needed) if ktv else "",
        response=_response(practice, known.meta.waiting.get(name, 0)),
        change=_change(known, name, ktv) if ktv else "",
        gain=first.gain if first and is_known(first.gain) else None,
        gain_is_share=known.of_share,
        certainty=_certainty(known, name, first) if first else "",
        ideas=sum(one.decided_on is None for one in recorded),
        running=sum(one.decided_on is not None and one.in_place_on is None for one in recorded),
        in_place=sum(one.in_place_on is not None for one in recorded),
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """What a name is sorted by: "Praktijk 2" comes before "Praktijk 10"."""
    parts = re.split(r"([0-9]{1,18})", name.casefold())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]


def _verdict(row: OutcomeRow, needed: Mapping[str, float]) -> str:
    """The verdict as the report words it: what rests on few answers seems so."""
    code = verdict_code(row)
    few = row.n is not None and row.n < needed.get(row.outcome, 0.0)
    return f"seems_{code}" if few and code in {"lower", "higher"} else code


def _response(practice: PracticeRow, waiting: int) -> float | None:
    """Share of those invited who answered, as on the report; nothing of a practice that is hidden."""
    answered, invited = practice.n + waiting, practice.n_invited
    if practice.suppressed or not invited or invited < answered:
        return None
    return answered / invited


def _change(known: _Known, name: str, ktv: OutcomeRow) -> str:
    rows = [row for row in known.courses.get(name, []) if row.outcome == ktv.outcome]
    return year_change(rows, rebased=(name, ktv.outcome) in known.rebased)


def _certainty(known: _Known, name: str, row: PriorityRow) -> str:
    """The word of the priority's card: no surer than its questions and the number of answers allow."""
    few = known.answers.get(name, 0) < known.needed.get(known.meta.outcome, 0.0)
    return certainty_key(row, weak=few or row.touchpoint in known.weak)
