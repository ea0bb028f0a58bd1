"""Answers that a study takes from databases: fetched into ``data/raw``, and read there like any other file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SourceError

if TYPE_CHECKING:
    from pxanalysis.study.settings import StudySettings

__all__ = ["fetch_databases", "snapshot_name"]


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
        digest, kept = hash_file(new), folder / f".{target.name}.sha256"
        if target.is_file() and kept.is_file() and kept.read_text(encoding="ascii") == digest:
            new.unlink()
        else:
            new.replace(target)
            write_atomically(kept, digest)
    return errors
