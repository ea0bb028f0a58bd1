"""LimeSurvey by its RemoteControl 2: all responses, also those not sent in, by ranges of their numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.survey.sources.pulls.asking import (
    LetInError,
    check_answer,
    explain_half,
    explain_refusal,
    explaining,
    make_patient,
)
from pxanalysis.survey.sources.pulls.joining import JoinedExport, read_records
from pxanalysis.survey.sources.pulls.record import Pulled, PullSource

if TYPE_CHECKING:
    from citric import Client

__all__ = ["fetch_limesurvey"]

_ID = "id"
_NO_ANSWERS = "No Data, could not get max id"
"""What LimeSurvey says of a survey that nobody has begun."""
_NO_TABLE = "No Data, survey table does not exist"
_NOT_LET_IN = ("Invalid user name or password", "Invalid session key", "You have exceeded the number of maximum")


@explaining("citric")
def fetch_limesurvey(source: PullSource, target: Path) -> Pulled:
    """Write the responses as an export with codes, by citric; the numbers of all come first, and all have to come.

    Raises
    ------
    SourceError
        As :func:`~pxanalysis.survey.sources.pulls.fetch.fetch_answers`.
    """
    import requests  # with citric, only where a study pulls
    from citric import Client
    from citric.exceptions import (
        LimeSurveyError,
        LimeSurveyStatusError,
        ResponseMismatchError,
        RPCInterfaceNotEnabledError,
    )

    session = make_patient(requests.Session())
    session.hooks["response"] = [check_answer]
    try:
        with Client(source.url, source.user, source.secret, requests_session=session) as client:
            return _fetch(client, source, target)
    except LimeSurveyStatusError as error:
        said = str(error)
        if _NO_ANSWERS in said:
            return Pulled(0)
        if any(words in said for words in _NOT_LET_IN):
            raise LetInError(said) from error
        if _NO_TABLE in said:
            said = f"{said} Is survey {source.survey} active?"
        raise explain_refusal(source, said) from error
    except RPCInterfaceNotEnabledError as error:
        said = "RemoteControl is off; in LimeSurvey: Configuration, Global, Interfaces: JSON-RPC"
        raise explain_refusal(source, said) from error
    except (LimeSurveyError, ResponseMismatchError) as error:
        raise explain_refusal(source, error) from error


def _fetch(client: Client, source: PullSource, target: Path) -> Pulled:
    ids = _list_ids(client, source)
    if not ids:
        return Pulled(0)
    with JoinedExport(f"[pull.{source.name}]", target) as export:
        for start in range(0, len(ids), source.at_a_time):
            asked = ids[start : start + source.at_a_time]
            came = export.add(_export(client, source, asked[0], asked[-1]), _ID)
            if not {str(one) for one in asked} <= came:
                raise explain_half(source, start + len(came), len(ids))
        return Pulled(export.records)


def _list_ids(client: Client, source: PullSource) -> list[int]:
    """Numbers of all responses, in order: they have gaps, so that counting up to the last would not do."""
    data = client.export_responses(source.survey, file_format="csv", fields=[_ID])
    return sorted(int(record[0]) for record in read_records(data.decode("utf-8-sig"))[1:])


def _export(client: Client, source: PullSource, first: int, last: int) -> str:
    data = client.export_responses(
        source.survey,
        file_format="csv",
        completion_status="all",
        heading_type="code",
        response_type="short",
        from_response_id=first,
        to_response_id=last,
    )
    return data.decode("utf-8-sig")
