"""ODK Central: the table of submissions as it exports it, held against its own count."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.survey.sources.pulls.asking import (
    TIMEOUT,
    LetInError,
    explain_half,
    explain_refusal,
    explaining,
    make_patient,
)
from pxanalysis.survey.sources.pulls.joining import JoinedExport
from pxanalysis.survey.sources.pulls.record import Pulled, PullSource

if TYPE_CHECKING:
    from pyodk.client import Client

__all__ = ["fetch_odk"]

_KEY = "KEY"
_LOG = logging.getLogger("pyodk.pxanalysis")


@explaining("pyodk")
def fetch_odk(source: PullSource, target: Path) -> Pulled:
    """Write the submissions as Central's own CSV, by pyodk; as many have to come as Central counts.

    Central gives all submissions as they are at one moment: pages (``$skip``) would shift under new ones.

    Raises
    ------
    SourceError
        As :func:`~pxanalysis.survey.sources.pulls.fetch.fetch_answers`.
    """
    from pyodk._utils.config import CentralConfig, Config  # as its documentation has it
    from pyodk._utils.session import Session
    from pyodk.client import Client
    from pyodk.errors import PyODKError

    # Without a place for its token, which pyodk would write into the home directory and use for any server.
    session = make_patient(Session(source.url, "v1", source.user, source.secret, cache_path=None), ("http://",))
    config = Config(CentralConfig(source.url, source.user, source.secret, source.project))
    try:
        with Client(config=config, session=session) as client:
            return _fetch(client, source, target)
    except PyODKError as error:
        if any(f"Status: {code}" in str(error) for code in (401, 403)):
            raise LetInError(error) from error
        raise explain_refusal(source, error) from error


def _fetch(client: Client, source: PullSource, target: Path) -> Pulled:
    table = client.submissions.get_table(form_id=source.form, top=0, count=True)
    expected = int(table["@odata.count"])
    if not expected:
        return Pulled(0)
    form = client.session.urlformat("projects/{project}/forms/{form}", project=source.project, form=source.form)
    options = {"logger": _LOG, "timeout": TIMEOUT}
    answer = client.session.response_or_error(method="GET", url=f"{form}/submissions.csv", **options)
    with JoinedExport(f"[pull.{source.name}]", target) as export:
        came = export.add(answer.content.decode("utf-8-sig"), _KEY)
        if len(came) < expected:
            raise explain_half(source, len(came), expected)
        xlsx = client.get(f"{form}.xlsx", timeout=TIMEOUT)  # only where the form came as a workbook
        return Pulled(export.records, (), xlsx.content if xlsx.status_code == 200 else b"", ".xlsx")
