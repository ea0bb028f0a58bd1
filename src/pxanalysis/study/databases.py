"""Answers that a study takes from databases: fetched into ``data/raw``, and read there like any other file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pxanalysis.errors import SourceError

if TYPE_CHECKING:
    from pxanalysis.study.settings import StudySettings

__all__ = ["fetch_databases", "find_changed", "snapshot_name"]


def snapshot_name(name: str) -> str:
    """File in which the rows of ``[sql.NAME]`` are kept."""
    return f"sql-{name}.parquet"


def fetch_databases(settings: StudySettings, root: Path, folder: Path) -> list[str]:
    """Fetch every ``[sql.NAME]`` into a folder, and return what could not be; then the file stays as it was.

    Rows that are the same as those fetched before leave the file as it is, so that nothing is taken in anew, and what
    was taken out of it since (contacts, somebody who wants to be forgotten) does not come back. Their hash stands
    beside the file.
    """
    if not settings.sql:
        return []
    # SQLAlchemy only where a study has a database
    from pxanalysis.survey.files import temporary_name, write_atomically
    from pxanalysis.survey.sources.read import hash_file
    from pxanalysis.survey.sources.sql import fetch_query

    errors = []
    for name, part in settings.sql.items():
        target = folder / snapshot_name(name)
        new = temporary_name(target)
        try:
            fetch_query(name, part.url, part.query, new, root)
        except SourceError as error:
            errors.append(str(error))
            continue
        digest = hash_file(new)
        if _fetched_before(target) == digest:
            new.unlink()
        else:
            new.replace(target)
            write_atomically(_digest_file(target), digest)
    return errors


def find_changed(settings: StudySettings, root: Path, folder: Path) -> list[str]:
    """Databases whose rows are not those in the folder, or that cannot be read; nothing is written there."""
    if not settings.sql:
        return []
    with TemporaryDirectory() as scratch:
        errors = fetch_databases(settings, root, Path(scratch))
        now = {name: Path(scratch) / snapshot_name(name) for name in settings.sql}
        changed = [
            f"[sql.{name}]"
            for name, path in now.items()
            if path.is_file() and _fetched_before(path) != _fetched_before(folder / path.name)
        ]
    return changed + errors


def _digest_file(snapshot: Path) -> Path:
    return snapshot.with_name(f".{snapshot.name}.sha256")


def _fetched_before(snapshot: Path) -> str | None:
    """Hash of the rows that were fetched last; None where there are none."""
    kept = _digest_file(snapshot)
    return kept.read_text(encoding="ascii") if snapshot.is_file() and kept.is_file() else None
