"""REDCap: events, repeats, checkboxes, form states."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import Tally, text_of

__all__ = ["describe", "recognise", "tidy"]

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


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """Take out "[not completed]", which is no date."""
    tally.counts["rows"] += raw.cells.height
    tally.count_different(raw.cells[:, 0])
    for names in (_EVENTS, _REPEATS, _GROUPS):
        column = _has(raw, names)
        if column is not None:
            tally.count_values(column, text_of(raw, column))
            tally.counts[column] += raw.cells.height - raw.cells[column].null_count()
    stamps = [name for name in raw.cells.columns if name.endswith("_timestamp") or name.startswith("Survey Timestamp")]
    text = [pl.col(name).cast(pl.String) for name in stamps]
    tally.counts["unsent"] += sum(int((raw.cells[name].cast(pl.String) == _UNSENT).sum()) for name in stamps)
    return replace(raw, cells=raw.cells.with_columns(pl.when(one != _UNSENT).then(one) for one in text))


def describe(raw: RawTable, tally: Tally) -> list[str]:
    """Say that rows are events or repeats, and what was not completed."""
    notes = [f"{raw.name} is a REDCap export with {tally.counts['rows']} rows of {tally.different} records."]
    for names, word in ((_EVENTS, "events"), (_REPEATS, "repeating instruments")):
        column = _has(raw, names)
        if column is not None and tally.counts[column]:
            notes.append(f"{raw.name}: rows are {word}, not respondents: {tally.describe_values(column)}.")
    group = _has(raw, _GROUPS)
    if group is not None:
        notes.append(
            f"{raw.name}: data access groups are {tally.describe_values(group)}. Where a group is a practice, set "
            f'[columns] practice_id = "{group}".'
        )
    boxes = [name for name in raw.cells.columns if "___" in name]
    if boxes:
        notes.append(
            f"{raw.name}: {len(boxes)} columns are boxes to tick; 0 in them is 'not ticked' or 'never seen', which "
            "REDCap does not tell apart."
        )
    if tally.counts["unsent"]:
        notes.append(
            f"{raw.name}: {tally.counts['unsent']} surveys are {_UNSENT}; what they hold counts, without a date."
        )
    return notes
