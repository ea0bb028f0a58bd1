"""Exports of survey tools: which tool made a table, and what in it is no answer.

Each module has one ``recognise(raw)`` and one ``tidy(raw)``; a tool is added to ``_TOOLS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools import forms, kobo, limesurvey, qualtrics, redcap, surveymonkey

__all__ = ["tidy_export"]

_TOOLS: dict[str, tuple[Callable[[RawTable], bool], Callable[[RawTable], RawTable]]] = {
    "qualtrics": (qualtrics.recognise, qualtrics.tidy),
    "limesurvey": (limesurvey.recognise, limesurvey.tidy),
    "kobo": (kobo.recognise, kobo.tidy),
    "redcap": (redcap.recognise, redcap.tidy),
    "surveymonkey": (surveymonkey.recognise, surveymonkey.tidy),
    "forms": (forms.recognise, forms.tidy),
}
"""Tools in the order in which they are looked for."""


def tidy_export(raw: RawTable) -> RawTable:
    """Leave out what a tool puts among the answers (second header rows, try-outs), and say what was understood."""
    if raw.tool or not raw.cells.height:
        return raw
    for tool, (recognise, tidy) in _TOOLS.items():
        if recognise(raw):
            return replace(tidy(raw), tool=tool)
    return raw
