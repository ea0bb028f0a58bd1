"""What patients wrote, masked and reviewed, as a page quotes it: all of it, or about one contact."""

from __future__ import annotations

from collections.abc import Iterable

from pxanalysis.analysis.privacy.masking import say_masks
from pxanalysis.analysis.whole_study.frames import CommentRow
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.sections.selection import Selection

__all__ = ["all_quotes", "quotes_about"]

_LONGEST = 400


def all_quotes(selection: Selection) -> list[str]:
    """Every released comment of the practice, each once."""
    return _quoted(selection, selection.own(CommentRow))


def quotes_about(selection: Selection, touchpoint: str) -> list[str]:
    """Released comments under the open questions that the journey asks about this very contact."""
    asked = {one.id for one in selection.journey.open_questions if one.touchpoint == touchpoint}
    return _quoted(selection, (row for row in selection.own(CommentRow) if row.question in asked))


def _quoted(selection: Selection, rows: Iterable[CommentRow]) -> list[str]:
    texts = (display_text(say_masks(row.text, selection.language), _LONGEST) for row in rows)
    return [text for text in dict.fromkeys(texts) if text]
