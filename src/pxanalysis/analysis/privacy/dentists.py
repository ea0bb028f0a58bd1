"""Which answers may be shown of one treating dentist, beside those of the practice and of colleagues, over releases.

Practices are known by blocks (`pxanalysis.analysis.privacy.cells`). Blocks are divided among dentists together and
once: a table with a row for each block and a column for each dentist with ``minimum_n`` people or more, and one for all
others. What can be worked out from the sums of rows and columns gives every cell the sum of a multiple of its row and
one of its column; it leaves out the cells where these cancel, which are those inside the parts that a cut of the rows
and columns leaves. So the fewest people behind anything that can be worked out are those on a least cut
(`fewest_in_a_cut`), and that has to be ``minimum_n``. Tables share nobody, so that sums of several are on as many.

Where somebody left, what was shown before would tell them from what is shown now. Those of their dentist who are left
are shown again with new people, and so is their block. Such rows and columns stand in a table by their new people only,
with others and in one piece: a sum that is on few of the new people is then on none of them, so that no row or column
is in it, for the others have a multiple of nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, maximum_flow

from pxanalysis.arrays import IntArray

__all__ = ["OTHERS", "Blocks", "DentistPart", "divide", "fewest_in_a_cut", "renew_dentist_parts", "shown_people"]

OTHERS = ""
"""Dentist of those whose answers count for the practice only."""

_MOST_OTHERS = 0.1
"""Share of the patients of a table, whose dentist is known, that may be lost to their dentist's page for good, where
the page that was asked for shows something already: else it waits for a fuller table."""

Row = Mapping[int, str]
"""Hash of each answer of a block, and the treating dentist; `OTHERS` where that is not known."""


@dataclass(frozen=True, slots=True)
class DentistPart:
    """People of one table who count for one dentist, or for none.

    Attributes
    ----------
    part
        Outcome, touchpoint, or everybody who answered.
    dentist
        Pseudonymous id, or `OTHERS`.
    people
        Keyed hashes of their answers in this part.
    """

    practice_id: str
    part: str
    dentist: str
    people: frozenset[int]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of a cell as they can be divided, each as hashes with the dentist.

    Attributes
    ----------
    whole
        Of which everybody was new when they came, and nobody left.
    mixed
        Only those who were new in a block that others had been counted in before.
    """

    whole: Sequence[Row] = ()
    mixed: Sequence[Row] = ()

    def without(self, placed: frozenset[int]) -> Blocks:
        """Return the blocks that were not divided yet."""
        left = ([row for row in rows if row and not row.keys() & placed] for rows in (self.whole, self.mixed))
        return Blocks(*left)


def shown_people(parts: Iterable[DentistPart], dentist: str, present: Row) -> frozenset[int]:
    """Hashes of the answers that a dentist's figure rests on: those of parts of which nobody left or was corrected.

    Parameters
    ----------
    present
        Everybody who counts for the practice now.
    """
    return frozenset().union(*(one.people for one in parts if one.dentist == dentist and _is_whole(one, present)))


def _is_whole(part: DentistPart, present: Row) -> bool:
    return part.dentist == OTHERS or all(present.get(one) == part.dentist for one in part.people)


def renew_dentist_parts(
    place: tuple[str, str], blocks: Blocks, before: Sequence[DentistPart], present: Row, asked: str, minimum_n: int
) -> list[DentistPart]:
    """Divide the blocks that came since the last table, where that may be and serves the dentist that is asked for.

    Parameters
    ----------
    place
        Practice and part.
    before
        What was divided of this practice and part.
    present
        Everybody who counts for the practice now.

    Returns
    -------
    What is divided now; ``before`` itself where nothing is to be added.
    """
    pending = blocks.without(frozenset().union(*(one.people for one in before)))
    broken = {one.dentist for one in before if not _is_whole(one, present)}
    rows: Sequence[Row] = [*pending.whole, *pending.mixed]
    table = divide(rows, asked, minimum_n, with_others=True) if broken or pending.mixed else None
    anchored = table is not None and _is_connected(rows, table)
    if not anchored:
        rows = pending.whole
        table = divide(rows, asked, minimum_n)
    if table is None or (shown_people(before, asked, present) and _loses_many(rows, table)):
        return list(before)
    kept, own = [], dict(table)
    for one in before:
        if anchored and one.dentist in broken & table.keys() and not _is_whole(one, present):
            left = frozenset(code for code in one.people if present.get(code) == one.dentist)
            own[one.dentist] |= left
            own[OTHERS] |= one.people & present.keys() - left  # corrected to another dentist: never divided again
        else:
            kept.append(one)
    return kept + [DentistPart(*place, dentist, people) for dentist, people in sorted(own.items())]


def divide(
    rows: Sequence[Row], asked: str, minimum_n: int, *, with_others: bool = False
) -> dict[str, frozenset[int]] | None:
    """Divide blocks among dentists so that nothing on fewer than ``minimum_n`` people can be worked out.

    A dentist with fewer people is among the others. Where the others would be a few, some of the largest dentist's
    people are counted among them: by hash, which has nothing to do with what they answered. Where that is not enough,
    the smallest dentist but the one asked for joins the others, and so on.

    Parameters
    ----------
    with_others
        Let there be others, even where everybody has a dentist.

    Returns
    -------
    People by dentist; None where nothing of the dentist asked for may be shown.
    """
    everybody = {one: dentist for row in rows for one, dentist in row.items()}
    sizes = Counter(dentist for dentist in everybody.values() if dentist != OTHERS)
    order = [name for name, size in sorted(sizes.items(), key=lambda pair: (pair[1], pair[0])) if size >= minimum_n]
    if asked not in order:
        return None
    order.remove(asked)
    while True:
        kept = {asked, *order}
        own: dict[str, set[int]] = {name: set() for name in sorted(kept)}
        others = {one for one, dentist in everybody.items() if dentist not in kept}
        for one, dentist in everybody.items():
            if dentist in kept:
                own[dentist].add(one)
        if _hold_back(own, others, minimum_n, with_others=with_others):
            table = {name: frozenset(people) for name, people in own.items()}
            table |= {OTHERS: frozenset(others)} if others else {}
            if fewest_in_a_cut(_count(rows, table)) >= minimum_n:
                return table
        if not order:
            return None
        order.pop(0)


def _hold_back(own: dict[str, set[int]], others: set[int], minimum_n: int, *, with_others: bool) -> bool:
    """Make the few others ``minimum_n``; whether that can be done."""
    lacking = minimum_n - len(others) if others or with_others else 0
    if lacking <= 0:
        return True
    largest = max(own, key=lambda name: (len(own[name]), name))
    if len(own[largest]) - lacking < minimum_n:
        return False
    moved = sorted(own[largest])[:lacking]
    own[largest] -= set(moved)
    others |= set(moved)
    return True


def _count(rows: Sequence[Row], table: Mapping[str, frozenset[int]]) -> IntArray:
    """People by block and dentist, shape (blocks, dentists)."""
    return np.array([[len(row.keys() & people) for people in table.values()] for row in rows], dtype=np.intp)


def _loses_many(rows: Sequence[Row], table: Mapping[str, frozenset[int]]) -> bool:
    known = [one for row in rows for one, dentist in row.items() if dentist != OTHERS]
    return sum(one in table.get(OTHERS, ()) for one in known) > _MOST_OTHERS * len(known)


def _is_connected(rows: Sequence[Row], table: Mapping[str, frozenset[int]]) -> bool:
    return connected_components(_graph(_count(rows, table)), directed=False)[0] == 1


def _graph(counts: IntArray) -> coo_array:
    """Rows and columns of a table as places, with the people that a row and a column share between them."""
    row, column = np.nonzero(counts)
    weight, size = counts[row, column].astype(np.int32), sum(counts.shape)
    ends = np.concatenate([row, column + len(counts)]), np.concatenate([column + len(counts), row])
    return coo_array((np.concatenate([weight, weight]), ends), shape=(size, size))


def fewest_in_a_cut(counts: IntArray) -> int:
    """Fewest people behind anything that the sums of rows and columns tell and that is not nothing.

    Parameters
    ----------
    counts
        People per block and dentist, shape (blocks, dentists); no row or column is empty.

    Examples
    --------
    Two dentists of whom one came after the other, and three patients who saw the second early:

    >>> fewest_in_a_cut(np.array([[40, 3], [0, 40]]))
    3
    >>> fewest_in_a_cut(np.array([[40, 0], [0, 40]])), fewest_in_a_cut(np.array([[40, 12]]))
    (40, 12)
    """
    graph = _graph(counts).tocsr()
    number, part = connected_components(graph, directed=False)
    fewest = int(counts.sum())
    for one in range(number):
        first, *rest = np.flatnonzero(part == one).tolist()
        fewest = min([fewest, *(int(maximum_flow(graph, first, other).flow_value) for other in rest)])
    return fewest
