"""What came of the rows of a file: accepted ones, refused ones with their reason, and what is kept aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

__all__ = ["RowCounts", "ValidatedTable", "add_up_reasons"]


@dataclass(frozen=True, slots=True, eq=False)
class ValidatedTable:
    """What came of one file.

    Attributes
    ----------
    accepted
        Columns as in :class:`pxanalysis.survey.responses.Responses`.
    rejected
        ``file, row, column, value, reason, action, record, practice_id``.
    aside
        Columns the journey does not know, with ``response_id`` and ``row``; kept, not used.
    notes
        Warnings, each with what to do.
    refused_rows
        Rows of the file that were refused, those that could not be split into columns included.
    numbered
        Whether response ids are row numbers, because the file has none.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    aside: pl.DataFrame
    notes: tuple[str, ...]
    refused_rows: int = 0
    numbered: bool = False

    @property
    def counts(self) -> RowCounts:
        """What became of the rows."""
        refused = self.rejected.filter(pl.col("action") == "row rejected")
        lost = self.rejected.filter(
            (pl.col("action") != "row rejected") & ~pl.col("row").is_in(refused["row"].implode())
        )
        future = refused.filter(pl.col("reason").str.contains("after today", literal=True))
        return RowCounts(self.accepted.height, self.refused_rows, lost.height, future.height)

    @property
    def checked(self) -> RowCounts:
        """The same: of a file that is held, nothing was taken out yet."""
        return self.counts

    @property
    def reasons(self) -> pl.DataFrame:
        """Why rows and cells were refused: column, reason, action, times."""
        return self.rejected.group_by("column", "reason", "action", maintain_order=True).agg(
            pl.len().cast(pl.Int64).alias("times")
        )

    @property
    def has_aside(self) -> bool:
        """Whether any column is kept aside, behind the id and row of its response."""
        return self.aside.width > 2

    def ids(self) -> Iterator[pl.Series]:
        """Accepted response ids."""
        yield self.accepted["response_id"]

    def by_practice(self) -> Iterator[Iterator[pl.DataFrame]]:
        """Accepted rows: all of a practice together, or one practice part by part."""
        yield iter([self.accepted])

    def rejected_parts(self) -> Iterator[pl.DataFrame]:
        """Rejected rows and cells."""
        yield self.rejected

    def aside_parts(self) -> Iterator[pl.DataFrame]:
        """Columns kept aside."""
        yield self.aside


@dataclass(frozen=True, slots=True)
class RowCounts:
    """What became of a file's rows.

    Attributes
    ----------
    accepted, refused
        Rows.
    lost
        Cells that accepted rows lost.
    future
        Rows refused for a date after today.
    """

    accepted: int = 0
    refused: int = 0
    lost: int = 0
    future: int = 0

    def __add__(self, other: RowCounts) -> RowCounts:
        """Those of two parts together."""
        return RowCounts(
            self.accepted + other.accepted,
            self.refused + other.refused,
            self.lost + other.lost,
            self.future + other.future,
        )


def add_up_reasons(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Reasons of several parts of a file together: column, reason, action, times."""
    return pl.concat(parts).group_by("column", "reason", "action", maintain_order=True).agg(pl.col("times").sum())
