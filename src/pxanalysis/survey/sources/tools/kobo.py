"""KoboToolbox and ODK Central: groups, versions of the form, repeats, submissions that were not approved."""

from __future__ import annotations

from pxanalysis.survey.sources.raw import RawTable
from pxanalysis.survey.sources.tools.records import Tally, drop_records, text_of

__all__ = ["describe", "recognise", "tidy"]

_NOT_APPROVED = ("Not approved", "Not Approved", "validation_status_not_approved", "Niet goedgekeurd")


def recognise(raw: RawTable) -> bool:
    """Whether the columns that Kobo or ODK Central puts beside the answers are there."""
    columns = set(raw.cells.columns)
    return {"_uuid", "_submission_time"} <= columns or {"KEY", "SubmissionDate"} <= columns


def _find_version(raw: RawTable) -> str | None:
    return next((name for name in ("__version__", "FormVersion") if name in raw.cells.columns), None)


def tidy(raw: RawTable, tally: Tally) -> RawTable:
    """Leave out what was not approved, counted, as submissions and versions of the form are."""
    tally.counts["submissions"] += raw.cells.height
    refused = text_of(raw, "_validation_status").is_in(_NOT_APPROVED) | (text_of(raw, "ReviewState") == "rejected")
    refused = refused.fill_null(value=False)
    tally.counts["refused"] += int(refused.sum())
    raw = drop_records(raw, refused) if refused.any() else raw
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
    if tally.counts["refused"]:
        notes.append(
            f"{raw.name}: {tally.counts['refused']} submissions were not approved in {tool} and were left out. Approve "
            "them there, and export again, where they should count."
        )
    if "_parent_index" in columns or "PARENT_KEY" in columns:
        notes.append(f"{raw.name}: rows are repeats within a submission, so rows are no respondents.")
    return notes
