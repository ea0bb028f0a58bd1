"""What a study remembers of dentists' pages: whose answers were divided among dentists, as keyed hashes."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from pxanalysis.analysis.privacy.dentists import DentistPart
from pxanalysis.study.set_file import read_sets, write_sets

__all__ = ["DENTIST_PARTS", "forget_in_dentists", "read_dentist_parts", "write_dentist_parts"]

DENTIST_PARTS = "data/processed/dentists.parquet"
"""Where it is kept, within a study."""

_NAMES = ("practice_id", "part", "dentist")
_WITHOUT = (
    "It says of whom dentists' pages were made. Restore it from a backup; or remove it, with every page that was made, "
    "for new ones may then differ from those by a few people."
)


def read_dentist_parts(path: Path) -> list[DentistPart]:
    """Read what was divided among dentists; nothing where no page was made yet.

    Raises
    ------
    StudyError
        When the file cannot be read.
    """
    return [DentistPart(*one) for one in read_sets(path, _NAMES, _WITHOUT)]


def write_dentist_parts(path: Path, parts: Iterable[DentistPart]) -> None:
    """Remember what is divided among dentists, in an order of its own."""
    ordered = sorted(parts, key=lambda one: (one.practice_id, one.part, one.dentist, sorted(one.people)))
    write_sets(path, _NAMES, ((one.practice_id, one.part, one.dentist, one.people) for one in ordered))


def forget_in_dentists(path: Path, gone: Collection[int]) -> None:
    """Put numbers that mean nothing in the place of hashes: that somebody left has to stay known."""
    if not gone or not path.exists():
        return
    other = {one: secrets.randbits(63) for one in gone}
    parts = read_dentist_parts(path)
    write_dentist_parts(
        path, (replace(one, people=frozenset(other.get(code, code) for code in one.people)) for one in parts)
    )
