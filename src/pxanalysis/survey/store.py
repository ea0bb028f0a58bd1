"""The store of accepted answers: an append-only Parquet dataset by practice, with a ledger of what went in.

A file becomes a batch: one Parquet file per practice, written under a temporary name and renamed. The ledger is
written last, so a batch that was cut short does not count and is written again. Later batches win by response id.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.files import safe_name, write_atomically

if TYPE_CHECKING:
    from pxanalysis.survey.validation import ValidatedTable

__all__ = ["Batch", "ResponseStore"]


@dataclass(frozen=True, slots=True)
class Batch:
    """One ingested file, as the ledger has it.

    Attributes
    ----------
    sequence
        Order of arrival; a later batch wins by response id.
    file, digest
        Name and SHA-256 of the file.
    settings
        Hash of journey, column mapping and policy it was checked with.
    accepted, rejected_rows, dropped_cells
        Counts of rows and cells.
    superseded
        How many earlier responses this file replaced.
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
    """

    def __init__(self, responses: Path, rejected: Path) -> None:
        self._responses = responses
        self._rejected = rejected
        self._ledger = responses / "ledger.json"

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What the ledger holds, in order of arrival."""
        if not self._ledger.exists():
            return ()
        try:
            entries = json.loads(self._ledger.read_text(encoding="utf-8"))["batches"]
            return tuple(Batch(**{**entry, "notes": tuple(entry["notes"])}) for entry in entries)
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
        batch = Batch(
            sequence=max((batch.sequence for batch in self.batches), default=0) + 1,
            file=file,
            digest=digest,
            settings=settings,
            accepted=table.accepted.height,
            rejected_rows=refused.select("row").n_unique(),
            dropped_cells=table.rejected.height - refused.height,
            superseded=self._count_known(table.accepted["response_id"], kept),
            notes=table.notes,
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
        tables = [
            pl.read_parquet(self._files_of(batch)).with_columns(pl.lit(batch.sequence).alias("sequence"))
            for batch in batches
        ]
        table = pl.concat(tables, how="diagonal_relaxed")
        if any(batch.superseded for batch in batches):
            table = table.sort("sequence", maintain_order=True).unique("response_id", keep="last", maintain_order=True)
        return table.drop("sequence").sort("response_id")

    def read_rejected(self) -> pl.DataFrame | None:
        """All rejected rows and cells of the files in the ledger; None when nothing was ingested."""
        files = [self._rejected / f"{batch.key}.parquet" for batch in self.batches]
        present = [file for file in files if file.exists()]
        return pl.concat([pl.read_parquet(file) for file in present]) if present else None

    def _files_of(self, batch: Batch) -> list[Path]:
        return sorted(self._responses.glob(f"practice=*/{batch.key}.parquet"))

    def _count_known(self, ids: pl.Series, batches: Iterable[Batch]) -> int:
        files = [file for batch in batches for file in self._files_of(batch)]
        if not files:
            return 0
        known = pl.read_parquet(files, columns=["response_id"])["response_id"].unique()
        return int(ids.is_in(known.implode()).sum())

    def _write_batch(self, batch: Batch, table: ValidatedTable) -> None:
        parts = table.accepted.partition_by("practice_id", as_dict=True, maintain_order=False)
        folders = [self._responses / f"practice={safe_name(str(practice_id))}" for (practice_id,) in parts]
        with ThreadPoolExecutor() as pool:
            list(pool.map(_write_parquet, parts.values(), [folder / f"{batch.key}.parquet" for folder in folders]))
        _write_parquet(table.rejected, self._rejected / f"{batch.key}.parquet")
        if table.rejected.height:
            _write_csv(table.rejected, self._rejected / f"{batch.key}-{safe_name(batch.file)}.csv")
        if len(table.aside.columns) > 2:
            _write_parquet(table.aside, self._rejected / "aside" / f"{batch.key}.parquet")

    def _remove_files(self, retired: Iterable[Batch]) -> None:
        for batch in retired:
            for file in [*self._files_of(batch), *self._rejected.glob(f"**/{batch.key}*")]:
                file.unlink()


def _write_parquet(table: pl.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing-{os.getpid()}-{path.name}")
    table.write_parquet(temporary, compression="lz4", statistics=False)
    temporary.replace(path)


def _write_csv(table: pl.DataFrame, path: Path) -> None:
    """For a spreadsheet: a text that would be read as a formula gets an apostrophe before it."""
    risky = r"^[=+\-@\t\r\x00]"
    text = pl.col(pl.String)
    plain = table.with_columns(pl.when(text.str.contains(risky)).then(pl.lit("'") + text).otherwise(text).name.keep())
    write_atomically(path, "\ufeff" + plain.write_csv())
