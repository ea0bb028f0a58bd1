"""Where answers are pulled from, and what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = ["PullKind", "PullSource", "Pulled"]

PullKind = Literal["limesurvey", "redcap", "odk"]


@dataclass(frozen=True, slots=True)
class PullSource:
    """One survey on a server.

    Attributes
    ----------
    name
        As study.toml and messages call it (``[pull.NAME]``).
    url
        RemoteControl 2 of LimeSurvey, the API of REDCap, or the address of ODK Central.
    user, secret
        Who asks; with REDCap the secret is a token, which says it all. Neither is ever shown.
    survey
        Number of the survey (LimeSurvey).
    project, form
        Number of the project, and id of the form (ODK Central).
    at_a_time
        Responses that are asked for in one go.
    keep
        Columns that are fetched although the tool marks them as identifying, because study.toml names them.
    """

    name: str
    kind: PullKind
    url: str
    user: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    survey: int = 0
    project: int = 0
    form: str = ""
    at_a_time: int = 1000
    keep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came.

    Attributes
    ----------
    records
        Rows that were written; with none there is no file.
    notes
        What is to be said of them.
    questionnaire
        The tool's own description of the questions, and what its file's name ends in; empty where there is none.
    """

    records: int
    notes: tuple[str, ...] = ()
    questionnaire: bytes = field(default=b"", repr=False)
    questionnaire_suffix: str = ".csv"
