"""What the rooms below a study need of it: its places, its settings and its answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date

    from pxanalysis.analysis.privacy.counted import CountedAnswers
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.journey.model import Journey
    from pxanalysis.study.settings import StudySettings
    from pxanalysis.survey.responses import Responses
    from pxanalysis.survey.store import ResponseStore

__all__ = ["StudyPlaces"]


class StudyPlaces(Protocol):
    """A :class:`~pxanalysis.study.folder.Study`, as far as forgetting and the review of comments go."""

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
        """The answers of the last release, cell by cell."""

    @property
    def results(self) -> StudyResults:
        """What ``fit`` found, read from disk."""

    @property
    def results_folder(self) -> Path:
        """Where ``fit`` leaves its frames."""

    @property
    def released_file(self) -> Path:
        """Where the last release is remembered."""

    @property
    def forgotten_file(self) -> Path:
        """Keyed hashes of those who asked to be forgotten."""

    @property
    def reviewed_file(self) -> Path:
        """What was decided about comments."""

    @property
    def raw_folder(self) -> Path:
        """Where exports are put."""

    @property
    def practices_file(self) -> Path:
        """The list of practices, where there is one."""

    def oldest_day(self, today: date) -> date | None:
        """First day of the oldest month of which answers are kept."""

    def raw_files(self) -> list[Path]:
        """Files with answers."""
