"""Words that stand for "does not apply", "I do not know", yes and no, in the languages exports come in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import polars as pl

__all__ = ["AMBIGUOUS", "DONT_KNOW_WORDS", "NOT_APPLICABLE_WORDS", "YES_OR_NO", "fold_text", "fold_words"]

NOT_APPLICABLE_WORDS = frozenset(
    {"n.v.t.", "n.v.t", "nvt", "niet van toepassing", "not applicable", "does not apply", "doesn't apply", "na", "n/a"}
    | {"geldt niet voor mij", "does not apply to me", "niet van toepassing (n.v.t.)", "not applicable (n/a)"}
)
DONT_KNOW_WORDS = frozenset(
    {"weet niet", "weet ik niet", "weet niet / geen mening", "geen mening", "don't know", "dont know", "do not know"}
    | {"i don't know", "no opinion", "weiß nicht", "dk"}
)
AMBIGUOUS = frozenset({"NA", "N/A"})
"""Written by programs for a missing value, and by people for "not applicable": the column or study.toml has to say."""

YES_OR_NO = {
    **dict.fromkeys(["true", "t", "yes", "y", "ja", "j", "waar", "wel", "oui", "checked", "quoted", "selected"], 1.0),
    **dict.fromkeys(["false", "f", "no", "n", "nee", "niet", "onwaar", "non", "unchecked", "not selected"], 0.0),
}


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
