"""Commands on journeys: what ships, a journey of one's own, its picture, its wording."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from pxanalysis.errors import JourneyError

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["journeys"]

_PRINT = "print"


class _ByIdGroup(TyperGroup):
    """A group whose first word may also be a journey's id: ``journeys dental-checkup`` prints it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Send a word that is no subcommand to the command that prints a journey."""
        if args and args[0] not in self.commands:
            args = [_PRINT, *args]
        return super().resolve_command(ctx, args)


journeys = typer.Typer(
    cls=_ByIdGroup, help="List the journeys that ship with pxanalysis, print one, or make one of your own."
)


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


@journeys.command()
def show(
    journey: Annotated[str, typer.Argument(help="Id from 'pxanalysis journeys', or the path of a .yaml file.")],
    language: Annotated[str | None, typer.Option("--language", "-l", help="The journey's first when left out.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A .html or .svg file.")] = None,
    width: Annotated[
        Literal["wide", "middle", "narrow"], typer.Option(help="For an .svg: screen, paper or phone.")
    ] = "wide",
    measured: Annotated[
        list[Path] | None, typer.Option("--measured", "-m", help="Study that measures a step in detail; repeatable.")
    ] = None,
) -> None:
    """Draw a journey's chain: steps as arrows, touchpoints below; to a page (.html) or a drawing (.svg)."""
    from pxanalysis.journey.chain import write_chain
    from pxanalysis.journey.reading import read_journey
    from pxanalysis.study import open_study
    from pxanalysis.study.chain_page import measure_steps

    model = read_journey(journey)
    language = language or model.languages[0]
    path = output or Path(f"{model.id}-chain-{language}.html")
    figures = measure_steps(model, [open_study(folder) for folder in measured or []], language)
    write_chain(model.plot(language, figures), model.title[language], path, language, width)
    typer.echo(f"Wrote {path}")


@journeys.command()
def new(
    name: Annotated[str, typer.Argument(help="Id of the new journey: lower-case letters, digits and hyphens.")],
    xlsx: Annotated[bool, typer.Option("--xlsx", help="A workbook to fill in, in place of YAML.")] = False,
    like: Annotated[str | None, typer.Option("--like", help="Start from this journey.")] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Languages of a blank workbook.")] = "nl,en",
) -> None:
    """Start a journey of your own: a workbook with --xlsx, else YAML like one of the catalogue."""
    from pxanalysis.journey.authoring import to_yaml, write_blank_workbook, write_workbook
    from pxanalysis.journey.reading import read_journey

    if not re.fullmatch(r"[a-z][a-z0-9-]{0,47}", name):
        raise JourneyError(f"name: expected lower-case letters, digits and hyphens, a letter first; received '{name}'.")
    path = Path(f"{name}.xlsx" if xlsx else f"{name}.yaml")
    if path.exists():
        raise JourneyError(f"{path}: is there already and would be overwritten. Choose another name.")
    languages = tuple(part.strip() for part in language.split(",") if part.strip())
    if xlsx and like is None:
        write_blank_workbook(name, path, languages=languages)
    else:
        model = read_journey(like or "dental-treatment").model_copy(update={"id": name})
        if xlsx:
            write_workbook(model, path)
        else:
            path.write_text(to_yaml(model), encoding="utf-8")
    typer.echo(f"Wrote {path}")
    if xlsx:
        typer.echo(f"Next: fill it in (sheets print on A3), then 'pxanalysis journeys import {path}'.")


@journeys.command("import")
def import_(
    workbook: Annotated[Path, typer.Argument(help="A workbook from 'pxanalysis journeys new NAME --xlsx'.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The .yaml file.")] = None,
) -> None:
    """Make a journey file (YAML) of a filled-in workbook."""
    from pxanalysis.journey.authoring import read_workbook, to_yaml

    model = read_workbook(workbook)
    path = output or workbook.with_name(f"{model.id}.yaml")
    path.write_text(to_yaml(model), encoding="utf-8")
    typer.echo(
        f"Wrote {path}: {len(model.steps)} steps, {len(model.touchpoints)} touchpoints, {len(model.items)} items."
    )
    typer.echo(f"Next: 'pxanalysis journeys check {path}'.")


@journeys.command()
def check(
    journey: Annotated[str, typer.Argument(help="Path of a .yaml file, or an id of the catalogue.")],
) -> None:
    """Check the wording of a journey's questions; exits with 3 when there is a finding."""
    from pxanalysis.journey.reading import read_journey
    from pxanalysis.questionnaires.wording_check import check_wording

    report = check_wording(journey)
    typer.echo(report.summary())
    topics = Counter(touchpoint.topic for touchpoint in read_journey(journey).touchpoints if touchpoint.topic)
    if topics:
        listed = ", ".join(f"{topic} ({count})" for topic, count in topics.items())
        typer.echo(f"Topics for a register, with their number of touchpoints: {listed}.")
    if report.findings:
        raise typer.Exit(3)
