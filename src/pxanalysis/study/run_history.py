"""What every run did: kept in ``reports/history.json``, to be read in ``reports/history.html``."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pxanalysis._version import __version__
from pxanalysis.reporting.history_page import RunRow, render_history
from pxanalysis.study.lock import lock_briefly
from pxanalysis.survey.files import write_atomically

if TYPE_CHECKING:
    from pxanalysis.study.folder import Study

__all__ = ["RunHistory", "RunRecord", "write_history_page"]

State = Literal["running", "done", "failed", "stopped"]

_KEPT = 500
"""Runs that are remembered: three weeks of every hour."""


@dataclass(slots=True)
class RunRecord:
    """One run.

    Attributes
    ----------
    started, finished
        Moments with their difference from UTC; ``finished`` is empty while it runs, or when it was killed.
    seconds
        How long it took.
    state
        ``running``, ``done``, ``failed`` (see ``exit_code`` and ``message``) or ``stopped`` (killed, or the computer
        was switched off).
    exit_code, message
        Of the command; -1 while it runs.
    process
        Its number, for as long as it runs.
    command
        Its options.
    steps
        Seconds of each step.
    ingested, fitted
        Files that were taken in; whether anything was fitted.
    made, unchanged, failed
        Number of reports made and up to date; reports that could not be made, each with its reason.
    delivered
        Files that were brought to where they should go.
    hashes
        What the results rest on: answers, journey, settings, notebook.
    notes
        What else was said.
    """

    started: str
    finished: str = ""
    seconds: float = 0.0
    state: State = "running"
    exit_code: int = -1
    message: str = ""
    process: int = 0
    version: str = __version__
    command: list[str] = field(default_factory=list)
    steps: dict[str, float] = field(default_factory=dict)
    ingested: list[str] = field(default_factory=list)
    fitted: bool = False
    made: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    delivered: int = 0
    hashes: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @contextmanager
    def time_step(self, name: str) -> Iterator[None]:
        """Note how long a step takes."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.steps[name] = round(time.monotonic() - began, 3)

    def describe(self) -> str:
        """One line."""
        went = {"done": "went well", "stopped": "was stopped", "running": "is running"}
        how = went.get(self.state, f"failed (exit code {self.exit_code})")
        why = f": {self.message}" if self.message else ""
        lost = f"; {len(self.failed)} could not be made" if self.failed else ""
        return f"Last run: {self.started}, {how} in {self.seconds:.0f} s, {self.made} reports made{lost}{why}"


class RunHistory:
    """The runs of a study, the oldest first.

    Parameters
    ----------
    root
        The study's folder.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / "reports" / "history.json"
        self._lock = root / "data" / "processed" / ".history.lock"

    def read(self) -> list[RunRecord]:
        """Read all runs; a file that is damaged counts as none: it is a record, nothing rests on it."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            return [RunRecord(**one) for one in json.loads(self.path.read_text(encoding="utf-8"))["runs"]]
        return []

    def last_finished(self) -> RunRecord | None:
        """The last run that came to an end."""
        return next((one for one in reversed(self.read()) if one.state != "running"), None)

    @contextmanager
    def record(self, command: list[str]) -> Iterator[RunRecord]:
        """Keep a record of the run that the block is; how it ends is noted whatever happens but a kill."""
        made = RunRecord(self._new_start(), process=os.getpid(), command=command)
        began = time.monotonic()
        self._write(made)
        try:
            yield made
        except BaseException as error:
            made.exit_code, message = _explain(error)
            made.message = message or made.message
            made.state = "done" if made.exit_code == 0 else "failed"
            raise
        else:
            made.exit_code, made.state = 0, "done"
        finally:
            made.finished, made.seconds = _now(), round(time.monotonic() - began, 3)
            with suppress(OSError):  # a full disk: what went wrong first is what is to be said
                self._write(made)

    def _new_start(self) -> str:
        """Now, once no run of this process began in the same millisecond: it is known by that."""
        known = {one.started for one in self.read() if one.process == os.getpid()}
        while (now := _now()) in known:
            time.sleep(0.001)
        return now

    def _write(self, made: RunRecord) -> None:
        with lock_briefly(self._lock):
            runs = [one for one in self.read() if (one.started, one.process) != (made.started, made.process)]
            for one in runs:
                if one.state == "running" and not _is_alive(one.process):
                    one.state, one.message = "stopped", "killed, or the computer was switched off"
            runs = [*runs, made][-_KEPT:]
            text = json.dumps({"runs": [asdict(one) for one in runs]}, indent=1, ensure_ascii=False)
            write_atomically(self.path, text + "\n")


def write_history_page(study: Study) -> Path:
    """Write the page of all runs, ``reports/history.html``, the last run first."""
    rows = [
        RunRow(
            started=datetime.fromisoformat(one.started),
            seconds=one.seconds,
            state=one.state,
            exit_code=one.exit_code,
            made=one.made,
            unchanged=one.unchanged,
            failed=one.failed,
            why=one.message,
            files=one.ingested,
            fitted=one.fitted,
            hashes=one.hashes,
        )
        for one in reversed(RunHistory(study.root).read())
    ]
    path = study.reports_folder / "history.html"
    settings = study.settings.study
    write_atomically(path, render_history(rows, settings.title, settings.language, study.journey.reported_on))
    return path


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _is_alive(process: int) -> bool:
    import psutil  # only where a run never came to its end

    return process != os.getpid() and psutil.pid_exists(process)


def _explain(error: BaseException) -> tuple[int, str]:
    """Exit code and message that an error leads to."""
    code: Any = getattr(error, "exit_code", None)
    if isinstance(error, KeyboardInterrupt):
        return 130, "interrupted"
    text = "" if type(error).__name__ == "Exit" else (str(error) or type(error).__name__)
    return (code if isinstance(code, int) else 1), text[:2000]
