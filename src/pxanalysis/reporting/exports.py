"""Tables for a spreadsheet, in which nothing that a patient wrote can become a formula."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pxanalysis.analysis.whole_study.frames import FrameRow, list_columns
from pxanalysis.errors import ReportError
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.survey.spreadsheets import list_separator, neutralise_formulas

__all__ = ["neutralise_formulas", "round_as_shown", "write_table"]


_DECIMALS = {
    "0-100": 0,
    "-2 to +2": 1,
    "proportion": 2,
    "0-1": 2,
    "outcome": 2,
    "standard deviations": 2,
    "ratio": 2,
    "squared units": 2,
    "outcome per point of 0-100": 4,
}
"""As pages show them; a proportion as a whole percentage."""


def round_as_shown(frame: pd.DataFrame, kind: type[FrameRow]) -> pd.DataFrame:
    """Return a frame of results with the decimals that a page has: with all of them, two exports could tell an answer.

    A grade has one decimal, a score none, a share two (a whole percentage); ``study.results`` has all.
    """
    rounded = frame.copy()
    for column in list_columns(kind):
        if column.dtype != "float64" or column.name not in frame:
            continue
        decimals = 3 if column.name == "p_value" else _DECIMALS.get(column.unit, 3)
        values = frame[column.name].round(decimals)
        if column.unit == "outcome" and "metric" in frame:
            values = values.where(frame["metric"] != "mean", frame[column.name].round(1))
        rounded[column.name] = values
    return rounded


def write_table(frame: pd.DataFrame, path: Path, language: str = "nl") -> Path:
    """Write a table as ``.csv`` or ``.xlsx``, formulas neutralised, without its index.

    CSV is UTF-8 with a byte order mark, and has the decimal mark of the language: what a spreadsheet of that language
    opens by a double click.

    Raises
    ------
    ReportError
        For another kind of file.
    """
    safe = neutralise_formulas(frame)
    if path.suffix == ".csv":
        mark = Wording(language).decimal_mark
        safe.to_csv(path, index=False, sep=list_separator(language), decimal=mark, encoding="utf-8-sig")
    elif path.suffix == ".xlsx":
        safe.to_excel(path, index=False)
    else:
        raise ReportError(f"{path.name}: expected a name that ends in .csv or .xlsx.")
    return path
