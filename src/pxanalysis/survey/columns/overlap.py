"""The same patients twice, in an export without ids that holds an earlier one; other patients under the same ids."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["count_strangers", "describe_strangers", "find_repeats", "mark_rows", "repeated_rows"]

_CORRECTED = 0.25
"""Share of somebody's answers that a correction changes at most."""
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


def count_strangers(earlier: pl.DataFrame, later: pl.DataFrame) -> tuple[int, int]:
    """How many ids two files share, and under how many of them the later one has somebody else.

    A corrected row is the same person's: its practice, its day or most of its answers are as they were. In a file whose
    tool numbers responses from 1 again, all three are another's.

    Parameters
    ----------
    earlier, later
        Accepted rows with unique ids.
    """
    rows = later.join(earlier, on="response_id", how="inner", suffix="\0")
    asked = [name for name in later.columns if f"{name}\0" in rows.columns and later.schema[name].is_numeric()]
    if not asked:
        return rows.height, 0
    both = pl.sum_horizontal(pl.col(name).is_not_null() & pl.col(f"{name}\0").is_not_null() for name in asked)
    changed = pl.sum_horizontal((pl.col(name) != pl.col(f"{name}\0")).fill_null(value=False) for name in asked)
    elsewhere = pl.col("practice_id").cast(pl.String) != pl.col("practice_id\0").cast(pl.String)
    day = pl.lit(value=True)
    if {"completed_on", "completed_on\0"} <= set(rows.columns):
        day = (pl.col("completed_on") != pl.col("completed_on\0")).fill_null(value=True)
    strangers = rows.select(((elsewhere | day) & (changed > both * _CORRECTED)).sum()).item()
    return rows.height, int(strangers)


def describe_strangers(file: str, others: list[str], shared: int, strangers: int) -> tuple[str, ...]:
    """Why reports wait when most of the ids that a file shares with others are of somebody else."""
    if strangers < _FEWEST or 2 * strangers <= shared:
        return ()
    return (
        f"{file}: {strangers} of the {shared} response ids that it shares with {', '.join(others[:3])} are of somebody "
        "else (another day or practice, and other answers), so its answers would replace theirs. Where each file "
        'numbers its responses anew, say so in study.toml: [readings] response_id = "per-file" (and give no two files '
        f'one name). Where they are corrections: [source] accept = ["{file}"].',
    )


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
