"""The store of accepted answers: an append-only Parquet dataset, with a ledger of what went in.

A file becomes a batch: one Parquet file per practice, or one of few rows, written under a temporary name and renamed.
Small batches are put together from time to time, in files of many. The ledger is written last, so a batch that was cut
short does not count and is written again, and one that was being put together stands where it stood. Later batches win
by response id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.batch_files import BatchFolder, is_together
from pxanalysis.survey.checking.known_ids import IdSet
from pxanalysis.survey.columns.overlap import count_strangers, describe_strangers
from pxanalysis.survey.files import safe_name
from pxanalysis.survey.ledger import Batch, Ledger
from pxanalysis.survey.responses import REJECTED_COLUMNS
from pxanalysis.survey.spreadsheets import write_lists
from pxanalysis.survey.stored_answers import FEW_ROWS, FILE, NO_IDS, TOGETHER, StoredAnswers
from pxanalysis.survey.stored_files import write_file, write_files

if TYPE_CHECKING:
    from pxanalysis.survey.checking.validated import ValidatedTable
    from pxanalysis.survey.spool import Spool

__all__ = ["ResponseStore"]


COMPACT_EVERY = 64
"""Batches after which small ones are put together."""

_TRIES = 5
"""Times that answers are read while another process puts their files together."""
_T = TypeVar("_T")


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
        self._answers = StoredAnswers(responses)
        self._separator = separator
        self._rejected, self._aside = BatchFolder(rejected), BatchFolder(rejected / "aside")
        self._ledger = Ledger(responses / "ledger.json")
        self._known: tuple[frozenset[tuple[int, int]], IdSet] = (frozenset(), IdSet())

    @property
    def batches(self) -> tuple[Batch, ...]:
        """What the ledger holds, in order of arrival of the files."""
        return self._ledger.batches

    def holds(self, digest: str, settings: str, today: str = "") -> bool:
        """Whether this very file was already ingested with these settings.

        One with rows whose date lay in the future is not, on another day: the clock may have been wrong.
        """
        return any(
            batch.settings == settings and not (batch.future and today != batch.checked_on)
            for batch in self._ledger.find(digest)
        )

    @property
    def current(self) -> tuple[Batch, ...]:
        """Batches that no later file of the same name has replaced."""
        named: dict[str, list[Batch]] = {}
        for batch in self.batches:
            named.setdefault(batch.file, []).append(batch)
        replaced = {
            batch.key
            for some in named.values()
            for i, batch in enumerate(some)
            if self._is_replaced(batch, some[i + 1 :])
        }
        return tuple(batch for batch in self.batches if batch.key not in replaced)

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
        corrects: bool = False,
    ) -> Batch:
        """Write one checked file as a new batch; ``asked``, ``held`` and ``today`` as :class:`Batch` has them.

        ``notes``: what is said of it; None: what was found when it was checked.

        An earlier batch of the very same file under other settings is retired: the same answers, checked anew. So are
        those of files that were ``merged`` into this one, by their digests; and, of a file that is fetched anew each
        time (it ``renews``), those of its earlier states of which it holds every response. A file that ``corrects`` may
        replace responses that look like somebody else's; of any other this is a reason to wait.
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
        if batch.superseded and not (renews or corrects):
            before, later = self._answers.read_shared(batch, earlier)
            others = before[FILE].unique(maintain_order=True).to_list()
            doubt = describe_strangers(file, others, *count_strangers(before, later))
            batch = replace(batch, held=(*batch.held, *doubt))
        if renews:
            ids = _collect_ids(table)
            old = [one for one in earlier if one.file == file and ids.holds(self._ids_of(one)).all()]
            retired, kept = [*retired, *old], [one for one in kept if one not in old]
        self._ledger.write([*kept, batch])
        self._remove_files(retired)
        if any(map(is_together, (path for one in retired for path in self._answers.files_of(one)))):
            self._answers.remove_unused([*kept, batch])
        if batch.sequence % COMPACT_EVERY == 0:
            self._compact()
        return batch

    def _compact(self) -> None:
        """Put small batches together; files are removed when the ledger says where their rows stand now."""
        before = self.batches
        after = self._answers.compact(before)
        keys = [batch.key for batch in after]
        left = [*self._rejected.compact(keys), *self._aside.compact(keys)]
        self._ledger.write(after)
        moved = [old for old, new in zip(before, after, strict=True) if old.parts != new.parts]
        left += [path for batch in moved for path in self._answers.files_of(batch)]
        for path in left:
            path.unlink(missing_ok=True)
        self._answers.remove_unused(after)

    def read(self) -> pl.DataFrame | None:
        """All accepted answers, the latest of each response id; None when nothing was ingested."""
        return self._read(lambda: self._answers.read(batches) if (batches := self._accepted) else None)

    def read_codes(self) -> pl.DataFrame | None:
        """Practice, day and coded answers of those of :meth:`read`, in no order; practices as an Enum.

        Ten million take a third of a gigabyte so, and several with their ids and texts.
        """

        def codes() -> pl.DataFrame | None:
            batches = self._accepted
            if sum(batch.numbered for batch in batches) > 1:  # the same rows twice are found by all that is in them
                return self.read()
            return self._answers.read_codes(batches) if batches else None

        return self._read(codes)

    def find_repeats(self) -> list[str]:
        """What is said of exports without ids that hold the same answers as an earlier one."""

        def repeats() -> list[str]:
            batches = self._accepted
            if sum(batch.numbered for batch in batches) < 2:
                return []
            return [
                f"{batch.file}: {len(rows)} of its {batch.accepted} responses stand in an earlier export as well, row "
                "for row, and count once."
                for batch, rows in zip(batches, self._answers.find_repeats(batches), strict=True)
                if rows
            ]

        return self._read(repeats)

    @property
    def _accepted(self) -> list[Batch]:
        """Batches with an accepted answer."""
        return [batch for batch in self.batches if batch.accepted]

    def _read(self, read: Callable[[], _T]) -> _T:
        """What is read of the files; once more, where another process removed one that had just been looked up."""
        for _ in range(_TRIES):
            batches = self.batches
            try:
                return read()
            except FileNotFoundError:
                continue
            except SurveyError:
                if self.batches == batches:
                    raise
        return read()

    def read_rejected(self) -> pl.DataFrame | None:
        """All rejected rows and cells of the files in the ledger; None when nothing was ingested.

        What a file had rejected no longer counts once a later file of its name holds all its responses.
        """
        found = self._read(lambda: self._rejected.read([batch.key for batch in self.current]))
        return pl.concat([pl.DataFrame(schema=REJECTED_COLUMNS), *found], how="diagonal") if self.batches else None

    def _is_replaced(self, batch: Batch, later: Iterable[Batch]) -> bool:
        """Whether a later file of its name holds all its responses."""
        for other in later:
            if other.superseded or not batch.accepted:
                known = self._ids_of(other).implode()
                if self._ids_of(batch).is_in(known).all():
                    return True
        return False

    def _note_left_out(self, file: str, table: ValidatedTable | Spool, earlier: Iterable[Batch]) -> tuple[str, ...]:
        """Say that responses of an earlier file of this name are not in the new one, when it holds others of them."""
        named = [batch for batch in earlier if batch.file == file]
        if not named:
            return ()
        known = pl.concat([NO_IDS, *self._answers.ids_of(named)]).unique()
        gone = int((~_collect_ids(table).holds(known)).sum())
        if gone in (0, len(known)):
            return ()
        return (
            f"{file}: {gone} responses of an earlier file of this name are not in this one, and stay. To take them out "
            f"as well, remove {self._answers.path} and ingest all files again.",
        )

    def _ids_of(self, batch: Batch) -> pl.Series:
        return pl.concat([NO_IDS, *self._answers.ids_of([batch])])

    def _known_ids(self, batches: Iterable[Batch]) -> IdSet:
        """Ids of some batches; those that were read for the last file are not read again for the next."""
        states = {(batch.sequence, batch.accepted): batch for batch in batches}  # some may be forgotten, none come
        read, known = self._known
        if not read <= states.keys():
            read, known = frozenset(), IdSet()
        for ids in self._answers.ids_of([states[state] for state in sorted(states.keys() - read)]):
            known.add(ids)
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
        refused = any(part.height for part in table.rejected_parts())
        if refused:
            self._rejected.write(table.rejected_parts(), batch.key)
            write_lists(table.rejected_parts(), self._list_of(batch), self._separator)
        if refused or table.has_aside:  # found again by their row's number
            self._aside.write(table.aside_parts(), batch.key)
        return {path.relative_to(self._answers.path).as_posix(): digest for path, digest in digests.items()}

    def _write_together(self, batch: Batch, table: ValidatedTable | Spool) -> dict[Path, str]:
        if not batch.accepted:
            return {}
        path = self._answers.path / TOGETHER / f"{batch.key}.parquet"
        rows = pl.concat([frame for frames in table.by_practice() for frame in frames])
        return {path: write_file(rows.sort("practice_id", maintain_order=True), path)}  # however it was read

    def _part(self, practice_id: str, batch: Batch) -> Path:
        return self._answers.path / f"practice={safe_name(practice_id)}" / f"{batch.key}.parquet"

    def _list_of(self, batch: Batch) -> Path:
        """The list of refused rows, for people."""
        return self._rejected.path / f"{batch.key}-{safe_name(batch.file)}.csv"

    def read_aside(self) -> pl.DataFrame:
        """Columns that the journey does not know (a token, a form version), as text, by response id.

        A response that came more than once has those of the file that came last.
        """
        found = self._read(lambda: self._aside.read([batch.key for batch in self.batches]))
        if not found:
            return pl.DataFrame(schema={"response_id": pl.String})
        rows = [table.cast(pl.String) for table in found]
        return pl.concat(rows, how="diagonal").unique("response_id", keep="last", maintain_order=True)

    def _remove_files(self, retired: Iterable[Batch]) -> None:
        """Remove what only these batches had."""
        for batch in retired:
            for file in self._answers.own_files(batch):
                file.unlink(missing_ok=True)
            self._rejected.remove(batch.key)
            self._aside.remove(batch.key)
            self._list_of(batch).unlink(missing_ok=True)


def _count_known(table: ValidatedTable | Spool, known: IdSet) -> int:
    """How many of the accepted responses came in an earlier file."""
    return sum(int(known.holds(ids).sum()) for ids in table.ids()) if known else 0


def _collect_ids(table: ValidatedTable | Spool) -> IdSet:
    """Accepted response ids."""
    found = IdSet()
    for ids in table.ids():
        found.add(ids)
    return found
