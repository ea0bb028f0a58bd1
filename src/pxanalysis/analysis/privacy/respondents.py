"""Who answered, by keyed hashes: known again by their id, or by their answers where an export gives ids anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.answer_words import sum_answers
from pxanalysis.analysis.privacy.cells import HashArray
from pxanalysis.analysis.privacy.keyed_hash import derive_key, hash_texts, hash_words
from pxanalysis.arrays import BoolArray, IntArray

__all__ = ["Respondents", "find_places", "identify_people"]

_IDS = ("response_id", "practice_id")


@dataclass(frozen=True, slots=True, eq=False)
class Respondents:
    """Responses, as a release remembers them.

    Attributes
    ----------
    codes
        Keyed hash of each one's id; shape (k,).
    contents
        Keyed hash of all its answers: by this it is known where an export gives ids anew.
    older
        Whose ``contents`` were made as before SipHash: those who were gone by then.
    """

    codes: HashArray
    contents: HashArray
    older: BoolArray

    @classmethod
    def empty(cls) -> Respondents:
        """Nobody."""
        none: HashArray = np.empty(0, dtype="<u8")
        return cls(none, none, none.astype(bool))

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, places: IntArray | BoolArray) -> Respondents:
        """Some of them."""
        return Respondents(self.codes[places], self.contents[places], self.older[places])

    def renewed(self, now: Respondents) -> Respondents:
        """All of these, as they are now where they are there, and those who are new."""
        place = find_places(now.codes, self.codes)
        there, new = place >= 0, find_places(self.codes, now.codes) < 0
        contents, older = self.contents.copy(), self.older.copy()
        contents[there], older[there] = now.contents[place[there]], now.older[place[there]]
        return Respondents(
            np.concatenate([self.codes, now.codes[new]]),
            np.concatenate([contents, now.contents[new]]),
            np.concatenate([older, now.older[new]]),
        )


def find_places(known: HashArray, wanted: HashArray) -> IntArray:
    """Place of each wanted number among those that are known, the last one's where it is there twice, -1 for none.

    Examples
    --------
    >>> find_places(np.array([7, 5, 7], dtype="<u8"), np.array([7, 6], dtype="<u8")).tolist()
    [2, -1]
    """
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.intp)
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    at = np.searchsorted(ordered, wanted, side="right") - 1
    return np.where((at >= 0) & (ordered[at] == wanted), order[at], -1)


def identify_people(table: pl.DataFrame, known: Respondents, key: bytes) -> Respondents:
    """One person per row; whoever has another id now, with the same answers, is known under the old one."""
    codes, (contents, place) = hash_texts(key, table["response_id"]).copy(), _hash_contents(table, key)
    gone = known.take(find_places(codes, known.codes) < 0)
    new = np.flatnonzero(find_places(known.codes, codes) < 0)
    if len(gone) and len(new):
        for own, as_before in ((gone.take(~gone.older), False), (gone.take(gone.older), True)):
            if len(own):
                wanted = _hash_older_contents(table[new.tolist()], place[new], key) if as_before else contents[new]
                found = find_places(own.contents, wanted)
                codes[new[found >= 0]] = own.codes[found[found >= 0]]
    return Respondents(codes, contents, np.zeros(len(codes), dtype=bool))


def _hash_contents(table: pl.DataFrame, key: bytes) -> tuple[HashArray, IntArray]:
    """Keyed hash of all that each row says, and of its place among those that say the same; and that place."""
    columns = [name for name in table.columns if name not in _IDS]
    said = sum_answers(derive_key(key, "answers"), table, columns, "all")
    order = np.argsort(said, kind="stable")
    rank = np.arange(len(said))
    first = np.ones(len(said), dtype=bool)
    first[1:] = said[order][1:] != said[order][:-1]
    place = np.empty(len(said), dtype=np.intp)
    place[order] = rank - np.maximum.accumulate(np.where(first, rank, 0))
    return hash_words(derive_key(key, "contents"), [said, place.astype("<u8")]), place


def _hash_older_contents(table: pl.DataFrame, place: IntArray, key: bytes) -> HashArray:
    """Return the same as it was made before SipHash."""
    columns: Sequence[pl.Expr] = [
        pl.col(name).cast(pl.String).fill_null("\x00") for name in table.columns if name not in _IDS
    ]
    texts = table.select(pl.concat_str([*columns, pl.Series("place", place).cast(pl.String)], separator="\x1f"))
    return hash_texts(key, texts.to_series())
