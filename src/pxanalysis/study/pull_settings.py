"""What ``study.toml`` says of one survey on a server: ``[pull.NAME]``."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pxanalysis.survey.sources.database_rules import VARIABLE
from pxanalysis.survey.sources.pulls.record import PullKind

__all__ = ["PullPart"]

_NEEDED = {
    "limesurvey": ("survey", "user", "password"),
    "redcap": ("token",),
    "odk": ("project", "form", "user", "password"),
}
_END = {
    "limesurvey": ("/remotecontrol", "https://surveys.example.nl/index.php/admin/remotecontrol"),
    "redcap": ("/api/", "https://redcap.example.nl/api/"),
    "odk": ("", "https://central.example.nl"),
}
_HERE = {"localhost", "127.0.0.1", "::1"}


class PullPart(BaseModel):
    """Where answers are, who asks for them, and how often.

    Attributes
    ----------
    kind, url
        The tool, and the address of its interface.
    survey, project, form
        Number of the survey (LimeSurvey); number of the project and id of the form (ODK Central).
    user, password, token
        Who asks; the last two as ``${VARIABLE}`` only, and the first where it should not stand here.
    every_minutes
        Minutes between two pulls of ``ingest --watch``.
    at_a_time
        Responses that are asked for in one go.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: PullKind
    url: str
    survey: int | None = Field(default=None, ge=1)
    project: int | None = Field(default=None, ge=1)
    form: str | None = Field(default=None, min_length=1)
    user: str | None = Field(default=None, min_length=1)
    password: str | None = None
    token: str | None = None
    every_minutes: float = Field(default=60.0, gt=0)
    at_a_time: int = Field(default=1000, ge=1)

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        """Passwords travel there, so it is encrypted; on this computer it need not be."""
        found = urlsplit(value)
        if found.username or found.password:
            raise ValueError("expected no name or password in the address; they have keys of their own")
        if found.scheme != "https" and not (found.scheme == "http" and found.hostname in _HERE):
            raise ValueError("expected an address that begins with https://")
        return value

    @field_validator("password", "token")
    @classmethod
    def _check_secret(cls, value: str | None) -> str | None:
        if value is not None and not VARIABLE.fullmatch(value):
            # the rest of the line would be shown in the message, and with it the secret
            raise ValueError("expected ${NAME}, with that variable set in the environment; a secret never stands here")
        return value

    @model_validator(mode="after")
    def _check_kind(self) -> PullPart:
        needed = _NEEDED[self.kind]
        every = {name for names in _NEEDED.values() for name in names}
        absent = [name for name in needed if getattr(self, name) is None]
        extra = sorted(name for name in every - set(needed) if getattr(self, name) is not None)
        if absent:
            raise ValueError(f"expected {', '.join(needed)} beside kind = '{self.kind}'; {absent[0]} is not there")
        if extra:
            raise ValueError(f"expected no {extra[0]}: kind = '{self.kind}' has {', '.join(needed)}")
        end, example = _END[self.kind]
        if not self.url.endswith(end):
            raise ValueError(f"expected a url of {self.kind} that ends with {end}, such as {example}")
        return self
