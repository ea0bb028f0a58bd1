"""One process at a time works in a study: two at once would overwrite what the other writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pxanalysis.errors import StudyError
from pxanalysis.survey.files import sweep_temporary

__all__ = ["lock_study"]

_HELD: set[Path] = set()
"""Locks of this process, which may take one again within itself."""


@contextmanager
def lock_study(root: Path) -> Iterator[None]:
    """Keep other processes from writing in this study while the block runs.

    The lock goes with the process, so that one that was stopped leaves nothing to clean up but files half
    written, which the next sweeps. Where the file system has no locks, there is none.

    Raises
    ------
    StudyError
        When another process is at work in the study.
    """
    path = root / "data" / "processed" / ".lock"
    if path in _HELD:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        if not _take(handle.fileno()):
            handle.seek(0)
            raise StudyError(
                f"{root}: another pxanalysis (process {handle.read().strip() or 'unknown'}) is at work in this study. "
                "Wait until it is done and run the command again."
            )
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        _HELD.add(path)
        for folder in (path.parent, root / "reports"):
            sweep_temporary(folder)
        try:
            yield
        finally:
            _HELD.discard(path)


def _take(file: int) -> bool:
    """Lock an open file until it is closed; whether nobody else has."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
