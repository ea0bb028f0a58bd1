"""Qualtrics: one, two or three header rows; previews and tests of the survey among the responses."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.headers import number_names
from pxanalysis.survey.sources.tools.records import Tally, count_values, drop_records, text_of

__all__ = ["can_split", "describe", "recognise", "tidy"]

_SIGNS = {"StartDate", "EndDate", "Status", "Progress", "Finished", "RecordedDate"}
_LEGACY = "ResponseSet"
_PREVIEW = r"(?i)preview|test|spam"
_PREVIEW_BITS = 1 | 2 | 8
"""As a number, a status is a sum: 1 preview, 2 test, 4 imported, 8 spam, 16 offline."""
_MOST_HEADS = 2
_UNFINISHED = ("0", "False", "FALSE", "false")


def recognise(raw: RawTable) -> bool:
    """Whether the columns are those of Qualtrics, or of its export of before 2018 (``V1``, ``V2``, ...)."""
    return len(_SIGNS & set(raw.cells.columns)) >= 5 or _is_legacy(raw)


def _is_legacy(raw: RawTable) -> bool:
    first = raw.cells.row(0) if raw.cells.height else ()
    return raw.cells.columns[0] == "V1" and _LEGACY in first


def can_split(first: RawTable) -> bool:
    """Whether it can be gone through part by part: all header rows are in the first, and nothing is renamed."""
    return first.cells.height > _MOST_HEADS and not _is_legacy(first)


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """Keep responses: header rows below the first and previews are left out, the latter counted."""
    if not tally.counts["header rows"]:
        raw = _drop_heads(_name_legacy(raw) if _is_legacy(raw) else raw, tally)
    status = text_of(raw, "Status")
    bits = status.cast(pl.Int64, strict=False).fill_null(0) & _PREVIEW_BITS
    preview = (bits != 0) | status.str.contains(_PREVIEW).fill_null(value=False)
    raw = drop_records(raw, preview) if preview.any() else raw
    tally.counts["previews"] += int(preview.sum())
    tally.counts["partial"] += count_values(raw, "Finished", _UNFINISHED)
    return raw


def describe(raw: RawTable, tally: Tally) -> list[str]:
    """Say what there is of header rows, previews and partials."""
    notes = [f"{raw.name} is a Qualtrics export with {tally.counts['header rows']} header rows."]
    if tally.counts["previews"]:
        notes.append(
            f"{raw.name}: {tally.counts['previews']} previews of the survey are no responses and were left out."
        )
    if tally.counts["partial"]:
        notes.append(
            f"{raw.name}: {tally.counts['partial']} responses in this Qualtrics export were not sent in to the end; "
            "what they hold counts."
        )
    return notes


def _drop_heads(raw: RawTable, tally: Tally) -> RawTable:
    heads = _count_heads(raw.cells)
    tally.counts["header rows"] = heads + 1
    if not heads:
        return raw
    texts = {name: str(text) for name, text in zip(raw.cells.columns, raw.cells.row(0), strict=True) if text}
    return replace(drop_records(raw, pl.int_range(raw.cells.height, eager=True) < heads), texts=texts)


def _count_heads(cells: pl.DataFrame) -> int:
    """Rows below the first that are header: up to the one with import ids, or one with words in place of dates."""
    for position in range(min(_MOST_HEADS, cells.height)):
        if any('{"ImportId"' in str(cell) for cell in cells.row(position)):
            return position + 1
    first = str(cells["EndDate"][0] or "") if "EndDate" in cells.columns and cells.height else ""
    # An empty date is that of a response that was not sent in; only words are a heading.
    return 1 if any(letter.isalpha() for letter in first) and not any(letter.isdigit() for letter in first) else 0


def _name_legacy(raw: RawTable) -> RawTable:
    """Columns ``V1`` to ``V10`` take the names that stand in the second row; questions keep their tags."""
    second = [str(cell or "") for cell in raw.cells.row(0)]
    names = number_names(
        [
            text if name.startswith("V") and name[1:].isdigit() else name
            for name, text in zip(raw.cells.columns, second, strict=True)
        ]
    )
    cells = raw.cells.rename(dict(zip(raw.cells.columns, names, strict=True)))
    return replace(raw, cells=cells)
