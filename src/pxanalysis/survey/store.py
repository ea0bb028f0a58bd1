"""The store of accepted answers: an append-only Parquet dataset by practice, with a ledger of what went in.

A file becomes a batch: one Parquet file per practice, written under a temporary name and renamed. The ledger is
written last, so a batch that was cut short does not count and is written again. Later batches win by response id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.files import safe_name, temporary_name, write_atomically
from pxanalysis.survey.responses import REJECTED_COLUMNS
from pxanalysis.survey.spreadsheets import write_list

if TYPE_CHECKING:
    from pxanalysis.survey.checking.validation import ValidatedTable

__all__ = ["Batch", "ResponseStore"]


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

    @property
    def key(self) -> str:
        """Start of the names of this batch's files."""
        return f"{self.sequence:05d}-{self.digest[:12]}"


class ResponseStore:
    """Accepted and rejected answers of one study on disk.

    Parameters
    ----------
    responses, rejected
        The two folders; they are made when something is written.
    separator
        Of the lists of rejected rows, which somebody opens in a spreadsheet.
    """

    def __init__(self, responses: Path, rejected: Path, separator: str = ",") -> None:
        self._separator = separator
        self._responses = responses
        self._rejected = rejected
        self._ledger = responses / "ledger.json"

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What the ledger holds, in order of arrival of the files."""
        if not self._ledger.exists():
            return ()
        try:
            entries = json.loads(self._ledger.read_text(encoding="utf-8"))["batches"]
            batches = [Batch(**{**entry, "notes": tuple(entry["notes"])}) for entry in entries]
            return tuple(sorted(batches, key=lambda batch: (batch.arrival or batch.sequence, batch.sequence)))
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise SurveyError(
                f"{self._ledger}: the ledger of ingested files is damaged. Remove the folder {self._responses} and "
                "ingest data/raw/ again; nothing else is lost."
            ) from error

    def holds(self, digest: str, settings: str) -> bool:
        """Whether this very file was already ingested with these settings."""
        return any(batch.digest == digest and batch.settings == settings for batch in self.batches)

    def add(self, table: ValidatedTable, *, file: str, digest: str, settings: str) -> Batch:
        """Write one checked file as a new batch.

        An earlier batch of the very same file under other settings is retired: the same answers, checked anew.
        """
        retired = [batch for batch in self.batches if batch.digest == digest]
        kept = [batch for batch in self.batches if batch.digest != digest]
        refused = table.rejected.filter(pl.col("action") == "row rejected")
        sequence = max((batch.sequence for batch in self.batches), default=0) + 1
        arrival = next((batch.arrival or batch.sequence for batch in retired), sequence)
        earlier = [batch for batch in kept if (batch.arrival or batch.sequence) < arrival]
        batch = Batch(
            sequence=sequence,
            file=file,
            digest=digest,
            settings=settings,
            accepted=table.accepted.height,
            rejected_rows=refused.select("row").n_unique(),
            dropped_cells=table.rejected.height - refused.height,
            superseded=int(table.accepted["response_id"].is_in(self._ids_of(earlier).implode()).sum()),
            notes=(*table.notes, *self._note_left_out(file, table.accepted["response_id"], earlier)),
            arrival=arrival,
        )
        self._write_batch(batch, table)
        ledger = {"batches": [asdict(entry) for entry in [*kept, batch]]}
        write_atomically(self._ledger, json.dumps(ledger, indent=1, ensure_ascii=False))
        self._remove_files(retired)
        return batch

    def read(self) -> pl.DataFrame | None:
        """All accepted answers, the latest of each response id; None when nothing was ingested."""
        batches = [batch for batch in self.batches if batch.accepted]
        if not batches:
            return None
        table = pl.concat([self._read_batch(batch) for batch in batches], how="diagonal_relaxed")
        if len(batches) > 1:
            table = table.unique("response_id", keep="last", maintain_order=True)
        return table.sort("response_id")

    def read_rejected(self) -> pl.DataFrame | None:
        """All rejected rows and cells of the files in the ledger; None when nothing was ingested.

        What a file had rejected no longer counts once a later file of its name holds all its responses.
        """
        batches = self.batches
        current = [batch for i, batch in enumerate(batches) if not self._is_replaced(batch, batches[i + 1 :])]
        files = [self._rejected / f"{batch.key}.parquet" for batch in current]
        present = [pl.read_parquet(file) for file in files if file.exists()]
        return pl.concat([pl.DataFrame(schema=REJECTED_COLUMNS), *present], how="diagonal") if present else None

    def _is_replaced(self, batch: Batch, later: Iterable[Batch]) -> bool:
        for other in later:
            if other.file == batch.file and (other.superseded or not batch.accepted):
                known = self._ids_of([other]).implode()
                if self._ids_of([batch]).is_in(known).all():
                    return True
        return False

    def _note_left_out(self, file: str, ids: pl.Series, earlier: Iterable[Batch]) -> tuple[str, ...]:
        """Say that responses of an earlier file of this name are not in the new one, when it holds others of them."""
        known = self._ids_of([batch for batch in earlier if batch.file == file])
        gone = int((~known.is_in(ids.implode())).sum())
        if gone in (0, len(known)):
            return ()
        return (
            f"{file}: {gone} responses of an earlier file of this name are not in this one, and stay. To take them out "
            f"as well, remove {self._responses} and ingest all files again.",
        )

    def _files_of(self, batch: Batch) -> list[Path]:
        return sorted(self._responses.glob(f"practice=*/{batch.key}.parquet"))

    def _read_batch(self, batch: Batch) -> pl.DataFrame:
        files = self._files_of(batch)
        table = pl.read_parquet(files) if files else pl.DataFrame()
        if table.height != batch.accepted:
            raise SurveyError(
                f"{self._responses}: of {batch.file} {table.height} responses are left, expected {batch.accepted}. "
                f"Remove the folder and ingest all files again; nothing else is lost."
            )
        return table

    def _ids_of(self, batches: Iterable[Batch]) -> pl.Series:
        files = [file for batch in batches for file in self._files_of(batch)]
        if not files:
            return pl.Series("response_id", [], dtype=pl.String)
        return pl.read_parquet(files, columns=["response_id"])["response_id"].unique()

    def _write_batch(self, batch: Batch, table: ValidatedTable) -> None:
        """One file per practice; practices whose folders some computers hold for one (A and a) share a file."""
        self._remove_files([batch])  # of a write that was cut short
        parts: dict[str, list[pl.DataFrame]] = {}
        for (practice_id,), part in table.accepted.partition_by("practice_id", as_dict=True).items():
            parts.setdefault(safe_name(str(practice_id)).casefold(), []).append(part)
        paths = [
            self._responses / f"practice={safe_name(str(some[0]['practice_id'][0]))}" / f"{batch.key}.parquet"
            for some in parts.values()
        ]
        with ThreadPoolExecutor() as pool:
            list(pool.map(_write_parquet, [pl.concat(some) for some in parts.values()], paths))
        _write_parquet(table.rejected, self._rejected / f"{batch.key}.parquet")
        if table.rejected.height:
            write_list(table.rejected, self._rejected / f"{batch.key}-{safe_name(batch.file)}.csv", self._separator)
        if len(table.aside.columns) > 2 or table.rejected.height:  # whose rows are found again by their number
            _write_parquet(table.aside, self._rejected / "aside" / f"{batch.key}.parquet")

    def read_aside(self) -> pl.DataFrame:
        """Columns that the journey does not know (a token, a form version), as text, by response id.

        A response that came more than once has those of the file that came last.
        """
        rows = []
        for batch in sorted(self.batches, key=lambda one: one.arrival):
            path = self._rejected / "aside" / f"{batch.key}.parquet"
            if path.is_file():
                rows.append(pl.read_parquet(path).with_columns(pl.all().cast(pl.String)))
        if not rows:
            return pl.DataFrame(schema={"response_id": pl.String})
        return pl.concat(rows, how="diagonal").unique("response_id", keep="last", maintain_order=True)

    def _remove_files(self, retired: Iterable[Batch]) -> None:
        for batch in retired:
            for file in [*self._files_of(batch), *self._rejected.glob(f"**/{batch.key}*")]:
                file.unlink()


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    table.write_parquet(temporary, compression="lz4", statistics=False)
    temporary.replace(path)
