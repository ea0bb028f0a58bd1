"""What patients wrote, masked and reviewed, as a page quotes it: by the question it answers, or about one contact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pxanalysis.analysis.privacy.masking import say_masks
from pxanalysis.analysis.whole_study.frames import CommentRow
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.sections.selection import LONGEST_SENTENCE, Selection

__all__ = ["QuoteGroup", "quotes_about", "quotes_by_question"]

_LONGEST = 400

SHOWN, KEPT = 6, 120
"""Comments of a page that stand open, and that it has at all: a page stays below 350 KB."""


@dataclass(frozen=True, slots=True)
class QuoteGroup:
    """The released comments under one open question.

    Attributes
    ----------
    contact
        Label of the contact that the question is about; empty where it is about the whole journey.
    question
        As it was asked; empty where the journey file no longer has the question.
    shown, more
        Comments that stand open, and that are folded.
    left_out
        How many more there are than a page has room for.
    """

    contact: str
    question: str
    shown: list[str]
    more: list[str]
    left_out: int


def quotes_by_question(selection: Selection) -> list[QuoteGroup]:
    """The practice's released comments under the question that they answer, each once, in the order of the journey."""
    places = {name: place for place, name in enumerate(selection.labels)}
    asked = sorted(selection.journey.open_questions, key=lambda one: places.get(one.touchpoint or "", len(places)))
    found = []
    for one in asked:
        contact = selection.label(one.touchpoint) if one.touchpoint else ""
        rows = selection.own(CommentRow, question=one.id)
        found.append((contact, display_text(one.text[selection.language], LONGEST_SENTENCE), _quoted(selection, rows)))
    known = {one.id for one in asked}
    earlier = [row for row in selection.own(CommentRow) if row.question not in known]
    found.append(("", "", _quoted(selection, earlier)))
    found = [group for group in found if group[2]]
    open_, kept = (max(most // max(len(found), 1), 2) for most in (SHOWN, KEPT))
    return [
        QuoteGroup(contact, question, texts[:open_], texts[open_:kept], max(len(texts) - kept, 0))
        for contact, question, texts in found
    ]


def quotes_about(selection: Selection, touchpoint: str) -> list[str]:
    """Released comments under the open questions that the journey asks about this very contact."""
    asked = {one.id for one in selection.journey.open_questions if one.touchpoint == touchpoint}
    return _quoted(selection, (row for row in selection.own(CommentRow) if row.question in asked))


def _quoted(selection: Selection, rows: Iterable[CommentRow]) -> list[str]:
    texts = (display_text(say_masks(row.text, selection.language), _LONGEST) for row in rows)
    return [text for text in dict.fromkeys(texts) if text]
