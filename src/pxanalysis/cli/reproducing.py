"""The command that says what a page or results rest on, and makes them again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pxanalysis.errors import AnalysisError, StudyError

# What a command works with is imported when it runs, so that --help answers at once.

__all__ = ["reproduce"]


def reproduce(
    path: Annotated[
        Path | None,
        typer.Argument(help="A page of reports/, a folder of results or of a comparison, or a provenance.json."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Fit again beside the results, and say whether the numbers are the same.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print provenance.json instead.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of provenance.json, and stop.")
    ] = False,
) -> None:
    """Say what a report or results rest on: answers (by hash), versions, seed, plan, the command that makes it again.

    --again does so in a folder of its own and compares every number (1e-9); exit code 5 when any differs.
    """
    from pxanalysis.analysis.provenance import Provenance
    from pxanalysis.study.provenance import make_results_again, trace

    if schema:
        typer.echo(json.dumps(Provenance.model_json_schema(), indent=1))
        return
    if path is None:
        raise typer.BadParameter("name a page of reports/, a folder with results, or a provenance.json.")
    found = trace(path)
    typer.echo(found.provenance.to_json() if as_json else "\n".join(found.lines()), nl=not as_json)
    if not again:
        return
    if found.study is None or found.provenance.made != "results":
        raise StudyError(
            f"{path}: --again fits a study anew; this is not the results, or a report, of a study's folder."
        )
    differences = make_results_again(found.study)
    for line in differences:
        typer.echo(line, err=True)
    if differences:
        raise typer.Exit(AnalysisError.exit_code)
    typer.echo("Made again: every number is the same (to 1e-9).", err=as_json)
