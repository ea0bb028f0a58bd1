"""Commands for what practices decided to change."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pxanalysis.cli.options import HERE, StudyOption, open_folder
from pxanalysis.cli.telling import say

if TYPE_CHECKING:
    from pxanalysis.study import Study
    from pxanalysis.survey.action_list import Action

# What a command works with is imported when it runs, so that --help answers at once.
__all__ = ["actions", "take_over"]

actions = typer.Typer(no_args_is_help=True, help="Actions: what practices decided to change, and where it stands.")

DayOption = Annotated[str | None, typer.Option("--on", help="Day, such as 2026-03-01; today when left out.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the action ('actions list').")]


@actions.callback()
def _actions() -> None:
    """Actions: what practices decided to change, and where it stands."""


def take_over(study: Study) -> None:
    """Take over the study's list of actions, where there is one, and say what changed."""
    entries = study.import_actions()
    if entries:
        say(f"Actions: {len(entries)} changes; {len(study.actions)} recorded.")


def _day(text: str | None) -> date | None:
    from pxanalysis.survey.action_list.reading import parse_day

    try:
        return None if text is None else parse_day(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@actions.command()
def add(
    practice: Annotated[str, typer.Argument(help="Id of the practice.")],
    touchpoint: Annotated[str, typer.Argument(help="Id of the touchpoint in the journey.")],
    idea: Annotated[str, typer.Argument(help="What is to change.")],
    study: StudyOption = HERE,
    on: DayOption = None,
    chosen: Annotated[str | None, typer.Option("--chosen-on", help="Day on which it was decided, if it was.")] = None,
    kind: Annotated[str, typer.Option(help="Kind of action, by which practices are pooled.")] = "",
    owner_role: Annotated[str, typer.Option("--owner-role", help="Role of who sees to it; not a name.")] = "",
    effort_hours: Annotated[float | None, typer.Option("--effort-hours", help="Hours of work.")] = None,
    cost: Annotated[float | None, typer.Option(help="Euros, beside the hours.")] = None,
    why: Annotated[str, typer.Option(help="Why it was chosen.")] = "",
    expected: Annotated[float | None, typer.Option(help="Expected change of the score (0-100).")] = None,
    smallest: Annotated[float, typer.Option(help="Smallest worthwhile change of the score.")] = 5.0,
    action_id: Annotated[str, typer.Option("--id", help="Id; made when left out.")] = "",
) -> None:
    """Record an idea, or one that was chosen already."""
    from pxanalysis.survey.action_list import Action

    made = open_folder(study).add_action(
        Action(
            action_id,
            practice,
            touchpoint,
            idea,
            kind,
            owner_role,
            effort_hours,
            cost,
            idea_on=_day(on) or _day(chosen) or date.today(),
            decided_on=_day(chosen),
            why=why,
            expected_effect=expected,
            smallest_change=smallest,
        )
    )
    typer.echo(f"Recorded {_line(made)}")


@actions.command(name="list")
def list_actions(
    study: StudyOption = HERE,
    practice: Annotated[str | None, typer.Option("--practice", "-p", help="Only this practice.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Every change instead, oldest first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program.")] = False,
) -> None:
    """Show all actions with their status."""
    register = open_folder(study).actions
    if history:
        for entry in register.history:
            if practice in (None, entry.action.practice_id):
                source = f" ({entry.source})" if entry.source else ""
                typer.echo(f"{entry.recorded_on}  {entry.what:8} {_line(entry.action)}{source}")
        return
    found = [one for one in register if practice in (None, one.practice_id)]
    if as_json:
        typer.echo(json.dumps([one.as_plain() for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        typer.echo(_line(one))
    typer.echo(f"{len(found)} actions." if found else "No actions are recorded; 'pxanalysis actions add' records one.")


def _line(action: Action) -> str:
    plain = action.as_plain()
    days = {"chosen": "decided_on", "started": "started_on", "done": "in_place_on", "dropped": "dropped_on"}
    day = plain[days.get(action.status, "idea_on")]
    return f"{action.action_id}  {action.practice_id}  {action.touchpoint}  {action.status} {day}  {action.idea}"


@actions.command()
def choose(
    action_id: IdArgument,
    study: StudyOption = HERE,
    on: DayOption = None,
    why: Annotated[str, typer.Option(help="Why it was chosen.")] = "",
    expected: Annotated[float | None, typer.Option(help="Expected change of the score (0-100).")] = None,
) -> None:
    """An idea was chosen; what the report promises of it now is kept beside it."""
    changes: dict[str, object] = {"why": why} if why else {}
    changes |= {} if expected is None else {"expected_effect": expected}
    typer.echo(f"Recorded {_line(open_folder(study).move_action(action_id, 'choose', _day(on), **changes))}")


@actions.command()
def start(action_id: IdArgument, study: StudyOption = HERE, on: DayOption = None) -> None:
    """A chosen action was begun."""
    typer.echo(f"Recorded {_line(open_folder(study).move_action(action_id, 'start', _day(on)))}")


@actions.command()
def done(action_id: IdArgument, study: StudyOption = HERE, on: DayOption = None) -> None:
    """An action is in place."""
    typer.echo(f"Recorded {_line(open_folder(study).move_action(action_id, 'done', _day(on)))}")


@actions.command()
def drop(action_id: IdArgument, study: StudyOption = HERE, on: DayOption = None) -> None:
    """An idea or action was given up; it stays in the list."""
    typer.echo(f"Recorded {_line(open_folder(study).move_action(action_id, 'drop', _day(on)))}")


@actions.command(name="import")
def import_list(
    file: Annotated[
        Path | None, typer.Argument(help="YAML, CSV, XLSX or SQLite; that of study.toml when left out.")
    ] = None,
    study: StudyOption = HERE,
) -> None:
    """Take over a list of actions; what differs from before is added to the history."""
    opened = open_folder(study)
    if file is None and opened.listed_actions is None:
        raise typer.BadParameter("name a file, or give [actions] file in study.toml")
    entries = opened.import_actions(file)
    for entry in entries:
        typer.echo(f"{entry.what:8} {_line(entry.action)}")
    typer.echo(f"{len(entries)} changes; {len(opened.actions)} actions.")
