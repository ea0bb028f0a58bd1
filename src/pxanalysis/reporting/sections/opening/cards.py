"""The cards of the outcomes: what it is, one figure, one comparison and one direction; and whether it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.trends.years import YearChange, compare_years
from pxanalysis.analysis.whole_study.frames import OutcomeRow, TrendRow
from pxanalysis.journey.model import Outcome
from pxanalysis.journey.outcome_metrics import COMPARED_METRIC
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.page.tables import table_outcomes
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.course import chart_outcome
from pxanalysis.reporting.sections.opening.corrected import case_mix_labels
from pxanalysis.reporting.sections.priorities.precision import has_few_answers
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, Selection, is_known
from pxanalysis.reporting.sections.values import (
    extra_decimals,
    follows,
    in_unit,
    period_name,
    range_of,
    share_decimals,
)

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = [
    "STANDS_APART",
    "Card",
    "elsewhere",
    "main_row",
    "make_card",
    "outcomes_table",
    "say_verdict",
    "verdict_code",
    "year_change",
]


@dataclass(frozen=True, slots=True)
class Card:
    """One outcome; empty words are left out.

    Attributes
    ----------
    scale
        What is measured and between which ends.
    caution
        What a reader who compares the figure with others has to know.
    benchmark
        The one figure that the value is held against, see `elsewhere`.
    """

    name: str
    scale: str
    caution: str = ""
    value: str = ""
    benchmark: str = ""
    verdict: str = ""
    tone: str = ""
    trend: str = ""


def main_row(selection: Selection, outcome: Outcome) -> OutcomeRow | None:
    """The practice's row of the metric that an outcome is known by; None where nothing may be shown."""
    row = selection.main_metric(outcome)
    return row if row is not None and not row.suppressed and is_known(row.estimate) else None


def make_card(selection: Selection, outcome: Outcome) -> Card:
    """Return the card of a rated outcome; one without a figure says what it takes."""
    with selection.wording.about(f"outcome:{outcome.id}"):
        return _card(selection, outcome)


def _card(selection: Selection, outcome: Outcome) -> Card:
    wording = selection.wording
    row = main_row(selection, outcome)
    name, scale = selection.outcome_labels[outcome.id], _scale(selection, outcome)
    if row is None or not is_known(row.estimate):
        return Card(name, scale, benchmark=wording.text("opening.no_figure", minimum=selection.minimum))
    unit, code, other = row.unit, verdict_code(row), elsewhere(row)
    more = extra_decimals(unit, [(row.estimate, other)] if code in STANDS_APART and other is not None else [])
    key = "opening.elsewhere_alike" if case_mix_labels(selection, outcome.id) else "opening.elsewhere"
    return Card(
        name,
        scale,
        _caution(selection, outcome),
        in_unit(wording, row.estimate, unit, more),
        wording.text("opening.no_benchmark")
        if other is None
        else wording.text(key, value=in_unit(wording, other, unit, more)),
        say_verdict(selection, outcome, code),
        _tone(code, outcome),
        _trend(selection, outcome),
    )


def say_verdict(selection: Selection, outcome: Outcome, code: str) -> str:
    """The verdict in words, as sure as the page's first sentence; empty where there is none."""
    seems = "seems_" if code in {"lower", "higher"} and has_few_answers(selection, outcome.id) else ""
    return selection.wording.text(f"verdict.{seems}{code}") if code else ""


def elsewhere(row: OutcomeRow) -> float | None:
    """What the practice's figure is held against; None where there is nothing to compare with.

    The mean of practices if their patients were like this practice's: the measured figure less the difference after
    case mix. So the direction of the verdict is always that of the two figures; without a difference the plain mean.
    """
    if not (is_known(row.estimate) and is_known(row.benchmark)):
        return None
    return row.estimate - row.difference if is_known(row.difference) else row.benchmark


STANDS_APART = frozenset({"lower", "higher", "small_lower", "small_higher"})
"""Verdicts that say a direction."""


def verdict_code(row: OutcomeRow) -> str:
    """The verdict as its message is named; empty where there is none.

    A difference that is certain but too small to matter is called small, with its direction.
    """
    if not row.verdict or not is_known(row.benchmark):
        return ""
    low, high = row.difference_low, row.difference_high
    if row.verdict == "no difference" and is_known(low) and is_known(high) and low * high > 0:
        return "small_higher" if low > 0 else "small_lower"
    return row.verdict.replace(" ", "_")


def _tone(verdict: str, outcome: Outcome) -> str:
    if verdict not in {"lower", "higher"}:
        return "same"
    # A net share is counted so that higher is better, whichever way the answers run.
    reversed_scale = COMPARED_METRIC[outcome.kind] == "mean" and outcome.direction == "lower-is-better"
    return "better" if (verdict == "higher") != reversed_scale else "worse"


def _scale(selection: Selection, outcome: Outcome) -> str:
    scale = selection.journey.scales[str(outcome.scale)]
    if outcome.kind == "nps":
        return selection.wording.text("opening.scale_net", low=scale.min)
    ease = "opening.scale_effort" if outcome.direction == "lower-is-better" else "opening.scale_ease"
    key = ease if outcome.kind == "ces" else "opening.scale"
    return selection.wording.text(key, low=scale.min, high=scale.max)


def _caution(selection: Selection, outcome: Outcome) -> str:
    """An NPS that was asked on 1-10 instead of 0-10 has fewer answers that count as critical."""
    scale = selection.journey.scales[str(outcome.scale)]
    return selection.wording.text("opening.nps_from_one") if outcome.kind == "nps" and scale.min == 1 else ""


def _trend(selection: Selection, outcome: Outcome) -> str:
    """Whether it changed: the last year beside the one before, else the last period; the course stands below."""
    wording = selection.wording
    course = _course(selection.own(TrendRow, outcome=outcome.id))
    if len(course) < 2:
        return ""
    charted = chart_outcome(selection, outcome)
    rebases = () if charted is None else charted.rebases
    said = [_year_change(selection, outcome, course) if not rebases else ""]
    said = said if said[0] else _last_period(wording, course, rebased=bool(rebases))
    if charted is not None and charted.says:
        said.append(wording.text(f"opening.signal_{charted.says}{'_since' if rebases else ''}"))
    for one in rebases[-1:]:
        reason, who = (display_text(text, LONGEST_LABEL) for text in (one.reason.rstrip("."), one.who))
        said.append(wording.text("opening.rebased", period=wording.date(one.day), who=who, reason=reason))
    return " ".join(said)


def _course(rows: Sequence[TrendRow]) -> list[TrendRow]:
    return sorted((row for row in rows if not row.suppressed and is_known(row.estimate)), key=lambda row: row.period)


def _years(course: Sequence[TrendRow]) -> YearChange | None:
    columns = [[getattr(row, name) for row in course] for name in ("n", "estimate", "ci_low", "ci_high")]
    return compare_years([row.period for row in course], *(np.array(one, dtype=np.float64) for one in columns))


def _year_change(selection: Selection, outcome: Outcome, course: Sequence[TrendRow]) -> str:
    """The figure of the last year and of the one before it; empty where half of either has no figure."""
    found, row = _years(course), main_row(selection, outcome)
    if found is None or row is None:
        return ""
    wording, direction = selection.wording, found.direction
    more = extra_decimals(row.unit, [(found.last, found.before)]) if direction != "same" else 0
    ends = {"last": found.last, "before": found.before}
    figures = {name: in_unit(wording, value, row.unit, more) for name, value in ends.items()}
    alike = direction == "same" and len(set(figures.values())) == 1
    key, until = f"opening.year_{'alike' if alike else direction}", period_name(wording, found.until)
    said = wording.text(key, until=until, **figures)
    return said if found.whole else f"{said} {wording.text('opening.year_gaps')}"


def _last_period(wording: Wording, course: Sequence[TrendRow], *, rebased: bool) -> list[str]:
    """Whether the last period differs from the one before it, else from the first."""
    before, now = course[-2:]
    low, high = now.difference_low, now.difference_high
    if not (is_known(low) and is_known(high)):
        return []
    change = "higher" if low > 0 else "lower" if high < 0 else "same"
    periods = {"last": period_name(wording, now.period), "period": period_name(wording, before.period)}
    said = [wording.text(f"opening.trend_{change}", **periods)]
    said += [] if follows(before.period, now.period) else [wording.text("opening.trend_between")]
    return said + (_since_first(wording, course[0].period, now) if change == "same" and not rebased else [])


def year_change(rows: Sequence[TrendRow], *, rebased: bool) -> str:
    """Whether the last year is ``higher`` or ``lower`` than the one before; empty where that is not certain or known.

    One month or quarter beside another is not asked: of thirty practices some would always seem to have changed.
    """
    course = _course(rows)
    years = None if rebased or not course else _years(course)
    return "" if years is None or years.direction == "same" else years.direction


def _since_first(wording: Wording, first: str, now: TrendRow) -> list[str]:
    """That the last period differs from the first, where it does not from the one before it: a slow change."""
    low, high = now.since_first_low, now.since_first_high
    if not (is_known(low) and is_known(high)) or low <= 0.0 <= high:
        return []
    change = "higher" if low > 0.0 else "lower"
    return [wording.text(f"opening.since_first_{change}", first=period_name(wording, first))]


def outcomes_table(selection: Selection) -> Markup | None:
    """Return the table of all outcomes that may be shown; None when there is none."""
    rows = []
    for row in selection.own(OutcomeRow):
        key = f"metric.{row.kind}.{row.metric}"
        if row.suppressed or not is_known(row.estimate) or not selection.wording.has(key):
            continue
        rows.append(_words(selection, row, row.estimate, key))
    return table_outcomes(rows, selection.wording) if rows else None


def _words(selection: Selection, row: OutcomeRow, estimate: float, key: str) -> dict[str, str]:
    wording, unit = selection.wording, row.unit
    middle = row.benchmark_low, row.benchmark_high
    more = share_decimals(unit, estimate, row.benchmark, *middle)
    return {
        "metric": wording.text(key, label=selection.outcome_labels.get(row.outcome, "")),
        "n": "" if row.n is None else wording.number(row.n),
        "own": in_unit(wording, estimate, unit, more),
        "interval": range_of(wording, row.ci_low, row.ci_high, unit, more),
        "benchmark": in_unit(wording, row.benchmark, unit, more) if is_known(row.benchmark) else "",
        "middle": range_of(wording, *middle, unit, more),
    }
