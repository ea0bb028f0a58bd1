"""The store of accepted answers: an append-only Parquet dataset, with a ledger of what went in.

A file becomes a batch: one Parquet file per practice, or one of few rows, written under a temporary name and renamed.
The ledger is written last, so a batch that was cut short does not count and is written again. Later batches win by
response id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.checking.known_ids import IdSet
from pxanalysis.survey.columns.overlap import repeated_rows
from pxanalysis.survey.files import safe_name, write_parts
from pxanalysis.survey.ledger import Batch, Ledger
from pxanalysis.survey.responses import REJECTED_COLUMNS
from pxanalysis.survey.sources.raw import hash_file
from pxanalysis.survey.spreadsheets import write_lists
from pxanalysis.survey.stored_files import FILES_AT_ONCE, read_codes, read_rows, write_file, write_files

if TYPE_CHECKING:
    from pxanalysis.survey.checking.validated import ValidatedTable
    from pxanalysis.survey.spool import Spool

__all__ = ["ResponseStore"]


FEW_ROWS = 20_000
"""Accepted rows up to which a batch is one file: of a thousand small ones, a file per practice makes ten thousand."""

_TOGETHER = "several"
_ROW = "\0row"


class ResponseStore:
    """Accepted and rejected answers of one study on disk.

    Parameters
    ----------
    responses, rejected
        The two folders; they are made when something is written.
    separator
        Between the fields of the lists of refused rows: the one that the reader's spreadsheet expects.
    """

    def __init__(self, responses: Path, rejected: Path, separator: str = ",") -> None:
        self._responses = responses
        self._separator = separator
        self._rejected = rejected
        self._ledger = Ledger(responses / "ledger.json")
        self._known: tuple[frozenset[str], IdSet] = (frozenset(), IdSet())

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What the ledger holds, in order of arrival of the files."""
        return self._ledger.batches

    def holds(self, digest: str, settings: str, today: str = "") -> bool:
        """Whether this very file was already ingested with these settings.

        One with rows whose date lay in the future is not, on another day: the clock may have been wrong.
        """
        return any(
            batch.digest == digest and batch.settings == settings and not (batch.future and today != batch.checked_on)
            for batch in self.batches
        )

    @property
    def current(self) -> tuple[Batch, ...]:
        """Batches that no later file of the same name has replaced."""
        batches = self.batches
        return tuple(batch for i, batch in enumerate(batches) if not self._is_replaced(batch, batches[i + 1 :]))

    def add(
        self,
        table: ValidatedTable | Spool,
        *,
        file: str,
        digest: str,
        settings: str,
        notes: tuple[str, ...] | None = None,
        asked: tuple[str, ...] = (),
        held: tuple[str, ...] = (),
        today: str = "",
        merged: Collection[str] = (),
        renews: bool = False,
    ) -> Batch:
        """Write one checked file as a new batch; ``asked``, ``held`` and ``today`` as :class:`Batch` has them.

        ``notes``: what is said of it; None: what was found when it was checked.

        An earlier batch of the very same file under other settings is retired: the same answers, checked anew. So are
        those of files that were ``merged`` into this one, by their digests; and, of a file that is fetched anew each
        time (it ``renews``), those of its earlier states of which it holds every response.
        """
        retired = [batch for batch in self.batches if batch.digest == digest or batch.digest in merged]
        kept = [batch for batch in self.batches if batch not in retired]
        counts = table.counts
        sequence = max((batch.sequence for batch in self.batches), default=0) + 1
        arrival = max((batch.arrival or batch.sequence for batch in retired), default=sequence)
        earlier = [batch for batch in kept if (batch.arrival or batch.sequence) < arrival]
        batch = Batch(
            sequence=sequence,
            file=file,
            digest=digest,
            settings=settings,
            accepted=counts.accepted,
            rejected_rows=counts.refused,
            dropped_cells=counts.lost,
            superseded=_count_known(table, self._known_ids(earlier)),
            notes=(*(table.notes if notes is None else notes), *self._note_left_out(file, table, earlier)),
            arrival=arrival,
            records=counts.accepted + counts.refused,
            asked=asked,
            held=held,
            checked_on=today,
            future=counts.future,
            numbered=table.numbered,
        )
        batch = replace(batch, parts=self._write_batch(batch, table))
        if renews:
            ids = _collect_ids(table)
            old = [one for one in earlier if one.file == file and ids.holds(self._ids_of([one])).all()]
            retired, kept = [*retired, *old], [one for one in kept if one not in old]
        self._ledger.write([*kept, batch])
        self._remove_files(retired)
        return batch

    def read(self) -> pl.DataFrame | None:
        """All accepted answers, the latest of each response id; None when nothing was ingested."""
        batches = [batch for batch in self.batches if batch.accepted]
        if not batches:
            return None
        files = [self._files_of(batch) for batch in batches]
        for batch, some in zip(batches, files, strict=True):
            self._check_parts(batch, some)
        place = self._find_latest(batches, files)
        return read_rows(files, place)

    def _find_latest(self, batches: list[Batch], files: list[list[Path]]) -> pl.Series:
        """Where the rows that count stand among those of all batches, by response id."""
        ids = [self._read_ids(some) for some in files]
        for batch, some in zip(batches, ids, strict=True):
            self._check_number(batch, len(some))
        rows = pl.concat(ids).to_frame().with_row_index(_ROW)
        if sum(batch.numbered for batch in batches) > 1:
            repeats = self._find_repeats(batches, [self._read_batch(batch) for batch in batches])
            starts = [sum(map(len, ids[:number])) for number in range(len(ids))]
            gone = [start + row for start, found in zip(starts, repeats, strict=True) for row in found]
            rows = rows.filter(~pl.col(_ROW).is_in(pl.Series(gone, dtype=pl.UInt32).implode()))
        if len(batches) > 1:
            rows = rows.unique("response_id", keep="last", maintain_order=True)
        return rows.sort("response_id")[_ROW]

    def read_codes(self) -> pl.DataFrame | None:
        """Practice, day and coded answers of those of :meth:`read`, in no order; practices as an Enum.

        Ten million take a third of a gigabyte so, and several with their ids and texts.
        """
        batches = [batch for batch in self.batches if batch.accepted]
        if sum(batch.numbered for batch in batches) > 1:  # the same rows twice are found by all that stands in them
            return self.read()
        files = [(batch, self._files_of(batch)) for batch in batches]
        if not files:
            return None
        some_files = [
            some[start : start + FILES_AT_ONCE] for _, some in files for start in range(0, len(some), FILES_AT_ONCE)
        ]
        named = [pl.read_parquet(some, columns=["practice_id"])["practice_id"].unique() for some in some_files]
        practices = pl.Enum(pl.concat(named).unique().sort())
        for batch, some in files:
            self._check_parts(batch, some)
        tables = [read_codes(some, practices, by_id=len(batches) > 1) for some in some_files]
        numbers = iter(tables)
        for batch, some in files:
            self._check_number(batch, sum(next(numbers).height for _ in range(0, len(some), FILES_AT_ONCE)))
        if len(batches) == 1:
            return pl.concat(tables, rechunk=False)
        table = pl.concat(tables, how="diagonal_relaxed")
        return table.unique("response_id", keep="last", maintain_order=True).drop("response_id")

    def find_repeats(self) -> list[str]:
        """What is said of exports without ids that hold the same answers as an earlier one."""
        batches = [batch for batch in self.batches if batch.accepted]
        if sum(batch.numbered for batch in batches) < 2:
            return []
        found = self._find_repeats(batches, [self._read_batch(batch) for batch in batches])
        return [
            f"{batch.file}: {len(rows)} of its {batch.accepted} responses stand in an earlier export as well, row for "
            "row, and count once."
            for batch, rows in zip(batches, found, strict=True)
            if rows
        ]

    def _find_repeats(self, batches: list[Batch], tables: list[pl.DataFrame]) -> list[list[int]]:
        if sum(batch.numbered for batch in batches) < 2:
            return [[] for _ in batches]
        return repeated_rows(tables, [batch.numbered for batch in batches])

    def read_rejected(self) -> pl.DataFrame | None:
        """All rejected rows and cells of the files in the ledger; None when nothing was ingested.

        What a file had rejected no longer counts once a later file of its name holds all its responses.
        """
        files = [self._rejected / f"{batch.key}.parquet" for batch in self.current]
        present = [pl.read_parquet(file) for file in files if file.exists()]
        return pl.concat([pl.DataFrame(schema=REJECTED_COLUMNS), *present], how="diagonal") if present else None

    def _is_replaced(self, batch: Batch, later: Iterable[Batch]) -> bool:
        for other in later:
            if other.file == batch.file and (other.superseded or not batch.accepted):
                known = self._ids_of([other]).implode()
                if self._ids_of([batch]).is_in(known).all():
                    return True
        return False

    def _note_left_out(self, file: str, table: ValidatedTable | Spool, earlier: Iterable[Batch]) -> tuple[str, ...]:
        """Say that responses of an earlier file of this name are not in the new one, when it holds others of them."""
        named = [batch for batch in earlier if batch.file == file]
        if not named:
            return ()
        known = self._ids_of(named)
        gone = int((~_collect_ids(table).holds(known)).sum())
        if gone in (0, len(known)):
            return ()
        return (
            f"{file}: {gone} responses of an earlier file of this name are not in this one, and stay. To take them out "
            f"as well, remove {self._responses} and ingest all files again.",
        )

    def _files_of(self, batch: Batch) -> list[Path]:
        return sorted(self._responses.glob(f"*/{batch.key}.parquet"))

    def _read_batch(self, batch: Batch) -> pl.DataFrame:
        files = self._files_of(batch)
        self._check_parts(batch, files)
        table = pl.read_parquet(files) if files else pl.DataFrame()
        self._check_number(batch, table.height)
        return table

    def _check_number(self, batch: Batch, number: int) -> None:
        if number != batch.accepted:
            raise SurveyError(
                f"{self._responses}: of {batch.file} {number} responses are left, expected {batch.accepted}. "
                f"Remove the folder and ingest all files again; nothing else is lost."
            )

    def _check_parts(self, batch: Batch, files: list[Path]) -> None:
        """A bit that has turned on the disk gives other answers, which no count shows."""
        for file in files:
            name = file.relative_to(self._responses).as_posix()
            if name in batch.parts and hash_file(file) != batch.parts[name]:
                raise SurveyError(
                    f"{file}: this part of {batch.file} is not as it was written: the disk or a program changed it. "
                    f"Remove the folder {self._responses} and ingest all files again; nothing else is lost."
                )

    def _ids_of(self, batches: Iterable[Batch]) -> pl.Series:
        return self._read_ids([file for batch in batches for file in self._files_of(batch)]).unique()

    def _read_ids(self, files: list[Path]) -> pl.Series:
        if not files:
            return pl.Series("response_id", [], dtype=pl.String)
        try:
            return pl.read_parquet(files, columns=["response_id"])["response_id"]
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SurveyError(
                f"{self._responses}: a part of the answers cannot be read ({error!s:.120}). Remove the folder and "
                "ingest all files again; nothing else is lost."
            ) from error

    def _known_ids(self, batches: Iterable[Batch]) -> IdSet:
        """Ids of some batches; those that were read for the last file are not read again for the next."""
        states = {batch.state: batch for batch in batches}
        read, known = self._known
        if not read <= states.keys():
            read, known = frozenset(), IdSet()
        for state in states.keys() - read:
            known.add(self._ids_of([states[state]]))
        self._known = (frozenset(states), known)
        return known

    def _write_batch(self, batch: Batch, table: ValidatedTable | Spool) -> dict[str, str]:
        """One file per practice, or one of few rows; the rejected rows, and what is kept aside.

        Returns
        -------
        SHA-256 of each part, by its path below the folder of responses.
        """
        self._remove_files([batch])  # of a write that was cut short
        if batch.accepted <= FEW_ROWS:
            digests = self._write_together(batch, table)
        else:
            digests = write_files(table.by_practice(), lambda practice_id: self._part(practice_id, batch))
        rejected = self._rejected / f"{batch.key}.parquet"
        write_parts(table.rejected_parts(), rejected)
        refused = any(part.height for part in table.rejected_parts())
        if refused:
            listed = self._rejected / f"{batch.key}-{safe_name(batch.file)}.csv"
            write_lists(table.rejected_parts(), listed, self._separator)
        if refused or table.has_aside:  # found again by their row's number
            write_parts(table.aside_parts(), self._rejected / "aside" / f"{batch.key}.parquet")
        return {path.relative_to(self._responses).as_posix(): digest for path, digest in digests.items()}

    def _write_together(self, batch: Batch, table: ValidatedTable | Spool) -> dict[Path, str]:
        if not batch.accepted:
            return {}
        path = self._responses / _TOGETHER / f"{batch.key}.parquet"
        rows = pl.concat([frame for frames in table.by_practice() for frame in frames])
        return {path: write_file(rows.sort("practice_id", maintain_order=True), path)}  # however it was read

    def _part(self, practice_id: str, batch: Batch) -> Path:
        return self._responses / f"practice={safe_name(practice_id)}" / f"{batch.key}.parquet"

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


def _count_known(table: ValidatedTable | Spool, known: IdSet) -> int:
    """How many of the accepted responses came in an earlier file."""
    return sum(int(known.holds(ids).sum()) for ids in table.ids()) if known else 0


def _collect_ids(table: ValidatedTable | Spool) -> IdSet:
    """Accepted response ids."""
    found = IdSet()
    for ids in table.ids():
        found.add(ids)
    return found
