"""Lists of actions that a practice or network keeps: YAML, CSV, a spreadsheet, or a table of an SQLite database."""

from __future__ import annotations

import difflib
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

from pxanalysis.errors import SurveyError
from pxanalysis.survey.action_list.record import DAYS, Action, check_status

__all__ = ["LIST_COLUMNS", "TABLE", "parse_day", "read_actions"]

LIST_COLUMNS = (*(one.name for one in fields(Action)), "status")
"""Columns of a list of actions; ``action_id`` and ``status`` may be left out."""

TABLE = "actions"
"""Name of the table in a database."""

_NUMBERS = ("effort_hours", "cost", "expected_effect", "expected_gain", "smallest_change")

Rows = Iterable[tuple[str, Mapping[str, object]]]
"""Place of a row in its file, and its cells by column."""


def read_actions(path: Path) -> list[tuple[str, Action]]:
    """Read a list of actions: each with its place in the file.

    Raises
    ------
    SurveyError
        Naming file, row and column, what was expected, what was found and the remedy; all that is wrong at once.
    """
    if not path.is_file():
        raise SurveyError(f"{path}: there is no list of actions here. Correct [actions] file in study.toml.")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise SurveyError(
            f"{path.name}: files ending in '{path.suffix}' cannot be read; expected one of {', '.join(_READERS)}."
        )
    problems: list[str] = []
    actions: list[tuple[str, Action]] = []
    for place, cells in reader(path):
        action, wrong = _make_action(cells)
        problems += [f"{path.name}, {place}: {one}" for one in wrong]
        if action is not None:
            actions.append((f"{path.name}, {place}", action))
    if problems:
        raise SurveyError("\n".join(problems))
    return actions


def _make_action(cells: Mapping[str, object]) -> tuple[Action | None, list[str]]:
    given = {name: value for name, value in cells.items() if value is not None and str(value).strip() != ""}
    problems = [_unknown_column(name) for name in given if name not in LIST_COLUMNS]
    values: dict[str, object] = {name: "" for name in ("practice_id", "touchpoint", "idea")}
    for name in (one for one in LIST_COLUMNS if one in given and one != "status"):
        try:
            values[name] = _parse(name, given[name])
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        return None, problems
    action = Action(**({"action_id": ""} | values))  # type: ignore[arg-type]
    wrong = check_status(str(given["status"]).strip().lower(), action) if "status" in given else ""
    return action, [wrong] if wrong else []


def _unknown_column(name: str) -> str:
    near = difflib.get_close_matches(name, LIST_COLUMNS, n=1)
    return f"unknown column '{name}'." + (f" Is it {near[0]}?" if near else f" There are: {', '.join(LIST_COLUMNS)}.")


def _parse(name: str, value: object) -> object:
    if name in DAYS:
        return parse_day(value)
    if name in _NUMBERS:
        return _parse_number(value)
    return str(value).strip()


def _parse_number(value: object) -> float:
    text = str(value).strip().replace(",", ".")
    if re.fullmatch(r"[-+]?\d+(\.\d+)?", text) is None:
        raise ValueError(f"expected a number such as 12.5, found '{value}'. Correct it or leave it empty.")
    return float(text)


def parse_day(value: object) -> date:
    """A day, written 2026-03-01 (or 1-3-2026, day first).

    Raises
    ------
    ValueError
        Saying what was expected.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip().removesuffix(" 00:00:00")
    found = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    turned = re.fullmatch(r"(\d{1,2})-(\d{1,2})-(\d{4})", text)
    parts = found.groups() if found else turned.groups()[::-1] if turned else None
    try:
        if parts is not None:
            return date(*(int(part) for part in parts))
    except ValueError:
        pass
    raise ValueError(f"expected a day such as 2026-03-01, found '{value}'. Correct it or leave it empty.")


def _read_csv(path: Path) -> Rows:
    # Polars is imported where a table is read
    from pxanalysis.survey.sources.read import read_source

    raw = read_source(path)
    if raw.bad_lines:
        raise SurveyError(f"{path.name}, row {raw.bad_lines[0].row}: {raw.bad_lines[0].reason}.")
    for row, cells in zip(raw.rows, raw.cells.iter_rows(named=True), strict=True):
        yield f"row {row}", cells


def _read_xlsx(path: Path) -> Rows:
    from openpyxl import load_workbook  # heavy, and seldom needed
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, OSError, KeyError, ValueError) as error:
        raise SurveyError(f"{path.name}: not a readable workbook ({error}). Save it again as .xlsx.") from error
    with closing(book):
        rows = list(book.worksheets[0].iter_rows(values_only=True))
    if not rows:
        raise SurveyError(f"{path.name}: the first sheet is empty. Expected a row with column names.")
    names = ["" if cell is None else str(cell).strip() for cell in rows[0]]
    for number, row in enumerate(rows[1:], start=2):
        if any(cell is not None for cell in row):
            yield f"row {number}", {name: cell for name, cell in zip(names, row, strict=False) if name}


def _read_yaml(path: Path) -> Rows:
    from ruamel.yaml import YAML  # heavy, and seldom needed
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe").load(path.read_text(encoding="utf-8-sig"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise SurveyError(f"{path.name}: not valid YAML: {error}. Correct the file there.") from error
    entries = found.get("actions") if isinstance(found, dict) else found
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise SurveyError(f"{path.name}: expected a list of actions under 'actions:', each with its fields.")
    for number, one in enumerate(entries, start=1):
        yield f"action {number}", {str(name): value for name, value in one.items()}


def _read_sqlite(path: Path) -> Rows:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            cursor = database.execute(f"SELECT * FROM {TABLE}")
            names = [one[0] for one in cursor.description]
            rows = cursor.fetchall()
    except sqlite3.Error as error:
        raise SurveyError(
            f"{path.name}: cannot be read as an SQLite database with a table '{TABLE}' ({error}). "
            "Make that table or a view."
        ) from error
    for number, row in enumerate(rows, start=1):
        yield f"row {number} of {TABLE}", dict(zip(names, row, strict=True))


_READERS: dict[str, Callable[[Path], Rows]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".xlsx": _read_xlsx,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".db": _read_sqlite,
    ".sqlite": _read_sqlite,
    ".sqlite3": _read_sqlite,
}
