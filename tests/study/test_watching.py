"""Files as they arrive: half-written ones are waited for, bad ones stop nothing, corrected answers supersede."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from study_copies import init_quick

from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.watching import Watch


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return init_quick(tmp_path / "study")


def test_a_file_that_grows_is_waited_for_and_handed_out_once_in_each_state(study: Study) -> None:
    watch, file = Watch(), study.raw_folder / "answers.csv"
    file.write_text("practice_id,ktv\n")
    assert watch.look(study) == ([], [])
    file.write_text("practice_id,ktv\nP1,8\n")
    assert watch.look(study) == ([], []), "it has grown since the last look"
    assert watch.look(study) == ([file], [])
    assert watch.look(study) == ([file], []), "until it was marked as done"
    watch.mark_done([file])
    assert watch.look(study) == ([], [])
    file.write_text("practice_id,ktv\nP1,9\nP1,7\n")
    watch.look(study)
    assert watch.look(study) == ([file], [])
    file.unlink()
    assert watch.look(study) == ([], [])


@pytest.mark.slow
def test_a_watching_process_takes_in_what_arrives(study: Study) -> None:
    answers = simulate_survey(read_journey("dental-treatment"), practices=2, responses=20, seed=2).answers
    words = [sys.executable, "-m", "pxanalysis", "ingest", "--watch", "--every", "0.6", "--study", str(study.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        text = answers.write_csv()
        with (study.raw_folder / "answers.csv").open("w") as slow:
            for part in range(8):  # a copy over a slow line: never the same at two looks
                slow.write(text[part * len(text) // 8 : (part + 1) * len(text) // 8])
                slow.flush()
                time.sleep(0.2)
        (study.raw_folder / "bad.csv").write_bytes(b"\x1f\x8b not a table")
        wait_until(lambda: has(study, 40))
        late = answers.head(3).with_columns(pl.lit(9).alias("ktv"))
        late.write_csv(study.raw_folder / "corrected.csv")
        wait_until(lambda: len(Study(study.root).store.batches) == 2)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert "answers.csv: 40 responses accepted, 0 rows rejected" in told
    assert told.count("Error: bad.csv") == 1
    assert "corrected.csv: 3 responses accepted" in told
    assert "3 superseded" in told
    assert Study(study.root).responses.n == 40


def has(study: Study, n: int) -> bool:
    batches = Study(study.root).store.batches
    return bool(batches) and sum(batch.accepted for batch in batches) == n


def wait_until(done: object, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.3)
