"""Cells of all practices, by rows of the answers that are there: who is in which block, two bytes a row and part.

A cell nobody left is known by its rows; its hashes are made when somebody asks. Others are kept as they are: with who
left, and numbers that stand for answers that are not there any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from pxanalysis.analysis.privacy.cells import Block, Cell, HashArray, People, find_block
from pxanalysis.analysis.privacy.fingerprints import AnswerHashes
from pxanalysis.analysis.privacy.known import KnownAnswers, SmallInts
from pxanalysis.arrays import BoolArray, IntArray

__all__ = ["ALL", "BlocksOfRows", "CellKey", "Cells", "RowPeople", "group_cells"]

CellKey = tuple[str, str]
"""Practice (empty: all of them) and part."""

ALL = -1
"""Place of all practices together, among practices."""


class RowPeople(People):
    """People by the rows of their answers; each is there."""

    __slots__ = ("_elements", "_part", "_rows")

    def __init__(self, elements: AnswerHashes, part: str, rows: IntArray) -> None:
        super().__init__()
        self._elements, self._part, self._rows = elements, part, rows

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def hashes(self) -> HashArray:
        """Hashes in order; shape (k,)."""
        return np.sort(self._elements.of_rows(self._part, self._rows))


@dataclass(frozen=True, slots=True, eq=False)
class BlocksOfRows:
    """The blocks of one part, of every practice, and which of them each row is in.

    Attributes
    ----------
    of_row
        Number of the block, -1 for none; shape (rows,).
    practices
        Place of the practice of each block, `ALL` for a block of all practices; shape (blocks,).
    sizes
        People of each block, those whose answers are not there any more included.
    periods
        Of each block.
    """

    of_row: SmallInts
    practices: IntArray
    sizes: IntArray
    periods: tuple[str, ...]

    @classmethod
    def none(cls, rows: int) -> BlocksOfRows:
        """No block."""
        no: IntArray = np.empty(0, dtype=np.intp)
        return cls(np.full(rows, -1, dtype=np.int16), no, no, ())

    def __len__(self) -> int:
        return len(self.periods)

    def of_practice(self, place: int) -> list[int]:
        """Numbers of a practice's blocks, in order."""
        found: list[int] = np.flatnonzero(self.practices == place).tolist()
        return found

    def is_whole(self) -> BoolArray:
        """Whether everybody of each block is there; shape (blocks,)."""
        whole: BoolArray = np.bincount(self.of_row + 1, minlength=len(self) + 1)[1:] == self.sizes
        return whole

    def take(self, rows: IntArray, place: IntArray) -> BlocksOfRows:
        """Keep some rows; ``place`` is the new one of each practice (-1: gone, with its blocks)."""
        new_place = np.append(place, ALL)
        stays = (self.practices == ALL) | (new_place[self.practices] >= 0)
        number = np.append(np.where(stays, np.cumsum(stays) - 1, -1), -1)
        kept = np.flatnonzero(stays)
        periods = tuple(self.periods[one] for one in kept.tolist())
        practices = new_place[self.practices[kept]]
        return BlocksOfRows(_small(number[self.of_row[rows]], len(kept)), practices, self.sizes[kept], periods)

    def without(self, places: IntArray) -> BlocksOfRows:
        """Return the blocks without those of some practices."""
        goes = np.isin(self.practices, places)
        if not goes.any():
            return self
        number = np.append(np.where(goes, -1, np.cumsum(~goes) - 1), -1)
        kept = np.flatnonzero(~goes)
        periods = tuple(self.periods[one] for one in kept.tolist())
        return BlocksOfRows(_small(number[self.of_row], len(kept)), self.practices[kept], self.sizes[kept], periods)

    def with_blocks(
        self, rows: IntArray, number: IntArray, practices: IntArray, sizes: IntArray, periods: Iterable[str]
    ) -> BlocksOfRows:
        """Add blocks; ``number`` is of each of ``rows`` its block among those that are added."""
        count = len(self) + len(practices)
        of_row = _small(self.of_row, count)
        of_row[rows] = number + len(self)
        return BlocksOfRows(
            of_row,
            np.append(self.practices, practices),
            np.append(self.sizes, sizes),
            (*self.periods, *periods),
        )


def _small(numbers: SmallInts, blocks: int) -> SmallInts:
    """Make a copy in as few bytes as numbers of so many blocks need."""
    small: SmallInts = numbers.astype(np.int16 if blocks < 2**15 else np.int32)
    return small


@dataclass(frozen=True, slots=True, eq=False)
class Cells(Mapping[CellKey, Cell]):
    """The cells of a release.

    Attributes
    ----------
    known
        The answers by whose rows they are known.
    parts
        Blocks by part; of cells that are kept, those people of their blocks who are there.
    kept
        Cells that are more, or less, than their rows.
    """

    known: KnownAnswers
    parts: dict[str, BlocksOfRows] = field(default_factory=dict)
    kept: dict[CellKey, Cell] = field(default_factory=dict)

    @classmethod
    def match(cls, known: KnownAnswers, cells: Mapping[CellKey, Cell]) -> Cells:
        """Find the people of cells among these answers, by their hashes."""
        found = cls(known)
        for part, own in group_cells(cells).items():
            found.put(part, own)
        return found

    def put(self, part: str, cells: Mapping[str, Cell]) -> None:
        """Put cells of practices, found among the answers by their hashes, in the place of what there is of them."""
        practices = self.known.practices
        self.kept.update({(practice, part): cell for practice, cell in cells.items()})
        if part not in self.known.elements:
            return
        places = np.array([practices.place[name] for name in cells if name in practices.place], dtype=np.intp)
        blocks = self.parts.get(part, BlocksOfRows.none(len(self.known.people))).without(places)
        self.parts[part] = blocks = _add_cells(self.known, part, blocks, cells)
        whole = _whole_practices(blocks)
        for practice, cell in cells.items():
            place = ALL if practice == "" else practices.place.get(practice)
            if place in whole and not len(cell.left_members):
                del self.kept[practice, part]

    def __getitem__(self, key: CellKey) -> Cell:
        if key in self.kept:
            return self.kept[key]
        practice, part = key
        place = ALL if practice == "" else self.known.practices.place[practice]
        numbers = self.parts[part].of_practice(place)
        if not numbers:
            raise KeyError(key)
        return Cell(self.blocks_of(part, place, numbers))

    def blocks_of(self, part: str, place: int, numbers: Iterable[int]) -> tuple[Block, ...]:
        """Blocks of a practice, of those who are there."""
        blocks, elements = self.parts[part], self.known.elements
        rows = np.arange(len(blocks.of_row)) if place == ALL else self.known.practices.rows[place]
        own = blocks.of_row[rows]
        return tuple(
            Block(blocks.periods[number], RowPeople(elements, part, rows[own == number])) for number in numbers
        )

    def __iter__(self) -> Iterator[CellKey]:
        yield from self.kept
        for part, blocks in self.parts.items():
            for place in np.unique(blocks.practices).tolist():
                key = "" if place == ALL else self.known.practices.names[place], part
                if key not in self.kept:
                    yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def sizes(self) -> Iterator[tuple[CellKey, int, list[tuple[str, int]]]]:
        """Of each cell, how many are or were in a block, and period and size of its blocks."""
        for key, cell in self.kept.items():
            yield key, cell.count_seen(), [(block.period, len(block)) for block in cell.blocks]
        for part, blocks in self.parts.items():
            own: dict[int, list[tuple[str, int]]] = {}
            for place, period, size in zip(
                blocks.practices.tolist(), blocks.periods, blocks.sizes.tolist(), strict=True
            ):
                own.setdefault(place, []).append((period, size))
            for place, found in own.items():
                key = "" if place == ALL else self.known.practices.names[place], part
                if key not in self.kept:
                    yield key, sum(size for _, size in found), found

    def take(self, rows: IntArray, kept: Mapping[CellKey, Cell]) -> Cells:
        """Keep some rows; ``kept`` are the cells that lose anybody by it, as they are then, and those kept before."""
        known = self.known.take(rows)
        place = np.array([known.practices.place.get(name, -1) for name in self.known.practices.names], dtype=np.intp)
        return Cells(known, {part: own.take(rows, place) for part, own in self.parts.items()}, dict(kept))


def _whole_practices(blocks: BlocksOfRows) -> set[int]:
    """Practices with blocks, of which everybody is there."""
    broken = np.unique(blocks.practices[~blocks.is_whole()])
    return set(blocks.practices.tolist()) - set(broken.tolist())


def group_cells(cells: Mapping[CellKey, Cell]) -> dict[str, dict[str, Cell]]:
    """Cells by part and practice."""
    found: dict[str, dict[str, Cell]] = {}
    for (practice, part), cell in cells.items():
        found.setdefault(part, {})[practice] = cell
    return found


def _add_cells(known: KnownAnswers, part: str, blocks: BlocksOfRows, cells: Mapping[str, Cell]) -> BlocksOfRows:
    """Add cells of practices that have no blocks, by the hashes of the people in them."""
    rows: list[IntArray] = []
    numbers: list[IntArray] = []
    places: list[int] = []
    added: list[Block] = []
    hashes = known.elements[part] if len(cells) > 1 or "" in cells else None
    for practice, cell in cells.items():
        own = np.arange(len(known.people)) if practice == "" else known.practices.rows_of(practice)
        if cell.blocks and len(own):
            there = known.elements.of_rows(part, own) if hashes is None else hashes[own]
            place = find_block(cell.blocks, there)
            in_one = (place >= 0) & (there > 0)
            rows.append(own[in_one])
            numbers.append(place[in_one] + len(added))
            places += [ALL if practice == "" else known.practices.place[practice]] * len(cell.blocks)
            added += cell.blocks
    if not added:
        return blocks
    sizes = np.array([len(block) for block in added], dtype=np.intp)
    practices = np.array(places, dtype=np.intp)
    periods = [block.period for block in added]
    return blocks.with_blocks(np.concatenate(rows), np.concatenate(numbers), practices, sizes, periods)
