"""What is remembered of a release, as a small table: who counts where, by number, and of each answer three bytes.

A keyed hash of eight bytes stands once per person. Of each of their answers there are three bytes of its own keyed
hash: enough to see that it was changed (the chance to miss one change is 1 in 16 million), and less than the whole
hash to whoever would guess. Who is in a cell is a row of bits. Whole hashes are found again from the answers and the
key; an answer that is no longer there, or was changed, stays known by the person's number and its three bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Cell, HashArray, People
from pxanalysis.analysis.privacy.fingerprints import MODEL
from pxanalysis.analysis.privacy.known import KnownAnswers, SmallInts
from pxanalysis.analysis.privacy.respondents import Respondents, find_places
from pxanalysis.analysis.privacy.row_cells import ALL, BlocksOfRows, Cells, group_cells
from pxanalysis.arrays import BoolArray, IntArray
from pxanalysis.study.stand_ins import FORMS, MASK, older_hash, print_of, stands_for

__all__ = ["LEFT", "NEWCOMERS", "PEOPLE", "PRINTS", "SCHEMA", "base_part", "pack_state"]

SCHEMA = {
    "practice_id": pl.String,
    "part": pl.String,
    "block": pl.Int32,
    "period": pl.String,
    "start": pl.Int64,
    "members": pl.Binary,
    "changed": pl.Binary,
    "others": pl.Binary,
    "older": pl.Binary,
}
"""A row per block: bits of its members from a byte on, number and three bytes of those who changed, other hashes whole.

``older`` are whole hashes of the form before. In the row of the people: their codes (``members``), contents
(``changed``), bits of whose contents are of the form before (``older``), and the form of the file (``block``).
"""

PEOPLE, PRINTS = "\x00people", "\x00prints:"
LEFT, NEWCOMERS = -1, -2

_Row = tuple[str, str, int, str, int, bytes, bytes, bytes, bytes]


def pack_state(cells: Cells, people: Respondents) -> Iterator[pl.DataFrame]:
    """Tables of the people, and of each part: its blocks, and a row of bytes about the answers."""
    numbers = _Numbers.of(cells.known, people)
    own = numbers.people
    form = FORMS.index(cells.known.elements.form)
    yield _table(
        [("", PEOPLE, form, "", 0, own.codes.tobytes(), own.contents.tobytes(), b"", np.packbits(own.older).tobytes())]
    )
    kept, elements = group_cells(cells.kept), cells.known.elements
    parts = {*cells.parts, *kept}
    stand_once = {base_part(part, elements) for part in parts if part in elements}
    for part in sorted(parts | stand_once, key=lambda part: (base_part(part, elements), part)):
        if part in stand_once:
            yield _table([("", PRINTS + part, 0, "", 0, numbers.prints(elements[part]), b"", b"", b"")])
        yield from _pack_part(cells, part, kept.get(part, {}), numbers)


def _pack_part(cells: Cells, part: str, kept: Mapping[str, Cell], numbers: _Numbers) -> Iterator[pl.DataFrame]:
    blocks, elements = cells.parts.get(part) or BlocksOfRows.none(len(numbers.of_row)), cells.known.elements
    whole = blocks.is_whole()
    if whole.any():
        yield _pack_whole(part, blocks, whole, numbers)
    rows: list[_Row] = []
    finder = _Finder.of(elements[part] if kept and part in elements else None, numbers.of_row)
    for practice, cell in kept.items():
        rows += _pack_kept((practice, part), cell, numbers, finder, _find_whole(cells, part, practice, whole))
    if rows:
        yield _table(rows)


def _table(rows: list[_Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def base_part(part: str, parts: Collection[str]) -> str:
    """Effects rest on the same answers as the part does: their three bytes stand once."""
    bare = part.removeprefix(MODEL)
    return bare if bare in parts else part


@dataclass(frozen=True, eq=False)
class _Numbers:
    """Everybody in the order of their numbers: those of a practice in a row.

    Attributes
    ----------
    people
        In that order.
    rows
        Row of each, -1 for none; shape (people,).
    of_row
        Number of each row; shape (rows,).
    practices
        Ids by place.
    """

    people: Respondents
    rows: IntArray
    of_row: SmallInts
    names: list[str]

    @classmethod
    def of(cls, known: KnownAnswers, people: Respondents) -> _Numbers:
        names = known.practices.names
        rank = np.zeros(len(names) + 1, dtype=np.int32)  # whoever has no row comes first
        rank[np.argsort(np.array(names, dtype=object), kind="stable")] = np.arange(1, len(names) + 1)
        rows = find_places(known.people.codes, people.codes)
        practice = np.append(known.practices.of_row, len(names))[rows]
        order = np.lexsort((people.codes, rank[practice]))
        rows = rows[order]
        of_row = np.full(len(known.people), -1, dtype=np.int32)
        of_row[rows[rows >= 0]] = np.flatnonzero(rows >= 0)
        return cls(people.take(order), rows, of_row, list(names))

    def prints(self, hashes: HashArray) -> bytes:
        """Three bytes of everybody's answer, by number."""
        found = np.zeros(len(self.rows), dtype="<u4")
        there = self.rows >= 0
        found[there] = hashes[self.rows[there]] & np.uint64(MASK)
        return found.view(np.uint8).reshape(-1, 4)[:, :3].tobytes()

    def find(self, codes: list[int]) -> list[int]:
        """Number of each person, -1 for none."""
        order, ordered = self._in_order
        wanted = np.array(codes, dtype="<u8")
        at = np.searchsorted(ordered, wanted).clip(max=len(ordered) - 1) if len(ordered) else wanted.astype(np.intp)
        found = np.where(ordered[at] == wanted, order[at], -1) if len(ordered) else np.full(len(codes), -1)
        return [int(one) for one in found]

    @cached_property
    def _in_order(self) -> tuple[IntArray, HashArray]:
        order = np.argsort(self.people.codes)
        return order, self.people.codes[order]


def _pack_whole(part: str, blocks: BlocksOfRows, whole: BoolArray, numbers: _Numbers) -> pl.DataFrame:
    """Rows of the blocks of which everybody is there."""
    there = numbers.rows[numbers.rows >= 0]
    of_number, number = blocks.of_row[there], np.flatnonzero(numbers.rows >= 0)
    inside = np.flatnonzero(np.append(whole, False)[of_number])
    inside = inside[np.argsort(of_number[inside], kind="stable")]
    block, number = of_number[inside].astype(np.intp), number[inside]
    kinds, first = np.unique(block, return_index=True)
    last = np.append(first[1:], len(block)) - 1
    start = number[first] // 8
    width = number[last] // 8 - start + 1
    begins = np.cumsum(width) - width
    at = np.repeat(8 * (begins - start), last - first + 1) + number
    bits = np.zeros(8 * int(width.sum()), dtype=bool)
    bits[at] = True
    data = np.packbits(bits).tobytes()
    ends = (begins + width).tolist()
    places, seen = blocks.practices[kinds].tolist(), Counter[int]()
    ranks = {}
    for number_, place in enumerate(blocks.practices.tolist()):
        ranks[number_] = seen[place]
        seen[place] += 1
    empty = [b""] * len(kinds)
    columns = {
        "practice_id": ["" if place == ALL else numbers.names[place] for place in places],
        "part": [part] * len(kinds),
        "block": [ranks[one] for one in kinds.tolist()],
        "period": [blocks.periods[one] for one in kinds.tolist()],
        "start": start,
        "members": [data[begin:end] for begin, end in zip(begins.tolist(), ends, strict=True)],
        "changed": empty,
        "others": empty,
        "older": empty,
    }
    return pl.DataFrame(columns, schema=SCHEMA).sort("practice_id", "block", maintain_order=True)


def _find_whole(cells: Cells, part: str, practice: str, whole: BoolArray) -> list[bool]:
    """Which blocks of a practice stand there by their rows."""
    place = ALL if practice == "" else cells.known.practices.place.get(practice)
    found: list[bool] = [] if place is None or not len(whole) else whole[cells.parts[part].of_practice(place)].tolist()
    return found


def _pack_kept(
    key: tuple[str, str], cell: Cell, numbers: _Numbers, finder: _Finder, whole: list[bool]
) -> Iterator[_Row]:
    """Rows of a cell: of blocks of which somebody is not there, of who left, and of who was new."""
    blocks = [
        (number, block.period, block.members)
        for number, block in enumerate(cell.blocks)
        if number >= len(whole) or not whole[number]
    ]
    aside = [(LEFT, "", cell.left_members), (NEWCOMERS, "", cell.new_members)]
    for number, period, people in [*blocks, *(one for one in aside if len(one[2]))]:
        yield (*key, number, period, *finder.pack(people, numbers))


@dataclass(frozen=True, eq=False)
class _Finder:
    """Numbers of people by the hash of their answer to one part.

    Attributes
    ----------
    elements, of_row
        Hash and number of each row.
    """

    elements: HashArray
    of_row: SmallInts

    @classmethod
    def of(cls, elements: HashArray | None, of_row: SmallInts) -> _Finder:
        none: HashArray = np.empty(0, dtype="<u8")
        return cls(none, none.astype(np.intp)) if elements is None else cls(elements, of_row)

    @cached_property
    def _in_order(self) -> tuple[HashArray, IntArray]:
        there = np.flatnonzero((self.elements > 0) & (self.of_row >= 0))
        order = there[np.argsort(self.elements[there], kind="stable")]
        return self.elements[order], self.of_row[order]

    def find(self, hashes: HashArray) -> IntArray:
        """Number of the person of each hash, -1 for none."""
        known, numbers = self._in_order
        if not len(known):
            return np.full(len(hashes), -1, dtype=np.intp)
        place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        return np.where(known[place] == hashes, numbers[place], -1)

    def pack(self, people: People, numbers: _Numbers) -> tuple[int, bytes, bytes, bytes, bytes]:
        """Members as bits from a byte on; those whose answer changed by number and bytes; other hashes whole."""
        own = people.hashes
        found = self.find(own)
        start, bits = _pack_bits(found[found >= 0])
        others, older = own[found < 0].tolist(), [older_hash(one) for one in people.stand_ins]
        answers = [one for one in people.stand_ins if stands_for(one) is not None]
        place = numbers.find([stands_for(one) or 0 for one in answers])
        changed = [(at, print_of(one)) for at, one in zip(place, answers, strict=True) if at >= 0]
        others += [one % (1 << 64) for at, one in zip(place, answers, strict=True) if at < 0]
        pairs = np.array(sorted(changed), dtype="<u4").reshape(-1, 2)
        return start, bits, pairs.tobytes(), _words(others), _words([one for one in older if one is not None])


def _pack_bits(numbers: IntArray) -> tuple[int, bytes]:
    """A bit for each number, from the byte on in which the first is: people of a practice have numbers in a row."""
    if not len(numbers):
        return 0, b""
    start = int(numbers.min()) // 8
    bits = np.zeros(int(numbers.max()) - 8 * start + 1, dtype=bool)
    bits[numbers - 8 * start] = True
    return start, np.packbits(bits).tobytes()


def _words(numbers: list[int]) -> bytes:
    return np.array(sorted(numbers), dtype="<u8").tobytes()
