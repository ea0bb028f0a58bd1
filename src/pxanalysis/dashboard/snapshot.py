"""What pages show at one moment: counts as they are now, everything else as it was last released.

A thread looks at the study's files every few seconds and makes what changed anew; pages are made from the snapshot that
is there. What cannot be read while a run rewrites it stays as it was, so that a page never fails for that.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import polars as pl

from pxanalysis.analysis.trends.released import chart_released_touchpoints, renew_parts, tabulate_parts
from pxanalysis.analysis.trends.result import TrendsResult
from pxanalysis.dashboard.arrivals import Arrivals, count_arrivals
from pxanalysis.errors import PxError
from pxanalysis.study import open_study
from pxanalysis.study.calling_back import delete_old_contacts
from pxanalysis.study.course_file import COURSE_PARTS, read_parts, write_parts
from pxanalysis.study.keys import hash_facts
from pxanalysis.survey.files import write_atomically, write_parquet

if TYPE_CHECKING:
    from pxanalysis.analysis.action_effects.shown import ShownActions
    from pxanalysis.analysis.whole_study.results import StudyResults
    from pxanalysis.study import Study
    from pxanalysis.survey.action_list import Action

__all__ = ["Snapshot", "Watcher", "list_names", "take_snapshot"]

_log = logging.getLogger(__name__)

_EVERY = 10.0
"""Seconds between two looks at the study's files."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What there is to show.

    Attributes
    ----------
    study
        The study, with its settings and journey as they were read.
    arrivals
        Counts; live.
    results, courses, shown_actions
        Of the last release: the results, courses of touchpoints, what actions brought. None where nothing was fitted.
    actions
        The register, which holds nothing of patients.
    names
        What each practice is called, by id: of the list, and those with results.
    problems
        What could not be read, in the words of the error.
    stamps
        State of the files that each part was made from.
    """

    study: Study
    arrivals: Arrivals
    results: StudyResults | None = None
    courses: TrendsResult | None = None
    shown_actions: ShownActions | None = None
    actions: tuple[Action, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    stamps: Mapping[str, str] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """What tells one release from another; empty where nothing was fitted."""
        return "" if self.results is None else str(self.results.meta.fit_key)[:16]

    def actions_of(self, practice_id: str) -> list[Action]:
        """Actions of one practice."""
        return [one for one in self.actions if one.practice_id == practice_id]


def take_snapshot(root: Path, before: Snapshot | None = None) -> Snapshot:
    """Make the parts anew whose files changed; the others, and those that cannot be read now, stay.

    Raises
    ------
    PxError
        When the study itself cannot be opened and there was none before.
    """
    try:
        study = open_study(root)
        stamps = _stamp(study)
        if before is not None and stamps["study"] == before.stamps.get("study"):
            study = before.study  # the very same: what was made of it is kept
        if before is not None and stamps == before.stamps:
            return before
        journey = study.journey
    except PxError as error:
        if before is None:
            raise
        return replace(before, problems={**before.problems, "study": str(error)})
    found = before or Snapshot(study, Arrivals(study.today))
    found = replace(found, study=study, problems={})
    known = {} if before is None else before.stamps
    same_study = stamps["study"] == known.get("study")
    for name, renew in _PARTS.items():
        if same_study and stamps[name] == known.get(name) and name not in (before.problems if before else {}):
            continue
        try:
            found = renew(found)
        except (PxError, OSError) as error:
            _log.warning("%s: %s", name, error)
            found = replace(found, problems={**found.problems, name: str(error)})
            stamps = {**stamps, name: known.get(name, "")}  # looked at again
    _log.debug("a snapshot of %s was taken", journey.id)
    names = _names(found)
    return replace(found, names=found.names if names == found.names else names, stamps=stamps)


def _renew_arrivals(found: Snapshot) -> Snapshot:
    return replace(found, arrivals=count_arrivals(found.study))


def _renew_results(found: Snapshot) -> Snapshot:
    study = found.study
    if not (study.results_folder / "meta.json").exists():
        return replace(found, results=None, courses=None)
    results = study.results
    if found.results is not None and found.results.meta.fit_key == results.meta.fit_key and found.courses is not None:
        return replace(found, results=results)
    return replace(found, results=results, courses=_read_courses(study, results))


def _renew_actions(found: Snapshot) -> Snapshot:
    study = found.study
    return replace(found, actions=tuple(study.actions), shown_actions=study.shown_actions)


_PARTS = {"arrivals": _renew_arrivals, "results": _renew_results, "actions": _renew_actions}


def _stamp(study: Study) -> dict[str, str]:
    """State of the files of each part; the day is one of those of the counts."""
    processed = study.root / "data" / "processed"
    invitations = study.root / study.settings.invitations.folder / "ledger.csv"
    settings = [study.root / "study.toml", study.practices_file]
    journey = study.root / study.settings.study.journey
    settings += [journey] if journey.is_file() else []
    return {
        "study": _state(settings),
        "arrivals": _state([processed / "responses" / "ledger.json", invitations], study.today.isoformat()),
        "results": _state([study.results_folder / "meta.json"]),
        "actions": _state([study.actions_file, study.shown_file]),
    }


def _state(paths: Iterable[Path], *more: str) -> str:
    found = []
    for path in paths:
        try:
            stat = path.stat()
            found.append(f"{path.name} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino}")
        except FileNotFoundError:
            found.append(f"{path.name} -")
    return "\n".join([*found, *more])


def list_names(study: Study) -> dict[str, str]:
    """What each practice is called, by id: those of the list, those with answers and those with results."""
    try:
        arrivals = count_arrivals(study)
        results = study.results if (study.results_folder / "meta.json").exists() else None
    except PxError:  # answers that are being taken in: the list is what is known
        arrivals, results = Arrivals(study.today), None
    return _names(Snapshot(study, arrivals, results))


def _names(found: Snapshot) -> dict[str, str]:
    names = {practice_id: one.name or practice_id for practice_id, one in found.study.practices.items()}
    if found.results is not None:
        rows = found.results["practices"][["practice_id", "name"]].itertuples(index=False)
        names |= {str(practice_id): str(name or practice_id) for practice_id, name in rows}
    return {**{one: one for one in found.arrivals.practices}, **names}


def _read_courses(study: Study, results: StudyResults) -> TrendsResult | None:
    """Courses of touchpoints of this release: figures are made once, and kept beside the dashboard's links.

    None where the answers of the release are not there any more, or none has a date.
    """
    folder = study.root / "data" / "processed" / "dashboard"
    minimum_n, length = results.meta.minimum_n, _period_of(results)
    key = hash_facts(results.meta.fit_key, length, f"{study.today:%Y-%m}")
    marker, file = folder / "courses.json", folder / "courses.parquet"
    kept = _read_json(marker)
    figures = pd.read_parquet(file) if file.is_file() and kept.get("period") == length else None
    if figures is None or kept.get("key") != key:
        counted = study.counted
        if counted is None or length is None:
            return None
        known = study.root / COURSE_PARTS
        parts = renew_parts(counted, read_parts(known), minimum_n)
        write_parts(known, parts)  # before anything of them is shown
        figures = tabulate_parts(counted, parts, length, today=study.today, before=figures)
        write_parquet(pl.from_pandas(figures), file)
        write_atomically(marker, json.dumps({"key": key, "period": length}))
    shown = results["touchpoints"]
    shown = shown[~shown["suppressed"].astype(bool)]
    kept_rows = pd.MultiIndex.from_frame(figures[["practice_id", "subject"]]).isin(
        pd.MultiIndex.from_frame(shown[["practice_id", "touchpoint"]])
    )
    return chart_released_touchpoints(figures[kept_rows], length or "month", minimum_n)


def _period_of(results: StudyResults) -> Literal["month", "quarter"] | None:
    """Months or quarters, as the course of the outcomes has; None without one."""
    periods = results["trend"]["period"]
    return None if periods.empty else "month" if len(str(periods.iloc[0])) == len("2026-01") else "quarter"


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Watcher:
    """Keeps a snapshot up to date in a thread of its own.

    Parameters
    ----------
    root
        The study's folder.
    every
        Seconds between two looks.
    ready
        Is given a snapshot with a new release before it is shown: what takes time is made then, while the figures of
        the one before stand beside the counts of now.
    """

    def __init__(self, root: Path, every: float = _EVERY, ready: Callable[[Snapshot], None] | None = None) -> None:
        self._root, self._every, self._ready = root, every, ready
        self._now = take_snapshot(root)
        self._looking, self._showing = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pxanalysis-dashboard-watcher", daemon=True)

    @property
    def now(self) -> Snapshot:
        """What there is to show now."""
        return self._now

    def look(self) -> Snapshot:
        """Look at the files, and show what changed."""
        with self._looking:
            before = self._now
            found = take_snapshot(self._root, before)
            if self._ready is not None and found.results is not before.results and before.results is not None:
                stamps = {**found.stamps, "results": before.stamps.get("results", "")}
                self._show(replace(found, results=before.results, courses=before.courses, stamps=stamps), before)
                before = self._now
                self._ready(found)
            self._show(found, before)
        return self._now

    def _show(self, found: Snapshot, before: Snapshot) -> None:
        with self._showing:
            if self._now is not before:  # an action was written down meanwhile
                known = self._now
                stamps = {**found.stamps, "actions": known.stamps["actions"]}
                found = replace(found, actions=known.actions, shown_actions=known.shown_actions, stamps=stamps)
            self._now = found

    def look_at_actions(self) -> Snapshot:
        """Show the actions as they are now, at once: somebody has just written one down."""
        with self._showing:
            found = _renew_actions(self._now)
            self._now = replace(found, stamps={**found.stamps, "actions": _stamp(found.study)["actions"]})
        return self._now

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def _run(self) -> None:
        if self._ready is not None:
            self._ready(self._now)
        while not self._stop.wait(self._every):
            try:
                self.look()
                delete_old_contacts(self._now.study, self._now.study.today)
            except Exception:  # the thread must live on: what is wrong now may be right in a minute
                _log.exception("the study could not be looked at")
