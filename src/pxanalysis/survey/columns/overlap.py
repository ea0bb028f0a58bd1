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
    for later, found in enumerate(marked):
        for other in marked[:later]:
            if found is None or other is None or found[0] != other[0]:
                continue
            rows, earlier = found[1], other[1]
            if min(earlier["row"].n_unique(), rows["row"].n_unique()) < _FEWEST:
                continue
            shared = rows.join(earlier.select("row", "nth"), on=["row", "nth"], how="semi")
            if shared.height in (earlier.height, rows.height) and shared.height:
                out[later] = sorted({*out[later], *shared["position"]})
    return out


def _mark(table: pl.DataFrame) -> tuple[list[str], pl.DataFrame]:
    """Columns that hold anything; each row's content, and the how-manieth of its kind it is."""
    names = sorted(one for one in table.columns if one != "response_id" and table[one].null_count() < table.height)
    text = table.select(pl.concat_str(pl.col(names).cast(pl.String).fill_null("\0"), separator="\x1f").alias("row"))
    return names, text.with_row_index("position").with_columns(pl.int_range(pl.len()).over("row").alias("nth"))
