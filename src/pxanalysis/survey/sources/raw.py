"""A file's cells as they are, before any check."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

__all__ = ["BadLine", "RawTable", "hash_file"]


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
        One row per record, one column per column of the file: text as the file has it (typed columns of a Parquet
        file keep their type), null where empty.
    rows
        Row of each record in a spreadsheet (the header is row 1), shape (records,).
    bad_lines
        Records with too many or too few fields.
    notes
        What was found out while reading, for example an encoding other than UTF-8.
    tool
        Survey tool whose export it is, empty when none was recognised.
    texts
        Column to the question's wording, where the file has it beside the column's name.
    labels
        Column to the words of its codes, where the file has them.
    """

    name: str
    digest: str
    cells: pl.DataFrame
    rows: pl.Series
    bad_lines: tuple[BadLine, ...] = ()
    notes: tuple[str, ...] = field(default=())
    tool: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
