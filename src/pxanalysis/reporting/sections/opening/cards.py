"""The cards of the first screen: an outcome, what it is, how it compares, on which figures that rests, its course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pxanalysis.analysis.whole_study.frames import OutcomeRow, TrendRow
from pxanalysis.journey.model import Outcome
from pxanalysis.journey.parts import MAIN_METRIC
from pxanalysis.reporting.page.tables import table_outcomes
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.course import chart_outcome
from pxanalysis.reporting.sections.opening.corrected import case_mix_labels
from pxanalysis.reporting.sections.opening.gauge import Gauge, make_gauge
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import (
    difference_text,
    extra_decimals,
    in_unit,
    period_name,
    range_of,
    share_decimals,
)

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["Card", "main_row", "make_card", "outcomes_table"]


@dataclass(frozen=True, slots=True)
class Card:
    """One outcome on the first screen; empty words are left out.

    Attributes
    ----------
    scale
        What is measured and between which ends.
    caution
        What a reader who compares the figure with others has to know.
    difference
        What the verdict rests on: the difference from the mean of practices, with its interval.
    """

    name: str
    scale: str
    caution: str = ""
    value: str = ""
    between: str = ""
    benchmark: str = ""
    verdict: str = ""
    tone: str = ""
    difference: str = ""
    trend: str = ""
    gauge: Gauge | None = None


def main_row(selection: Selection, outcome: Outcome) -> OutcomeRow | None:
    """The practice's row of the metric that an outcome is known by; None where nothing may be shown."""
    row = selection.main_metric(outcome)
    return row if row is not None and not row.suppressed and is_known(row.estimate) else None


def make_card(selection: Selection, outcome: Outcome) -> Card:
    """Return the card of a rated outcome; one without a figure says what it takes."""
    wording = selection.wording
    row = main_row(selection, outcome)
    name, scale, caution = (
        selection.outcome_labels[outcome.id],
        _scale(selection, outcome),
        _caution(selection, outcome),
    )
    if row is None or not is_known(row.estimate):
        return Card(name, scale, between=wording.text("opening.no_figure", minimum=selection.minimum))
    unit, verdict = row.unit, row.verdict if is_known(row.benchmark) else ""
    apart = verdict in {"lower", "higher"} and is_known(row.benchmark)
    more = extra_decimals(unit, [(row.estimate, row.benchmark or 0.0)] if apart else [])
    between, benchmark = _beside(wording, row, unit, more)
    # A difference that was not corrected is that of the two figures on the card: only its interval is new.
    corrected = bool(case_mix_labels(selection, outcome.id))
    key = "opening.difference_corrected" if corrected else "opening.difference"
    return Card(
        name,
        scale,
        caution,
        in_unit(wording, row.estimate, unit, more),
        between,
        benchmark,
        wording.text(f"verdict.{_verdict_code(row, verdict)}") if verdict else "",
        _tone(verdict, outcome),
        join_sentences(difference_text(wording, row, unit, key), _expected(wording, row)) if verdict else "",
        _trend(selection, outcome, unit),
        make_gauge(row, wording),
    )


def _expected(wording: Wording, row: OutcomeRow) -> str:
    """What is to be expected of a difference beside its verdict: those that stand out do so partly by chance."""
    if row.verdict not in {"lower", "higher"} or not is_known(row.difference_shrunk):
        return ""
    size, decimals = (1.0, 2) if row.unit in {"grade", "scale"} else (100.0, 1)
    return wording.text("opening.expected", difference=wording.signed(size * row.difference_shrunk, decimals))


def _beside(wording: Wording, row: OutcomeRow, unit: str, more: int) -> tuple[str, str]:
    """The interval of the practice's figure, and the mean of practices."""
    between, benchmark = "", wording.text("opening.no_benchmark")
    if is_known(row.ci_low) and is_known(row.ci_high):
        low, high = (in_unit(wording, end, unit, more) for end in (row.ci_low, row.ci_high))
        between = wording.text("opening.between", low=low, high=high)
    if is_known(row.benchmark):
        benchmark = wording.text("opening.benchmark", value=in_unit(wording, row.benchmark, unit, more))
    return between, benchmark


def _verdict_code(row: OutcomeRow, verdict: str) -> str:
    """The verdict; a difference that is certain but too small to matter is called small."""
    ends = [end for end in (row.difference_low, row.difference_high) if is_known(end)]
    certain = len(ends) == 2 and ends[0] * ends[1] > 0
    return "small_difference" if verdict == "no difference" and certain else verdict.replace(" ", "_")


def _tone(verdict: str, outcome: Outcome) -> str:
    if verdict not in {"lower", "higher"}:
        return "same"
    # A net share is counted so that higher is better, whichever way the answers run.
    reversed_scale = MAIN_METRIC[outcome.kind] == "mean" and outcome.direction == "lower-is-better"
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


def _trend(selection: Selection, outcome: Outcome, unit: str) -> str:
    """The last period beside the one before it, and whether the difference is certain."""
    wording = selection.wording
    rows = [row for row in selection.own(TrendRow, outcome=outcome.id) if not row.suppressed]
    course = sorted((row.period, row.estimate, row) for row in rows if is_known(row.estimate))
    if len(course) < 2:
        return ""
    (before, earlier, _), (last, current, now) = course[-2:]
    low, high = now.difference_low, now.difference_high
    change = "unknown"
    if is_known(low) and is_known(high):
        change = "higher" if low > 0 else "lower" if high < 0 else "same"
    certain = change in {"higher", "lower"}
    more = extra_decimals(unit, [(current, earlier)]) if certain else 0
    latest = wording.text(
        f"opening.trend_{change}",
        last=period_name(wording, last),
        now=in_unit(wording, current, unit, more),
        period=period_name(wording, before),
        value=in_unit(wording, earlier, unit, more),
    )
    sentences = [latest, *_since_first(wording, course[0][:2], now, unit)] if change == "same" else [latest]
    charted = chart_outcome(selection, outcome)
    says = "" if charted is None else charted.says
    return ". ".join([*sentences, wording.text(f"opening.signal_{says}")] if says else sentences)


def _since_first(wording: Wording, first: tuple[str, float], now: TrendRow, unit: str) -> list[str]:
    """That the last period differs from the first, where it does not from the one before it: a slow change."""
    low, high, (period, start) = now.since_first_low, now.since_first_high, first
    if not (is_known(low) and is_known(high)) or low <= 0.0 <= high:
        return []
    said = {"first": period_name(wording, period), "start": in_unit(wording, start, unit)}
    return [wording.text(f"opening.since_first_{'higher' if low > 0.0 else 'lower'}", **said)]


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
    label = {"label": selection.outcome_labels.get(row.outcome, "")} if row.kind == "behaviour" else {}
    return {
        "metric": wording.text(key, **label),
        "n": "" if row.n is None else wording.number(row.n),
        "own": in_unit(wording, estimate, unit, more),
        "interval": range_of(wording, row.ci_low, row.ci_high, unit, more),
        "benchmark": in_unit(wording, row.benchmark, unit, more) if is_known(row.benchmark) else "",
        "middle": range_of(wording, *middle, unit, more),
    }
