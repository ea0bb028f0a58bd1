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
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.privacy.cells import Cell, People
from pxanalysis.analysis.privacy.fingerprints import ANSWERED, MODEL
from pxanalysis.analysis.privacy.known import KnownAnswers, PracticeRows, know_answers
from pxanalysis.analysis.privacy.practice_cells import Rules, renew_practices
from pxanalysis.analysis.privacy.renewal import Periods, find_settled, renew_settled
from pxanalysis.analysis.privacy.respondents import Respondents
from pxanalysis.analysis.privacy.row_cells import ALL, BlocksOfRows, CellKey, Cells, group_cells
from pxanalysis.analysis.privacy.rules import check_minimum_n
from pxanalysis.statistics.conventions import MINIMUM_N

if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.fingerprints import AnswerHashes
    from pxanalysis.arrays import BoolArray
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses

__all__ = ["Membership", "Release", "ReleaseState", "make_release"]


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
    people: Respondents = field(default_factory=Respondents.empty)

    @classmethod
    def empty(cls) -> ReleaseState:
        """Return what is remembered before the first release."""
        return cls({})


@dataclass(frozen=True, eq=False)
class Membership:
    """Who of the current answers counts where; one entry per row of the table.

    Attributes
    ----------
    cells
        Of the release that is being made.
    frozen
        Practices whose figures stay as they were published.
    """

    cells: Cells
    frozen: frozenset[str]

    @property
    def practices(self) -> PracticeRows:
        """Practice of each row."""
        return self.cells.known.practices

    @property
    def elements(self) -> AnswerHashes:
        """Per part the keyed hash of each answer (rows,), 0 where there is none."""
        return self.cells.known.elements

    def is_frozen(self) -> BoolArray:
        """Whether the figures of each row's practice stay as they were published; shape (rows,)."""
        return np.array([name in self.frozen for name in self.practices.names], dtype=bool)[self.practices.of_row]

    def count_seen(self) -> int:
        """Everybody who counts or ever counted for a practice: a number that grows by ``minimum_n`` or more at once."""
        return sum(seen for (practice, part), seen, _ in self.cells.sizes() if practice and part == ANSWERED)

    def counts(self, part: str) -> BoolArray:
        """Whether each row counts for a part; shape (rows,)."""
        return self.blocks(part).of_row >= 0

    def blocks(self, part: str) -> BlocksOfRows:
        """Which block of its practice's cell each row is in."""
        return self.cells.parts.get(part) or BlocksOfRows.none(len(self.practices.of_row))


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
    state = state or ReleaseState.empty()
    known = known or know_answers(responses, state.people, key)
    before = state.cells if isinstance(state.cells, Cells) else None
    if before is None or before.known is not known:
        before = Cells.match(known, state.cells)
    months = Periods.months(responses.table)
    still_open = frozenset(month for month in months.names if month and today is not None and month >= f"{today:%Y-%m}")
    if only_known:
        membership, renewed = Membership(before, frozenset(_find_left(before))), False
    else:
        renewal = _Renewal(before, responses.journey, minimum, months, still_open)
        membership, renewed = renewal.renew(can_freeze=can_freeze)
    return Release(
        membership,
        ReleaseState(membership.cells, state.people.renewed(known.people)),
        _count_waiting(membership),
        _find_waiting_parts(membership, responses.journey),
        renewed,
        still_open,
    )


def _find_left(cells: Cells) -> set[str]:
    """Practices of which somebody who counts has withdrawn or changed an answer since."""
    found: set[str] = set()
    practices = cells.known.practices
    for (practice, part), cell in cells.kept.items():
        if practice not in found and practice in practices.place and part in cells.parts:
            blocks = cells.parts[part]
            if cell.blocks and not blocks.is_whole()[blocks.of_practice(practices.place[practice])].all():
                found.add(practice)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Renewal:
    """What is needed to renew cells: those before, and the rules."""

    before: Cells
    journey: Journey
    minimum: int
    months: Periods
    still_open: frozenset[str]

    def renew(self, *, can_freeze: bool) -> tuple[Membership, bool]:
        """Who counts now, and whether any cell has other people than before."""
        before, practices = self.before, self.before.known.practices
        settled = find_settled(before, self.journey)
        made = renew_settled(before, settled, self.journey, self.minimum, self.months, self.still_open)
        cells = Cells(before.known, before.parts | made, self._keep(made, settled))
        renewed = any(blocks is not before.parts.get(part) and len(blocks) > 0 for part, blocks in made.items())
        frozen: set[str] = set()
        changed: dict[CellKey, Cell] = {}
        rules = Rules(self.journey, self.minimum, self.still_open)
        for practice, own, now in renew_practices(before, np.flatnonzero(~settled), self.months, rules):
            if now is None and can_freeze:
                frozen.add(practice)
                continue
            now = {key: cell.withhold() for key, cell in own.items()} if now is None else now
            renewed = renewed or any(own.get(key, Cell()).blocks != cell.blocks for key, cell in now.items())
            changed |= now
        for key, cell in before.kept.items():
            if key[0] and key[0] not in practices.place:
                changed[key], renewed = cell.withhold(), renewed or bool(cell.blocks)
        for part, of_practices in group_cells(changed).items():
            cells.put(part, of_practices)
        membership = Membership(cells, frozenset(frozen))
        return membership, _renew_model(membership, before, self.minimum) or renewed

    def _keep(self, made: dict[str, BlocksOfRows], settled: BoolArray) -> dict[CellKey, Cell]:
        """Cells that were kept, as they are now; and those in which nobody counts yet."""
        practices, nobody = self.before.known.practices, Cell()
        kept: dict[CellKey, Cell] = {}
        for part, blocks in made.items():
            without = settled.copy()
            without[blocks.practices] = False
            kept |= {(practices.names[place], part): nobody for place in np.flatnonzero(without).tolist()}
        now = Cells(self.before.known, made)
        for (practice, part), cell in self.before.kept.items():
            place = practices.place.get(practice)
            if place is None or not settled[place] or part not in made:
                kept[practice, part] = cell
            elif len(cell.left_members):
                new = made[part].of_practice(place)[len(cell.blocks) :]
                kept[practice, part] = cell.joined(now.blocks_of(part, place, new)) if new else cell
        return kept


def _renew_model(membership: Membership, before: Cells, minimum: int) -> bool:
    """Who is in the effects over all practices: everybody who counts for a practice that is not frozen.

    Returns
    -------
    Whether they are others than before.
    """
    cells, changed = membership.cells, False
    inside = membership.counts(ANSWERED) & ~membership.is_frozen()
    for part in (name for name in membership.elements if name.startswith(MODEL)):
        was = before.parts.get(part) or BlocksOfRows.none(len(inside))
        counted, missing = was.of_row >= 0, int(was.sizes.sum() - (was.of_row >= 0).sum())
        present = inside & membership.elements.answered(part)
        enough = int((present ^ counted).sum()) + missing >= minimum
        people = present if enough else present & counted
        changed = changed or missing > 0 or bool((people != counted).any())
        cells.parts[part] = _one_block(people)
        left = _find_left_model(before, part, counted & ~people, people, missing=missing > 0)
        cells.kept.pop(("", part), None)
        if len(left) or not people.any():
            blocks = cells.blocks_of(part, ALL, [0]) if people.any() else ()
            cells.kept["", part] = Cell.of(blocks, left, People())
    return changed


def _one_block(people: BoolArray) -> BlocksOfRows:
    rows = np.flatnonzero(people)
    none = BlocksOfRows.none(len(people))
    if not len(rows):
        return none
    return none.with_blocks(rows, np.zeros(len(rows), dtype=np.intp), np.array([ALL]), np.array([len(rows)]), [""])


def _find_left_model(before: Cells, part: str, out: BoolArray, people: BoolArray, *, missing: bool) -> People:
    """Everybody who ever was in the effects of a part and is not now."""
    elements, cell = before.known.elements, before.kept.get(("", part), Cell())
    hashes, stand_ins = [elements.of_rows(part, np.flatnonzero(out))], {*cell.left_members.stand_ins}
    if missing:
        hashes += [block.hashes for block in cell.blocks]
        stand_ins.update(one for block in cell.blocks for one in block.members.stand_ins)
    found = np.unique(np.concatenate([*hashes, cell.left_members.hashes]))
    if len(found):
        here = elements[part][people]
        found = found[~np.isin(found, here)]
    return People.of(found, stand_ins)


def _count_waiting(membership: Membership) -> dict[str, int]:
    answered = membership.blocks(ANSWERED)
    waits = membership.practices.count(answered.of_row < 0)
    shown = _find_shown(membership, ANSWERED)
    names = membership.practices.names
    numbers = {names[place]: int(waits[place]) for place in np.flatnonzero(shown & (waits > 0)).tolist()}
    return dict(sorted(numbers.items()))


def _find_shown(membership: Membership, part: str) -> BoolArray:
    """Practices that have a block of a part; shape (practices,)."""
    return np.isin(np.arange(len(membership.practices)), membership.blocks(part).practices)


def _find_waiting_parts(membership: Membership, journey: Journey) -> dict[str, list[str]]:
    """Of a practice that is shown, the parts for which somebody who counts waits."""
    inside, practices = membership.counts(ANSWERED), membership.practices
    found: dict[str, list[str]] = defaultdict(list)
    for part in [*(one.id for one in journey.touchpoints if one.items), *(one.id for one in journey.outcomes)]:
        waits = inside & membership.elements.answered(part) & ~membership.counts(part)
        for place in np.flatnonzero((practices.count(waits) > 0) & _find_shown(membership, part)).tolist():
            found[practices.names[place]].append(part)
    return dict(sorted(found.items()))
