"""One process at a time works in a study: two at once would overwrite what the other writes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pxanalysis.errors import StudyBusyError
from pxanalysis.survey.files import sweep_temporary

__all__ = ["WAIT_FOR_SHARDS", "lock_briefly", "lock_study"]

_HELD: set[Path] = set()
"""Locks of this process, which may take one again within itself."""

_POLL = 0.2

WAIT_FOR_SHARDS = 3600.0
"""Seconds that a shard waits for another to take in answers and fit them."""


@contextmanager
def lock_study(root: Path, *, shared: bool = False, wait: float = 0.0) -> Iterator[None]:
    """Keep other processes from writing in this study while the block runs.

    The system takes the lock back when the process ends, however it ends, so that one that was killed leaves nothing
    to clean up but files half written, which the next sweeps. Where the file system has no locks, there is none.

    Parameters
    ----------
    shared
        Let others in that are shared too: each shard of a run writes pages of its own, while nobody fits.
    wait
        Seconds to wait for another process to be done.

    Raises
    ------
    StudyBusyError
        When another process is at work in the study.
    """
    path = root / "data" / "processed" / ".lock"
    if path in _HELD:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        if not _take_within(handle, wait, shared=shared):
            handle.seek(0)
            raise StudyBusyError(
                f"{root}: another pxanalysis (process {handle.read().strip() or 'unknown'}) is at work in this study. "
                "Wait until it is done and run the command again."
            )
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        _HELD.add(path)
        try:
            if not shared:  # nobody else is writing
                for folder in (path.parent, root / "reports"):
                    sweep_temporary(folder)
            yield
        finally:
            _HELD.discard(path)


@contextmanager
def lock_briefly(path: Path) -> Iterator[None]:
    """Wait for, and hold, a lock on what several shards read and write in one go, such as the list of pages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        _take_within(handle, 60.0)
        yield


def _take_within(handle: IO[str], seconds: float, *, shared: bool = False) -> bool:
    """Lock an open file until it is closed, or the process ends; whether that could be done in time."""
    deadline = time.monotonic() + seconds
    while not _take(handle.fileno(), shared=shared):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL)
    return True


def _take(file: int, *, shared: bool = False) -> bool:
    """Lock an open file until it is closed; whether nobody else has."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
