"""The journey: how each contact felt, what patients do and say, and how things went over time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from pxanalysis.analysis.whole_study.frames import ItemRow, PriorityRow, TouchpointRow, TrendRow
from pxanalysis.figures.kit.palette import on_a_page
from pxanalysis.journey.model import Step, Touchpoint
from pxanalysis.reporting.page.fragments import Fragment, display_text, render_part
from pxanalysis.reporting.page.tables import table_touchpoints
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.pictures.section import experience_picture, trend_pictures
from pxanalysis.reporting.sections.priorities.advice import NOTHING_TO_WIN, candidates, reached, standing
from pxanalysis.reporting.sections.priorities.section import first_touchpoints
from pxanalysis.reporting.sections.quotes import quotes_by_question
from pxanalysis.reporting.sections.selection import LONGEST_SENTENCE, Selection, is_known
from pxanalysis.reporting.sections.values import score, score_range

__all__ = ["Contact", "JourneyStep", "make"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A touchpoint: what was measured there, and apart from it what the journey file says of it beforehand.

    Attributes
    ----------
    measured
        Score and lowest question in words; empty where there is no figure.
    described
        What patients do, think and weigh, as far as the file says: key (``does``, ``thinks`` or ``dilemma``),
        label and text.
    """

    label: str
    sentence: str
    measured: str
    described: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class JourneyStep:
    """A step in a patient's words, with the touchpoints in it."""

    label: str
    sentence: str
    day: str
    contacts: list[Contact]


def make(selection: Selection, *, figures: bool) -> Fragment:
    """Return the journey of this practice's patients."""
    wording = selection.wording
    quotes = quotes_by_question(selection)
    trends = trend_pictures(selection) if figures else []
    periods = {row.period for row in selection.own(TrendRow) if not row.suppressed}
    steps = [_step(selection, step) for step in selection.journey.steps]
    return render_part(
        "journey",
        wording,
        sentences=_sentences(selection),
        picture=experience_picture(selection, first_touchpoints(selection)) if figures else "",
        table=_table(selection),
        items=_items(selection),
        chain=Markup(on_a_page(selection.journey.plot(selection.language).html)) if figures else "",
        steps=steps,
        described=any(contact.described for step in steps for contact in step.contacts),
        quotes=quotes,
        left_out=sum(group.left_out for group in quotes),
        unread_quotes=selection.meta.comments_unread.get(selection.practice_id, 0),
        quote_language=selection.journey.languages[0],
        minimum=selection.minimum,
        trends=trends,
        has_trend=len(periods) > 1,
        no_trend="journey.undated" if selection.undated else "journey.no_trend",
        asked=bool(selection.journey.open_questions),
    )


def _shown(selection: Selection) -> list[tuple[float, TouchpointRow]]:
    """The touchpoints that may be shown, each with its mean."""
    return [(row.mean, row) for row in selection.touchpoints if not row.suppressed and is_known(row.mean)]


def _sentences(selection: Selection) -> list[str]:
    wording, shown = selection.wording, _shown(selection)
    sentences = []
    if len(shown) > 1:
        high, best = max(shown, key=lambda pair: pair[0])
        low, worst = min(shown, key=lambda pair: pair[0])
        sentences.append(
            wording.text(
                "journey.best_worst",
                best=wording.text("quote", text=selection.label(best.touchpoint)),
                high=score(wording, high),
                worst=wording.text("quote", text=selection.label(worst.touchpoint)),
                low=score(wording, low),
            )
        )
        with wording.about(f"touchpoint:{worst.touchpoint}"):
            sentences.append(_why_lowest_is_not_first(selection, worst.touchpoint))
    below = [row.touchpoint for _, row in shown if _is_below(row)]
    if below:
        names = selection.enumerate_labels(below)
        key = "journey.below_one" if len(below) == 1 else "journey.below"
        with wording.about(*(f"touchpoint:{name}" for name in below)):
            sentences.append(wording.text(key, n=len(below), touchpoints=names))
    elif _none_below(selection, shown):
        sentences.append(wording.text("journey.none_below"))
    hidden = [row.touchpoint for row in selection.touchpoints if row.suppressed]
    if hidden:
        names = selection.enumerate_labels(hidden)
        sentences.append(wording.text("journey.hidden", n=len(hidden), minimum=selection.minimum, touchpoints=names))
    return [sentence for sentence in sentences if sentence]


def _none_below(selection: Selection, shown: list[tuple[float, TouchpointRow]]) -> bool:
    """Whether the page may say that no contact lies below the others: none reads so, and none has to be done first."""
    compared = [(mean, row.benchmark_low) for mean, row in shown if is_known(row.benchmark_low)]
    return bool(compared) and not first_touchpoints(selection) and all(round(m) >= round(low) for m, low in compared)


def _why_lowest_is_not_first(selection: Selection, lowest: str) -> str:
    """Why the lowest contact is not among the first: beside each of those, what its gain lacks most.

    A gain is effect x distance to the target x share of patients who meet the contact. Empty where the lowest is among
    the first, would win as much as one of them, or where nothing is certain enough to come first.
    """
    wording, own, smallest = selection.wording, selection.priorities, selection.smallest_gain or 0.0
    first = candidates(own, smallest)
    row = next((one for one in own if one.touchpoint == lowest and is_known(one.rank)), None)
    if row is None or lowest in {one.touchpoint for one in first}:
        return ""
    if reached(row):
        return wording.text("journey.lowest_reached")
    if row.reason_code in NOTHING_TO_WIN:
        return wording.text("journey.lowest_no_effect", outcome=selection.outcome_word)
    if standing(own, smallest) != "first":
        return ""
    lacks = [(one.touchpoint, _lacks_most(row, one)) for one in first]
    if any(factor == "" for _, factor in lacks):
        return ""
    reasons = [
        wording.text(
            f"journey.less_{factor}", touchpoints=_quoted(selection, [name for name, of in lacks if of == factor])
        )
        for factor in dict.fromkeys(factor for _, factor in lacks)
    ]
    return wording.text("journey.lowest_less", reasons=wording.enumerate(reasons))


def _quoted(selection: Selection, touchpoints: list[str]) -> str:
    quote = selection.wording.text
    return selection.wording.enumerate([quote("quote", text=selection.label(name)) for name in touchpoints])


def _lacks_most(row: PriorityRow, other: PriorityRow) -> str:
    """The factor of the gain that is smallest beside another contact's; empty where the gain is not smaller."""
    factors = {
        "light": (row.effect or 0.0, other.effect or 0.0),
        "near": (_distance(row), _distance(other)),
        "few": (row.met_share or 0.0, other.met_share or 0.0),
    }
    if any(theirs <= 0 for _, theirs in factors.values()):
        return ""
    ratios = {name: mine / theirs for name, (mine, theirs) in factors.items()}
    return min(ratios, key=lambda name: ratios[name]) if math.prod(ratios.values()) < 1.0 else ""


def _distance(row: PriorityRow) -> float:
    """Points between the score and the target; 0 where one is not known."""
    return row.target - row.performance if is_known(row.target) and is_known(row.performance) else 0.0


CLEARLY = 2.5
"""Points on 0-100 that make a difference worth a sentence: a tenth of a step on the curve of -2 to +2."""


def _is_below(row: TouchpointRow) -> bool:
    """Whether the whole interval lies clearly below the middle half of practices, as the curve marks it."""
    high, middle = row.ci_high, row.benchmark_low
    return is_known(high) and is_known(middle) and high < middle - CLEARLY


def _table(selection: Selection) -> Markup | str:
    rows = [_cells(selection, row) for row in selection.touchpoints]
    return table_touchpoints(rows, selection.wording) if rows else ""


def _cells(selection: Selection, row: TouchpointRow) -> dict[str, str]:
    wording = selection.wording
    cells = {
        "touchpoint": selection.label(row.touchpoint),
        "benchmark": score_range(wording, row.benchmark_low, row.benchmark_high),
    }
    if row.suppressed or not is_known(row.mean):
        return cells | {"n": wording.text("too_few")}
    cells |= {
        "n": "" if row.n is None else wording.number(row.n),
        "score": score(wording, row.mean),
        "interval": score_range(wording, row.ci_low, row.ci_high),
    }
    return cells | ({"negative": wording.percent(row.share_negative)} if is_known(row.share_negative) else {})


def _items(selection: Selection) -> Data | None:
    wording = selection.wording
    own = {row.item: row for row in selection.own(ItemRow)}
    rows = []
    for placed in selection.journey.items:
        row = own.get(placed.id)
        if row is None:
            continue
        hidden = row.suppressed or not is_known(row.mean)
        figures = [wording.text("too_few"), "", ""]
        if not hidden:
            negative = wording.percent(row.share_negative) if is_known(row.share_negative) else ""
            figures = [wording.number(row.n or 0), score(wording, row.mean), negative]
        rows.append((selection.item_texts[placed.id], selection.label(placed.touchpoint.id), *figures))
    if not rows:
        return None
    columns = ("column.item", "column.touchpoint", "column.n", "column.score", "column.negative")
    return Data(wording.text("journey.items_caption"), [wording.text(key) for key in columns], rows, words=2)


def _step(selection: Selection, step: Step) -> JourneyStep:
    language = selection.language
    return JourneyStep(
        display_text(step.label[language], LONGEST_SENTENCE),
        display_text(step.sentence[language], LONGEST_SENTENCE),
        display_text(step.day[language], LONGEST_SENTENCE) if step.day else "",
        [_contact(selection, touchpoint) for touchpoint in step.touchpoints],
    )


def _contact(selection: Selection, touchpoint: Touchpoint) -> Contact:
    language, t = selection.language, selection.wording.text
    texts = [
        ("does", t("journey.does"), touchpoint.does),
        ("thinks", t("journey.thinks"), touchpoint.thinks),
        ("dilemma", t("journey.dilemma"), touchpoint.dilemma),
    ]
    # What a patient does says more exactly what the sentence says; both would be one thing twice.
    sentence = touchpoint.sentence if touchpoint.does is None else None
    told = [(key, label, display_text(text[language], LONGEST_SENTENCE)) for key, label, text in texts if text]
    return Contact(
        selection.label(touchpoint.id),
        display_text(sentence[language], LONGEST_SENTENCE) if sentence else "",
        _measured(selection, touchpoint),
        told,
    )


def _measured(selection: Selection, touchpoint: Touchpoint) -> str:
    wording = selection.wording
    rows = [row for row in selection.touchpoints if row.touchpoint == touchpoint.id]
    if not rows:
        return ""
    if rows[0].suppressed or not is_known(rows[0].mean):
        return wording.text("journey.measured_few")
    parts = [wording.text("journey.measured", score=score(wording, rows[0].mean))]
    weakest = selection.weakest_items.get(touchpoint.id)
    if weakest and len(touchpoint.items) > 1:
        item = wording.text("quote", text=selection.item_texts[weakest.item])
        parts.append(wording.text("journey.step_weakest", item=item, score=score(wording, weakest.mean)))
    return "; ".join(parts)
