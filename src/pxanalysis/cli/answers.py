"""Commands from answers to results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.errors import StudyError, SurveyError

if TYPE_CHECKING:
    from pxanalysis.study import Study
    from pxanalysis.survey.store import Batch

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["fit", "fit_study", "ingest", "ingest_files"]


def ingest(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files with answers; all of data/raw when left out.")
    ] = None,
    study: StudyOption = HERE,
) -> None:
    """Read and check answers; good rows are stored, rejected rows are kept with their reason."""
    if ingest_files(open_folder(study), files or []):
        raise typer.Exit(SurveyError.exit_code)


def ingest_files(study: Study, files: list[Path]) -> bool:
    """Ingest, and say what was accepted, refused, asked and why; none in the study is an error.

    Returns
    -------
    Whether anything was left: a file that could not be used, a column that is asked about, or more refused than
    the study accepts.
    """
    from pxanalysis.study.taking_in import IngestError

    errors = ""
    try:
        batches = study.ingest(files)
    except IngestError as error:
        batches, errors = error.batches, str(error)
    for batch in batches:
        _tell_batch(batch)
    for line in errors.splitlines():
        typer.echo(f"Error: {line}", err=True)
    if not study.store.batches:
        if errors:
            raise typer.Exit(SurveyError.exit_code)
        raise StudyError(f"there are no answers in {study.raw_folder}; put an export there, or run 'simulate'.")
    if not batches:
        typer.echo(f"Nothing new to ingest ({len(study.store.batches)} files known).")
    else:
        for note in study.describe_answers():
            typer.echo(f"Note: {note}", err=True)
    waiting = study.waiting
    for reason in waiting:
        typer.echo(f"Reports wait: {reason}", err=True)
    questions = study.questions
    for question in questions:
        typer.echo(f"Asked: {question}", err=True)
    return bool(errors or questions or waiting)


def _tell_batch(batch: Batch) -> None:
    typer.echo(
        f"{batch.file}: {batch.accepted} responses accepted, {batch.rejected_rows} rows rejected, "
        f"{batch.dropped_cells} cells dropped" + (f", {batch.superseded} superseded" if batch.superseded else "") + "."
    )
    if batch.rejected_rows or batch.dropped_cells:
        typer.echo(f"  Reasons, with file, row, column and value: data/processed/rejected/{batch.key}-*.csv", err=True)
    for note in batch.notes:
        typer.echo(f"  Note: {note}", err=True)


def fit(
    study: StudyOption = HERE,
    force: Annotated[bool, typer.Option("--force", help="Fit again although nothing changed.")] = False,
) -> None:
    """Fit everything once for the whole study."""
    fit_study(open_folder(study), force=force)


def fit_study(study: Study, *, force: bool) -> None:
    """Fit when anything changed, and say what was fitted."""
    if study.is_fitted and not force:
        typer.echo("Nothing changed since the last fit.")
        return
    with _status("Fitting") as tell:
        meta = study.fit(force=force, progress=tell).meta
    explained = meta.r2_drivers
    r2 = f"; together the contacts explain {explained:.0%} of {meta.outcome} (R²)" if explained is not None else ""
    typer.echo(f"Fitted {meta.n_responses} responses of {meta.n_practices} practices{r2}.")
    for note in meta.study_notes:
        typer.echo(f"Note: {note}", err=True)


@contextmanager
def _status(title: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")
