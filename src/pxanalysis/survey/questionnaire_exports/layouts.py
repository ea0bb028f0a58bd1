"""By what a survey tool's export is known, and where it keeps what every response has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pxanalysis.journey.tool_facts import FORM_MARK
from pxanalysis.survey.sources.raw import RawTable

if TYPE_CHECKING:
    from pxanalysis.journey.short_ids import Tool

__all__ = ["Layout", "recognise_layout"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a tool puts beside the answers.

    Attributes
    ----------
    response_id
        Column that names a response.
    dates
        Columns with the date of completion, the best first; where one is empty the next is used.
    language
        Column with the language it was filled in.
    metadata
        Columns that say nothing about a patient's experience, or too much about the patient (address, place); dropped.
    partial
        Column and the values in it by which an unfinished response is known.
    """

    tool: Tool
    name: str
    response_id: str
    dates: tuple[str, ...]
    language: str | None = None
    metadata: frozenset[str] = frozenset()
    partial: tuple[str, frozenset[str | None]] | None = None


_KOBO = Layout(
    "xlsform",
    "KoboToolbox",
    "_uuid",
    ("end", "_submission_time"),
    metadata=frozenset(
        [
            "start",
            "end",
            "today",
            "_id",
            "_uuid",
            "_submission_time",
            "_validation_status",
            "_notes",
            "_status",
            "_submitted_by",
            "__version__",
            "_tags",
            "_index",
            "_geolocation",
            "meta/instanceID",
            "meta/rootUuid",
            "formhub/uuid",
        ]
    ),
)
_ODK = Layout(
    "xlsform",
    "ODK Central",
    "KEY",
    ("end", "SubmissionDate"),
    metadata=frozenset(
        [
            "SubmissionDate",
            "start",
            "end",
            "today",
            "meta-instanceID",
            "meta-instanceName",
            "KEY",
            "SubmitterID",
            "SubmitterName",
            "AttachmentsPresent",
            "AttachmentsExpected",
            "Status",
            "ReviewState",
            "DeviceID",
            "Edits",
            "FormVersion",
        ]
    ),
)
_LIMESURVEY = Layout(
    "limesurvey",
    "LimeSurvey",
    "id",
    ("submitdate", "datestamp"),
    "startlanguage",
    frozenset({"id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp", "ipaddr", "refurl"}),
)
_LIMESURVEY_FULL = Layout(
    "limesurvey",
    "LimeSurvey",
    "Response ID",
    ("Date submitted", "Date last action"),
    "Start language",
    frozenset(
        {
            "Response ID",
            "Date submitted",
            "Last page",
            "Start language",
            "Seed",
            "Date started",
            "Date last action",
            "IP address",
            "Referrer URL",
        }
    ),
)
_QUALTRICS = Layout(
    "qualtrics",
    "Qualtrics",
    "ResponseId",
    ("EndDate", "RecordedDate"),
    "UserLanguage",
    frozenset(
        [
            "StartDate",
            "EndDate",
            "Status",
            "IPAddress",
            "Progress",
            "Finished",
            "RecordedDate",
            "ResponseId",
            "RecipientLastName",
            "RecipientFirstName",
            "RecipientEmail",
            "ExternalReference",
            "LocationLatitude",
            "LocationLongitude",
            "DistributionChannel",
            "UserLanguage",
        ]
    )
    | {"Duration (in seconds)"},
)
_FHIR = Layout(
    "fhir",
    "FHIR",
    "fhir:id",
    ("fhir:authored",),
    "fhir:language",
    frozenset({"fhir:id", "fhir:authored", "fhir:status", "fhir:questionnaire", "fhir:language"}),
)
_HTML = Layout(
    "html",
    "our own page",
    "response_id",
    ("completed_on",),
    "language",
    frozenset({FORM_MARK, "response_id", "completed_on", "language"}),
)


def recognise_layout(raw: RawTable) -> Layout | None:
    """Return the layout of a survey tool's export, None for any other table."""
    if not raw.cells.columns:
        return None
    columns = set(raw.cells.columns)
    known: list[tuple[set[str], Layout]] = [
        ({FORM_MARK, "response_id"}, _HTML),
        ({"fhir:id", "fhir:questionnaire"}, _FHIR),
        ({"_uuid", "_submission_time"}, _KOBO),
        ({"KEY", "SubmissionDate"}, _ODK),
        ({"id", "submitdate", "lastpage"}, _LIMESURVEY),
        ({"Response ID", "Date submitted", "Last page"}, _LIMESURVEY_FULL),
    ]
    for signature, layout in known:
        if signature <= columns:
            return layout
    if "ResponseId" in columns and raw.tool == "qualtrics":
        return _QUALTRICS
    return _redcap(raw.cells.columns)


def _redcap(columns: list[str]) -> Layout | None:
    """REDCap names columns after the instrument, so they are looked for by their ending."""
    if columns[0] == "record_id":
        complete = [name for name in columns if name.endswith("_complete")]
        stamp = [name for name in columns if name.endswith("_timestamp")]
    elif columns[0] == "Record ID":
        complete = [name for name in columns if name.startswith("Complete?")]
        stamp = [name for name in columns if name.startswith("Survey Timestamp")]
    else:
        return None
    if not complete:
        return None
    meta = {
        columns[0], *complete, *stamp, "redcap_survey_identifier", "Survey Identifier", "redcap_event_name",
        "Event Name", "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_data_access_group",
        "Data Access Group",
    }  # fmt: skip
    unfinished: frozenset[str | None] = frozenset({"0", "1", "Incomplete", "Unverified"})
    return Layout("redcap", "REDCap", columns[0], tuple(stamp), None, frozenset(meta), (complete[-1], unfinished))
