"""Judging the few rows that are new in a table by all of it: three answers do not tell what their codes mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from pxanalysis.survey.columns.judge import Judgement
from pxanalysis.survey.sources.raw import RawTable

__all__ = ["judge_in_context", "read_context"]

_ROWS = 100_000
"""Rows of a table that are enough to tell how its columns are coded."""
_OUTSIDE = 0
"""Row number of what is only looked at; rows of a file are counted from 1."""


def read_context(path: Path, name: str) -> RawTable:
    """The first rows of a Parquet file, to judge others by; messages call it by the name of those."""
    cells = pl.read_parquet(path, n_rows=_ROWS)
    rows = pl.Series("row", [_OUTSIDE], dtype=pl.UInt32).new_from_index(0, cells.height)
    return RawTable(name, "", cells, rows)


def judge_in_context(raw: RawTable, context: RawTable, key: str, judge: Callable[[RawTable], Judgement]) -> Judgement:
    """Judge the columns of a file together with rows of the table that it belongs to.

    Parameters
    ----------
    context
        From :func:`read_context`, with the file's columns.
    key
        Column that names a response; a row of the file is not looked at beside the one that it replaces.

    Returns
    -------
    Of the file's own rows, as all of them tell.
    """
    shared = [name for name in raw.cells.columns if name in context.cells.columns]
    beside, rows = context.cells.select(shared), context.rows
    if key in shared:
        other = ~beside[key].is_in(raw.cells[key].implode())
        beside, rows = beside.filter(other), rows.filter(other)
    cells = pl.concat([beside, raw.cells], how="diagonal_relaxed").select(raw.cells.columns)
    whole = judge(replace(raw, cells=cells, rows=pl.concat([rows.cast(raw.rows.dtype), raw.rows])))
    first = beside.height
    problems = whole.problems.filter(pl.col("index") >= first).with_columns(pl.col("index") - first)
    return replace(whole, table=replace(whole.table, cells=whole.table.cells[first:], rows=raw.rows), problems=problems)
