"""Reports as they would have been on an earlier day: a study within the study, with results and reports of its own."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from itertools import takewhile
from pathlib import Path

from pxanalysis.errors import StudyError
from pxanalysis.study.folder import Study
from pxanalysis.survey.files import write_atomically

__all__ = ["study_as_of"]

_NOT_TAKEN = {"reports", "as-of", "study.toml", "data", "krt"}
_TAKEN = ("responses", "rejected", "forgotten.json", "forgotten.key")
"""Of ``data/processed``: answers, and who asked to be forgotten; nothing of what was released since."""


def study_as_of(study: Study, day: date) -> Study:
    """Make or renew ``as-of/DAY``: the study's files, by links, and its answers of then.

    Answers that were withdrawn since are not there, as they may not be. Its release is its own: what is published of
    the study itself does not depend on it.

    Raises
    ------
    StudyError
        When the day lies ahead.
    """
    if day > date.today():
        raise StudyError(f"--as-of {day}: lies ahead. Give a day that is over.")
    root = study.root / "as-of" / day.isoformat()
    kept = [study.root / "data" / "processed" / name for name in _TAKEN]
    places = [path for path in study.root.iterdir() if path.name not in _NOT_TAKEN and path.name[0] != "."]
    places += [path for path in (study.root / "data").iterdir() if path.name != "processed"]
    for path in (*places, *filter(Path.exists, kept)):
        _link(path, root / path.relative_to(study.root))
    _leave_out_later_actions(study, root, day)
    write_atomically(root / "study.toml", _dated(study.root / "study.toml", day))
    return Study(root)


def _link(path: Path, place: Path) -> None:
    """Link to a file or folder, or copy it where there are no links."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink() or place.is_file():
        place.unlink()
    elif place.is_dir():
        shutil.rmtree(place)
    try:
        place.symlink_to(path)
    except OSError:  # Windows without the right to make links
        shutil.copytree(path, place) if path.is_dir() else shutil.copyfile(path, place)


def _leave_out_later_actions(study: Study, root: Path, day: date) -> None:
    """The history of actions up to a day."""
    own = study.actions_file
    if not own.exists():
        return
    lines = own.read_text(encoding="utf-8").splitlines()
    then = takewhile(lambda line: json.loads(line).get("recorded_on", "") <= day.isoformat(), lines)  # each rests on
    place = root / own.relative_to(study.root)
    place.with_name("shown.json").unlink(missing_ok=True)
    write_atomically(place, "".join(f"{line}\n" for line in then))


def _dated(path: Path, day: date) -> str:
    """The study's settings with the day under ``[study]``."""
    text = path.read_text(encoding="utf-8-sig")
    return re.sub(r"^(\s*\[study\][^\n]*\n)", rf"\1as_of = {day.isoformat()}\n", text, count=1, flags=re.MULTILINE)
