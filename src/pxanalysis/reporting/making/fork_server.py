"""The process that reports are forked from: it has imported everything, and starts a child for each report."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any

from pxanalysis.errors import ReportError
from pxanalysis.processes import nobodys_main
from pxanalysis.reporting.making.child import Limits, make_page
from pxanalysis.reporting.making.render import ReportJob
from pxanalysis.reporting.making.warm import PRELOAD, STUDY

__all__ = ["ForkServer", "Running", "can_fork", "wait_for_done"]


def can_fork() -> bool:
    """Whether this system has a fork server; Windows has none."""
    return "forkserver" in multiprocessing.get_all_start_methods()


_ONE_THREAD = {
    "MPLBACKEND": "agg",
    "PYTHONHASHSEED": "0",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's allocator would start a thread of its own
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}
"""Environment of a process that must have one thread only, since it forks."""

_POLL, _STARTS = 0.2, 10


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass(slots=True)
class Running:
    """One report that is being made."""

    place: int
    attempt: int
    process: BaseProcess
    answers: connection.Connection
    deadline: float


class ForkServer:
    """Starts a process for each report from one that has imported everything."""

    def __init__(self, job: ReportJob, preload: Sequence[str], limits: Limits) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self.limits = limits
        warm = {PRELOAD: ",".join(preload), STUDY: "\n".join((job.study_dir, job.practice_id, job.language))}
        self._warm = warm
        with _environment(_ONE_THREAD | warm), nobodys_main():
            self._context.set_forkserver_preload(["pxanalysis.reporting.making.warm"])
            _forkserver().ensure_running()
            resource_tracker.ensure_running()

    def start(self, place: int, attempt: int, job: ReportJob) -> Running:
        """Start one report."""
        receives, sends = self._context.Pipe(duplex=False)
        process = self._context.Process(target=make_page, args=(job, sends, self.limits))
        with _environment(_ONE_THREAD | self._warm), nobodys_main():
            for left in reversed(range(_STARTS)):  # a notebook may have ended the server: there is a new one then
                try:
                    process.start()
                    break
                except OSError as error:
                    if not left:
                        raise ReportError(f"no process could be started for a report: {error}") from error
                    time.sleep(_POLL)
        sends.close()
        return Running(place, attempt, process, receives, time.monotonic() + self.limits.seconds)

    def finish(self, one: Running) -> tuple[str, str]:
        """The page that came and ""; or "" and the reason when none did."""
        late = time.monotonic() >= one.deadline
        try:
            answer = one.answers.recv() if one.answers.poll(0) else None
        except (EOFError, OSError):
            answer = None
        one.answers.close()
        if answer is None and one.process.is_alive() and late:
            one.process.kill()
        one.process.join(timeout=10)
        if answer is None:
            return "", self._explain(one.process.exitcode, late=late)
        return answer.get("page", ""), answer.get("reason", "")

    def _explain(self, code: int | None, *, late: bool) -> str:
        import signal

        limits = self.limits
        if code is not None and code == -signal.SIGXCPU:
            return f"it computed for longer than {limits.cpu_seconds} seconds and was stopped"
        if late:
            return f"it took longer than {limits.seconds:.0f} seconds and was stopped"
        signalled = code is not None and code < 0
        ended = f"signal {-code}" if code is not None and signalled else f"exit code {code}"
        return f"the process ended without an answer ({ended})"


def _forkserver() -> Any:
    """The fork server of this process."""
    from multiprocessing import forkserver

    return forkserver._forkserver


def wait_for_done(running: Sequence[Running]) -> list[Running]:
    """Reports that have an answer, have ended, or whose time is over; waits for the first."""
    while True:
        awaited = [part for one in running for part in (one.answers, one.process.sentinel)]
        ready = connection.wait(awaited, timeout=_POLL)
        now = time.monotonic()
        done = [one for one in running if one.answers in ready or one.process.sentinel in ready or now >= one.deadline]
        if done:
            return done
