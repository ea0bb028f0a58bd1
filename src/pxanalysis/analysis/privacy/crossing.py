"""The full crossing behind a frame of cells and totals: what is listed, what is left out, and how it all adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pxanalysis.analysis.privacy.system import CellSystem, Constraint
from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError

__all__ = ["Crossing", "cross_cells", "encode_keys"]


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """Every combination of the groupings' levels, of "nobody's level" and of their totals, as one system of cells.

    Attributes
    ----------
    system
        Counts of all cells and the sums along every grouping.
    place
        Shape (rows,): the cell of each row of the frame.
    hidden, fixed, guarded, late
        Shape (cells,): not shown from the start; not to be hidden any more; must not become known; totals.
    """

    system: CellSystem
    place: IntArray
    hidden: BoolArray
    fixed: BoolArray
    guarded: BoolArray
    late: BoolArray


def encode_keys(table: pd.DataFrame, groups: Sequence[str], total: object) -> IntArray:
    """Level of each row along each grouping as a number, shape (rows, groupings); −1 marks a total."""
    columns = []
    for name in groups:
        is_total = (table[name] == total).to_numpy(dtype=bool)
        codes, _ = pd.factorize(table[name])
        columns.append(np.where(is_total, -1, codes))
    return np.column_stack(columns).astype(np.intp)


def _locate(keys: IntArray) -> tuple[list[IntArray], tuple[int, ...]]:
    """Position of each row along each grouping: its level, or the last position for a total; and the shape.

    The last position but one is for people in a total who are in none of its listed levels.
    """
    positions, shape = [], []
    for codes in keys.T:
        is_total = codes < 0
        levels, place = np.unique(codes[~is_total], return_inverse=True)
        position = np.full(codes.size, levels.size + 1, dtype=np.intp)
        position[~is_total] = place
        positions.append(position)
        shape.append(levels.size + 2)
    return positions, tuple(shape)


def _fill_totals(counts: FloatArray, listed: BoolArray) -> IntArray:
    """Fill in totals that are not listed as the largest sum over their listed levels; return how many rows each has.

    Shape of the result is that of ``counts``: the listed cells that a total that is not listed sums over.
    """
    axes = range(counts.ndim)
    members = listed.astype(np.intp)
    for size in range(1, counts.ndim + 1):
        for chosen in combinations(axes, size):
            line = tuple(-1 if axis in chosen else slice(0, -2) for axis in axes)
            sums, numbers = [], []
            for axis in chosen:
                inner = tuple(slice(0, -2) if a == axis else index for a, index in enumerate(line))
                along = sum(1 for a in axes if a < axis and a not in chosen)
                sums.append(counts[inner].sum(axis=along))
                numbers.append((members[inner] > 0).sum(axis=along))
            counts[line] = np.where(listed[line], counts[line], np.max(sums, axis=0))
            members[line] = np.max(numbers, axis=0)
    return members


def _fill_rest(counts: FloatArray, names: Sequence[str]) -> None:
    """People in a total who are in none of its levels: total minus levels, along one grouping after the other."""
    for axis, name in enumerate(names):
        view = np.moveaxis(counts, axis, 0)
        view[-2] = view[-1] - view[:-2].sum(axis=0)
        if (view[-2] < 0).any():
            where = np.unravel_index(int(view[-2].argmin()), view[-2].shape)
            raise AnalysisError(
                f"n: a total over '{name}' counts {view[-1][where]:g} people, its parts together "
                f"{view[:-2].sum(axis=0)[where]:g}. Parts must be disjoint, a total must hold them all, and every "
                "combination that has people must be listed."
            )


def _lines(shape: tuple[int, ...]) -> tuple[Constraint, ...]:
    """Along every grouping: levels and rest minus the total is nothing."""
    index = np.arange(int(np.prod(shape)), dtype=np.intp).reshape(shape)
    found: list[Constraint] = []
    for axis, length in enumerate(shape):
        signs = np.append(np.ones(length - 1), -1.0)
        found += [(line, signs) for line in np.moveaxis(index, axis, -1).reshape(-1, length)]
    return tuple(found)


def cross_cells(keys: IntArray, names: Sequence[str], counts: FloatArray, minimum_n: int) -> Crossing:
    """Make the system of cells behind the rows of a frame.

    A combination of levels that is not listed has nobody in it. A total that is not listed is taken as known from
    elsewhere, unless it is below the minimum (then nobody shows it) or has a single row (then it is that row). Where a
    listed total counts more people than its listed parts, the others are cells that nobody lists but that can be worked
    out.

    Parameters
    ----------
    keys
        Shape (rows, groupings), from :func:`encode_keys`.
    names
        What the groupings are called, for messages.
    counts
        Shape (rows,): people.

    Raises
    ------
    AnalysisError
        When the rows do not add up.
    """
    positions, shape = _locate(keys)
    full = np.zeros(shape)
    listed = np.zeros(shape, dtype=bool)
    place = np.ravel_multi_index(tuple(positions), shape).astype(np.intp)
    full.ravel()[place], listed.ravel()[place] = counts, True
    members = _fill_totals(full, listed)
    _fill_rest(full, names)
    along = np.indices(shape)
    edge = np.array(shape).reshape(-1, *[1] * len(shape))
    is_total, is_rest = (along == edge - 1).any(axis=0), (along == edge - 2).any(axis=0)
    implied = is_total & ~is_rest & ~listed
    secret = (is_rest & (full > 0)) | (implied & ((full < minimum_n) | (members <= 1)))
    small = full < minimum_n
    hidden = (listed & small) | secret
    guarded = hidden & small & (full > 0) & ~(implied & (members <= 1)) | (listed & small)
    flat = (part.ravel() for part in (hidden, ~listed, guarded, is_total))
    return Crossing(CellSystem(full.ravel(), _lines(shape)), place, *flat)
