"""Answers that a study takes from databases: fetched into ``data/raw``, and read there like any other file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pxanalysis.errors import SourceError
from pxanalysis.study.keys import hash_facts

if TYPE_CHECKING:
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.sources.high_water import HighWater

__all__ = ["fetch_databases", "find_changed", "snapshot_name", "table_of"]

_MARKS = Path("data", "processed", "sql-marks.json")
MOST_PARTS = 20
"""Files with new and changed rows of one database; with more of them they become one."""


def snapshot_name(name: str, part: int = 0) -> str:
    """File in which the rows of ``[sql.NAME]`` are kept, or those that were new or changed later."""
    return f"sql-{name}.{part:06d}.parquet" if part else f"sql-{name}.parquet"


def table_of(path: Path, raw: Path) -> Path | None:
    """The file with the table that rows in ``path`` were added to, in ``data/raw``; None for any other file."""
    found = re.fullmatch(r"(sql-[^.]+)\.\d{6}\.parquet", path.name)
    table = None if found is None else raw / f"{found[1]}.parquet"
    return table if table is not None and table.is_file() else None


def fetch_databases(
    settings: StudySettings,
    root: Path,
    folder: Path,
    *,
    names: Collection[str] | None = None,
    whole: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> list[str]:
    """Fetch every ``[sql.NAME]`` into a folder, and return what could not be; then the file stays as it was.

    Rows that are the same as those fetched before leave the file as it is, so that nothing is taken in anew, and what
    was taken out of it since (contacts, somebody who wants to be forgotten) does not come back. Their hash stands
    beside the file. Of a database with a mark only rows at it or beyond are asked for, and kept in a file of their own.

    Parameters
    ----------
    folder
        ``data/raw``; in any other nothing is remembered.
    names
        Of those that are fetched; all when left out.
    whole
        Ask for all rows of databases with a mark too.
    tell
        Is told of each what came.
    """
    errors = []
    for name, part in settings.sql.items():
        if names is not None and name not in names:
            continue
        try:
            if part.mark is None:
                came = _fetch_whole(name, part.url, part.query, root, folder)
            else:
                came = _fetch_marked(_Marked(name, part.mark, settings, root), folder, whole=whole)
            tell(f"[sql.{name}]: {came}.")
        except SourceError as error:
            errors.append(str(error))
    return errors


def _fetch_whole(name: str, url: str, query: str, root: Path, folder: Path) -> str:
    # SQLAlchemy only where a study has a database
    from pxanalysis.survey.files import temporary_name, write_atomically
    from pxanalysis.survey.sources.read import hash_file
    from pxanalysis.survey.sources.sql import fetch_query

    target = folder / snapshot_name(name)
    new = temporary_name(target)
    count = fetch_query(name, url, query, new, root)
    digest = hash_file(new)
    parts = sorted(folder.glob(f"sql-{name}.*.parquet"))  # of when study.toml named a mark
    if _fetched_before(target) == digest and not parts:
        new.unlink()
        return f"{count} rows, the same as before"
    if parts:
        _stand_for(new, [*([target] if target.is_file() else []), *parts])
    new.replace(target)
    write_atomically(_digest_file(target), digest)
    for path in parts:
        path.unlink()
    return f"{count} rows, kept as {target.name}"


@dataclass(frozen=True, slots=True)
class _Marked:
    """A database with a mark: where it is, and what is remembered of it."""

    name: str
    mark: str
    settings: StudySettings
    root: Path

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

    @property
    def key(self) -> str:
        """Column that names a response."""
        return self.settings.columns.get("response_id", "response_id")

    @property
    def asked(self) -> str:
        """Hash of what is asked: rows of another query are no continuation."""
        part = self.settings.sql[self.name]
        return hash_facts(part.url, part.query, self.mark, self.key)

    def parts(self) -> list[Path]:
        """Files with its rows, in the order in which they came."""
        base = self.raw / snapshot_name(self.name)
        return [path for path in [base, *sorted(self.raw.glob(f"sql-{self.name}.*.parquet"))] if path.is_file()]

    def read(self) -> HighWater | None:
        """How far it was read; None where it was not, or other rows were asked for."""
        from pxanalysis.survey.sources.high_water import HighWater

        entry = _read_marks(self.root).get(self.name)
        known = entry is not None and entry["asked"] == self.asked and (self.raw / snapshot_name(self.name)).is_file()
        return HighWater.from_record(entry["mark"]) if known and entry else None

    def write(self, reached: HighWater | None) -> None:
        from pxanalysis.survey.files import write_atomically

        marks = _read_marks(self.root)
        if reached is not None:
            marks[self.name] = {"asked": self.asked, "mark": reached.record()}
            write_atomically(self.root / _MARKS, json.dumps(marks))


def _read_marks(root: Path) -> dict[str, Any]:
    """What is remembered; a damaged file is as none, and all rows are read again."""
    path = root / _MARKS
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
    except ValueError:
        return {}


def _fetch_marked(source: _Marked, folder: Path, *, whole: bool) -> str:
    from pxanalysis.survey.files import temporary_name
    from pxanalysis.survey.sources.sql import fetch_since

    own = folder == source.raw
    if own:
        _remove_merged(source)
    part, since = source.settings.sql[source.name], None if whole else source.read()
    there = source.parts()
    number = 1 + max((int(path.suffixes[-2][1:]) for path in there[1:]), default=0) if since else 0
    target = folder / snapshot_name(source.name, number)
    new = temporary_name(target)
    asked = {"mark": source.mark, "key": source.key}
    count, reached = fetch_since(source.name, part.url, part.query, new, source.root, **asked, since=since)
    if count and since and _columns(new) != _columns(there[0]):  # the table got another column: from the beginning
        new.unlink()
        return _fetch_marked(source, folder, whole=True)
    if count and since is None and own and there:
        _stand_for(new, there)
    if count:
        new.replace(target)
    if own:
        source.write(reached)
        _remove_merged(source)
        if len(source.parts()) > MOST_PARTS:
            _merge(source)
    which = "rows" if since is None else "new or changed rows"
    return f"{count} {which}, kept as {target.name}" if count else "no new or changed rows"


def _columns(path: Path) -> list[str]:
    import pyarrow.parquet as pq  # as above

    return list(pq.read_schema(path).names)


def _stand_for(new: Path, there: list[Path]) -> None:
    """Let a file with all rows say which files it takes the place of."""
    from pxanalysis.survey.table_parts import merge_parts

    merge_parts([new], _columns(new)[0], new, instead_of=there)


def _merge(source: _Marked) -> None:
    from pxanalysis.survey.table_parts import merge_parts

    merge_parts(source.parts(), source.key, source.raw / snapshot_name(source.name))
    _remove_merged(source)


def _remove_merged(source: _Marked) -> None:
    """Remove parts that stand in the first file; also those of a merge that was cut short."""
    from pxanalysis.survey.sources.raw import hash_file
    from pxanalysis.survey.table_parts import read_merged

    base, *parts = source.parts() or [source.raw / snapshot_name(source.name)]
    merged = read_merged(base) if parts and base.is_file() else ()
    for path in parts:
        if hash_file(path) in merged:
            path.unlink()


def find_changed(settings: StudySettings, root: Path, folder: Path) -> list[str]:
    """Databases whose rows are not those in the folder, or that cannot be read; nothing is written there."""
    if not settings.sql:
        return []
    with TemporaryDirectory() as scratch:
        errors = fetch_databases(settings, root, Path(scratch))
        changed = []
        for name, part in settings.sql.items():
            path = Path(scratch) / snapshot_name(name)
            if part.mark is not None:
                differs = any(Path(scratch).glob(f"sql-{name}.*parquet"))
            else:
                differs = path.is_file() and _fetched_before(path) != _fetched_before(folder / path.name)
            changed += [f"[sql.{name}]"] if differs else []
    return changed + errors


def _digest_file(snapshot: Path) -> Path:
    return snapshot.with_name(f".{snapshot.name}.sha256")


def _fetched_before(snapshot: Path) -> str | None:
    """Hash of the rows that were fetched last; None where there are none."""
    kept = _digest_file(snapshot)
    return kept.read_text(encoding="ascii") if snapshot.is_file() and kept.is_file() else None
