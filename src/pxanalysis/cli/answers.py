"""Commands from answers to results."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.telling import note_that, say, show_progress, warn
from pxanalysis.errors import PxError, StudyError, SurveyError

if TYPE_CHECKING:
    from pxanalysis.study import Study
    from pxanalysis.survey.ledger import Batch

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["fit", "fit_study", "ingest", "ingest_files"]


def ingest(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files with answers; all of data/raw when left out.")
    ] = None,
    study: StudyOption = HERE,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and take in data/raw, databases and servers as they change.")
    ] = False,
    every: Annotated[float, typer.Option("--every", min=0.1, help="With --watch: seconds between two looks.")] = 10.0,
) -> None:
    """Read and check answers; good rows are stored, rejected rows are kept with their reason."""
    if watch:
        if files:
            raise typer.BadParameter("--watch looks at all of data/raw; leave the files out")
        _watch(study, every)
    if ingest_files(open_folder(study), files or []):
        raise typer.Exit(SurveyError.exit_code)


def _watch(folder: Path, every: float) -> NoReturn:
    """Take in what arrives until somebody stops it; what is wrong with one file or one look stops nothing."""
    from pxanalysis.study.watching import Watch

    watching, told = Watch(), ""
    say(f"Watching {open_folder(folder).raw_folder} every {every:g} seconds; Ctrl-C stops.")
    while True:
        said = ""
        try:
            study = open_folder(folder)  # study.toml may have changed as well
            ready, errors = watching.look(study)
            said = "\n".join(errors)
            if ready:
                with suppress(typer.Exit):  # it was said what is wrong; the next file may be right
                    ingest_files(study, ready)
                watching.mark_done(ready)
        except PxError as error:  # another process is at work, or study.toml is being edited: the next look may do
            said = str(error)
        if said and said != told:
            warn(f"Error: {said}")
        told = said
        time.sleep(every)


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
    if not files:
        for note in study.describe_other_files():
            warn(note)
    for line in errors.splitlines():
        warn(f"Error: {line}")
    if not study.store.batches:
        if errors:
            raise typer.Exit(SurveyError.exit_code)
        raise StudyError(f"there are no answers in {study.raw_folder}; put an export there, or run 'simulate'.")
    if not batches:
        count = len(study.store.batches)
        say(f"Nothing new to ingest ({count} {'file' if count == 1 else 'files'} known).")
        questions = study.questions
    else:
        notes, questions = study.review_answers()
        for note in notes:
            note_that(note)
    waiting = study.waiting
    for reason in waiting:
        warn(f"Reports wait: {reason}")
    for question in questions:
        warn(f"Asked: {question}")
    return bool(errors or questions or waiting)


def _tell_batch(batch: Batch) -> None:
    say(
        f"{batch.file}: {batch.accepted} responses accepted, {batch.rejected_rows} rows rejected, "
        f"{batch.dropped_cells} cells dropped" + (f", {batch.superseded} superseded" if batch.superseded else "") + ".",
        event="ingested",
        file=batch.file,
        accepted=batch.accepted,
        rejected=batch.rejected_rows,
    )
    if batch.rejected_rows or batch.dropped_cells:
        note_that(f"Reasons, with file, row, column and value: data/processed/rejected/{batch.key}-*.csv", "  ")
    for note in batch.notes:
        note_that(f"Note: {note}", "  ")


def fit(
    study: StudyOption = HERE,
    force: Annotated[bool, typer.Option("--force", help="Fit again although nothing changed.")] = False,
) -> None:
    """Fit everything once for the whole study."""
    fit_study(open_folder(study), force=force)


def fit_study(study: Study, *, force: bool) -> None:
    """Fit when anything changed, and say what was fitted."""
    if study.is_fitted and not force:
        say("Nothing changed since the last fit.")
        return
    with _status("Fitting") as tell:
        meta = study.fit(force=force, progress=tell).meta
    explained = meta.r2_drivers
    r2 = f"; together the contacts explain {explained:.0%} of {meta.outcome} (R²)" if explained is not None else ""
    say(f"Fitted {meta.n_responses} responses of {meta.n_practices} practices{r2}.")
    for note in meta.study_notes:
        note_that(note)


@contextmanager
def _status(title: str) -> Iterator[Callable[[str], None]]:
    from rich.console import Console

    if not show_progress():
        yield lambda step: None
        return
    with Console(stderr=True).status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")
