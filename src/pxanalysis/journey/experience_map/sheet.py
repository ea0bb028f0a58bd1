"""A workbook to write observations in: a row each, drop-downs for what the journey knows, an example; A3 on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.journey.experience_map.observation import EFFORTS, OBSERVATION_COLUMNS, SOURCES, TEXTS
from pxanalysis.journey.experience_map.words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pxanalysis.journey.model import Journey, Role, Touchpoint

__all__ = ["EXAMPLE", "SHEET", "write_sheet"]

SHEET = "observations"
"""Name of the sheet that is read."""
EXAMPLE = "#"
"""A row that begins with this is an example or help, and is not read."""

_ROOM = 400
_A3 = 8
_HELP = {
    "nl": {
        "touchpoint": "# kies", "role": "kies; nooit een naam", "source": "meegelopen, gesprek, werksessie of reactie",
        "date": "2026-03-31", "feels": "-2 heel naar … +2 heel fijn", "does": "wat u de patiënt zag doen",
        "thinks": "wat de patiënt dacht", "positive": "wat de patiënt fijn vond", "dilemma": "wat de patiënt afwoog",
        "quote": "letterlijk, zonder namen", "idea": "wat het beter maakt", "effort": "S dag, M weken, L project",
        "cost": "euro's", "votes": "aantal", "language": "nl of en; leeg mag",
    },
    "en": {
        "touchpoint": "# choose", "role": "choose; never a name",
        "source": "walked along, interview, workshop, comment",
        "date": "2026-03-31", "feels": "-2 very bad … +2 very good", "does": "what you saw the patient do",
        "thinks": "what the patient thought", "positive": "what the patient liked",
        "dilemma": "what the patient weighed",
        "quote": "word for word, no names", "idea": "what would make it better", "effort": "S day, M weeks, L project",
        "cost": "euros", "votes": "how many", "language": "nl or en; may be empty",
    },
}  # fmt: skip


def write_sheet(journey: Journey, path: Path, language: str) -> None:
    """Write an empty workbook for observations on a journey; ``pxanalysis.read_observations`` reads it."""
    import xlsxwriter

    words_of(language, journey.languages)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})  # the same journey is the same file on any day
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#1f6089", "font_color": "#ffffff", "border": 1}),
            "help": book.add_format({"italic": True, "font_color": "#56636f", "text_wrap": True, "valign": "top"}),
            "cell": book.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": "#d7dde3"}),
        }
        place, lists = book.add_worksheet(SHEET), book.add_worksheet("lists")
        ends = _write_lists(lists, journey, language)
        _write_heads(place, formats, language)
        _add_choices(place, ends)
        place.freeze_panes(2, 1)
        place.set_landscape()
        place.set_paper(_A3)
        place.fit_to_pages(1, 0)
        place.repeat_rows(0, 1)
        place.print_area(0, 0, 40, len(OBSERVATION_COLUMNS) - 1)


def _write_lists(lists: Any, journey: Journey, language: str) -> dict[str, int]:
    """What the drop-downs offer, with its names beside it; returns how many rows each has."""
    columns: dict[str, Sequence[Touchpoint | Role]] = {"touchpoint": journey.touchpoints, "role": journey.roles}
    lists.set_column(0, 3, 32)
    for c, (name, parts) in enumerate(columns.items()):
        lists.write_string(0, 2 * c, name)
        for r, part in enumerate(parts, start=1):
            lists.write_string(r, 2 * c, part.id)
            lists.write_string(r, 2 * c + 1, part.label[language])
    return {name: len(parts) for name, parts in columns.items()}


def _write_heads(place: Any, formats: dict[str, Any], language: str) -> None:
    for c, name in enumerate(OBSERVATION_COLUMNS):
        place.write_string(0, c, name, formats["head"])
        place.write_string(1, c, _HELP[language][name], formats["help"])
        place.set_column(c, c, 30 if name in TEXTS else 20 if name == "touchpoint" else 12)
    for r in range(2, 40):
        for c in range(len(OBSERVATION_COLUMNS)):
            place.write_blank(r, c, None, formats["cell"])
    place.set_row(1, 46)


def _add_choices(place: Any, ends: dict[str, int]) -> None:
    offered: dict[str, Any] = {"source": list(SOURCES), "effort": list(EFFORTS), "feels": ["-2", "-1", "0", "1", "2"]}
    for name, letter in (("touchpoint", "A"), ("role", "C")):
        if ends[name]:
            offered[name] = f"=lists!${letter}$2:${letter}${ends[name] + 1}"
    for name, source in offered.items():
        c = OBSERVATION_COLUMNS.index(name)
        place.data_validation(2, c, _ROOM, c, {"validate": "list", "source": source, "error_type": "stop"})
