"""What tells which version of the questionnaire somebody filled in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

# Polars is imported when it is used: settings hold a rule, and a process that only shows results starts without it.
if TYPE_CHECKING:
    import polars as pl

__all__ = ["FormRule", "name_forms"]


@dataclass(frozen=True, slots=True)
class FormRule:
    """What tells which version somebody filled in: a column, or days from which a new one was used; or nothing."""

    column: str | None = None
    changed_on: tuple[date, ...] = ()

    def is_told_by(self, columns: Collection[str]) -> bool:
        """Whether a file with these columns tells the version: a column that it names may be of another file only."""
        return self.column is None or self.column in columns


def name_forms(rule: FormRule, values: pl.Series | None, days: pl.Series) -> pl.Series:
    """Version of each response, "" where it is not known.

    Parameters
    ----------
    values
        Cells of the rule's column, where it names one.
    days
        Day of each answer; shape (n,).
    """
    import polars as pl

    if values is not None:
        return values.cast(pl.String).str.strip_chars().fill_null("").alias("form")
    changes = pl.Series(sorted(rule.changed_on), dtype=pl.Date)
    after = sum(((days >= change).cast(pl.Int32) for change in changes), pl.Series([1]).new_from_index(0, len(days)))
    return after.cast(pl.String).set(days.is_null(), "").alias("form")
