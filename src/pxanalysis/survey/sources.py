"""Files with answers: read as text, cell by cell, so that nothing is guessed before it is checked.

A reader takes a path and returns a :class:`RawTable`; further formats are added to ``READERS`` by suffix.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pxanalysis.errors import SourceError

__all__ = ["READERS", "BadLine", "RawTable", "hash_file", "read_source"]

_DELIMITERS = ",;\t|"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be split into the header's columns."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A file's cells before any check.

    Attributes
    ----------
    name
        File name, as errors and the rejected table name it.
    digest
        SHA-256 of the file's bytes.
    cells
        One row per record; ``row`` is the row in a spreadsheet (the header is row 1), every other column is text
        as the file has it (typed columns of a Parquet file keep their type), null where empty.
    bad_lines
        Records with too many or too few fields.
    notes
        What was found out while reading, for example an encoding other than UTF-8.
    """

    name: str
    digest: str
    cells: pl.DataFrame
    bad_lines: tuple[BadLine, ...] = ()
    notes: tuple[str, ...] = field(default=())


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def read_source(path: str | Path, *, delimiter: str | None = None, whole_numbers: Collection[str] = ()) -> RawTable:
    """Read a file with answers.

    Parameters
    ----------
    path
        A ``.csv``, ``.tsv``, ``.txt`` or ``.parquet`` file.
    delimiter
        Field separator of a text file; found from the header when not given.
    whole_numbers
        Columns that should hold whole numbers only. When they do, they are read as such, which is several times
        quicker; when one does not, every column is read as text.

    Raises
    ------
    SourceError
        When the file does not exist, is empty, has only a header, cannot be decoded or is of an unknown kind.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceError(f"{path}: no such file. Put the export into data/raw/ or give its path.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise SourceError(
            f"{path.name}: files ending in '{path.suffix}' cannot be read; expected one of "
            f"{', '.join(sorted(READERS))}. Export the answers as CSV (UTF-8) or Parquet."
        )
    if path.stat().st_size == 0:
        raise SourceError(f"{path.name}: the file is empty. Export it again, with a header row and answers.")
    table = reader(path, delimiter, whole_numbers)
    if table.cells.height == 0 and not table.bad_lines:
        raise SourceError(f"{path.name}: there is a header row but no answers below it. Export it again.")
    return table


def _read_parquet(path: Path, delimiter: str | None, whole_numbers: Collection[str]) -> RawTable:
    try:
        cells = pl.read_parquet(path, glob=False)
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{path.name}: not a readable Parquet file ({error}). Export it again.") from error
    nested = [name for name, dtype in cells.schema.items() if dtype.is_nested()]
    if nested:
        raise SourceError(f"{path.name}: column '{nested[0]}' holds lists or structs; expected one value per cell.")
    return RawTable(path.name, hash_file(path), _number_rows(cells))


def _read_text(path: Path, delimiter: str | None, whole_numbers: Collection[str]) -> RawTable:
    with path.open("rb") as handle:
        start = handle.read(65_536)
    if not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        quick = _read_quick(path, start, delimiter, whole_numbers)
        if quick is not None:
            return quick
    return _read_with_care(path, delimiter)


def _read_quick(path: Path, start: bytes, delimiter: str | None, whole_numbers: Collection[str]) -> RawTable | None:
    """The whole file in one go, when it is UTF-8 and every record is complete; else None."""
    line = start.removeprefix(_BOM).split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    separator, header = _split_header(line, delimiter, path.name)
    try:
        cells = pl.read_csv(
            path,
            separator=separator,
            infer_schema=False,
            schema_overrides={name: pl.Int32 for name in header if name in whole_numbers},
            glob=False,
        )
    except pl.exceptions.PolarsError:
        return None
    # Polars fills short records with nulls without a word; only a file with empty last cells can have any.
    if cells.height and cells[:, -1].null_count() and _has_short(path.read_bytes(), separator, len(header)):
        return None
    return RawTable(path.name, hash_file(path), _number_rows(cells))


def _read_with_care(path: Path, delimiter: str | None) -> RawTable:
    """Find the encoding, then read every cell as text; records of the wrong length are kept aside."""
    raw = path.read_bytes()
    encoding = _detect_encoding(raw, path.name)
    notes: tuple[str, ...] = ()
    if encoding not in {"utf-8", "utf-8-sig"}:
        notes = (f"{path.name} is {encoding}, not UTF-8; it was read as {encoding}. Check accented letters.",)
    text = raw.decode(encoding)
    separator, header = _split_header(text.split("\n", 1)[0].rstrip("\r"), delimiter, path.name)
    digest = hashlib.sha256(raw).hexdigest()
    data = text.encode()
    try:
        cells = pl.read_csv(data, separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError:
        return _read_ragged(text, separator, path.name, digest, notes)
    if cells.height and cells[:, -1].null_count() and _has_short(data, separator, len(header)):
        return _read_ragged(text, separator, path.name, digest, notes)
    return RawTable(path.name, digest, _number_rows(cells), (), notes)


def _split_header(line: str, delimiter: str | None, name: str) -> tuple[str, list[str]]:
    separator = delimiter or _detect_delimiter(line, name)
    header = next(csv.reader([line], delimiter=separator), [])
    _check_header(header, separator, name)
    return separator, header


def _number_rows(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.rename({"row": "row (file)"} if "row" in cells.columns else {}).with_row_index("row", offset=2)


def _has_short(data: bytes, separator: str, width: int) -> bool:
    mark = separator.encode()
    return any(line.count(mark) < width - 1 for line in data.split(b"\n")[1:] if line.strip())


def _detect_encoding(raw: bytes, name: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw.startswith(_BOM):
        return "utf-8-sig"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{name}: the text is neither UTF-8, UTF-16 nor Windows-1252 (byte {error.start}). Save it as CSV UTF-8."
        ) from error
    return "cp1252"


def _detect_delimiter(header: str, name: str) -> str:
    counts = {mark: header.count(mark) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best] == 0:
        raise SourceError(
            f"{name}, row 1: the header has one column only ('{header:.60}'); expected columns separated by a comma, "
            "semicolon, tab or |. Is it a survey export? If it uses another separator, set 'delimiter' in study.toml."
        )
    return best


def _check_header(names: list[str], separator: str, file: str) -> None:
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise SourceError(f"{file}, row 1: column '{doubled[0]}' stands twice; rename one of them in the export.")
    if len(names) == 1:
        raise SourceError(
            f"{file}, row 1: with separator '{separator}' the header is one column ('{names[0]:.60}'). "
            "Correct 'delimiter' in study.toml, or leave it out to have it found."
        )


def _read_ragged(text: str, separator: str, name: str, digest: str, notes: tuple[str, ...]) -> RawTable:
    """Read record by record, keeping aside those whose number of fields is not the header's."""
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = next(records)
    good: list[list[str | None]] = []
    rows: list[int] = []
    bad: list[BadLine] = []
    for row, record in enumerate(records, start=2):
        if len(record) == len(header):
            good.append([cell or None for cell in record])
            rows.append(row)
        elif record:
            reason = f"expected {len(header)} fields as in the header, found {len(record)}; look for a stray separator"
            bad.append(BadLine(row, separator.join(record), reason))
    cells = pl.DataFrame(good, schema=dict.fromkeys(header, pl.String), orient="row")
    numbered = cells.select(pl.Series("row", rows, dtype=pl.UInt32), pl.all())
    return RawTable(name, digest, numbered, tuple(bad), notes)


READERS: dict[str, Callable[[Path, str | None, Collection[str]], RawTable]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".txt": _read_text,
    ".parquet": _read_parquet,
}
"""How each kind of file is read; a new format adds its reader here."""
