"""What is remembered of a release, as a small table: who counts where, by number, and of each answer three bytes.

A keyed hash of eight bytes stands once per person. Of each of their answers there are three bytes of its own keyed
hash: enough to see that it was changed (the chance to miss one change is 1 in 16 million), and less than the whole
hash to whoever would guess. Who is in a cell is a row of bits. Whole hashes are found again from the answers and the
key; an answer that is no longer there, or was changed, stays known by the person's number and its three bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell
from pxanalysis.analysis.privacy.fingerprints import MODEL, Person
from pxanalysis.analysis.privacy.release import ReleaseState
from pxanalysis.arrays import IntArray

__all__ = ["SCHEMA", "KnownAnswers", "pack_state", "read_people", "stands_for", "unpack_state"]

SCHEMA = {
    "practice_id": pl.String,
    "part": pl.String,
    "block": pl.Int32,
    "period": pl.String,
    "members": pl.Binary,
    "changed": pl.Binary,
    "others": pl.Binary,
}
_PEOPLE, _PRINTS = "\x00people", "\x00prints:"
_LEFT, _NEWCOMERS = -1, -2
_WHOLE = 1 << 64
_MASK = (1 << 24) - 1


@dataclass(frozen=True, slots=True, eq=False)
class KnownAnswers:
    """The answers that are there now: of each row its practice, person, and hash per part (0: none)."""

    practices: Sequence[str]
    people: Sequence[Person]
    elements: Mapping[str, Sequence[int]]


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
    rows = [number.get(person.code, -1) for person in known.people]
    current = {
        part: {one: i for one, i in zip(found, rows, strict=True) if one and i >= 0}
        for part, found in known.elements.items()
    }
    packed = [
        ("", _PEOPLE, 0, "", _words(order), _words([content[code] for code in order]), b""),
        *_pack_prints(state, current, len(order)),
    ]
    for (practice, part), cell in sorted(state.cells.items()):
        blocks = [(i, block.period, block.people) for i, block in enumerate(cell.blocks)]
        aside = [(_LEFT, "", cell.seen - cell.people), (_NEWCOMERS, "", cell.newcomers)]
        for i, period, people in [*blocks, *(one for one in aside if one[2])]:
            packed.append((practice, part, i, period, *_pack_people(people, current.get(part, {}), number)))
    return pl.DataFrame(packed, schema=SCHEMA, orient="row")


def _base(part: str, parts: Mapping[str, object]) -> str:
    """Effects rest on the same answers as the part does: their three bytes stand once."""
    bare = part.removeprefix(MODEL)
    return bare if bare in parts else part


def _pack_prints(
    state: ReleaseState, current: Mapping[str, Mapping[int, int]], size: int
) -> Iterator[tuple[str, str, int, str, bytes, bytes, bytes]]:
    for part in sorted({_base(part, current) for _, part in state.cells if part in current}):
        prints = np.zeros(size, dtype="<u4")
        for one, i in current[part].items():
            prints[i] = one & _MASK
        yield "", _PRINTS + part, 0, "", prints.view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), b"", b""


def _pack_people(
    people: frozenset[int], current: Mapping[int, int], number: Mapping[int, int]
) -> tuple[bytes, bytes, bytes]:
    """Members as bits; those whose answer changed by number and three bytes; hashes of whom nothing is known whole."""
    bits = np.zeros(len(number), dtype=bool)
    changed: list[tuple[int, int]] = []
    others: list[int] = []
    for one in people:
        code = stands_for(one)
        if one in current:
            bits[current[one]] = True
        elif code is not None and code in number:
            changed.append((number[code], one & _MASK))
        else:
            others.append(one % _WHOLE)
    pairs = np.array(sorted(changed), dtype="<u4").reshape(-1, 2)
    return np.packbits(bits).tobytes() if bits.any() else b"", pairs.tobytes(), _words(sorted(others))


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
    rows = [number.get(person.code, -1) for person in known.people]
    prints = {
        str(row["part"]).removeprefix(_PRINTS): _read_prints(row["members"])
        for row in table.filter(pl.col("part").str.starts_with(_PRINTS)).iter_rows(named=True)
    }
    now = {
        part: {i: one for one, i in zip(found, rows, strict=True) if one and i >= 0}
        for part, found in known.elements.items()
    }
    blocks: dict[tuple[str, str], list[Block]] = {}
    seen: dict[tuple[str, str], frozenset[int]] = {}
    new: dict[tuple[str, str], frozenset[int]] = {}
    for row in table.filter(~pl.col("part").str.starts_with("\x00")).iter_rows(named=True):
        place = (str(row["practice_id"]), str(row["part"]))
        own = _unpack_people(row, people, now.get(place[1], {}), prints.get(_base(place[1], prints)))
        seen[place] = seen.get(place, frozenset()) | own
        if row["block"] == _NEWCOMERS:
            new[place] = own
        elif row["block"] != _LEFT:
            blocks.setdefault(place, []).append(Block(str(row["period"]), own))
    cells = {
        place: Cell(tuple(blocks.get(place, [])), every, new.get(place, frozenset())) for place, every in seen.items()
    }
    return ReleaseState(cells, people)


def _read_prints(data: bytes) -> IntArray:
    parts = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3).astype(np.intp)
    return parts[:, 0] | (parts[:, 1] << 8) | (parts[:, 2] << 16)


def _unpack_people(
    row: Mapping[str, bytes], people: Sequence[Person], now: Mapping[int, int], prints: IntArray | None
) -> frozenset[int]:
    bits = np.unpackbits(np.frombuffer(row["members"], dtype=np.uint8))[: len(people)]
    pairs = [(int(i), int(prints[i])) for i in np.flatnonzero(bits)] if prints is not None else []
    pairs += [(i, print_) for i, print_ in np.frombuffer(row["changed"], dtype="<u4").reshape(-1, 2).tolist()]
    found = {
        now[i] if i in now and now[i] & _MASK == print_ else _stand_in(people[i].code, print_) for i, print_ in pairs
    }
    return frozenset(found | set(np.frombuffer(row["others"], dtype="<u8").tolist()))
