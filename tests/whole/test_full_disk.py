"""A disk without room: one message each time, and the next run goes on where there is room again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files are limited in size by ulimit")


def run(study: Path, command: str, blocks: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command; no file it writes may become larger than ``blocks`` of 512 bytes (or 1,024, by the shell)."""
    limit = "" if blocks is None else f"ulimit -f {blocks}; "
    program = f'{limit}exec "{Path(sys.executable).parent}/pxanalysis" {command} -s "{study}"'
    return subprocess.run(["sh", "-c", program], capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    from pxanalysis.study import init_study

    made = init_study(folder, "dental-treatment")
    toml = made.root / "study.toml"
    toml.write_text(toml.read_text().replace("n_bootstrap = 1000", "n_bootstrap = 100"))
    assert run(folder, "simulate --practices 3").returncode == 0
    return folder


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("command", "blocks"), [("ingest", 1), pytest.param("ingest", 24, marks=SLOW), pytest.param("run", 24, marks=SLOW)]
)
@pytest.mark.slow
def test_one_message_and_nothing_half_written(command: str, blocks: int, study: Path) -> None:
    found = run(study, command, blocks)
    said = found.stdout + found.stderr
    assert found.returncode != 0, said
    assert "Traceback" not in said
    errors = [line for line in found.stderr.splitlines() if line.startswith("Error")]
    assert len(errors) == 1, said
    assert "room" in errors[0]
    assert list((study / "data").rglob(".writing-*")) == [], "half a file is left"
    again = run(study, command)
    assert again.returncode == 0, again.stderr


@SLOW
def test_pages_that_do_not_fit_are_named_one_by_one(study: Path) -> None:
    assert run(study, "ingest").returncode == 0
    assert run(study, "fit").returncode == 0
    found = run(study, "report", 64)
    assert found.returncode != 0
    assert "Traceback" not in found.stderr
    failed = [line for line in found.stderr.splitlines() if line.startswith("Failed")]
    assert len(failed) == 3
    assert run(study, "run").returncode == 0
