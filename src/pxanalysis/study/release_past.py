"""What was remembered of a release, read again: hashes of the answers that are there and as they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell, HashArray, People, find_block
from pxanalysis.analysis.privacy.fingerprints import AnswerHashes
from pxanalysis.analysis.privacy.known import KnownAnswers
from pxanalysis.analysis.privacy.release import ReleaseState
from pxanalysis.analysis.privacy.respondents import Respondents, find_places
from pxanalysis.analysis.privacy.row_cells import ALL, BlocksOfRows, CellKey, Cells, RowPeople
from pxanalysis.arrays import BoolArray, IntArray
from pxanalysis.study.release_file import LEFT, NEWCOMERS, PEOPLE, PRINTS, base_part
from pxanalysis.study.stand_ins import FORMS, MASK, stand_in, stand_in_whole

__all__ = ["read_people", "translate_cells", "unpack_state"]

_OLDER = FORMS.index("blake2b")


def read_people(table: pl.DataFrame) -> tuple[Respondents, int]:
    """Everybody who was in the study, in the order of their numbers; and the form of the hashes."""
    (row,) = table.filter(pl.col("part") == PEOPLE).iter_rows(named=True)
    codes, contents = (np.frombuffer(row[name], dtype="<u8") for name in ("members", "changed"))
    older = np.unpackbits(np.frombuffer(row["older"], dtype=np.uint8), count=len(codes)).astype(bool)
    return Respondents(codes, contents, older | (row["block"] == _OLDER)), int(row["block"])


def unpack_state(table: pl.DataFrame, people: Respondents, form: int, known: KnownAnswers) -> ReleaseState:
    """The state that was packed."""
    rows = find_places(known.people.codes, people.codes)
    prints = {part.removeprefix(PRINTS): bytes_ for part, bytes_ in _prints_of(table)}
    cells, elements = Cells(known), [known.elements.in_form(one) for one in FORMS]
    of_parts = table.filter(~pl.col("part").str.starts_with("\x00")).partition_by("part", as_dict=True)
    found = {str(name): own for (name,), own in of_parts.items()}
    for part in sorted(found, key=lambda part: base_part(part, prints)):
        own = found[part]
        past = _Past(part, known, people, rows, elements, form, _read_prints(prints.get(base_part(part, prints))))
        hashes = elements[form][part] if part in known.elements else np.zeros(len(known.people), dtype="<u8")
        past.read(own.sort("practice_id", "block", maintain_order=True), hashes, cells)
    return ReleaseState(cells, people)


def _prints_of(table: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    yield from table.filter(pl.col("part").str.starts_with(PRINTS)).select("part", "members").iter_rows()


def _read_prints(data: bytes | None) -> IntArray | None:
    if data is None:
        return None
    parts = np.zeros((len(data) // 3, 4), dtype=np.uint8)
    parts[:, :3] = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
    return parts.view("<u4").reshape(-1)


@dataclass(frozen=True, slots=True, eq=False)
class _Members:
    """Who is in the rows of a part's table by bits: those of a row stand together, in the order of rows.

    Attributes
    ----------
    line, number
        Of each: row of the table, and number of the person.
    same, home
        Whether their answer is there and as it was; and in the practice of the row.
    """

    line: IntArray
    number: IntArray
    same: BoolArray
    home: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """What is needed to read one part.

    Attributes
    ----------
    rows
        Row of each person among the answers that are there, -1 for none.
    elements
        The answers' hashes, by the number of the form.
    form, prints
        Form of the hashes of the file, and three bytes of each by number; None where the part has none.
    """

    part: str
    known: KnownAnswers
    people: Respondents
    rows: IntArray
    elements: Sequence[AnswerHashes]
    form: int
    prints: IntArray | None

    def read(self, table: pl.DataFrame, hashes: HashArray, cells: Cells) -> None:
        """Read the cells of a part, a row a block, one of who left and one of who was new."""
        places = self._places(table["practice_id"])
        members = self._read_members(table, places, hashes)
        there = np.bincount(members.line[members.same & members.home], minlength=table.height)
        extra = sum((table[name].bin.size().to_numpy() for name in ("changed", "others", "older")), np.zeros(1))
        whole = (there == np.bincount(members.line, minlength=table.height)) & (extra == 0)
        numbers = table["block"].to_numpy()
        if self.part in self.known.elements:
            cells.parts[self.part] = self._place(table, places, (numbers >= 0) & (places >= ALL), members)
        elsewhere = (places < ALL) | (numbers < 0) | ~whole
        self._keep(table, np.flatnonzero(_same_practice(table, elsewhere)), whole & (places >= ALL), members, cells)
        again = {str(one) for one in table["practice_id"].filter(pl.Series((numbers >= 0) & (extra > 0)))}
        if again:  # an answer that was not there, or another, may be as it was once
            cells.put(self.part, {practice: cells.kept[practice, self.part] for practice in again})

    def _places(self, practices: pl.Series) -> IntArray:
        """Place of each row's practice, -2 where it has no answers."""
        place = self.known.practices.place | {"": ALL}
        return np.array([place.get(name, ALL - 1) for name in practices.to_list()], dtype=np.intp)

    def _read_members(self, table: pl.DataFrame, places: IntArray, hashes: HashArray) -> _Members:
        if self.prints is None:
            none = np.empty(0, dtype=np.intp)
            return _Members(none, none, none.astype(bool), none.astype(bool))
        width = table["members"].bin.size().to_numpy().astype(np.intp)
        data = b"".join(table["members"].to_list())
        at = np.flatnonzero(np.unpackbits(np.frombuffer(data, dtype=np.uint8)))
        line = np.repeat(np.arange(table.height), width)[at >> 3]
        number = at + (8 * (table["start"].to_numpy() - (np.cumsum(width) - width)))[line]
        row = self.rows[number]
        now = hashes[row]
        same = (row >= 0) & (now > 0) & ((now & np.uint64(MASK)) == self.prints[number])
        place = places[line]
        return _Members(line, number, same, (place == ALL) | (self.known.practices.of_row[row] == place))

    def _place(self, table: pl.DataFrame, places: IntArray, is_block: BoolArray, members: _Members) -> BlocksOfRows:
        """Blocks of practices that are there, by the rows of those who are in them."""
        lines = np.flatnonzero(is_block)
        new = np.cumsum(is_block) - 1
        inside = np.flatnonzero(members.same & members.home & is_block[members.line])
        sizes = np.bincount(members.line, minlength=table.height)
        for name, size in (("changed", 8), ("others", 8), ("older", 8)):
            sizes = sizes + table[name].bin.size().to_numpy().astype(np.intp) // size
        periods = table["period"].to_list()
        return BlocksOfRows.none(len(self.known.people)).with_blocks(
            self.rows[members.number[inside]],
            new[members.line[inside]],
            places[lines],
            sizes[lines],
            [periods[line] for line in lines.tolist()],
        )

    def _keep(self, table: pl.DataFrame, lines: IntArray, whole: BoolArray, members: _Members, cells: Cells) -> None:
        """Keep the cells of these rows with all that is known of them."""
        bounds = np.searchsorted(members.line, np.arange(table.height + 1))
        blocks: dict[CellKey, list[Block]] = {}
        aside: dict[tuple[CellKey, int], People] = {}
        for line in lines.tolist():
            row = table.row(line, named=True)
            key = str(row["practice_id"]), self.part
            own = slice(bounds[line], bounds[line + 1])
            numbers, same = members.number[own], members.same[own]
            if row["block"] >= 0 and whole[line]:
                people: People = RowPeople(self.known.elements, self.part, self.rows[numbers])
            else:
                people = self._unpack(row, numbers, same)
            if row["block"] < 0:
                aside[key, row["block"]] = people
                blocks.setdefault(key, [])
            else:
                blocks.setdefault(key, []).append(Block(str(row["period"]), people))
        for key, found in blocks.items():
            left, new = aside.get((key, LEFT), People()), aside.get((key, NEWCOMERS), People())
            cells.kept[key] = Cell.of(tuple(found), left, new)

    def _unpack(self, row: dict[str, object], numbers: IntArray, same: BoolArray) -> People:
        hashes = [self._hash(self.rows[numbers[same]])]
        stand_ins = self._stand_for(numbers[~same], self.form)
        pairs = _read(row["changed"], "<u4").reshape(-1, 2).astype(np.intp)
        forms = pairs[:, 1] >> 24
        for form in np.unique(forms).tolist():
            at, then = pairs[forms == form].T
            again = self._is_again(at, then & MASK, form)
            hashes.append(self._hash(self.rows[at[again]]))
            stand_ins += [
                stand_in(int(self.people.codes[one]), int(print_))
                for one, print_ in pairs[forms == form][~again].tolist()
            ]
        for name, form in (("others", self.form), ("older", _OLDER)):
            found, gone = self._find_whole(str(row["practice_id"]), _read(row[name], "<u8"), form)
            hashes.append(found)
            stand_ins += gone
        return People.of(np.concatenate(hashes), stand_ins)

    def _hash(self, rows: IntArray) -> HashArray:
        return self.known.elements.of_rows(self.part, rows) if len(rows) else np.empty(0, dtype="<u8")

    def _stand_for(self, numbers: IntArray, form: int) -> list[int]:
        if self.prints is None:
            return []
        codes, prints = self.people.codes[numbers].tolist(), self.prints[numbers].tolist()
        return [stand_in(code, (form << 24) | print_) for code, print_ in zip(codes, prints, strict=True)]

    def _is_again(self, numbers: IntArray, then: IntArray, form: int) -> BoolArray:
        """Whether the answers of some people are as they were once."""
        again = self.rows[numbers] >= 0
        if self.part not in self.known.elements:
            return np.zeros(len(numbers), dtype=bool)
        now = self.elements[form].of_rows(self.part, self.rows[numbers[again]])
        again[again] = (now > 0) & ((now & np.uint64(MASK)) == then[again].astype("<u8"))
        return again

    def _find_whole(self, practice: str, wanted: HashArray, form: int) -> tuple[HashArray, list[int]]:
        """Whole hashes of a form: of answers that are there, in the form that is asked for; and what stands for others.

        Of all practices together it does not matter who left, and nobody is looked for.
        """
        if FORMS[form] == self.known.elements.form:
            return wanted, []
        rows = self.known.practices.rows_of(practice)
        if not len(wanted) or not len(rows) or self.part not in self.known.elements:
            return np.empty(0, dtype="<u8"), [stand_in_whole(one, form) for one in wanted.tolist()]
        were = self.elements[form].of_rows(self.part, rows)
        there = np.isin(were, wanted) & (were > 0)
        return self._hash(rows[there]), [stand_in_whole(one, form) for one in wanted[~np.isin(wanted, were)].tolist()]


def _read(data: object, kind: str) -> HashArray:
    found: HashArray = np.frombuffer(data if isinstance(data, bytes) else b"", dtype=kind)
    return found


def _same_practice(table: pl.DataFrame, lines: BoolArray) -> BoolArray:
    """Rows of practices of which some row is among these."""
    flags = table.select("practice_id", pl.Series("found", lines)).select(pl.col("found").any().over("practice_id"))
    found: BoolArray = flags.to_series().to_numpy()
    return found


def translate_cells(cells: dict[CellKey, Cell], known: KnownAnswers) -> Cells:
    """Cells of whole hashes of the form before, with hashes as they are made now."""
    older, found = known.elements.in_form("blake2b"), dict[CellKey, Cell]()
    for part in {part for _, part in cells}:
        were = older[part] if part in older else np.zeros(len(known.people), dtype="<u8")
        now = known.elements[part] if part in older else were
        for key, cell in cells.items():
            if key[1] == part:
                rows = np.arange(len(were)) if key[0] == "" else known.practices.rows_of(key[0])
                blocks = tuple(Block(one.period, _translate(one.members, were[rows], now[rows])) for one in cell.blocks)
                left, new = (_translate(one, were[rows], now[rows]) for one in (cell.left_members, cell.new_members))
                found[key] = Cell.of(blocks, left, new)
    return Cells.match(known, found)


def _translate(people: People, were: HashArray, now: HashArray) -> People:
    there = (find_block([Block("", people)], were) >= 0) & (were > 0)
    gone: Sequence[int] = people.hashes[~np.isin(people.hashes, were)].tolist()
    return People.of(now[there], [*people.stand_ins, *(stand_in_whole(one, _OLDER) for one in gone)])
