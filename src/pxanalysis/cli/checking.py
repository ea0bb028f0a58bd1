"""The dry run: what would be read of which file, and what is asked or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.errors import StudyError, SurveyError

if TYPE_CHECKING:
    from pxanalysis.study import Study
    from pxanalysis.study.taking_in import FileCheck

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["check"]

_TOLD = {"read": "read", "ask": "ASKED", "refuse": "REFUSED"}


def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files with answers; all of data/raw when left out.")
    ] = None,
    study: StudyOption = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Also list columns that are read as expected.")] = False,
) -> None:
    """Say what would be read, judged and refused, and why; nothing is stored. Exit code 4 when anything is asked."""
    opened = open_folder(study)
    found = opened.check(files or [])
    others = [] if files else opened.describe_other_files()
    if not found:
        told = f"there are no answers in {opened.raw_folder}; put an export there, or run 'simulate'."
        raise StudyError("\n".join([told, *others]))
    practices = _check_practices(opened)
    notes, waiting, asked = ([], [], []) if practices else opened.describe_checked(found)
    if as_json:
        records = [one.record() for one in found]
        whole = {"files": records, "practices": practices, "notes": notes, "asked": asked, "held": waiting}
        whole["not_read"] = others
        typer.echo(json.dumps(whole, indent=1, default=str))
    else:
        for one in found:
            _tell_file(one, every=every)
        if practices:
            typer.echo(f"Practices: {practices}")
        for note in [*others, *notes]:
            typer.echo(f"Note: {note}")
        for question in asked:
            typer.echo(f"ASKED: {question}")
        for reason in waiting:
            typer.echo(f"REPORTS WAIT: {reason}")
    if practices or waiting or asked or not all(one.is_clear for one in found):
        raise typer.Exit(SurveyError.exit_code)


def _check_practices(study: Study) -> str | None:
    """What is wrong with the list of practices."""
    try:
        _ = study.practices
    except (SurveyError, StudyError) as error:
        return str(error)
    return None


def _tell_file(found: FileCheck, *, every: bool) -> None:
    typer.echo(f"{found.file}")
    if found.error:
        typer.echo(f"  REFUSED: {found.error}")
    else:
        typer.echo(
            f"  {found.records} rows: {found.accepted} would be accepted, {found.rejected_rows} refused; "
            f"{found.dropped_cells} cells dropped"
        )
    from pxanalysis.survey.columns.verdict import shorten

    shown = [verdict for verdict in found.verdicts if every or verdict.said]
    width = max((len(shorten(verdict.column)) for verdict in shown), default=0)
    for verdict in shown:
        of_form = f" (form {verdict.form})" if verdict.form else ""
        examples = f"  e.g. {', '.join(verdict.examples)}" if verdict.examples else ""
        typer.echo(
            f"  {shorten(verdict.column):{width}}{of_form}  {_TOLD[verdict.decision]:7}  {verdict.evidence}{examples}"
        )
        for i, line in enumerate(verdict.lines):
            typer.echo(f"  {'':{width}}  {verdict.section if i == 0 else 'or':>10}  {line}")
    quiet = len(found.verdicts) - len(shown)
    if quiet:
        typer.echo(f"  {quiet} other columns are read as the journey has them (--all lists them).")
    _tell_columns(found)
    _tell_refusals(found)


def _tell_columns(found: FileCheck) -> None:
    """Every column, whole: messages may be short because these lists are not."""
    if found.error and found.header:
        typer.echo(f"  The file's {len(found.header)} columns: {', '.join(found.header)}")
    if found.left_out:
        typer.echo(f"  {len(found.left_out)} columns that the journey does not have: {', '.join(found.left_out)}")
    if found.absent:
        typer.echo(f"  {len(found.absent)} questions of the journey that no column gives: {', '.join(found.absent)}")


def _tell_refusals(found: FileCheck) -> None:
    for column, reason, action, times in () if found.reasons is None else found.reasons.iter_rows():
        typer.echo(f"  {times}x {action}: {column + ': ' if column else ''}{reason}")
    for reason in found.held:
        typer.echo(f"  REPORTS WAIT: {reason}")
    said = {str(verdict) for verdict in found.verdicts}
    for note in found.notes:
        if note not in said:
            typer.echo(f"  Note: {note}")
