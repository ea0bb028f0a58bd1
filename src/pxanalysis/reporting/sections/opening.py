"""The first part: who, when, how many, and the outcomes beside those of other practices."""

from __future__ import annotations

from dataclasses import dataclass

from pxanalysis.analysis.conventions import MAIN_METRIC
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.fragments import Fragment, render_part
from pxanalysis.reporting.sections.corrected import case_mix_labels
from pxanalysis.reporting.sections.gauge import Gauge, make_gauge
from pxanalysis.reporting.sections.selection import Row, Selection, is_known, join_sentences
from pxanalysis.reporting.sections.values import in_unit, period_name

__all__ = ["Card", "make"]


@dataclass(frozen=True, slots=True)
class Card:
    """One outcome on the first screen; empty words are left out."""

    name: str
    scale: str
    value: str = ""
    between: str = ""
    benchmark: str = ""
    verdict: str = ""
    tone: str = ""
    trend: str = ""
    gauge: Gauge | None = None


def make(selection: Selection) -> Fragment:
    """Return the opening, which for a practice with too few respondents says how many more are needed."""
    wording = selection.wording
    title = selection.journey.title[selection.language]
    facts = [_patients(selection), *_rejected(selection), *_waiting(selection)]
    first, last = selection.practice.get("first_date"), selection.practice.get("last_date")
    if isinstance(first, str) and isinstance(last, str) and first and last:
        facts.insert(0, wording.period(first, last))
    head = {"name": selection.name, "title": title, "facts": facts, "simulated": selection.simulated}
    if selection.suppressed:
        return render_part("opening_small", wording, **head, sentences=_small_sentences(selection))
    cards = [_card(selection, outcome) for outcome in selection.journey.rated_outcomes]
    return render_part("opening", wording, **head, cards=cards, gauge_note=_gauge_note(selection))


def _gauge_note(selection: Selection) -> str:
    """What the small scales show, and whether the verdicts beside them are about equal patients."""
    wording = selection.wording
    corrected = wording.text("opening.gauge_corrected") if case_mix_labels(selection) else ""
    return join_sentences(wording.text("opening.gauge"), corrected)


def _patients(selection: Selection) -> str:
    if selection.suppressed or selection.response_rate is None:
        return selection.wording.text("count.patients", n=selection.n)
    rate = selection.wording.percent(selection.response_rate)
    return selection.wording.text("opening.response", n=selection.n, rate=rate)


def _rejected(selection: Selection) -> list[str]:
    rejected = selection.practice.get("n_rejected")
    if not is_known(rejected) or not rejected or selection.suppressed:
        return []
    share = float(rejected) / (selection.n + float(rejected))
    decimals = 1 if share < 0.095 else 0
    return [selection.wording.text("opening.rejected", share=selection.wording.percent(share, decimals))]


def _waiting(selection: Selection) -> list[str]:
    return [selection.wording.text("opening.waiting", n=selection.waiting)] if selection.waiting else []


def _small_sentences(selection: Selection) -> list[str]:
    wording, minimum = selection.wording, selection.minimum
    sentences = [
        wording.text("small.count", n=selection.n),
        wording.text("small.rule", minimum=minimum),
        wording.text("small.needed", n=max(1, minimum - selection.n)),
    ]
    needed = selection.study("practice_variance", outcome_or_touchpoint=selection.meta["outcome"])
    if needed and is_known(needed[0]["n_for_70"]) and needed[0]["n_for_70"] > minimum:
        sentences.append(wording.text("small.reliable", n=int(needed[0]["n_for_70"])))
    sentences.append(wording.text("small.how"))
    ranked = sorted((row for row in selection.study("drivers") if is_known(row["rank"])), key=lambda row: row["rank"])
    if ranked:
        top = selection.enumerate_labels([row["touchpoint"] for row in ranked[:3]])
        sentences.append(wording.text("small.pooled", touchpoints=top))
    return sentences


def _main_row(selection: Selection, outcome: Outcome) -> Row | None:
    rows = selection.own("outcomes", outcome=outcome.id, metric=MAIN_METRIC[outcome.kind])
    return rows[0] if rows else None


def _card(selection: Selection, outcome: Outcome) -> Card:
    wording = selection.wording
    row = _main_row(selection, outcome)
    name, scale = selection.outcome_labels[outcome.id], _scale_text(selection, outcome)
    if row is None or row["suppressed"] or not is_known(row["estimate"]):
        return Card(name, scale, between=wording.text("opening.no_figure", minimum=selection.minimum))
    unit, verdict = str(row["unit"]), str(row.get("verdict") or "")
    low, high = row["ci_low"], row["ci_high"]
    between = benchmark = ""
    if is_known(low) and is_known(high):
        between = wording.text("opening.between", low=in_unit(wording, low, unit), high=in_unit(wording, high, unit))
    if is_known(row["benchmark"]):
        benchmark = wording.text("opening.benchmark", value=in_unit(wording, row["benchmark"], unit))
    return Card(
        name,
        scale,
        in_unit(wording, row["estimate"], unit),
        between,
        benchmark or wording.text("opening.no_benchmark"),
        wording.text(f"verdict.{_verdict_code(row, verdict)}") if verdict and benchmark else "",
        _tone(verdict, outcome),
        _trend(selection, outcome, unit),
        make_gauge(row, wording),
    )


def _verdict_code(row: Row, verdict: str) -> str:
    """The verdict; a difference that is certain but too small to matter is called small."""
    ends = [float(row[name]) for name in ("difference_low", "difference_high") if is_known(row.get(name))]
    certain = len(ends) == 2 and ends[0] * ends[1] > 0
    return "small_difference" if verdict == "no difference" and certain else verdict.replace(" ", "_")


def _tone(verdict: str, outcome: Outcome) -> str:
    if verdict not in {"lower", "higher"}:
        return "same"
    # A net share is counted so that higher is better, whichever way the answers run.
    reversed_scale = MAIN_METRIC[outcome.kind] == "mean" and outcome.direction == "lower-is-better"
    return "better" if (verdict == "higher") != reversed_scale else "worse"


def _scale_text(selection: Selection, outcome: Outcome) -> str:
    if outcome.kind == "nps":
        return selection.wording.text("opening.scale_net")
    scale = selection.journey.scales[str(outcome.scale)]
    ease = "opening.scale_effort" if outcome.direction == "lower-is-better" else "opening.scale_ease"
    key = ease if outcome.kind == "ces" else "opening.scale"
    return selection.wording.text(key, low=scale.min, high=scale.max)


def _trend(selection: Selection, outcome: Outcome, unit: str) -> str:
    """Compare the last period with the one before; only intervals that lie apart count as a difference."""
    rows = [row for row in selection.own("trend", outcome=outcome.id) if not row["suppressed"]]
    rows = sorted((row for row in rows if is_known(row["estimate"])), key=lambda row: str(row["period"]))
    if len(rows) < 2:
        return ""
    before, now = rows[-2], rows[-1]
    key = "opening.trend_same"
    if is_known(now["ci_low"]) and is_known(before["ci_low"]):
        if now["ci_low"] > before["ci_high"]:
            key = "opening.trend_higher"
        elif now["ci_high"] < before["ci_low"]:
            key = "opening.trend_lower"
    wording = selection.wording
    return wording.text(
        key,
        last=period_name(wording, str(now["period"])),
        now=in_unit(wording, now["estimate"], unit),
        period=period_name(wording, str(before["period"])),
        value=in_unit(wording, before["estimate"], unit),
    )
