"""Files of SPSS (.sav, .zsav) and Stata (.dta): codes as cells, their words and declared missing values beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.raw import RawTable, hash_file
from pxanalysis.survey.words import DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text

__all__ = ["read_spss", "read_stata"]

Cells = dict[str, Any]


def read_spss(path: Path) -> RawTable:
    """Read an SPSS file; user-missing values and ranges become empty, and are counted.

    Raises
    ------
    SourceError
        When the file is cut off or damaged.
    """
    import pyreadstat  # heavy, and only where there is such a file

    cells, meta = _open(pyreadstat.read_sav, path, "SPSS")
    notes = [_describe(path.name, "an SPSS", meta)]
    for name, ranges in meta.missing_ranges.items():
        kept = [None if _within(value, ranges) else value for value in cells[name]]
        count = sum(new is None and old is not None for new, old in zip(kept, cells[name], strict=True))
        cells[name] = kept
        if count:
            notes.append(f"{path.name}: {count} answers of {name} are user-missing and count as not answered.")
    notes += [
        f"{path.name}: the variables {', '.join(one['variable_list'])} are one question with several answers ({name})."
        for name, one in getattr(meta, "mr_sets", {}).items()
    ]
    return _table(path, cells, meta, notes)


def read_stata(path: Path) -> RawTable:
    """Read a Stata file; extended missing values (.a to .z) become empty, and are counted by letter.

    Raises
    ------
    SourceError
        When the file is cut off or damaged.
    """
    import pyreadstat  # heavy, and only where there is such a file

    cells, meta = _open(pyreadstat.read_dta, path, "Stata")
    notes = [_describe(path.name, "a Stata", meta)]
    for name, letters in meta.missing_user_values.items():
        before = list(cells[name])
        cells[name] = [None if isinstance(value, str) and value in letters else value for value in before]
        counts = ", ".join(f".{letter} {before.count(letter)}" for letter in letters)
        notes.append(f"{path.name}: extended missing values of {name} count as not answered: {counts}.")
    return _table(path, cells, meta, notes)


def _open(reader: Callable[..., Any], path: Path, program: str) -> tuple[Cells, Any]:
    """Cells by variable, and what the file says of them."""
    from pyreadstat import ReadstatError  # as above

    try:
        try:
            cells, meta = reader(path, user_missing=True, output_format="dict")
        except OverflowError:  # a moment beyond the calendar: seconds stay numbers, and a date column says so
            cells, meta = reader(path, user_missing=True, output_format="dict", disable_datetime_conversion=True)
    except (ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise SourceError(
            f"{path.name}: this {program} file is cut off or damaged ({error}). Copy or export it again."
        ) from error
    return {name: list(values) for name, values in cells.items()}, meta


def _describe(name: str, program: str, meta: Any) -> str:
    labelled = len(meta.variable_value_labels)
    return (
        f"{name} is {program} file with {meta.number_columns} variables, {labelled} with words for their codes; "
        "the codes were read."
    )


def _within(value: Any, ranges: list[dict[str, Any]]) -> bool:
    return value is not None and any(one["lo"] <= value <= one["hi"] for one in ranges)


def _table(path: Path, cells: Cells, meta: Any, notes: list[str]) -> RawTable:
    columns = [pl.Series(name, [_cell(value) for value in cells[name]], dtype=pl.String) for name in meta.column_names]
    labels = {
        name: {_cell(code) or "": str(word) for code, word in words.items()}
        for name, words in meta.variable_value_labels.items()
    }
    notes += _note_undeclared(path.name, pl.DataFrame(columns), labels)
    rows = pl.int_range(1, len(columns[0]) + 1 if columns else 1, dtype=pl.UInt32, eager=True).alias("row")
    texts = {name: text for name, text in meta.column_names_to_labels.items() if text}
    table = pl.DataFrame(columns)
    return RawTable(path.name, hash_file(path), table, rows, notes=tuple(notes), texts=texts, labels=labels)


def _cell(value: Any) -> str | None:
    """A value as text: whole numbers without a point, days as year-month-day, nothing for a missing one."""
    if value is None or value == "" or value != value:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip() or None


def _note_undeclared(name: str, cells: pl.DataFrame, labels: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Codes whose words mean "don't know" or "does not apply" though they are not declared missing."""
    words = {fold_text(word) for word in DONT_KNOW_WORDS | NOT_APPLICABLE_WORDS}
    notes = []
    for column, known in labels.items():
        for code, word in known.items():
            count = int((cells[column] == code).sum())
            if count and fold_text(word) in words:
                notes.append(
                    f"{name}: {count} answers of {column} are {code} ('{word}'), which is not declared missing. Say in "
                    "the journey's scale what it means (dont_know or not_applicable), or set [source] missing = "
                    f'["{code}"]; a code inside the scale is answered for under [readings].'
                )
    return notes
