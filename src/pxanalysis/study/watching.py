"""Files as they arrive: taken in when they have stopped growing, once for every state they are in."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.study.databases import fetch_databases
from pxanalysis.study.lock import lock_study
from pxanalysis.study.pulling import pull_sources, wait_for

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
        self._pulled: dict[str, float] = {}
        self._failed: dict[str, str] = {}

    def look(self, study: Study) -> tuple[list[Path], list[str]]:
        """Fetch the study's databases, pull from servers whose time has come, and look at its files.

        Returns
        -------
        (files to take in, databases and servers that could not be read)
        """
        fetches = study.settings.sql or study.settings.pull
        with lock_study(study.root) if fetches else nullcontext():
            errors = fetch_databases(study.settings, study.root, study.raw_folder) + self._pull(study)
        now = {path: stamp for path in study.raw_files() if (stamp := _stamp(path)) is not None}
        settled = [path for path, stamp in now.items() if self._seen.get(path) == stamp]
        self._seen = now
        return [path for path in settled if self._done.get(path) != now[path]], errors

    def _pull(self, study: Study) -> list[str]:
        """Pull what is due; a server that could not be read is asked again when its time comes, and said till then."""
        now = time.monotonic()
        parts = study.settings.pull
        due = [name for name, part in parts.items() if not wait_for(part, self._pulled.get(name), now)]
        if due:
            self._pulled |= dict.fromkeys(due, now)
            made = pull_sources(study.settings, study.root, study.raw_folder, due)
            self._failed |= {one.name: one.error for one in made}
        return [error for name, error in self._failed.items() if error and name in parts]

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
