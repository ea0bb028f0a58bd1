"""The study's list of practices: where it is, and what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import StudyError

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Practice

__all__ = ["USUAL_PLACE", "load_practices"]

USUAL_PLACE = "data/raw/practices.csv"
"""Where the list is when study.toml does not say; there it may be absent."""


def load_practices(root: Path, named: str | None) -> dict[str, Practice]:
    """Read the list that study.toml names, else the one in the usual place; none when that is not there.

    Raises
    ------
    StudyError
        When study.toml names a list that is not there.
    SurveyError
        When the list cannot be used.
    """
    from pxanalysis.survey.practice_list import read_practices

    path = root / (named or USUAL_PLACE)
    if path.exists():
        return read_practices(path)
    if named:
        raise StudyError(
            f"{path}: study.toml names this file under [source] practices, and it is not there. Put it there, correct "
            "the name, or take the line out; practices are then shown by their id."
        )
    return {}
