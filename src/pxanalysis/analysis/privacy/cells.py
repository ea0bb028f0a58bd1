"""The people of one cell: who counts, who waits, and that no two releases differ by a few.

A cell holds blocks: people who came to count together. New people wait until there is a block's worth of them, so the
sums that two releases tell of a cell differ by whole blocks. What can be worked out from any number of releases of the
cell is a sum of multiples of blocks; each block holds at least ``minimum_n`` people who were in none before it, and so
does every such sum that is not nothing (take the last block with a multiple: its new people all have that one).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import IntArray

__all__ = [
    "Block",
    "Cell",
    "Change",
    "HashArray",
    "People",
    "common_period",
    "divide_periods",
    "find_block",
    "quarter_of",
    "renew_cell",
    "split_block",
]

Change = Literal["same", "renewed", "broken"]
"""What became of a cell: nothing changed; a block came; somebody left, and too few came for it to be renewed."""

HashArray = npt.NDArray[np.uint64]

_LARGEST = (1 << 64) - 1


class People:
    """A set of keyed hashes in eight bytes each, for there are many such sets.

    Parameters
    ----------
    people
        Hashes below 2**64; larger numbers stand for answers that are not there any more.
    """

    __slots__ = ("_hashes", "stand_ins")

    def __init__(self, people: Collection[int] = ()) -> None:
        others: tuple[int, ...] = ()
        try:
            hashes = np.fromiter(people, dtype="<u8", count=len(people))
        except OverflowError:
            others = tuple(sorted(one for one in people if one > _LARGEST))
            hashes = np.array([one for one in people if one <= _LARGEST], dtype="<u8")
        self._hashes, self.stand_ins = np.sort(hashes).tobytes(), others

    @classmethod
    def of(cls, hashes: HashArray, stand_ins: Collection[int] = ()) -> People:
        """Make the set of an array of hashes, each of which is in it once, and of larger numbers."""
        found = cls()
        found._hashes, found.stand_ins = np.sort(hashes).astype("<u8").tobytes(), tuple(sorted(stand_ins))
        return found

    def __len__(self) -> int:
        return len(self._hashes) // 8 + len(self.stand_ins)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, People) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)

    @property
    def _content(self) -> tuple[bytes, tuple[int, ...]]:
        return self.hashes.tobytes(), self.stand_ins

    @property
    def hashes(self) -> HashArray:
        """Hashes in order, without the numbers that stand for others; shape (k,)."""
        found: HashArray = np.frombuffer(self._hashes, dtype="<u8")
        return found

    def unpack(self) -> frozenset[int]:
        """All of it, as a set."""
        return frozenset(self.hashes.tolist()).union(self.stand_ins)


class Block:
    """People who came to count together.

    Parameters
    ----------
    period
        Month (``2026-03``) or quarter (``2026-Q1``) in which all of them answered; empty where they did not.
    people
        Keyed hashes of a person's answer in this cell.
    """

    __slots__ = ("members", "period")

    def __init__(self, period: str, people: Collection[int] | People) -> None:
        self.period, self.members = period, people if isinstance(people, People) else People(people)

    def __len__(self) -> int:
        return len(self.members)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Block) and (self.period, self.members) == (other.period, other.members)

    def __hash__(self) -> int:
        return hash((self.period, self.members))

    def __repr__(self) -> str:
        return f"Block({self.period!r}, {len(self)} people)"

    @property
    def people(self) -> frozenset[int]:
        """Keyed hashes of a person's answer in this cell; unpacked anew each time."""
        return self.members.unpack()

    @property
    def hashes(self) -> HashArray:
        """The same in order, without numbers that stand for answers that are not there any more; shape (k,)."""
        return self.members.hashes


def find_block(blocks: Sequence[Block], hashes: HashArray) -> IntArray:
    """Return the place of the block that each hash is in, -1 for none; shape (k,).

    Examples
    --------
    >>> find_block([Block("", {3, 7}), Block("", {5})], np.array([5, 4, 7], dtype="<u8")).tolist()
    [1, -1, 0]
    """
    known = blocks[0].hashes if len(blocks) == 1 else np.concatenate([block.hashes for block in blocks])
    if not len(known):
        return np.full(len(hashes), -1, dtype=np.intp)
    order = np.arange(len(known)) if len(blocks) == 1 else np.argsort(known, kind="stable")
    ordered = known[order]
    place = np.minimum(np.searchsorted(ordered, hashes), len(ordered) - 1)
    owner = np.repeat(np.arange(len(blocks)), [len(block.hashes) for block in blocks])
    return np.where(ordered[place] == hashes, owner[order[place]], -1)


class Cell:
    """What of one cell was released.

    Parameters
    ----------
    blocks
        Disjoint.
    seen
        Everybody who is or was in a block.
    newcomers
        Who was in no other block before their own; kept where somebody left, for else it is everybody.
    """

    __slots__ = ("blocks", "left_members", "new_members")

    def __init__(
        self, blocks: tuple[Block, ...] = (), seen: Collection[int] = frozenset(), newcomers: Collection[int] = ()
    ) -> None:
        self.blocks = blocks
        before = frozenset(seen)
        self.left_members, self.new_members = People(before - self.people if before else ()), People(newcomers)

    @classmethod
    def of(cls, blocks: tuple[Block, ...], left: People, newcomers: People) -> Cell:
        """Make the cell of those who are in its blocks, those who left them, and those who were new in them."""
        cell = cls(blocks)
        cell.left_members, cell.new_members = left, newcomers
        return cell

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cell) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    def __repr__(self) -> str:
        return f"Cell({self.blocks!r}, {len(self.left_members)} who left)"

    @property
    def _parts(self) -> tuple[tuple[Block, ...], People, People]:
        return self.blocks, self.left_members, self.new_members

    @property
    def people(self) -> frozenset[int]:
        """Everybody who counts."""
        return frozenset().union(*(block.people for block in self.blocks))

    @property
    def left(self) -> frozenset[int]:
        """Everybody who was in a block and is in none."""
        return self.left_members.unpack()

    @property
    def seen(self) -> frozenset[int]:
        """Everybody who is or was in a block."""
        return self.people | self.left

    def count_seen(self) -> int:
        """How many are or were in a block."""
        return sum(len(block) for block in self.blocks) + len(self.left_members)

    def new_in(self, block: Block) -> frozenset[int]:
        """Those of a block who were in no other before it: as it came, ``minimum_n`` or more."""
        return block.people & self.new_members.unpack() if len(self.left_members) else block.people

    def renewed(self, blocks: tuple[Block, ...]) -> Cell:
        """Return the cell with these blocks in place of its own; it stays known who was new in each."""
        seen = self.seen
        made = Cell(blocks, seen)
        if not len(made.left_members):
            return made
        own = {block.members: self.new_in(block) for block in self.blocks}
        new = (own[one.members] if one.members in own else one.people - seen for one in blocks)
        return Cell(blocks, seen, frozenset().union(*new))

    def joined(self, blocks: tuple[Block, ...]) -> Cell:
        """Return what ``renewed`` makes of its own blocks and these, of people of whom none was ever in it."""
        if not len(self.left_members):
            return Cell((*self.blocks, *blocks))
        own = np.concatenate([np.empty(0, dtype="<u8"), *(block.hashes for block in self.blocks)])
        new = self.new_members.hashes
        found = np.concatenate([new[np.isin(new, own)], *(block.hashes for block in blocks)])
        return Cell.of((*self.blocks, *blocks), self.left_members, People.of(found))

    def withhold(self) -> Cell:
        """Return the cell with nobody in it: it comes back with a block of people who are new to it."""
        return Cell((), self.seen)


def quarter_of(period: str) -> str:
    """Return the quarter of a month or quarter; empty for neither.

    Examples
    --------
    >>> quarter_of("2026-05"), quarter_of("2026-Q1"), quarter_of("")
    ('2026-Q2', '2026-Q1', '')
    """
    if not period or "Q" in period:
        return period
    return f"{period[:4]}-Q{(int(period[5:7]) + 2) // 3}"


def renew_cell(
    cell: Cell,
    present: Mapping[int, str],
    minimum_n: int,
    still_open: Collection[str] = (),
    scored: Collection[int] | None = None,
) -> tuple[Cell, Change]:
    """Let those who wait into a cell when there are enough of them.

    Parameters
    ----------
    present
        Everybody who could count now, with the period of their answer (empty: none).
    still_open
        Months that are not over: of these, fewer than a block wait for the others of their month.
    scored
        Those whom a figure will rest on, where that is not everybody: only they make enough.

    Notes
    -----
    Where somebody left, or changed an answer (which is to leave and to come), the cell is renewed once ``minimum_n``
    have come: had fewer, somebody who holds several releases could tell them from those who left. A block of which
    everybody left is out at once.

    Examples
    --------
    >>> cell, change = renew_cell(Cell(), dict.fromkeys(range(30), ""), 10)
    >>> renew_cell(cell, dict.fromkeys(range(39), ""), 10)[1], renew_cell(cell, dict.fromkeys(range(40), ""), 10)[1]
    ('same', 'renewed')
    """
    parts = [block.people for block in cell.blocks]
    left = tuple(block for block, own in zip(cell.blocks, parts, strict=True) if not own.isdisjoint(present))
    if len(left) < len(cell.blocks):
        rest, change = renew_cell(cell.renewed(left), present, minimum_n, still_open, scored)
        return rest, "broken" if change == "broken" else "renewed"
    people = frozenset().union(*parts)
    seen = people | cell.left
    gone = people - present.keys()
    fresh = present.keys() - seen
    joining = present.keys() - people
    enough = len(fresh) if scored is None else len(fresh.intersection(scored))
    if enough < minimum_n:
        return cell, "broken" if gone else "same"
    whole = tuple(block for block, own in zip(cell.blocks, parts, strict=True) if own.isdisjoint(gone))
    if gone or len(fresh) < len(joining):
        together = present.keys() - frozenset().union(*(block.people for block in whole))
        blocks = [Block(common_period(present[one] for one in together), frozenset(together))]
    else:
        blocks = _split({one: present[one] for one in joining}, minimum_n, still_open)
    return cell.renewed((*whole, *blocks)), "renewed"


def split_block(people: Mapping[int, str], minimum_n: int) -> list[Block]:
    """Split people who came to count together into blocks of one month, else of one quarter, else of several.

    Every part holds ``minimum_n`` people or more, so what the parts tell beside the block is on as many; with fewer in
    all there are no parts.

    Examples
    --------
    >>> months = dict.fromkeys(range(12), "2026-01") | dict.fromkeys(range(12, 27), "2026-02") | {30: "2026-03"}
    >>> [(block.period, len(block.people)) for block in split_block(months, 10)]
    [('2026-Q1', 13), ('2026-02', 15)]
    """
    return _split(people, minimum_n, ()) if len(people) >= minimum_n else []


def _split(joining: Mapping[int, str], minimum_n: int, still_open: Collection[str]) -> list[Block]:
    """Blocks of one month, else of one quarter, else of several; none below the minimum."""
    of_period: dict[str, list[int]] = defaultdict(list)
    for one, period in joining.items():
        of_period[period].append(one)
    parts = divide_periods({period: len(people) for period, people in of_period.items()}, minimum_n, still_open)
    return [Block(period, [one for month in months for one in of_period[month]]) for period, months in parts]


def divide_periods(
    counts: Mapping[str, int], minimum_n: int, still_open: Collection[str]
) -> list[tuple[str, list[str]]]:
    """Say which periods make a block together: each block's own period, and those of its people.

    Parameters
    ----------
    counts
        People of each period, ``minimum_n`` or more in all.
    still_open
        Months of which the few that make no block wait.

    Notes
    -----
    Where fewer than half of the months have enough people, there are blocks of quarters only: a block of one month
    would leave the few of the others over, who then count in no quarter.

    Examples
    --------
    >>> divide_periods({"2026-02": 15, "2026-01": 12, "2026-03": 1}, 10, ())
    [('2026-Q1', ['2026-01', '2026-03']), ('2026-02', ['2026-02'])]
    """
    if not any(counts):
        return [("", [*counts])]
    rest, blocks = dict(sorted(counts.items())), list[tuple[str, list[str]]]()
    months = [count for period, count in rest.items() if period and "Q" not in period]
    monthly = 2 * sum(count >= minimum_n for count in months) >= len(months)
    for name in (str, quarter_of) if monthly else (quarter_of,):
        groups: dict[str, list[str]] = defaultdict(list)
        for period in rest:
            groups[name(period)].append(period)
        for period, own in groups.items():
            if period and sum(rest[one] for one in own) >= minimum_n:
                blocks.append((period, own))
                for one in own:
                    del rest[one]
    if sum(rest.values()) >= minimum_n:
        return [*blocks, (common_period(rest), [*rest])]
    near = {quarter_of(period) for period, _ in blocks} - {""}
    by_quarter: dict[str, list[str]] = defaultdict(list)
    for period in (one for one in rest if one not in still_open):
        by_quarter[quarter_of(period) if quarter_of(period) in near else ""].append(period)
    for quarter, few in sorted(by_quarter.items(), reverse=True):
        blocks = _absorb(blocks, few, quarter, counts)
    return blocks


def _absorb(
    blocks: list[tuple[str, list[str]]], few: list[str], quarter: str, counts: Mapping[str, int]
) -> list[tuple[str, list[str]]]:
    """Put the few who are left into the smallest block, of their quarter if there is one."""
    near = [block for block in blocks if not quarter or quarter_of(block[0]) == quarter]
    taken = min(near, key=lambda block: sum(counts[one] for one in block[1]))
    merged = common_period([taken[0], *few]), [*taken[1], *few]
    return [merged if block is taken else block for block in blocks]


def common_period(periods: Iterable[str]) -> str:
    """Return the month of all, else their quarter, else nothing."""
    found = set(periods)
    if len(found) == 1:
        return found.pop()
    quarters = {quarter_of(period) for period in found}
    return quarters.pop() if len(quarters) == 1 else ""
