"""A file of SPSS or Stata read part by part: what is said of it is known when its last row was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SourceError
from pxanalysis.survey.files import write_parts
from pxanalysis.survey.sources.parquet import read_parquet_parts
from pxanalysis.survey.sources.raw import RawTable, hash_file
from pxanalysis.survey.sources.statistical import Program, StatisticalFile

if TYPE_CHECKING:
    from pxanalysis.survey.sources.kinds import Kind
    from pxanalysis.survey.sources.parts import Manner

__all__ = ["PROGRAMS", "StatisticalParts", "open_statistical"]

PROGRAMS: dict[Kind, Program] = {"spss": "SPSS", "stata": "Stata"}
_OBJECTS = 2**9
"""Bytes that a row counts for: each of its cells is an object of Python before it is text."""


@dataclass(frozen=True, slots=True)
class StatisticalParts:
    """A file of SPSS or Stata as parts: what is said of it is known, and its cells stand in a copy."""

    file: StatisticalFile
    copy: Path
    digest: str
    rows: int

    @property
    def nameless(self) -> list[str]:
        """None: variables have names."""
        return []

    def __iter__(self) -> Iterator[RawTable]:
        """The rows, in order."""
        before = 0
        for part in read_parquet_parts(self.copy, self.digest, self.rows):
            yield self.file.describe(part.cells, self.digest, before=before)
            before += part.cells.height

    def read_in(self, manner: Manner) -> StatisticalParts:
        """The same: every cell is text."""
        return self


def open_statistical(path: Path, program: Program, copy: Path, size: int) -> StatisticalParts | None:
    """Read a file through once, and keep its cells in ``copy``; whoever reads the parts removes it.

    Returns
    -------
    None where it has to be read as a whole: nothing stands in it, it is damaged, a moment is beyond the calendar.
    """
    file, rows = StatisticalFile(path, program), max(1, size // _OBJECTS)
    try:
        path.name.encode()
        parts = file.read_parts(rows)
        first = next(parts, None)
        if first is None:
            return None
        write_parts(chain([first], parts), copy)
    except (SourceError, OverflowError, UnicodeError):
        return None  # what is wrong is said when it is read as a whole
    return StatisticalParts(file, copy, hash_file(path), rows)
