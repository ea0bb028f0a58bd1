"""A long file read part by part, each of whole records, as often as it is needed: what one part takes, all take.

A file that could be read in more than one way (loose quotation marks, lines that look swallowed) is left to be read as
a whole, so that the same file gives the same cells either way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.delimited import (
    Layout,
    drop_blank_lines,
    find_swallowed,
    number_records,
    read_layout,
    split_lines,
)
from pxanalysis.survey.sources.kinds import detect_kind
from pxanalysis.survey.sources.parquet import read_parquet_parts
from pxanalysis.survey.sources.raw import BadLine, RawTable, hash_file
from pxanalysis.survey.sources.records import (
    LooseQuotesError,
    check_quotes,
    count_fields,
    count_lines,
    cut_records,
    may_swallow,
    skip_record,
)
from pxanalysis.survey.sources.statistical_parts import PROGRAMS, open_statistical
from pxanalysis.survey.sources.transcoding import copy_as_utf8, find_encoding

__all__ = ["PART_SIZE", "FileParts", "Manner", "UnlikeError", "open_parts"]

PART_SIZE = 2**24
"""Bytes of a part of text."""
_ROW = 2**7
"""Bytes of text that a row of Parquet counts for."""

Manner = Literal["codes", "numbers", "text", "ragged"]
"""Whole numbers read as such, where none takes more than 16 bits and where one does; every cell as text; as text, with
records of a wrong length among them."""

_NUMBERS: dict[Manner, pl.DataType] = {"codes": pl.Int16(), "numbers": pl.Int32()}
"""As what whole numbers are read: answers and codes of none (999) take half the memory so, which takes time to get."""


class UnlikeError(Exception):
    """A part cannot be read in the manner of those before it: all are to be read in another, or the file as a whole."""

    def __init__(self, manner: Manner | None) -> None:
        super().__init__(manner)
        self.manner = manner


class FileParts(Protocol):
    """A file that is gone through part by part.

    Attributes
    ----------
    nameless
        Columns over which nothing stands: left out when they are empty in every part.
    """

    @property
    def nameless(self) -> list[str]: ...  # noqa: D102 - above

    def __iter__(self) -> Iterator[RawTable]:
        """The records, in order.

        Raises
        ------
        UnlikeError
            When a part cannot be read in this manner.
        SourceError
            When the file is not as it was when its first part was read.
        """
        ...

    def read_in(self, manner: Manner) -> FileParts:
        """The same file, read in another manner."""
        ...


@dataclass(frozen=True, slots=True)
class _ParquetParts:
    """A Parquet file as parts of so many rows."""

    path: Path
    digest: str
    rows: int
    stamp: tuple[int, int]

    @property
    def nameless(self) -> list[str]:
        """None: Parquet has names only."""
        return []

    def __iter__(self) -> Iterator[RawTable]:
        """The rows, in order; a file that cannot be read so is left to be read as a whole."""
        try:
            yield from read_parquet_parts(self.path, self.digest, self.rows)
        except SourceError as error:
            raise UnlikeError(None) from error
        _check_unchanged(self.path, self.path.name, self.stamp)

    def read_in(self, manner: Manner) -> FileParts:
        """The same: cells have a type of their own."""
        return self


@dataclass(frozen=True, slots=True)
class _TextParts:
    """A text file as parts.

    Attributes
    ----------
    path, name, digest
        Where it stands; its name and SHA-256.
    manner
        How its cells are read.
    notes
        What was found out about its encoding.
    """

    path: Path
    name: str
    digest: str
    layout: Layout
    whole_numbers: frozenset[str]
    size: int
    stamp: tuple[int, int]
    manner: Manner = "codes"
    notes: tuple[str, ...] = ()

    @property
    def nameless(self) -> list[str]:
        """Columns over which nothing stands."""
        return self.layout.nameless

    def read_in(self, manner: Manner) -> FileParts:
        """The same file, its cells read in another manner."""
        return replace(self, manner=manner)

    def __iter__(self) -> Iterator[RawTable]:
        """The records, in order; see :class:`FileParts`."""
        before = 0
        with self.path.open("rb") as stream:
            for _ in range(self.layout.skip):
                stream.readline()
            skip_record(stream)
            try:
                for piece in cut_records(stream, self.size):
                    part, records = self._read(piece, before)
                    before += records
                    yield part
            except LooseQuotesError as error:
                raise UnlikeError(None) from error
        _check_unchanged(self.path, self.name, self.stamp)

    def _read(self, piece: bytes, before: int) -> tuple[RawTable, int]:
        """A part, and how many records it has; ``before`` it there are so many."""
        check_quotes(piece, self.layout.separator)
        if self.manner == "ragged":
            cells, numbers, bad, records = self._read_ragged(piece, before)
        else:
            cells, bad = self._read_even(piece), ()
            records, numbers = cells.height, number_records(cells.height, before)
        separator, width = self.layout.separator, len(self.layout.header)
        over_lines = count_lines(piece) > records  # no text goes on over several where there are as many
        if over_lines and may_swallow(piece, separator, width) and find_swallowed(cells, separator):
            raise UnlikeError(None)
        cells, numbers = drop_blank_lines(cells, numbers)
        return RawTable(self.name, self.digest, cells, numbers, bad, self.notes), records

    def _read_even(self, piece: bytes) -> pl.DataFrame:
        try:
            cells = self._parse(piece)
        except pl.exceptions.PolarsError as error:
            raise UnlikeError(self._find_harder(piece)) from error
        if cells.height and cells[:, -1].null_count() and self._has_uneven(piece):
            raise UnlikeError("ragged")
        return cells

    def _find_harder(self, piece: bytes) -> Manner:
        """The manner in which a piece can be read that cannot be in this one."""
        if self.manner == "text" or self._has_uneven(piece):
            return "ragged"
        if self.manner == "codes":
            with suppress(pl.exceptions.PolarsError):
                replace(self, manner="numbers")._parse(piece)
                return "numbers"
        return "text"

    def _parse(self, piece: bytes) -> pl.DataFrame:
        names, number = self.layout.names, _NUMBERS.get(self.manner)
        types = {
            name: number if number is not None and given in self.whole_numbers else pl.String()
            for name, given in zip(names, self.layout.header, strict=True)
        }
        if not piece:
            return pl.DataFrame(schema=types)
        return pl.read_csv(piece, separator=self.layout.separator, has_header=False, schema=types, infer_schema=False)

    def _find_uneven(self, piece: bytes) -> list[tuple[int, bytes]]:
        """Records with another number of fields than the header, by their place in the piece; blank ones are empty."""
        starts, separators = count_fields(piece, self.layout.separator)
        ends = [*starts[1:].tolist(), len(piece)]
        uneven = (separators != len(self.layout.header) - 1).nonzero()[0].tolist()
        found = ((place, piece[starts[place] : ends[place]]) for place in uneven)
        return [(place, record if record.strip() else b"") for place, record in found]

    def _has_uneven(self, piece: bytes) -> bool:
        """Whether there is any, lines on which nothing stands left out."""
        return any(record for _, record in self._find_uneven(piece))

    def _read_ragged(self, piece: bytes, before: int) -> tuple[pl.DataFrame, pl.Series, tuple[BadLine, ...], int]:
        """Read the even records, those with empty fields too many, and keep the others aside.

        Blank lines are left out: at the start of a piece, Polars counts none.
        """
        starts, _ = count_fields(piece, self.layout.separator)
        ends = [*starts[1:].tolist(), len(piece)]
        kept: list[bytes] = []
        bad: list[BadLine] = []
        gone: list[int] = []
        behind = 0
        for place, record in self._find_uneven(piece):
            fields = next(csv.reader(io.StringIO(record.decode(), newline=""), delimiter=self.layout.separator), [])
            width = len(self.layout.header)
            while len(fields) > width and not fields[-1]:
                fields.pop()  # separators behind the last field hold nothing
            kept.append(piece[behind : starts[place]])
            behind = ends[place]
            if len(fields) == width:
                kept.append(self._write(fields))
                continue
            gone.append(place)
            bad.extend(split_lines(before + place + 2, fields, width, self.layout.separator) if fields else ())
        kept.append(piece[behind:])
        try:
            cells = self._parse(b"".join(kept))
        except pl.exceptions.PolarsError as error:
            raise UnlikeError(None) from error
        numbers = number_records(len(starts), before)
        if gone:
            numbers = numbers.filter(~pl.int_range(len(starts), eager=True).is_in(pl.Series(gone).implode()))
        if len(numbers) != cells.height:  # a line that one way of reading counts and the other does not
            raise UnlikeError(None)
        return cells, numbers, tuple(bad), len(starts)

    def _write(self, fields: list[str]) -> bytes:
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=self.layout.separator, lineterminator="\n").writerow(fields)
        return stream.getvalue().encode()


def _stamp_of(path: Path) -> tuple[int, int]:
    """Size of a file and when it was last written."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _check_unchanged(path: Path, name: str, stamp: tuple[int, int]) -> None:
    if _stamp_of(path) != stamp:
        raise SourceError(f"{name}: the file changed while it was read. Ingest it again when it is complete.")


def open_parts(
    path: Path,
    *,
    copy: Path,
    delimiter: str | None = None,
    encoding: str | None = None,
    whole_numbers: Collection[str] = (),
    size: int = PART_SIZE,
) -> FileParts | None:
    """A file as parts; None for other kinds than text, Parquet, SPSS and Stata, and where bytes may be other letters.

    Parameters
    ----------
    copy
        Where a copy is written of a text in another encoding than UTF-8, and of what SPSS or Stata wrote; whoever reads
        the parts removes it.
    """
    kind, stamp = detect_kind(path), _stamp_of(path)
    if kind == "parquet":
        return _ParquetParts(path, hash_file(path), max(1, size // _ROW), stamp)
    if kind in PROGRAMS:
        parts = open_statistical(path, PROGRAMS[kind], copy, size)
        return None if _stamp_of(path) != stamp else parts
    if kind != "text":
        return None
    try:
        path.name.encode()
        with ThreadPoolExecutor(max_workers=1) as thread:
            hashed = thread.submit(hash_file, path)  # after the stamp, so that what is hashed is what is read
            found = find_encoding(path, path.name, encoding)
            digest = hashed.result()
        if found is None:
            return None
        with path.open(encoding=found.encoding, newline="") as lines:
            layout = read_layout(lines, delimiter, path.name)
    except (SourceError, UnicodeError, LookupError):
        return None  # what is wrong is said when it is read as a whole
    if any("\ufffd" in name for name in layout.header):
        return None
    text = _TextParts(path, path.name, digest, layout, frozenset(whole_numbers), size, stamp, notes=found.notes)
    if encoding is None and found.encoding == "utf-8-sig" and not layout.old_mac:
        return text
    if not copy_as_utf8(path, found.encoding, copy, old_mac=layout.old_mac) or _stamp_of(path) != stamp:
        return None
    return replace(text, path=copy, stamp=_stamp_of(copy), manner="text")
