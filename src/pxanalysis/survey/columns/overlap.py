"""The same patients twice: an export without ids that holds an earlier one as a whole."""

from __future__ import annotations

import polars as pl

__all__ = ["repeated_rows"]

_FEWEST = 5
"""Different rows that an export must have before its being in another is no accident."""


def repeated_rows(tables: list[pl.DataFrame], without_ids: list[bool]) -> list[list[int]]:
    """Positions, per table, of rows that an earlier export has as well.

    Rows are taken away only where one of two exports contains the other as a whole, row for row, however often each
    stands there. Single rows that are alike stay: where many give the highest answer to all, many are alike.

    Parameters
    ----------
    tables
        Accepted answers of each export in order of arrival.
    without_ids
        Whether an export's ids are its row numbers.
    """
    out: list[list[int]] = [[] for _ in tables]
    marked = [_mark(table) if plain else None for table, plain in zip(tables, without_ids, strict=True)]
    for later, rows in enumerate(marked):
        if rows is None:
            continue
        for earlier in marked[:later]:
            if earlier is None or min(earlier["row"].n_unique(), rows["row"].n_unique()) < _FEWEST:
                continue
            shared = rows.join(earlier.select("row", "nth"), on=["row", "nth"], how="semi")
            if shared.height in (earlier.height, rows.height) and shared.height:
                out[later] = sorted({*out[later], *shared["position"]})
    return out


def _mark(table: pl.DataFrame) -> pl.DataFrame:
    """Each row's content as a hash, and the how-manieth of its kind it is."""
    content = table.select(pl.exclude("response_id"))
    text = content.select(pl.concat_str(pl.all().cast(pl.String).fill_null("\0"), separator="\x1f").alias("row"))
    return text.with_row_index("position").with_columns(pl.int_range(pl.len()).over("row").alias("nth"))
