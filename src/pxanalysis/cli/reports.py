"""Commands that make reports, alone or after all that comes before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.actions import take_over
from pxanalysis.cli.answers import fit_study, ingest_files
from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.errors import NotEstimableError, SurveyError

if TYPE_CHECKING:
    from pxanalysis.reporting.making.batch import ReportOutcome
    from pxanalysis.study import Study

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["report", "run"]

PracticeOption = Annotated[list[str] | None, typer.Option("--practice", "-p", help="Only this practice; repeatable.")]
LanguageOption = Annotated[str | None, typer.Option("--language", "-l", help="nl, en ...; the study's when left out.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", "-w", min=1, help="Reports made at the same time.")]
PdfOption = Annotated[bool, typer.Option("--pdf", help="Also print each report to PDF (needs Chromium).")]


def report(
    study: StudyOption = HERE,
    practice: PracticeOption = None,
    language: LanguageOption = None,
    force: Annotated[bool, typer.Option("--force", help="Make reports that are up to date as well.")] = False,
    workers: WorkersOption = None,
    pdf: PdfOption = False,
) -> None:
    """Make the reports that are missing or out of date."""
    _report(open_folder(study), practice or [], language, force=force, workers=workers, pdf=pdf)


def _report(
    study: Study, practices: list[str], language: str | None, *, force: bool, workers: int | None, pdf: bool
) -> None:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    from pxanalysis.study.reports import render_study

    if study.store.batches and not study.is_fitted:
        typer.echo("Note: answers, journey or settings changed since the last fit; 'run' fits them too.", err=True)
    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Reports", total=None)

        def advance(outcome: ReportOutcome) -> None:
            progress.advance(task)

        summary = render_study(
            study,
            practices,
            language=language,
            force=force,
            workers=workers,
            pdf=pdf,
            on_start=lambda count: progress.update(task, total=count),
            on_done=advance,
        )
    if not summary.outcomes:
        typer.echo(f"All {summary.unchanged} reports are up to date.")
    else:
        made = len(summary.outcomes) - len(summary.failed)
        typer.echo(f"Made {made} reports; {summary.unchanged} were up to date.")
    for outcome in summary.failed:
        typer.echo(f"Failed: {outcome.job.practice_id}: {outcome.reason}", err=True)
    typer.echo(f"{summary.index}")
    if summary.failed:
        raise typer.Exit(6)


def run(
    study: StudyOption = HERE,
    language: LanguageOption = None,
    workers: WorkersOption = None,
    pdf: PdfOption = False,
) -> None:
    """Ingest what is new, fit if anything changed, make the reports that are out of date. Safe to run every hour."""
    from pxanalysis.study.programme import renew_shown_actions, write_programme

    opened = open_folder(study)
    left = ingest_files(opened, [])
    fit_study(opened, force=False)
    take_over(opened)
    shown = None
    try:
        shown = renew_shown_actions(opened)
    except NotEstimableError as error:
        typer.echo(f"Note: nothing is said of actions: {error}", err=True)
    _report(opened, [], language, force=False, workers=workers, pdf=pdf)
    if shown is not None:
        typer.echo(f"{write_programme(opened, shown, language)}")
    if left:
        typer.echo("Something was left out (see above); reports rest on the rest.", err=True)
        raise typer.Exit(SurveyError.exit_code)
