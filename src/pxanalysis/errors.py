"""What can go wrong: one exception tree, each with a message that says what to do.

Every message names the place (file, row, column or parameter), what was expected, what was found and the remedy.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AnalysisError",
    "DeliveryError",
    "JourneyError",
    "NotEstimableError",
    "PrivacyError",
    "PxError",
    "ReportError",
    "SourceError",
    "StudyBusyError",
    "StudyError",
    "SurveyError",
]


class PxError(Exception):
    """Base of every error this package raises on purpose.

    Attributes
    ----------
    exit_code
        What the command line exits with when the error reaches it (documented in ``pxanalysis --help``).
    """

    exit_code: ClassVar[int] = 1

    def _render_traceback_(self) -> list[str]:
        """What IPython and Jupyter show instead of a traceback: the message says all, our frames say nothing."""
        return [f"{type(self).__name__}: {self}"]


class JourneyError(PxError):
    """A journey file is not valid; the message names the file and line."""

    exit_code = 3


class StudyError(PxError):
    """A study folder or its ``study.toml`` is not as expected."""

    exit_code = 3


class StudyBusyError(StudyError):
    """Another process is at work in the study; the same command succeeds later."""

    exit_code = 7


class SurveyError(PxError):
    """Answers cannot be used as a whole (single bad rows are rejected, not raised)."""

    exit_code = 4


class SourceError(SurveyError):
    """A file with answers cannot be read."""


class AnalysisError(PxError, ValueError):
    """A statistic was asked for with input that makes no sense (a caller's mistake)."""

    exit_code = 5


class NotEstimableError(AnalysisError):
    """The data cannot carry the estimate; the message says why and what would.

    Attributes
    ----------
    code
        What it is about, for readers of another language: ``too_few`` answers, a ``constant_outcome``, what is
        ``singular`` (cannot be told apart), ``bootstrap_failed``, or ``other``.
    """

    def __init__(self, message: str = "", code: str = "other") -> None:
        super().__init__(message)
        self.code = code


class PrivacyError(PxError):
    """What was asked would show figures on too few people."""

    exit_code = 5


class AccessError(PxError):
    """Somebody may not look, or a link cannot be given out.

    Attributes
    ----------
    code
        What is the matter, for readers of another language: ``unknown``, ``used``, ``expired``, ``revoked`` or
        ``other``.
    """

    exit_code = 5

    def __init__(self, message: str = "", code: str = "other") -> None:
        super().__init__(message)
        self.code = code


class ReportError(PxError):
    """A report could not be made."""

    exit_code = 6


class DeliveryError(PxError):
    """Reports were made, but could not be brought where they should go."""

    exit_code = 8
