"""Google Forms and Microsoft Forms: a time stamp first, no partials."""

from __future__ import annotations

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import Tally

__all__ = ["describe", "recognise", "tidy"]

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


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """The same; choices of a question with several end with ``;`` and stay as they are."""
    return raw


def describe(raw: RawTable, tally: Tally) -> list[str]:
    """Say which it is."""
    return [f"{raw.name} is an export of {_name_tool(raw)}; it tells no unfinished responses."]
