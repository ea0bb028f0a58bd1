"""Workbooks (.xlsx, .xlsm, .xls, .xlsb, .ods): the sheet with the answers, its header, its dates."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.raw import BadLine, RawTable, hash_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from python_calamine import CalamineWorkbook

__all__ = ["open_workbook", "read_workbook"]

_LARGEST = 4_000_000_000
"""Bytes that a workbook may unpack to."""
_MOST_PACKED = 500
"""Times by which a workbook may grow: real ones grow 5 to 30 times."""
_TOTALS = re.compile(r"(gemiddelde?|totaal|som|average|mean|total|sum)\b.*", flags=re.IGNORECASE)
_DATE_NAME = re.compile(r"(datum|date|completed_on|tijd|time)", flags=re.IGNORECASE)
_SERIALS = (20_000.0, 80_000.0)
"""Serial numbers that are days from 1954 to 2119."""

_PARENT = "_parent_index"
"""Column of a sheet whose rows are repeats within a submission of another sheet (KoboToolbox)."""

Row = list[Any]


def read_workbook(path: Path) -> RawTable:
    """Read the sheet that holds the answers, and those with the same header; the others are named.

    Raises
    ------
    SourceError
        When the workbook has a password, is damaged or unpacks to more than a computer holds, or no sheet has a table.
    """
    book = open_workbook(path)
    tables: dict[str, list[Row]] = {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
    }
    if {"survey", "choices"} <= {name.casefold() for name in tables}:
        raise SourceError(
            f"{path.name}: this workbook is a questionnaire (XLSForm: sheets 'survey' and 'choices'); expected "
            "answers. Export the submissions from KoboToolbox or ODK Central."
        )
    whole = [name for name in tables if not any(_PARENT in row for row in tables[name][:1])] or list(tables)
    chosen = max(whole, key=lambda name: _count_filled(tables[name]), default=None)
    if chosen is None or _count_filled(tables[chosen]) == 0:
        raise SourceError(f"{path.name}: every sheet is empty; expected a header row and answers. Export it again.")
    alike = _find_alike(tables, chosen)
    first, *others = alike
    rows = [*tables[first], *(row for name in others for row in tables[name][_find_header(tables[name]) + 1 :])]
    notes = [
        f"{path.name}: sheet '{name}' ({len(other)} rows) was not read; the answers were taken from '{chosen}'."
        for name, other in tables.items()
        if name not in alike and other
    ]
    if others:
        notes.append(
            f"{path.name}: the sheets {', '.join(alike)} have the same header and were read as one; rows are numbered "
            "on from each sheet to the next."
        )
    return _make_table(path, first, rows, notes, _first_day(path))


def _find_alike(tables: Mapping[str, list[Row]], chosen: str) -> list[str]:
    """Sheets with the header of the chosen one, as one for each month has; not a copy, with the same records."""
    header, records = _split_header(tables[chosen])
    alike = []
    for name, rows in tables.items():
        if name == chosen:
            alike.append(name)
            continue
        own, others = _split_header(rows)
        shared = sum(row in records for row in others)
        if header and own == header and others and 2 * shared <= len(others):
            alike.append(name)
            records |= others
    return alike


def _split_header(rows: list[Row]) -> tuple[tuple[str, ...], set[tuple[str, ...]]]:
    """Names of a sheet's columns and its different records; none where it has no header."""
    if not _count_filled(rows):
        return (), set()
    try:
        top = _find_header(rows)
    except LookupError:
        return (), set()
    texts = [tuple(str(cell).strip() for cell in row) for row in rows[top:]]
    return texts[0], {row for row in texts[1:] if any(row)}


def open_workbook(path: Path) -> CalamineWorkbook:
    """Open a workbook, unless it would unpack to more than a computer holds.

    Raises
    ------
    SourceError
        When it does, has a password or is damaged.
    """
    import python_calamine  # only where there is such a file

    _refuse_bomb(path)
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError as error:
        raise SourceError(f"{path.name}: the workbook has a password. Save it without one, then try again.") from error
    except (python_calamine.CalamineError, OSError) as error:
        if _is_locked(path):
            raise SourceError(
                f"{path.name}: the workbook has a password. Save it without one, then try again."
            ) from error
        raise SourceError(
            f"{path.name}: this workbook is cut off or damaged ({error}). Copy or export it again."
        ) from error


def _is_locked(path: Path) -> bool:
    return "EncryptedPackage".encode("utf-16-le") in path.read_bytes()


def _refuse_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(one.file_size for one in archive.infolist())
    if size > _LARGEST or (size > 100_000_000 and size > _MOST_PACKED * path.stat().st_size):
        raise SourceError(
            f"{path.name}: {path.stat().st_size} bytes unpack to {size}; expected a workbook with answers. It was not "
            "opened. Export the answers as CSV (UTF-8)."
        )


def _first_day(path: Path) -> date:
    """Day of serial number 0: files of old Macintosh versions count from 1904."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if "xl/workbook.xml" in archive.namelist():
                text = archive.read("xl/workbook.xml")
                if re.search(rb'date1904="(1|true)"', text):
                    return date(1904, 1, 1)
    return date(1899, 12, 30)


def _count_filled(rows: list[Row]) -> int:
    return sum(cell != "" for row in rows for cell in row)


def _find_header(rows: list[Row]) -> int:
    """Position of the header: the first row of words in which nearly as many cells are filled as in any."""
    widest = max(sum(cell != "" for cell in row) for row in rows)
    for position, row in enumerate(rows):
        filled = [cell for cell in row if cell != ""]
        if len(filled) >= 0.6 * widest and sum(isinstance(cell, str) for cell in filled) >= 0.8 * len(filled):
            if len(filled) == widest:
                return position
            titles = range(position + 1, min(position + 5, len(rows)))  # a title may stand over several cells
            return next((below for below in titles if _is_full(rows[below], widest)), position)
    raise LookupError


def _is_full(row: Row, widest: int) -> bool:
    return sum(isinstance(cell, str) and cell != "" for cell in row) == widest


def _make_table(path: Path, sheet: str, rows: list[Row], notes: list[str], first_day: date) -> RawTable:
    try:
        top = _find_header(rows)
    except LookupError:
        raise SourceError(
            f"{path.name}, sheet '{sheet}': no row looks like a header; expected names above the answers. Add them."
        ) from None
    names = _name_columns([_text(cell) or "" for cell in rows[top]], rows[top + 1 :])
    if top:
        notes.append(f"{path.name}, sheet '{sheet}': the header is row {top + 1}; what stands above it was left out.")
    kept, bad = _split_rows(rows, top)
    data = [[rows[position][column] for position in kept] for column in range(len(names))]
    columns = []
    for name, cells in zip(names, data, strict=True):
        if not name:
            continue
        if _DATE_NAME.search(name) and _are_serials(cells):
            cells = [_from_serial(cell, first_day) for cell in cells]
            notes.append(
                f"{path.name}: column '{name}' holds days as Excel counts them (from {first_day}); read as dates."
            )
        columns.append(pl.Series(name, [_text(cell) for cell in cells], dtype=pl.String))
    numbers = pl.Series("row", [position + 1 for position in kept], dtype=pl.UInt32)
    return RawTable(path.name, hash_file(path), pl.DataFrame(columns), numbers, tuple(bad), tuple(notes))


def _name_columns(header: list[str], below: list[Row]) -> list[str]:
    """One name a column: a name that stands twice gets a number; none for a column without name and cells."""
    uses: Counter[str] = Counter()
    names = []
    for column, name in enumerate(header):
        if not name and all(row[column] == "" for row in below):
            names.append("")
            continue
        name = name or f"(column {column + 1})"
        uses[name] += 1
        names.append(name if uses[name] == 1 else f"{name}.{uses[name] - 1}")
    return names


def _split_rows(rows: list[Row], top: int) -> tuple[list[int], list[BadLine]]:
    """Positions of the records below the header, and rows of totals or footnotes, which are none."""
    kept: list[int] = []
    bad: list[BadLine] = []
    for position in range(top + 1, len(rows)):
        filled = [cell for cell in rows[position] if cell != ""]
        if not filled:
            continue
        first = rows[position][0]
        if isinstance(first, str) and _TOTALS.fullmatch(first.strip()):
            text = " | ".join(_text(cell) or "" for cell in rows[position])
            bad.append(BadLine(position + 1, text, f"expected a response, found a row that begins with '{first}'"))
        else:
            kept.append(position)
    return kept, bad


def _are_serials(cells: Row) -> bool:
    filled = [cell for cell in cells if cell != ""]
    low, high = _SERIALS
    return bool(filled) and all(isinstance(cell, float) and low < cell < high for cell in filled)


def _from_serial(cell: Any, first_day: date) -> Any:
    return cell if cell == "" else datetime.combine(first_day, time()) + timedelta(seconds=round(cell * 86_400))


def _text(cell: Any) -> str | None:
    """A cell as text: whole numbers without a point, days as year-month-day."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell).replace("\xa0", " ").strip() or None
