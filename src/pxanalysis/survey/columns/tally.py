"""Different cells of a column and how often each stands there: a column is judged by these, however long it is."""

from __future__ import annotations

import numpy as np
import polars as pl

__all__ = ["add_up", "count_cells", "merge_tallies", "tally_cells"]

_WIDEST = 2**10
"""Whole numbers from the lowest to the highest up to which cells are counted by their place among these."""


def add_up(where: pl.Series, times: pl.Series | None) -> int:
    """How many cells a condition holds for.

    Parameters
    ----------
    where
        Boolean, one per different cell; null counts as no.
    times
        How often each of them stands in the column; None: once.
    """
    return int((where if times is None else times.filter(where)).sum())


def count_cells(cells: pl.Series, times: pl.Series | None, *, frequent_first: bool = False) -> list[tuple[object, int]]:
    """Different cells that hold something, with their number; in order of the first, or the most frequent first.

    Examples
    --------
    >>> count_cells(pl.Series(["a", "b", None]), pl.Series([2, 3, 1]), frequent_first=True)
    [('b', 3), ('a', 2)]
    """
    each = pl.Series([1]).new_from_index(0, len(cells)) if times is None else times.cast(pl.Int64)
    frame = pl.DataFrame([cells.alias("cell"), each.alias("times")]).drop_nulls("cell")
    found = _sum(frame)
    return list((found.sort("times", descending=True, maintain_order=True) if frequent_first else found).iter_rows())


def tally_cells(cells: pl.Series) -> pl.DataFrame:
    """Different cells (null is one), in no order, and how often each stands there: cell, times.

    Examples
    --------
    >>> tally_cells(pl.Series([7, 9, 7, None])).rows()
    [(7, 2), (9, 1), (None, 1)]
    """
    if cells.dtype.is_integer() and cells.null_count() < len(cells):
        low, high = int(cells.min()), int(cells.max())  # type: ignore[arg-type]  # whole numbers
        if high - low <= _WIDEST:
            return _count_numbers(cells, low)
    found = cells.alias("cell").value_counts(name="times")
    return found.with_columns(pl.col("times").cast(pl.Int64))


def _count_numbers(cells: pl.Series, low: int) -> pl.DataFrame:
    """The tally of whole numbers of which ``low`` is the lowest: a third of the time that hashing takes."""
    counts = np.bincount(np.subtract(cells.drop_nulls().to_numpy(), low, dtype=np.int64))
    there, empty = counts.nonzero()[0], cells.null_count()
    numbers: list[int | None] = [*(there + low).tolist()]
    times: list[int] = counts[there].tolist()
    if empty:
        numbers.append(None)
        times.append(empty)
    return pl.DataFrame([pl.Series("cell", numbers, dtype=cells.dtype), pl.Series("times", times, dtype=pl.Int64)])


def merge_tallies(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """One tally of several, by cell, so that it does not matter where one part ended and the next began."""
    return _sum(pl.concat(parts)).sort("cell")


def _sum(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("cell", maintain_order=True).agg(pl.col("times").sum())
