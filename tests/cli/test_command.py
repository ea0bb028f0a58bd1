"""The commands as a user types them: what they print, and their documented exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pxanalysis


def pxa(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pxanalysis", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_help_names_every_command_and_exit_code() -> None:
    text = pxa("--help").stdout
    for command in ("init", "journeys", "simulate", "ingest", "fit", "report", "run"):
        assert f"\n  {command} " in text
    assert "Exit codes: 0 done" in text
    assert pxa("--version").stdout == f"pxanalysis {pxanalysis.__version__}\n"


@pytest.mark.slow  # what CI does with the wheel and with a clone as well
def test_from_nothing_to_reports_and_nothing_the_second_time(tmp_path: Path) -> None:
    assert pxa("init", "mine", "--journey", "repeat-prescription", cwd=tmp_path).returncode == 0
    study = tmp_path / "mine"
    (study / "study.toml").write_text((study / "study.toml").read_text().replace("= 1000", "= 100"))
    done = pxa("simulate", "--practices", "2", "--responses", "12-30", "--seed", "2", cwd=study)
    assert done.returncode == 0
    assert "every page will say so" in done.stdout
    first = pxa("run", cwd=study)
    assert first.returncode == 0, first.stderr
    assert "Made 2 reports" in first.stdout
    assert first.stdout.strip().endswith(str(Path("reports", "index.html")))
    second = pxa("run", cwd=study)
    assert second.returncode == 0
    assert "Nothing new to ingest" in second.stdout
    assert "Nothing changed since the last fit" in second.stdout
    assert "All 2 reports are up to date" in second.stdout


@pytest.mark.slow
def test_one_report_in_another_language(tmp_path: Path) -> None:
    study = tmp_path / "mine"
    assert pxa("init", "mine", "--journey", "repeat-prescription", cwd=tmp_path).returncode == 0
    (study / "study.toml").write_text((study / "study.toml").read_text().replace("= 1000", "= 100"))
    assert pxa("simulate", "--practices", "2", "--responses", "12-30", "--seed", "2", cwd=study).returncode == 0
    assert pxa("run", "--quiet", cwd=study).returncode == 0
    practice = next(path.stem for path in (study / "reports").glob("0*.html"))
    english = pxa("report", "--practice", practice, "--language", "en", cwd=study)
    assert "Made 1 reports" in english.stdout
    assert 'lang="en"' in (study / "reports" / f"{practice}.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("run",), 3, "there is no study.toml here"),
        (("init", "x", "--journey", "dental-chekup"), 3, "Did you mean 'dental-checkup'?"),
        (("journeys", "nothing"), 3, "There is no journey 'nothing'"),
        (
            ("simulate", "--journey", "dental-checkup", "-o", "out", "--responses", "few"),
            2,
            "expected a number or a range",
        ),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_a_mistake_has_one_message_and_its_exit_code(
    words: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    done = pxa(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_study_without_answers_says_what_to_do(tmp_path: Path) -> None:
    pxa("init", "mine", cwd=tmp_path)
    done = pxa("run", cwd=tmp_path / "mine")
    assert done.returncode == 3
    assert "put an export there, or run 'simulate'" in done.stderr


@pytest.mark.slow
def test_bad_rows_are_counted_and_pointed_to(tmp_path: Path) -> None:
    pxa("init", "mine", cwd=tmp_path)
    study = tmp_path / "mine"
    pxa("simulate", "--practices", "2", "--responses", "15", cwd=study)
    path = study / "data" / "raw" / "simulated.csv"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace("2025", "2035", 1).replace("2024", "2034", 1)
    path.write_text("\n".join(lines) + "\n")
    done = pxa("ingest", cwd=study)
    assert done.returncode == 0
    assert "29 responses accepted, 1 rows rejected" in done.stdout
    assert "data/processed/rejected/" in done.stderr
    sheet = next((study / "data" / "processed" / "rejected").glob("*.csv")).read_text()
    assert "the date lies after today" in sheet


def test_journeys_are_listed_and_printed() -> None:
    listed = pxa("journeys").stdout
    assert "cataract-surgery" in listed
    assert "Een staaroperatie" in listed
    assert pxa("journeys", "dental-checkup").stdout.splitlines()[1].startswith("id: dental-checkup")
    assert '"title": "pxanalysis journey"' in pxa("journeys", "--schema").stdout


def test_import_is_light() -> None:
    """Heavy libraries are imported when first used."""
    code = (
        "import pxanalysis, sys; print([m for m in ('pandas', 'polars', 'matplotlib', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_of_the_front_door_opens() -> None:
    assert len(pxanalysis.__all__) <= 26, "a small front door"
    for name in pxanalysis.__all__:
        assert getattr(pxanalysis, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pxanalysis.nothing


@pytest.mark.slow
def test_simulated_answers_do_not_go_among_real_ones(tmp_path: Path) -> None:
    pxa("init", "mine", cwd=tmp_path)
    raw = tmp_path / "mine" / "data" / "raw"
    again = [pxa("simulate", "--practices", "2", "--responses", "5", cwd=tmp_path / "mine") for _ in range(2)]
    assert [done.returncode for done in again] == [0, 0], "a simulation may be made again"
    (raw / "simulated_truth.json").unlink()
    names = (raw / "practices.csv").read_bytes()
    refused = pxa("simulate", "--practices", "3", cwd=tmp_path / "mine")
    assert refused.returncode == 3
    assert "there is practices.csv here; simulated answers would stand among real ones" in refused.stderr
    assert (raw / "practices.csv").read_bytes() == names


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pxa("init", "mine", cwd=tmp_path)
    (tmp_path / "file").write_text("")
    done = pxa("simulate", "--output", tmp_path / "file" / "sub", "-j", "dental-checkup", cwd=tmp_path / "mine")
    assert done.returncode == 1
    assert "Check that the place exists, has room and may be written to" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_reports_older_than_the_answers_are_said_to_be(tmp_path: Path) -> None:
    pxa("init", "mine", cwd=tmp_path)
    pxa("simulate", "--practices", "2", "--responses", "5", cwd=tmp_path / "mine")
    pxa("ingest", cwd=tmp_path / "mine")
    done = pxa("report", cwd=tmp_path / "mine")
    assert "changed since the last fit; 'run' fits them too" in done.stderr
    assert pxa("report", "-l", "fr", cwd=tmp_path / "mine").returncode == 3
