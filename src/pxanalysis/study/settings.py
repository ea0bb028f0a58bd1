"""What ``study.toml`` says: one checked, immutable record."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from importlib import resources
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from pxanalysis.errors import StudyError
from pxanalysis.journey.parts import Introduction, Language
from pxanalysis.statistics.conventions import MINIMUM_N
from pxanalysis.study.explanations import explain_settings
from pxanalysis.study.pull_settings import PullPart
from pxanalysis.survey.form_rule import FormRule
from pxanalysis.survey.policy import WEIGHT, BadAnswerPolicy
from pxanalysis.survey.sources.database_rules import check_query, check_url

if TYPE_CHECKING:
    from pxanalysis.survey.contacts import ContactColumns

__all__ = ["FROM_RESPONSE", "StudySettings", "read_settings"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _StudyPart(_Strict):
    title: str
    journey: str
    language: Language = "nl"
    notebook: str | None = None
    provider: str | None = None
    dentist_column: str | None = Field(default=None, min_length=1)
    as_of: date | None = None

    @field_validator("language")
    @classmethod
    def _check_language(cls, value: str) -> str:
        """There has to be a catalogue of it; looked up by its file, since reading them needs more than settings do."""
        folder = resources.files("pxanalysis.reporting") / "locale"
        known = sorted(one.name.removesuffix(".po") for one in folder.iterdir() if one.name.endswith(".po"))
        if value not in known:
            raise ValueError(f"expected {' or '.join(map(repr, known))}")
        return value


class _SourcePart(_Strict):
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str | None = Field(default=None, min_length=1)
    date_format: str | None = None
    bad_answer: BadAnswerPolicy = "drop-cell"
    practice: str | None = Field(default=None, min_length=1)
    practice_pattern: str | None = None
    practices: str | None = None
    missing: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    most_refused: float = Field(default=0.2, ge=0, le=1)
    accept: tuple[str, ...] = ()

    @field_validator("missing", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """A code may stand without quotation marks: ``missing = ["NA", -99]``."""
        if not isinstance(value, list):
            return value
        return [str(code) if isinstance(code, (int, float)) and not isinstance(code, bool) else code for code in value]

    @field_validator("delimiter")
    @classmethod
    def _check_delimiter(cls, value: str | None) -> str | None:
        if value is not None and (not value.isascii() or value.isalnum() or value in '"\r\n'):
            raise ValueError("expected a mark such as ; or \\t, not a letter, digit, quotation mark or line end")
        return value

    @field_validator("date_format")
    @classmethod
    def _check_date_format(cls, value: str | None) -> str | None:
        day = datetime(2025, 12, 31)
        try:
            bare = None if value is None else value.replace("%z", "").strip()  # the day where the answer was given
            known = bare is None or datetime.strptime(day.strftime(bare), bare).date() == day.date()
        except ValueError:
            known = False
        if not known:
            raise ValueError("expected the form of a date such as %d-%m-%Y, with day, month and year")
        return value


class _SqlPart(_Strict):
    url: str
    query: str
    mark: str | None = Field(default=None, min_length=1)

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        check_url(value)
        return value

    @field_validator("query")
    @classmethod
    def _check_query(cls, value: str) -> str:
        check_query(value)
        return value


_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
"""What a database or a survey on a server is called: part of a file's name."""


class _FormsPart(_Strict):
    language: str | None = Field(default=None, min_length=1)
    column: str | None = Field(default=None, min_length=1)
    changed_on: tuple[date, ...] = ()

    @field_validator("changed_on")
    @classmethod
    def _check_alone(cls, value: tuple[date, ...], found: ValidationInfo) -> tuple[date, ...]:
        if value and found.data.get("column"):
            raise ValueError("expected column or changed_on, not both: one of them tells the form")
        return value


class _AnalysisPart(_Strict):
    outcome: str = "ktv"
    minimum_n: int = Field(default=MINIMUM_N, ge=MINIMUM_N)
    n_bootstrap: int = Field(default=1000, ge=100, le=100_000)
    seed: int = 1
    case_mix: tuple[str, ...] | None = None
    not_asked: tuple[str, ...] = ()
    one_form: bool | None = None
    items_needed: float = Field(default=0.5, gt=0, le=1)
    measurement: Literal["both", "measured", "corrected"] = "both"
    priorities: Literal["regression", "sem"] = "regression"
    second_outcome: str | None = None
    weights: str | None = Field(default=None, min_length=1)


_NOT_OF_THE_FIT = {"not_asked", "one_form", "items_needed"}
"""Keys under ``[analysis]`` that say what the answers are, before anything is fitted."""

FROM_RESPONSE = "response"
"""``[analysis] weights`` that are made from who was invited."""


class _InvitationsPart(_Strict):
    folder: str = "invitations"
    weigh_by: tuple[str, ...] = ()


class _ReportsPart(_Strict):
    seconds: float = Field(default=600.0, gt=0)
    cpu_seconds: int = Field(default=120, ge=1)
    memory_mb: int = Field(default=4096, ge=1024)
    retries: int = Field(default=1, ge=0, le=10)


class _ObservationsPart(_Strict):
    file: str | None = Field(default=None, min_length=1)


class _PrivacyPart(_Strict):
    keep_months: int | None = Field(default=None, ge=1)


class _ActionsPart(_Strict):
    file: str | None = None
    renamed: dict[str, str] = Field(default_factory=dict)


class _Rebase(_Strict):
    practice: str
    subject: str
    day: date
    reason: str
    who: str

    @field_validator("reason", "who")
    @classmethod
    def _check_filled(cls, value: str) -> str:
        if not value.strip():
            raise ValueError(
                "expected some words: a new baseline hides what went before, so say why and who decided it"
            )
        return value


class _TrendsPart(_Strict):
    rebases: tuple[_Rebase, ...] = ()


class _ContactPart(_Strict):
    columns: tuple[str, ...] = ()
    consent: str | None = Field(default=None, min_length=1)
    request: str | None = Field(default=None, min_length=1)
    keep_days: int = Field(default=30, ge=1, le=90)

    @model_validator(mode="after")
    def _check_consent(self) -> _ContactPart:
        named = [name for name in (*self.columns, self.consent, self.request) if name is not None]
        if named and (not self.columns or self.consent is None):
            raise ValueError(
                "expected columns (how somebody is reached) and consent (the column that says they want to be called "
                "back); without consent nobody's contact is kept"
            )
        if len(set(named)) < len(named):
            raise ValueError("expected different columns for columns, consent and request")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that is kept apart from answers; none where nobody is asked."""
        return tuple(name for name in (*self.columns, self.consent, self.request) if name is not None)


class _DashboardPart(_Strict):
    address: str | None = None
    trusted_proxy: tuple[str, ...] = ()
    identity_header: str = Field(default="X-Forwarded-User", pattern=r"^[A-Za-z0-9-]+$")
    users: dict[str, str] = Field(default_factory=dict)
    session_days: int = Field(default=7, ge=1, le=30)

    @field_validator("address")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        found = urlsplit(value)
        if found.scheme not in {"http", "https"} or not found.netloc or found.query or found.fragment:
            raise ValueError("expected an address such as https://live.example.org or https://example.org/live")
        return value.rstrip("/")

    @field_validator("trusted_proxy")
    @classmethod
    def _check_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(ip_address(one)) for one in value)


class StudySettings(_Strict):
    """What ``study.toml`` says.

    Attributes
    ----------
    study
        Title, journey (a catalogue id or a path within the study), language of the reports, notebook (the study's own
        ``notebooks/practice_report.ipynb`` when left out, or, without one, that of the package), the provider that
        reports advise, where the journey has several, and the day of which reports are made (``run --as-of`` writes
        it; today when left out).
    source
        How exports are read: delimiter, date format, what happens to bad answers, the practice of answers in files
        without a column of it, form of practice ids, the list of practices, cells that mean "no answer", files that
        are read where they are, beside those in ``data/raw``, the share of refused rows or cells beyond which reports
        wait, and files of which more is accepted.
    columns
        Journey id to the export's column name, where they differ.
    readings
        Journey id to how its column is read, where an export leaves a doubt; or a pattern of file names to such a
        table.
    sql
        Databases with answers, each with a name: address (a password as ``${VARIABLE}``, from the environment) and one
        SELECT; a column by which new and changed rows are told (``mark``).
    pull
        Surveys on servers of LimeSurvey, REDCap and ODK Central, each with a name: where it is, which survey it is, who
        asks (secrets as ``${VARIABLE}``, from the environment), and how often while files are watched.
    forms
        Where the questionnaire had more than one version: the column of the export that names it, or the days from
        which a new one was used.
    analysis
        Outcome the drivers explain, smallest number of people a figure may rest on (10 or more), bootstrap
        replicates, seed, case-mix variables (all of the journey's when left out), outcomes
        of the journey that were not asked, whether all were asked the same questions (asked about when it
        seems not, and nothing is said), share of a touchpoint's
        items that has to be answered for a score; whether effects are of scores as measured, with their error taken
        out, or both; priorities by the regression or by a structural equation model; a second outcome (a behaviour)
        for which the order of touchpoints is shown too; the column of the export with a weight for each response, or
        ``response``: those that make the answers like the invited.
    questionnaire
        Who asks, why, how long answers are kept, whom to ask; it goes before the journey's own.
    privacy
        How many whole months answers are kept.
    invitations
        Folder of ``pxanalysis invite``, and the columns of its ledger that responses are weighed by.
    reports
        What one report may take: seconds by the clock and of computing, and memory.
    actions
        A list of actions that is taken over at every run, and touchpoints that had another id in it.
    trends
        New baselines of control charts: practice, subject, day, reason and who decided it.
    observations
        File with what patients were seen to do, think and feel; never guessed, and not in ``data/raw``.
    contact
        Columns of the export by which a patient who asked for it is called back, the column with that wish, the one
        with what it is about, and for how many days they are kept: encrypted, and apart from the answers.
    dashboard
        The address under which others reach the dashboard; proxies whose identity header is believed, what that header
        is called, whose page each identity sees (``*``: the programme); days after which a new link is needed.
    """

    study: _StudyPart
    source: _SourcePart = _SourcePart()
    columns: dict[str, str] = Field(default_factory=dict)
    readings: dict[str, str | dict[str, str]] = Field(default_factory=dict)
    sql: dict[_Name, _SqlPart] = Field(default_factory=dict)
    pull: dict[_Name, PullPart] = Field(default_factory=dict)
    forms: _FormsPart = _FormsPart()
    analysis: _AnalysisPart = _AnalysisPart()
    questionnaire: Introduction | None = None
    privacy: _PrivacyPart = _PrivacyPart()
    invitations: _InvitationsPart = _InvitationsPart()
    reports: _ReportsPart = _ReportsPart()
    actions: _ActionsPart = _ActionsPart()
    trends: _TrendsPart = _TrendsPart()
    observations: _ObservationsPart = _ObservationsPart()
    contact: _ContactPart = _ContactPart()
    dashboard: _DashboardPart = _DashboardPart()

    @property
    def form_rule(self) -> FormRule | None:
        """What tells the version of the questionnaire; None where study.toml does not say."""
        return (
            FormRule(self.forms.column, self.forms.changed_on) if self.forms.column or self.forms.changed_on else None
        )

    @property
    def contact_columns(self) -> ContactColumns | None:
        """Columns by which a patient is called back; None where nobody is asked."""
        from pxanalysis.survey.contacts import ContactColumns  # reads answers: not where results are only shown

        contact = self.contact
        if not contact.named:
            return None
        response_id = self.columns.get("response_id", "response_id")
        return ContactColumns(contact.columns, contact.consent or "", contact.request, response_id)

    def fit_options(self) -> dict[str, Any]:
        """What :class:`~pxanalysis.analysis.whole_study.settings.FitSettings` takes of ``[analysis]``."""
        options = self.analysis.model_dump(exclude=_NOT_OF_THE_FIT)
        return options | {"weights": None if self.analysis.weights is None else WEIGHT}


def read_settings(path: Path) -> StudySettings:
    """Read and check a ``study.toml``.

    Raises
    ------
    StudyError
        When it is not there or not valid; the message names the key.
    """
    if not path.is_file():
        raise StudyError(f"{path}: there is no study.toml here. Run 'pxanalysis init FOLDER' or name the right folder.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        return StudySettings.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: not valid TOML: {error}. Correct the file there.") from error
    except ValidationError as error:
        raise StudyError("\n".join(explain_settings(error, text, path, StudySettings))) from error
