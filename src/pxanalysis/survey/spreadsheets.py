"""Text from patients in a spreadsheet: nothing of it may run as a formula, and it opens by a double click."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from pxanalysis.survey.files import write_atomically

__all__ = ["list_separator", "neutralise_text", "write_list"]

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


def list_separator(language: str) -> str:
    """What separates cells in a CSV file that a spreadsheet of this language opens."""
    return ";" if language == "nl" else ","


def write_list(table: pl.DataFrame, path: Path, separator: str) -> None:
    """Write text for somebody who opens it in a spreadsheet: UTF-8 with a byte order mark, formulas neutralised."""
    plain = table.with_columns(pl.col(pl.String).map_elements(neutralise_text, return_dtype=pl.String))
    write_atomically(path, "\ufeff" + plain.write_csv(separator=separator))
