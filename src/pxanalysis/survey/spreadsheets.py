"""Text from patients in a spreadsheet: nothing of it may run as a formula, and it opens by a double click."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from babel.numbers import get_decimal_symbol

from pxanalysis.survey.files import temporary_name, write_atomically

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "list_separator",
    "neutralise_formulas",
    "neutralise_table",
    "neutralise_text",
    "restore_text",
    "write_list",
    "write_lists",
]

# What spreadsheets take as the start of a formula (OWASP, "CSV injection"): after white space, and in the full-width
# and small forms that some of them fold, too.
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:[.,]\d{1,15})?%?")


def neutralise_text(value: object) -> object:
    """Return text that a spreadsheet would run behind an apostrophe; anything else, and plain numbers, as it is.

    Examples
    --------
    >>> [neutralise_text(one) for one in ("=1+1", "  =1+1", "\uff1d1+1", "-0,24", "meer uitleg", 3)]
    ["'=1+1", "'  =1+1", "'\uff1d1+1", '-0,24', 'meer uitleg', 3]
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return "'" + value
    return value


def restore_text(value: str | None) -> str | None:
    """Take back the apostrophe of :func:`neutralise_text`, where the program reads its own list.

    Examples
    --------
    >>> [restore_text(one) for one in ("'=1+1", "'s-Hertogenbosch", "plain")]
    ['=1+1', "'s-Hertogenbosch", 'plain']
    """
    bare = value[1:] if value is not None and value.startswith("'") else value
    return bare if bare is not None and neutralise_text(bare) == value else value


def neutralise_table(table: pl.DataFrame) -> pl.DataFrame:
    """Return a table in which no text can run as a formula, column names included."""
    safe = table.with_columns(pl.col(pl.String).map_elements(neutralise_text, return_dtype=pl.String))
    return safe.rename({name: str(neutralise_text(name)) for name in table.columns})


def neutralise_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which text that a spreadsheet would run starts with an apostrophe.

    Text that starts with ``= + - @``, a tab, a line break or NUL, also after spaces and in column names; numbers, and
    text that is a plain number, stay as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"idee": ["=1+1", "-0,24", "meer uitleg"], "winst": [-0.1, 0.2, 0.3]})
    >>> neutralise_formulas(frame)["idee"].tolist()
    ["'=1+1", '-0,24', 'meer uitleg']
    """
    import numpy as np  # a study's answers are read without pandas
    import pandas as pd

    safe = frame.copy()
    for position, dtype in enumerate(frame.dtypes):
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype)):
            cells = np.empty(len(frame), dtype=object)
            cells[:] = [neutralise_text(value) for value in frame.iloc[:, position]]
            safe.isetitem(position, cells)
    safe.columns = pd.Index([neutralise_text(name) for name in frame.columns])
    return safe


def list_separator(language: str) -> str:
    """What separates cells in a CSV file that a spreadsheet of this language opens."""
    return ";" if get_decimal_symbol(language) == "," else ","


def write_list(table: pl.DataFrame, path: Path, separator: str) -> None:
    """Write text for somebody who opens it in a spreadsheet: UTF-8 with a byte order mark, formulas neutralised."""
    write_atomically(path, "\ufeff" + neutralise_table(table).write_csv(separator=separator))


def write_lists(tables: Iterable[pl.DataFrame], path: Path, separator: str) -> None:
    """Write tables below each other as :func:`write_list` writes one; one is in memory at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.write("\ufeff")
        for i, table in enumerate(tables):
            stream.write(neutralise_table(table).write_csv(separator=separator, include_header=i == 0))
    temporary.replace(path)
