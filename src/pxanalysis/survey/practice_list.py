"""The list of practices: what each is called, and how many of its patients were invited to answer."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SurveyError
from pxanalysis.survey.checking.parsing import parse_numbers, parse_text
from pxanalysis.survey.columns.numbers import drop_thousands
from pxanalysis.survey.responses import Practice
from pxanalysis.survey.sources.read import read_source

if TYPE_CHECKING:
    import polars as pl

__all__ = ["find_impossible_numbers", "read_practices"]


def read_practices(path: Path) -> dict[str, Practice]:
    """Read a list of practices, by practice id: columns ``practice_id, practice_name`` and, where known, ``invited``.

    Raises
    ------
    SurveyError
        When a column is not there, a row cannot be read, a number of invited patients is none, or a practice has two
        names or two numbers.
    """
    raw = read_source(path)
    if not {"practice_id", "practice_name"} <= set(raw.cells.columns):
        found = ", ".join(raw.cells.columns)
        raise SurveyError(
            f"{path.name}, row 1: expected the columns practice_id and practice_name, found: {found}."
            f"{_name_near(raw.cells.columns)} Correct the first row."
        )
    near = difflib.get_close_matches("invited", raw.cells.columns, n=1, cutoff=0.7)
    if "invited" not in raw.cells.columns and near:
        raise SurveyError(
            f"{path.name}, row 1: there is a column '{near[0]}' and none 'invited'. Is it the number of "
            "patients who were invited? Call it invited; or give it a name less like it."
        )
    if raw.bad_lines:
        line = raw.bad_lines[0]
        raise SurveyError(f"{path.name}, row {line.row}: {line.reason}. Put quotation marks around a name with commas.")
    ids, names = (parse_text(raw.cells[column]) for column in ("practice_id", "practice_name"))
    has_invited = "invited" in raw.cells.columns
    invited = _whole_numbers(path.name, raw.rows, raw.cells["invited"]) if has_invited else [None] * len(ids)
    practices: dict[str, Practice] = {}
    for row, practice_id, name, number in zip(raw.rows, ids, names, invited, strict=True):
        if practice_id is None or (name is None and number is None):
            continue
        found_here = Practice(name, number)
        known = practices.setdefault(practice_id, found_here)
        _check_same(path.name, row, practice_id, known, found_here)
    return practices


def _name_near(columns: list[str]) -> str:
    """The columns that may be meant, one by one."""
    near = {
        name: found[0]
        for name in ("practice_id", "practice_name")
        if name not in columns and (found := difflib.get_close_matches(name, columns, n=1, cutoff=0.5))
    }
    return "".join(f" Is '{column}' the {name}?" for name, column in near.items())


def _whole_numbers(file: str, rows: pl.Series, cells: pl.Series) -> list[int | None]:
    values, failed = parse_numbers(drop_thousands(cells)[0])
    wrong = (failed | (values < 0) | (values != values.floor())).fill_null(value=False)
    if wrong.any():
        first = wrong.arg_true()[0]
        raise SurveyError(
            f"{file}, row {rows[first]}, column invited: expected the number of patients invited, a whole number of 0 "
            f"or more, found '{cells[first]}'. Correct it, or leave the cell empty where the number is not known."
        )
    return [None if value is None else int(value) for value in values]


def _check_same(file: str, row: int, practice_id: str, known: Practice, found: Practice) -> None:
    if known.name != found.name:
        raise SurveyError(
            f"{file}, row {row}: practice '{practice_id}' is called '{known.name}' above and '{found.name}' here; "
            "expected one name. Remove one of the rows."
        )
    if known.invited != found.invited:
        raise SurveyError(
            f"{file}, row {row}, column invited: practice '{practice_id}' has {known.invited} above and "
            f"{found.invited} here; expected one number, of the whole period. Keep one row, with their sum if these "
            "are parts of the period."
        )


def find_impossible_numbers(practices: Mapping[str, Practice], answered: Mapping[str, int], file: str) -> list[str]:
    """Say at which practices fewer patients were invited than answered; the response rate there is not known.

    A list that is behind stops nothing: answers come in between two versions of it.

    Parameters
    ----------
    answered
        Number of accepted answers by practice id.
    file
        What the list is called in the message.

    Returns
    -------
    No message or one, which names the practices, their two numbers and the remedy.
    """
    wrong = [
        f"'{practice_id}' ({practice.invited} invited, {answered[practice_id]} answered)"
        for practice_id, practice in sorted(practices.items())
        if practice.invited is not None and practice.invited < answered.get(practice_id, 0)
    ]
    if not wrong:
        return []
    return [
        f"{file}, column invited: fewer patients invited than answered at practice {', '.join(wrong)}. "
        "Give the number invited over the whole period that the answers cover, or leave the cell empty; their reports "
        "say until then that the response rate is not known."
    ]
