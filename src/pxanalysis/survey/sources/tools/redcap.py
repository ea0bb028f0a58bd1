"""REDCap: events, repeats, checkboxes, form states."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import describe_values

__all__ = ["recognise", "tidy"]

_UNSENT = "[not completed]"
_EVENTS = ("redcap_event_name", "Event Name")
_REPEATS = ("redcap_repeat_instrument", "Repeat Instrument")
_GROUPS = ("redcap_data_access_group", "Data Access Group")


def recognise(raw: RawTable) -> bool:
    """Whether a column tells the state of a form, and the first names a record."""
    columns = raw.cells.columns
    first = columns[0].casefold()
    states = [name for name in columns if name.endswith("_complete") or name.startswith("Complete?")]
    return bool(states) and (
        first in {"record_id", "record id", "study_id", "study id"} or _has(raw, _EVENTS) is not None
    )


def _has(raw: RawTable, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in raw.cells.columns), None)


def tidy(raw: RawTable) -> RawTable:
    """Say that rows are events or repeats; "[not completed]" is no date."""
    records = raw.cells[:, 0].n_unique()
    notes = [f"{raw.name} is a REDCap export with {raw.cells.height} rows of {records} records."]
    for names, word in ((_EVENTS, "events"), (_REPEATS, "repeating instruments")):
        column = _has(raw, names)
        if column is not None and raw.cells[column].drop_nulls().len():
            notes.append(f"{raw.name}: rows are {word}, not respondents: {describe_values(raw, column)}.")
    group = _has(raw, _GROUPS)
    if group is not None:
        notes.append(
            f"{raw.name}: data access groups are {describe_values(raw, group)}. Where a group is a practice, set "
            f'[columns] practice_id = "{group}".'
        )
    boxes = [name for name in raw.cells.columns if "___" in name]
    if boxes:
        notes.append(
            f"{raw.name}: {len(boxes)} columns are boxes to tick; 0 in them is 'not ticked' or 'never seen', which "
            "REDCap does not tell apart."
        )
    stamps = [name for name in raw.cells.columns if name.endswith("_timestamp") or name.startswith("Survey Timestamp")]
    text = [pl.col(name).cast(pl.String) for name in stamps]
    unsent = sum(int((raw.cells[name].cast(pl.String) == _UNSENT).sum()) for name in stamps)
    if unsent:
        notes.append(f"{raw.name}: {unsent} surveys are {_UNSENT}; what they hold counts, without a date.")
    cells = raw.cells.with_columns(pl.when(one != _UNSENT).then(one) for one in text)
    return replace(raw, cells=cells, notes=(*raw.notes, *notes))
