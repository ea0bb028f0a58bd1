"""The rows of a driver model as sums per group of alike rows: its moments follow from them, for any part of the rows.

Alike are rows of one part that miss the same cells and met the same drivers. What is cleared away of a column for who
met what is one number in all of them: it moves the mean of a group and leaves the spread about that mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.arrays import ROWS_AT_ONCE, BoolArray, FloatArray, IntArray
from pxanalysis.statistics.inputs import refuse_infinite
from pxanalysis.statistics.moments.em import find_kinds, find_patterns, stable_order

__all__ = ["DriverSums", "sum_rows"]


@dataclass(frozen=True, slots=True, eq=False)
class DriverSums:
    """Sums over n rows of k columns: case mix, drivers and outcome, as in ``DriverDesign.numbers``.

    Attributes
    ----------
    names
        The k columns.
    observed, met
        Shapes (M, k) and (G, m), Boolean: the patterns of cells that are there, and of drivers that were met.
    part, pattern, meeting, rows, weight
        Shape (C,): of each group of alike rows its part, pattern and meetings, how many they are, and what they weigh.
    mean
        Shape (C, k), weighted mean of each group; 0 where missing.
    block_part, block_pattern
        Shape (B,): a block is what the groups of one part and pattern make together.
    spread
        Shape (B, k, k), weighted cross-products about the means of their groups; 0 where missing.
    lowest, highest
        Shape (B, k); infinite where missing.
    blocks
        Which of the B blocks these rows are: the sums of some parts share those of all, which may be large.
    """

    names: tuple[str, ...]
    observed: BoolArray
    met: BoolArray
    part: IntArray
    pattern: IntArray
    meeting: IntArray
    rows: IntArray
    weight: FloatArray
    mean: FloatArray
    block_part: IntArray
    block_pattern: IntArray
    spread: FloatArray
    lowest: FloatArray
    highest: FloatArray
    blocks: IntArray

    def of_parts(self, chosen: BoolArray) -> DriverSums:
        """Those of the rows of some parts, ``chosen`` of shape (parts,)."""
        groups, of_groups = chosen[self.part], ("part", "pattern", "meeting", "rows", "weight", "mean")
        fields = {name: getattr(self, name)[groups] for name in of_groups}
        return replace(self, **fields, blocks=self.blocks[chosen[self.block_part[self.blocks]]])

    @property
    def here(self) -> BoolArray:
        """Which cells each group has, shape (C, k)."""
        return np.asarray(self.observed[self.pattern])

    @property
    def within(self) -> FloatArray:
        """Weighted sum of squares of each column about the means of the groups, shape (k,)."""
        return np.asarray(np.einsum("bii->bi", self.spread)[self.blocks].sum(axis=0))

    @property
    def ends(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest value of each column, each of shape (k,)."""
        return self.lowest[self.blocks].min(axis=0), self.highest[self.blocks].max(axis=0)

    def mean_of(self, values: FloatArray) -> FloatArray:
        """Weighted mean of one value per group and column (C, k), over the rows that have the column; shape (k,)."""
        weight = self.weight[:, None] * self.here
        return np.asarray((weight * values).sum(axis=0) / weight.sum(axis=0))


def sum_rows(design: DriverDesign, part: IntArray | None = None) -> DriverSums:
    """Sum the rows of a design.

    Parameters
    ----------
    part
        Shape (n,): the part 0, 1, ... that each row is in; all in one when None.

    Raises
    ------
    AnalysisError
        When a column holds infinite values.
    """
    raw = design.numbers
    patterns = find_patterns(raw)
    met, meeting = find_kinds(design.met > 0)
    block = patterns.of_row if part is None else part * patterns.count + patterns.of_row
    order = stable_order(meeting, len(met))
    order = order[stable_order(block[order], int(block.max()) + 1)]
    kind = block[order]
    begins = np.flatnonzero(np.diff(kind, prepend=-1))
    found = []
    for rows in np.split(order, begins[1:]):
        here = patterns.observed[patterns.of_row[rows[0]]]
        endless = np.isinf(raw[np.ix_(rows, ~here)]).any(axis=0)
        if endless.any():
            refuse_infinite(np.array(design.names)[~here][endless][0])
        found.append(_sum_block(raw, design.weights, meeting, rows, here))
    groups = np.array([one.meeting.size for one in found])
    return DriverSums(
        names=design.names,
        observed=patterns.observed,
        met=met,
        part=np.repeat(kind[begins] // patterns.count, groups),
        pattern=np.repeat(kind[begins] % patterns.count, groups),
        meeting=np.concatenate([one.meeting for one in found]),
        rows=np.concatenate([one.rows for one in found]),
        weight=np.concatenate([one.weight for one in found]),
        mean=np.concatenate([one.mean for one in found]),
        block_part=kind[begins] // patterns.count,
        block_pattern=kind[begins] % patterns.count,
        spread=np.stack([one.spread for one in found]),
        lowest=np.stack([one.lowest for one in found]),
        highest=np.stack([one.highest for one in found]),
        blocks=np.arange(begins.size),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Sums of the rows of one part and pattern: per group of alike rows, and of all of them; see ``DriverSums``."""

    meeting: IntArray
    rows: IntArray
    weight: FloatArray
    mean: FloatArray
    spread: FloatArray
    lowest: FloatArray
    highest: FloatArray


def _sum_block(raw: FloatArray, weights: FloatArray, meeting: IntArray, rows: IntArray, here: BoolArray) -> _Block:
    """Sum the ``rows``, those of one meeting after each other; a group that is cut through is summed as two."""
    spread = np.zeros((here.size, here.size))
    lowest, highest = np.full(here.size, np.inf), np.full(here.size, -np.inf)
    groups = []
    for start in range(0, rows.size, ROWS_AT_ONCE):
        chosen = rows[start : start + ROWS_AT_ONCE]
        values, weight = raw[chosen], weights[chosen]
        lowest, highest = np.minimum(lowest, values.min(axis=0)), np.maximum(highest, values.max(axis=0))
        values[:, ~here] = 0.0
        begins = np.flatnonzero(np.diff(meeting[chosen], prepend=-1))
        mass = np.add.reduceat(weight, begins)
        count = np.diff(begins, append=chosen.size)
        mean = np.add.reduceat(values * weight[:, None], begins, axis=0) / mass[:, None]
        values -= np.repeat(mean, count, axis=0)
        spread += (values * weight[:, None]).T @ values
        groups.append((meeting[chosen[begins]], count, mass, mean))
    met, count, mass, mean = (np.concatenate(part) for part in zip(*groups, strict=True))
    lowest, highest = np.where(here, lowest, np.inf), np.where(here, highest, -np.inf)
    return _Block(met, count, mass, mean, spread, lowest, highest)
