"""Responses of 37 columns read, judged, checked and stored, beside pandas with pandera and DuckDB; memory included.

Each runs in a process of its own, which is told by the system how long it worked and how much memory it took at most.
``--rows 10000000`` for ten million. DuckDB is left out where it is not installed (``uv pip install duckdb``).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from measuring import prepare

prepare()

COLUMNS = 37
AT_ONCE = 1_000_000
NOT_APPLICABLE = 9
LONGER = {"nps": 10, "ktv": 10, "ces": 7}
"""Highest answer of what is not rated from 1 to 5."""


def allowed(name: str) -> list[int]:
    """Answers to a question."""
    return [*range(LONGER.get(name, 5) + 1), NOT_APPLICABLE]


def make(path: Path, rows: int) -> None:
    """Simulated answers of 300 practices; of more than a million the same with other ids.

    In a process of its own: a child is counted the memory that its parent has when it is started.
    """
    import polars as pl

    from pxanalysis.journey import read_journey
    from pxanalysis.simulation.study import SimulationDesign, simulate_survey

    design = SimulationDesign(comment_share=0.05)
    table = simulate_survey(read_journey("dental-treatment"), practices=300, responses=3400, design=design).answers
    table = table.head(AT_ONCE)
    more = [(pl.int_range(pl.len()) % 5).alias(f"other_{position}") for position in range(COLUMNS - table.width)]
    table = table.with_columns(more)
    with path.open("wb") as stream:
        for start in range(0, rows, AT_ONCE):
            part = table.head(rows - start).with_columns(pl.col("response_id").str.replace("^S", f"S{start}-"))
            part.write_csv(stream, include_header=start == 0)


def ours(path: Path, folder: Path) -> None:
    """Every column judged by all of its rows, every cell and row checked, refused ones kept with their reason."""
    from pxanalysis.journey import read_journey
    from pxanalysis.survey.ahead import work_ahead
    from pxanalysis.survey.long_files import judge_long_file
    from pxanalysis.survey.spool import Spool
    from pxanalysis.survey.store import ResponseStore

    long = judge_long_file(path, read_journey("dental-treatment"), scratch=folder)
    if long is None:
        raise SystemExit("the benchmark's own file was not read part by part")
    spool = Spool(folder, long.rows)
    for table in work_ahead(long.check()):
        spool.add(table)
    store = ResponseStore(folder / "responses", folder / "rejected")
    store.add(spool, file=path.name, digest=long.head.digest, settings="")


def pandas(path: Path, folder: Path) -> None:
    """The same ranges, types and unique ids checked by pandera; no column judged, nothing refused kept."""
    import pandas as pd
    import pandera.pandas as pa

    table = pd.read_csv(path, dtype={"practice_id": str}, parse_dates=["completed_on"])
    schema = pa.DataFrameSchema(
        {
            "response_id": pa.Column(str, unique=True),
            "practice_id": pa.Column(str, pa.Check.str_length(max_value=64)),
            "completed_on": pa.Column(nullable=True),
            **{name: pa.Column(None, pa.Check.isin(allowed(name)), nullable=True) for name in table.columns[6:30]},
        }
    )
    schema.validate(table, lazy=True).to_parquet(folder / "pandas", partition_cols=["practice_id"])


def duckdb(path: Path, folder: Path) -> None:
    """The same by SQL: rows in which a check fails are left out; no column judged, nothing refused kept."""
    import duckdb as db

    names = db.sql(f"SELECT * FROM read_csv('{path}', all_varchar = true) LIMIT 0").columns
    checks = " AND ".join(
        f"({name} IS NULL OR TRY_CAST({name} AS INT) IN {tuple(allowed(name))})" for name in names[6:30]
    )
    types = ", ".join(f"TRY_CAST({name} AS TINYINT) AS {name}" for name in names[6:30])
    db.sql(
        f"COPY (SELECT * REPLACE ({types}) FROM read_csv('{path}', all_varchar = true) WHERE {checks} "
        "QUALIFY row_number() OVER (PARTITION BY response_id) = 1) "
        f"TO '{folder}/duckdb' (FORMAT parquet, PARTITION_BY (practice_id))"
    )


CONTENDERS: dict[str, Callable[[Path, Path], None]] = {"ours": ours, "pandas": pandas, "duckdb": duckdb}


def measure(name: str, path: Path) -> tuple[float, float, float]:
    """Wall seconds, seconds of CPU, and peak memory in GB, of a process of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, __file__, "--run", name, str(path), folder])
        _, status, used = os.wait4(child.pid, 0)
        taken = time.perf_counter() - start
    if status:
        raise SystemExit(f"{name} failed ({os.waitstatus_to_exitcode(status)})")
    return taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=AT_ONCE)
    parser.add_argument("--only", choices=sorted(CONTENDERS), action="append")
    parser.add_argument("--run", nargs=3, metavar=("NAME", "FILE", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run and given.run[0] == "make":
        make(Path(given.run[1]), int(given.run[2]))
        return
    if given.run:
        CONTENDERS[given.run[0]](Path(given.run[1]), Path(given.run[2]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "answers.csv"
        subprocess.run([sys.executable, __file__, "--run", "make", str(path), str(given.rows)], check=True)
        for name in given.only or CONTENDERS:
            if name == "duckdb" and find_spec("duckdb") is None:
                print("duckdb: not installed")
                continue
            wall, cpu, memory = measure(name, path)
            print(f"{name}: {given.rows:,} x {COLUMNS} | {wall:.1f} s | CPU {cpu:.1f} s | {memory:.2f} GB", flush=True)


if __name__ == "__main__":
    main()
