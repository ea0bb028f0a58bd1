"""KoboToolbox and ODK Central: groups, versions of the form, repeats."""

from __future__ import annotations

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import Tally, text_of

__all__ = ["describe", "recognise", "tidy"]


def recognise(raw: RawTable) -> bool:
    """Whether the columns that Kobo or ODK Central puts beside the answers are there."""
    columns = set(raw.cells.columns)
    return {"_uuid", "_submission_time"} <= columns or {"KEY", "SubmissionDate"} <= columns


def _find_version(raw: RawTable) -> str | None:
    return next((name for name in ("__version__", "FormVersion") if name in raw.cells.columns), None)


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """The same, with versions of the form counted."""
    tally.counts["submissions"] += raw.cells.height
    version = _find_version(raw)
    if version is not None:
        tally.count_values(version, text_of(raw, version))
    return raw


def describe(raw: RawTable, tally: Tally) -> list[str]:
    """Say which versions of the form there are, and whether rows are repeats within a submission."""
    columns = raw.cells.columns
    tool = "KoboToolbox" if "_uuid" in columns else "ODK Central"
    notes = [f"{raw.name} is an export of {tool} with {tally.counts['submissions']} submissions."]
    version = _find_version(raw)
    if version is not None and len(tally.values(version)) > 1:
        notes.append(
            f"{raw.name}: several versions of the form in one table: {tally.describe_values(version)}. Where a version "
            f'coded answers differently, set [forms] column = "{version}", so that each is judged apart.'
        )
    if "_parent_index" in columns or "PARENT_KEY" in columns:
        notes.append(f"{raw.name}: rows are repeats within a submission, so rows are no respondents.")
    return notes
