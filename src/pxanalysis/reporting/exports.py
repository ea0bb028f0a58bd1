"""Tables for a spreadsheet, in which nothing that a patient wrote can become a formula."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from pxanalysis.errors import ReportError
from pxanalysis.reporting.page.wording import Wording
from pxanalysis.survey.spreadsheets import list_separator, neutralise_text

__all__ = ["neutralise_formulas", "write_table"]


def neutralise_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which text that a spreadsheet would run starts with an apostrophe.

    Text that starts with ``= + - @``, a tab, a line break or NUL, also after spaces and in column names; numbers, and
    text that is a plain number, stay as they are.

    Examples
    --------
    >>> frame = pd.DataFrame({"idee": ["=1+1", "-0,24", "meer uitleg"], "winst": [-0.1, 0.2, 0.3]})
    >>> neutralise_formulas(frame)["idee"].tolist()
    ["'=1+1", '-0,24', 'meer uitleg']
    """
    safe = frame.copy()
    for position, dtype in enumerate(frame.dtypes):
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype)):
            cells = np.empty(len(frame), dtype=object)
            cells[:] = [neutralise_text(value) for value in frame.iloc[:, position]]
            safe.isetitem(position, cells)
    safe.columns = pd.Index([neutralise_text(name) for name in frame.columns])
    return safe


def write_table(frame: pd.DataFrame, path: Path, language: str = "nl") -> Path:
    """Write a table as ``.csv`` or ``.xlsx``, formulas neutralised, without its index.

    CSV is UTF-8 with a byte order mark, and has the decimal mark of the language: what a spreadsheet of that language
    opens by a double click.

    Raises
    ------
    ReportError
        For another kind of file, or for ``.xlsx`` without openpyxl.
    """
    safe = neutralise_formulas(frame)
    if path.suffix == ".csv":
        mark = Wording(language).decimal_mark
        safe.to_csv(path, index=False, sep=list_separator(language), decimal=mark, encoding="utf-8-sig")
    elif path.suffix == ".xlsx":
        if find_spec("openpyxl") is None:
            raise ReportError(f"{path.name}: Excel files need openpyxl; run 'pip install openpyxl' or choose .csv.")
        safe.to_excel(path, index=False)
    else:
        raise ReportError(f"{path.name}: expected a name that ends in .csv or .xlsx.")
    return path
