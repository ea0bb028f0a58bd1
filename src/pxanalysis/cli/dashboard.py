"""Commands of the live picture: serve it, and say who may look."""

from __future__ import annotations

import webbrowser
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    from pxanalysis.study import Study

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["dashboard"]

dashboard = typer.Typer(help="The live picture: what comes in now, and what was last released, for those with a link.")


@dashboard.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    study: StudyOption = HERE,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than this computer reach 0.0.0.0.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")] = 5006,
    browser: Annotated[bool, typer.Option("--browser", help="Open the programme's page in a browser.")] = False,
) -> None:
    """Serve the live picture until Ctrl-C; a link to the programme's page is printed."""
    if context.invoked_subcommand is not None:
        return
    opened = open_folder(study)
    _need_extra()
    from pxanalysis.dashboard.access import PROGRAMME
    from pxanalysis.dashboard.server import make_dashboard

    made = make_dashboard(opened, host=host, port=port)
    address = f"{made.address}/enter?link={made.book.issue(PROGRAMME, days=1)}"
    typer.echo(f"The live picture is at {made.address}/ until Ctrl-C.")
    typer.echo(f"Your link to all practices (it works once, today): {address}")
    typer.echo("A link for a practice: pxanalysis dashboard link PRACTICE")
    if browser:
        webbrowser.open(address)
    made.serve()
    typer.echo("Stopped.")


@dashboard.command()
def link(
    practice: Annotated[str, typer.Argument(help="Id of the practice; '*' for the page of the whole programme.")],
    study: StudyOption = HERE,
    days: Annotated[int, typer.Option(min=1, max=7, help="Days in which it can be used.")] = 7,
) -> None:
    """Make a link that opens one practice's page, once."""
    opened = open_folder(study)
    _need_extra()
    from pxanalysis.dashboard.access import name_opened
    from pxanalysis.dashboard.server import access_book

    opens = name_opened(practice, _practices(opened))
    address = opened.settings.dashboard.address or "http://127.0.0.1:5006"
    typer.echo(f"{address}/enter?link={access_book(opened).issue(opens, days)}")


@dashboard.command(name="links")
def list_links(study: StudyOption = HERE) -> None:
    """Show the links that were given out, and what became of them; never the links themselves."""
    opened = open_folder(study)
    _need_extra()
    from pxanalysis.dashboard.server import access_book

    book = access_book(opened)
    for one in book.links:
        until = f"{datetime.fromtimestamp(one.expires):%Y-%m-%d}"
        typer.echo(f"{one.number}  {one.opens:20} {book.state(one):8} until {until}")
    typer.echo(f"{len(book.links)} links.")


@dashboard.command()
def revoke(
    which: Annotated[str, typer.Argument(help="Number of a link ('dashboard links'), or the id of a practice.")],
    study: StudyOption = HERE,
) -> None:
    """Take back a link, or all of a practice; whoever came in by it is out."""
    opened = open_folder(study)
    _need_extra()
    from pxanalysis.dashboard.server import access_book

    found = access_book(opened).revoke(which)
    if not found:
        raise StudyError(f"dashboard: there is no link '{which}', and none of such a practice. See 'dashboard links'.")
    typer.echo(f"{found} link(s) taken back.")


@dashboard.command()
def key() -> None:
    """Make a key for contacts of patients who ask to be called back; it is printed and kept nowhere."""
    _need_extra()
    from pxanalysis.study.contacts import KEY, make_key

    typer.echo(
        f"Keep it outside the study, and set it where answers are taken in and the dashboard runs ({KEY}).", err=True
    )
    typer.echo(make_key())


def _practices(study: Study) -> set[str]:
    from pxanalysis.dashboard.snapshot import list_names

    return set(list_names(study))


def _need_extra() -> None:
    """Raise when the extra is not installed, before anything is made."""
    from importlib.util import find_spec

    absent = [name for name in ("panel", "itsdangerous", "cryptography") if find_spec(name) is None]
    if absent:
        raise StudyError(f"dashboard: '{absent[0]}' is not installed. Install it: pip install 'pxanalysis[dashboard]'.")
