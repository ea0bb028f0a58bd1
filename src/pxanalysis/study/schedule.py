"""When a run is due: moments by a cron expression, those that were missed made up once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pxanalysis.errors import StudyError
from pxanalysis.survey.files import write_atomically

__all__ = ["Schedule", "read_next"]

_LONGEST_SLEEP = 30.0
"""Seconds: a clock that is set, or a laptop that slept, is noticed within them."""


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class Schedule:
    """Moments at which a study is run.

    Attributes
    ----------
    root
        The study's folder.
    cron
        Five fields: minute, hour, day of the month, month, day of the week; by the computer's own clock.
    now, sleep
        The clock.
    """

    root: Path
    cron: str
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], object] = time.sleep
    _since: datetime | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Refuse an expression that says nothing."""
        self.next_after(self.now())

    @property
    def path(self) -> Path:
        """Where is remembered which moments were seen to."""
        return self.root / "reports" / "schedule.json"

    def next_after(self, moment: datetime) -> datetime:
        """The first due moment after another.

        Raises
        ------
        StudyError
            When the expression is not one, or names no moment at all.
        """
        from cronsim import CronSim, CronSimError

        try:
            # by the hands of the clock, as cron does: 06:00 is 06:00 in summer and in winter
            found = next(CronSim(self.cron, moment.astimezone().replace(tzinfo=None)))
        except (CronSimError, StopIteration) as error:
            raise StudyError(
                f"--cron: expected five fields (minute hour day month weekday) such as '0 6 * * MON', found "
                f"'{self.cron}'."
            ) from error
        return found.astimezone()

    def start(self) -> bool:
        """Begin; whether a run was missed while nobody waited for it, which is then due now."""
        seen = self._read()
        now = self.now()
        self._since = now
        missed = seen is not None and seen <= now and self.next_after(seen) <= now
        if not missed:
            self._write(now)
        return missed

    def wait(self) -> datetime:
        """Wait for the next moment, and return it; at once when one passed since the last, however many did."""
        since = self._since or self.now()
        due = self.next_after(since)
        while (now := self.now()) < due:
            if now < since - timedelta(seconds=_LONGEST_SLEEP):  # the clock was set back: what is due is due again
                since, due = now, self.next_after(now)
                self._write(now)
            self.sleep(min(_LONGEST_SLEEP, max((due - now).total_seconds(), 0.01)))
        self._since = self.now()
        return due

    def finish(self) -> None:
        """A run came to its end; one that is killed before that counts as missed."""
        if self._since is not None:
            self._write(self._since)

    def upcoming(self) -> datetime:
        """The moment that is waited for."""
        return self.next_after(self._since or self.now())

    def _read(self) -> datetime | None:
        """Until when moments were seen to, by this expression; None when that is not known."""
        try:
            found: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
            return datetime.fromisoformat(found["seen"]) if found["cron"] == self.cron else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, seen: datetime) -> None:
        facts = {"cron": self.cron, "seen": seen.isoformat(), "next": self.next_after(seen).isoformat()}
        write_atomically(self.path, json.dumps(facts, indent=1) + "\n")


def read_next(root: Path) -> str:
    """The moment that a schedule waits for; empty where there is none."""
    try:
        return str(json.loads((root / "reports" / "schedule.json").read_text(encoding="utf-8"))["next"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
