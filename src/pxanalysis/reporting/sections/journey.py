"""The journey: how each contact felt, what patients do and say, and how things went over time."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from pxanalysis.journey.model import Step
from pxanalysis.reporting.fragments import Fragment, display_text, render_part
from pxanalysis.reporting.sections.alternatives import Data
from pxanalysis.reporting.sections.pictures import experience_picture, trend_pictures
from pxanalysis.reporting.sections.priorities import first_touchpoints
from pxanalysis.reporting.sections.selection import LONGEST_SENTENCE, Row, Selection, is_known
from pxanalysis.reporting.sections.values import score, score_range

__all__ = ["JourneyStep", "make"]

LONGEST_QUOTE = 400
QUOTES_SHOWN, QUOTES_KEPT = 6, 36


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """A step in a patient's words, with what happens in it and which question scored lowest."""

    label: str
    sentence: str
    day: str
    touchpoints: list[tuple[str, str, str]]


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return the journey of this practice's patients."""
    wording = selection.wording
    quotes = _quotes(selection)
    trends = trend_pictures(selection) if figures else []
    periods = {str(row["period"]) for row in selection.own("trend") if not row["suppressed"]}
    return render_part(
        "journey",
        wording,
        sentences=_sentences(selection),
        picture=experience_picture(selection, first_touchpoints(selection)) if figures else "",
        table=_table(selection),
        items=_items(selection),
        steps=[_step(selection, step) for step in selection.journey.steps],
        quotes=quotes[:QUOTES_SHOWN],
        more_quotes=quotes[QUOTES_SHOWN:],
        quote_language=selection.journey.languages[0],
        minimum=selection.minimum,
        trends=trends,
        has_trend=len(periods) > 1,
        asked=bool(selection.journey.open_questions),
    )


def _shown(selection: Selection) -> list[Row]:
    return [row for row in selection.touchpoints if not row["suppressed"] and is_known(row["mean"])]


def _sentences(selection: Selection) -> list[str]:
    wording, shown = selection.wording, _shown(selection)
    sentences = []
    if len(shown) > 1:
        best = max(shown, key=lambda row: float(row["mean"]))
        worst = min(shown, key=lambda row: float(row["mean"]))
        sentences.append(
            wording.text(
                "journey.best_worst",
                best=wording.text("quote", text=selection.label(best["touchpoint"])),
                high=score(wording, best["mean"]),
                worst=wording.text("quote", text=selection.label(worst["touchpoint"])),
                low=score(wording, worst["mean"]),
            )
        )
    below = [str(row["touchpoint"]) for row in shown if _is_below(row)]
    if below:
        names = selection.enumerate_labels(below)
        one = len(below) == 1
        said = wording.text("journey.below_one", touchpoints=names) if one else ""
        sentences.append(said or wording.text("journey.below", n=len(below), touchpoints=names))
    elif any(is_known(row["benchmark_low"]) for row in shown):
        sentences.append(wording.text("journey.none_below"))
    hidden = [str(row["touchpoint"]) for row in selection.touchpoints if row["suppressed"]]
    if hidden:
        names = selection.enumerate_labels(hidden)
        sentences.append(wording.text("journey.hidden", n=len(hidden), minimum=selection.minimum, touchpoints=names))
    return sentences


CLEARLY = 2.5
"""Points on 0-100 that make a difference worth a sentence: a tenth of a step on the curve of -2 to +2."""


def _is_below(row: Row) -> bool:
    """Whether the whole interval lies clearly below the middle half of practices, as the curve marks it."""
    high, middle = row["ci_high"], row["benchmark_low"]
    return is_known(high) and is_known(middle) and float(high) < float(middle) - CLEARLY


def _table(selection: Selection) -> Markup | str:
    from pxanalysis.reporting.tables import page_table, table_touchpoints

    rows = [_cells(selection, row) for row in selection.touchpoints]
    return page_table(table_touchpoints(rows, selection.wording)) if rows else ""


def _cells(selection: Selection, row: Row) -> dict[str, str]:
    wording = selection.wording
    cells = {
        "touchpoint": selection.label(row["touchpoint"]),
        "benchmark": score_range(wording, row, "benchmark_low", "benchmark_high"),
    }
    if row["suppressed"] or not is_known(row["mean"]):
        return cells | {"n": wording.text("too_few")}
    cells |= {
        "n": wording.number(row["n"]),
        "score": score(wording, row["mean"]),
        "interval": score_range(wording, row, "ci_low", "ci_high"),
    }
    return cells | ({"negative": wording.percent(row["share_negative"])} if is_known(row["share_negative"]) else {})


def _items(selection: Selection) -> Data | None:
    wording = selection.wording
    own = {str(row["item"]): row for row in selection.own("items")}
    rows = []
    for placed in selection.journey.items:
        row = own.get(placed.id)
        if row is None:
            continue
        hidden = row["suppressed"] or not is_known(row["mean"])
        figures = [wording.text("too_few"), "", ""]
        if not hidden:
            negative = wording.percent(row["share_negative"]) if is_known(row["share_negative"]) else ""
            figures = [wording.number(row["n"]), score(wording, row["mean"]), negative]
        rows.append((selection.item_texts[placed.id], selection.label(placed.touchpoint.id), *figures))
    if not rows:
        return None
    columns = ("column.item", "column.touchpoint", "column.n", "column.score", "column.negative")
    return Data(wording.text("journey.items_caption"), [wording.text(key) for key in columns], rows, words=2)


def _step(selection: Selection, step: Step) -> JourneyStep:
    language, wording = selection.language, selection.wording
    touchpoints = []
    for touchpoint in step.touchpoints:
        sentence = display_text(touchpoint.sentence[language], LONGEST_SENTENCE) if touchpoint.sentence else ""
        weakest = selection.weakest_items.get(touchpoint.id)
        lowest = ""
        if weakest:
            item = wording.text("quote", text=selection.item_texts[str(weakest["item"])])
            lowest = wording.text("journey.step_weakest", item=item, score=score(wording, weakest["mean"]))
        touchpoints.append((selection.label(touchpoint.id), sentence, lowest))
    return JourneyStep(
        display_text(step.label[language], LONGEST_SENTENCE),
        display_text(step.sentence[language], LONGEST_SENTENCE),
        display_text(step.day[language], LONGEST_SENTENCE) if step.day else "",
        touchpoints,
    )


def _quotes(selection: Selection) -> list[str]:
    texts = (display_text(str(row["text"]), LONGEST_QUOTE) for row in selection.own("comments"))
    return [text for text in dict.fromkeys(texts) if text][:QUOTES_KEPT]
