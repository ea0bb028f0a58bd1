"""Names and contents of files that a study writes: safe whatever a practice is called, whole whatever happens."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SurveyError

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "Scratch",
    "distinct_names",
    "safe_name",
    "sweep_temporary",
    "temporary_name",
    "write_atomically",
    "write_parquet",
    "write_parts",
]

_TAKEN = re.compile(
    r"(index|manifest|programme|history|schedule|delivered|con|nul|aux|prn|com\d|lpt\d)(\..*)?|.*\.",
    flags=re.IGNORECASE,
)
"""Names that a page of all practices, or an operating system, has already taken, or that lose their last full stop."""


def safe_name(practice_id: str) -> str:
    """A practice id as a file name: kept when it is plain ``[A-Za-z0-9._-]``, else a slug and a hash.

    Examples
    --------
    >>> safe_name("01012345")
    '01012345'
    >>> safe_name("../etc").startswith("etc-")
    True
    """
    if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", practice_id) and not _TAKEN.fullmatch(practice_id):
        return practice_id
    return _hashed_name(practice_id)


def distinct_names(practice_ids: Iterable[str]) -> dict[str, str]:
    """File name of each practice; ids that differ in capitals only get names that differ on every computer.

    Examples
    --------
    >>> names = distinct_names(["A1", "a1", "B1"])
    >>> names["B1"], names["A1"].casefold() == names["a1"].casefold()
    ('B1', False)
    """
    names = {practice_id: safe_name(practice_id) for practice_id in practice_ids}
    uses = Counter(name.casefold() for name in names.values())
    return {
        practice_id: name if uses[name.casefold()] == 1 else _hashed_name(practice_id)
        for practice_id, name in names.items()
    }


def _hashed_name(practice_id: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9]+", "-", practice_id).strip("-")[:40]
    digest = hashlib.sha256(practice_id.encode()).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else f"practice-{digest}"


def write_atomically(path: Path, data: bytes | str, *, private: bool = False) -> None:
    """Write a file so that it is either the old or the new one, whatever happens in between.

    Parameters
    ----------
    private
        Let nobody but the owner read it; else whoever the process lets (its umask).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    mode = 0o600 if private else 0o666  # less the umask, which the system takes off
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as stream:
        stream.write(data.encode() if isinstance(data, str) else data)
    temporary.replace(path)


def write_parquet(table: pl.DataFrame, path: Path) -> None:
    """Write a table so that the file is either the old or the new one.

    Raises
    ------
    SurveyError
        When there is no room for it; the file stays as it was.
    """
    # Polars is imported where there is a table to write: a process that only shows results starts without it
    from polars.exceptions import PolarsError

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    try:
        table.write_parquet(temporary, compression="lz4", statistics=False)
    except (PolarsError, OSError) as error:
        temporary.unlink(missing_ok=True)
        raise SurveyError(f"{path}: cannot be written ({error!s:.160}). Check that the disk has room.") from error
    temporary.replace(path)


def write_parts(parts: Iterable[pl.DataFrame], path: Path) -> None:
    """Write tables below each other as one file, one in memory at a time, as :func:`write_parquet` writes one."""
    following = iter(parts)
    first, second = next(following), next(following, None)
    if second is None:
        write_parquet(first, path)
        return
    # takes longer to load than most parts to write
    from polars import CompatLevel
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetWriter

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_name(path)
    schema = first.head(0).to_arrow(compat_level=CompatLevel.oldest()).schema
    try:
        with ParquetWriter(temporary, schema, compression="lz4") as writer:
            for part in chain((first, second), following):
                if part.height:
                    writer.write_table(part.to_arrow(compat_level=CompatLevel.oldest()).cast(schema))
    except (ArrowException, OSError) as error:
        temporary.unlink(missing_ok=True)
        raise SurveyError(f"{path}: cannot be written ({error!s:.160}). Check that the disk has room.") from error
    temporary.replace(path)


MOST_HELD = 2**27
"""Bytes of tables that are held in memory before others go to disk."""
_TEXT = 16
"""Bytes that a cell of text takes beside its letters."""


class Scratch:
    """Tables that are read back soon: the first ones are held, those beyond some size stand on disk.

    Parameters
    ----------
    folder
        Where they stand; whoever makes it removes it.
    most
        Bytes that are held; :data:`MOST_HELD` when left out.
    """

    def __init__(self, folder: Path, most: int | None = None) -> None:
        self._folder, self._room = folder, MOST_HELD if most is None else most

    def put(self, table: pl.DataFrame, name: str) -> Callable[..., pl.DataFrame]:
        """Keep a table; what gives it back, or those of its columns that are named.

        Raises
        ------
        SurveyError
            When there is no room for it.
        """
        from polars import String  # as above

        size = int(table.estimated_size()) + _TEXT * table.height * table.dtypes.count(String())
        if size <= self._room:
            self._room -= size
            return lambda columns=None: table if columns is None else table.select(columns)
        return partial(_read_scratch, _write_scratch(table, self._folder / name))


def _write_scratch(table: pl.DataFrame, path: Path) -> Path:
    """Write a table beside others of that name; where it stands."""
    from polars.exceptions import PolarsError

    temporary = temporary_name(path)
    try:
        table.write_ipc(temporary)
    except (PolarsError, OSError) as error:
        temporary.unlink(missing_ok=True)
        raise SurveyError(f"{path}: cannot be written ({error!s:.160}). Check that the disk has room.") from error
    return temporary


def _read_scratch(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """Read it; not mapped, so that it counts as memory only while it is used."""
    import polars as pl

    with path.open("rb") as stream:
        return pl.read_ipc(stream, columns=columns)


def temporary_name(path: Path) -> Path:
    """Name under which a file is written before it gets its own: nobody else's, and known again when left behind.

    Examples
    --------
    >>> temporary_name(Path("data/a.csv")).name.startswith(f".writing-{os.getpid()}-")
    True
    """
    return path.with_name(f".writing-{os.getpid()}-{secrets.token_hex(4)}-{path.name}")


_CLOCK = 2.0
"""Seconds by which the clocks of files and processes may differ."""


def sweep_temporary(root: Path) -> list[Path]:
    """Remove what killed runs left behind half written, below a folder; files of living processes stay."""
    left = [path for path in root.rglob(".writing-*") if path.is_file() and not _is_being_written(path)]
    for path in left:
        path.unlink(missing_ok=True)
    return left


def _is_being_written(path: Path) -> bool:
    """Whether the process is alive that its name tells, and began before it: numbers of processes are used again."""
    import psutil  # only where something was left

    found = re.match(r"\.writing-(\d+)-", path.name)
    if found is None:
        return False
    try:
        began = psutil.Process(int(found[1])).create_time()
        return bool(began <= path.stat().st_mtime + _CLOCK)
    except psutil.NoSuchProcess:
        return False
    except (psutil.AccessDenied, FileNotFoundError):  # somebody else's process; just finished
        return True
