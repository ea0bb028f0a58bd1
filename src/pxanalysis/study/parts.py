"""What works on a study needs of it, without the study itself: so that it stands below what it is used by."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pxanalysis.study.settings import StudySettings

if TYPE_CHECKING:
    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.journey.model import Journey
    from pxanalysis.survey.responses import Responses
    from pxanalysis.survey.store import ResponseStore

__all__ = ["StudyParts"]


class StudyParts(Protocol):
    """Settings, files and answers of a study; :class:`~pxanalysis.study.folder.Study` has them."""

    root: Path
    settings: StudySettings

    @property
    def journey(self) -> Journey:
        """The journey this study measures."""

    @property
    def store(self) -> ResponseStore:
        """Accepted and rejected answers on disk."""

    @property
    def responses(self) -> Responses:
        """All accepted answers."""

    @property
    def counted(self) -> CountedAnswers | None:
        """The answers of the last release."""

    @property
    def results(self) -> StudyResults:
        """What the last fit found."""

    @property
    def results_folder(self) -> Path:
        """Where it is."""

    @property
    def released_file(self) -> Path:
        """Where the last release is remembered."""

    @property
    def forgotten_file(self) -> Path:
        """Who asked to be forgotten."""

    @property
    def reviewed_file(self) -> Path:
        """What was decided about comments."""

    def raw_files(self) -> list[Path]:
        """Files with answers."""

    def oldest_day(self, today: date) -> date | None:
        """First day of which answers are kept."""
