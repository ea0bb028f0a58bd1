"""The command that runs a study by the clock, where the computer has no scheduler of its own to be used."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["schedule"]


def schedule(
    context: typer.Context,
    cron: Annotated[str, typer.Option(help="When: minute hour day month weekday, such as '0 6 * * MON'.")],
    study: StudyOption = HERE,
    runs: Annotated[int | None, typer.Option(min=1, help="Stop after so many runs.")] = None,
) -> None:
    """Run a study by the clock until Ctrl-C; options after -- go to 'run'. One run at a time; missed: made up once."""
    from pxanalysis.study.schedule import Schedule

    root = open_folder(study).root
    clock = Schedule(root, cron)
    done = 0
    missed = clock.start()
    try:
        while runs is None or done < runs:
            if missed:
                typer.echo("A run was missed; it is made up now.")
            else:
                typer.echo(f"Next run: {clock.upcoming():%Y-%m-%d %H:%M %Z}")
                clock.wait()
            _run(root, context.args)
            clock.finish()
            missed, done = False, done + 1
    except KeyboardInterrupt:
        typer.echo("Stopped.")


def _run(root: Path, words: list[str]) -> None:
    """Run once, in a process of its own, so that whatever happens to it the next comes."""
    done = subprocess.run([sys.executable, "-m", "pxanalysis", "run", "--study", str(root), *words], check=False)
    if done.returncode:
        typer.echo(f"The run ended with exit code {done.returncode}; see reports/history.html.", err=True)
