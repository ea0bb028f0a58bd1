"""What a row says in some columns, as one secret number: the sum of secret numbers of what it says in each.

A column has few different answers: each has a keyed hash of its own, and a row's number is the sum of those modulo
2**64. Rows that differ have the same sum once in 2**64, whatever they say: each difference holds a number that nobody
can tell from a random one. The sums are no hashes yet, for sums of several rows tell of each other: they are only ever
hashed further, by `hash_words`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from pxanalysis.analysis.privacy.cells import HashArray
from pxanalysis.analysis.privacy.keyed_hash import hash_text, hash_texts
from pxanalysis.arrays import IntArray

__all__ = ["sum_answers"]

_NONE = "\x00"
_MANY = 1_000
"""Whole numbers farther apart than this are looked up as other values are."""


def sum_answers(key: bytes, table: pl.DataFrame, columns: Iterable[str], start: str = "") -> HashArray:
    """Sum secret numbers of what each row says in each column, and of what the sum is for; shape (rows,).

    Examples
    --------
    >>> table = pl.DataFrame({"a": [1, None, 1], "b": ["x", "y", "x"]})
    >>> first, second, third = sum_answers(b"key", table, ["a", "b"]).tolist()
    >>> first == third, first == second
    (True, False)
    """
    found: HashArray = np.full(table.height, hash_text(key, start), dtype="<u8")
    for name in columns:
        codes, texts = _encode(table[name])
        found += hash_texts(key, [f"{name}\x1f{text}" for text in texts])[codes]
    return found


def _encode(column: pl.Series) -> tuple[IntArray, list[str]]:
    """Number of what each row says, and what the numbers mean."""
    low, high = (column.min(), column.max()) if column.dtype.is_integer() else (None, None)
    if isinstance(low, int) and isinstance(high, int) and high - low < _MANY:
        codes = (column.cast(pl.Int64) - (low - 1)).fill_null(0).cast(pl.Int16)
        return codes.to_numpy(), [_NONE, *map(str, range(low, high + 1))]
    values = column.to_frame("value")
    kinds = values.unique(maintain_order=False).with_row_index("code")
    codes = values.join(kinds, on="value", how="left", nulls_equal=True, maintain_order="left")["code"]
    return codes.to_numpy(), kinds["value"].cast(pl.String).fill_null(_NONE).to_list()
