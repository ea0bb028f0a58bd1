"""Answers in a database: one SELECT, read-only, kept as a Parquet file that is read like any other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.database_rules import VARIABLE

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, CursorResult

__all__ = ["fetch_query"]

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
    try:
        from sqlalchemy import make_url, text
        from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    except ModuleNotFoundError as error:
        raise SourceError(f"[sql.{name}]: needs SQLAlchemy. Install it: pip install 'pxanalysis[sql]'.") from error
    try:
        address = make_url(_fill_in(name, url))
    except ArgumentError as error:
        raise SourceError(
            f"[sql.{name}] url: not an address of a database. Write postgresql://user@host/base."
        ) from error
    partial = target.with_name(f".part-{target.name}")
    try:
        statement = text(query.strip().removesuffix(";"))
        with _connect(name, address, root) as connection, closing(connection.execute(statement)) as result:
            count = _write(name, result, partial)
        partial.replace(target)
    except SQLAlchemyError as error:
        raise SourceError(_explain(name, address, error)) from error
    finally:
        partial.unlink(missing_ok=True)
    return count


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


def _write(name: str, result: CursorResult[Any], target: Path) -> int:
    names = list(result.keys())
    doubled = [column for column, times in Counter(names).items() if times > 1]
    if doubled:
        raise SourceError(f"[sql.{name}] query: two columns are called '{doubled[0]}'. Name one with AS.")
    schema = pa.schema([(column, pa.string()) for column in names])
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with pq.ParquetWriter(target, schema) as writer:
        for rows in result.partitions(_ROWS):
            columns = [pa.array([_as_text(cell) for cell in cells], pa.string()) for cells in zip(*rows, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(rows)
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
