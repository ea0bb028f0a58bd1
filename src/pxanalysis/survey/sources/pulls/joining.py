"""One export of the parts in which a server gave it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

from pxanalysis.errors import SourceError

__all__ = ["JoinedExport", "read_records"]

_LONGEST = 10_000_000
"""Characters of the longest comment."""


def read_records(text: str) -> list[list[str]]:
    """Records of a comma-separated text, empty lines left out; a byte order mark is no part of the first name."""
    csv.field_size_limit(_LONGEST)
    return [record for record in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) if record]


class JoinedExport:
    """A CSV file to which parts are added that have the same columns.

    Parameters
    ----------
    place
        As messages call where it comes from.
    drop
        Columns that are not kept.
    """

    def __init__(self, place: str, target: Path, drop: Collection[str] = ()) -> None:
        self._place, self._drop = place, drop
        self._stream = target.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._stream, lineterminator="\n")
        self._header: list[str] | None = None
        self.records = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def add(self, text: str, key: str) -> set[str]:
        """Add a part, and return the values of one of its columns: who came.

        Raises
        ------
        SourceError
            When it is no export with that column, a record has another number of cells, or its columns are not those
            of the parts before.
        """
        try:
            records = read_records(text)
        except csv.Error as error:
            raise SourceError(f"{self._place}: the answer is no table ({error}). Run again.") from error
        header = records[0] if records else []
        if key not in header:
            raise SourceError(
                f"{self._place}: expected an export with a column '{key}', found: {text[:80]!r}. Check url in "
                "study.toml, and whether the server is well."
            )
        if self._header is None:
            self._header = header
            self._write(header)
        if header != self._header:
            raise SourceError(
                f"{self._place}: the questions were changed while answers were pulled, so none of this pull is used. "
                "Run again."
            )
        torn = next((record for record in records if len(record) != len(header)), None)
        if torn is not None:
            raise SourceError(
                f"{self._place}: a record has {len(torn)} cells, the header {len(header)} (it begins with "
                f"'{torn[0]:.20}'): the answer was cut off or damaged, so none of this pull is used. Run again."
            )
        for record in records[1:]:
            self._write(record)
        self.records += len(records) - 1
        place = header.index(key)
        return {record[place] for record in records[1:]}

    def _write(self, record: list[str]) -> None:
        header = self._header or []
        self._writer.writerow([cell for name, cell in zip(header, record, strict=True) if name not in self._drop])
