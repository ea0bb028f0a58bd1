"""Sets of keyed hashes on disk, each under three names: of whom something was shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from pxanalysis.errors import StudyError
from pxanalysis.survey.files import write_parquet

__all__ = ["NamedSet", "read_sets", "write_sets"]

NamedSet = tuple[str, str, str, frozenset[int]]


def read_sets(path: Path, names: tuple[str, str, str], without: str) -> list[NamedSet]:
    """Read sets; none where nothing was shown yet.

    Parameters
    ----------
    names
        Columns under which the names stand.
    without
        What the file says, and what happens without it: a sentence that ends the message.

    Raises
    ------
    StudyError
        When the file cannot be read: without it nobody can know what may be shown beside what was.
    """
    if not path.exists():
        return []
    try:
        rows = pl.read_parquet(path).select(*names, "people").iter_rows()
        return [(one, two, three, _unpack(people)) for one, two, three, people in rows]
    except (pl.exceptions.PolarsError, OSError, ValueError, TypeError) as error:
        raise StudyError(f"{path}: cannot be read ({error!s:.120}). {without}") from error


def _unpack(people: bytes) -> frozenset[int]:
    return frozenset(np.frombuffer(people, dtype="<u8").tolist())


def write_sets(path: Path, names: tuple[str, str, str], sets: Iterable[NamedSet]) -> None:
    """Write sets, as one file that is either the old or the new one."""
    rows = [(*named, np.array(sorted(people), dtype="<u8").tobytes()) for *named, people in sets]
    schema = dict.fromkeys(names, pl.String) | {"people": pl.Binary}
    write_parquet(pl.DataFrame(rows, schema=schema, orient="row"), path)
