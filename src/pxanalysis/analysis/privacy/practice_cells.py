"""The cells of one practice, renewed set by set: what a release decides, as it is defined.

Most practices have new answers only; those are renewed all at once (`pxanalysis.analysis.privacy.renewal`), with the
same outcome.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.privacy.cells import Block, Cell, Change, HashArray, People, renew_cell
from pxanalysis.analysis.privacy.fingerprints import ANSWERED, meeting_part, scored_part
from pxanalysis.analysis.privacy.renewal import Periods
from pxanalysis.analysis.privacy.row_cells import CellKey, Cells

if TYPE_CHECKING:
    from pxanalysis.arrays import IntArray
    from pxanalysis.journey.model import Journey

__all__ = ["PracticeCells", "Rules", "renew_practices"]

_TOGETHER = 100_000
"""Answers of so many people are hashed together."""

Renewed = tuple[str, dict[CellKey, Cell], dict[CellKey, Cell] | None]
"""A practice, its cells before, and now; None where they must stay as they were published."""


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """By what cells are renewed; as of `make_release`."""

    journey: Journey
    minimum: int
    still_open: Collection[str]


def renew_practices(before: Cells, places: IntArray, months: Periods, rules: Rules) -> Iterator[Renewed]:
    """Renew practices one by one."""
    known = before.known
    parts = sorted({*before.parts, *(part for _, part in before.kept)})
    sizes = known.practices.count()[places]
    for some in np.split(places, np.flatnonzero(np.diff(np.cumsum(sizes) // _TOGETHER)) + 1):
        rows = [known.practices.rows[place] for place in some.tolist()]
        together = np.concatenate([np.empty(0, dtype=np.int32), *rows])
        hashes = {part: known.elements.of_rows(part, together) for part in known.elements}
        ends = np.cumsum([len(own) for own in rows]).tolist()
        for place, own, end in zip(some.tolist(), rows, ends, strict=True):
            here = {part: found[end - len(own) : end] for part, found in hashes.items()}
            name = known.practices.names[place]
            was = {
                (name, part): cell for part in parts if (cell := _cell_of(before, place, part, own, here)) is not None
            }
            elements = {part: found.tolist() for part, found in here.items()}
            yield name, was, PracticeCells(name, elements, was, rules).renew(months.of(own))


def _cell_of(before: Cells, place: int, part: str, rows: IntArray, hashes: Mapping[str, HashArray]) -> Cell | None:
    """Return a cell of a practice, by the hashes that were made already; None where there is none."""
    kept = before.kept.get((before.known.practices.names[place], part))
    if kept is not None or part not in before.parts:
        return kept
    blocks = before.parts[part]
    of_row, numbers = blocks.of_row[rows], blocks.of_practice(place)
    people = [People.of(hashes[part][of_row == number]) for number in numbers]
    return Cell(tuple(map(Block, (blocks.periods[one] for one in numbers), people))) if numbers else None


@dataclass(frozen=True, slots=True, eq=False)
class PracticeCells:
    """The cells of one practice, while they are renewed.

    Attributes
    ----------
    elements
        Per part the keyed hash of each of its answers, 0 where there is none.
    before
        Cells of the release before.
    """

    practice: str
    elements: Mapping[str, list[int]]
    before: Mapping[CellKey, Cell]
    rules: Rules

    def _cell(self, part: str) -> Cell:
        return self.before.get((self.practice, part), Cell())

    def renew(self, months: list[str]) -> dict[CellKey, Cell] | None:
        """The practice's cells now; None where they must stay as they were published."""
        answers = self.elements[ANSWERED]
        everybody = dict(zip(answers, months, strict=True))
        answered, change = renew_cell(self._cell(ANSWERED), everybody, self.rules.minimum, self.rules.still_open)
        if change == "broken":
            return None
        period = {one: block.period for block in answered.blocks for one in block.people}
        inside = [row for row, one in enumerate(answers) if one in period]
        of_row = {row: period[answers[row]] for row in inside}
        found: dict[str, tuple[Cell, Change]] = {}
        for outcome in self.rules.journey.outcomes:
            found[outcome.id] = self._renew_part(outcome.id, of_row)
        for touchpoint in self.rules.journey.touchpoints:
            if touchpoint.items:
                met, whole = meeting_part(touchpoint.id), dict.fromkeys(inside, "")
                scored = {self.elements[scored_part(touchpoint.id)][row] for row in inside} - {0}
                found[touchpoint.id] = self._renew_part(touchpoint.id, whole, scored)
                found[met] = self._renew_part(met, whole)
                rows_of_blocks = self._rows_of_blocks(touchpoint.id, found[touchpoint.id][0])
                for item in touchpoint.items:
                    found[item.id] = self._renew_item(item.id, rows_of_blocks)
        for question in self.rules.journey.open_questions:
            found[question.id] = self._renew_part(question.id, dict.fromkeys(inside, ""))
        broken = {part for part, (_, became) in found.items() if became == "broken"}
        if broken and change == "same":
            return None
        cells = {(self.practice, part): cell for part, (cell, _) in found.items()}
        cells |= {(self.practice, part): self._cell(part).withhold() for part in self._with_items(broken)}
        return cells | {(self.practice, ANSWERED): answered}

    def _with_items(self, broken: Iterable[str]) -> set[str]:
        gone = set(broken)
        whole = [one for one in self.rules.journey.touchpoints if one.id in gone]
        return gone | {item.id for touchpoint in whole for item in touchpoint.items}

    def _renew_part(
        self, part: str, rows: Mapping[int, str], scored: Collection[int] | None = None
    ) -> tuple[Cell, Change]:
        own = self.elements[part]
        present = {own[row]: period for row, period in rows.items() if own[row]}
        return renew_cell(self._cell(part), present, self.rules.minimum, self.rules.still_open, scored)

    def _rows_of_blocks(self, part: str, cell: Cell) -> list[list[int]]:
        own = self.elements[part]
        return [[row for row, one in enumerate(own) if one in people] for people in (b.people for b in cell.blocks)]

    def _renew_item(self, item: str, rows_of_blocks: Sequence[Sequence[int]]) -> tuple[Cell, Change]:
        """An item counts with the block of its touchpoint, or where that has few answers to it, with such others."""
        own = self.elements[item]
        groups = [frozenset(own[row] for row in rows if own[row]) for rows in rows_of_blocks]
        present = dict.fromkeys(frozenset().union(*groups), "")
        cell = self._cell(item)
        counts, seen = cell.people, cell.seen
        if counts - present.keys():
            return renew_cell(cell, present, self.rules.minimum)
        direct = [
            Block("", group)
            for group in groups
            if len(group) >= self.rules.minimum and not group & counts and len(group - seen) >= self.rules.minimum
        ]
        changed = cell.renewed((*cell.blocks, *direct)) if direct else cell
        if direct and len(counts) + sum(map(len, direct)) == len(present):  # nobody is left over to be pooled
            return changed, "renewed"
        pooled, change = renew_cell(changed, present, self.rules.minimum)
        return pooled, "renewed" if direct else change
