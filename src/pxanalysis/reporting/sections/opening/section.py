"""The first part: who, when, how many, and all that follows in one or two sentences."""

from __future__ import annotations

from pxanalysis.analysis.whole_study.frames import DriverRow
from pxanalysis.reporting.page.fragments import Fragment, render_part
from pxanalysis.reporting.sections.opening.summary import summarise
from pxanalysis.reporting.sections.priorities.precision import rests_on_few
from pxanalysis.reporting.sections.selection import Selection, is_known, join_sentences

__all__ = ["make"]


def make(selection: Selection) -> Fragment:
    """Return the opening, which for a practice with too few respondents says how many more are needed."""
    wording = selection.wording
    title = selection.journey.title[selection.language]
    facts = [_patients(selection), *_rejected(selection), *_waiting(selection)]
    first, last = selection.practice.first_date, selection.practice.last_date
    if first and last:
        facts.insert(0, wording.text("opening.period", period=wording.period(first, last)))
    elif selection.undated:
        facts.insert(0, wording.text("opening.undated"))
    head = {"name": selection.name, "title": title, "facts": facts, "simulated": selection.simulated}
    if selection.suppressed:
        return render_part("opening_small", wording, **head, sentences=_small_sentences(selection))
    return render_part("opening", wording, **head, summary=summarise(selection))


def _patients(selection: Selection) -> str:
    if selection.suppressed or selection.response_rate is None:
        return selection.wording.text("count.patients", n=selection.n)
    rate = selection.wording.percent(selection.response_rate)
    return selection.wording.text("opening.response", n=selection.n, rate=rate)


def _rejected(selection: Selection) -> list[str]:
    rejected = selection.practice.n_rejected
    if not rejected or selection.suppressed:
        return []
    share = rejected / (selection.n + rejected)
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
    needed = selection.variance_of(selection.meta.outcome)
    if needed and is_known(needed.n_for_70) and needed.n_for_70 > minimum:
        sentences.append(
            join_sentences(wording.text("small.reliable", n=int(needed.n_for_70)), rests_on_few(selection))
        )
    sentences.append(wording.text("small.how"))
    ranked = sorted((row.rank, row.touchpoint) for row in selection.study(DriverRow) if is_known(row.rank))
    if ranked:
        top = selection.enumerate_labels([name for _, name in ranked[:3]])
        sentences.append(wording.text("small.pooled", touchpoints=top, outcome=selection.outcome_word))
    return sentences
