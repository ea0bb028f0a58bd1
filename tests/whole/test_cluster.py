"""Reports on a Dask cluster: the pages of a run without one, also when a worker is killed or a notebook crashes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil
import pytest
from killing import digest_pages
from spoiled_studies import pxa, remove_pages, spoil
from typer.testing import CliRunner

from pxanalysis import processes
from pxanalysis.analysis.whole_study.fit import _ratings
from pxanalysis.cli import app
from pxanalysis.errors import ReportError
from pxanalysis.processes import lend_second, second_process, start_beside
from pxanalysis.reporting.making import cluster as making
from pxanalysis.reporting.making.cluster import Cluster
from pxanalysis.study import Study
from pxanalysis.study.reports import render_study

SLOW = pytest.mark.slow


@pytest.fixture
def copy(made: Study, tmp_path: Path) -> Study:
    shutil.copytree(made.root, tmp_path / "copy")
    return Study(tmp_path / "copy")


@contextmanager
def started(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A ``dask`` command that runs beside the test, in a folder of its own; with all it started it ends with that."""
    command = [sys.executable, "-m", "dask", *words]
    folder.mkdir()
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def cluster_of_commands(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """``dask scheduler`` and ``dask worker`` on loopback: the address, and what started two workers."""
    at = folder / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(at)]
    worker = ["worker", "--scheduler-file", str(at), "--host", "127.0.0.1", "--nworkers", "2", "--nthreads", "1"]
    with started(*scheduler, folder=folder / "scheduler"):
        wait_until(at.exists)
        with started(*worker, "--no-dashboard", folder=folder / "workers") as workers:
            yield json.loads(at.read_text())["address"], workers


def wait_until(is_so: object, seconds: float = 60.0) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def makers(nanny: int) -> list[psutil.Process]:
    """Workers that are making a report: those with a child."""
    found = psutil.Process(nanny).children()
    return [one for one in found if len(one.children(recursive=True)) > 1 and "spawn_main" in " ".join(one.cmdline())]


@SLOW
def test_commands_make_the_same_pages_though_one_worker_is_killed_and_one_notebook_crashes(
    copy: Study, tmp_path: Path
) -> None:
    ids = sorted(copy.results["practices"]["practice_id"])
    spoil(copy, f"if practice_id == {ids[-1]!r}:\n    import os\n    os._exit(3)")
    remove_pages(copy)
    plain = pxa("run", "--study", copy.root)
    assert plain.returncode == 6
    whole = digest_pages(copy.root)
    remove_pages(copy)
    with cluster_of_commands(tmp_path) as (address, workers):
        command = [sys.executable, "-m", "pxanalysis", "run", "--study", str(copy.root), "--dask", address]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            wait_until(lambda: any(copy.reports_folder.glob("*.html")) and makers(workers.pid))
            os.kill(makers(workers.pid)[0].pid, signal.SIGKILL)
            _, errors = run.communicate(timeout=200)
        left = list((tmp_path / "workers").rglob("study.toml"))
    assert run.returncode == 6, errors
    assert f"Failed: {ids[-1]}: the process ended without an answer (exit code 3)" in errors
    assert errors.count("Failed: ") == 1
    assert digest_pages(copy.root) == whole
    assert left == [], "workers keep nothing of the study but what the killed one could not remove"


@SLOW
def test_without_workers_the_rest_is_given_up(copy: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_pages(copy)

    def lose(worker: subprocess.Popen[bytes]) -> None:
        worker.kill()
        monkeypatch.setattr(making, "_PATIENCE", 6.0)

    at = tmp_path / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(at)]
    with started(*scheduler, folder=tmp_path / "scheduler"):
        wait_until(at.exists)
        address = json.loads(at.read_text())["address"]
        with monkeypatch.context() as impatient:
            impatient.setattr(making, "_PATIENCE", 1.0)
            with pytest.raises(ReportError, match="no scheduler with a worker there"):
                render_study(copy, cluster=Cluster(address))
        worker = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        with started(*worker, folder=tmp_path / "worker") as only:
            summary = render_study(copy, cluster=Cluster(address), on_done=lambda outcome: lose(only))
    assert sum(outcome.made for outcome in summary.outcomes) >= 1
    assert {outcome.reason for outcome in summary.failed} == {"the cluster was lost before it was made"}


@SLOW
def test_workers_of_this_computer_get_what_reports_read_and_no_more(copy: Study) -> None:
    whole = digest_pages(copy.root)
    remove_pages(copy)
    found = pxa("run", "--study", copy.root, "--dask", "local", "--workers", "2")
    assert found.returncode == 0, found.stderr
    assert digest_pages(copy.root) == whole
    spoil(copy, "import os\nraise ValueError(sorted(next(os.walk(os.path.join(study_dir, 'data', 'processed')))[1]))")
    one = copy.results["practices"]["practice_id"].iloc[-1]
    (failed,) = render_study(copy, [one], cluster=Cluster("local", workers=1)).failed
    assert failed.reason.endswith("ValueError: ['results']"), "no answers"
    assert failed.attempts == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dask", "somewhere"], "--dask: expected local or the address of a scheduler such as tcp://host:8786"),
        (["--dask", "tcp://127.0.0.1:1", "--workers", "2"], "with --dask the cluster has its workers"),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(made: Study, words: list[str], message: str) -> None:
    found = CliRunner().invoke(app, ["run", "--study", str(made.root), *words])
    assert message in str(found.exception)
    assert getattr(found.exception, "exit_code", None) == 6


@SLOW
def test_a_worker_estimates_the_drivers_of_a_large_study(
    copy: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given ratings only, and finds the same."""
    monkeypatch.setattr(processes, "MANY_ROWS", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    alone, told = copy.fit(force=True), list[str]()
    with cluster_of_commands(tmp_path) as (address, _), lend_second(lambda: Cluster(address).lend(told.append)):
        with second_process(10):
            assert start_beside(os.getpid)() != os.getpid()
        beside = copy.fit(force=True)
    assert told == []
    for name, frame in alone.frames.items():
        pd.testing.assert_frame_equal(frame, beside.frames[name])
    given = _ratings(copy.responses)
    assert {"response_id", "comment"} & set(copy.responses.table.columns)
    assert not {"response_id", "comment"} & set(given.table.columns)
    assert (given.rejected.height, given.practice_list) == (0, {})


@SLOW
def test_what_a_cluster_loses_is_done_here_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_PATIENCE", 4.0)
    told, at = list[str](), tmp_path / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(at)]
    with started(*scheduler, folder=tmp_path / "scheduler"):
        wait_until(at.exists)
        address = json.loads(at.read_text())["address"]
        worker = ["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        with started(*worker, folder=tmp_path / "worker") as only, Cluster(address).lend(told.append) as start:
            assert start(os.getpid, [])() == only.pid
            with pytest.raises(ValueError, match="'ten'"):
                start(int, ["ten"])()
            ask = start(time.sleep, [3])
            only.kill()
            assert ask() is None
    assert told == [
        "The cluster lost its part of the work; this computer does it. See whether its workers have enough memory."
    ]
