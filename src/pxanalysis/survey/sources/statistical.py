"""Files of SPSS (.sav, .zsav) and Stata (.dta): codes as cells, their words and declared missing values beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.raw import RawTable, hash_file
from pxanalysis.survey.words import DONT_KNOW_WORDS, NOT_APPLICABLE_WORDS, fold_text

__all__ = ["Program", "StatisticalFile", "read_spss", "read_stata"]

Program = Literal["SPSS", "Stata"]


def read_spss(path: Path) -> RawTable:
    """Read an SPSS file; user-missing values and ranges become empty, and are counted.

    Raises
    ------
    SourceError
        When the file is cut off or damaged.
    """
    return _read_whole(path, "SPSS")


def read_stata(path: Path) -> RawTable:
    """Read a Stata file; extended missing values (.a to .z) become empty, and are counted by letter.

    Raises
    ------
    SourceError
        When the file is cut off or damaged.
    """
    return _read_whole(path, "Stata")


def _read_whole(path: Path, program: Program) -> RawTable:
    file = StatisticalFile(path, program)
    try:
        cells = file.read()
    except OverflowError:  # a moment beyond the calendar: seconds stay numbers, and a date column says so
        cells = file.read(disable_datetime_conversion=True)
    return file.describe(cells, hash_file(path), before=0)


class StatisticalFile:
    """A file that is read at once or so many rows at a time; what is to be said of it is known when all were read."""

    def __init__(self, path: Path, program: Program) -> None:
        self._path, self._program = path, program
        self._meta: Any = None
        self._declared: dict[str, Counter[Any]] = {}
        self._coded: Counter[tuple[str, str | None]] = Counter()

    def read(self, **options: Any) -> pl.DataFrame:
        """Cells as text; ``options`` are those of pyreadstat.

        Raises
        ------
        SourceError
            When the file is cut off or damaged.
        OverflowError
            When a moment lies beyond the calendar.
        """
        import pyreadstat  # heavy, and only where there is such a file

        reader = pyreadstat.read_sav if self._program == "SPSS" else pyreadstat.read_dta
        try:
            cells, meta = reader(self._path, user_missing=True, output_format="dict", **options)
        except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
            name = self._path.name
            raise SourceError(
                f"{name}: this {self._program} file is cut off or damaged ({error}). Copy or export it again."
            ) from error
        self._meta = meta
        return pl.DataFrame([self._read_column(name, list(cells[name])) for name in meta.column_names])

    def read_parts(self, rows: int) -> Iterator[pl.DataFrame]:
        """The same, so many rows at a time."""
        start = 0
        while (part := self.read(row_offset=start, row_limit=rows)).height:
            yield part
            start += part.height

    def _read_column(self, name: str, values: list[Any]) -> pl.Series:
        """Cells of a variable as text, each different one made so once; what is declared missing is empty."""
        times = Counter(values)
        missing = [value for value in times if self._is_missing(name, value)]
        self._declared.setdefault(name, Counter()).update({value: times[value] for value in missing})
        texts = {value: _cell(value) for value in times} | dict.fromkeys(missing)
        labels = self._meta.variable_value_labels.get(name)
        for value, text in texts.items() if labels else ():
            self._coded[name, text] += times[value]
        return pl.Series(name, [texts[value] for value in values], dtype=pl.String)

    def _is_missing(self, name: str, value: Any) -> bool:
        """Whether a value is declared missing: within a range of SPSS, or one of the letters of Stata."""
        if self._program == "Stata":
            return isinstance(value, str) and value in self._meta.missing_user_values.get(name, ())
        ranges = self._meta.missing_ranges.get(name, ())
        return value is not None and any(one["lo"] <= value <= one["hi"] for one in ranges)

    def describe(self, cells: pl.DataFrame, digest: str, *, before: int) -> RawTable:
        """Rows of the file, below ``before`` others, with what is said of all that were read."""
        meta = self._meta
        labels = {
            name: {_cell(code) or "": str(word) for code, word in words.items()}
            for name, words in meta.variable_value_labels.items()
        }
        notes = (*self._note_missing(), *self._note_undeclared(labels))
        rows = pl.int_range(before + 1, before + cells.height + 1, dtype=pl.UInt32, eager=True).alias("row")
        texts = {name: text for name, text in meta.column_names_to_labels.items() if text}
        return RawTable(self._path.name, digest, cells, rows, notes=notes, texts=texts, labels=labels)

    def _note_missing(self) -> list[str]:
        """What the file is, and how many cells of it are declared missing."""
        meta, name = self._meta, self._path.name
        labelled = len(meta.variable_value_labels)
        kind = "an SPSS" if self._program == "SPSS" else "a Stata"
        notes = [
            f"{name} is {kind} file with {meta.number_columns} variables, {labelled} with words for their codes; "
            "the codes were read."
        ]
        for column, times in self._declared.items():
            if times and self._program == "SPSS":
                notes.append(f"{name}: {times.total()} answers of {column} are user-missing and count as not answered.")
            elif times:
                counts = ", ".join(f".{letter} {times[letter]}" for letter in sorted(times))
                notes.append(f"{name}: extended missing values of {column} count as not answered: {counts}.")
        notes += [
            f"{name}: the variables {', '.join(one['variable_list'])} are one question with several answers ({key})."
            for key, one in getattr(meta, "mr_sets", {}).items()
        ]
        return notes

    def _note_undeclared(self, labels: Mapping[str, Mapping[str, str]]) -> list[str]:
        """Codes whose words mean "don't know" or "does not apply" though they are not declared missing."""
        words = {fold_text(word) for word in DONT_KNOW_WORDS | NOT_APPLICABLE_WORDS}
        notes = []
        for column, known in labels.items():
            for code, word in known.items():
                count = self._coded[column, code]
                if count and fold_text(word) in words:
                    notes.append(
                        f"{self._path.name}: {count} answers of {column} are {code} ('{word}'), which is not declared "
                        "missing. Say in the journey's scale what it means (dont_know or not_applicable), or set "
                        f'[source] missing = ["{code}"]; a code inside the scale is answered for under [readings].'
                    )
        return notes


def _cell(value: Any) -> str | None:
    """A value as text: whole numbers without a point, days as year-month-day, nothing for a missing one."""
    if value is None or value == "" or value != value:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else str(value).strip() or None
