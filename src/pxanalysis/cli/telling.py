"""How a command says what it does: to a person, as JSON lines to a program, or only what went wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Literal

import typer

__all__ = ["Style", "note_that", "say", "show_progress", "style_is", "tell", "telling", "warn"]

Style = Literal["plain", "quiet", "json"]

_STYLE: ContextVar[Style] = ContextVar("style", default="plain")


@contextmanager
def telling(style: Style) -> Iterator[None]:
    """Speak in one style while the block runs."""
    token = _STYLE.set(style)
    try:
        yield
    finally:
        _STYLE.reset(token)


def style_is() -> Style:
    """The style in which is spoken now."""
    return _STYLE.get()


def show_progress() -> bool:
    """Whether somebody is looking."""
    return _STYLE.get() == "plain"


def say(text: str, *, event: str = "message", **facts: object) -> None:
    """Say what was done; ``facts`` go beside it for a program."""
    if _STYLE.get() == "json":
        _write("info", event, text, facts)
    elif _STYLE.get() == "plain":
        typer.echo(text)


def note_that(text: str, lead: str = "Note: ") -> None:
    """Say what is worth knowing, though nothing is wrong."""
    if _STYLE.get() == "json":
        _write("note", "note", text, {})
    elif _STYLE.get() == "plain":
        typer.echo(f"{lead}{text}", err=True)


def warn(text: str, *, event: str = "warning", **facts: object) -> None:
    """Say what went wrong, in every style."""
    if _STYLE.get() == "json":
        _write("error", event, text, facts)
    else:
        typer.echo(text, err=True)


def tell(event: str, **facts: object) -> None:
    """Tell a program only."""
    if _STYLE.get() == "json":
        _write("info", event, "", facts)


def _write(level: str, event: str, text: str, facts: dict[str, object]) -> None:
    moment = datetime.now().astimezone().isoformat(timespec="milliseconds")
    line = {"time": moment, "level": level, "event": event} | ({"message": text} if text else {}) | facts
    sys.stdout.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()
