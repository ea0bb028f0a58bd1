"""Qualtrics: one, two or three header rows; previews and tests of the survey among the responses."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.headers import number_names
from pxanalysis.survey.sources.tools.records import count_values, drop_records, text_of

__all__ = ["recognise", "tidy"]

_SIGNS = {"StartDate", "EndDate", "Status", "Progress", "Finished", "RecordedDate"}
_LEGACY = "ResponseSet"
_PREVIEWS = ("Survey Preview", "1", "Survey Test", "2", "Spam", "8")
_UNFINISHED = ("0", "False", "FALSE", "false")


def recognise(raw: RawTable) -> bool:
    """Whether the columns are those of Qualtrics, or of its export of before 2018 (``V1``, ``V2``, ...)."""
    return len(_SIGNS & set(raw.cells.columns)) >= 5 or _is_legacy(raw)


def _is_legacy(raw: RawTable) -> bool:
    first = raw.cells.row(0) if raw.cells.height else ()
    return raw.cells.columns[0] == "V1" and _LEGACY in first


def tidy(raw: RawTable) -> RawTable:
    """Keep responses: header rows below the first and previews are left out, the latter counted."""
    raw = _name_legacy(raw) if _is_legacy(raw) else raw
    heads = _count_heads(raw.cells)
    is_head = pl.int_range(raw.cells.height, eager=True) < heads
    if heads:
        texts = {name: str(text) for name, text in zip(raw.cells.columns, raw.cells.row(0), strict=True) if text}
        raw = replace(drop_records(raw, is_head), texts=texts)
    preview = text_of(raw, "Status").is_in(_PREVIEWS).fill_null(value=False)
    notes = [f"{raw.name} is a Qualtrics export with {heads + 1} header rows."]
    if preview.any():
        notes.append(f"{raw.name}: {int(preview.sum())} previews of the survey are no responses and were left out.")
    raw = drop_records(raw, preview, *notes)
    partial = count_values(raw, "Finished", _UNFINISHED)
    if partial:
        note = (
            f"{raw.name}: {partial} responses in this Qualtrics export were not sent in to the end; what they hold "
            "counts."
        )
        raw = replace(raw, notes=(*raw.notes, note))
    return raw


def _count_heads(cells: pl.DataFrame) -> int:
    """Rows below the first that are header: up to the one with import ids, or one with words in place of dates."""
    for position in range(min(2, cells.height)):
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
