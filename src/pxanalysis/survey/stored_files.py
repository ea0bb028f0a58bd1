"""Stored answers as files of practices: cut from a table, and read back in turns so that little else is held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl

from pxanalysis.survey.ahead import work_ahead
from pxanalysis.survey.batch_files import BATCH
from pxanalysis.survey.files import safe_name, write_parquet, write_parts
from pxanalysis.survey.sources.raw import hash_file

__all__ = [
    "FILES_AT_ONCE",
    "RANK",
    "keep_latest",
    "rank_rows",
    "read_codes",
    "read_rows",
    "split_practices",
    "write_file",
    "write_files",
]

FILES_AT_ONCE = 64
"""Files of practices that are read together."""
RANK = "\0rank"
"""Column, in memory only, with the place of a row's batch in order of arrival."""
_CELLS_AT_ONCE = 60_000_000
"""Cells that are read, and put in order, together."""
_ALWAYS = "simulated"
"""A column that every file has, and that takes little."""
_SHORTEST_RUN = 50
"""Rows of a practice one below the other, about, from which a table is cut rather than sorted."""


def write_files(tables: Iterable[Iterator[pl.DataFrame]], place: Callable[[str], Path]) -> dict[Path, str]:
    """Write each practice's rows; practices whose folders some computers hold for one (A and a) share a file.

    Parameters
    ----------
    tables
        Rows of some practices in one frame, or of one practice in several.
    place
        Where a practice's file stands.

    Returns
    -------
    SHA-256 of each file. Those of some practices are written while the next ones are cut.
    """
    digests: dict[Path, str] = {}
    with ThreadPoolExecutor() as threads:
        before: dict[Path, Future[str]] = {}
        for frames in work_ahead(tables):
            writing = _write_practices(frames, place, threads)
            digests |= {path: one.result() for path, one in before.items()}
            before = writing
        return digests | {path: one.result() for path, one in before.items()}


def _write_practices(
    frames: Iterator[pl.DataFrame], place: Callable[[str], Path], threads: Executor
) -> dict[Path, Future[str]]:
    first, second = next(frames), next(frames, None)
    if second is not None:
        path = place(str(first["practice_id"][0]))
        write_parts(chain([first, second], frames), path)
        return {path: threads.submit(hash_file, path)}
    parts: dict[str, list[pl.DataFrame]] = {}
    for practice_id, rows in sorted(split_practices(first).items()):
        parts.setdefault(safe_name(practice_id).casefold(), []).append(rows)
    tables = {place(str(some[0]["practice_id"][0])): pl.concat(some) for some in parts.values()}
    return {path: threads.submit(write_file, table, path) for path, table in tables.items()}


def write_file(table: pl.DataFrame, path: Path) -> str:
    """Write rows, and return the SHA-256 of the file."""
    write_parquet(table, path)
    return hash_file(path)


def read_rows(files: list[list[Path]], place: pl.Series) -> pl.DataFrame:
    """Rows of the files of all batches, by where they stand among all of them, some columns at a time.

    All columns at once would take several times what they hold.
    """
    schemas = [
        {name: dtype for name, dtype in pl.read_parquet_schema(some[0]).items() if name != BATCH} for some in files
    ]
    columns: dict[str, pl.Series] = {}
    for wanted in _group_columns(schemas, len(place)):
        columns |= _read_columns(files, schemas, wanted, place)
    return pl.DataFrame([columns[name] for name in dict.fromkeys(name for schema in schemas for name in schema)])


def split_practices(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rows of each practice, in order; where they stand together they are not moved."""
    runs = table["practice_id"].rle().struct.unnest()
    if runs.height * _SHORTEST_RUN > table.height:
        codes = table["practice_id"].cast(pl.Enum(runs["value"].unique())).to_physical().to_numpy()
        table = table[np.argsort(codes, kind="stable")]
        runs = table["practice_id"].rle().struct.unnest()
    starts = runs["len"].cum_sum() - runs["len"]
    found: dict[str, list[pl.DataFrame]] = {}
    for practice_id, start, length in zip(runs["value"], starts, runs["len"], strict=True):
        found.setdefault(practice_id, []).append(table[start : start + length])
    return {practice_id: pl.concat(rows) for practice_id, rows in found.items()}


def _read_schema(path: Path) -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in pl.read_parquet_schema(path).items() if name != BATCH}


def _read_columns(
    files: list[list[Path]], schemas: list[dict[str, pl.DataType]], wanted: list[str], place: pl.Series
) -> dict[str, pl.Series]:
    """Some columns of the files of all batches, below each other, of the rows at ``place``."""
    parts = [
        pl.read_parquet(some, columns=[name for name in has if name in {*wanted, _ALWAYS}])
        for some, has in zip(files, schemas, strict=True)
    ]
    found = pl.concat(parts, how="diagonal_relaxed").select(pl.col(wanted).gather(place))
    return {name: found[name] for name in wanted}


def _group_columns(schemas: list[dict[str, pl.DataType]], rows: int) -> Iterator[list[str]]:
    """Columns that are read together: all of few rows; of many some, and each text, which takes most, by itself."""
    types = {name: dtype for schema in schemas for name, dtype in schema.items()}
    step = max(1, _CELLS_AT_ONCE // max(rows, 1))
    if step >= len(types):
        yield list(types)
        return
    texts = [name for name, dtype in types.items() if dtype == pl.String]
    yield from ([name] for name in texts)
    others = [name for name in types if name not in texts]
    yield from (others[start : start + step] for start in range(0, len(others), step))


def read_codes(paths: list[Path], practices: pl.Enum, batches: Sequence[tuple[str, int]] | None = None) -> pl.DataFrame:
    """Columns that hold no text and no measured number.

    Parameters
    ----------
    batches
        Keys and places of the batches that stand in the files; then the rows of others are left out, and each has a
        64-bit hash of its response id and :data:`RANK` as well.
    """
    schema = pl.read_parquet_schema(paths[0])  # of one batch, or one file, so that all have it
    codes = [name for name, dtype in schema.items() if dtype.is_integer() or dtype in (pl.Boolean, pl.Date)]
    if batches is None:
        table = pl.read_parquet(paths, columns=["practice_id", *codes])
        return table.with_columns(pl.col("practice_id").cast(practices))
    known = [name for name in ("response_id", BATCH) if name in schema]
    table = rank_rows(pl.read_parquet(paths, columns=["practice_id", *codes, *known]), batches)
    table = table.filter(pl.col(RANK).is_not_null()) if table[RANK].null_count() else table
    return table.with_columns(pl.col("practice_id").cast(practices), pl.col("response_id").hash())


def rank_rows(table: pl.DataFrame, batches: Sequence[tuple[str, int]]) -> pl.DataFrame:
    """A table of files with the column :data:`RANK` in place of the batch's key; null: of none of these batches.

    Parameters
    ----------
    batches
        Keys and places of the batches that stand in the files; one where the files are its own.
    """
    if BATCH not in table.columns:
        return table.with_columns(pl.lit(batches[0][1], pl.Int32).alias(RANK))
    rank = pl.col(BATCH).replace_strict(dict(batches), default=None, return_dtype=pl.Int32)
    return table.with_columns(rank.alias(RANK)).drop(BATCH)


def keep_latest(rows: pl.DataFrame) -> pl.DataFrame:
    """The row of each response id that came last, by :data:`RANK` and then as they stand."""
    if not rows[RANK].is_sorted():
        rows = rows.sort(RANK, maintain_order=True)
    return rows.unique("response_id", keep="last", maintain_order=True)
