"""Many reports: one after another on every core, each failure its own, nothing made twice."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

from pxanalysis.errors import ReportError
from pxanalysis.reporting.making.child import Limits, make_page
from pxanalysis.reporting.making.render import ReportJob, render_report
from pxanalysis.reporting.making.warm import PRELOAD, STUDY

__all__ = ["Limits", "ReportOutcome", "render_reports"]


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


@contextmanager
def _nobodys_main() -> Iterator[None]:
    """Let children not run the caller's script again: a script without a guard may make reports as well."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@dataclass(slots=True)
class _Running:
    """One report that is being made."""

    place: int
    attempt: int
    process: BaseProcess
    answers: connection.Connection
    deadline: float


class _Server:
    """Starts a process for each report from one that has imported everything."""

    def __init__(self, job: ReportJob, preload: Sequence[str], limits: Limits) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self.limits = limits
        warm = {PRELOAD: ",".join(preload), STUDY: "\n".join((job.study_dir, job.practice_id, job.language))}
        self._warm = warm
        with _environment(_ONE_THREAD | warm), _nobodys_main():
            self._context.set_forkserver_preload(["pxanalysis.reporting.making.warm"])
            _forkserver().ensure_running()
            resource_tracker.ensure_running()

    def start(self, place: int, attempt: int, job: ReportJob) -> _Running:
        """Start one report."""
        receives, sends = self._context.Pipe(duplex=False)
        process = self._context.Process(target=make_page, args=(job, sends, self.limits))
        with _environment(_ONE_THREAD | self._warm), _nobodys_main():
            for left in reversed(range(_STARTS)):  # a notebook may have ended the server: there is a new one then
                try:
                    process.start()
                    break
                except OSError as error:
                    if not left:
                        raise ReportError(f"no process could be started for a report: {error}") from error
                    time.sleep(_POLL)
        sends.close()
        return _Running(place, attempt, process, receives, time.monotonic() + self.limits.seconds)

    def finish(self, one: _Running, job: ReportJob) -> str:
        """Write the page that came; return the reason when none did."""
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
            return self._explain(one.process.exitcode, late=late)
        if "page" not in answer:
            return str(answer["reason"])
        return _write(Path(job.output), answer["page"])

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


def _write(path: Path, page: str) -> str:
    from pxanalysis.survey.files import write_atomically

    try:
        write_atomically(path, page)
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


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
    limits: Limits | None = None,
    preload: Sequence[str] = (),
    on_done: Callable[[ReportOutcome], None] | None = None,
) -> list[ReportOutcome]:
    """Make reports side by side.

    Parameters
    ----------
    workers
        Processes at a time; the number of cores when not given.
    limits
        What one report may take.
    preload
        Modules the notebook imports; they are then imported once, not once per report.
    on_done
        Called after each report.

    Returns
    -------
    One outcome per job, in the order of the jobs. A report that fails is tried again ``limits.retries`` times; the
    others go on.
    """
    tell = on_done or (lambda outcome: None)
    if not jobs:
        return []
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return [_told(_render_alone(job, (limits or Limits()).retries), tell) for job in jobs]
    count = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    return _render_side_by_side(jobs, count, _Server(jobs[0], preload, limits or Limits()), tell)


def _render_side_by_side(
    jobs: Sequence[ReportJob], count: int, server: _Server, tell: Callable[[ReportOutcome], None]
) -> list[ReportOutcome]:
    waiting = [(place, 1) for place in reversed(range(len(jobs)))]
    running: list[_Running] = []
    outcomes: dict[int, ReportOutcome] = {}
    try:
        while waiting or running:
            while waiting and len(running) < count:
                place, attempt = waiting.pop()
                running.append(server.start(place, attempt, jobs[place]))
            for one in _those_done(running):
                running.remove(one)
                reason = server.finish(one, jobs[one.place])
                if reason and one.attempt <= server.limits.retries:
                    waiting.append((one.place, one.attempt + 1))
                else:
                    outcomes[one.place] = _told(ReportOutcome(jobs[one.place], reason, one.attempt), tell)
    finally:  # Ctrl-C: what is being made is not waited for
        for one in running:
            one.process.kill()
    return [outcomes[place] for place in range(len(jobs))]


def _those_done(running: Sequence[_Running]) -> list[_Running]:
    """Reports that have an answer, have ended, or whose time is over; waits for the first."""
    while True:
        awaited = [part for one in running for part in (one.answers, one.process.sentinel)]
        ready = connection.wait(awaited, timeout=_POLL)
        now = time.monotonic()
        done = [one for one in running if one.answers in ready or one.process.sentinel in ready or now >= one.deadline]
        if done:
            return done


def _render_alone(job: ReportJob, retries: int) -> ReportOutcome:
    """Where there is no fork server: one report after another, each in a kernel of its own."""
    reason, attempts = _render_in_kernel(job), 1
    while reason and attempts <= retries:
        reason, attempts = _render_in_kernel(job), attempts + 1
    return ReportOutcome(job, reason, attempts)


def _told(outcome: ReportOutcome, tell: Callable[[ReportOutcome], None]) -> ReportOutcome:
    tell(outcome)
    return outcome
