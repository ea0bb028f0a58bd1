"""KoboToolbox and ODK Central: groups, versions of the form, repeats."""

from __future__ import annotations

from dataclasses import replace

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import describe_values

__all__ = ["recognise", "tidy"]


def recognise(raw: RawTable) -> bool:
    """Whether the columns that Kobo or ODK Central puts beside the answers are there."""
    columns = set(raw.cells.columns)
    return {"_uuid", "_submission_time"} <= columns or {"KEY", "SubmissionDate"} <= columns


def tidy(raw: RawTable) -> RawTable:
    """Say which versions of the form there are, and whether rows are repeats within a submission."""
    columns = raw.cells.columns
    tool = "KoboToolbox" if "_uuid" in columns else "ODK Central"
    notes = [f"{raw.name} is an export of {tool} with {raw.cells.height} submissions."]
    version = next((name for name in ("__version__", "FormVersion") if name in columns), None)
    if version is not None and raw.cells[version].n_unique() > 1:
        notes.append(
            f"{raw.name}: several versions of the form in one table: {describe_values(raw, version)}. Where a version "
            f'coded answers differently, set [forms] column = "{version}", so that each is judged apart.'
        )
    if "_parent_index" in columns or "PARENT_KEY" in columns:
        notes.append(f"{raw.name}: rows are repeats within a submission, so rows are no respondents.")
    return replace(raw, notes=(*raw.notes, *notes))
