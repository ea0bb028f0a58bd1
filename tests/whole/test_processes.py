"""A second process does half of a large fit: the same results, and nothing is left of it however the work ends."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pxanalysis import processes
from pxanalysis.errors import NotEstimableError
from pxanalysis.processes import has_second, second_process, start_beside
from pxanalysis.study import Study


@pytest.fixture
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MANY_ROWS", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def children() -> list[multiprocessing.process.BaseProcess]:
    return multiprocessing.active_children()


@pytest.mark.usefixtures("_few_are_many")
def test_work_is_done_beside_and_its_error_comes_back_as_it_is() -> None:
    with second_process(10):
        assert has_second()
        assert start_beside(os.getpid)() != os.getpid()
        ask = start_beside(int, "ten")
        with pytest.raises(ValueError, match="'ten'"):
            ask()
    error = pickle.loads(pickle.dumps(NotEstimableError("too few", "too_few")))
    assert (str(error), error.code) == ("too few", "too_few")
    assert not has_second()
    assert children() == []


@pytest.mark.usefixtures("_few_are_many")
def test_what_is_to_be_ready_is_imported_there_while_nobody_asks() -> None:
    with second_process(10, "wave"):
        assert start_beside(is_loaded, "wave")()
    with second_process(10):
        assert not start_beside(is_loaded, "wave")()


def is_loaded(name: str) -> bool:
    return name in sys.modules


def test_with_few_answers_one_process_does_all() -> None:
    with second_process(processes.MANY_ROWS - 1):
        assert start_beside(os.getpid)() == os.getpid()


def stop_at_work() -> None:
    with second_process(10):
        start_beside(os.getpid)()
        start_beside(time.sleep, 60)
        raise KeyboardInterrupt


@pytest.mark.usefixtures("_few_are_many")
def test_who_stops_waits_for_nothing() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        stop_at_work()
    assert time.monotonic() - began < 20
    assert children() == []


KILLED = """
import os
import time
from pxanalysis import processes
processes.MANY_ROWS = 1
with processes.second_process(1):
    print(processes.start_beside(os.getpid)(), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt" or (os.cpu_count() or 1) < 2, reason="needs SIGKILL and two cores")
def test_it_goes_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    child.wait(timeout=20)


@pytest.mark.slow
@pytest.mark.usefixtures("_few_are_many")
def test_two_processes_find_what_one_finds(made: Study, tmp_path: Path) -> None:
    shutil.copytree(made.root, tmp_path / "copy")
    study = Study(tmp_path / "copy")
    for path in (study.released_file, *study.results_folder.iterdir()):
        path.unlink()
    study.fit(force=True)
    assert study.released_file.read_bytes() == made.released_file.read_bytes()
    for path in made.results_folder.glob("*.parquet"):
        assert (study.results_folder / path.name).read_bytes() == path.read_bytes(), path.name
