"""Exports of survey tools: which tool made a table, and what in it is no answer.

Each module has one ``recognise(raw)``, one ``tidy(raw, tally)`` and one ``describe(raw, tally)``; one whose exports
cannot always be gone through part by part has a ``can_split(first)``. A tool is added to ``_TOOLS``.
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools import forms, kobo, limesurvey, qualtrics, redcap, surveymonkey
from pxanalysis.survey.sources.tools.records import Tally

__all__ = ["ToolExport", "find_tool", "tidy_export"]

_TOOLS: dict[str, ModuleType] = {
    "qualtrics": qualtrics,
    "limesurvey": limesurvey,
    "kobo": kobo,
    "redcap": redcap,
    "surveymonkey": surveymonkey,
    "forms": forms,
}
"""Tools in the order in which they are looked for."""


class ToolExport:
    """An export of a tool, gone through part by part and in order.

    Attributes
    ----------
    tool
        Its name.
    """

    def __init__(self, tool: str) -> None:
        self.tool, self._module, self._tally = tool, _TOOLS[tool], Tally()

    def can_split(self, first: RawTable) -> bool:
        """Whether parts can be tidied one by one, of which this is the first; else all of it at once."""
        if any(dtype.is_temporal() for dtype in first.cells.dtypes):
            return False  # what is no date would make one part of it text
        return not hasattr(self._module, "can_split") or bool(self._module.can_split(first))

    def tidy(self, part: RawTable) -> RawTable:
        """Leave out of the next part what is no answer."""
        tidied: RawTable = self._module.tidy(part, self._tally)
        return replace(tidied, tool=self.tool)

    def describe(self, raw: RawTable) -> tuple[str, ...]:
        """What is said of all parts, of which ``raw`` is any."""
        return tuple(self._module.describe(raw, self._tally))


def find_tool(raw: RawTable) -> ToolExport | None:
    """The tool that made a table; None of any other."""
    if raw.tool or not raw.cells.height:
        return None
    return next((ToolExport(tool) for tool, module in _TOOLS.items() if module.recognise(raw)), None)


def tidy_export(raw: RawTable) -> RawTable:
    """Leave out what a tool puts among the answers (second header rows, try-outs), and say what was understood."""
    export = find_tool(raw)
    if export is None:
        return raw
    tidied = export.tidy(raw)
    return replace(tidied, notes=(*raw.notes, *export.describe(tidied)))
