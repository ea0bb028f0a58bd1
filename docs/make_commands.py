"""Write ``docs/reference/commands.md`` from the commands themselves: ``python docs/make_commands.py``."""

from __future__ import annotations

from pathlib import Path

import click
import typer

from pxanalysis.cli import app

PAGE = Path(__file__).parent / "reference" / "commands.md"


def make_page() -> str:
    """Every command with its words and options."""
    lines = [
        "# Commands",
        "",
        "Made by `python docs/make_commands.py` from the commands themselves; change the words there.",
        "`pxanalysis COMMAND --help` says the same.",
        "",
        *_exit_codes(),
    ]
    for words, command in _commands(typer.main.get_command(app), ()):
        lines += ["", f"## {' '.join(words)}", "", " ".join((command.help or "").split()), ""]
        rows = [row for row in map(_row, command.params) if row]
        if rows:
            lines += ["| | |", "|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _exit_codes() -> list[str]:
    return ["Exit codes: " + " ".join((app.info.help or "").split("Exit codes:")[1].split())]


def _commands(command: click.Command, words: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    """Commands without those below them; groups give way to what they hold."""
    if not hasattr(command, "commands"):
        return [(words, command)]
    found = [] if not words or not command.invoke_without_command else [(words, command)]
    for name, one in command.commands.items():
        found += _commands(one, (*words, name))
    return found


def _row(parameter: click.Parameter) -> str:
    if parameter.name == "help" or getattr(parameter, "hidden", False):
        return ""
    names = (
        ", ".join(f"`{name}`" for name in parameter.opts)
        if parameter.opts[0].startswith("-")
        else f"`{parameter.name.upper()}`"
    )
    words = " ".join((getattr(parameter, "help", "") or "").split()).replace("|", "\\|").replace("<", "&lt;")
    return f"| {names} | {words} |"


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
