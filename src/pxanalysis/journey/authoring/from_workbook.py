"""From the workbook back to a journey; what cannot be read is said with its sheet and cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from pydantic import ValidationError

from pxanalysis.errors import JourneyError
from pxanalysis.journey.authoring.records import Record, assemble
from pxanalysis.journey.authoring.sheets import EXAMPLE_ROWS, FIRST_ROW, SHEETS, Column, Sheet
from pxanalysis.journey.authoring.workbook import headings
from pxanalysis.journey.explanations import list_problems
from pxanalysis.journey.model import Journey

__all__ = ["read_workbook"]

_YES = {"ja", "yes", "x", "true", "waar", "1"}
_NO = {"nee", "no", "false", "onwaar", "0", ""}
_MOST_SHOWN = 20


def read_workbook(path: str | Path) -> Journey:
    """Read a journey from a workbook made by ``pxanalysis journeys new --xlsx``.

    An id that is left empty is made from the name. A reference may be an id or a name.

    Raises
    ------
    JourneyError
        With one line per problem: sheet, cell, what was expected, what to do.
    """
    from openpyxl import load_workbook

    file = Path(path)
    if not file.is_file():
        raise JourneyError(f"{file}: no such workbook. Make one with 'pxanalysis journeys new NAME --xlsx'.")
    try:
        book = load_workbook(file, data_only=True)
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise JourneyError(f"{file.name}: not an Excel workbook ({error}). Save it as .xlsx.") from error
    reader = _Reader(file.name)
    languages = reader.languages(book)
    rows = {sheet.key: reader.read(book, sheet, languages) for sheet in SHEETS}
    reader.resolve(rows)
    reader.stop_if_wrong()
    try:
        return Journey.model_validate(assemble({key: [row.cells for row in found] for key, found in rows.items()}))
    except ValidationError as error:
        raise JourneyError("\n".join(reader.explain(error, rows))) from error


@dataclass(slots=True)
class _Row:
    """One record with its place: the row, and the cell of each column."""

    sheet: Sheet
    row: int
    cells: Record
    places: dict[str, str]


@dataclass(slots=True)
class _Reader:
    """Reads sheets and gathers what is wrong, to say it all at once."""

    file: str
    problems: list[str] = field(default_factory=list)

    def say(self, sheet: Sheet, cell: str, message: str) -> None:
        self.problems.append(f"{self.file}, sheet '{sheet.title}', cell {cell}: {message}")

    def stop_if_wrong(self) -> None:
        if self.problems:
            more = len(self.problems) - _MOST_SHOWN
            tail = [f"... and {more} more."] if more > 0 else []
            raise JourneyError("\n".join([*self.problems[:_MOST_SHOWN], *tail]))

    def languages(self, book: Any) -> tuple[str, ...]:
        """Languages of the workbook: those in the headings of the steps."""
        sheet = SHEETS[0]
        self._check_sheet(book, sheet)
        found = (re.fullmatch(r"\w+ \(([a-z]{2})\)", str(cell.value or "").strip()) for cell in book[sheet.title][1])
        languages = tuple(dict.fromkeys(match[1] for match in found if match))
        if not languages:
            self.say(sheet, "A1", "expected headings such as 'label (nl)'; put row 1 back as it was in a new workbook.")
            self.stop_if_wrong()
        return languages

    def _check_sheet(self, book: Any, sheet: Sheet) -> None:
        if sheet.title not in book.sheetnames:
            raise JourneyError(
                f"{self.file}: there is no sheet '{sheet.title}'; it has: {', '.join(book.sheetnames)}. Give the sheet "
                "its name back, or start from a new workbook ('pxanalysis journeys new NAME --xlsx')."
            )

    def read(self, book: Any, sheet: Sheet, languages: Sequence[str]) -> list[_Row]:
        self._check_sheet(book, sheet)
        place = book[sheet.title]
        for merged in place.merged_cells.ranges:
            self.say(sheet, str(merged), "these cells are merged; unmerge them and write the text in every row.")
        heads = {str(cell.value).strip(): cell.column_letter for cell in place[1] if cell.value is not None}
        for column in sheet.columns:
            for heading in headings(column, languages):
                if heading not in heads:
                    self.say(sheet, "row 1", f"there is no column '{heading}'; put the heading back.")
        self.stop_if_wrong()
        found = []
        for row in range(FIRST_ROW, place.max_row + 1):
            values = {name: place[f"{letter}{row}"].value for name, letter in heads.items()}
            filled = any(str(value).strip() for value in values.values() if value is not None)
            if filled and str(values.get("id", "")).strip().casefold() != EXAMPLE_ROWS:
                found.append(self._record(sheet, row, values, heads, languages))
        return found

    def _record(
        self, sheet: Sheet, row: int, values: dict[str, Any], heads: dict[str, str], languages: Sequence[str]
    ) -> _Row:
        cells: Record = {}
        places: dict[str, str] = {}
        for column in sheet.columns:
            names = headings(column, languages)
            places[column.key] = f"{heads[names[0]]}{row}"
            if column.kind == "text":
                texts = {lang: _words(values[name]) for lang, name in zip(languages, names, strict=True)}
                value: Any = {language: text for language, text in texts.items() if text} or None
                for language, name in zip(languages, names, strict=True):
                    if not texts[language] and (column.required or value):
                        self.say(sheet, f"{heads[name]}{row}", f"empty; write {column.key} in '{language}' here.")
            else:
                value = self._value(sheet, column, values[names[0]], places[column.key])
            if value is not None:
                cells[column.key] = value
        if "id" in places and "id" not in cells:
            cells["id"] = _slug(cells.get("label") or cells.get("text") or cells.get("title") or {}, sheet.key, row)
        return _Row(sheet, row, cells, places)

    def _value(self, sheet: Sheet, column: Column, value: Any, cell: str) -> Any:
        text = _words(value)
        if not text:
            if column.required:
                self.say(sheet, cell, f"empty; write {column.key} here ({column.help}).")
            return None
        match column.kind:
            case "list":
                parts = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
                return [int(part) if re.fullmatch(r"-?\d+", part) else part for part in parts]
            case "yes":
                if text.casefold() not in _YES | _NO:
                    self.say(sheet, cell, f"expected ja or nee, found '{text:.40}'.")
                return text.casefold() in _YES
            case "whole" | "number":
                return self._number(sheet, column, text, cell)
            case _:
                return text

    def _number(self, sheet: Sheet, column: Column, text: str, cell: str) -> float | int | None:
        pattern = r"-?\d+" if column.kind == "whole" else r"-?\d+([.,]\d+)?"
        if not re.fullmatch(pattern, text):
            self.say(sheet, cell, f"expected a number for {column.key}, found '{text:.40}'.")
            return None
        return int(text) if column.kind == "whole" else float(text.replace(",", "."))

    def resolve(self, rows: dict[str, list[_Row]]) -> None:
        """Turn a name into its id where a row refers to another sheet, and refuse what is not there."""
        for sheet in SHEETS:
            for column in sheet.columns:
                if isinstance(column.options, str):
                    for row in rows[sheet.key]:
                        self._resolve(row, column, rows[column.options])
        for sheet in (s for s in SHEETS if s.key in {"steps", "touchpoints", "items"} and not rows[s.key]):
            self.say(sheet, f"A{FIRST_ROW}", "nothing is filled in; write the first one below the example.")

    def _resolve(self, row: _Row, column: Column, targets: list[_Row]) -> None:
        wanted = row.cells.get(column.key)
        if wanted is None:
            return
        known = {str(target.cells["id"]): target.cells["id"] for target in targets}
        named = {
            text.casefold(): target.cells["id"] for target in targets for text in target.cells.get("label", {}).values()
        }
        found = known.get(wanted, named.get(str(wanted).casefold()))
        if found is None:
            listed = ", ".join(known) or "none yet"
            self.say(row.sheet, row.places[column.key], f"'{wanted}' is not on the other sheet; there: {listed:.300}.")
        else:
            row.cells[column.key] = found

    def explain(self, error: ValidationError, rows: dict[str, list[_Row]]) -> list[str]:
        """Problems of the journey as a whole, each with the sheet and cell it comes from."""
        return sorted({f"{self.file}, {_locate(path, rows)}: {message}" for path, message in list_problems(error)})


def _locate(path: Sequence[str | int], rows: dict[str, list[_Row]]) -> str:
    """Sheet and cell of a place in a journey, as near as the workbook has one."""
    parts = list(path)
    found = _row_at(parts, rows)
    if found is None:
        return f"{'.'.join(str(part) for part in parts) or 'the journey'}"
    row, rest = found
    key = next((str(part) for part in rest if part in row.places), "")
    return f"sheet '{row.sheet.title}', cell {row.places.get(key, f'A{row.row}')}"


def _row_at(parts: list[str | int], rows: dict[str, list[_Row]]) -> tuple[_Row, list[str | int]] | None:
    match parts:
        case ["steps", int(s), "touchpoints", int(t), "items" | "ideas" as kind, int(i), *rest]:
            touchpoint = _nth(rows["touchpoints"], "step", rows["steps"][s].cells["id"], t)
            return _nth(rows[kind], "touchpoint", touchpoint.cells["id"], i), rest
        case ["steps", int(s), "touchpoints", int(t), *rest]:
            return _nth(rows["touchpoints"], "step", rows["steps"][s].cells["id"], t), rest
        case ["case_mix", int(v), "levels", int(n), *rest]:
            return _nth(rows["levels"], "case_mix", rows["case_mix"][v].cells["id"], n), rest
        case ["scales", str(name), *rest]:
            return next((row, rest) for row in rows["scales"] if row.cells["id"] == name)
        case [str(kind), int(n), *rest] if kind in rows:
            return rows[kind][n], rest
        case [str(key), *_] if rows["journey"] and key in rows["journey"][0].places:
            return rows["journey"][0], parts
    return None


def _nth(rows: list[_Row], column: str, value: str, n: int) -> _Row:
    return [row for row in rows if row.cells.get(column) == value][n]


def _words(value: Any) -> str:
    """A cell as text: a whole number has no ``.0``, space is trimmed."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else " ".join(str(value).split())


def _slug(texts: dict[str, str], sheet: str, row: int) -> str:
    """An id from a name: the English one where it is there."""
    text = unicodedata.normalize("NFKD", texts.get("en") or next(iter(texts.values()), ""))
    words = re.findall(r"[a-z0-9]+", text.encode("ascii", "ignore").decode().lower())
    # A step and its touchpoint often have the same name, and ids are unique over the whole journey.
    slug = "_".join(["step", *words] if sheet == "steps" else words)[:40].strip("_")
    return slug if slug[:1].isalpha() else f"{sheet.rstrip('s')}_{row}"
