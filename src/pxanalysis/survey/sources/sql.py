"""Answers in a database: one SELECT, read-only, kept as a Parquet file that is read like any other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.database_rules import VARIABLE
from pxanalysis.survey.sources.high_water import HighWater, Tracker, hash_row

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult

__all__ = ["fetch_query", "fetch_since"]

_ROWS = 50_000
"""Rows that are held in memory at a time."""
_SECONDS_TO_CONNECT = 10
_SECONDS_OF_QUERY = 900


def fetch_query(name: str, url: str, query: str, target: Path, root: Path) -> int:
    """Write the rows of a SELECT to a Parquet file, every cell as text, and return how many there are.

    The file is there whole or as it was before; rows go through in parts, so that memory does not grow with them.

    Parameters
    ----------
    name
        As messages call the database.
    url
        Address; ``${NAME}`` is taken from the environment.
    root
        Folder that a relative path of an SQLite file starts from.

    Raises
    ------
    SourceError
        When a variable is not set, the database cannot be reached or goes away in the middle, the query is wrong, or
        two columns have one name.
    """
    return _fetch(_Asked(name, url, query, root), target)


def fetch_since(
    name: str, url: str, query: str, target: Path, root: Path, *, mark: str, key: str, since: HighWater | None
) -> tuple[int, HighWater | None]:
    """Write the rows of a SELECT that are new or changed since it was read last.

    Parameters
    ----------
    name, url, query, target, root
        As :func:`fetch_query` has them; without such rows no file is written.
    mark
        Column that rises with every row that comes or changes.
    key
        Column that names a response: a row that changed replaces the one it was.
    since
        How far was read; None for all rows.

    Returns
    -------
    (number of rows, how far was read now); the latter None when there are no rows at all

    Raises
    ------
    SourceError
        As :func:`fetch_query`, and when a column is not there, or a row has no mark.
    """
    asked = _Asked(name, url, query, root, mark, key, since)
    count = _fetch(asked, target)
    return count, asked.reached


@dataclass(slots=True)
class _Asked:
    """What is asked of which database, and how far was read."""

    name: str
    url: str
    query: str
    root: Path
    mark: str | None = None
    key: str = ""
    since: HighWater | None = None
    reached: HighWater | None = None

    @property
    def place(self) -> str:
        """As messages have it."""
        return f"[sql.{self.name}]"


def _fetch(asked: _Asked, target: Path) -> int:
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    except ModuleNotFoundError as error:
        raise SourceError(f"{asked.place}: needs SQLAlchemy. Install it: pip install 'pxanalysis[sql]'.") from error
    try:
        address = make_url(_fill_in(asked.name, asked.url))
    except ArgumentError as error:
        raise SourceError(
            f"{asked.place} url: not an address of a database. Write postgresql://user@host/base."
        ) from error
    partial = target.with_name(f".part-{target.name}")
    try:
        with (
            _connect(asked.name, address, asked.root) as connection,
            closing(_execute(connection, asked, address)) as result,
        ):
            count = _write(asked, result, partial, allow_text=address.get_backend_name() == "sqlite")
        if count or asked.mark is None:
            partial.replace(target)
    except SQLAlchemyError as error:
        raise SourceError(_explain(asked.name, address, error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _execute(connection: Connection, asked: _Asked, address: URL) -> CursorResult[Any]:
    """Ask for all rows, or for those at the mark and beyond; one without a mark comes too, so that it is said."""
    import sqlalchemy as sa

    query = asked.query.strip().removesuffix(";")
    if asked.mark is None or asked.since is None:
        return connection.execute(sa.text(query))
    column = connection.dialect.identifier_preparer.quote_identifier(asked.mark)
    # the line break ends a remark in the query's last line
    statement = f"SELECT * FROM (\n{query}\n) AS answers WHERE {column} >= :px_since OR {column} IS NULL"
    value = asked.since.value
    if asked.since.kind == "decimal" and address.get_backend_name() == "sqlite":
        value = float(value)
    # without a type, so that the driver's own is compared: a cast to text or to a time without zone would be wrong
    since = sa.bindparam("px_since", value, type_=sa.types.NullType())
    return connection.execute(sa.text(statement).bindparams(since))


def _fill_in(name: str, url: str) -> str:
    """The address with what the environment says, escaped as an address needs."""
    absent = [one for one in VARIABLE.findall(url) if not os.environ.get(one)]
    if absent:
        raise SourceError(f"[sql.{name}] url: the environment has no variable {absent[0]}. Set it, and run again.")
    return VARIABLE.sub(lambda found: quote(os.environ[found[1]], safe=""), url)


@contextmanager
def _connect(name: str, address: URL, root: Path) -> Iterator[Connection]:
    """A connection over which nothing can be written."""
    import sqlalchemy as sa

    if address.get_backend_name() == "sqlite":
        file = root / (address.database or "")
        if not file.is_file():
            raise SourceError(f"[sql.{name}] url: there is no file {file}. Correct the path; it starts from {root}.")
        engine = sa.create_engine(f"sqlite:///file:{quote(str(file))}?mode=ro&uri=true")
    else:
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        options = f"-c default_transaction_read_only=on -c statement_timeout={_SECONDS_OF_QUERY * 1000}"
        arguments = {"connect_timeout": _SECONDS_TO_CONNECT, "options": options}
        try:
            engine = sa.create_engine(address, connect_args=arguments)
        except ModuleNotFoundError as error:
            raise SourceError(
                f"[sql.{name}]: needs {error.name}. Install it: pip install 'pxanalysis[sql]'."
            ) from error
    try:
        with engine.connect() as connection:
            if address.get_backend_name() == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            yield connection.execution_options(stream_results=True, yield_per=_ROWS)
    finally:
        engine.dispose()


def _write(asked: _Asked, result: CursorResult[Any], target: Path, *, allow_text: bool) -> int:
    names = list(result.keys())
    doubled = [column for column, times in Counter(names).items() if times > 1]
    if doubled:
        raise SourceError(f"{asked.place} query: two columns are called '{doubled[0]}'. Name one with AS.")
    for column, why in ((asked.mark, "mark"), (asked.key, "mark (a row that changed is known by it)")):
        if asked.mark is not None and column not in names:
            raise SourceError(
                f"{asked.place} {why}: the query gives no column '{column}'. It gives: {', '.join(names)}."
            )
    tracker = None if asked.mark is None else Tracker(asked.place, asked.mark, allow_text=allow_text)
    place = 0 if asked.mark is None else names.index(asked.mark)
    seen = asked.since.seen if asked.since else frozenset()
    schema = pa.schema([(column, pa.string()) for column in names])
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with pq.ParquetWriter(target, schema) as writer:
        for rows in result.partitions(_ROWS):
            cells = [tuple(_as_text(cell) for cell in row) for row in rows]
            if tracker is not None:
                digests = [hash_row(row) for row in cells]
                for row, digest in zip(rows, digests, strict=True):
                    tracker.add(row[place], digest)
                cells = [row for row, digest in zip(cells, digests, strict=True) if digest not in seen]
            if cells:
                columns = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(cells)
    asked.reached = asked.since if tracker is None else tracker.settle() or asked.since
    return count


def _as_text(cell: Any) -> str | None:
    """A cell as a text file would have it; a day and a moment as year-month-day."""
    if cell is None:
        return None
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, (bytes, memoryview)):
        return bytes(cell).decode("utf-8", errors="replace")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _explain(name: str, address: URL, error: Exception) -> str:
    """What went wrong, in one line, without the password."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    if address.password:
        said = said.replace(str(address.password), "***")
    return (
        f"[sql.{name}]: {address.render_as_string(hide_password=True)} could not be read: {said:.300}. What was read "
        "before is kept; run again when the database answers, or correct the query."
    )
