"""A patient who asks to be forgotten: nothing of the answer is left, and it does not come back."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from study_copies import copy_study, init_quick
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import SourceError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.survey.forgetting import remove_from_raw

WORDS = "Zeldzaam woord: kwispedoor."


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    drawn = simulate_survey(read_journey("dental-treatment"), practices=3, responses=(60, 60), seed=4).answers
    question = read_journey("dental-treatment").open_questions[0].id
    place = pl.int_range(pl.len())
    text = pl.when(place == 5).then(pl.lit(WORDS)).when(place % 6 == 5).then(pl.lit("Top, ga zo door."))
    bad = pl.when(place == 5).then(pl.lit("elfendertig")).otherwise(pl.col("ktv").cast(pl.String))
    return drawn.with_columns(text.alias(question), bad.alias("ktv"))


@pytest.fixture
def study(tmp_path: Path, fitted: Study) -> Study:
    """Sixty answers of each of three practices, all fitted; the sixth wrote a rare word, and gave a bad mark."""
    return copy_study(fitted, tmp_path)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, answers: pl.DataFrame) -> Study:
    study = init_quick(tmp_path_factory.mktemp("forgetting") / "study")
    answers.write_csv(study.raw_folder / "export.csv")
    study.ingest()
    study.fit()
    return study


def sixth(answers: pl.DataFrame) -> str:
    return str(answers["response_id"][5])


def forget(study: Study, *words: str) -> str:
    done = CliRunner().invoke(app, ["forget", *words, "--study", str(study.root)])
    assert done.exit_code == 0, done.output
    return done.output


def traces(folder: Path, *words: str) -> list[str]:
    """Files below a folder in which one of these stands."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            text = str(pl.read_parquet(path).rows()) if path.suffix == ".parquet" else path.read_text(errors="replace")
            found += [path.name for word in words if word in text]
    return found


def test_nothing_is_left_of_it_but_in_raw(study: Study, answers: pl.DataFrame) -> None:
    one = sixth(answers)
    assert len(traces(study.root / "data/processed", one, "kwispedoor", "elfendertig")) >= 5
    said = forget(study, one)
    assert one not in said
    assert "1 stored row(s), 1 refused row(s) or cell(s) and 1 comment(s) removed" in said
    assert traces(study.root / "data/processed", one, "kwispedoor", "elfendertig") == []
    assert traces(study.raw_folder, one) == ["export.csv"]
    assert study.responses.n == len(answers) - 1


@pytest.mark.slow
def test_published_figures_stay_until_ten_have_changed(study: Study, answers: pl.DataFrame) -> None:
    before = study.results
    forget(study, sixth(answers))
    found = study.fit()
    for name in ("practices", "outcomes", "touchpoints", "items", "distributions", "trend", "drivers"):
        pd.testing.assert_frame_equal(found[name], before[name], obj=name)
    assert found.meta.frozen == (str(answers["practice_id"][5]),)
    assert "answers were withdrawn or changed there" in found.meta.study_notes[-1]
    assert study.is_fitted


@pytest.mark.slow
def test_others_are_renewed_while_its_practice_is_not(study: Study, answers: pl.DataFrame) -> None:
    before, own = study.results, str(answers["practice_id"][5])
    forget(study, sixth(answers))
    others = answers.filter(pl.col("practice_id") != own).with_columns(response_id="new-" + pl.col("response_id"))
    others.filter(pl.int_range(pl.len()).over("practice_id") < 20).write_csv(study.raw_folder / "more.csv")
    study.ingest()
    found = study.fit()
    for name in ("practices", "outcomes", "touchpoints", "items", "distributions", "trend", "priorities"):
        pd.testing.assert_frame_equal(found.of_practice(name, own), before.of_practice(name, own), obj=name)
    assert sorted(found["practices"]["n"]) == [60, 80, 80]
    pooled = found["touchpoints"].query("practice_id == ''")["n"]
    assert pooled.max() <= 160
    assert found.meta.n_responses == 220


def test_it_does_not_come_back(study: Study, answers: pl.DataFrame) -> None:
    forget(study, sixth(answers))
    answers.with_columns(pl.lit("later").alias("note")).write_csv(study.raw_folder / "export-2.csv")
    study.ingest()
    assert study.responses.n == len(answers) - 1
    assert traces(study.root / "data/processed", sixth(answers), "kwispedoor", "elfendertig") == []


def test_raw_is_rewritten_byte_by_byte(study: Study, answers: pl.DataFrame) -> None:
    path = study.raw_folder / "export.csv"
    before = path.read_bytes().splitlines(keepends=True)
    assert "Taken out of data/raw: 1 record(s)." in forget(study, "--raw", sixth(answers))
    after = path.read_bytes()
    assert set(before) - set(after.splitlines(keepends=True)) == {before[6]}
    assert traces(study.root / "data", sixth(answers)) == []


def test_a_file_of_ids(study: Study, answers: pl.DataFrame, tmp_path: Path) -> None:
    some = answers["response_id"][:4].to_list()
    (tmp_path / "ids.txt").write_text("response_id\n" + "\n".join(some))
    assert "Forgotten: 4 response(s); 4 stored row(s)" in forget(study, str(tmp_path / "ids.txt"))
    assert not set(some) & set(study.responses.table["response_id"])


def test_what_is_older_than_it_may_be_is_deleted(study: Study, answers: pl.DataFrame) -> None:
    text = (study.root / "study.toml").read_text()
    (study.root / "study.toml").write_text(text + "\n[privacy]\nkeep_months = 2\n")
    days = pl.Series(answers["completed_on"]).cast(pl.String).str.to_date()
    last = days.max()
    assert isinstance(last, date)
    shorter = Study(study.root)
    oldest = shorter.oldest_day(last)
    assert oldest is not None
    kept = int((days >= oldest).sum())
    assert 0 < kept < len(answers)
    shorter.ingest(today=last)
    assert shorter.responses.n == kept


def test_half_written_files_of_killed_runs_are_swept(study: Study) -> None:
    folder = study.root / "data/processed/responses"
    left = folder / ".writing-999999999-abc-00001.parquet"
    left.write_text("answers")
    (folder / f".writing-1-{'x' * 4}-other.csv").write_text("of a process that lives")
    study.ingest()
    assert not left.exists()
    assert [path.name for path in folder.glob(".writing-*")] == [".writing-1-xxxx-other.csv"]


def test_raw_files_of_other_kinds(study: Study, answers: pl.DataFrame) -> None:
    """Parquet and FHIR are written anew; of what is never rewritten the file is named, and what to do by hand."""
    one = sixth(answers)
    path = study.raw_folder / "export.parquet"
    (study.raw_folder / "export.csv").unlink()
    answers.write_parquet(path)
    (study.raw_folder / "export.xlsx").write_bytes(b"PK")
    (study.raw_folder / "export.sav").write_bytes(b"$FL2")
    told = forget(study, "--raw", one)
    assert "Taken out of data/raw: 1 record(s)." in told
    left = pl.read_parquet(path)
    assert left.equals(answers.filter(pl.col("response_id") != one))
    assert left.schema == answers.schema
    for name in ("export.xlsx", "export.sav"):
        assert f"{name}: files ending in" in told
    assert told.count("delete the rows with those response ids") == 2
    assert one not in told, "what is told names nobody"


@pytest.mark.parametrize("together", [False, True])
def test_fhir_line_by_line(together: bool, tmp_path: Path) -> None:
    path = tmp_path / "export.ndjson"
    item = [{"linkId": "q", "answer": [{"valueInteger": 4}]}]
    found = [
        {"resourceType": "QuestionnaireResponse", "id": f"r{i}", "status": "completed", "item": item} for i in range(3)
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in found]}
    lines = [json.dumps(bundle)] if together else [json.dumps(one) for one in found]
    path.write_text("\n".join(lines) + "\n")
    before = path.read_bytes().splitlines(keepends=True)
    if together:
        with pytest.raises(SourceError, match="one bundle holds this response and others"):
            remove_from_raw(path, "response_id", {"r1"})
        assert path.read_bytes() == b"".join(before)
        return
    assert remove_from_raw(path, "response_id", {"r1"}) == 1
    assert path.read_bytes() == before[0] + before[2]
