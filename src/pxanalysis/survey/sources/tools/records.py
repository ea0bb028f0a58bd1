"""What the readers of several tools do with records and columns, and what is counted of these for the notes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl

from pxanalysis.survey.sources.raw import RawTable

__all__ = ["Tally", "count_values", "drop_records", "text_of"]


class Tally:
    """What is counted of an export that is gone through part by part.

    Attributes
    ----------
    counts
        Numbers, by what they are of.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._values: dict[str, Counter[str]] = defaultdict(Counter)
        self._different: list[npt.NDArray[np.uint64]] = []

    def count_values(self, column: str, values: pl.Series) -> None:
        """Take in the values of a column in the next records; null is one."""
        counted = values.fill_null("(none)").alias("value").value_counts(name="times")
        self._values[column].update(dict(counted.iter_rows()))

    def count_different(self, ids: pl.Series) -> None:
        """Take in the ids of the next records, to know how many there are."""
        self._different.append(np.unique(ids.hash().to_numpy()))

    @property
    def different(self) -> int:
        """How many different ids there were, by a hash of 64 bits."""
        return len(np.unique(np.concatenate(self._different))) if self._different else 0

    def values(self, column: str) -> list[tuple[str, int]]:
        """Values of a column with their counts, the commonest first."""
        return sorted(self._values[column].items(), key=lambda found: (-found[1], found[0]))

    def describe_values(self, column: str, most: int = 8) -> str:
        """The same, for a note."""
        counted = self.values(column)
        shown = ", ".join(f"{value} ({count})" for value, count in counted[:most])
        return shown + (f" and {len(counted) - most} more" if len(counted) > most else "")


def drop_records(raw: RawTable, drop: pl.Series) -> RawTable:
    """Leave out records."""
    return replace(raw, cells=raw.cells.filter(~drop), rows=raw.rows.filter(~drop))


def text_of(raw: RawTable, column: str) -> pl.Series:
    """Cells of a column as text, null where empty or where the file does not have it; shape (records,)."""
    if column not in raw.cells.columns:
        return pl.Series(column, [None] * raw.cells.height, dtype=pl.String)
    return raw.cells[column].cast(pl.String)


def count_values(raw: RawTable, column: str, values: Collection[str]) -> int:
    """Records in which a column has one of the values."""
    return int(text_of(raw, column).is_in(list(values)).sum())
