"""What each different cell of a column is as an answer: parsed and checked once, then only looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.journey.parts import Scale
from pxanalysis.survey.checking.parsing import (
    empty_cells,
    find_unknown,
    parse_answers,
    parse_dates,
    parse_flags,
    parse_numbers,
    parse_text,
)
from pxanalysis.survey.checking.schema import AnswerSchema, scale_of

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = [
    "CellTable",
    "ParsedCells",
    "StoredCells",
    "is_repetitive",
    "parse_cells",
    "stored_type",
    "tabulate_cells",
]

_IDS = ("response_id", "practice_id")
_FLAG = Scale(min=0, max=1)
_WIDEST = 2**12
"""Whole numbers (or days) from the lowest to the highest up to which a cell's place is told by counting."""


@dataclass(frozen=True, slots=True, eq=False)
class ParsedCells:
    """Cells as answers.

    Attributes
    ----------
    values
        Float64, Date or String; null where empty or failed.
    failed
        Boolean; empty where none can.
    reason
        Of those that failed.
    not_applicable, dont_know
        Boolean; None where the question has no such answer.
    """

    values: pl.Series
    failed: pl.Series
    reason: str = ""
    not_applicable: pl.Series | None = None
    dont_know: pl.Series | None = None


def parse_cells(
    cells: pl.Series, name: str, journey: Journey, *, missing: tuple[str, ...] = (), date_format: str | None = None
) -> ParsedCells:
    """Parse cells of the column that the journey calls ``name``; those of ``missing`` are empty."""
    flag = name == "simulated" or any(outcome.id == name for outcome in journey.behaviours)
    scale = scale_of(journey, name)
    if missing and name not in _IDS:
        cells = empty_cells(cells, missing, _FLAG if flag else scale)
    if scale is not None:
        values, unmet, failed = parse_answers(cells, scale)
        reason = (
            f"expected a whole number {scale.min}-{scale.max}, found text; give the answer as its number, or name "
            "what means no answer under [source] missing in study.toml"
        )
        unknown = find_unknown(cells, scale) if scale.dont_know else None
        return ParsedCells(values, failed, reason, unmet if scale.not_applicable else None, unknown)
    if flag:
        return ParsedCells(*parse_flags(cells), "expected 0 (no) or 1 (yes), found text; map other codes in the export")
    if any(variable.id == name and variable.type == "number" for variable in journey.case_mix):
        return ParsedCells(*parse_numbers(cells), "expected a number, found text")
    if name == "completed_on":
        form = date_format or "2025-12-31 or 31-12-2025"
        return ParsedCells(
            *parse_dates(cells, date_format), f"expected a date as {form}; else set date_format in study.toml"
        )
    return ParsedCells(parse_text(cells), pl.Series([], dtype=pl.Boolean))


def stored_type(journey: Journey, name: str) -> pl.DataType:
    """Type in which answers to a question are stored."""
    if name == "simulated":
        return pl.Boolean()
    if name == "completed_on":
        return pl.Date()
    scale = scale_of(journey, name)
    if scale is not None:
        return pl.Int16() if scale.max > 127 or scale.min < -128 else pl.Int8()
    if any(outcome.id == name for outcome in journey.outcomes):
        return pl.Int8()
    numbers = {variable.id for variable in journey.case_mix if variable.type == "number"}
    return pl.Float64() if name in numbers else pl.String()


def is_repetitive(journey: Journey, name: str) -> bool:
    """Whether a column holds few different cells, so that looking them up is quicker than parsing each."""
    if name == "response_id":
        return False
    levels = {variable.id for variable in journey.case_mix if variable.levels}
    return stored_type(journey, name) != pl.String() or name in {"practice_id", "role", "channel"} | levels


@dataclass(frozen=True, slots=True, eq=False)
class StoredCells:
    """Cells of some rows as they are stored.

    Attributes
    ----------
    values
        Null where the cell is empty or cannot be used.
    unusable, not_applicable, dont_know
        Boolean; None where no cell is so.
    """

    values: pl.Series
    unusable: pl.Series | None = None
    not_applicable: pl.Series | None = None
    dont_know: pl.Series | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CellTable:
    """A column's different cells, and what they are; nulls are none of them.

    Attributes
    ----------
    first
        Where the cells are whole numbers (or days) one after the other, the first; else None.
    unused
        Where each is stored as the number, day or text that it is, or as none: those that are stored as none; else
        None.
    """

    cells: pl.Series
    stored: StoredCells
    first: int | None
    unused: pl.Series | None

    def look_up(self, cells: pl.Series) -> StoredCells:
        """What the cells of some rows are."""
        held = self.stored
        if self.unused is not None:
            return self._keep(cells, self.unused)
        place = self._find(cells)
        return StoredCells(
            held.values.gather(place),
            *(
                None if flag is None else flag.gather(place).fill_null(value=False)
                for flag in (held.unusable, held.not_applicable, held.dont_know)
            ),
        )

    def _keep(self, cells: pl.Series, unused: pl.Series) -> StoredCells:
        """The cells as they are but for some: several times quicker than to look up each."""
        held = self.stored
        values = cells.set(_is_any(cells, unused), None) if len(unused) else cells
        return StoredCells(
            values.cast(held.values.dtype),
            *(
                None if flag is None else _is_any(cells, self.cells.filter(flag))
                for flag in (held.unusable, held.not_applicable, held.dont_know)
            ),
        )

    def _find(self, cells: pl.Series) -> pl.Series:
        """Place in the table of each cell."""
        if self.first is not None:
            numbers = cells.to_physical()
            if numbers.dtype in (pl.Int8, pl.UInt8):  # from -100 to 100 are more than they can count
                numbers = numbers.cast(pl.Int16)
            return (numbers - self.first).cast(pl.UInt32)
        if cells.dtype == pl.String:  # quicker than a join, which takes any type
            return cells.cast(pl.Enum(self.cells)).to_physical()
        places = pl.DataFrame({"cell": self.cells}).with_row_index("place")
        found = cells.to_frame("cell").join(places, on="cell", how="left", maintain_order="left")
        return found["place"]


def tabulate_cells(
    cells: pl.Series,
    name: str,
    journey: Journey,
    schema: AnswerSchema,
    *,
    missing: tuple[str, ...] = (),
    date_format: str | None = None,
) -> CellTable:
    """Parse and check each different one of some cells.

    Parameters
    ----------
    cells
        All of a column's, or each different one at least once.
    """
    cells, present, first = _count_out(cells.unique().drop_nulls())
    found = parse_cells(cells, name, journey, missing=missing, date_format=date_format)
    tests = [test for (column, label), test in schema.passes.items() if column == name and label != "unique"]
    passes = found.values.to_frame(name).select(pl.all_horizontal(pl.lit(value=True), *tests)).to_series()
    unusable = ~passes | found.failed if len(found.failed) else ~passes
    values = found.values if name in _IDS else found.values.set(unusable, None)  # a refused row is shown with its own
    dtype = stored_type(journey, name)
    values = values == 1 if dtype == pl.Boolean else values.cast(dtype)
    flags = (unusable & present, found.not_applicable, found.dont_know)
    stored = StoredCells(values, *(flag if flag is not None and flag.any() else None for flag in flags))
    same = values.is_null() | (values.cast(cells.dtype, strict=False) == cells) if _is_exact(cells, values) else None
    unused = cells.filter(values.is_null() & present) if same is not None and same.all() else None
    return CellTable(cells, stored, first, unused)


def _is_exact(cells: pl.Series, values: pl.Series) -> bool:
    """Whether cells and what is stored of them are of one kind, in which nothing is rounded."""
    whole = cells.dtype.is_integer() and (values.dtype.is_integer() or values.dtype == pl.Float64)
    return whole or (cells.dtype in (pl.String, pl.Date) and cells.dtype == values.dtype)


def _is_any(cells: pl.Series, wanted: pl.Series) -> pl.Series:
    """Which cells are one of some; Boolean, false where a cell is null."""
    found = cells == wanted[0] if len(wanted) == 1 else cells.is_in(wanted.implode())
    return found.fill_null(value=False) if found.null_count() else found


def _count_out(cells: pl.Series) -> tuple[pl.Series, pl.Series, int | None]:
    """The cells, or all whole numbers from the lowest to the highest; which of them there are; the lowest."""
    there = pl.Series([True]).new_from_index(0, len(cells))
    if not len(cells) or not (cells.dtype.is_integer() or cells.dtype == pl.Date):
        return cells, there, None
    numbers = cells.to_physical().cast(pl.Int64)
    low, high = int(numbers.min()), int(numbers.max())  # type: ignore[arg-type]  # whole numbers
    if high - low > _WIDEST:
        return cells, there, None
    every = pl.int_range(low, high + 1, eager=True)
    return every.cast(cells.to_physical().dtype).cast(cells.dtype), every.is_in(numbers.implode()), low
