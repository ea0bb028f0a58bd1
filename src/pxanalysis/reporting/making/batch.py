"""Many reports: one after another on every core, each failure its own, nothing made twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from queue import SimpleQueue
from typing import IO

from pxanalysis.errors import ReportError
from pxanalysis.reporting.making.render import ReportJob, render_report

__all__ = ["ReportOutcome", "render_reports"]


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """How one report went; ``reason`` is empty when it was made."""

    job: ReportJob
    reason: str = ""
    attempts: int = 1

    @property
    def made(self) -> bool:
        """Whether the page was written."""
        return not self.reason


_NO_THREADS = {"MPLBACKEND": "agg", "PYTHONHASHSEED": "0", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Environment of a process that must have one thread only; pyarrow's allocator would start one of its own."""


class _Zygote:
    """The other end of :mod:`pxanalysis.reporting.making.zygote`."""

    def __init__(self, preload: Sequence[str]) -> None:
        self._preload = preload
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pxanalysis.reporting.making.zygote", *self._preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **one_thread, **_NO_THREADS},
            encoding="utf-8",
        )
        hello = self._ask(None)
        if hello.get("threads") != 1:
            self.close()
            raise ReportError(f"the report process has {hello.get('threads')} threads; it cannot fork safely.")
        return self._process

    def _ask(self, request: dict[str, object] | None) -> dict[str, object]:
        stdin, stdout = self._pipes()
        try:
            if request is not None:
                stdin.write(json.dumps(request) + "\n")
                stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise ReportError(
                "the report process ended of itself. What it said stands above; if it says nothing, the computer may "
                "be short of memory: make fewer reports at a time (--workers 1)."
            )
        answer: dict[str, object] = json.loads(line)
        return answer

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise ReportError("the report process has no pipes.")
        return self._process.stdin, self._process.stdout

    def run(self, job: ReportJob, timeout: float) -> str:
        """Make one report; return the reason when it failed, else nothing.

        When the process itself ends, that is this report's failure; the next has a new process.
        """
        try:
            answer = self._ask({"job": asdict(job), "timeout": timeout})
        except ReportError as error:
            self.close()
            self._start()
            return str(error)
        return "" if answer["ok"] else str(answer["reason"])

    def close(self) -> None:
        """Let the process end."""
        stdin, stdout = self._pipes()
        with suppress(BrokenPipeError):
            stdin.close()
        self._process.wait()
        stdout.close()


@contextmanager
def _zygotes(count: int, preload: Sequence[str]) -> Iterator[SimpleQueue[_Zygote]]:
    with ThreadPoolExecutor(count) as pool:
        started = list(pool.map(lambda _: _Zygote(preload), range(count)))
    free: SimpleQueue[_Zygote] = SimpleQueue()
    for zygote in started:
        free.put(zygote)
    try:
        yield free
    finally:
        for zygote in started:
            zygote.close()


def _render_in_kernel(job: ReportJob) -> str:
    try:
        render_report(job)
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


def render_reports(
    jobs: Sequence[ReportJob],
    *,
    workers: int | None = None,
    timeout: float = 120.0,
    preload: Sequence[str] = (),
    on_done: Callable[[ReportOutcome], None] | None = None,
) -> list[ReportOutcome]:
    """Make reports side by side.

    Parameters
    ----------
    workers
        Processes at a time; the number of cores when not given.
    timeout
        Seconds one report may take.
    preload
        Modules the notebook imports; they are then imported once, not once per report.
    on_done
        Called after each report.

    Returns
    -------
    One outcome per job, in the order of the jobs. A report that fails is tried once more; the others go on.
    """
    count = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    if not jobs:
        return []
    if not hasattr(os, "fork"):
        return [_finish(ReportOutcome(job, *_twice(_render_in_kernel, job)), on_done) for job in jobs]
    with _zygotes(count, preload) as free, ThreadPoolExecutor(count) as pool:

        def run(job: ReportJob) -> tuple[str, int]:
            zygote = free.get()
            try:
                return _twice(lambda one: zygote.run(one, timeout), job)
            finally:
                free.put(zygote)

        futures = {pool.submit(run, job): i for i, job in enumerate(jobs)}
        try:
            done = {
                futures[f]: _finish(ReportOutcome(jobs[futures[f]], *f.result()), on_done)
                for f in as_completed(futures)
            }
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # those that wait are not made any more
            raise
    return [done[i] for i in range(len(jobs))]


def _twice(run: Callable[[ReportJob], str], job: ReportJob) -> tuple[str, int]:
    reason = run(job)
    return (run(job), 2) if reason else (reason, 1)


def _finish(outcome: ReportOutcome, on_done: Callable[[ReportOutcome], None] | None) -> ReportOutcome:
    if on_done is not None:
        on_done(outcome)
    return outcome
