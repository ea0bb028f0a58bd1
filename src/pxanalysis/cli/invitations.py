"""Commands for measuring continuously: who is invited, and who answered."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.errors import SurveyError

if TYPE_CHECKING:
    import polars as pl

    from pxanalysis.survey.invitations import Invitations

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["invite", "response"]

INVITATIONS = Path("invitations")


def invite(
    appointments: Annotated[Path, typer.Argument(help="CSV with practice_id, date and, where needed, patient_key.")],
    link: Annotated[str, typer.Option("--link", help="Address with {token} and, where wanted, {practice_id}.")],
    rule: Annotated[
        str, typer.Option("--rule", help="Who is invited: 'every', 'one in 3' or 'once in 6 months'.")
    ] = "every",
    days: Annotated[int, typer.Option(min=1, help="After how many days an invitation expires.")] = 30,
    delete_after: Annotated[
        int,
        typer.Option("--delete-after", min=1, help="After how many days token and appointment are parted for good."),
    ] = 60,
    keep: Annotated[
        str, typer.Option("--keep", help="Columns (case mix) that the ledger keeps, to say who is missing.")
    ] = "",
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder; apart from the answers.")] = Path(
        "invitations"
    ),
    language: Annotated[str, typer.Option("--language", "-l", help="Of the QR sheet: nl or en.")] = "nl",
    seed: Annotated[int | None, typer.Option(help="Of the random start of 'one in n'.")] = None,
) -> None:
    """Draw who is invited after a visit; write tokens with links, a QR sheet, and a ledger for the response."""
    from pxanalysis.survey.invitations import (
        SECRET,
        delete_overdue,
        draw_invitations,
        parse_rule,
        read_appointments,
        read_ledger,
    )

    for path in delete_overdue(output):
        typer.echo(f"Deleted {path}: its day has passed; these answers can no longer be traced to an appointment.")
    made = draw_invitations(
        read_appointments(appointments),
        link=link,
        rule=parse_rule(rule),
        ledger=read_ledger(output),
        days=days,
        secret=os.environ.get(SECRET),
        keep=_parts(keep),
        seed=seed,
    )
    typer.echo(f"Invited {made.sending.height} of {made.n_appointments} appointments ({made.rule}).")
    _write_round(made, output, date.today() + timedelta(days=delete_after), language)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _write_round(made: Invitations, output: Path, gone: date, language: str) -> None:
    from pxanalysis.survey.files import write_atomically
    from pxanalysis.survey.invitations import write_invitations
    from pxanalysis.survey.qr_sheet import make_qr_sheet

    cards = made.sending.select("link", "practice_id", "expires_on").iter_rows()
    page = make_qr_sheet(cards, language)
    paths = write_invitations(made, output, delete_after=gone)
    sheet = paths["sending"].with_suffix(".html")
    write_atomically(sheet, page)
    for path in (*paths.values(), sheet):
        typer.echo(f"Wrote {path}")
    typer.echo(
        f"Until {gone.isoformat()} the sending list joins token and appointment: answers are pseudonymous. It is "
        "deleted by the first 'pxanalysis invite' after that day; delete copies yourself."
    )


def response(
    study: StudyOption = HERE,
    ledger: Annotated[Path, typer.Option("--ledger", help="Folder of 'pxanalysis invite'.")] = INVITATIONS,
    by: Annotated[str, typer.Option("--by", help="Columns of the ledger to say who is missing by.")] = "",
    weights: Annotated[
        Path | None, typer.Option("--weights", help="Write a weight per response, by raking to the invited (--by).")
    ] = None,
) -> None:
    """Show the response per practice and month, and who is missing."""
    from pxanalysis.analysis.response_rate import estimate_response
    from pxanalysis.survey.invitations import read_ledger

    invited = read_ledger(ledger)
    if invited is None:
        raise SurveyError(f"{ledger}: there is no ledger of invitations here. Name the folder with --ledger.")
    answers = _answers_with_tokens(study)
    found = estimate_response(answers, invited, case_mix=_parts(by))
    typer.echo(found.describe())
    wrong = found.tokens[found.tokens["status"] != "valid"]
    for status, rows in wrong.groupby("status"):
        typer.echo(f"Note: {len(rows)} answers have a token that is {status}; they do not count as response.", err=True)
    if weights is not None:
        _write_weights(answers, invited, _parts(by), weights)


def _answers_with_tokens(folder: Path) -> pl.DataFrame:
    study = open_folder(folder)
    aside, table = study.store.read_aside(), study.store.read()
    if table is None or "token" not in aside.columns:
        raise SurveyError(f"{study.root}: the answers came without tokens; the link must carry ...&token={{token}}.")
    table = table.select("response_id", "practice_id", "completed_on")
    return table.join(aside.select("response_id", "token"), on="response_id", how="left", maintain_order="left")


def _write_weights(answers: pl.DataFrame, ledger: pl.DataFrame, by: tuple[str, ...], path: Path) -> None:
    from pxanalysis.analysis.response_rate import weigh_responses
    from pxanalysis.survey.spreadsheets import neutralise_table

    if not by:
        raise typer.BadParameter("--weights needs --by: the columns of the ledger to weigh by")
    table, raked = weigh_responses(answers, ledger, by)
    neutralise_table(table.select("response_id", "weight")).write_csv(path)
    typer.echo(f"Wrote {path}: {table.height} weights, worth {raked.effective_n:.0f} answers of equal weight.")
