"""Words in cells, in the languages exports come in: "does not apply", "I do not know", yes and no, labels of codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import polars as pl

__all__ = [
    "AMBIGUOUS",
    "DONT_KNOW_WORDS",
    "NOT_APPLICABLE_WORDS",
    "NO_ANSWER_WORDS",
    "YES_OR_NO",
    "fold_text",
    "fold_words",
    "split_coded",
    "tell_yes_or_no",
]

NOT_APPLICABLE_WORDS = frozenset(
    {"n.v.t.", "n.v.t", "nvt", "niet van toepassing", "not applicable", "does not apply", "doesn't apply", "na", "n/a"}
    | {"geldt niet voor mij", "does not apply to me", "niet van toepassing (n.v.t.)", "not applicable (n/a)"}
)
DONT_KNOW_WORDS = frozenset(
    {"weet niet", "weet ik niet", "weet niet / geen mening", "geen mening", "don't know", "dont know", "do not know"}
    | {"i don't know", "no opinion", "weiß nicht", "dk"}
)
NO_ANSWER_WORDS = frozenset(
    {"-", "--", "?", ".", "..", "null", "none", "nan", "na", "n/a", "nd", "#n/a", "#nv", "#null!", "(null)", "missing"}
    | {"geen antwoord", "niet ingevuld", "niet beantwoord", "overgeslagen", "onbekend", "leeg", "(leeg)", "blank"}
    | {"no answer", "not answered", "no response", "skipped", "unknown", "keine angabe", "k.a.", "sans réponse", "unk"}
    | {"nask", "asku", "ni"}
)
"""Written where there is no answer: as one they are no more than an empty cell, and refused one by one."""
AMBIGUOUS = frozenset({"NA", "N/A"})
"""Written by programs for a missing value, and by people for "not applicable": the column or study.toml has to say."""

YES_OR_NO = {
    **dict.fromkeys(["true", "t", "yes", "y", "ja", "j", "waar", "wel", "oui", "checked", "quoted", "selected"], 1.0),
    **dict.fromkeys(
        ["false", "f", "no", "n", "nee", "nein", "niet", "onwaar", "non", "unchecked", "not selected"], 0.0
    ),
}

_CODED = re.compile(r"\s*(-?\d+)\s*(?:[–—:.)=-]+\s*([^\d\s–—:.)=-].*)|\(\s*([^\d\s()][^()]*)\)\s*)", flags=re.DOTALL)
_PLAINLY = frozenset({"ja", "nee", "yes", "no", "nein", "oui", "non"})
"""First words of a longer label ("Ja, zeker") that say yes or no."""


def split_coded(cell: str) -> tuple[int, str] | None:
    """Code and words of a cell that has both.

    Examples
    --------
    >>> split_coded("5 - helemaal mee eens"), split_coded("5 (helemaal mee eens)"), split_coded("5 - 6")
    ((5, 'helemaal mee eens'), (5, 'helemaal mee eens'), None)
    """
    found = _CODED.fullmatch(cell)
    return None if found is None else (int(found[1]), (found[2] or found[3]).strip())


def tell_yes_or_no(label: str) -> float | None:
    """1 for a label that says yes, 0 for no, None for any other.

    Examples
    --------
    >>> tell_yes_or_no("Ja, zeker"), tell_yes_or_no("Nee"), tell_yes_or_no("Niet tevreden")
    (1.0, 0.0, None)
    """
    text = fold_text(label)
    first = re.split(r"[\s,;:.!-]", text, maxsplit=1)[0]
    return YES_OR_NO.get(text, YES_OR_NO[first] if first in _PLAINLY else None)


def fold_text(text: str) -> str:
    """Words as they are compared: one Unicode form, small letters, one kind of apostrophe, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold().split())


def fold_words(cells: pl.Series, words: Iterable[str]) -> pl.Series:
    """Whether each cell is one of the words, shape of ``cells``; cells are few different ones."""
    known = {fold_text(word) for word in words}
    texts = cells.drop_nulls().unique().to_list()
    same = [text for text in texts if fold_text(text) in known]
    if not same:
        return pl.Series([False]).new_from_index(0, len(cells))
    return cells.is_in(pl.Series(same, dtype=pl.String).implode()).fill_null(value=False)
