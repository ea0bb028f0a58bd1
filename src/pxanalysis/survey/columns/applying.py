"""From what was decided about a column's different cells to the cells of any of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.checking.parsing import parse_text
from pxanalysis.survey.columns.verdict import NO_PROBLEMS, JudgedColumn

if TYPE_CHECKING:
    from pxanalysis.survey.columns.evidence import ColumnEvidence

__all__ = ["ColumnRule"]


@dataclass(frozen=True, slots=True, eq=False)
class ColumnRule:
    """How a column is read.

    Attributes
    ----------
    name
        The journey's id of the column.
    held
        The cells that were judged; ``judged`` has as many, in the same order.
    empty
        Whether nothing of the column is used.
    behind
        Text that is put behind every cell.
    """

    name: str
    held: ColumnEvidence
    judged: JudgedColumn
    empty: bool = False
    behind: str = ""

    def apply(self, cells: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
        """The cells of some rows as they are to be checked, and those that could not be read, by position."""
        read, problems = self._read(cells)
        return (parse_text(read) + self.behind if self.behind else read), problems

    def _read(self, cells: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
        before, after, problems = self.held.cells, self.judged.cells, self.judged.problems
        same = before.equals(after, check_dtypes=True) and before.dtype == cells.dtype
        if not problems.height and (same or self.empty):
            return (_nothing(after, len(cells)) if self.empty else cells), NO_PROBLEMS
        places = pl.DataFrame({"cell": before}).with_row_index("place").cast({"place": pl.Int64})
        keys = self.held.find_keys(cells).to_frame("cell")
        place = keys.join(places, on="cell", how="left", nulls_equal=True, maintain_order="left")["place"]
        if self.empty:
            read = _nothing(after, len(cells))
        else:
            read = after.gather(place)
            if self.held.kind == "ids":  # only odd ids were judged, any other stays
                read = read.zip_with(place.is_not_null(), cells.cast(after.dtype))
        return read.alias(cells.name), self._find_problems(place)

    def _find_problems(self, place: pl.Series) -> pl.DataFrame:
        problems = self.judged.problems
        if not problems.height:
            return NO_PROBLEMS
        rows = place.to_frame("place").with_row_index("index").cast({"index": pl.Int64})
        rows = rows.filter(pl.col("place").is_in(problems["index"].implode()))
        held = rows.join(problems.rename({"index": "place"}), on="place", how="inner", maintain_order="left_right")
        return held.select(NO_PROBLEMS.columns)


def _nothing(like: pl.Series, length: int) -> pl.Series:
    return pl.Series(like.name, [None], dtype=like.dtype).new_from_index(0, length)
