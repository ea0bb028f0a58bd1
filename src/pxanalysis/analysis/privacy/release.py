"""Which answers count in a release, cell by cell, so that no two releases tell what a few people said.

1. A cell is a practice and a question: everybody who answered, a touchpoint, an item, an outcome, an open question. An
   answer counts in a cell once it came with a block of ``minimum_n`` or more (`pxanalysis.analysis.privacy.cells`);
   until then it waits. So of forty people of whom eleven phoned, ten may count for the phone and all forty otherwise.
2. What does not count is not there: figures are estimated from tables in which it is missing. A figure that is hidden
   is therefore in no sum, no mean of others, no model: an item of fewer people is not in the score of its touchpoint,
   a practice of fewer not in that of all, and so no difference of what is shown can tell it.
3. A block of outcomes is of one month (else quarter, else of several, and then in no period of the trend): periods are
   unions of blocks too, and their sum less the whole is one. A period appears when it is over; late answers to it count
   from the next block of that period.
4. Whoever withdraws is no longer in the store. Their practice is frozen: its figures stay as they were published,
   the study's rest on the others, until enough people came (`renew_cell`). A question for which too few came by then is
   withheld. The same goes for answers that were changed.
5. A release is remembered as sets of keyed hashes, one per cell; without the key and the answers nobody is in them.
6. Effects of the driver model rest on all who count for their practice, also in cells of fewer than ``minimum_n``: they
   are ratios of moments over everybody, which are not shown; they change by ``minimum_n`` people at least, save that
   whoever withdraws is out at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Block, Cell, Change, HashArray, find_block, renew_cell
from pxanalysis.analysis.privacy.fingerprints import (
    ANSWERED,
    MODEL,
    KnownAnswers,
    Person,
    know_answers,
    meeting_part,
    scored_part,
)
from pxanalysis.analysis.privacy.rules import check_minimum_n
from pxanalysis.statistics.conventions import MINIMUM_N

if TYPE_CHECKING:
    from pxanalysis.arrays import BoolArray, IntArray
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses

__all__ = ["Membership", "Release", "ReleaseState", "group_rows", "make_release"]

CellKey = tuple[str, str]
"""Practice (empty: all of them) and part."""


@dataclass(frozen=True, slots=True, eq=False)
class ReleaseState:
    """What is remembered of a release.

    Attributes
    ----------
    cells
        Who counts, by practice and part.
    people
        Everybody who was in the study.
    """

    cells: Mapping[CellKey, Cell]
    people: tuple[Person, ...] = ()

    @classmethod
    def empty(cls) -> ReleaseState:
        """Return what is remembered before the first release."""
        return cls({})


@dataclass(frozen=True, slots=True, eq=False)
class BlocksOfRows:
    """The blocks of one part, of every practice, and which of them each row is in.

    Attributes
    ----------
    of_row
        Number of the block, -1 for none; shape (rows,).
    sizes, periods
        People of each block, those whose answers are not there any more included, and its period.
    """

    of_row: IntArray
    sizes: IntArray
    periods: list[str]


@dataclass(frozen=True, eq=False)
class Membership:
    """Who of the current answers counts where; one entry per row of the table.

    Attributes
    ----------
    practices, people, elements
        Practice and person of each row; per part the keyed hash of each answer (rows,), 0 where there is none.
    cells
        Of the release that is being made.
    frozen
        Practices whose figures stay as they were published.
    """

    practices: list[str]
    people: list[Person]
    elements: Mapping[str, HashArray]
    cells: Mapping[CellKey, Cell]
    frozen: frozenset[str]

    @cached_property
    def rows_of(self) -> dict[str, IntArray]:
        """Rows of each practice, in order."""
        return group_rows(self.practices)

    def count_seen(self) -> int:
        """Everybody who counts or ever counted for a practice: a number that grows by ``minimum_n`` or more at once."""
        return sum(cell.count_seen() for (practice, part), cell in self.cells.items() if practice and part == ANSWERED)

    def counts(self, part: str) -> BoolArray:
        """Whether each row counts for a part; shape (rows,), not to be written to."""
        if part not in self._counts:
            self._counts[part] = self._count(part)
            self._counts[part].flags.writeable = False
        return self._counts[part]

    @cached_property
    def _counts(self) -> dict[str, BoolArray]:
        return {}

    def _count(self, part: str) -> BoolArray:
        if part.startswith(MODEL):  # of all practices together
            elements = self.elements[part]
            found = np.isin(elements, self.cells.get(("", part), Cell()).hashes) & (elements > 0)
        else:
            found = self.blocks(part).of_row >= 0
        counting: BoolArray = found
        return counting

    def blocks(self, part: str) -> BlocksOfRows:
        """Which block of its practice's cell each row is in."""
        if part not in self._blocks:
            self._blocks[part] = self._find_blocks(part)
        return self._blocks[part]

    def forget_blocks(self) -> None:
        """Free what `blocks` keeps: four bytes a row for every part."""
        self._blocks.clear()

    @cached_property
    def _blocks(self) -> dict[str, BlocksOfRows]:
        return {}

    def _find_blocks(self, part: str) -> BlocksOfRows:
        found: IntArray = np.full(len(self.practices), -1, dtype=np.int32)
        elements, blocks = self.elements[part], list[Block]()
        for practice, rows in self.rows_of.items():
            own = self.cells.get((practice, part), Cell()).blocks
            if own:
                place = find_block(own, elements[rows])
                found[rows] = np.where(place >= 0, place + len(blocks), -1)
                blocks.extend(own)
        found[elements == 0] = -1
        sizes = np.array([len(one) for one in blocks], dtype=np.intp)
        return BlocksOfRows(found, sizes, [one.period for one in blocks])

    def periods(self, part: str) -> list[str]:
        """Period of the block that each row is in; empty for none."""
        placed = self.blocks(part)
        periods: list[str] = np.array([*placed.periods, ""], dtype=object)[placed.of_row].tolist()
        return periods


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """One release.

    Attributes
    ----------
    membership, state
        Who counts now, and what to remember of it.
    waiting
        People of a practice who do not count yet, where some do.
    part_waiting
        Touchpoints and outcomes of a practice for which somebody who counts waits, ids in order.
    renewed
        Whether any cell has other people than in the release before.
    still_open
        Months of answers that were not over.
    """

    membership: Membership
    state: ReleaseState
    waiting: dict[str, int]
    part_waiting: dict[str, list[str]]
    renewed: bool
    still_open: frozenset[str]


def make_release(
    responses: Responses,
    state: ReleaseState | None = None,
    *,
    key: bytes = b"once",
    minimum_n: int = MINIMUM_N,
    today: date | None = None,
    can_freeze: bool = True,
    only_known: bool = False,
    known: KnownAnswers | None = None,
) -> Release:
    """Decide which answers count now.

    Parameters
    ----------
    responses
        All accepted answers.
    state
        What was remembered of the release before; None: this is the first.
    key
        Of the hashes, up to 64 bytes; the same for all releases of a study.
    minimum_n
        Smallest number of people by whom two releases may differ.
    today
        Months that end before it are over; None: all are.
    can_freeze
        Whether figures can stay as they were published; else what cannot be renewed is withheld.
    only_known
        Let nobody new in: this is the release before, as far as its answers are still there.
    known
        The answers by their hashes, where the state before was read by them: else they are hashed here.

    Raises
    ------
    PrivacyError
        When ``minimum_n`` is below 10.
    """
    minimum = check_minimum_n(minimum_n)
    before = state or ReleaseState.empty()
    known = known or know_answers(responses, before.people, key)
    practices, people, elements = known.practices, known.people, known.elements
    months = _months(responses.table)
    still_open = frozenset(month for month in months if month and today is not None and month >= f"{today:%Y-%m}")
    rows = group_rows(practices)
    cells = dict(before.cells)
    frozen = _find_left(cells, rows, elements) if only_known else set()
    for practice, own in rows.items() if not only_known else ():
        there = {part: found[own].tolist() for part, found in elements.items()}
        maker = _PracticeCells(practice, there, responses.journey, before.cells, minimum, still_open)
        renewed = maker.renew([months[row] for row in own])
        if renewed is not None:
            cells.update(renewed)
        elif can_freeze:
            frozen.add(practice)
        else:
            cells.update({place: cell.withhold() for place, cell in before.cells.items() if place[0] == practice})
    for name in {practice for practice, _ in before.cells} - {*rows, ""}:
        cells.update({place: cell.withhold() for place, cell in before.cells.items() if place[0] == name})
    membership = Membership(practices, people, elements, cells, frozenset(frozen))
    if not only_known:
        cells.update(_renew_model(membership, before.cells, minimum))
    return Release(
        membership,
        ReleaseState(cells, tuple({one.code: one for one in [*before.people, *people]}.values())),
        _count_waiting(membership),
        _find_waiting_parts(membership, responses.journey),
        any(before.cells.get(place, Cell()).blocks != cell.blocks for place, cell in cells.items()),
        still_open,
    )


def _find_left(
    cells: Mapping[CellKey, Cell], rows: Mapping[str, IntArray], elements: Mapping[str, HashArray]
) -> set[str]:
    """Practices of which somebody who counts has withdrawn or changed an answer since."""
    found: set[str] = set()
    for (practice, part), cell in cells.items():
        if practice in rows and practice not in found and part in elements:
            here = elements[part][rows[practice]]
            if any(block.members.stand_ins or not np.isin(block.hashes, here).all() for block in cell.blocks):
                found.add(practice)
    return found


def group_rows(practices: Sequence[str]) -> dict[str, IntArray]:
    """Rows of each practice, in order; practices as they first come."""
    frame = pl.DataFrame({"practice": pl.Series(practices, dtype=pl.String), "row": np.arange(len(practices))})
    groups = frame.group_by("practice", maintain_order=True).agg("row").iter_rows()
    return {str(practice): np.array(rows, dtype=np.intp) for practice, rows in groups}


def _months(table: pl.DataFrame) -> list[str]:
    days = table["completed_on"].dt.strftime("%Y-%m").fill_null("")
    return [str(month) for month in days]


@dataclass(frozen=True, slots=True, eq=False)
class _PracticeCells:
    """The cells of one practice, while they are renewed; ``elements`` are of its own answers only."""

    practice: str
    elements: Mapping[str, list[int]]
    journey: Journey
    before: Mapping[CellKey, Cell]
    minimum: int
    still_open: frozenset[str]

    def cell(self, part: str) -> Cell:
        return self.before.get((self.practice, part), Cell())

    def renew(self, months: list[str]) -> dict[CellKey, Cell] | None:
        """The practice's cells now; None where they must stay as they were published."""
        answers = self.elements[ANSWERED]
        everybody = dict(zip(answers, months, strict=True))
        answered, change = renew_cell(self.cell(ANSWERED), everybody, self.minimum, self.still_open)
        if change == "broken":
            return None
        period = {one: block.period for block in answered.blocks for one in block.people}
        inside = [row for row, one in enumerate(answers) if one in period]
        of_row = {row: period[answers[row]] for row in inside}
        found: dict[str, tuple[Cell, Change]] = {}
        for outcome in self.journey.outcomes:
            found[outcome.id] = self._renew_part(outcome.id, of_row)
        for touchpoint in self.journey.touchpoints:
            if touchpoint.items:
                met, whole = meeting_part(touchpoint.id), dict.fromkeys(inside, "")
                scored = {self.elements[scored_part(touchpoint.id)][row] for row in inside} - {0}
                found[touchpoint.id] = self._renew_part(touchpoint.id, whole, scored)
                found[met] = self._renew_part(met, whole)
                rows_of_blocks = self._rows_of_blocks(touchpoint.id, found[touchpoint.id][0])
                for item in touchpoint.items:
                    found[item.id] = self._renew_item(item.id, rows_of_blocks)
        for question in self.journey.open_questions:
            found[question.id] = self._renew_part(question.id, dict.fromkeys(inside, ""))
        broken = {part for part, (_, became) in found.items() if became == "broken"}
        if broken and change == "same":
            return None
        cells = {(self.practice, part): cell for part, (cell, _) in found.items()}
        cells |= {(self.practice, part): self.cell(part).withhold() for part in self._with_items(broken)}
        return cells | {(self.practice, ANSWERED): answered}

    def _with_items(self, broken: Iterable[str]) -> set[str]:
        gone = set(broken)
        whole = [one for one in self.journey.touchpoints if one.id in gone]
        return gone | {item.id for touchpoint in whole for item in touchpoint.items}

    def _renew_part(
        self, part: str, rows: Mapping[int, str], scored: Collection[int] | None = None
    ) -> tuple[Cell, Change]:
        own = self.elements[part]
        present = {own[row]: period for row, period in rows.items() if own[row]}
        return renew_cell(self.cell(part), present, self.minimum, self.still_open, scored)

    def _rows_of_blocks(self, part: str, cell: Cell) -> list[list[int]]:
        own = self.elements[part]
        return [[row for row, one in enumerate(own) if one in people] for people in (b.people for b in cell.blocks)]

    def _renew_item(self, item: str, rows_of_blocks: Sequence[Sequence[int]]) -> tuple[Cell, Change]:
        """An item counts with the block of its touchpoint, or where that has few answers to it, with such others."""
        own = self.elements[item]
        groups = [frozenset(own[row] for row in rows if own[row]) for rows in rows_of_blocks]
        present = dict.fromkeys(frozenset().union(*groups), "")
        cell = self.cell(item)
        counts, seen = cell.people, cell.seen
        if counts - present.keys():
            return renew_cell(cell, present, self.minimum)
        direct = [
            Block("", group)
            for group in groups
            if len(group) >= self.minimum and not group & counts and len(group - seen) >= self.minimum
        ]
        changed = cell.renewed((*cell.blocks, *direct)) if direct else cell
        if direct and len(counts) + sum(map(len, direct)) == len(present):  # nobody is left over to be pooled
            return changed, "renewed"
        pooled, change = renew_cell(changed, present, self.minimum)
        return pooled, "renewed" if direct else change


def _renew_model(membership: Membership, before: Mapping[CellKey, Cell], minimum: int) -> dict[CellKey, Cell]:
    """Who is in the effects over all practices: everybody who counts for a practice that is not frozen."""
    inside = membership.counts(ANSWERED) & ~np.isin(membership.practices, list(membership.frozen))
    renewed = {}
    for part in (name for name in membership.elements if name.startswith(MODEL)):
        cell, elements = before.get(("", part), Cell()), membership.elements[part]
        present = frozenset(elements[inside & (elements > 0)].tolist())
        counts = cell.people
        people = present if len(present ^ counts) >= minimum else present & counts
        renewed["", part] = Cell((Block("", people),) if people else (), cell.seen | people)
    return renewed


def _count_waiting(membership: Membership) -> dict[str, int]:
    waits = ~membership.counts(ANSWERED)
    shown = [name for name in membership.rows_of if membership.cells.get((name, ANSWERED), Cell()).blocks]
    numbers = {name: int(waits[membership.rows_of[name]].sum()) for name in shown}
    return {name: n for name, n in sorted(numbers.items()) if n}


def _find_waiting_parts(membership: Membership, journey: Journey) -> dict[str, list[str]]:
    """Of a practice that is shown, the parts for which somebody who counts waits."""
    inside = membership.counts(ANSWERED)
    found: dict[str, list[str]] = defaultdict(list)
    for part in [*(one.id for one in journey.touchpoints if one.items), *(one.id for one in journey.outcomes)]:
        waits = inside & (membership.elements[part] > 0) & ~membership.counts(part)
        for practice in sorted({membership.practices[row] for row in np.flatnonzero(waits).tolist()}):
            if membership.cells.get((practice, part), Cell()).blocks:
                found[practice].append(part)
    return dict(sorted(found.items()))
