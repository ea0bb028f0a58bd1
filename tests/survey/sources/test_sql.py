"""Answers from real databases: read-only, whole or not at all, and no password in any message."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.database_rules import check_query, check_url
from pxanalysis.survey.sources.high_water import HighWater
from pxanalysis.survey.sources.sql import fetch_query, fetch_since

PASSWORD = "s3cret/with:marks"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder with an SQLite database of three answers."""
    with closing(sqlite3.connect(tmp_path / "answers of 2026.db")) as database:
        database.execute("CREATE TABLE answers (id INTEGER, practice TEXT, day TEXT, score REAL)")
        rows = [(1, "01", "2026-01-02", 4.0), (2, "02", "2026-01-03", None), (3, "01", None, 2.5)]
        database.executemany("INSERT INTO answers VALUES (?, ?, ?, ?)", rows)
        database.commit()
    return tmp_path


URL = "sqlite:///answers of 2026.db"


def test_rows_are_kept_as_text(base: Path) -> None:
    assert fetch_query("a", URL, "SELECT * FROM answers ORDER BY id;", base / "out.parquet", base) == 3
    assert pl.read_parquet(base / "out.parquet").to_dict(as_series=False) == {
        "id": ["1", "2", "3"],
        "practice": ["01", "02", "01"],
        "day": ["2026-01-02", "2026-01-03", None],
        "score": ["4", None, "2.5"],
    }


@pytest.mark.parametrize(
    ("url", "query", "told"),
    [
        ("sqlite:///none.db", "SELECT 1", "there is no file"),
        (URL, "SELECT * FROM absent", "no such table"),
        (URL, "SELECT id, day AS id FROM answers", "two columns are called 'id'"),
        (URL, "DELETE FROM answers", "readonly database"),
        ("postgresql://a:${PX_ABSENT}@localhost/x", "SELECT 1", "no variable PX_ABSENT"),
        ("postgresql://a:b@127.0.0.1:1/x", "SELECT 1", "could not be read"),
    ],
)
def test_what_cannot_be_read_has_one_message_and_leaves_the_file(url: str, query: str, told: str, base: Path) -> None:
    (base / "out.parquet").write_bytes(b"as it was")
    with pytest.raises(SourceError, match=told) as caught:
        fetch_query("answers", url, query, base / "out.parquet", base)
    assert "[sql.answers]" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (base / "out.parquet").read_bytes() == b"as it was"
    assert [path.name for path in base.glob(".*")] == []


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM a",
        "SELECT 1; DROP TABLE a",
        "WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x",
        "SELECT 1 INTO b",
        "/* SELECT */ UPDATE a SET b = 1",
        "",
        "PRAGMA query_only = off",
        "EXPLAIN ANALYZE SELECT 1",
        "select\n1;;select 2",
    ],
)
def test_what_is_not_one_select_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match="expected one SELECT"):
        check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ';', \"update\" FROM a -- delete\n",
        "with a as (select 1) select * from a;",
        "SELECT updated_at, '--' FROM a",
    ],
)
def test_a_select_that_only_looks_dangerous_is_taken(query: str) -> None:
    check_query(query)


@pytest.mark.parametrize(
    "url", ["postgresql://a:secret@host/b", "postgresql+psycopg://a:${X}y@host/b", "mysql://a@host/b"]
)
def test_passwords_and_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of our own on loopback, by Debian's package; yields the address without a password."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    if initdb is None:
        pytest.skip("no PostgreSQL on this machine (Debian: apt install postgresql)")
    try:
        owner = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user 'postgres'")
    folder = tmp_path_factory.mktemp("postgres")
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    for path in (folder, secret):
        os.chown(path, owner.pw_uid, owner.pw_gid)
    for parent in folder.parents[:3]:
        if parent.owner() == pwd.getpwuid(os.getuid()).pw_name:
            parent.chmod(parent.stat().st_mode | 0o011)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    data, who = folder / "data", {"user": owner.pw_uid, "group": owner.pw_gid, "cwd": folder}
    setting_up = [initdb, "-D", data, "-A", "scram-sha-256", "-U", "owner", f"--pwfile={secret}", "-E", "UTF8"]
    done = subprocess.run(setting_up, capture_output=True, text=True, **who)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    serving = [Path(initdb).with_name("postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder]
    with (folder / "log").open("w") as log, subprocess.Popen(serving, stderr=log, **who) as server:  # type: ignore[call-overload]
        address = f"owner:${{PX_TEST_PASSWORD}}@127.0.0.1:{port}/postgres"
        try:
            wait_for(address, folder / "log")
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def wait_for(address: str, log: Path) -> None:
    """Until the server answers."""
    import psycopg

    for _ in range(100):
        try:
            connect(address).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


def connect(postgres: str):  # type: ignore[no-untyped-def]
    import psycopg

    host, _, rest = postgres.partition("@")[2].partition(":")
    return psycopg.connect(
        host=host, port=rest.partition("/")[0], user="owner", password=PASSWORD, dbname="postgres", autocommit=True
    )


@pytest.mark.slow
def test_a_real_postgresql_server(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PX_TEST_PASSWORD", PASSWORD)
    with connect(postgres) as server:
        server.execute(
            "CREATE TABLE answers (id int, day date, at timestamptz, score numeric, yes boolean, words text)"
        )
        server.execute("CREATE SEQUENCE counter")
        server.execute(
            "INSERT INTO answers SELECT i, date '2026-01-01' + i % 90, '2026-01-01 10:00+01', i % 5 + 1, i % 2 = 0, "
            "'é' || i FROM generate_series(1, 120000) i"
        )
    url, target = f"postgresql://{postgres}", tmp_path / "out.parquet"
    assert fetch_query("a", url, "SELECT * FROM answers ORDER BY id", target, tmp_path) == 120_000
    cells = pl.read_parquet(target)
    assert cells.row(0, named=True) | {"at": ""} == {
        "id": "1", "day": "2026-01-02", "at": "", "score": "2", "yes": "0", "words": "é1",
    }  # fmt: skip
    assert cells["id"].cast(pl.Int64).sum() == 120_000 * 120_001 // 2
    for query in ("SELECT nextval('counter')", "WITH x AS (DELETE FROM answers RETURNING id) SELECT * FROM x"):
        with pytest.raises(SourceError, match=r"read-only transaction|data-modifying"):
            fetch_query("a", url, query, target, tmp_path)
    monkeypatch.setenv("PX_TEST_PASSWORD", "wrong-one")
    with pytest.raises(SourceError, match="password authentication failed") as caught:
        fetch_query("a", url, "SELECT 1 AS one", target, tmp_path)
    assert "wrong-one" not in str(caught.value)


@pytest.mark.slow
def test_a_database_that_goes_away_in_the_middle(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PX_TEST_PASSWORD", PASSWORD)
    target = tmp_path / "out.parquet"
    fetch_query("a", f"postgresql://{postgres}", "SELECT 1 AS id", target, tmp_path)
    before = target.read_bytes()

    def end() -> None:
        with connect(postgres) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )

    timer = threading.Timer(1.5, end)
    timer.start()
    query = "SELECT i AS id, pg_sleep(0.0001)::text AS slept FROM generate_series(1, 300000) i"
    with pytest.raises(SourceError, match="could not be read"):
        fetch_query("a", f"postgresql://{postgres}", query, target, tmp_path)
    timer.join()
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".*")] == []


@pytest.mark.slow
@pytest.mark.parametrize("cast", ["timestamptz", "timestamp", "date", "int", "numeric"])
def test_rows_beyond_a_mark_of_each_type(
    cast: str, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a session of another time zone than the row was written in; five minutes are read again."""
    monkeypatch.setenv("PX_TEST_PASSWORD", PASSWORD)
    value = {"int": "{0}", "numeric": "{0} + 0.5"}.get(cast, "timestamptz '2026-03-29 00:00+01' + {0} * interval '1 h'")
    with connect(postgres) as server:
        server.execute("SET TimeZone = 'Europe/Amsterdam'")
        server.execute("DROP TABLE IF EXISTS marked")
        server.execute(f"CREATE TABLE marked (id int, at {cast})")
        server.execute(f"INSERT INTO marked SELECT i, ({value.format('i')})::{cast} FROM generate_series(1, 90) i")

    def fetch(since: HighWater | None) -> tuple[int, HighWater | None, list[str]]:
        target = tmp_path / "out.parquet"
        target.unlink(missing_ok=True)
        query = "SELECT id, at FROM marked -- all of them; there are 90"
        count, reached = fetch_since(
            "a", f"postgresql://{postgres}", query, target, tmp_path, mark="at", key="id", since=since
        )
        return count, reached, pl.read_parquet(target)["id"].to_list() if target.exists() else []

    count, first, _ = fetch(None)
    assert count == 90
    assert fetch(first)[:2] == (0, first)
    with connect(postgres) as server:
        server.execute("SET TimeZone = 'Europe/Amsterdam'")
        server.execute(f"INSERT INTO marked SELECT i, ({value.format('i')})::{cast} FROM generate_series(91, 92) i")
        server.execute("UPDATE marked SET at = (SELECT max(at) FROM marked) WHERE id = 7")
    count, second, ids = fetch(first)
    assert sorted(ids) == ["7", "91", "92"]
    assert fetch(second)[:2] == (0, second)


@pytest.mark.slow
def test_texts_are_no_marks_where_their_order_is_that_of_a_language(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PX_TEST_PASSWORD", PASSWORD)
    query = "SELECT 1 AS id, '2026-01-01'::text AS at"
    with pytest.raises(SourceError, match="Cast it in the query"):
        fetch_since("a", f"postgresql://{postgres}", query, tmp_path / "x", tmp_path, mark="at", key="id", since=None)
