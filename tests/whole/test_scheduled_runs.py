"""Runs that nobody watches: what they would do, in parts, as of a day, brought elsewhere, told of when they fail."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from killing import KillTest, digest_pages, prepare
from spoiled_studies import pxa, remove_pages, spoil
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.study import Study

SLOW = pytest.mark.slow


@pytest.fixture
def copy(made: Study, tmp_path: Path) -> Study:
    shutil.copytree(made.root, tmp_path / "copy")
    return Study(tmp_path / "copy")


def test_status_and_a_dry_run_say_why_and_write_nothing(copy: Study) -> None:
    before = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*")}
    good = CliRunner().invoke(app, ["status", "--study", str(copy.root)])
    assert "Everything is up to date." in good.output
    page = next(copy.reports_folder.glob("0*.html"))
    page.write_text("")
    before[page] = page.stat().st_mtime_ns
    dry = CliRunner().invoke(app, ["run", "--dry-run", "--study", str(copy.root)])
    assert f"To report: {page.stem}: the page is not the one that was made" in dry.output
    (copy.root / "study.toml").write_text((copy.root / "study.toml").read_text().replace("seed = 1", "seed = 2"))
    before[copy.root / "study.toml"] = (copy.root / "study.toml").stat().st_mtime_ns
    told = json.loads(CliRunner().invoke(app, ["status", "--json", "--study", str(copy.root)]).output)
    assert told["fit"].startswith("study.toml")
    assert not told["up_to_date"]
    (copy.raw_folder / "more.csv").write_text((copy.raw_folder / "answers.csv").read_text() + "\n")
    assert "To ingest: more.csv" in CliRunner().invoke(app, ["status", "--study", str(copy.root)]).output
    (copy.raw_folder / "more.csv").unlink()
    after = {path: path.stat().st_mtime_ns for path in copy.root.rglob("*") if path != copy.raw_folder}
    before.pop(copy.raw_folder)
    assert after == before


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--shard", "3/2"], 3, "expected a part of a whole such as 2/5"),
        (["--as-of", "soon"], 2, "expected a day such as 2026-03-01"),
        (["--as-of", "2999-01-01"], 3, "lies ahead"),
        (["--notify", "ftp://x"], 8, "--notify: expected https"),
        (["--hook", "'"], 8, "Close each quotation mark"),
        (["--quiet", "--log-json"], 2, "choose one"),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(made: Study, words: list[str], code: int, message: str) -> None:
    found = CliRunner().invoke(app, ["run", "--study", str(made.root), *words])
    said = " ".join((found.output + str(found.exception)).split())
    assert message in said
    assert getattr(found.exception, "exit_code", found.exit_code) == code


@SLOW
def test_parts_beside_one_another_make_the_whole(copy: Study) -> None:
    whole = digest_pages(copy.root)
    remove_pages(copy)
    words = [sys.executable, "-m", "pxanalysis", "run", "--quiet", "-w", "1", "--study", str(copy.root), "--shard"]
    parts = [subprocess.Popen([*words, f"{number}/2"]) for number in (1, 2)]
    assert [part.wait(300) for part in parts] == [0, 0]
    assert digest_pages(copy.root) == whole
    assert [path.name for path in copy.reports_folder.glob(".*")] == []


@SLOW
def test_a_run_tells_a_program_brings_zips_and_calls_its_hook(copy: Study, tmp_path: Path) -> None:
    remove_pages(copy)
    told, there = tmp_path / "told", tmp_path / "there"
    code = f"import os; open('{told}', 'a').write(os.environ['PXANALYSIS_PRACTICE'] + '\\n')"
    words = ["run", "--log-json", "--study", copy.root, "--deliver", there, "--zip", "--hook"]
    found = pxa(*words, f'"{sys.executable}" -c "{code}"')
    assert found.returncode == 0, found.stderr
    events: list[dict[str, Any]] = [json.loads(line) for line in found.stdout.splitlines()]
    reports = [one for one in events if one["event"] == "report"]
    ids = sorted(copy.results["practices"]["practice_id"])
    assert sorted(one["practice"] for one in reports) == ids
    assert (reports[-1]["done"], reports[-1]["remaining_seconds"]) == (len(ids), 0)
    assert (events[0]["event"], events[-1]["event"], events[-1]["exit_code"]) == ("start", "end", 0)
    assert sorted(told.read_text().splitlines()) == ids
    assert len(list(there.glob("*.zip"))) == len(ids)
    again = pxa(*words[:-1], "--quiet")
    assert again.returncode == 2, "--quiet with --log-json"
    quiet = pxa("run", "--quiet", "--study", copy.root, "--deliver", there, "--zip")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    last = json.loads((copy.reports_folder / "history.json").read_text())["runs"][-1]
    assert (last["made"], last["unchanged"], last["delivered"]) == (0, len(ids), 0)


@SLOW
def test_a_failure_is_told_and_a_webhook_that_hangs_breaks_nothing(
    copy: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sorted(copy.results["practices"]["practice_id"])
    spoil(copy, f"if practice_id == {ids[-1]!r}:\n    raise ValueError('private')")
    monkeypatch.setenv("PXANALYSIS_NOTIFY_SECONDS", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.create_server(("127.0.0.1", 0)) as closed:
        refused = closed.getsockname()[1]
        closed.close()
        hanging = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        mail = f"smtp://127.0.0.1:{refused}/?to=who@example.org"
        words = ["run", "--study", copy.root, "--notify", hanging, "--notify", mail, "--deliver", tmp_path / "there"]
        found = pxa(*words)
    assert found.returncode == 6, found.stderr
    assert "Nobody could be told: http://127.0.0.1: no answer within 1 seconds" in found.stderr
    assert "Nobody could be told: smtp://127.0.0.1: " in found.stderr
    assert len(list((tmp_path / "there").glob("*.html"))) == len(ids) - 1
    history = (copy.reports_folder / "history.html").read_text()
    assert "ValueError: private" in history
    assert "code 6" in history


@SLOW
def test_reports_as_of_a_day_rest_on_the_answers_of_then(copy: Study) -> None:
    kept = digest_pages(copy.root)
    table = copy.responses.table
    day = table["completed_on"].quantile(0.6)
    day = day.date() if hasattr(day, "date") else day
    found = pxa("run", "--study", copy.root, "--as-of", day.isoformat(), "-w", "2")
    assert found.returncode == 0, found.stderr
    then = Study(copy.root / "as-of" / day.isoformat())
    expected = table.filter(pl.col("completed_on") <= day)
    assert then.responses.table.height == expected.height < table.height
    assert then.results.meta.last_date <= day.isoformat()
    names = set(digest_pages(then.root))
    assert {f"{one}.html" for one in expected["practice_id"].unique() if one.isalnum()} <= names
    assert digest_pages(copy.root) == kept
    again = pxa("run", "--study", copy.root, "--as-of", day.isoformat())
    assert "Nothing changed since the last fit" in again.stdout
    later = pxa("run", "--study", copy.root, "--as-of", (table["completed_on"].min() - timedelta(days=1)).isoformat())
    assert later.returncode == 3
    assert "there are no answers of" in later.stderr


@SLOW
def test_a_schedule_runs_and_passes_on_what_stands_behind_the_dashes(copy: Study) -> None:
    state = {"cron": "0 6 * * MON", "seen": "2020-01-01T00:00:00+00:00", "next": "2020-01-06T06:00:00+00:00"}
    (copy.reports_folder / "schedule.json").write_text(json.dumps(state))
    found = pxa("schedule", "--cron", "0 6 * * MON", "--runs", "1", "--study", copy.root, "--", "--log-json")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("A run was missed; it is made up now.")
    assert '"event": "end", "exit_code": 0' in found.stdout
    assert "Next run: " in pxa("status", "--study", copy.root).stdout


@SLOW
def test_emptied_results_are_fitted_again_by_a_run(copy: Study) -> None:
    whole = digest_pages(copy.root)
    next(copy.results_folder.glob("*.parquet")).write_bytes(b"")
    found = pxa("run", "--study", copy.root)
    assert found.returncode == 0, found.stderr
    assert "results are fitted again" in found.stderr
    assert digest_pages(copy.root).keys() == whole.keys()


@SLOW
def test_runs_that_are_killed_leave_what_one_that_was_not_makes(tmp_path: Path) -> None:
    study = prepare(tmp_path / "untouched", practices=3)
    (tmp_path / "work").mkdir()
    test = KillTest(study.root, tmp_path / "work", random.Random(4))
    test.measure()
    test.kill(4)
    assert test.problems == []


@SLOW
@pytest.mark.parametrize("place", ["reports", "data/processed/.lock", "data/processed/.history.lock"])
def test_a_place_that_may_not_be_written_to_is_one_message(tmp_path: Path, place: str) -> None:
    """Something of another kind stands in its place: that stops an administrator too, whom rights do not stop."""
    study = prepare(tmp_path / "study", practices=2, responses=12)
    spot = study.root / place
    spot.parent.mkdir(parents=True, exist_ok=True)
    if spot.is_dir():
        shutil.rmtree(spot)
    if place == "reports":
        spot.write_text("in the way")
    else:
        spot.mkdir()
    found = pxa("run", "--quiet", "--study", study.root)
    assert found.returncode == 1
    assert "Traceback" not in found.stderr
    assert "Check that the place exists, has room and may be written to." in found.stderr
