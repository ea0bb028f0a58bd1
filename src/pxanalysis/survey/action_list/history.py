"""How actions came to stand where they stand: a file to which entries are added, and of which nothing is rewritten."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pxanalysis.errors import SurveyError
from pxanalysis.survey.action_list.record import Action

__all__ = ["Entry", "append_entries", "read_history"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one action.

    Attributes
    ----------
    recorded_on
        The day on which it was written down, which no file can set.
    what
        ``add``, ``choose``, ``start``, ``done``, ``drop`` or ``correct``.
    action
        The action as it stood afterwards.
    source
        Which file it came from; empty when it was typed.
    """

    recorded_on: date
    what: str
    action: Action
    source: str = ""


def read_history(path: Path) -> list[Entry]:
    """Entries in the order in which they were made; none where nothing was recorded yet.

    Raises
    ------
    SurveyError
        When a line is damaged, or is not what was written.
    """
    if not path.exists():
        return []
    entries, before = [], ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found = json.loads(line)
            entry = Entry(
                date.fromisoformat(found["recorded_on"]),
                found["what"],
                Action.from_plain(found["action"]),
                found["source"],
            )
            kept = found["before"] == before
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SurveyError(f"{path}, line {number}: damaged ({error}). Restore the file from a backup.") from error
        if not kept:
            raise SurveyError(
                f"{path}, line {number}: the lines above it are not those it was written after; the history of actions "
                "is added to and never changed. Restore the file from a backup, and correct an action with "
                "'pxanalysis actions import'."
            )
        entries.append(entry)
        before = _digest(line)
    return entries


def append_entries(path: Path, entries: list[Entry]) -> None:
    """Add entries at the end; each carries the digest of the line before it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    before = _digest(lines[-1]) if lines else ""
    text = ""
    for entry in entries:
        line = json.dumps(
            {
                "recorded_on": entry.recorded_on.isoformat(),
                "what": entry.what,
                "source": entry.source,
                "action": entry.action.as_plain(),
                "before": before,
            },
            ensure_ascii=False,
        )
        before = _digest(line)
        text += line + "\n"
    with path.open("a", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()[:16]
