"""What every run did, whatever ended it; and its page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from pxanalysis.errors import StudyBusyError, SurveyError
from pxanalysis.reporting.history_page import RunRow, render_history
from pxanalysis.study.lock import lock_study
from pxanalysis.study.run_history import RunHistory
from pxanalysis.survey.files import sweep_temporary


def test_runs_that_begin_within_one_moment_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(["2026-11-30T12:00:00.000+00:00"] * 3 + ["2026-11-30T12:00:00.001+00:00"] * 3)
    monkeypatch.setattr("pxanalysis.study.run_history._now", lambda: next(moments))
    history = RunHistory(tmp_path)
    for _ in range(2):
        with history.record(["run"]):
            pass
    assert [one.started[20:23] for one in history.read()] == ["000", "001"]


def test_a_run_is_recorded_however_it_ends(tmp_path: Path) -> None:
    history = RunHistory(tmp_path)
    with history.record(["run"]) as made, made.time_step("fit"):
        assert history.read()[0].state == "running"
    with pytest.raises(SurveyError), history.record(["run"]):
        raise SurveyError("no column")
    with pytest.raises(KeyboardInterrupt), history.record(["run"]):
        raise KeyboardInterrupt
    found = history.read()
    assert [(one.state, one.exit_code, one.message) for one in found] == [
        ("done", 0, ""),
        ("failed", 4, "no column"),
        ("failed", 130, "interrupted"),
    ]
    assert list(found[0].steps) == ["fit"]
    assert "failed (exit code 4)" in found[1].describe()


def test_a_run_that_was_killed_is_told_from_one_that_runs(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from pxanalysis.study.run_history import RunHistory\n"
        "with RunHistory(Path(sys.argv[1])).record(['run']):\n    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    history = RunHistory(tmp_path)
    assert history.last_finished() is None
    with history.record(["run"]):
        assert [one.state for one in history.read()] == ["stopped", "running"]
    assert [one.state for one in history.read()] == ["stopped", "done"]


def test_a_damaged_record_stops_no_run(tmp_path: Path) -> None:
    history = RunHistory(tmp_path)
    history.path.parent.mkdir()
    history.path.write_text('{"runs": [{"started": ')
    with history.record(["run"]):
        pass
    assert len(history.read()) == 1


def test_the_lock_goes_with_a_killed_process_and_what_it_left_is_swept(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from pxanalysis.study.lock import lock_study\n"
        "from pxanalysis.survey.files import temporary_name\n"
        "with lock_study(Path(sys.argv[1])):\n"
        "    temporary_name(Path(sys.argv[1], 'reports', 'a.html')).write_text('half')\n"
        "    os.kill(os.getpid(), 9)"
    )
    (tmp_path / "reports").mkdir()
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list((tmp_path / "reports").iterdir())) == 1
    with lock_study(tmp_path):
        assert list((tmp_path / "reports").iterdir()) == []


def test_a_number_that_a_new_process_has_again_does_not_keep_what_was_left(tmp_path: Path) -> None:
    """In a container every run may be process 7."""
    left = tmp_path / f".writing-{os.getpid()}-abc-a.html"
    left.write_text("half")
    os.utime(left, (1_000_000_000, 1_000_000_000))
    ours = tmp_path / f".writing-{os.getpid()}-def-b.html"
    ours.write_text("being written")
    assert sweep_temporary(tmp_path) == [left]
    assert ours.exists()


def test_shards_work_side_by_side_while_nobody_fits(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pxanalysis.study.lock import lock_study\n"
        "with lock_study(Path(sys.argv[1]), shared=True):\n    print('in', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        with lock_study(tmp_path, shared=True):
            pass
        with pytest.raises(StudyBusyError, match=f"process {other.pid}|process {os.getpid()}"), lock_study(tmp_path):
            pass
        other.communicate("")
    with lock_study(tmp_path, wait=5):
        pass


def test_the_page_tells_why_and_what_it_rests_on_in_both_languages() -> None:
    when = datetime(2026, 3, 2, 6, 0).astimezone()
    rows = [
        RunRow(when, 12.3, "done", made=3, unchanged=37, files=["maart.csv"], fitted=True, hashes={"data": "ab" * 32}),
        RunRow(when, 150, "failed", 6, made=1, failed={"<b>": "ZeroDivisionError & more"}),
        RunRow(when, 0.0, "stopped", -1),
        RunRow(when, 1.0, "running", -1),
    ]
    dutch, english = (render_history(rows, "Onze <studie>", language) for language in ("nl", "en"))
    assert "Ingelezen: maart.csv; opnieuw berekend" in dutch
    assert "<code>ababababab</code>" in dutch
    assert "failed (code 6)" in english
    assert "&lt;b&gt;" in english
    assert "ZeroDivisionError &amp; more" in english
    assert "Ended before the run was done." in english
    assert "Nothing was run yet." in render_history([], "x", "en")


def test_the_record_is_json_for_others(tmp_path: Path) -> None:
    with RunHistory(tmp_path).record(["run", "--quiet"]):
        pass
    (found,) = json.loads((tmp_path / "reports" / "history.json").read_text())["runs"]
    assert found["command"] == ["run", "--quiet"]
    assert datetime.fromisoformat(found["started"]).tzinfo is not None
