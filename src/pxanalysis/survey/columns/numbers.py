"""Numbers with a separator that may be of thousands: "1.000" is a thousand, or one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.survey.checking.parsing import parse_numbers, parse_text
from pxanalysis.survey.columns.tally import add_up
from pxanalysis.survey.columns.verdict import JudgedColumn, Verdict, name_examples

if TYPE_CHECKING:
    from pxanalysis.survey.columns.readings import Reading

__all__ = ["drop_thousands", "judge_numbers"]

_THOUSANDS = r"^-?[1-9]\d{0,2}(?:[.,'\x{2019} \x{a0}\x{202f}]\d{3})+$"
_MARKS = r"[.,'\x{2019} \x{a0}\x{202f}]"


def drop_thousands(cells: pl.Series, times: pl.Series | None = None) -> tuple[pl.Series, int]:
    """Text in which groups of three digits are joined (``1.000`` becomes ``1000``), and in how many cells."""
    if cells.dtype != pl.String:
        return cells, 0
    text = parse_text(cells)
    grouped = text.str.contains(_THOUSANDS).fill_null(value=False)
    return text.zip_with(~grouped, text.str.replace_all(_MARKS, "")), add_up(grouped, times)


def judge_numbers(
    cells: pl.Series,
    file: str,
    name: str,
    limits: tuple[float, float] | None,
    reading: Reading | None,
    times: pl.Series | None = None,
) -> JudgedColumn:
    """Judge a column of numbers that need not be whole; ``cells`` bear the export's column name.

    ``times``: how often each cell stands in the column; None: once.
    """
    text = parse_text(cells)
    n = add_up(text.is_not_null(), times)
    joined, grouped = drop_thousands(text, times) if cells.dtype == pl.String else (cells, 0)
    if not grouped or (reading is not None and reading.text == "decimals"):
        return JudgedColumn(cells, Verdict(file, cells.name, name, "read", "numbers", n, said=False))
    others = text.filter(~text.str.contains(_THOUSANDS).fill_null(value=True) & text.str.contains(r"[.,]"))
    values = parse_numbers(joined)[0].drop_nulls()
    fits = limits is None or (len(values) > 0 and bool(((values >= limits[0]) & (values <= limits[1])).all()))
    told = f"{grouped} of {n} cells have three digits behind a mark: thousands, or decimals"
    if reading is not None and reading.text == "thousands":
        return JudgedColumn(joined.rename(cells.name), Verdict(file, cells.name, name, "read", "thousands joined", n))
    if not fits or len(others):
        return JudgedColumn(cells, Verdict(file, cells.name, name, "read", "numbers with decimals", n, said=False))
    nothing = pl.Series(cells.name, [None], dtype=pl.Float64).new_from_index(0, len(cells))
    lines = (f'{name} = "thousands"', f'{name} = "decimals"')
    return JudgedColumn(
        nothing, Verdict(file, cells.name, name, "ask", told, n, name_examples(text, times=times), lines)
    )
