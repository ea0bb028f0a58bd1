"""Parquet files: typed cells as they are, those of types that no answer has as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.delimited import number_records
from pxanalysis.survey.sources.raw import RawTable, hash_file

__all__ = ["iter_parquet", "read_parquet", "read_parquet_parts"]


def read_parquet(path: Path) -> RawTable:
    """Read the whole file; see :func:`pxanalysis.survey.sources.read.read_source`."""
    try:
        cells = pl.read_parquet(path, glob=False)
    except pl.exceptions.PanicException as error:  # pragma: no cover - Polars on damaged files
        raise SourceError(f"{path.name}: not a readable Parquet file. Export it again.") from error
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{path.name}: not a readable Parquet file ({error}). Export it again.") from error
    return RawTable(path.name, hash_file(path), _tidy_types(cells, path.name), number_records(cells.height))


def read_parquet_parts(path: Path, digest: str, rows: int) -> Iterator[RawTable]:
    """Read so many rows at a time, in order.

    Raises
    ------
    SourceError
        When the file cannot be read.
    """
    before = 0
    for part in iter_parquet(path, rows):
        cells = _tidy_types(part, path.name)
        yield RawTable(path.name, digest, cells, number_records(cells.height, before))
        before += cells.height


def iter_parquet(path: Path, rows: int) -> Iterator[pl.DataFrame]:
    """So many rows at a time, in order, as they are.

    Raises
    ------
    SourceError
        When the file cannot be read.
    """
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        for batch in ParquetFile(path).iter_batches(batch_size=rows):  # a dataset would read far ahead of the rows
            yield pl.DataFrame(pl.from_arrow(batch))
    except (ArrowException, OSError) as error:
        raise SourceError(f"{path.name}: not a readable Parquet file ({error}). Export it again.") from error


def _tidy_types(cells: pl.DataFrame, name: str) -> pl.DataFrame:
    for column, dtype in cells.schema.items():
        if dtype.is_nested():
            raise SourceError(f"{name}: column '{column}' holds lists or structs; expected one value per cell.")
        if dtype in (pl.Binary, pl.Object):
            raise SourceError(f"{name}: column '{column}' holds bytes; expected text or numbers. Export it as text.")
    if not cells.width:
        raise SourceError(f"{name}: there are no columns. Export it again.")
    return cells.with_columns(_as_text(cells[column]) for column in cells.columns if _is_odd(cells[column].dtype))


def _is_odd(dtype: pl.DataType) -> bool:
    return dtype in (pl.Duration, pl.Time, pl.Categorical, pl.Enum, pl.Null)


def _as_text(cells: pl.Series) -> pl.Series:
    """Durations, times of day and categories as text: what an answer is not is then refused as any text is."""
    if cells.dtype == pl.Duration:
        return cells.dt.to_string("polars").alias(cells.name)
    return cells.cast(pl.String)
