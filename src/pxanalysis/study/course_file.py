"""What a study remembers of the courses of touchpoints that were shown: who is in which part, as keyed hashes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import polars as pl

from pxanalysis.analysis.trends.released import CoursePart
from pxanalysis.errors import StudyError
from pxanalysis.survey.files import write_parquet

__all__ = ["COURSE_PARTS", "forget_in_parts", "read_parts", "write_parts"]

COURSE_PARTS = "data/processed/dashboard/course-parts.parquet"
"""Where they are kept, within a study."""

_SCHEMA = {"practice_id": pl.String, "touchpoint": pl.String, "period": pl.String, "people": pl.Binary}


def read_parts(path: Path) -> list[CoursePart]:
    """Read the parts that were shown; none where nothing was yet.

    Raises
    ------
    StudyError
        When the file cannot be read: without it nobody can know what may be shown beside what was.
    """
    if not path.exists():
        return []
    try:
        table = pl.read_parquet(path)
        rows = table.select(*_SCHEMA).iter_rows()
        return [
            CoursePart(practice_id, touchpoint, period, frozenset(np.frombuffer(people, dtype="<u8").tolist()))
            for practice_id, touchpoint, period, people in rows
        ]
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise StudyError(
            f"{path}: cannot be read ({error!s:.120}). It says of whom months of contacts were shown. Restore it from "
            "a backup; or remove it, and months may then differ from those of before by a few people."
        ) from error


def write_parts(path: Path, parts: Iterable[CoursePart]) -> None:
    """Remember the parts that are shown."""
    rows = [
        (one.practice_id, one.touchpoint, one.period, np.array(sorted(one.people), dtype="<u8").tobytes())
        for one in parts
    ]
    write_parquet(pl.DataFrame(rows, schema=_SCHEMA, orient="row"), path)


def forget_in_parts(path: Path, gone: Collection[int]) -> None:
    """Take hashes of somebody who asked to be forgotten out of what is remembered."""
    if not gone or not path.exists():
        return
    parts = read_parts(path)
    write_parts(path, (CoursePart(p.practice_id, p.touchpoint, p.period, p.people - set(gone)) for p in parts))
