"""Runs that are killed at random moments, again and again, until one comes to its end; and what is to be there then."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pxanalysis.study import Study
from pxanalysis.survey.files import write_atomically

__all__ = ["KillTest", "prepare"]

_OF_RUNS = {"history.html", "history.json", "schedule.json"}
"""Files in which moments stand, which differ from run to run."""


def prepare(folder: Path, practices: int, responses: tuple[int, int] | int = (15, 40)) -> Study:
    """A study with answers in data/raw, and nothing done yet."""
    from study_copies import init_quick

    from pxanalysis.simulation.study import simulate_survey

    study = init_quick(folder, "repeat-prescription")
    simulate_survey(study.journey, practices=practices, responses=responses, seed=7).write(study.raw_folder)
    # the key of a study's releases is random, and comments stand in an order by it: two studies with one key are alike
    write_atomically(study.released_file.with_suffix(".key"), bytes(range(32)), private=True)
    return study


@dataclass(slots=True)
class KillTest:
    """Cycles of kills over one study.

    Attributes
    ----------
    untouched
        The study before anything was done.
    work
        Folder to work in.
    kills
        Moments, in seconds after the start, at which a run was killed.
    cycles
        How often a study came from nothing to its end.
    problems
        What was not as it should be.
    """

    untouched: Path
    work: Path
    random: random.Random
    kills: list[float] = field(default_factory=list)
    cycles: int = 0
    problems: list[str] = field(default_factory=list)
    whole: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def measure(self) -> None:
        """Run without a kill: this is how it should be, and how long it takes."""
        began = time.monotonic()
        root = self._fresh("whole")
        code = self._run(root)
        self.seconds = time.monotonic() - began
        self.whole = digest_pages(root)
        if code or not self.whole:
            raise RuntimeError(f"the run that nobody killed ended with exit code {code}")

    def kill(self, times: int) -> None:
        """Kill so many runs; each study goes on until it is done, is compared, and starts anew."""
        while len(self.kills) < times:
            root = self._fresh("killed")
            while len(self.kills) < times:
                moment = self.random.uniform(0.05, self.seconds)
                if self._run(root, moment) is None:
                    self.kills.append(moment)
                else:
                    break
            code = self._run(root)
            self.cycles += 1
            self.problems += [f"cycle {self.cycles}: {what}" for what in self._compare(root, code)]

    def _fresh(self, name: str) -> Path:
        root = self.work / name
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.untouched, root)
        return root

    def _run(self, root: Path, seconds: float | None = None) -> int | None:
        """Run, and kill it after so many seconds; the exit code, None when it was killed."""
        command = [sys.executable, "-m", "pxanalysis", "run", "--quiet", "--study", str(root)]
        with subprocess.Popen(command, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}) as process:
            try:
                return process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                return None

    def _compare(self, root: Path, code: int | None) -> list[str]:
        found = digest_pages(root)
        problems = [] if code == 0 else [f"exit code {code}"]
        problems += [f"{name}: not there" for name in self.whole.keys() - found.keys()]
        problems += [f"{name}: nobody asked for it" for name in found.keys() - self.whole.keys()]
        problems += [
            f"{name}: other bytes" for name in found.keys() & self.whole.keys() if found[name] != self.whole[name]
        ]
        left = [
            path
            for path in root.rglob("*")
            if path.name.startswith((".writing-", ".made-", ".meta")) or path.match("results/.*.parquet")
        ]
        problems += [f"{path.relative_to(root)}: left behind" for path in left]
        return problems + find_twice(Study(root))


def digest_pages(root: Path) -> dict[str, str]:
    """All that a run makes for a reader, and the list of it."""
    files = [path for path in (root / "reports").iterdir() if path.is_file() and path.name not in _OF_RUNS]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def find_twice(study: Study) -> list[str]:
    """Answers that were taken in twice."""
    rows = sum(pl.read_csv(path, infer_schema=False).height for path in study.raw_files())
    found = study.responses.table.height
    problems = [] if found == rows else [f"{found} responses of {rows} rows"]
    batches = len(study.store.batches)
    return problems if batches == 1 else [*problems, f"{batches} batches of one file"]
