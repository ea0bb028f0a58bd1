"""One door to every kind of server: what is written is the tool's own export, which its reader then reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pxanalysis.survey.sources.pulls.limesurvey import fetch_limesurvey
from pxanalysis.survey.sources.pulls.odk import fetch_odk
from pxanalysis.survey.sources.pulls.record import Pulled, PullKind, PullSource
from pxanalysis.survey.sources.pulls.redcap import fetch_redcap

__all__ = ["fetch_answers"]


def fetch_answers(source: PullSource, target: Path) -> Pulled:
    """Write all answers of a survey to a file, as its tool exports them; the file is whole, or it is not there.

    Raises
    ------
    SourceError
        When the library for this kind is not installed, the server cannot be reached or goes away in the middle, who
        asks is not let in, or not every answer came.
    """
    try:
        return _FETCHERS[source.kind](source, target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


_FETCHERS: dict[PullKind, Callable[[PullSource, Path], Pulled]] = {
    "limesurvey": fetch_limesurvey,
    "odk": fetch_odk,
    "redcap": fetch_redcap,
}
"""How each kind is fetched; a new one is named in ``record.py`` and in ``study/pull_settings.py``."""
