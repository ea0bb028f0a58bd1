"""Commands for patients' rights and for what they wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["comments", "forget", "krt"]


def forget(
    response: Annotated[
        str, typer.Argument(metavar="RESPONSE_ID|FILE", help="A response id, or a file with one a line.")
    ],
    study: StudyOption = HERE,
    raw: Annotated[bool, typer.Option("--raw", help="Also take it out of the files in data/raw.")] = False,
) -> None:
    """Take a patient's answers out of the study for good; published figures stay until enough others came."""
    from pxanalysis.study.forgetting import forget as forget_answers
    from pxanalysis.study.forgetting import read_ids

    opened = open_folder(study)
    done = forget_answers(opened, read_ids(response), raw=raw)
    typer.echo(
        f"Forgotten: {done.asked} response(s); {done.removed.accepted} stored row(s), {done.removed.rejected} refused "
        f"row(s) or cell(s) and {done.comments} comment(s) removed. Such a response is not taken in again."
    )
    if done.contacts:
        typer.echo(f"Requests to be called back that were taken out: {done.contacts}.")
    if done.raw is not None:
        typer.echo(f"Taken out of data/raw: {done.raw} record(s).")
    for reason in done.not_rewritten:
        typer.echo(f"Note: {reason}", err=True)
    if not done.removed.accepted and not done.removed.rejected:
        typer.echo("Note: nothing of it was stored; look whether the id is right.", err=True)
    typer.echo("Next: 'pxanalysis run' makes the pages anew that showed a comment of it.")


def krt(
    practice: Annotated[str, typer.Option("--practice", "-p", help="The practice's id.")],
    dentist: Annotated[str, typer.Option("--dentist", "-d", help="The id in [study] dentist_column.")],
    study: StudyOption = HERE,
    language: Annotated[str | None, typer.Option("--language", "-l", help="nl, en; the study's when left out.")] = None,
) -> None:
    """Make a treating dentist's page for the quality register, where nobody can be worked out from it."""
    from pxanalysis.study.krt import write_dentist_page

    made = write_dentist_page(open_folder(study), practice, dentist, language)
    typer.echo(f"Wrote {made.page}: {made.n} experiences.")
    if made.lacking:
        typer.echo(f"The register asks more than 50: {made.lacking} still needed.")
    if not made.written:
        typer.echo(f"Next: let the dentist write a reflection in {made.form}, and run this again.")


comments = typer.Typer(no_args_is_help=True, help="Comments: read them before more than the first ten are shown.")


@comments.callback()
def _comments() -> None:
    """Comments: read them before more than the first ten are shown."""


@comments.command()
def review(
    choices: Annotated[
        Path | None, typer.Argument(help="The choices that the page saved; without it the page is written.")
    ] = None,
    study: StudyOption = HERE,
) -> None:
    """Write a page on which somebody decides which comments are shown; or remember what was decided there."""
    from pxanalysis.study.comments import apply_decisions, write_review_page

    opened = open_folder(study)
    if choices is not None:
        number = apply_decisions(opened, choices)
        typer.echo(f"Remembered {number} choices. Next: 'pxanalysis run' shows what they allow.")
        return
    path, number = write_review_page(opened)
    typer.echo(f"{number} comments to read: open {path} in a browser. Remove it when done.")
