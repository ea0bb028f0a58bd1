"""Files as they really come: a bad one stops nobody, too much refused holds reports, questions stay until answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from study_copies import init_quick
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import StudyError, SurveyError
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.study.taking_in import IngestError

TODAY = date(2026, 7, 1)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """An empty study with few bootstrap samples."""
    return init_quick(tmp_path / "demo")


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    from pxanalysis.journey import read_journey

    return simulate_survey(read_journey("dental-treatment"), practices=3, responses=30, seed=2).answers.cast(pl.String)


def set_toml(study: Study, section: str, line: str) -> Study:
    toml = study.root / "study.toml"
    text = toml.read_text()
    if f"\n[{section}]" not in text:
        text += f"\n[{section}]\n"
    toml.write_text(text.replace(f"\n[{section}]\n", f"\n[{section}]\n{line}\n", 1))
    return Study(study.root)


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(arguments))
    return found.exit_code, found.output


@pytest.mark.parametrize("content", [b"", b"response_id,practice_id,ktv\n", b"nothing here\n", b"\x1f\x8b\x08rest"])
def test_one_bad_file_stops_nobody(content: bytes, study: Study, answers: pl.DataFrame) -> None:
    answers.head(40).write_csv(study.raw_folder / "a.csv")
    (study.raw_folder / "b.csv").write_bytes(content)
    answers.tail(50).write_csv(study.raw_folder / "c.csv")
    with pytest.raises(IngestError, match=r"b\.csv") as caught:
        study.ingest(today=TODAY)
    assert [batch.file for batch in caught.value.batches] == ["a.csv", "c.csv"]
    assert study.responses.n == 90
    with pytest.raises(IngestError):  # the next run tries it again, and only it
        study.ingest(today=TODAY)
    (study.raw_folder / "b.csv").unlink()
    assert study.ingest(today=TODAY) == []


def test_every_row_is_accepted_or_rejected(study: Study, answers: pl.DataFrame) -> None:
    table = answers.with_columns(
        pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("practice_id").alias("practice_id")
    )
    table = table.with_columns(pl.when(pl.int_range(pl.len()) < 5).then(pl.lit("77")).otherwise("ktv").alias("ktv"))
    table.write_csv(study.raw_folder / "a.csv")
    batch = study.ingest(today=TODAY)[0]
    assert (batch.records, batch.accepted, batch.rejected_rows) == (90, 87, 3)
    assert batch.dropped_cells == 2, "cells of refused rows are no loss of their own"


def test_rows_within_an_unclosed_quote_are_counted(study: Study, answers: pl.DataFrame) -> None:
    lines = answers.write_csv().splitlines()
    lines[20] += '"open'
    lines[31] += '"'
    (study.raw_folder / "a.csv").write_text("\n".join(lines) + "\n")
    batch = study.ingest(today=TODAY)[0]
    assert batch.records == batch.accepted + batch.rejected_rows == 90


@pytest.mark.slow
def test_too_many_refused_rows_hold_reports_back_until_accepted(study: Study, answers: pl.DataFrame) -> None:
    some = pl.int_range(pl.len()) % 3 == 0
    table = answers.with_columns(pl.when(some).then(pl.lit("soon")).otherwise("completed_on").alias("completed_on"))
    table.write_csv(study.raw_folder / "a.csv")
    code, output = run("run", "-s", str(study.root))
    assert code == 1  # the error itself: main() makes its exit code of it
    assert "30 of 90 rows were refused (33%" in output
    assert not list(study.reports_folder.glob("[0-9]*.html")), "no page of a practice; the history says why"
    with pytest.raises(SurveyError, match=r'accept = \["a\.csv"\]'):
        study.fit()
    accepted = set_toml(study, "source", 'accept = ["a.csv"]')
    accepted.ingest(today=TODAY)
    assert accepted.fit().meta.n_responses == 60
    other = set_toml(study, "source", "most_refused = 0.5")
    other.ingest(today=TODAY)
    assert other.waiting == []


def test_rows_that_wait_for_an_answer_are_not_offered_as_right(study: Study, answers: pl.DataFrame) -> None:
    """Where all ratings are asked about, every row is without an answer; to accept that would lose the file."""
    numbers = answers.select(pl.all().cast(pl.Float64, strict=False).is_between(0, 10).mean().fill_null(0))
    rated = [name for name, share in zip(numbers.columns, numbers.row(0), strict=True) if share > 0.5]
    halves = answers.with_columns(
        (pl.col(rated).cast(pl.Float64) + 0.5).cast(pl.String).str.replace(".", ",", literal=True)
    )
    halves.write_csv(study.raw_folder / "a.csv", separator=";")
    code, output = run("ingest", "-s", str(study.root))
    assert code == 4
    assert "[readings]" in output
    assert "accept =" not in output


def test_a_question_stays_until_it_is_answered(study: Study, answers: pl.DataFrame) -> None:
    shifted = answers.with_columns((pl.col("nps").cast(pl.Int64) + 1).cast(pl.String))
    shifted.write_csv(study.raw_folder / "a.csv")
    for _ in range(2):
        code, output = run("ingest", "-s", str(study.root))
        assert code == 4
        assert 'nps = "1-11"' in output
    assert study.responses.table["nps"].null_count() == 90
    with pytest.raises(SurveyError, match="no column gives outcome 'nps'"):
        study.fit()
    answered = set_toml(study, "readings", 'nps = "1-11"')
    answered.ingest(today=TODAY)
    assert answered.questions == []
    right = answers.sort("response_id")["nps"].cast(pl.Int64).to_list()
    assert answered.responses.table.sort("response_id")["nps"].to_list() == right


@pytest.mark.slow
def test_an_outcome_that_was_not_asked_is_said_in_the_settings(study: Study, answers: pl.DataFrame) -> None:
    answers.drop("ces").write_csv(study.raw_folder / "a.csv")
    study.ingest(today=TODAY)
    with pytest.raises(SurveyError, match=r'\[analysis\] not_asked = \["ces"\]'):
        study.fit()
    assert set_toml(study, "analysis", 'not_asked = ["ces"]').fit().meta.n_responses == 90
    with pytest.raises(SurveyError, match="'cess' is no outcome"):
        set_toml(study, "analysis", "").__class__(_renamed(study, "ces", "cess")).fit(force=True)


def _renamed(study: Study, old: str, new: str) -> Path:
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text().replace(f'not_asked = ["{old}"]', f'not_asked = ["{new}"]'))
    return study.root


def test_rows_refused_for_a_wrong_clock_are_checked_again(study: Study, answers: pl.DataFrame) -> None:
    answers.write_csv(study.raw_folder / "a.csv")
    assert study.ingest(today=date(2025, 9, 1))[0].future > 0
    assert study.ingest(today=date(2025, 9, 1)) == []
    again = study.ingest(today=TODAY)[0]
    assert (again.accepted, again.future) == (90, 0)
    assert study.ingest(today=date(2026, 7, 2)) == []


def test_a_flipped_bit_in_the_store_is_found(study: Study, answers: pl.DataFrame) -> None:
    answers.write_csv(study.raw_folder / "a.csv")
    study.ingest(today=TODAY)
    part = next((study.root / "data/processed/responses").glob("*/*.parquet"))
    content = bytearray(part.read_bytes())
    for place in range(8, len(content) - 8, 97):
        changed = content.copy()
        changed[place] ^= 1
        part.write_bytes(changed)
        with pytest.raises(SurveyError, match="not as it was written"):
            _ = study.responses
    part.write_bytes(b"")
    with pytest.raises(SurveyError, match="not as it was written"):
        _ = study.responses


def test_cumulative_exports_without_ids_count_once(study: Study, answers: pl.DataFrame) -> None:
    plain = answers.drop("response_id")
    plain.head(30).write_csv(study.raw_folder / "1.csv")
    plain.head(70).write_csv(study.raw_folder / "2.csv")
    plain.write_csv(study.raw_folder / "3.csv")
    study.ingest(today=TODAY)
    assert study.responses.n == 90
    assert "30 of its 70 responses stand in an earlier export" in study.describe_answers()[0]


@pytest.mark.slow
def test_practices_are_joined_over_files_and_list(study: Study, answers: pl.DataFrame) -> None:
    answers.head(40).write_csv(study.raw_folder / "a.csv")
    short = answers.tail(50).with_columns(pl.col("practice_id").str.strip_chars_start("0"))
    short.write_csv(study.raw_folder / "b.csv")
    names = "\n".join(f"{one.lstrip('0')},Praktijk {i}" for i, one in enumerate(answers["practice_id"].unique().sort()))
    (study.raw_folder / "practices.csv").write_text("practice_id,practice_name\n" + names + "\n")
    study.ingest(today=TODAY)
    assert study.responses.practices == answers["practice_id"].unique().sort().to_list()
    assert {practice.name for practice in study.responses.practice_list.values()} == {
        "Praktijk 0",
        "Praktijk 1",
        "Praktijk 2",
    }
    assert len(study.describe_answers()) == 3
    assert any("are read as one" in note for note in study.fit().meta.study_notes)


def test_a_list_that_matches_nobody_is_said(study: Study, answers: pl.DataFrame) -> None:
    answers.write_csv(study.raw_folder / "a.csv")
    (study.raw_folder / "practices.csv").write_text("practice_id,practice_name\nX1,Linde\n")
    study.ingest(today=TODAY)
    assert "none of its practices has an answer" in study.describe_answers()[0]


def test_check_stores_nothing_and_tells_all(study: Study, answers: pl.DataFrame) -> None:
    answers.with_columns(pl.col("returned").replace({"0": "2"}), nps=pl.col("nps").cast(pl.Int64) + 1).write_csv(
        study.raw_folder / "a.csv"
    )
    (study.raw_folder / "b.csv").write_text("")
    code, output = run("check", "-s", str(study.root))
    assert code == 4
    for told in ('nps = "1-11"', 'returned = "1=yes, 2=no"', "b.csv", "the file is empty", "90 rows"):
        assert told in output
    code, output = run("check", "-s", str(study.root), "--json")
    found = json.loads(output)
    assert code == 4
    columns = {one["name"]: one for one in found["files"][0]["columns"]}
    assert columns["nps"]["decision"] == "ask"
    assert columns["ktv"]["decision"] == "read"
    assert found["files"][1]["error"]
    assert study.store.batches == ()


def test_check_of_a_clean_file_is_clear(study: Study, answers: pl.DataFrame, tmp_path: Path) -> None:
    answers.write_csv(tmp_path / "elsewhere.csv")
    code, output = run("check", str(tmp_path / "elsewhere.csv"), "-s", str(study.root), "--all")
    assert code == 0
    assert "90 would be accepted, 0 refused" in output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace("[analysis]", "[analyses]"),
            r"line \d+: analyses: there is no such key .*'analysis'",
        ),
        (
            lambda text: text.replace("bad_answer", "bad_anwser"),
            r"line \d+: source\.bad_anwser: .*Did you mean 'bad_answer'",
        ),
        (
            lambda text: text.replace('"drop-cell"', '"drop-cel"'),
            r"source\.bad_answer: expected .*Did you mean 'drop-cell'",
        ),
        (
            lambda text: text.replace("seed = 1", "seed = 1\ndelimiter = ';'"),
            r"analysis\.delimiter: .*under \[source\]",
        ),
        (lambda text: text.replace("seed = 1", "seed = 'x'"), r"analysis\.seed: expected a whole number, found 'x'"),
    ],
)
def test_typos_in_study_toml_have_line_and_nearest_name(
    change: Callable[[str], str], message: str, study: Study
) -> None:
    toml = study.root / "study.toml"
    toml.write_text(change(toml.read_text()))
    with pytest.raises(StudyError, match=message):
        Study(study.root)


def test_a_journey_in_one_language_makes_a_study_in_it(study: Study, tmp_path: Path) -> None:
    from ruamel.yaml import YAML

    yaml = YAML()
    journey = yaml.load(study.root / "journey.yaml")

    def keep(part: object) -> None:
        if isinstance(part, dict):
            if set(part) == {"nl", "en"}:
                del part["nl"]
            for value in part.values():
                keep(value)
        elif isinstance(part, list):
            for value in part:
                keep(value)

    keep(journey)
    journey["languages"] = ["en"]
    yaml.dump(journey, tmp_path / "english.yaml")
    made = init_study(tmp_path / "english", str(tmp_path / "english.yaml"))
    assert made.settings.study.language == "en"
    assert made.settings.study.title == "A treatment at the dentist"


def test_the_settings_name_every_kind_of_column(study: Study) -> None:
    text = (study.root / "study.toml").read_text()
    assert "completed_on" in text
    assert "response_id" in text


def test_files_are_checked_together(study: Study, answers: pl.DataFrame) -> None:
    """What only shows beside other files is said in the dry run as well."""
    plain = answers.drop("response_id")
    plain.head(40).write_csv(study.raw_folder / "a.csv")
    plain.write_csv(study.raw_folder / "b.csv")
    (study.raw_folder / "practices.csv").write_text("practice_id,practice_name\n999,Elders\n")
    code, text = run("check", "-s", str(study.root))
    assert code == 0
    assert "b.csv: 40 of its 90 responses stand in another file" in text
    assert "none of its practices has an answer" in text
    assert study.store.batches == ()


def test_an_outcome_that_no_column_gives_is_said_in_the_dry_run(study: Study, answers: pl.DataFrame) -> None:
    answers.drop("nps").write_csv(study.raw_folder / "a.csv")
    code, text = run("check", "-s", str(study.root), "--json")
    assert code == 4
    assert "outcome 'nps'" in json.loads(text)["held"][0]


def test_readings_that_hold_for_nothing_are_said(study: Study, answers: pl.DataFrame) -> None:
    answers.write_csv(study.raw_folder / "a.csv")
    set_toml(study, 'readings."2025*.csv"', 'nps = "1-11"')
    _, text = run("check", "-s", str(study.root))
    assert '[readings."2025*.csv"]: holds for none of the files (a.csv)' in text


def test_every_mistake_in_the_columns_is_said_at_once(study: Study, answers: pl.DataFrame) -> None:
    answers.write_csv(study.raw_folder / "a.csv")
    for line in ('nsp = "nps"', 'ktv = "cijfer"', 'ces = "nps"', 'practice_id = "praktijk"'):
        study = set_toml(study, "columns", line)
    code, text = run("check", "-s", str(study.root))
    assert code == 4
    for part in (
        "'nsp' is not an id",
        "maps ktv to column 'cijfer'",
        "practice_id to column 'praktijk'",
        "read both as",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("practice_id,practice_name,invitd", "Is it the number"),
        ("practiceid,practice_name,invited", "Is 'practiceid' the practice_id?"),
        ("practice_id,practice_nam,invited", "Is 'practice_nam' the practice_name?"),
    ],
)
def test_typos_in_the_list_of_practices(head: str, message: str, study: Study, answers: pl.DataFrame) -> None:
    answers.write_csv(study.raw_folder / "a.csv")
    (study.raw_folder / "practices.csv").write_text(f"{head}\na,Linde,100\n")
    code, text = run("check", "-s", str(study.root))
    assert code == 4
    assert "practices.csv, row 1" in text
    assert message in text


def test_no_list_is_cut_without_saying_so(study: Study, answers: pl.DataFrame) -> None:
    words = [f"antwoord {i}" for i in range(12)]
    odd = answers.with_columns(pl.Series("staff_friendly", [words[i % 12] for i in range(answers.height)]))
    odd.write_csv(study.raw_folder / "a.csv")
    _, text = run("check", "-s", str(study.root))
    assert "and 7 more" in text, "examples"
    assert all(f"{word}=" in text for word in words), "every code that has to be named"


@pytest.mark.slow
def test_a_long_file_is_taken_in_as_a_short_one_is(
    study: Study, answers: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = answers.with_columns(
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("?")).otherwise("staff_friendly").alias("staff_friendly"),
        pl.when(pl.int_range(pl.len()) == 5).then(pl.lit("2031-01-01")).otherwise("completed_on").alias("completed_on"),
        pl.when(pl.col("ktv") == "1").then(pl.lit("11")).otherwise("ktv").alias("nps"),
    )
    gone = odd["response_id"][3]
    other = init_quick(tmp_path / "other")
    for one in (study, other):
        odd.write_csv(one.raw_folder / "a.csv")
        assert run("forget", str(gone), "-s", str(one.root))[0] == 0
    held = study.ingest(today=TODAY)
    monkeypatch.setattr("pxanalysis.study.taking_in.LONG", 100)
    assert other.ingest(today=TODAY) == held
    tables = [one.store.read() for one in (study, other)]
    assert tables[0] is not None
    assert tables[1] is not None
    assert tables[0].equals(tables[1])
    assert gone not in tables[1]["response_id"]
    assert study.questions == other.questions != []
    assert study.waiting == other.waiting != []
    assert study.describe_answers() == other.describe_answers()
    assert not list((other.root / "data" / "processed").glob(".parts-*"))
