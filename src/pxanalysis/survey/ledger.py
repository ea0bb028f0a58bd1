"""The ledger of what went into a store of answers: one entry per file, written last."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path

from pxanalysis.errors import SurveyError
from pxanalysis.survey.files import write_atomically

__all__ = ["Batch", "Ledger"]


@dataclass(frozen=True, slots=True)
class Batch:
    """One ingested file, as the ledger has it.

    Attributes
    ----------
    sequence
        Number of the batch; no two have the same.
    file, digest
        Name and SHA-256 of the file.
    settings
        Hash of journey, column mapping and policy it was checked with.
    accepted, rejected_rows, dropped_cells
        Counts of rows and cells.
    superseded
        How many earlier responses this file replaced.
    arrival
        Order in which files arrived, the later one wins by response id; a file that is checked anew keeps its place.
    records
        Rows of the file: accepted and rejected ones.
    asked
        What is asked about columns; nothing of them is used until study.toml answers.
    held
        Why reports wait: more of the file was refused than the study accepts.
    checked_on, future
        Day of the check (2025-12-31), and how many rows were refused for a date after it: they are tried again.
    numbered
        Whether its response ids are row numbers, because the file has none.
    parts
        SHA-256 of each file of the batch, by its path below the folder of responses.
    """

    sequence: int
    file: str
    digest: str
    settings: str
    accepted: int
    rejected_rows: int
    dropped_cells: int
    superseded: int
    notes: tuple[str, ...] = field(default=())
    arrival: int = 0
    records: int = 0
    asked: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    checked_on: str = ""
    future: int = 0
    numbered: bool = False
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Start of the names of this batch's files."""
        return f"{self.sequence:05d}-{self.digest[:12]}"


class Ledger:
    """The ledger of one store; it is read again only when it was written since."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = None
        self._batches: tuple[Batch, ...] = ()
        self._lines: dict[int, tuple[Batch, str]] = {}
        self._by_digest: dict[str, list[Batch]] | None = None

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What it holds, in order of arrival of the files.

        Raises
        ------
        SurveyError
            When it is damaged.
        """
        if not self._path.exists():
            self._batches, self._stamp, self._by_digest = (), None, None
            return ()
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._batches, self._stamp, self._by_digest = self._read(), stamp, None
        return self._batches

    def find(self, digest: str) -> list[Batch]:
        """Batches of the very same file; asked of every file of a folder, so they are looked up."""
        batches = self.batches
        if self._by_digest is None:
            self._by_digest = {}
            for batch in batches:
                self._by_digest.setdefault(batch.digest, []).append(batch)
        return self._by_digest.get(digest, [])

    def _read_stamp(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> tuple[Batch, ...]:
        try:
            entries = json.loads(self._path.read_text(encoding="utf-8"))["batches"]
            texts = ("notes", "asked", "held")
            batches = [Batch(**{**entry, **{key: tuple(entry.get(key, ())) for key in texts}}) for entry in entries]
            return _by_arrival(batches)
        except (UnicodeDecodeError, json.JSONDecodeError, KeyError, TypeError) as error:
            raise SurveyError(
                f"{self._path}: the ledger of ingested files is damaged. Remove the folder {self._path.parent} and "
                "ingest data/raw/ again; nothing else is lost."
            ) from error

    def write(self, batches: Iterable[Batch]) -> None:
        """Write it anew, a line per file: indented, thousands of files would take a second each time."""
        lines: dict[int, tuple[Batch, str]] = {}
        for batch in batches:
            known = self._lines.get(batch.sequence)  # of thousands few are new
            lines[batch.sequence] = known if known and known[0] is batch else (batch, _write_line(batch))
        write_atomically(self._path, '{"batches": [\n' + ",\n".join(line for _, line in lines.values()) + "\n]}\n")
        self._batches, self._stamp = _by_arrival(batch for batch, _ in lines.values()), self._read_stamp()
        self._lines, self._by_digest = lines, None


def _by_arrival(batches: Iterable[Batch]) -> tuple[Batch, ...]:
    return tuple(sorted(batches, key=lambda batch: (batch.arrival or batch.sequence, batch.sequence)))


def _write_line(batch: Batch) -> str:
    return json.dumps({one.name: getattr(batch, one.name) for one in fields(Batch)}, ensure_ascii=False)
