"""Commands on journeys: what ships, and the form of a journey file."""

from __future__ import annotations

from typing import Annotated

import typer

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["journeys"]


def journeys(
    journey: Annotated[str | None, typer.Argument(help="Print this journey's YAML.")] = None,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a journey file.")] = False,
) -> None:
    """List the journeys that ship with pxanalysis, or print one."""
    from pxanalysis.journey.reading import export_json_schema, list_catalogue, read_catalogue_text, read_journey

    if schema:
        typer.echo(export_json_schema(), nl=False)
    elif journey is not None:
        typer.echo(read_catalogue_text(journey), nl=False)
    else:
        for name in list_catalogue():
            model = read_journey(name)
            size = f"{len(model.touchpoints)} touchpoints, {len(model.items)} items"
            typer.echo(f"{name:22} {model.title['en']} / {model.title['nl']} ({size})")
