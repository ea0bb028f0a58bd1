"""What is remembered of a release, as a small table: who counts where, by number, and of each answer three bytes.

A keyed hash of eight bytes stands once per person. Of each of their answers there are three bytes of its own keyed
hash: enough to see that it was changed (the chance to miss one change is 1 in 16 million), and less than the whole
hash to whoever would guess. Who is in a cell is a row of bits. Whole hashes are found again from the answers and the
key; an answer that is no longer there, or was changed, stays known by the person's number and its three bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell, HashArray, People
from pxanalysis.analysis.privacy.fingerprints import MODEL, KnownAnswers, Person
from pxanalysis.analysis.privacy.release import ReleaseState, group_rows
from pxanalysis.arrays import IntArray

__all__ = ["SCHEMA", "pack_state", "read_people", "stands_for", "unpack_state"]

SCHEMA = {
    "practice_id": pl.String,
    "part": pl.String,
    "block": pl.Int32,
    "period": pl.String,
    "start": pl.Int64,
    "members": pl.Binary,
    "changed": pl.Binary,
    "others": pl.Binary,
}
_PEOPLE, _PRINTS = "\x00people", "\x00prints:"
_LEFT, _NEWCOMERS = -1, -2
_WHOLE = 1 << 64
_MASK = (1 << 24) - 1


def _stand_in(code: int, print_: int) -> int:
    """A number for an answer that is not there any more: no hash is so large."""
    return (1 << 100) | (code << 24) | print_


def stands_for(element: int) -> int | None:
    """Code of the person for whom a number stands whose answer is not there any more; None for a hash."""
    return (element >> 24) & (_WHOLE - 1) if element >= _WHOLE else None


def pack_state(state: ReleaseState, known: KnownAnswers) -> pl.DataFrame:
    """One row per block, a row of bytes per part, and one with the people."""
    place = {person.code: name for person, name in zip(known.people, known.practices, strict=True)}
    content = {person.code: person.content for person in state.people}
    order = sorted(content, key=lambda code: (place.get(code, ""), code))
    number = {code: i for i, code in enumerate(order)}
    rows = np.array([number.get(person.code, -1) for person in known.people], dtype=np.intp)
    packed = [
        ("", _PEOPLE, 0, "", 0, _words(order), _words([content[code] for code in order]), b""),
        *_pack_prints(state, known, rows, len(order)),
    ]
    rows_of = group_rows(known.practices)
    for part, cells in _by_part(state.cells).items():
        everybody = _Finder.of(known.elements.get(part), rows)
        for practice, cell in cells:
            finder = everybody.within(rows_of.get(practice))
            blocks = [(i, block.period, block.members) for i, block in enumerate(cell.blocks)]
            aside = [(_LEFT, "", cell.left_members), (_NEWCOMERS, "", cell.new_members)]
            blocks += [one for one in aside if len(one[2])]
            packed += [(practice, part, i, period, *finder.pack(people, number)) for i, period, people in blocks]
    return pl.DataFrame(packed, schema=SCHEMA, orient="row").sort("practice_id", "part", maintain_order=True)


def _by_part(cells: Mapping[tuple[str, str], Cell]) -> dict[str, list[tuple[str, Cell]]]:
    found: dict[str, list[tuple[str, Cell]]] = {}
    for (practice, part), cell in cells.items():
        found.setdefault(part, []).append((practice, cell))
    return found


def _base(part: str, parts: Collection[str]) -> str:
    """Effects rest on the same answers as the part does: their three bytes stand once."""
    bare = part.removeprefix(MODEL)
    return bare if bare in parts else part


def _pack_prints(
    state: ReleaseState, known: KnownAnswers, rows: IntArray, size: int
) -> Iterator[tuple[str, str, int, str, int, bytes, bytes, bytes]]:
    for part in sorted({_base(part, known.elements) for _, part in state.cells if part in known.elements}):
        elements = known.elements[part]
        there = (elements > 0) & (rows >= 0)
        prints = np.zeros(size, dtype="<u4")
        prints[rows[there]] = (elements[there] & np.uint64(_MASK)).astype("<u4")
        yield "", _PRINTS + part, 0, "", 0, prints.view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), b"", b""


@dataclass(frozen=True, eq=False)
class _Finder:
    """Numbers of people by the hash of their answer to one part.

    Attributes
    ----------
    elements, rows
        Hash and number of each row.
    beyond
        Where to look for what is not among these.
    """

    elements: HashArray
    rows: IntArray
    beyond: _Finder | None = None

    @classmethod
    def of(cls, elements: HashArray | None, rows: IntArray) -> _Finder:
        none: HashArray = np.empty(0, dtype="<u8")
        return cls(none, none.astype(np.intp)) if elements is None else cls(elements, rows)

    def within(self, rows: IntArray | None) -> _Finder:
        """Look among these rows first: those of a practice are few, and nearly always hold what its cells do."""
        return self if rows is None or not len(self.rows) else _Finder(self.elements[rows], self.rows[rows], self)

    @cached_property
    def _in_order(self) -> tuple[HashArray, IntArray]:
        there = np.flatnonzero((self.elements > 0) & (self.rows >= 0))
        order = there[np.argsort(self.elements[there], kind="stable")]
        return self.elements[order], self.rows[order]

    def find(self, hashes: HashArray) -> IntArray:
        """Number of the person of each hash, -1 for none."""
        known, numbers = self._in_order
        if len(known):
            place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            found = np.where(known[place] == hashes, numbers[place], -1)
        else:
            found = np.full(len(hashes), -1, dtype=np.intp)
        if self.beyond is not None and (found < 0).any():
            found[found < 0] = self.beyond.find(hashes[found < 0])
        return found

    def pack(self, people: People, number: Mapping[int, int]) -> tuple[int, bytes, bytes, bytes]:
        """Members as bits from a byte on; those whose answer changed by number and three bytes; other hashes whole."""
        own = people.hashes
        found = self.find(own)
        start, bits = _pack_bits(found[found >= 0])
        changed: list[tuple[int, int]] = []
        others: list[int] = own[found < 0].tolist()
        for one in people.stand_ins:
            code = stands_for(one)
            if code is not None and code in number:
                changed.append((number[code], one & _MASK))
            else:
                others.append(one % _WHOLE)
        pairs = np.array(sorted(changed), dtype="<u4").reshape(-1, 2)
        return start, bits, pairs.tobytes(), _words(sorted(others))


def _pack_bits(numbers: IntArray) -> tuple[int, bytes]:
    """A bit for each number, from the byte on in which the first is: people of a practice have numbers in a row."""
    if not len(numbers):
        return 0, b""
    start = int(numbers.min()) // 8
    bits = np.zeros(int(numbers.max()) - 8 * start + 1, dtype=bool)
    bits[numbers - 8 * start] = True
    return start, np.packbits(bits).tobytes()


def _words(numbers: list[int]) -> bytes:
    return np.array(numbers, dtype="<u8").tobytes()


def read_people(table: pl.DataFrame) -> tuple[Person, ...]:
    """Everybody who was in the study, in the order of their numbers."""
    (row,) = table.filter(pl.col("part") == _PEOPLE).iter_rows(named=True)
    codes, contents = (np.frombuffer(row[name], dtype="<u8").tolist() for name in ("members", "changed"))
    return tuple(Person(code, content) for code, content in zip(codes, contents, strict=True))


def unpack_state(table: pl.DataFrame, known: KnownAnswers) -> ReleaseState:
    """The state that was packed, with the hashes of the answers that are there and as they were."""
    people = read_people(table)
    number = {person.code: i for i, person in enumerate(people)}
    rows = np.array([number.get(person.code, -1) for person in known.people], dtype=np.intp)
    prints = {
        str(part).removeprefix(_PRINTS): members
        for part, members in table.filter(pl.col("part").str.starts_with(_PRINTS)).select("part", "members").iter_rows()
    }
    cells: dict[tuple[str, str], Cell] = {}
    of_cells = table.filter(~pl.col("part").str.starts_with("\x00"))
    for (part,), own in of_cells.group_by("part", maintain_order=True):
        now = np.zeros(len(people), dtype="<u8")
        elements = known.elements.get(str(part))
        if elements is not None:
            now[rows[rows >= 0]] = elements[rows >= 0]
        past = _Past(people, now, _read_prints(prints.get(_base(str(part), prints))))
        for (practice,), rows_of_cell in own.group_by("practice_id", maintain_order=True):
            cells[str(practice), str(part)] = past.read_cell(rows_of_cell)
    return ReleaseState(cells, people)


def _read_prints(data: bytes | None) -> IntArray | None:
    if data is None:
        return None
    parts = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3).astype(np.intp)
    return parts[:, 0] | (parts[:, 1] << 8) | (parts[:, 2] << 16)


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """What was remembered of one part: by number, hashes of the answers that are there now, and three bytes then."""

    people: Sequence[Person]
    now: HashArray
    prints: IntArray | None

    def read_cell(self, rows: pl.DataFrame) -> Cell:
        """Return the cell of these rows, a row a block, one of who left and one of who was new."""
        blocks, aside = [], {_LEFT: frozenset[int](), _NEWCOMERS: frozenset[int]()}
        for row in rows.iter_rows(named=True):
            own = self._unpack(row)
            if row["block"] in aside:
                aside[row["block"]] = own
            else:
                blocks.append(Block(str(row["period"]), own))
        seen = aside[_LEFT].union(*(block.people for block in blocks))
        return Cell(tuple(blocks), seen, aside[_NEWCOMERS])

    def _unpack(self, row: Mapping[str, Any]) -> frozenset[int]:
        at, then = np.frombuffer(row["changed"], dtype="<u4").reshape(-1, 2).astype(np.intp).T
        if self.prints is not None:
            bits = np.unpackbits(np.frombuffer(row["members"], dtype=np.uint8))
            members = 8 * row["start"] + np.flatnonzero(bits)
            at, then = np.append(at, members), np.append(then, self.prints[members])
        now = self.now[at]
        same = (now > 0) & ((now & np.uint64(_MASK)).astype(np.intp) == then)
        changed = zip(at[~same].tolist(), then[~same].tolist(), strict=True)
        stand_ins = [_stand_in(self.people[i].code, print_) for i, print_ in changed]
        return frozenset(now[same].tolist()).union(stand_ins, np.frombuffer(row["others"], dtype="<u8").tolist())
