"""From an export to a study: a first journey of it, and which of its columns is which question."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    import pandas as pd

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["draft", "map_columns"]

_WIDEST = 60


def draft(
    file: Annotated[Path, typer.Argument(help="An export: text, workbook, SPSS, Stata, Parquet, FHIR.")],
    study: StudyOption = HERE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The .yaml file; in the study, named after the export.")
    ] = None,
    practice: Annotated[
        str | None, typer.Option("--practice", help="Column with the practice; told by its name when left out.")
    ] = None,
    language: Annotated[
        Literal["nl", "en"] | None, typer.Option("--language", "-l", help="Told by the words when left out.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it and let the study measure it, unasked.")] = False,
) -> None:
    """Draft a first journey from an export, to be edited; and let the study measure it."""
    opened = open_folder(study)
    made = opened.draft_journey(file, language=language, practice=practice)
    print_table(made.table)
    for note in made.notes:
        typer.echo(f"Note: {note}")
    path = opened.write_draft(made, output)
    model = made.journey
    typer.echo(
        f"Wrote {path}: {len(model.touchpoints)} touchpoints, {len(model.items)} items, {len(model.outcomes)} outcomes."
    )
    if confirm(f"Let study '{opened.settings.study.title}' measure it (study.toml)?", yes=yes):
        opened.adopt_draft(made, path)
        typer.echo(f"Changed {opened.root / 'study.toml'}.")
    typer.echo(f"Next: read {path.name} over and edit it, put {file.name} into data/raw, then 'pxanalysis check'.")


def map_columns(
    file: Annotated[Path, typer.Argument(help="An export of answers to the study's journey.")],
    study: StudyOption = HERE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write what is sure, unasked; suggestions never.")] = False,
    confirm_ids: Annotated[
        list[str] | None, typer.Option("--confirm", help="Journey id whose suggestion is right; repeatable.")
    ] = None,
) -> None:
    """Propose which column of an export is which question of the journey, and write it to study.toml."""
    opened = open_folder(study)
    found = opened.map_columns(file)
    print_table(found.table)
    if found.unused:
        typer.echo(f"{len(found.unused)} columns are proposed for nothing: {', '.join(map(_plain, found.unused[:40]))}")
    confirmed = list(confirm_ids or [])
    for one in found.suggestions:
        if one.id not in confirmed and not yes and sys.stdin.isatty():
            alike = f"Is '{_plain(one.column)}' the question {one.id} (alike for {one.score:.0f} of 100)?"
            confirmed += [one.id] if typer.confirm(alike, default=False) else []
        elif one.id not in confirmed:
            typer.echo(f"Suggested only: {one.id} (alike for {one.score:.0f} of 100); --confirm {one.id} takes it.")
    count = len(found.columns) + len(confirmed)
    if count == 0:
        typer.echo("There is nothing to write to study.toml.")
    elif confirm(f"Write {count} columns to {opened.root / 'study.toml'}?", yes=yes):
        written = opened.write_columns(found, confirmed)
        typer.echo(f"Wrote {len(written)} columns to {opened.root / 'study.toml'}. Next: 'pxanalysis check'.")


def _plain(text: str) -> str:
    """A name from a file without control characters, which a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def print_table(table: pd.DataFrame) -> None:
    """Print a table of columns; control characters of a hostile export do nothing, long texts are cut."""
    from pxanalysis.survey.columns.verdict import shorten

    shown = [list(table.columns)] + [
        [shorten(_plain(str(cell)), _WIDEST) for cell in row] for row in table.itertuples(index=False)
    ]
    widths = [max(len(row[i]) for row in shown) for i in range(len(shown[0]))]
    for row in shown:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def confirm(question: str, *, yes: bool) -> bool:
    """Ask before a file of the study is changed; without anybody to ask nothing is changed.

    Raises
    ------
    StudyError
        When nobody can be asked and ``--yes`` was not given.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise StudyError("nothing was changed in study.toml: nobody can be asked here. Give --yes to have it written.")
    return typer.confirm(question)
