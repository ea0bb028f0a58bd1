"""Columns that say which response, which practice and which day, where nobody has named them."""

from __future__ import annotations

import re

from pxanalysis.survey.mapping.columns import ExportColumn
from pxanalysis.survey.questionnaire_exports.layouts import recognise_layout
from pxanalysis.survey.sources.raw import RawTable

__all__ = ["find_keys"]

_PRACTICE = re.compile(
    r"practice|praktijk|hospital|ziekenhuis|clinic|kliniek|^locati(on|e)$|vestiging|\bagb|provider|zorgverlener"
    r"|dentist|tandarts|data_access_group|data access group",
    flags=re.IGNORECASE,
)
_BARE = re.compile(rf"({_PRACTICE.pattern})([ _]?(id|nr|no|code|number|nummer|naam|name))?", flags=re.IGNORECASE)
"""A heading that is nothing but that: its column may hold a few codes, as a question about the dentist does too."""
_QUESTION = ("rated", "flag", "date")
_RESPONSE = re.compile(
    r"(response|respondent|record|case|participant|patient|subject|resp|antwoord|antwort)?[ _-]?(id|nr|number|nummer)"
    r"|respnr|key|_uuid",
    flags=re.IGNORECASE,
)
_DATE = re.compile(r"datum|date|timestamp|tijd|time|completed|ingevuld|voltooid|submitted|authored", re.IGNORECASE)
_END = re.compile(r"complet|voltooi|submit|ingezonden|ingevuld|\bend\b|eind", flags=re.IGNORECASE)


def find_keys(raw: RawTable, found: list[ExportColumn], practice: str | None) -> dict[str, str]:
    """Columns with the response's id, its practice and its day, where they can be told."""
    layout = recognise_layout(raw)
    columns = set(raw.cells.columns)
    keys: dict[str, str] = {}
    ids = [column.name for column in found if _RESPONSE.fullmatch(column.name)]
    ids = ([layout.response_id] if layout is not None else []) + ids
    unique = [name for name in ids if name in columns and raw.cells[name].n_unique() == raw.cells.height]
    if unique:
        keys["response_id"] = unique[0]
    places = [c.name for c in found if _names_practice(c) and c.name not in keys.values()]
    places = [name for name in places if raw.cells[name].n_unique() <= max(2, raw.cells.height // 2)]
    if practice is not None or places:
        keys["practice_id"] = practice or places[0]
    dates = [column.name for column in found if column.kind == "date" and column.n]
    known = [name for name in (layout.dates if layout is not None else ()) if name in dates]
    ends = [name for name in dates if _END.search(name)]
    likely = known + ends + [name for name in dates if _DATE.search(name)] + dates
    likely = [name for name in likely if name not in keys.values()]
    if likely:
        keys["completed_on"] = likely[0]
    return keys


def _names_practice(column: ExportColumn) -> bool:
    if not column.n or not _PRACTICE.search(column.name):
        return False
    return column.kind not in _QUESTION or _BARE.fullmatch(column.name) is not None
