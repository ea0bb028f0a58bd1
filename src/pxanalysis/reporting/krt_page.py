"""The page with one treating dentist's experiences: evidence of an own measurement, for the quality register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pxanalysis.analysis.whole_study.frames import TouchpointRow
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.page.fragments import display_text, render_part
from pxanalysis.reporting.page.policy import content_policy, page_css, running_title
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.reporting.sections.pictures.data import Data
from pxanalysis.reporting.sections.selection import LONGEST_LABEL, LONGEST_NAME, Selection, is_known
from pxanalysis.reporting.sections.values import in_unit

__all__ = ["NEEDED", "DentistFigure", "DentistResults", "Reflection", "reflection_questions", "render_krt"]

NEEDED = 50
"""Experiences of which the register asks more."""

_LONGEST_PARAGRAPH = 5_000
_CSS = """
.reflection .empty{border-bottom:1px solid var(--rule);height:2.2rem;margin:0;max-width:46rem}
.sign{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:0 1.5rem;margin-top:2rem}
.sign p{border-bottom:1px solid var(--rule);padding-bottom:2.2rem;margin:.6rem 0}
.facts dd strong{font-size:1.15rem}
@media print{.part{margin-top:1.1rem;padding-top:.6rem}.reflection,.sign{break-inside:avoid}}
"""

Reflection = Sequence[tuple[str, str]]
"""Questions of the form, each with what the dentist wrote; a question is empty where something stands before any."""


@dataclass(frozen=True, slots=True)
class DentistFigure:
    """An outcome or touchpoint as this dentist's patients experienced it.

    Attributes
    ----------
    subject
        Outcome or touchpoint, by id.
    n
        People; 0 where nothing may be shown.
    estimate
        Main metric of the outcome in its own unit, or mean score of the touchpoint (0-100); None where ``n`` is 0.
    """

    subject: str
    n: int
    estimate: float | None


@dataclass(frozen=True, slots=True)
class DentistResults:
    """What the page tells of one dentist.

    Attributes
    ----------
    dentist
        Pseudonymous id.
    n
        Experiences that may be counted.
    first, last
        Months of the first and the last of them (``2026-03``); empty where no answer has a day.
    figures
        Of outcomes and touchpoints, by id.
    response
        Answered and invited, of the whole practice; None where invitations are not recorded.
    """

    dentist: str
    n: int
    first: str
    last: str
    figures: dict[str, DentistFigure]
    response: tuple[int, int] | None


def reflection_questions(language: str) -> list[str]:
    """Questions of the form in which a dentist writes a reflection."""
    wording = Wording(language)
    return [wording.text(f"krt.question_{name}") for name in ("notice", "change", "check")]


def render_krt(results: DentistResults, selection: Selection, reflection: Reflection, form: str) -> str:
    """Return the page.

    Parameters
    ----------
    selection
        The practice, with its own figures.
    reflection
        As the form has it.
    form
        Name of the file with it.
    """
    wording = selection.wording
    css = page_css() + _CSS + running_title(wording.text("krt.heading"))
    part = render_part(
        "krt_page",
        wording,
        policy=content_policy(css, ""),
        css=Markup(css),
        simulated=selection.meta.simulated,
        practice=selection.name,
        dentist=display_text(results.dentist, LONGEST_LABEL),
        title=display_text(selection.meta.title[wording.language], LONGEST_NAME),
        verdict=_verdict(wording, results.n),
        facts=_facts(results, selection),
        outcomes=_outcomes(results, selection),
        topics=_topics(results, selection),
        hidden=any(one.n == 0 for one in results.figures.values()),
        minimum=selection.minimum,
        reflection=[
            (display_text(question, _LONGEST_PARAGRAPH), _paragraphs(answer)) for question, answer in reflection
        ],
        form=form,
    )
    return part.html + "\n"


def _verdict(wording: Wording, n: int) -> str:
    if n > NEEDED:
        return wording.text("krt.enough", known=n, needed=NEEDED)
    return wording.text("krt.too_few", known=n, needed=NEEDED, n=NEEDED + 1 - n)


def _facts(results: DentistResults, selection: Selection) -> list[tuple[str, str]]:
    wording, journey = selection.wording, selection.journey
    period = wording.text("krt.no_period")
    if results.first:
        months = [wording.month(results.first), wording.month(results.last)]
        period = wording.text("krt.months", first=months[0], last=months[1]) if months[0] != months[1] else months[0]
    response = wording.text("krt.no_response")
    if results.response is not None:
        answered, invited = results.response
        share = wording.percent(answered / invited)
        response = wording.text("krt.response_value", share=share, answered=answered, invited=invited)
    method = wording.text(
        "krt.method_value",
        questionnaire=display_text(journey.title[wording.language], LONGEST_NAME),
        items=len(journey.items),
        touchpoints=len(journey.touchpoints),
        outcomes=len(journey.rated_outcomes),
    )
    pairs = [("period", period), ("response", response), ("method", method)]
    return [(wording.text(f"krt.{name}"), text) for name, text in pairs]


def _outcomes(results: DentistResults, selection: Selection) -> Data:
    wording, rows = selection.wording, []
    for outcome in selection.journey.rated_outcomes:
        own = selection.main_metric(outcome)
        name = wording.text(
            "krt.outcome", outcome=selection.outcome_labels[outcome.id], metric=_metric(outcome, selection)
        )
        practice = None if own is None or own.suppressed else own.estimate
        unit = "net" if outcome.kind == "nps" else "grade"
        rows.append(_row(name, results.figures[outcome.id], practice, unit, wording))
    columns = ("krt.question", "column.n", "krt.own", "krt.practice")
    return Data(wording.text("krt.outcomes"), tuple(wording.text(key) for key in columns), rows, 1)


def _metric(outcome: Outcome, selection: Selection) -> str:
    """What the main metric of an outcome is, and how it runs."""
    if outcome.kind == "nps":
        return selection.wording.text("krt.metric_net")
    scale = selection.journey.scales[str(outcome.scale)]
    lower = outcome.direction == "lower-is-better"
    name = "low" if lower else "grade" if outcome.kind == "ktv" else "high"
    return selection.wording.text(f"krt.metric_{name}", low=scale.min, high=scale.max)


def _topics(results: DentistResults, selection: Selection) -> Data:
    """A row per touchpoint, those of a topic together, in the order of the journey; those without one last."""
    wording = selection.wording
    practice = {row.touchpoint: None if row.suppressed else row.mean for row in selection.own(TouchpointRow)}
    grouped: dict[str, list[tuple[str, ...]]] = {}
    for touchpoint in selection.journey.touchpoints:
        topic = touchpoint.topic or ""
        name, *figures = _row(
            selection.labels[touchpoint.id],
            results.figures[touchpoint.id],
            practice.get(touchpoint.id),
            "score",
            wording,
        )
        grouped.setdefault(topic, []).append((name, _topic_name(topic, wording), *figures))
    keys = ("column.touchpoint", "krt.topic", "column.n", "krt.own_score", "krt.practice")
    rows = [row for _, rows in sorted(grouped.items(), key=lambda pair: not pair[0]) for row in rows]
    return Data(wording.text("krt.topics"), tuple(wording.text(key) for key in keys), rows, 2)


def _topic_name(topic: str, wording: Wording) -> str:
    if not topic:
        return wording.text("none")
    known = f"krt.topic_{topic}"
    return wording.text(known) if wording.has(known) else display_text(topic, LONGEST_LABEL)


def _row(name: str, figure: DentistFigure, practice: float | None, unit: str, wording: Wording) -> tuple[str, ...]:
    def written(value: float | None) -> str:
        if value is None or not is_known(value):
            return wording.text("withheld")
        return wording.number(value) if unit == "score" else in_unit(wording, value, unit)

    n = wording.number(figure.n) if figure.n else wording.text("none")
    return (name, n, written(figure.estimate), written(practice))


def _paragraphs(answer: str) -> list[str]:
    lines = (display_text(line, _LONGEST_PARAGRAPH) for line in answer.splitlines())
    return [line for line in lines if line]
