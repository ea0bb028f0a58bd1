"""Google Forms and Microsoft Forms: a time stamp first, no partials."""

from __future__ import annotations

from dataclasses import replace

from pxanalysis.survey.sources.raw import RawTable

__all__ = ["recognise", "tidy"]

_GOOGLE = {"timestamp", "tijdstempel"}
_MICROSOFT = (
    ("id", "start time", "completion time"),
    ("id", "begintijd", "tijd van voltooien"),
)


def recognise(raw: RawTable) -> bool:
    """Whether the first columns are those of a form."""
    return _name_tool(raw) is not None


def _name_tool(raw: RawTable) -> str | None:
    first = tuple(name.casefold() for name in raw.cells.columns[:3])
    if first in _MICROSOFT:
        return "Microsoft Forms"
    return "Google Forms" if first[0] in _GOOGLE else None


def tidy(raw: RawTable) -> RawTable:
    """Say which it is; choices of a question with several end with ``;`` and stay as they are."""
    note = f"{raw.name} is an export of {_name_tool(raw)}; it tells no unfinished responses."
    return replace(raw, notes=(*raw.notes, note))
