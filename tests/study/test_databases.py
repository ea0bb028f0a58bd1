"""A study that takes its answers from a database: new and corrected rows count once, a silent one stops nobody."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import polars as pl
import pytest
from study_copies import init_quick

from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.forgetting import forget
from pxanalysis.study.taking_in import IngestError

if TYPE_CHECKING:
    from pxanalysis.study.places import StudyPlaces

TODAY = date(2026, 12, 31)
SQL = '\n[sql.practice-system]\nurl = "sqlite:///answers.db"\nquery = "SELECT * FROM answers ORDER BY response_id"\n'


@pytest.fixture
def study(tmp_path: Path) -> Study:
    made = init_quick(tmp_path / "study")
    toml = made.root / "study.toml"
    toml.write_text(toml.read_text() + SQL)
    answers = simulate_survey(read_journey("dental-treatment"), practices=2, responses=20, seed=2).answers
    with closing(sqlite3.connect(made.root / "answers.db")) as database:
        answers.to_pandas().to_sql("answers", database, index=False)
    return Study(made.root)


def change(study: Study, statement: str) -> None:
    with closing(sqlite3.connect(study.root / "answers.db")) as database:
        database.execute(statement)
        database.commit()


def test_new_and_corrected_rows_are_taken_in_and_count_once(study: Study) -> None:
    (found,) = study.check(today=TODAY)
    assert (found.file, found.accepted) == ("sql-practice-system.parquet", 40)
    assert list(study.raw_folder.iterdir()) == [], "a dry run leaves nothing"
    assert [batch.accepted for batch in study.ingest(today=TODAY)] == [40]
    assert study.ingest(today=TODAY) == [], "the same rows are nothing new"
    before = study.responses.table["ktv"].sum()
    change(study, "UPDATE answers SET ktv = ktv - 1 WHERE ktv > 5")
    (batch,) = study.ingest(today=TODAY)
    assert batch.superseded == 40
    assert study.responses.table["ktv"].sum() < before
    assert study.responses.n == 40


def test_a_database_that_is_silent_stops_nobody(study: Study) -> None:
    study.ingest(today=TODAY)
    change(study, "DROP TABLE answers")
    (study.raw_folder / "more.csv").write_text("practice_id,appointment_easy,ktv\nP1,4,8\n")
    with pytest.raises(IngestError, match="no such table"):
        study.ingest(today=TODAY)
    assert study.responses.n == 41
    assert any("no such table" in (one.error or "") for one in study.check(today=TODAY))


def test_who_wants_to_be_forgotten_does_not_come_back(study: Study) -> None:
    study.ingest(today=TODAY)
    gone = study.responses.table["response_id"][0]
    told = forget(cast("StudyPlaces", study), [gone], raw=True)
    assert any("[sql.practice-system]" in reason for reason in told.not_rewritten)
    snapshot = study.raw_folder / "sql-practice-system.parquet"
    study.ingest(today=TODAY)
    assert gone not in pl.read_parquet(snapshot)["response_id"], "unchanged rows are not fetched over it"
    change(study, "UPDATE answers SET ktv = ktv - 1 WHERE ktv > 5")
    study.ingest(today=TODAY)
    assert gone not in study.responses.table["response_id"]
    assert study.responses.n == 39


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('query = "DROP TABLE answers"', "expected one SELECT"),
        ('url = "postgresql://me:secret@host/base"', "expected no password in study.toml"),
    ],
)
def test_study_toml_is_refused_with_the_key(line: str, told: str, study: Study) -> None:
    toml = study.root / "study.toml"
    key = line.partition(" ")[0]
    lines = [line if one.startswith(f"{key} = ") else one for one in toml.read_text().splitlines()]
    toml.write_text("\n".join(lines))
    with pytest.raises(StudyError, match=told):
        Study(study.root)
