"""The command that holds every statistic beside its outside value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

# What a command works with is imported when it runs, so that --help answers at once.

__all__ = ["audit"]


def audit(
    subject: Annotated[
        list[str] | None,
        typer.Argument(help="What is audited, for example importance or sem; all if left out. --list names them."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Print what can be audited, and stop.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Write every value, ours and the outside one, to this CSV file."),
    ] = None,
) -> None:
    """Compute every statistic that has an outside value (R, or printed), and show how far the two are apart.

    The values come with the package. What has none, and how it is held instead, stands in the notebook
    method_validation.
    Exit code 5 when a value lies outside its tolerance.
    """
    from pxanalysis.audit import SUBJECTS, audit_methods

    if list_:
        typer.echo("\n".join(SUBJECTS))
        return
    found = audit_methods(*(subject or ()))
    typer.echo(found.by("subject", "source").to_string(index=False, float_format=lambda value: f"{value:.1e}"))
    if output is not None:
        found.rows.to_csv(output, index=False)
        typer.echo(f"Wrote {len(found.rows):,} values to {output}")
    differing = found.differing()
    if len(differing):
        typer.echo(differing.to_string(index=False), err=True)
        typer.echo(f"Error: {len(differing)} of {len(found.rows):,} values lie outside their tolerance.", err=True)
        raise typer.Exit(5)
    typer.echo(f"{len(found.rows):,} values agree with their outside value.")
