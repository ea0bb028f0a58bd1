"""Text with a separator between fields: any common encoding, separator and line end; no record lost without a word."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.encoding import decode_text
from pxanalysis.survey.sources.raw import BadLine, RawTable, hash_file
from pxanalysis.survey.sources.separators import detect_delimiter
from pxanalysis.survey.sources.tools.headers import names_repeat, number_names

__all__ = [
    "Layout",
    "check_text",
    "drop_blank_lines",
    "find_swallowed",
    "number_records",
    "read_delimited",
    "read_layout",
    "split_lines",
    "tidy_cells",
]

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_CELL = 2**31 - 1
_AHEAD = 200
"""Lines below the header that say which mark separates."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the first lines say: separator, the header's fields, lines above it, and whether lines end in CR alone."""

    separator: str
    header: list[str]
    skip: int
    old_mac: bool

    @property
    def names(self) -> list[str]:
        """The header's names as they are seen; a column without a name is called by its place."""
        return [clean_name(name) or f"(column {i})" for i, name in enumerate(self.header, start=1)]

    @property
    def nameless(self) -> list[str]:
        """Columns over which nothing stands: left out when they are empty."""
        return [name for name, given in zip(self.names, self.header, strict=True) if not given.strip()]


def clean_name(name: str) -> str:
    """A column's name without spaces around it or characters that nobody sees (a second byte order mark)."""
    if name.isascii():
        return name.strip()
    return "".join(letter for letter in name if unicodedata.category(letter) != "Cf").strip()


def read_delimited(
    path: Path, delimiter: str | None, whole_numbers: Collection[str], encoding: str | None = None
) -> RawTable:
    """Read a text file; see :func:`pxanalysis.survey.sources.read.read_source`."""
    with path.open("rb") as handle:
        start = handle.read(4)
    check_text(start, path.name)
    if not start.startswith(_UTF16) and encoding is None:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            layout = read_layout(lines, delimiter, path.name)
        damaged = any("\ufffd" in name for name in layout.header)
        quick = None if layout.old_mac or damaged else _read_quick(path, layout, whole_numbers)
        if quick is not None:
            return quick
    return _read_with_care(path, delimiter, encoding)


def check_text(start: bytes, name: str) -> None:
    """Refuse what is no text although its name says so."""
    for mark, kind in ((b"\x1f\x8b", "a gzip archive"), (b"PK\x03\x04", "a zip archive or an Excel file")):
        if start.startswith(mark):
            raise SourceError(f"{name}: this is {kind}, not text. Unpack it, or export the answers as CSV (UTF-8).")
    if start == b"PAR1":
        raise SourceError(f"{name}: this is a Parquet file; give it a name that ends in .parquet.")


def number_records(count: int, before: int = 0) -> pl.Series:
    """Rows in a spreadsheet of records below a header, and below ``before`` other records; shape (count,)."""
    return pl.int_range(before + 2, before + count + 2, dtype=pl.UInt32, eager=True).alias("row")


def read_layout(lines: TextIO, delimiter: str | None, name: str) -> Layout:
    """What the first lines of a text say.

    Raises
    ------
    SourceError
        When the first is no header, or a column stands twice.
    """
    csv.field_size_limit(_LONGEST_CELL)
    first, skip = lines.readline(), 0
    declared = re.fullmatch(r'"?sep=(.)"?[\r\n]*', first, flags=re.IGNORECASE)
    if declared:  # what Excel writes, and hides, above the header
        first, skip, delimiter = lines.readline(), 1, delimiter or declared[1]
    if "\0" in first:
        raise SourceError(f"{name}, row 1: there are zero bytes between the letters. Save the file as CSV UTF-8.")
    if not first.strip():
        raise SourceError(
            f"{name}, row 1: the line is empty; expected the header. Remove what stands above the header."
        )
    ahead = list(islice(lines, _AHEAD))
    separator = delimiter or detect_delimiter("".join([first, *ahead]), name)
    header = next(csv.reader(chain([first], ahead), delimiter=separator))
    if names_repeat(header):
        header = number_names([clean_name(field) for field in header])
    _check_header([clean_name(field) for field in header], separator, name)
    return Layout(separator, header, skip, first.endswith("\r"))


def _check_header(names: list[str], separator: str, file: str) -> None:
    doubled = sorted(name for name, times in Counter(names).items() if name and times > 1)
    if doubled:
        raise SourceError(f"{file}, row 1: column '{doubled[0]}' stands twice; rename one of them in the export.")
    if len(names) == 1:
        raise SourceError(
            f"{file}, row 1: with separator '{separator}' the header is one column ('{names[0]:.60}'). "
            "Correct 'delimiter' in study.toml, or leave it out to have it found."
        )


def _read_quick(path: Path, layout: Layout, whole_numbers: Collection[str]) -> RawTable | None:
    """The whole file in one go, when it is UTF-8 and every record is complete; else None."""
    try:
        cells = pl.read_csv(
            path,
            separator=layout.separator,
            infer_schema=False,
            schema_overrides={name: pl.Int32 for name in layout.header if name in whole_numbers},
            skip_lines=layout.skip,
            glob=False,
        )
    except pl.exceptions.PolarsError:
        return None
    last_is_empty = cells.height > 0 and cells[:, -1].null_count() > 0
    if cells.width != len(layout.header) or (last_is_empty and _has_short(path.read_bytes(), cells, layout)):
        return None
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return tidy_cells(path.name, hash_file(path), cells, layout, lines)


def _read_with_care(path: Path, delimiter: str | None, encoding: str | None) -> RawTable:
    """Find the encoding, then read every cell as text; records of the wrong length are kept aside."""
    raw = path.read_bytes()
    decoded = decode_text(raw, path.name, encoding)
    text, notes = decoded.text.removeprefix("\ufeff"), decoded.notes
    layout = read_layout(io.StringIO(text, newline=""), delimiter, path.name)
    if layout.old_mac:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    digest = hashlib.sha256(raw).hexdigest()
    data = text.encode()
    try:
        cells = pl.read_csv(data, separator=layout.separator, infer_schema=False, skip_lines=layout.skip)
    except pl.exceptions.PolarsError:
        return _read_ragged(text, path.name, digest, layout, notes)
    last_is_empty = cells.height > 0 and cells[:, -1].null_count() > 0
    if cells.width != len(layout.header) or (last_is_empty and _has_short(data, cells, layout)):
        return _read_ragged(text, path.name, digest, layout, notes)
    return tidy_cells(path.name, digest, cells, layout, io.StringIO(text, newline=""), notes=notes)


def _has_short(data: bytes, cells: pl.DataFrame, layout: Layout) -> bool:
    """Whether any record may have too few fields: Polars fills those with nulls without a word.

    A line with too few separators is one; so is one of the records that end in a null when fewer lines end in a
    separator (as one with a separator within quotes does).
    """
    mark = layout.separator.encode()
    lines = data.split(b"\n")[layout.skip + 1 :]
    if any(line.count(mark) < len(layout.header) - 1 for line in lines if line.strip()):
        return True
    open_ends = sum(line.rstrip(b"\r").endswith(mark) for line in lines)
    return int((cells[:, -1].is_null() & ~_find_blank(cells)).sum()) > open_ends


def _read_ragged(text: str, name: str, digest: str, layout: Layout, notes: tuple[str, ...]) -> RawTable:
    """Read record by record, keeping aside those whose number of fields is not the header's."""
    lines = io.StringIO(text, newline="")
    for _ in range(layout.skip):
        lines.readline()
    records = csv.reader(lines, delimiter=layout.separator)
    width = len(next(records))
    good: list[list[str | None]] = []
    rows: list[int] = []
    bad: list[BadLine] = []
    for row, record in enumerate(records, start=2):
        while len(record) > width and not record[-1]:
            record.pop()  # separators behind the last field hold nothing
        if len(record) == width:
            good.append([cell or None for cell in record])
            rows.append(row)
        elif record:
            bad.extend(split_lines(row, record, width, layout.separator))
    cells = pl.DataFrame(good, schema=dict.fromkeys(layout.names, pl.String), orient="row")
    numbers = pl.Series("row", rows, dtype=pl.UInt32)
    return tidy_cells(name, digest, cells, layout, io.StringIO(text, newline=""), numbers, tuple(bad), notes)


def split_lines(row: int, record: list[str], width: int, separator: str) -> list[BadLine]:
    """A record of the wrong length; one over several lines that look like records counts as so many."""
    text, reason = separator.join(record), _explain_length(record, width)
    lines = [line for line in text.split("\n") if line.strip()]
    if sum(line.count(separator) >= width - 1 for line in lines) < 2:
        return [BadLine(row, text, reason)]
    return [BadLine(row, line, reason) for line in lines]


def _explain_length(record: list[str], width: int) -> str:
    cause = "a line end within an answer, or a file that was cut off" if len(record) < width else "a stray separator"
    if any("\n" in cell for cell in record):
        cause = "a quotation mark that is never closed"
    return f"expected {width} fields as in the header, found {len(record)}; look for {cause}"


def tidy_cells(
    name: str,
    digest: str,
    cells: pl.DataFrame,
    layout: Layout,
    lines: TextIO,
    rows: pl.Series | None = None,
    bad: tuple[BadLine, ...] = (),
    notes: tuple[str, ...] = (),
) -> RawTable:
    """Name the columns, leave out empty lines and empty columns without a name, look for swallowed records."""
    cells.columns = layout.names
    numbers = number_records(cells.height) if rows is None else rows
    swallowed = find_swallowed(cells, layout.separator)
    if swallowed:
        _check_quotes(lines, layout, name)
        taken = {position for position, _ in swallowed}
        bad = (*bad, *(line for found in swallowed for line in _free_lines(cells, numbers, found)))
        keep = ~pl.int_range(cells.height, eager=True).is_in(pl.Series(sorted(taken)).implode())
        notes = (*notes, _suspect(name, int(numbers[swallowed[0][0]]), swallowed[0][1]))
        cells, numbers = cells.filter(keep), numbers.filter(keep)
    cells, numbers = drop_blank_lines(cells, numbers)
    cells = cells.drop([column for column in layout.nameless if cells[column].null_count() == cells.height])
    return RawTable(name, digest, cells, numbers, bad, notes)


def drop_blank_lines(cells: pl.DataFrame, numbers: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Records, and their rows, without those on which nothing stands."""
    blank = _find_blank(cells)
    return (cells.filter(~blank), numbers.filter(~blank)) if blank.any() else (cells, numbers)


def _find_blank(cells: pl.DataFrame) -> pl.Series:
    """Whether nothing stands on a line, shape (records,)."""
    first, *others = (pl.col(name) for name in cells.columns)
    empty = first.is_null()
    if cells.dtypes[0] == pl.String:
        empty |= first.str.strip_chars() == ""
    return cells.select(pl.all_horizontal(empty, *[column.is_null() for column in others])).to_series()


def find_swallowed(cells: pl.DataFrame, separator: str) -> list[tuple[int, str]]:
    """Position and column of cells with lines in them that look like records of their own."""
    over_lines = {
        name: pl.col(name).str.contains("\n", literal=True) for name in cells.select(pl.col(pl.String)).columns
    }
    found = cells.select(test.any().alias(name) for name, test in over_lines.items())
    out: dict[int, str] = {}
    for name in found.columns:
        if not found[name][0]:
            continue
        for position in cells.select(over_lines[name].fill_null(value=False)).to_series().arg_true():
            lines = cells[name][position].split("\n")[1:]
            if any(line.count(separator) >= cells.width - 1 for line in lines):
                out.setdefault(position, name)
    return sorted(out.items())


def _free_lines(cells: pl.DataFrame, numbers: pl.Series, found: tuple[int, str]) -> list[BadLine]:
    """The record with such a cell, and each line in it, as lines that could not be split into columns."""
    position, column = found
    row = int(numbers[position])
    first, *others = cells[column][position].split("\n")
    reason = f"the text in column '{column}' goes on over the lines that follow; a quotation mark is not closed there"
    before = [str(cell) for cell in cells.row(position)[: cells.columns.index(column)] if cell is not None]
    behind = "this line stands within a quotation mark that is not closed before it"
    own = BadLine(row, " ".join([*before, first]), reason)
    return [own, *(BadLine(row, line, behind) for line in others if line.strip())]


def _suspect(name: str, row: int, column: str) -> str:
    return (
        f"{name}, row {row}: the text in column '{column}' goes on over lines that look like responses. They were "
        "refused with it: a quotation mark before them is not closed; correct it and ingest the file again."
    )


def _check_quotes(lines: TextIO, layout: Layout, name: str) -> None:
    """Refuse a file in which quotation marks do not pair: where one record ends and the next starts is then unknown."""
    for _ in range(layout.skip):
        lines.readline()
    row = 0
    try:
        for row, _ in enumerate(csv.reader(lines, delimiter=layout.separator, strict=True), start=1):  # noqa: B007
            pass
    except csv.Error as error:
        raise SourceError(
            f"{name}, row {row + 1}: a quotation mark is not closed, or stands loose within quotation marks, so that "
            f"the rows after it cannot be told apart ({error}). Double it or remove it in the export."
        ) from error
