"""What the readers of several tools do with records and columns."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable

__all__ = ["count_values", "describe_values", "drop_records", "text_of"]


def drop_records(raw: RawTable, drop: pl.Series, *notes: str) -> RawTable:
    """Leave out records, and say so."""
    return replace(raw, cells=raw.cells.filter(~drop), rows=raw.rows.filter(~drop), notes=(*raw.notes, *notes))


def text_of(raw: RawTable, column: str) -> pl.Series:
    """Cells of a column as text, null where empty or where the file does not have it; shape (records,)."""
    if column not in raw.cells.columns:
        return pl.Series(column, [None] * raw.cells.height, dtype=pl.String)
    return raw.cells[column].cast(pl.String)


def count_values(raw: RawTable, column: str, values: Collection[str]) -> int:
    """Records in which a column has one of the values."""
    return int(text_of(raw, column).is_in(list(values)).sum())


def describe_values(raw: RawTable, column: str, most: int = 8) -> str:
    """Values of a column with their counts, the commonest first, for a note."""
    counted = text_of(raw, column).fill_null("(none)").value_counts(sort=True)
    shown = ", ".join(f"{value} ({count})" for value, count in counted.head(most).iter_rows())
    return shown + (f" and {counted.height - most} more" if counted.height > most else "")
