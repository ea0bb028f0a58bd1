"""Text behind a code ("5 - helemaal mee eens"): its label, or no answer at all ("5-jan", "3-en-een-half")."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pxanalysis.survey.columns.tally import count_cells
from pxanalysis.survey.ladders import find_ladder, means_dont_know, means_not_applicable, tell_end
from pxanalysis.survey.words import fold_text, split_coded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from pxanalysis.journey.model import Scale

__all__ = ["find_false_labels", "labels_in_cells", "suggest_answers"]

_LABEL_OF_ONE, _LABEL_OF_END = 3, 2
"""Cells that all bear one text behind one code, from which on it is that code's label; at an end of the scale fewer."""
_MONTH = re.compile(
    r"(jan|feb|mrt|maa|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec|mrz|mär|mai|dez|fév|avr|aoû|déc|ene|abr|ago|dic)"
    r"[a-zûé]{0,7}\.?([ -]?\d{2,4})?",
    flags=re.IGNORECASE,
)


def find_false_labels(text: pl.Series, scale: Scale, times: pl.Series | None = None) -> dict[str, str]:
    """Cells with a code and a text that is not that code's label, each with the reason.

    A text is a code's label when the journey says so, or when most cells with that code bear it, as in an export of
    codes with labels, or all of them, as where the ends of a scale have one. A label of another code, a month and a
    remark are none.

    Parameters
    ----------
    text
        Cells as trimmed text.
    times
        How often each of them stands in the column; None: once.
    """
    cells = {str(cell): number for cell, number in count_cells(text, times)}
    coded = {cell: found for cell in cells if (found := split_coded(cell))}
    if not coded:
        return {}
    labels = {int(code): {fold_text(word) for word in label.root.values()} for code, label in scale.labels.items()}
    used, total = _count_labels(cells)
    styled = sum(used.values()) >= sum(total.values()) / 2
    reasons = {}
    for cell, (code, text_behind) in coded.items():
        word = fold_text(text_behind)
        common = (styled and used[code, word] >= total[code] / 2) or _names_its_code(code, word, scale, used, total)
        reason = _explain(code, word, labels, common=common)
        if reason:
            reasons[cell] = reason
    return reasons


def _count_labels(cells: Mapping[str, int]) -> tuple[Counter[tuple[int, str]], Counter[int]]:
    """Cells with a code and a word, and all cells with a code."""
    used: Counter[tuple[int, str]] = Counter()
    total: Counter[int] = Counter()
    for cell, number in cells.items():
        found = split_coded(cell)
        code = found[0] if found else _whole(cell)
        if code is not None:
            total[code] += number
        if found:
            used[found[0], fold_text(found[1])] += number
    return used, total


def _names_its_code(code: int, word: str, scale: Scale, used: Counter[tuple[int, str]], total: Counter[int]) -> bool:
    """Whether all cells with a code bear one text, as where only the ends of a scale have a label; once is a remark."""
    if used[code, word] < total[code]:
        return False
    if used[code, word] >= _LABEL_OF_ONE or code not in {scale.min, scale.max}:
        return used[code, word] >= _LABEL_OF_ONE
    other = scale.min + scale.max - code
    both = total[other] > 0 and any(number == total[other] for (end, _), number in used.items() if end == other)
    return used[code, word] >= _LABEL_OF_END or both


def labels_in_cells(cells: Mapping[str, int]) -> dict[str, str]:
    """Code to the text that most cells with it bear, where half of them have one; ``cells`` with their number.

    Examples
    --------
    >>> labels_in_cells({"1 - Zeer tevreden": 9, "2": 4, "5 (Zeer ontevreden)": 3})
    {'1': 'zeer tevreden', '5': 'zeer ontevreden'}
    """
    used, total = _count_labels(cells)
    return {str(code): word for (code, word), number in used.items() if number > total[code] / 2}


def suggest_answers(
    cells: Iterable[str], scale: Scale, *, good_high: bool = True, told: Mapping[str, str] | None = None
) -> str:
    """What ``[readings]`` may say of cells that are no answer, for somebody to look over; ``…`` where nothing tells it.

    Told by the journey's labels, "n.v.t." and the like, a share of the highest answer ("8/10", "80%", stars), or the
    words of a known scale.

    Parameters
    ----------
    good_high
        Whether a high answer is good: then the best word of a known scale is the highest.
    told
        The file's words of its codes, such as ``A1``.

    Examples
    --------
    >>> from pxanalysis.journey.parts import Scale
    >>> suggest_answers(["8/10", "90%", "Uitstekend", "Paars"], Scale(min=1, max=10))
    '8/10=8, 90%=9, Uitstekend=10, Paars=…'
    """
    given = [one.strip() for one in cells if "," not in one and "=" not in one]
    words = {cell: found[1] if (found := split_coded(cell)) else (told or {}).get(cell, cell) for cell in given}
    labels = {fold_text(word): str(code) for code, label in scale.labels.items() for word in label.root.values()}
    ladder = find_ladder(words.values()) if good_high else None
    fits = ladder is not None and ladder.top == scale.max - scale.min + 1
    parts = []
    for cell, word in words.items():
        answer = labels.get(fold_text(word)) or _share_of(cell, scale)
        if answer is None and means_not_applicable(word):
            answer = "na"
        elif answer is None and means_dont_know(word):
            answer = "dk"
        elif answer is None and ladder is not None and fits:
            answer = str(scale.min + ladder.places[word] - 1)
        elif answer is None and good_high and (end := tell_end(word)) is not None:
            answer = str(scale.max if end else scale.min)
        parts.append(f"{cell}={answer or '…'}")
    return ", ".join(parts)


def _share_of(cell: str, scale: Scale) -> str | None:
    """The answer that a cell gives as a share of the highest one; None where it does not."""
    if part := re.fullmatch(r"(\d+) ?/ ?(\d+)", cell):
        value = float(part[1]) if int(part[2]) == scale.max else -1.0
    elif part := re.fullmatch(r"(\d+) ?%", cell):
        value = int(part[1]) * scale.max / 100
    elif re.fullmatch(r"★+☆*", cell):
        value = float(cell.count("★"))
    else:
        return None
    return str(int(value)) if value.is_integer() and scale.min <= value <= scale.max else None


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
