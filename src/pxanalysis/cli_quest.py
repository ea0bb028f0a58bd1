"""Commands from the chain to the questionnaire: journeys, questionnaires, invitations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.core import TyperGroup

from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    import click

    from pxanalysis.journey.model import Journey
    from pxanalysis.journey.parts import Introduction

__all__ = ["journeys", "questionnaire", "register"]

_PRINT = "print"


class _ByIdGroup(TyperGroup):
    """A group whose first word may also be a journey's id: ``journeys dental-checkup`` prints it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Send a word that is no subcommand to the command that prints a journey."""
        if args and args[0] not in self.commands:
            args = [_PRINT, *args]
        return super().resolve_command(ctx, args)


journeys = typer.Typer(
    cls=_ByIdGroup, help="List the journeys that ship with pxanalysis, print one, or make one of your own."
)


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(journeys, name="journeys")
    app.command()(questionnaire)


@journeys.callback(invoke_without_command=True)
def _list(
    ctx: typer.Context,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a journey file.")] = False,
) -> None:
    """List the journeys that ship with pxanalysis, print one by its id, or make one of your own."""
    from pxanalysis.journey.reading import export_json_schema, list_catalogue, read_journey

    if schema:
        typer.echo(export_json_schema(), nl=False)
    elif ctx.invoked_subcommand is None:
        for name in list_catalogue():
            model = read_journey(name)
            size = f"{len(model.touchpoints)} touchpoints, {len(model.items)} items"
            typer.echo(f"{name:26} {model.title['en']} / {model.title['nl']} ({size})")


@journeys.command(_PRINT, hidden=True)
def _print(journey: Annotated[str, typer.Argument(help="Print this journey's YAML.")]) -> None:
    """Print a journey of the catalogue as YAML."""
    from pxanalysis.journey.reading import read_catalogue_text

    typer.echo(read_catalogue_text(journey), nl=False)


JourneyArgument = Annotated[str, typer.Argument(help="Id from 'pxanalysis journeys', or the path of a .yaml file.")]
StudyFolder = Annotated[
    Path | None, typer.Option("--study", "-s", help="Folder with study.toml, for the privacy text.")
]


def questionnaire(
    journey: JourneyArgument,
    to: Annotated[
        Literal["xlsform", "limesurvey", "redcap", "qualtrics", "fhir", "html"],
        typer.Option("--to", help="The tool it is for; xlsform is for Kobo and ODK."),
    ],
    language: Annotated[
        str | None, typer.Option("--language", "-l", help="One or more, such as nl,en; all when left out.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A folder, or the file.")] = None,
    study: StudyFolder = None,
    outcomes_first: Annotated[
        bool, typer.Option("--outcomes-first", help="Ask the outcomes before the touchpoints.")
    ] = False,
) -> None:
    """Write a journey's questionnaire in the form of a survey tool."""
    from pxanalysis.questionnaires import write_questionnaire

    languages = None if language is None else [part.strip() for part in language.split(",") if part.strip()]
    facts = _facts(study) if study is not None else None
    written = write_questionnaire(
        journey, to, languages=languages, output=output, facts=facts, outcomes_first=outcomes_first
    )
    for path in written.paths:
        typer.echo(f"Wrote {path}")
    if written.names:
        typer.echo(f"{len(written.names)} ids are written differently in {to}; they come back by themselves:")
        for id_, name in written.names.items():
            typer.echo(f"  {name:26} {id_}")
    for note in written.notes:
        typer.echo(f"Note: {note}.", err=True)


def _facts(folder: Path) -> Introduction | None:
    from pxanalysis.study import open_study

    return open_study(folder).settings.questionnaire
