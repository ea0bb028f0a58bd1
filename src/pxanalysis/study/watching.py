"""Files as they arrive: taken in when they have stopped growing, once for every state they are in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.study.databases import fetch_databases

if TYPE_CHECKING:
    from pxanalysis.study.folder import Study

__all__ = ["Watch"]

Stamp = tuple[int, int]
"""Size in bytes and time of the last change in nanoseconds."""


class Watch:
    """What a study's exports looked like at the last look, and which state of them was handed out.

    A file is handed out when two looks find it the same: one that is still being copied is not. One that could not be
    used is not tried again before it changes.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, Stamp] = {}
        self._done: dict[Path, Stamp] = {}

    def look(self, study: Study) -> tuple[list[Path], list[str]]:
        """Fetch the study's databases and look at its files.

        Returns
        -------
        (files to take in, databases that could not be read)
        """
        errors = fetch_databases(study.settings, study.root, study.raw_folder)
        now = {path: stamp for path in study.raw_files() if (stamp := _stamp(path)) is not None}
        settled = [path for path, stamp in now.items() if self._seen.get(path) == stamp]
        self._seen = now
        return [path for path in settled if self._done.get(path) != now[path]], errors

    def mark_done(self, files: list[Path]) -> None:
        """Remember that files were taken in, or tried, in the state in which they were handed out."""
        self._done |= {path: self._seen[path] for path in files}


def _stamp(path: Path) -> Stamp | None:
    """None for a file that went away since it was listed."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns
