"""What a study remembers of the courses of touchpoints that were shown: who is in which part, as keyed hashes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from pxanalysis.analysis.trends.released import CoursePart
from pxanalysis.study.set_file import read_sets, write_sets

__all__ = ["COURSE_PARTS", "forget_in_parts", "read_parts", "write_parts"]

COURSE_PARTS = "data/processed/dashboard/course-parts.parquet"
"""Where they are kept, within a study."""

_NAMES = ("practice_id", "touchpoint", "period")
_WITHOUT = (
    "It says of whom months of contacts were shown. Restore it from a backup; or remove it, and months may then differ "
    "from those of before by a few people."
)


def read_parts(path: Path) -> list[CoursePart]:
    """Read the parts that were shown; none where nothing was yet.

    Raises
    ------
    StudyError
        When the file cannot be read: without it nobody can know what may be shown beside what was.
    """
    return [CoursePart(*one) for one in read_sets(path, _NAMES, _WITHOUT)]


def write_parts(path: Path, parts: Iterable[CoursePart]) -> None:
    """Remember the parts that are shown."""
    write_sets(path, _NAMES, ((one.practice_id, one.touchpoint, one.period, one.people) for one in parts))


def forget_in_parts(path: Path, gone: Collection[int]) -> None:
    """Take hashes of somebody who asked to be forgotten out of what is remembered."""
    if not gone or not path.exists():
        return
    parts = read_parts(path)
    write_parts(path, (CoursePart(p.practice_id, p.touchpoint, p.period, p.people - set(gone)) for p in parts))
