"""Accepted answers on disk: which files the batches of the ledger stand in, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.survey.batch_files import BATCH, is_together, name_together
from pxanalysis.survey.columns.overlap import repeated_rows
from pxanalysis.survey.ledger import Batch
from pxanalysis.survey.sources.raw import hash_file
from pxanalysis.survey.stored_files import (
    FILES_AT_ONCE,
    RANK,
    keep_latest,
    rank_rows,
    read_codes,
    read_rows,
    write_file,
)

__all__ = ["FEW_ROWS", "FILE", "NO_IDS", "TOGETHER", "StoredAnswers"]

FEW_ROWS = 20_000
"""Accepted rows up to which a batch is one file: of a thousand small ones, a file per practice makes ten thousand."""
TOGETHER = "several"
"""Folder of files that hold more than one practice."""

NO_IDS = pl.Series("response_id", [], dtype=pl.String)

_MOST_ROWS = 100_000
"""Rows of a file from which no further batch is put into it."""
_ROW = "\0row"
FILE = "\0file"
"""Column with the file in which a row came."""
_COMPARED = 10_000
_TELLS_WHOSE = 200
"""Rows of a file that are held against earlier ones by their id, and earlier rows that are enough for that."""


class _Group(NamedTuple):
    """Batches that stand in the same files."""

    batches: list[Batch]
    files: list[Path]

    @property
    def rows(self) -> int:
        return sum(batch.accepted for batch in self.batches)


class StoredAnswers:
    """The folder with the accepted answers of a study.

    Files are those that the ledger names; of batches from before it named any, those with the batch's key.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder

    def files_of(self, batch: Batch) -> list[Path]:
        """The files that there are of a batch; it may share its file with others."""
        if not batch.parts:
            return sorted(self.path.glob(f"*/{batch.key}.parquet"))
        return [path for path in sorted(self.path / name for name in batch.parts) if path.exists()]

    def own_files(self, batch: Batch) -> list[Path]:
        """Those in which nothing else stands."""
        return [path for path in self.files_of(batch) if not is_together(path)]

    def read(self, batches: Sequence[Batch]) -> pl.DataFrame:
        """Rows of batches in order of arrival, the latest of each response id, in order of the ids."""
        groups = self._group(batches)
        self._check_parts(groups)
        ids = pl.concat([self._read_ids(group, batches) for group in groups]).with_row_index(_ROW)
        self._check_numbers(batches, ids)
        return read_rows([group.files for group in groups if group.files], self._find_latest(batches, ids))

    def _find_latest(self, batches: Sequence[Batch], rows: pl.DataFrame) -> pl.Series:
        """Where the rows that count stand among those of all files, by response id."""
        if sum(batch.numbered for batch in batches) > 1:
            found = zip(range(len(batches)), self.find_repeats(batches), strict=True)
            gone = [rows.filter(pl.col(RANK) == rank)[_ROW].gather(some) for rank, some in found]
            rows = rows.filter(~pl.col(_ROW).is_in(pl.concat(gone).implode()))
        if rows[RANK].null_count():
            rows = rows.filter(pl.col(RANK).is_not_null())
        if len(batches) > 1:
            rows = keep_latest(rows)
        return rows.sort("response_id")[_ROW]

    def read_codes(self, batches: Sequence[Batch]) -> pl.DataFrame:
        """Practice, day and codes of those of :meth:`read`, in no order; practices as an Enum."""
        groups = self._group(batches)
        self._check_parts(groups)
        slices = [
            (group.batches, group.files[start : start + FILES_AT_ONCE])
            for group in groups
            for start in range(0, len(group.files), FILES_AT_ONCE)
        ]
        named = [pl.read_parquet(files, columns=["practice_id"])["practice_id"].unique() for _, files in slices]
        practices = pl.Enum(pl.concat(named).unique().sort()) if named else pl.Enum([])
        if len(batches) == 1 and not any(map(is_together, groups[0].files)):
            table = pl.concat([read_codes(files, practices) for _, files in slices], rechunk=False)
            self._check_number(batches[0], table.height)
            return table
        ranks = {batch.key: rank for rank, batch in enumerate(batches)}
        tables = [read_codes(files, practices, [(one.key, ranks[one.key]) for one in some]) for some, files in slices]
        table = pl.concat(tables, how="diagonal_relaxed")
        self._check_numbers(batches, table)
        return keep_latest(table).drop("response_id", RANK)

    def find_repeats(self, batches: Sequence[Batch]) -> list[list[int]]:
        """Positions, per batch, of rows without ids that an earlier batch has as well."""
        return repeated_rows(self._read_tables(batches), [batch.numbered for batch in batches])

    def _read_tables(self, batches: Sequence[Batch]) -> list[pl.DataFrame]:
        """All rows of each batch, as they stand."""
        found: dict[str, pl.DataFrame] = {}
        groups = self._group(batches)
        self._check_parts(groups)
        for group in groups:
            rows = pl.read_parquet(group.files) if group.files else pl.DataFrame()
            for batch in group.batches:
                own = rows.filter(pl.col(BATCH) == batch.key).drop(BATCH) if BATCH in rows.columns else rows
                self._check_number(batch, own.height)
                found[batch.key] = own
        return [found[batch.key] for batch in batches]

    def ids_of(self, batches: Iterable[Batch]) -> Iterator[pl.Series]:
        """Response ids of batches, those of one file together; each once."""
        some = [batch for batch in batches if batch.accepted]
        for group in self._group(some):
            ids = self._read_ids(group, group.batches)
            yield ids.filter(pl.col(RANK).is_not_null())["response_id"].unique()

    def read_shared(self, batch: Batch, earlier: Sequence[Batch]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows of earlier batches under ids of one, the latest of each, with their file, and that batch's own rows."""
        later = pl.scan_parquet(self.files_of(batch)).head(_COMPARED).collect()  # the file may have ten million
        ids, found = later["response_id"].implode(), [later.head(0).with_columns(pl.lit("").alias(FILE))]
        groups = self._group([one for one in earlier if one.accepted])
        for group in reversed([one for one in groups if one.files]):  # what is gone is said when all are read
            rows = pl.scan_parquet(group.files).filter(pl.col("response_id").is_in(ids))
            same = rows.collect(engine="streaming")  # of ten million some are held
            names = {one.key: one.file for one in group.batches}
            if BATCH in same.columns:
                same = same.filter(pl.col(BATCH).is_in(list(names))).with_columns(
                    pl.col(BATCH).replace_strict(names, default=None, return_dtype=pl.String).alias(FILE)
                )
            else:
                same = same.with_columns(pl.lit(group.batches[-1].file).alias(FILE))
            found.append(same.drop(BATCH, strict=False).reverse())
            if sum(map(len, found)) >= min(batch.superseded, _TELLS_WHOSE):
                break
        shared = pl.concat(found, how="diagonal_relaxed")
        return shared.unique("response_id", keep="first", maintain_order=True), later

    def compact(self, batches: Sequence[Batch]) -> list[Batch]:
        """Put small batches together; what is damaged stays where it is.

        Returns
        -------
        The batches, with the files in which they stand now. The earlier files are still there.
        """
        groups = self._group([batch for batch in batches if batch.accepted and batch.parts])
        small = [group for group in groups if group.rows <= FEW_ROWS and not self._find_damage(group)]
        moved: dict[str, Batch] = {}
        for some in _portion(small):
            rows = pl.concat([_read_named(group) for group in some], how="diagonal_relaxed")
            path = self.path / TOGETHER / name_together(rows)
            parts = {path.relative_to(self.path).as_posix(): write_file(rows, path)}
            moved |= {batch.key: replace(batch, parts=parts) for group in some for batch in group.batches}
        return [moved.get(batch.key, batch) for batch in batches]

    def remove_unused(self, batches: Iterable[Batch]) -> None:
        """Remove files of many practices in which none of these stands: of what was cut short, and earlier ones."""
        used = {name for batch in batches for name in batch.parts}
        for path in (self.path / TOGETHER).glob("*.parquet"):
            if path.relative_to(self.path).as_posix() not in used:
                path.unlink(missing_ok=True)

    def _group(self, batches: Iterable[Batch]) -> list[_Group]:
        """Each file once, in order of arrival of the first batch in it."""
        found: dict[tuple[str, ...], _Group] = {}
        for batch in batches:
            names = tuple(batch.parts) or (batch.key,)
            if names in found:
                found[names].batches.append(batch)
            else:
                found[names] = _Group([batch], self.files_of(batch))
        return list(found.values())

    def _read_ids(self, group: _Group, batches: Sequence[Batch]) -> pl.DataFrame:
        """Response ids of all rows of files, and which of some batches each is of; null: of none."""
        if not group.files:
            return pl.DataFrame(schema={"response_id": pl.String, RANK: pl.Int32})
        ranks = {batch.key: rank for rank, batch in enumerate(batches)}
        columns = ["response_id", BATCH] if is_together(group.files[0]) else ["response_id"]
        try:
            table = pl.read_parquet(group.files, columns=columns)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise SurveyError(
                f"{self.path}: a part of the answers cannot be read ({error!s:.120}). Remove the folder and "
                "ingest all files again; nothing else is lost."
            ) from error
        return rank_rows(table, [(batch.key, ranks[batch.key]) for batch in group.batches])

    def _check_numbers(self, batches: Sequence[Batch], rows: pl.DataFrame) -> None:
        counts = dict(rows.group_by(RANK).len().iter_rows())
        for rank, batch in enumerate(batches):
            self._check_number(batch, counts.get(rank, 0))

    def _check_number(self, batch: Batch, number: int) -> None:
        if number != batch.accepted:
            raise SurveyError(
                f"{self.path}: of {batch.file} {number} responses are left, expected {batch.accepted}. "
                f"Remove the folder and ingest all files again; nothing else is lost."
            )

    def _check_parts(self, groups: Iterable[_Group]) -> None:
        """A bit that has turned on the disk gives other answers, which no count shows."""
        for group in groups:
            damaged = self._find_damage(group)
            if damaged:
                files = list(dict.fromkeys(batch.file for batch in group.batches))
                whose = ", ".join(files[:3]) + (f" and {len(files) - 3} others" if len(files) > 3 else "")
                raise SurveyError(
                    f"{damaged[0]}: this part of {whose} is not as it was written: the disk or a program changed it. "
                    f"Remove the folder {self.path} and ingest all files again; nothing else is lost."
                )

    def _find_damage(self, group: _Group) -> list[Path]:
        written = {self.path / name: digest for name, digest in group.batches[0].parts.items()}
        return [path for path in group.files if path in written and hash_file(path) != written[path]]


def _portion(groups: Iterable[_Group]) -> Iterator[list[_Group]]:
    """Groups that make up a file; not those that would be there alone."""
    some: list[_Group] = []
    for group in groups:
        some.append(group)
        if sum(one.rows for one in some) >= _MOST_ROWS:
            yield some
            some = []
    if len(some) > 1:
        yield some


def _read_named(group: _Group) -> pl.DataFrame:
    """Rows of the batches of a group, with the key of the batch."""
    rows = pl.read_parquet(group.files)
    if BATCH in rows.columns:
        return rows.filter(pl.col(BATCH).is_in([batch.key for batch in group.batches]))
    return rows.with_columns(pl.lit(group.batches[0].key).alias(BATCH))
