"""Which column of a file is which question of the journey."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

import polars as pl

from pxanalysis.errors import SurveyError
from pxanalysis.journey.form import own_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.sources.read import RawTable

__all__ = [
    "check_one_header",
    "expected_columns",
    "find_absent",
    "find_left_out",
    "is_personal",
    "list_unused",
    "match_columns",
    "note_columns",
    "whole_number_columns",
]


_PERSONAL = re.compile(
    r"^ip[ _-]?(address|adres)?$|e-?mail|^recipient|^location(latitude|longitude|accuracy)|phone ?number"
    r"|telefoonnummer|^(first|last|full|voor|achter)[ _-]?(name|naam)$|^(name|naam)$|^(bsn|burgerservicenummer)$"
    r"|external(data)?reference",
    flags=re.IGNORECASE,
)


def check_one_header(raw: RawTable) -> None:
    """Refuse a file in which a second header stands among the records, with columns in another order.

    That is what files below each other are; what stands below it would be read under the wrong names. A header in the
    same order is refused later, as a row without answers.

    Raises
    ------
    SurveyError
        Naming the row.
    """
    names, first = set(raw.cells.columns), raw.cells.columns[0]
    if raw.cells[first].dtype != pl.String:
        return
    for position in raw.cells[first].is_in(list(names)).fill_null(value=False).arg_true():
        row = dict(zip(raw.cells.columns, raw.cells.row(position), strict=True))
        other = [f"'{cell}' under '{name}'" for name, cell in row.items() if cell in names and cell != name]
        if other and 2 * sum(cell in names for cell in row.values()) > len(row):
            raise SurveyError(
                f"{raw.name}, row {raw.rows[position]}: a second header stands among the responses, with columns in "
                f"another order ({', '.join(other[:3])}); what stands below it would be read under the wrong names. "
                "Put what is below it into a file of its own."
            )


def expected_columns(journey: Journey) -> list[str]:
    """Every column a response table of this journey can have, keys first."""
    return [
        *("response_id", "practice_id", "completed_on", "role", "channel", "simulated"),
        *(placed.id for placed in journey.items),
        *(outcome.id for outcome in journey.outcomes),
        *(variable.id for variable in journey.case_mix),
        *(question.id for question in journey.open_questions),
    ]


def whole_number_columns(journey: Journey, columns: Mapping[str, str] | None = None) -> set[str]:
    """The export's columns that should hold whole numbers only: items, outcomes and behaviours."""
    ids = [placed.id for placed in journey.items] + [outcome.id for outcome in journey.outcomes]
    return {(columns or {}).get(name, name) for name in ids}


def match_columns(raw: RawTable, journey: Journey, columns: Mapping[str, str]) -> dict[str, str]:
    """Journey id to the file's column, for the columns that the file has.

    Raises
    ------
    SurveyError
        Naming every mistake: mapped ids and columns that are not there, no practice column, no item.
    """
    known, have = expected_columns(journey), raw.cells.columns
    columns = {name: column.strip() for name, column in columns.items()}
    found = f"Found: {_first(have)}."
    errors = [
        f"study.toml [columns]: '{name}' is not an id of journey '{journey.id}'.{_near(name, known)} Left of the = "
        "stands the journey's id, right of it the export's column."
        for name in columns
        if name not in known
    ]
    errors += [
        f"{raw.name}, row 1: study.toml maps {name} to column '{column}', which the file does not have."
        f"{_near(column, have)} {found}"
        for name, column in columns.items()
        if name in known and column not in have
    ]
    names = {name: columns.get(name, name) for name in known if columns.get(name, name) in have}
    errors += _name_shared(raw.name, names)
    if "practice_id" not in names and "practice_id" not in columns:
        errors.append(
            f"{raw.name}, row 1: there is no column 'practice_id'; expected the practice of each response. {found} "
            'Name the right one in study.toml: [columns] practice_id = "..."; or, when all answers are of one '
            'practice: [source] practice = "...".'
        )
    items = [placed.id for placed in journey.items]
    if not any(name in names or name in columns for name in items):
        errors.append(
            f"{raw.name}, row 1: none of the items of journey '{journey.id}' is a column; expected {_first(items, 5)}. "
            f"{found} Map the export's names in study.toml under [columns]."
        )
    if errors:
        raise SurveyError("\n".join(errors))
    return names


def _name_shared(file: str, names: Mapping[str, str]) -> list[str]:
    """Columns that are read as two questions: a slip in the mapping would go unseen."""
    first: dict[str, str] = {}
    shared = []
    for name, column in names.items():
        if column in first:
            shared.append(
                f"{file}, row 1: column '{column}' is read both as {first[column]} and as {name}. Give each its own "
                "column in study.toml under [columns], or rename the column in the export."
            )
        first.setdefault(column, name)
    return shared


def _first(names: list[str], most: int = 40) -> str:
    return ", ".join(names[:most]) + _and_more(names, most)


def _and_more(names: list[str], shown: int) -> str:
    return f" and {len(names) - shown} more ('pxanalysis check' lists them all)" if len(names) > shown else ""


def _near(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def is_personal(column: str) -> bool:
    """Whether a column tells who somebody is, by its name: such a one is not copied when it is not asked for."""
    return _PERSONAL.search(column) is not None


def list_unused(raw: RawTable, names: dict[str, str]) -> list[str]:
    """Columns of the file that are no part of the journey."""
    used = set(names.values())
    return [name for name in raw.cells.columns if name not in used]


def find_left_out(raw: RawTable, journey: Journey, names: dict[str, str], keep: Collection[str] = ()) -> list[str]:
    """Columns of the file that are of neither the journey nor a questionnaire made from it, nor kept aside."""
    return [name for name in list_unused(raw, names) if name not in own_columns(journey) and name not in keep]


def find_absent(journey: Journey, names: dict[str, str]) -> list[str]:
    """Items and rated outcomes of the journey that no column gives."""
    asked = [placed.id for placed in journey.items] + [outcome.id for outcome in journey.rated_outcomes]
    return [name for name in asked if name not in names]


def note_columns(raw: RawTable, journey: Journey, names: dict[str, str], keep: Collection[str] = ()) -> list[str]:
    """Warnings about columns: unknown ones that are not kept aside, absent ones, ids that are numbers."""
    notes = []
    unused = find_left_out(raw, journey, names, keep)
    if unused:
        notes.append(
            f"{raw.name}: {len(unused)} columns are not in journey '{journey.id}' and were left out: "
            f"{_first(unused, 12)}."
        )
    absent = find_absent(journey, names)
    if absent:
        notes.append(
            f"{raw.name}: {len(absent)} questions of the journey are not in the file and stay empty: "
            f"{_first(absent, 12)}."
        )
    if "completed_on" not in names:
        notes.append(
            f"{raw.name}: there is no column 'completed_on' with the day of each answer, so there is no period and no "
            'trend. Name the right one in study.toml: [columns] completed_on = "...".'
        )
    if "response_id" not in names:
        notes.append(
            f"{raw.name}: there is no column 'response_id'; rows are named after the file and their row number, so a "
            "corrected file must keep the file's name and the order of rows."
        )
    if raw.cells[names["practice_id"]].dtype.is_numeric():
        notes.append(
            f"{raw.name}: practice ids are numbers in this file, so leading zeros are lost; export them as text."
        )
    return notes
