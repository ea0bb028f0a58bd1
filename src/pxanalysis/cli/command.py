"""The commands: a study from an empty folder to reports, each step on its own or all with ``run``.

Exit codes: 0 done · 1 unexpected error · 2 wrong use of the command · 3 the study or journey is not valid ·
4 answers cannot be used or pulled, or a column is asked about · 5 an analysis or privacy rule refused ·
6 a report could not be made · 7 another process is at work in the study: try later ·
8 reports were made, but not brought where they should go, or a hook failed · 130 stopped by Ctrl-C.
When a run meets several, the first of 6, 4 and 8 that holds.
"""

from __future__ import annotations

import errno
import sys
from typing import Annotated

import typer

from pxanalysis._version import __version__
from pxanalysis.cli.actions import actions
from pxanalysis.cli.answers import fit, ingest
from pxanalysis.cli.auditing import audit
from pxanalysis.cli.checking import check
from pxanalysis.cli.comparing import compare_metrics, plan
from pxanalysis.cli.dashboard import dashboard
from pxanalysis.cli.drafting import draft, map_columns
from pxanalysis.cli.invitations import invite, response
from pxanalysis.cli.observing import journeys
from pxanalysis.cli.privacy import comments, forget, krt
from pxanalysis.cli.pulling import pull
from pxanalysis.cli.questionnaires import questionnaire
from pxanalysis.cli.reports import report
from pxanalysis.cli.reproducing import reproduce
from pxanalysis.cli.running import run, status
from pxanalysis.cli.scheduling import schedule
from pxanalysis.cli.studies import init, simulate
from pxanalysis.errors import PxError

__all__ = ["app", "main"]

app = typer.Typer(
    help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False
)


def main() -> None:
    """Run the command line; an expected error becomes one message and its documented exit code."""
    try:
        app()
    except PxError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        typer.echo(f"Error: {_explain(error)}", err=True)
        sys.exit(1)


def _explain(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return (
            f"{place}the disk is full, or this file may not become so large ({error.strerror or error}). Make room and "
            "run the command again; what was finished before is kept."
        )
    return f"{place}{error.strerror or error}. Check that the place exists, has room and may be written to."


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"pxanalysis {__version__}")
        raise typer.Exit


@app.callback(help=__doc__)
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options of the command itself."""


app.add_typer(journeys, name="journeys")
app.add_typer(comments, name="comments")
app.add_typer(actions, name="actions")
app.add_typer(dashboard, name="dashboard")
for _command in (
    init, draft, questionnaire, invite, simulate, pull, check, ingest, response, fit, report, run, status, forget, krt,
    compare_metrics, plan, audit, reproduce,
):  # fmt: skip
    app.command(_command.__name__.replace("_", "-"))(_command)  # in the order in which --help lists them
app.command("map")(map_columns)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": False})(schedule)
