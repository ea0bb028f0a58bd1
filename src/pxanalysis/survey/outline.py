"""What is said of a checked file whose rows are not stored: its counts, and of each row only what takes little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.checking.validated import RowCounts, add_up_reasons
from pxanalysis.survey.columns.overlap import mark_rows

if TYPE_CHECKING:
    from pxanalysis.survey.checking.validated import ValidatedTable

__all__ = ["Outline", "code_rows"]


class Outline:
    """Parts of a checked file.

    Attributes
    ----------
    checked
        What became of the rows.
    notes, numbered
        As :class:`~pxanalysis.survey.checking.validation.ValidatedTable` has them.
    """

    def __init__(self) -> None:
        self._reasons: list[pl.DataFrame] = []
        self._codes: list[pl.DataFrame] = []
        self._marks: list[pl.Series] = []
        self.checked = RowCounts()
        self.notes: tuple[str, ...] = ()
        self.numbered = False

    def add(self, table: ValidatedTable) -> None:
        """Take in the next part."""
        self.notes, self.numbered = table.notes, table.numbered
        self.checked += table.counts
        self._reasons = [add_up_reasons([*self._reasons, table.reasons])]
        self._codes.append(code_rows(table.accepted))
        if table.numbered:
            self._marks.append(mark_rows(table.accepted))

    @property
    def reasons(self) -> pl.DataFrame:
        """Why rows and cells were refused: column, reason, action, times."""
        return add_up_reasons(self._reasons)

    @property
    def codes(self) -> pl.DataFrame:
        """Accepted rows, as :func:`code_rows` gives them."""
        return pl.concat(self._codes)

    @property
    def marks(self) -> pl.Series | None:
        """Of a file without ids, what stands in accepted rows, as :func:`mark_rows` gives it; None of any other."""
        return pl.concat(self._marks) if self.numbered else None


def code_rows(accepted: pl.DataFrame) -> pl.DataFrame:
    """Practice, day and coded answers of accepted rows, and a hash of 64 bits instead of the id: no text.

    Ten million rows take .4 GB.
    """
    codes = [name for name, dtype in accepted.schema.items() if dtype.is_integer() or dtype in (pl.Boolean, pl.Date)]
    return accepted.select(pl.col("response_id").hash(), pl.col("practice_id").cast(pl.Categorical), *codes)
