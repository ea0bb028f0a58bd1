"""When a run is due: by the clock, missed moments once, and a clock that is set back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pxanalysis.errors import StudyError
from pxanalysis.study.schedule import Schedule, read_next

MONDAY = datetime(2026, 3, 2, 5, 58).astimezone()


class Clock:
    """Hands that move while somebody sleeps."""

    def __init__(self, start: datetime) -> None:
        self.time = start
        self.slept: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        self.on_sleep()


def schedule(root: Path, clock: Clock, cron: str = "0 6 * * MON") -> Schedule:
    return Schedule(root, cron, now=clock.now, sleep=clock.sleep)


def test_it_waits_for_the_moment_and_says_which_is_next(tmp_path: Path) -> None:
    clock = Clock(MONDAY)
    plan = schedule(tmp_path, clock)
    assert not plan.start()
    assert read_next(tmp_path) == MONDAY.replace(hour=6, minute=0).isoformat()
    assert plan.wait() == MONDAY.replace(hour=6, minute=0)
    assert clock.now() == MONDAY.replace(hour=6, minute=0)
    assert max(clock.slept) <= 30
    plan.finish()
    assert plan.upcoming() - clock.now() == timedelta(days=7)
    assert read_next(tmp_path) == plan.upcoming().isoformat()


def test_missed_moments_are_made_up_once(tmp_path: Path) -> None:
    clock = Clock(MONDAY)
    assert not schedule(tmp_path, clock).start()
    clock.time += timedelta(days=25)  # four Mondays
    later = schedule(tmp_path, clock)
    assert later.start()
    later.finish()
    assert not schedule(tmp_path, clock).start()


def test_a_run_that_was_killed_counts_as_missed(tmp_path: Path) -> None:
    clock = Clock(MONDAY)
    killed = schedule(tmp_path, clock)
    killed.start()
    killed.wait()
    clock.time += timedelta(minutes=5)
    assert schedule(tmp_path, clock).start()


def test_a_run_that_outlasts_the_next_moment_is_followed_by_one(tmp_path: Path) -> None:
    clock = Clock(MONDAY)
    plan = schedule(tmp_path, clock, "*/10 * * * *")
    plan.start()
    plan.wait()
    clock.time += timedelta(minutes=35)  # three moments go by
    plan.finish()
    before = clock.now()
    plan.wait()
    assert clock.now() == before, "at once"
    plan.finish()
    assert plan.wait() == MONDAY.replace(hour=6, minute=40)


def test_a_clock_that_is_set_back_does_not_stop_it(tmp_path: Path) -> None:
    clock = Clock(MONDAY)
    plan = schedule(tmp_path, clock)
    plan.start()

    def set_back() -> None:
        clock.on_sleep = lambda: None
        clock.time -= timedelta(days=14)

    clock.on_sleep = set_back
    assert plan.wait() == (MONDAY - timedelta(days=14)).replace(hour=6, minute=0)


@pytest.mark.parametrize("cron", ["", "monday", "0 6 * *", "0 25 * * *", "0 6 31 2 *"])
def test_an_expression_that_says_nothing_is_refused(tmp_path: Path, cron: str) -> None:
    with pytest.raises(StudyError, match="expected five fields"):
        Schedule(tmp_path, cron)


def test_what_is_remembered_of_another_expression_or_damaged_counts_for_nothing(tmp_path: Path) -> None:
    clock = Clock(MONDAY)
    schedule(tmp_path, clock).start()
    clock.time += timedelta(days=25)
    assert not schedule(tmp_path, clock, "0 7 * * *").start()
    (tmp_path / "reports" / "schedule.json").write_text("{")
    assert read_next(tmp_path) == ""
    assert not schedule(tmp_path, clock).start()
