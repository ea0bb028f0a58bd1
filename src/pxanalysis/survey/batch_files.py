"""Tables of batches in a folder: a file each, and of small ones many in one, so that thousands stay few files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import polars as pl

from pxanalysis.survey.files import write_parquet, write_parts

__all__ = ["BATCH", "BatchFolder", "is_together", "name_together"]

BATCH = "_batch"
"""Column of a file of several batches: which of them a row is of, by its key."""
_TOGETHER = "together-"
_SMALL = 2**20
"""Bytes up to which a file is put together with others."""


class BatchFolder:
    """A folder with at most one table per batch, by the batch's key.

    A file of a batch's own goes before its rows in a file of many: it was there first, and what was cut short while
    files were put together leaves both.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder

    def file_of(self, key: str) -> Path:
        """Where the table of a batch is written."""
        return self.path / f"{key}.parquet"

    def write(self, parts: Iterator[pl.DataFrame], key: str) -> None:
        """Write the table of a batch, given in parts."""
        write_parts(parts, self.file_of(key))

    def remove(self, key: str) -> None:
        """Remove the table of a batch; its rows in a file of many are no longer read, and go with the next merge."""
        self.file_of(key).unlink(missing_ok=True)

    def read(self, keys: Sequence[str]) -> list[pl.DataFrame]:
        """The tables that there are of some batches, in their order."""
        files = self._files()  # before the others: what is merged meanwhile is in one of them
        found = {key: pl.read_parquet(files[key]) for key in keys if key in files}
        for path in self._together():
            rows = pl.read_parquet(path).filter(pl.col(BATCH).is_in([key for key in keys if key not in found]))
            found |= {str(some[BATCH][0]): some.drop(BATCH) for some in rows.partition_by(BATCH, maintain_order=True)}
        return [found[key] for key in keys if key in found]

    def compact(self, keys: Collection[str]) -> list[Path]:
        """Put small files together, without rows of batches that are not among ``keys``.

        Returns
        -------
        Files that are no longer needed, to be removed once it is sure that nothing is read by their names.
        """
        files = [path for key, path in self._files().items() if key in keys and path.stat().st_size <= _SMALL]
        several = self._together()
        merged = [path for path in several if path.stat().st_size <= _SMALL]
        gone = [path for path in several if path not in merged and not self._holds(path, keys)]
        if len(files) + len(merged) < 2 or not files:
            return gone
        tables = [pl.read_parquet(path).with_columns(pl.lit(path.stem).alias(BATCH)) for path in files]
        tables += [
            pl.read_parquet(path).filter(pl.col(BATCH).is_in(keys), ~pl.col(BATCH).is_in([one.stem for one in files]))
            for path in merged
        ]
        put = _put_together(tables)
        write_parquet(put, self.path / name_together(put))
        return [*gone, *files, *merged]

    def _files(self) -> dict[str, Path]:
        """Files of one batch, by its key."""
        found = sorted(self.path.glob("*.parquet"))
        return {path.stem: path for path in found if not is_together(path)}

    def _together(self) -> list[Path]:
        return sorted(self.path.glob(f"{_TOGETHER}*.parquet"))

    def _holds(self, path: Path, keys: Collection[str]) -> bool:
        return bool(pl.read_parquet(path, columns=[BATCH])[BATCH].is_in(list(keys)).any())


def is_together(path: Path) -> bool:
    """Whether a file may hold rows of several batches."""
    return path.name.startswith(_TOGETHER)


def _put_together(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Tables below each other; a column that is of one type in some and of another in others is text."""
    types: dict[str, set[pl.DataType]] = {}
    for table in tables:
        for name, dtype in table.schema.items():
            types.setdefault(name, set()).add(dtype)
    mixed = [name for name, some in types.items() if len(some) > 1]
    texts = [table.cast({name: pl.String for name in mixed if name in table.columns}) for table in tables]
    return pl.concat(texts, how="diagonal")


def name_together(table: pl.DataFrame) -> str:
    """A name that no file has which holds rows of other batches, or fewer of one."""
    counts = table.group_by(BATCH).len().sort(BATCH)
    return f"{_TOGETHER}{sha256(counts.write_csv().encode()).hexdigest()[:16]}.parquet"
