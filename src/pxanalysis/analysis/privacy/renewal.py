"""Cells renewed for all practices at once, by rows: of practices where people came and nobody left.

What is decided is what `PracticeCells` decides, which is the definition: whoever is not in a block of a cell yet joins
it once there are ``minimum_n`` of them. Where somebody left since, changed an answer, or is back, it is left to that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import Cell, divide_periods
from pxanalysis.analysis.privacy.fingerprints import ANSWERED, MODEL, meeting_part, scored_part
from pxanalysis.analysis.privacy.known import SmallInts
from pxanalysis.analysis.privacy.row_cells import BlocksOfRows, Cells, group_cells

if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.known import KnownAnswers
    from pxanalysis.arrays import BoolArray, IntArray
    from pxanalysis.journey.model import Journey, Touchpoint

__all__ = ["Periods", "find_settled", "renew_settled"]


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """The period of each row: a month, a quarter, or nothing.

    Attributes
    ----------
    names, of_row
        Of the periods; and the place of each row's among them.
    """

    names: tuple[str, ...]
    of_row: SmallInts

    @classmethod
    def months(cls, table: pl.DataFrame) -> Periods:
        """Month of each answer."""
        months = table.select(pl.col("completed_on").dt.strftime("%Y-%m").fill_null("").alias("month"))
        names = months.unique().sort("month").with_row_index("place")
        place = months.join(names, on="month", how="left", maintain_order="left")["place"]
        return cls(tuple(names["month"].to_list()), place.cast(pl.Int32).to_numpy())

    @classmethod
    def of_blocks(cls, blocks: BlocksOfRows) -> Periods:
        """Period of the block that each row is in; nothing where it is in none."""
        names = tuple(sorted({*blocks.periods, ""}))
        place = {name: at for at, name in enumerate(names)}
        return cls(names, np.array([*(place[one] for one in blocks.periods), place[""]], dtype=np.int32)[blocks.of_row])

    def of(self, rows: IntArray) -> list[str]:
        """Periods of some rows."""
        return [self.names[one] for one in self.of_row[rows].tolist()]


def find_settled(before: Cells, journey: Journey) -> BoolArray:
    """Practices of which all who were in a block are in it now, and nobody who left one is back; shape (practices,)."""
    practices = before.known.practices
    settled = np.ones(len(practices), dtype=bool)
    for part, kept in group_cells(before.kept).items():
        if part in before.known.elements:
            unsettled = {practices.place[name] for name in _find_unsettled(before, part, kept)}
            settled[sorted(unsettled)] = False
    within = {part: ANSWERED for part in before.parts if not part.startswith(MODEL)}
    within |= {placed.id: placed.touchpoint.id for placed in journey.items if placed.id in within}
    none = BlocksOfRows.none(len(practices.of_row))
    for part, whole in within.items():
        outside = (before.parts[part].of_row >= 0) & (before.parts.get(whole, none).of_row < 0)
        settled[practices.of_row[outside]] = False
    return settled


def _find_unsettled(before: Cells, part: str, kept: Mapping[str, Cell]) -> Iterator[str]:
    blocks, practices = before.parts.get(part), before.known.practices
    whole = np.empty(0, dtype=bool) if blocks is None else blocks.is_whole()
    for practice, cell in kept.items():
        place = practices.place.get(practice)
        if place is None:
            continue
        broken = blocks is not None and cell.blocks and not whole[blocks.of_practice(place)].all()
        left = cell.left_members.hashes
        if broken or (len(left) and np.isin(left, before.known.elements[part][practices.rows[place]]).any()):
            yield practice


def renew_settled(
    before: Cells, settled: BoolArray, journey: Journey, minimum: int, months: Periods, still_open: Collection[str]
) -> dict[str, BlocksOfRows]:
    """Blocks of all parts, with new ones where these practices have people for them."""
    renewal = _Renewal(before, before.known, settled, minimum, still_open)
    everybody = settled[before.known.practices.of_row]
    found = {ANSWERED: renewal.let_in(ANSWERED, everybody, months)}
    inside, periods = everybody & (found[ANSWERED].of_row >= 0), Periods.of_blocks(found[ANSWERED])
    for outcome in journey.outcomes:
        found[outcome.id] = renewal.let_in(outcome.id, inside, periods)
    for touchpoint in journey.touchpoints:
        if touchpoint.items:
            found |= renewal.renew_touchpoint(touchpoint, inside)
    for question in journey.open_questions:
        found[question.id] = renewal.let_in(question.id, inside)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Renewal:
    before: Cells
    known: KnownAnswers
    settled: BoolArray
    minimum: int
    still_open: Collection[str]

    def blocks(self, part: str) -> BlocksOfRows:
        return self.before.parts.get(part) or BlocksOfRows.none(len(self.known.people))

    def renew_touchpoint(self, touchpoint: Touchpoint, inside: BoolArray) -> dict[str, BlocksOfRows]:
        """Blocks of a touchpoint and of its items; an answer that makes no score does not make enough."""
        own, met = touchpoint.id, meeting_part(touchpoint.id)
        scored = self.known.elements.answered(scored_part(own))
        found = {own: self.let_in(own, inside, scored=scored), met: self.let_in(met, inside)}
        return found | {item.id: self._renew_item(item.id, found[own]) for item in touchpoint.items}

    def let_in(
        self, part: str, inside: BoolArray, periods: Periods | None = None, scored: BoolArray | None = None
    ) -> BlocksOfRows:
        """Let those of some rows in who are in no block, in practices where there are enough of them."""
        blocks, practices = self.blocks(part), self.known.practices
        joining = inside & self.known.elements.answered(part) & (blocks.of_row < 0)
        enough = practices.count(joining if scored is None else joining & scored) >= self.minimum
        rows = np.flatnonzero(joining & (enough & self.settled)[practices.of_row])
        if not len(rows):
            return blocks
        return _add(blocks, rows, practices.of_row[rows]) if periods is None else self._divide(blocks, rows, periods)

    def _divide(self, blocks: BlocksOfRows, rows: IntArray, periods: Periods) -> BlocksOfRows:
        """Add blocks of one month, else of one quarter, else of several (`divide_periods`)."""
        width = len(periods.names)
        group = self.known.practices.of_row[rows].astype(np.intp) * width + periods.of_row[rows]
        counts = np.bincount(group, minlength=len(self.known.practices) * width).reshape(-1, width)
        number, practices, names = np.full(counts.shape, -1, dtype=np.intp), list[int](), list[str]()
        place = {name: at for at, name in enumerate(periods.names)}
        for practice in np.flatnonzero(counts.any(axis=1)).tolist():
            there = {periods.names[at]: int(counts[practice, at]) for at in np.flatnonzero(counts[practice]).tolist()}
            for period, months in divide_periods(there, self.minimum, self.still_open):
                number[practice, [place[month] for month in months]] = len(names)
                names.append(period)
                practices.append(practice)
        of_row = number.reshape(-1)[group]
        joined = of_row >= 0
        sizes = np.bincount(of_row[joined], minlength=len(names))
        return blocks.with_blocks(rows[joined], of_row[joined], np.array(practices, dtype=np.intp), sizes, names)

    def _renew_item(self, item: str, whole: BlocksOfRows) -> BlocksOfRows:
        """An item counts with the block of its touchpoint, or where that has few answers to it, with such others."""
        blocks = self.blocks(item)
        present = (whole.of_row >= 0) & self.known.elements.answered(item)
        rows = np.flatnonzero(present)
        own = whole.of_row[rows]
        known = np.bincount(own, (blocks.of_row[rows] >= 0).astype(np.float64), minlength=len(whole)) > 0
        direct = ~known & (np.bincount(own, minlength=len(whole)) >= self.minimum)
        direct[direct] = self.settled[whole.practices[direct]]
        joins = direct[own]
        blocks = _add(blocks, rows[joins], whole.practices[own[joins]], own[joins])
        rest = present & (blocks.of_row < 0)
        enough = (self.known.practices.count(rest) >= self.minimum) & self.settled
        rows = np.flatnonzero(rest & enough[self.known.practices.of_row])
        return _add(blocks, rows, self.known.practices.of_row[rows])


def _add(blocks: BlocksOfRows, rows: IntArray, practices: IntArray, groups: IntArray | None = None) -> BlocksOfRows:
    """Add a block of no period per group of rows, all of one practice each; per practice when not given."""
    if not len(rows):
        return blocks
    kinds, first, number = np.unique(practices if groups is None else groups, return_index=True, return_inverse=True)
    return blocks.with_blocks(rows, number, practices[first], np.bincount(number), [""] * len(kinds))
