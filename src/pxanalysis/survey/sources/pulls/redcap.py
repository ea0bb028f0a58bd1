"""REDCap by its API: records in batches, codes, without what the project marks as identifying."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.pulls.asking import (
    TIMEOUT,
    LetInError,
    check_answer,
    explain_half,
    explain_refusal,
    explaining,
)
from pxanalysis.survey.sources.pulls.joining import JoinedExport, read_records
from pxanalysis.survey.sources.pulls.record import Pulled, PullSource

if TYPE_CHECKING:
    from redcap.project import Project

__all__ = ["fetch_redcap"]

_TOKEN_LENGTH = 32
_WHO = "redcap_survey_identifier"
"""Who was invited, by name or address; it comes with the moment a survey was sent in, and is not kept."""
_NOT_LET_IN = ("do not have permissions", "invalid token", "api token")


@explaining("redcap")
def fetch_redcap(source: PullSource, target: Path) -> Pulled:
    """Write the records as a raw export, by PyCap; the ids of all come first, and all have to come.

    Raises
    ------
    SourceError
        As :func:`~pxanalysis.survey.sources.pulls.fetch.fetch_answers`.
    """
    if len(source.secret) != _TOKEN_LENGTH:  # PyCap would show the token in its message
        raise SourceError(
            f"[pull.{source.name}]: the token has {len(source.secret)} characters, REDCap's have {_TOKEN_LENGTH}. Copy "
            "it from REDCap (project, API) into the environment again."
        )
    from redcap.project import Project
    from redcap.request import RedcapError

    try:
        project = Project(
            source.url,
            source.secret,
            timeout=TIMEOUT,
            allow_redirects=False,
            hooks={"response": [check_answer]},
        )
        return _fetch(project, source, target)
    except RedcapError as error:
        if type(error) is not RedcapError:  # which is the base of all that goes wrong on the way
            raise
        if any(words in str(error).casefold() for words in _NOT_LET_IN):
            raise LetInError(error) from error
        raise explain_refusal(source, error) from error


def _fetch(project: Project, source: PullSource, target: Path) -> Pulled:
    key = project.def_field
    marked = [row["field_name"] for row in project.metadata if row.get("identifier") == "y"]
    left_out = [name for name in marked if name != key and name not in source.keep]
    fields = [name for name in project.field_names if name not in left_out]
    fields += [f"{form}_complete" for form in sorted(project.forms)]
    listed = read_records(project.export_records(format_type="csv", fields=[key]))
    ids = list(dict.fromkeys(record[0] for record in listed[1:]))
    if not ids:
        return Pulled(0)
    with JoinedExport(f"[pull.{source.name}]", target, () if _WHO in source.keep else (_WHO,)) as export:
        for start in range(0, len(ids), source.at_a_time):
            asked = ids[start : start + source.at_a_time]
            text = project.export_records(
                format_type="csv",
                records=asked,
                fields=fields,
                event_name="unique",
                export_survey_fields=True,
                export_data_access_groups=True,
            )
            came = export.add(text, key)
            if not set(asked) <= came:
                raise explain_half(source, start + len(came), len(ids))
        notes = []
        if left_out:
            notes.append(
                f"[pull.{source.name}]: fields that the project marks as identifying are not pulled: "
                f"{', '.join(left_out)}."
            )
        dictionary = project.export_metadata(format_type="csv")
        return Pulled(export.records, tuple(notes), dictionary.encode())
