"""A workbook to write a journey in: drop-downs, an example row, sheets that print on A3 for work in small groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.journey.authoring.records import Record, to_records
from pxanalysis.journey.authoring.sheets import FIRST_ROW, SHEETS, Column, Sheet

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey

__all__ = ["headings", "write_blank_workbook", "write_workbook"]

_ROOM = 60
"""Empty rows with drop-downs below the last record."""
_A3 = 8
_READ_ME = (
    ("Zo werkt het", "How it works"),
    (
        "Tien minuten, in groepen van drie. Print de bladen 1 tot en met 3 op A3, of vul ze hier in.",
        "Ten minutes, in groups of three. Print sheets 1 to 3 on A3, or fill them in here.",
    ),
    (
        "Minuut 1-3: schrijf elk voor zich op wat een patiënt meemaakt, van het begin tot het einde, als: Ik ...",
        "Minutes 1-3: each writes down what a patient goes through, from beginning to end, as: I ...",
    ),
    (
        "Minuut 4-6: leg dat naast elkaar en maak er stappen van (blad 1) met contactmomenten (blad 2).",
        "Minutes 4-6: lay these side by side and make steps (sheet 1) with touchpoints (sheet 2).",
    ),
    (
        "Minuut 7-10: schrijf bij elk contactmoment drie tot zes stellingen (blad 3), elk over één ding.",
        "Minutes 7-10: write three to six statements for each touchpoint (sheet 3), each about one thing.",
    ),
    (
        "De andere bladen zijn al ingevuld: schalen, uitkomsten, kenmerken. Rijen met id 'voorbeeld' tellen niet.",
        "The other sheets are filled in already: scales, outcomes, case mix. Rows with id 'voorbeeld' do not count.",
    ),
    (
        "Een lege id wordt uit de naam gemaakt. Voeg geen cellen samen en laat rij 1 van elk blad zoals hij is.",
        "An empty id is made from the name. Merge no cells, and leave row 1 of each sheet as it is.",
    ),
    ("Klaar? pxanalysis journeys import BESTAND.xlsx", "Done? pxanalysis journeys import FILE.xlsx"),
)
"""What the first sheet says, in Dutch and English."""


def write_workbook(journey: Journey, path: str | Path) -> None:
    """Write a journey as a workbook that :func:`read_workbook` reads back as the same journey."""
    _write(to_records(journey), journey.languages, Path(path), examples=False)


def write_blank_workbook(journey_id: str, path: str | Path, *, languages: Sequence[str] = ("nl", "en")) -> None:
    """Write a workbook for a new journey: the usual scales and outcomes, an example on each sheet, no chain yet."""
    from pxanalysis.journey.reading import read_journey

    usual = to_records(read_journey("dental-checkup"))
    rows: dict[str, list[Record]] = {sheet.key: [] for sheet in SHEETS}
    for name in ("scales", "scale_labels", "roles", "case_mix", "levels", "open_questions"):
        rows[name] = usual[name]
    rows["outcomes"] = [outcome for outcome in usual["outcomes"] if outcome["kind"] != "behaviour"]
    rows["providers"] = [{"id": "practice", "label": {"nl": "Praktijk", "en": "Practice"}}]
    rows["journey"] = [
        {"id": journey_id, "version": "1.0", "kind": "questionnaire", "reported_on": "practice", "languages": languages}
    ]
    _write(rows, languages, Path(path), examples=True)


def headings(column: Column, languages: Sequence[str]) -> list[str]:
    """Headings of a column: one per language for a text."""
    return [f"{column.key} ({language})" for language in languages] if column.kind == "text" else [column.key]


def _write(rows: Mapping[str, list[Record]], languages: Sequence[str], path: Path, *, examples: bool) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": datetime(2026, 1, 1)})  # the same journey is the same file on any day
        formats = {
            "head": workbook.add_format({"bold": True, "bg_color": "#1f6089", "font_color": "#ffffff", "border": 1}),
            "help": workbook.add_format({"italic": True, "font_color": "#56636f", "text_wrap": True, "valign": "top"}),
            "cell": workbook.add_format({"text_wrap": True, "valign": "top", "border": 1, "border_color": "#d7dde3"}),
            "example": workbook.add_format(
                {"text_wrap": True, "valign": "top", "italic": True, "font_color": "#56636f", "bg_color": "#f3f5f7"}
            ),
        }
        _write_read_me(workbook.add_worksheet("Lees mij - read me"), formats)
        for sheet in SHEETS:
            records = list(rows[sheet.key])
            example = sheet.example if examples else None
            _write_sheet(workbook.add_worksheet(sheet.title), sheet, records, languages, formats, example)


def _write_read_me(place: Any, formats: Mapping[str, Any]) -> None:
    place.set_column(0, 1, 70)
    for row, texts in enumerate(_READ_ME):
        for column, text in enumerate(texts):
            place.write_string(row, column, text, formats["head" if row == 0 else "cell"])
    place.set_landscape()
    place.set_paper(_A3)


def _write_sheet(
    place: Any,
    sheet: Sheet,
    records: list[Record],
    languages: Sequence[str],
    formats: Mapping[str, Any],
    example: Mapping[str, Any] | None,
) -> None:
    last = FIRST_ROW - 1 + len(records) + _ROOM
    c = 0
    for column in sheet.columns:
        for n, heading in enumerate(headings(column, languages)):
            language = languages[n] if column.kind == "text" else None
            place.write_string(0, c, heading, formats["head"])
            place.write_string(1, c, column.help, formats["help"])
            place.set_column(c, c, column.width)
            if example is not None:
                place.write(FIRST_ROW - 1, c, _cell(example.get(column.key), language), formats["example"])
            first = FIRST_ROW - 1 + (example is not None)
            for r, record in enumerate(records, start=first):
                place.write(r, c, _cell(record.get(column.key), language), formats["cell"])
            for r in range(first + len(records), last):
                place.write_blank(r, c, None, formats["cell"])
            _add_choices(place, column, c, last)
            c += 1
    place.set_row(1, 46)
    place.freeze_panes(2, 2)
    place.set_landscape()
    place.set_paper(_A3)
    place.fit_to_pages(1, 0)
    place.repeat_rows(0, 1)
    place.set_margins(0.4, 0.4, 0.5, 0.5)
    place.print_area(0, 0, max(FIRST_ROW - 1 + len(records), 20), c - 1)
    place.set_footer("&L&A&R&P / &N")


def _add_choices(place: Any, column: Column, c: int, last: int) -> None:
    """A drop-down that advises but does not refuse: several channels may stand in one cell."""
    if not column.options:
        return
    if isinstance(column.options, str):
        target = next(sheet for sheet in SHEETS if sheet.key == column.options)
        letter = chr(ord("A") + [part.key for part in target.columns].index("id"))
        source: str | list[str] = f"='{target.title}'!${letter}${FIRST_ROW}:${letter}$200"
    else:
        source = list(column.options)
    place.data_validation(
        FIRST_ROW - 1, c, last, c, {"validate": "list", "source": source, "error_type": "information"}
    )


def _cell(value: Any, language: str | None) -> str | float | int | None:
    """What stands in a cell; a text in one of its languages, a list joined by commas."""
    if language is not None:
        return value.get(language, "") if isinstance(value, Mapping) else ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)
    return "" if value is None else value
