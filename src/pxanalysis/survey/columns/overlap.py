"""The same patients twice: an export without ids that holds an earlier one as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["find_repeats", "mark_rows", "repeated_rows"]

_FEWEST = 5
"""Different rows that an export must have before its being in another is no accident."""

_AT_ONCE = 2**16
"""Rows of which all cells are hashed at the same time."""


def repeated_rows(tables: list[pl.DataFrame], without_ids: list[bool]) -> list[list[int]]:
    """Positions, per table, of rows that an earlier export has as well; see :func:`find_repeats`.

    Parameters
    ----------
    tables
        Accepted answers of each export in order of arrival.
    without_ids
        Whether an export's ids are its row numbers.
    """
    pairs = zip(tables, without_ids, strict=True)
    return find_repeats([mark_rows(table) if plain else None for table, plain in pairs])


def mark_rows(accepted: pl.DataFrame) -> pl.Series:
    """What stands in each row, its id left out, as a hash of 64 bits; shape (n,).

    Hashes of its cells are added up, those of empty cells left out, so that a column that is not there is as one in
    which nothing stands.
    """
    cells = [
        pl.when(pl.col(name).is_not_null()).then(pl.col(name).cast(pl.String).hash(seed=crc32(name.encode())))
        for name in accepted.columns
        if name != "response_id"
    ]
    row = pl.sum_horizontal(cells, ignore_nulls=True).alias("row")
    return pl.concat([part.select(row) for part in (accepted.head(0), *accepted.iter_slices(_AT_ONCE))]).to_series()


def find_repeats(marks: Sequence[pl.Series | None]) -> list[list[int]]:
    """Positions, per export, of rows that an earlier export has as well.

    Rows are taken away only where one of two exports contains the other as a whole, row for row, however often each
    stands there. Single rows that are alike stay: where many give the highest answer to all, many are alike.

    Parameters
    ----------
    marks
        What :func:`mark_rows` gives of each export in order of arrival; None for one that has ids.
    """
    rows = [None if one is None else one.to_numpy() for one in marks]
    tallies = [None if one is None else np.unique(one, return_counts=True) for one in rows]
    out: list[list[int]] = []
    for place, (own, tally) in enumerate(zip(rows, tallies, strict=True)):
        gone = np.zeros(0 if own is None else len(own), dtype=bool)
        for earlier in tallies[:place]:
            if own is None or tally is None or earlier is None or min(len(tally[0]), len(earlier[0])) < _FEWEST:
                continue
            _, here, there = np.intersect1d(tally[0], earlier[0], assume_unique=True, return_indices=True)
            shared = int(np.minimum(tally[1][here], earlier[1][there]).sum())
            if shared and shared in (len(own), int(earlier[1].sum())):
                gone |= _find_shared(own, earlier)
        out.append(gone.nonzero()[0].tolist())
    return out


def _find_shared(
    rows: npt.NDArray[np.uint64], other: tuple[npt.NDArray[np.uint64], npt.NDArray[np.intp]]
) -> npt.NDArray[np.bool_]:
    """Which rows another export has as well: of those that are alike, the first ones, as many as it has."""
    order = np.argsort(rows, kind="stable")
    held = rows[order]
    nth = np.arange(len(held)) - np.searchsorted(held, held)
    values, times = other
    place = np.minimum(np.searchsorted(values, held), len(values) - 1)
    shared = np.zeros(len(rows), dtype=bool)
    shared[order] = (values[place] == held) & (nth < times[place])
    return shared
