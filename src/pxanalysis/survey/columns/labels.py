"""Text behind a code ("5 - helemaal mee eens"): its label, or no answer at all ("5-jan", "3-en-een-half")."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pxanalysis.survey.columns.tally import count_cells
from pxanalysis.survey.words import fold_text

if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.journey.model import Scale

__all__ = ["find_false_labels"]

_CODED = re.compile(r"\s*(-?\d+)\s*([–—:.)=-]+)\s*([^\d\s–—:.)=-].*)", flags=re.DOTALL)
_MONTH = re.compile(
    r"(jan|feb|mrt|maa|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)[a-z]{0,7}\.?([ -]?\d{2,4})?",
    flags=re.IGNORECASE,
)


def find_false_labels(text: pl.Series, scale: Scale, times: pl.Series | None = None) -> dict[str, str]:
    """Cells with a code and a text that is not that code's label, each with the reason.

    A text is a code's label when the journey says so, or when most cells with that code bear it, as in an export of
    codes with labels. A label of another code, a month and a remark are none.

    Parameters
    ----------
    text
        Cells as trimmed text.
    times
        How often each of them stands in the column; None: once.
    """
    cells = {str(cell): number for cell, number in count_cells(text, times)}
    coded = {cell: found for cell in cells if (found := _CODED.fullmatch(cell))}
    if not coded:
        return {}
    labels = {int(code): {fold_text(word) for word in label.root.values()} for code, label in scale.labels.items()}
    used: Counter[tuple[int, str]] = Counter()
    total: Counter[int] = Counter()
    for cell, number in cells.items():
        code = int(coded[cell][1]) if cell in coded else _whole(cell)
        if code is not None:
            total[code] += number
            if cell in coded:
                used[code, fold_text(coded[cell][3])] += number
    styled = sum(used.values()) >= sum(total.values()) / 2
    reasons = {}
    for cell, found in coded.items():
        code, word = int(found[1]), fold_text(found[3])
        common = styled and used[code, word] >= total[code] / 2
        reason = _explain(code, word, labels, common=common)
        if reason:
            reasons[cell] = reason
    return reasons


def _whole(cell: str) -> int | None:
    try:
        return int(float(cell.replace(",", ".")))
    except (ValueError, OverflowError):
        return None


def _explain(code: int, word: str, labels: dict[int, set[str]], *, common: bool) -> str | None:
    if _MONTH.fullmatch(word):
        return "a spreadsheet has made a date of this cell; it is no answer. Format the column as text and export again"
    if word in labels.get(code, set()):
        return None
    others = [other for other, words in labels.items() if word in words]
    if others:
        return f"the text is the label of answer {others[0]}, the number is {code}; correct the one that is wrong"
    if common:
        return None
    return f"the text behind {code} is no label of that answer; it may be a remark. Give the answer as its number"
