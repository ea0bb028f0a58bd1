"""The commands: a study from an empty folder to reports, each step on its own or all with ``run``.

Exit codes: 0 done · 1 unexpected error · 2 wrong use of the command · 3 the study or journey is not valid ·
4 answers cannot be used · 5 an analysis or privacy rule refused · 6 a report could not be made.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pxanalysis.cli_invite import register as register_invitations
from pxanalysis.cli_quest import AsOption, LabelsOption, register, write_simulation
from pxanalysis.errors import PxError, StudyError

if TYPE_CHECKING:
    from pxanalysis.reporting.batch import ReportOutcome
    from pxanalysis.study import Study
    from pxanalysis.survey.store import Batch

__all__ = ["app", "main"]

app = typer.Typer(
    help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False
)

StudyOption = Annotated[Path, typer.Option("--study", "-s", help="Folder with study.toml, or one below it.")]
HERE = Path()


def main() -> None:
    """Run the command line; an expected error becomes one message and its documented exit code."""
    try:
        app()
    except PxError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        typer.echo(
            f"Error: {place}{error.strerror or error}. Check that the place exists, has room and may be written to.",
            err=True,
        )
        sys.exit(1)


def _open(folder: Path) -> Study:
    from pxanalysis.study import open_study

    return open_study(folder)


def _print_version(value: bool) -> None:
    if value:
        from pxanalysis._version import __version__

        typer.echo(f"pxanalysis {__version__}")
        raise typer.Exit


@app.callback(help=__doc__)
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The new study's folder.")],
    journey: Annotated[
        str, typer.Option("--journey", "-j", help="Id from 'pxanalysis journeys', or the path of a .yaml file.")
    ] = "dental-treatment",
) -> None:
    """Make a study folder with its own copy of a journey and of the notebooks."""
    from pxanalysis.study import init_study

    study = init_study(folder, journey)
    typer.echo(f"Made the study {study.root}.")
    typer.echo(f"Next: put an export into {study.raw_folder} (or try 'pxanalysis simulate'), then 'pxanalysis run'.")


def _parse_range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    try:
        return int(low), int(high or low)
    except ValueError as error:
        raise typer.BadParameter(f"expected a number or a range such as 20-400, found '{text}'") from error


@app.command()
def simulate(
    study: StudyOption = HERE,
    journey: Annotated[
        str | None, typer.Option("--journey", "-j", help="Journey to simulate; the study's own when left out.")
    ] = None,
    practices: Annotated[int, typer.Option(min=1, help="Number of practices.")] = 25,
    responses: Annotated[str, typer.Option(help="Responses per practice: a number or a range.")] = "20-400",
    seed: Annotated[int, typer.Option(help="The same seed makes the same answers.")] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the files; the study's data/raw when left out.")
    ] = None,
    layout: AsOption = None,
    labels: LabelsOption = False,
) -> None:
    """Simulate answers with known drivers; the truth is written beside them."""
    from pxanalysis.journey.reading import read_journey
    from pxanalysis.survey.simulate import simulate_survey

    opened = None if output is not None and journey is not None else _open(study)
    model = opened.journey if opened is not None and journey is None else read_journey(journey or "")
    if opened is not None and model.id != opened.journey.id:
        raise StudyError(
            f"journey '{model.id}' is not the study's ('{opened.journey.id}'); leave --journey out, or give --output."
        )
    folder = output or (opened.raw_folder if opened is not None else HERE)
    _refuse_real_answers(folder)
    simulation = simulate_survey(model, practices=practices, responses=_parse_range(responses), seed=seed)
    for path in write_simulation(simulation, folder, layout, labels=labels):
        typer.echo(f"Wrote {path}")
    typer.echo(f"{simulation.answers.height} simulated responses of {practices} practices; every page will say so.")


def _refuse_real_answers(folder: Path) -> None:
    """Simulated answers do not belong among real ones, nor their practices' names in the place of real names."""
    from pxanalysis.survey.simulate import SIMULATED_FILES
    from pxanalysis.survey.sources import READERS

    ours = {*SIMULATED_FILES, "simulated.ndjson"} if (folder / SIMULATED_FILES[-1]).exists() else set()
    real = sorted(path.name for path in folder.glob("*") if path.suffix.lower() in READERS and path.name not in ours)
    if real:
        raise StudyError(
            f"{folder}: there is {real[0]} here; simulated answers would stand among real ones, and practices.csv be "
            "overwritten. Give another folder with --output, or simulate in a study of its own."
        )


@app.command()
def ingest(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files with answers; all of data/raw when left out.")
    ] = None,
    study: StudyOption = HERE,
) -> None:
    """Read and check answers; good rows are stored, rejected rows are kept with their reason."""
    _ingest(_open(study), files or [])


def _ingest(study: Study, files: list[Path]) -> list[Batch]:
    batches = study.ingest(files)
    for batch in batches:
        _tell_batch(batch)
    if not batches:
        held = len(study.store.batches)
        if held == 0:
            raise StudyError(f"there are no answers in {study.raw_folder}; put an export there, or run 'simulate'.")
        typer.echo(f"Nothing new to ingest ({held} files known).")
    return batches


def _tell_batch(batch: Batch) -> None:
    typer.echo(
        f"{batch.file}: {batch.accepted} responses accepted, {batch.rejected_rows} rows rejected, "
        f"{batch.dropped_cells} cells dropped" + (f", {batch.superseded} superseded" if batch.superseded else "") + "."
    )
    if batch.rejected_rows or batch.dropped_cells:
        typer.echo(f"  Reasons, with file, row, column and value: data/processed/rejected/{batch.key}-*.csv", err=True)
    for note in batch.notes:
        typer.echo(f"  Note: {note}", err=True)


@app.command()
def fit(
    study: StudyOption = HERE,
    force: Annotated[bool, typer.Option("--force", help="Fit again although nothing changed.")] = False,
) -> None:
    """Fit everything once for the whole study."""
    _fit(_open(study), force=force)


def _fit(study: Study, *, force: bool) -> None:
    if study.is_fitted and not force:
        typer.echo("Nothing changed since the last fit.")
        return
    with _status("Fitting") as tell:
        meta = study.fit(force=force, progress=tell).meta
    r2 = f", R² {meta['r2']:.2f}" if meta["r2"] is not None else ""
    typer.echo(f"Fitted {meta['n_responses']} responses of {meta['n_practices']} practices{r2}.")
    for note in meta["study_notes"]:
        typer.echo(f"Note: {note}", err=True)


@contextmanager
def _status(title: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")


PracticeOption = Annotated[list[str] | None, typer.Option("--practice", "-p", help="Only this practice; repeatable.")]
LanguageOption = Annotated[
    Literal["nl", "en"] | None, typer.Option("--language", "-l", help="The study's when left out.")
]
WorkersOption = Annotated[int | None, typer.Option("--workers", "-w", min=1, help="Reports made at the same time.")]
PdfOption = Annotated[bool, typer.Option("--pdf", help="Also print each report to PDF (needs Chromium).")]


@app.command()
def report(
    study: StudyOption = HERE,
    practice: PracticeOption = None,
    language: LanguageOption = None,
    force: Annotated[bool, typer.Option("--force", help="Make reports that are up to date as well.")] = False,
    workers: WorkersOption = None,
    pdf: PdfOption = False,
) -> None:
    """Make the reports that are missing or out of date."""
    _report(_open(study), practice or [], language, force=force, workers=workers, pdf=pdf)


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


@app.command()
def run(
    study: StudyOption = HERE,
    language: LanguageOption = None,
    workers: WorkersOption = None,
    pdf: PdfOption = False,
) -> None:
    """Ingest what is new, fit if anything changed, make the reports that are out of date. Safe to run every hour."""
    opened = _open(study)
    _ingest(opened, [])
    _fit(opened, force=False)
    _report(opened, [], language, force=False, workers=workers, pdf=pdf)


register(app)
register_invitations(app)


if __name__ == "__main__":
    main()
