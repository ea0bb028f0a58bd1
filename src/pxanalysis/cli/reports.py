"""The command that makes reports, and how making them is shown."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.telling import note_that, say, show_progress, tell, warn
from pxanalysis.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pxanalysis.reporting.making.batch import ReportOutcome
    from pxanalysis.reporting.making.cluster import Cluster
    from pxanalysis.study import Study
    from pxanalysis.study.reports import ReportSummary, Shard

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["DaskOption", "LanguageOption", "PdfOption", "WorkersOption", "choose_cluster", "make_reports", "report"]

PracticeOption = Annotated[list[str] | None, typer.Option("--practice", "-p", help="Only this practice; repeatable.")]
LanguageOption = Annotated[str | None, typer.Option("--language", "-l", help="nl, en ...; the study's when left out.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", "-w", min=1, help="Reports made at the same time.")]
DaskOption = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Make reports on a Dask cluster: tcp://host:8786, or local."),
]
PdfOption = Annotated[bool, typer.Option("--pdf", help="Also print two sheets of each report to PDF (needs Chromium).")]


def report(
    study: StudyOption = HERE,
    practice: PracticeOption = None,
    language: LanguageOption = None,
    force: Annotated[bool, typer.Option("--force", help="Make reports that are up to date as well.")] = False,
    workers: WorkersOption = None,
    dask: DaskOption = None,
    pdf: PdfOption = False,
    full: Annotated[
        bool, typer.Option("--full", help="Print all of each report (NAME.full.pdf), not two sheets.")
    ] = False,
) -> None:
    """Make the reports that are missing or out of date."""
    made = make_reports(
        open_folder(study),
        practice or [],
        language,
        force=force,
        workers=workers,
        cluster=choose_cluster(dask, workers),
        pdf=pdf,
        full=full,
    )
    if made.failed:
        raise typer.Exit(ReportError.exit_code)


def choose_cluster(address: str | None, workers: int | None) -> Cluster | None:
    """The cluster that was asked for, None when reports are made by this computer."""
    from pxanalysis.reporting.making.cluster import Cluster

    return None if address is None else Cluster(address, workers)


def make_reports(
    study: Study,
    practices: list[str],
    language: str | None,
    *,
    force: bool = False,
    workers: int | None = None,
    pdf: bool = False,
    full: bool = False,
    shard: Shard | None = None,
    cluster: Cluster | None = None,
    on_made: Callable[[ReportOutcome], None] | None = None,
) -> ReportSummary:
    """Make reports, show how far it is, and say how it went."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    from pxanalysis.study.reports import render_study

    if study.store.batches and not study.is_fitted:
        note_that("answers, journey or settings changed since the last fit; 'run' fits them too.")
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not show_progress()) as progress:
        task = progress.add_task("Reports", total=None)
        pace = Pace()

        def start(count: int) -> None:
            pace.start(count)
            progress.update(task, total=count)

        def advance(outcome: ReportOutcome) -> None:
            progress.advance(task)
            facts = {"practice": outcome.job.practice_id, "attempts": outcome.attempts, **pace.advance()}
            tell("report", made=outcome.made, **facts, **({} if outcome.made else {"reason": outcome.reason}))
            if on_made is not None and outcome.made:
                on_made(outcome)

        summary = render_study(
            study,
            practices,
            language=language,
            force=force,
            workers=workers,
            pdf=pdf,
            full=full,
            shard=shard,
            cluster=cluster,
            on_start=start,
            on_done=advance,
        )
    _say_how_it_went(summary)
    return summary


class Pace:
    """How many of how many are done, and how long the rest takes at this pace."""

    def __init__(self) -> None:
        self.start(0)

    def start(self, count: int) -> None:
        """Begin with so many."""
        self._count, self._done, self._began = count, 0, time.monotonic()

    def advance(self) -> dict[str, float]:
        """One more is done."""
        self._done += 1
        each = (time.monotonic() - self._began) / self._done
        return {"done": self._done, "of": self._count, "remaining_seconds": round(each * (self._count - self._done), 1)}


def _say_how_it_went(summary: ReportSummary) -> None:
    made = len(summary.outcomes) - len(summary.failed)
    facts = {"made": made, "unchanged": summary.unchanged, "failed": len(summary.failed)}
    if not summary.outcomes:
        say(f"All {summary.unchanged} reports are up to date.", event="reports", **facts)
    else:
        say(f"Made {made} reports; {summary.unchanged} were up to date.", event="reports", **facts)
    for outcome in summary.failed:
        practice_id = outcome.job.practice_id
        warn(f"Failed: {practice_id}: {outcome.reason}", event="report-failed", practice=practice_id)
    say(f"{summary.index}", event="index")
