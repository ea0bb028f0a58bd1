"""Contact details emptied in an export, which else stays as it is."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.files import temporary_name, write_parts
from pxanalysis.survey.sources.delimited import Layout, read_layout
from pxanalysis.survey.sources.parquet import iter_parquet
from pxanalysis.survey.sources.records import LooseQuotesError, check_quotes, cut_records, find_fields, skip_record
from pxanalysis.survey.sources.transcoding import find_encoding

__all__ = ["scrub_contacts"]

_TEXT = {".csv", ".tsv", ".txt"}
_PART = 2**22
"""Bytes of text that are rewritten at once."""
_ROWS = 2**16
"""Rows of Parquet that are."""


def scrub_contacts(
    path: Path, named: Collection[str], delimiter: str | None = None, encoding: str | None = None
) -> None:
    """Empty the contact columns of an export.

    Of text, nothing but what stands in these columns is taken out.

    Raises
    ------
    SourceError
        When the file is of a kind that is not rewritten, a column is not in its header, or quotation marks leave a
        doubt where a record ends; the file is then as it was.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        _scrub_parquet(path, named)
        return
    if kind not in _TEXT or _has_zeros(path):
        what = "UTF-16 text is" if kind in _TEXT else f"files ending in '{path.suffix}' are"
        raise SourceError(
            f"{path.name}: {what} not rewritten, so contacts would stay beside answers. Export the answers as CSV "
            "UTF-8 or Parquet, or without these columns."
        )
    layout = _read_layout(path, delimiter, encoding)
    absent = [name for name in named if name not in layout.names]
    if absent:
        raise SourceError(
            f"{path.name}, row 1: there is no column '{absent[0]}' in the header itself, so contacts would stay beside "
            f"answers. It has: {', '.join(layout.names)}. Export the answers with one header row, or without contacts."
        )
    places = [place for place, name in enumerate(layout.names) if name in named]
    new = temporary_name(path)
    try:
        try:
            _scrub_parts(path, new, layout, places)
        except LooseQuotesError:
            _scrub_records(path, new, layout, places)
        shutil.copymode(path, new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _has_zeros(path: Path) -> bool:
    with path.open("rb") as stream:
        return any(b"\0" in piece for piece in iter(lambda: stream.read(_PART), b""))


def _read_layout(path: Path, delimiter: str | None, encoding: str | None) -> Layout:
    found = find_encoding(path, path.name, encoding)
    letters = "utf-8-sig" if found is None else found.encoding  # None: UTF-8 with wrong bytes
    with path.open(encoding=letters, errors="replace", newline="") as lines:
        return read_layout(lines, delimiter, path.name)


def _scrub_parts(path: Path, new: Path, layout: Layout, places: Sequence[int]) -> None:
    """Write the file without what stands in some places, piece by piece.

    Raises
    ------
    LooseQuotesError
        When it cannot be told where a record ends.
    """
    if layout.old_mac:
        raise LooseQuotesError
    with path.open("rb") as stream, new.open("wb") as out:
        for _ in range(layout.skip):
            stream.readline()
        skip_record(stream)
        below = stream.tell()
        stream.seek(0)
        out.write(stream.read(below))
        for piece in cut_records(stream, _PART):
            check_quotes(piece, layout.separator)
            out.write(_cut_out(piece, layout.separator, places))


def _cut_out(piece: bytes, separator: str, places: Sequence[int]) -> bytes:
    """A piece without what stands in some places of its records; an empty text in quotation marks may stay."""
    starts, ends = find_fields(piece, separator, places)
    letters = np.frombuffer(piece, dtype=np.uint8)
    long = ends - starts
    nothing = (long == 0) | ((long == 2) & (letters[np.minimum(starts, len(letters) - 1)] == ord('"')))
    starts, ends = starts[~nothing], ends[~nothing]
    if not len(starts):
        return piece
    edges = np.zeros(len(letters) + 1, dtype=np.int8)
    np.add.at(edges, starts, 1)
    np.add.at(edges, ends, -1)
    return bytes(letters[np.cumsum(edges[:-1]) == 0])


def _scrub_records(path: Path, new: Path, layout: Layout, places: Sequence[int]) -> None:
    """The same, record by record, with the file held: a quotation mark within a field may be a letter like any other.

    Raises
    ------
    SourceError
        When it cannot be told where a record ends.
    """
    end = "\r" if layout.old_mac else "\n"
    text = path.read_bytes().decode("latin-1")  # each byte a letter: what is kept is written back byte by byte
    source: list[str] = []

    def take() -> Iterator[str]:
        start = 0
        while start < len(text):
            stop = text.find(end, start) + 1 or len(text)
            source.append(text[start:stop])
            yield source[-1]
            start = stop

    kept: list[str] = []
    try:
        for row, record in enumerate(csv.reader(take(), delimiter=layout.separator), start=-layout.skip):
            line = "".join(source)
            source.clear()
            if row > 0 and any(place < len(record) and record[place] for place in places):
                cells = ["" if place in places else cell for place, cell in enumerate(record)]
                line = layout.separator.join(map(_quote, cells)) + line[len(line.rstrip("\r\n")) :]
            kept.append(line)
    except csv.Error as error:
        raise SourceError(
            f"{path.name}: records cannot be told apart ({error}), so contacts would stay beside answers. Export the "
            "answers as CSV UTF-8 with every quotation mark doubled, or without these columns."
        ) from error
    new.write_bytes("".join(kept).encode("latin-1"))


def _quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if not cell.isalnum() else cell


def _scrub_parquet(path: Path, named: Collection[str]) -> None:
    write_parts(map(partial(_empty, named=named), iter_parquet(path, _ROWS)), path)


def _empty(part: pl.DataFrame, named: Collection[str]) -> pl.DataFrame:
    present = [name for name in named if name in part.columns]
    return part.with_columns(pl.lit(None).cast(part[name].dtype).alias(name) for name in present)
