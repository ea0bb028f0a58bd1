"""Many reports: one after another on every core, each failure its own, nothing made twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pxanalysis.reporting.making.child import Limits
from pxanalysis.reporting.making.fork_server import ForkServer, Running, can_fork, wait_for_done
from pxanalysis.reporting.making.render import ReportJob, make_report_page

__all__ = ["Limits", "ReportOutcome", "make_by_itself", "render_reports", "write_page"]


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


def write_page(path: Path, page: str) -> str:
    """Write a page; the reason when it could not be."""
    from pxanalysis.survey.files import write_atomically

    try:
        write_atomically(path, page)
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


def make_by_itself(job: ReportJob, preload: Sequence[str], limits: Limits) -> tuple[str, str, int]:
    """Make one report, again when it fails.

    Returns
    -------
    The page, "" when none could be made; the reason of that; and how often it was tried.
    """
    server = ForkServer(job, preload, limits) if can_fork() else None
    attempts, page, reason = 0, "", "it was not tried"
    while reason and attempts <= limits.retries:
        page, reason = _make_in_kernel(job) if server is None else _make_in_child(server, job)
        attempts += 1
    return page, reason, attempts


def _make_in_child(server: ForkServer, job: ReportJob) -> tuple[str, str]:
    running = server.start(0, 1, job)
    wait_for_done([running])
    return server.finish(running)


def _make_in_kernel(job: ReportJob) -> tuple[str, str]:
    try:
        return make_report_page(job), ""
    except Exception as error:
        return "", str(error) or type(error).__name__


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
    if not can_fork():
        return [_told(_render_alone(job, limits or Limits()), tell) for job in jobs]
    count = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    return _render_side_by_side(jobs, count, ForkServer(jobs[0], preload, limits or Limits()), tell)


def _render_side_by_side(
    jobs: Sequence[ReportJob], count: int, server: ForkServer, tell: Callable[[ReportOutcome], None]
) -> list[ReportOutcome]:
    waiting = [(place, 1) for place in reversed(range(len(jobs)))]
    running: list[Running] = []
    outcomes: dict[int, ReportOutcome] = {}
    try:
        while waiting or running:
            while waiting and len(running) < count:
                place, attempt = waiting.pop()
                running.append(server.start(place, attempt, jobs[place]))
            for one in wait_for_done(running):
                running.remove(one)
                page, reason = server.finish(one)
                reason = reason or write_page(Path(jobs[one.place].output), page)
                if reason and one.attempt <= server.limits.retries:
                    waiting.append((one.place, one.attempt + 1))
                else:
                    outcomes[one.place] = _told(ReportOutcome(jobs[one.place], reason, one.attempt), tell)
    finally:  # Ctrl-C: what is being made is not waited for
        for one in running:
            one.process.kill()
    return [outcomes[place] for place in range(len(jobs))]


def _render_alone(job: ReportJob, limits: Limits) -> ReportOutcome:
    """Where there is no fork server: one report after another, each in a kernel of its own."""
    page, reason, attempts = make_by_itself(job, (), limits)
    return ReportOutcome(job, reason or write_page(Path(job.output), page), attempts)


def _told(outcome: ReportOutcome, tell: Callable[[ReportOutcome], None]) -> ReportOutcome:
    tell(outcome)
    return outcome
