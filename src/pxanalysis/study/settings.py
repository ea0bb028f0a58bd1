"""What ``study.toml`` says: one checked, immutable record."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pxanalysis.errors import StudyError
from pxanalysis.journey.parts import Introduction
from pxanalysis.survey.policy import BadAnswerPolicy

__all__ = ["Language", "StudySettings", "read_settings"]

Language = Literal["nl", "en"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _StudyPart(_Strict):
    title: str
    journey: str
    language: Language = "nl"
    notebook: str | None = None


class _SourcePart(_Strict):
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    date_format: str | None = None
    bad_answer: BadAnswerPolicy = "drop-cell"
    practice_pattern: str | None = None
    practices: str | None = None
    missing: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

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
            known = value is None or datetime.strptime(day.strftime(value), value).date() == day.date()
        except ValueError:
            known = False
        if not known:
            raise ValueError("expected the form of a date such as %d-%m-%Y, with day, month and year")
        return value


class _AnalysisPart(_Strict):
    outcome: str = "ktv"
    minimum_n: int = Field(default=10, ge=10)
    n_bootstrap: int = Field(default=1000, ge=100, le=100_000)
    seed: int = 1
    case_mix: tuple[str, ...] | None = None


class _PrivacyPart(_Strict):
    keep_months: int | None = Field(default=None, ge=1)


class StudySettings(_Strict):
    """What ``study.toml`` says.

    Attributes
    ----------
    study
        Title, journey (a catalogue id or a path within the study), language of the reports, notebook (the study's own
        ``notebooks/practice_report.ipynb`` when left out, or, without one, that of the package).
    source
        How exports are read: delimiter, date format, what happens to bad answers, form of practice ids, the list of
        practices, cells that mean "no answer", and files that are read where they are, beside those in ``data/raw``.
    columns
        Journey id to the export's column name, where they differ.
    analysis
        Outcome the drivers explain, smallest number of people a figure may rest on (10 or more), bootstrap
        replicates, seed, case-mix variables (all of the journey's when left out).
    questionnaire
        Who asks, why, how long answers are kept, whom to ask; it goes before the journey's own.
    privacy
        How many whole months answers are kept.
    """

    study: _StudyPart
    source: _SourcePart = _SourcePart()
    columns: dict[str, str] = Field(default_factory=dict)
    analysis: _AnalysisPart = _AnalysisPart()
    questionnaire: Introduction | None = None
    privacy: _PrivacyPart = _PrivacyPart()


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
        return StudySettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{path}: not valid TOML: {error}. Correct the file there.") from error
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(part) for part in detail['loc'])}: {detail['msg']} (found {detail['input']!r:.60})."
            for detail in error.errors()
        ]
        raise StudyError("\n".join(lines)) from error
