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
from typer.testing import CliRunner

from pxanalysis.cli import app
from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.forgetting import forget
from pxanalysis.study.run_state import describe_state
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
    assert describe_state(study).new_files == ("[sql.practice-system]",)
    assert [batch.accepted for batch in study.ingest(today=TODAY)] == [40]
    assert "[sql.practice-system]" not in describe_state(study).new_files
    assert study.ingest(today=TODAY) == [], "the same rows are nothing new"
    before = study.responses.table["ktv"].sum()
    change(study, "UPDATE answers SET ktv = ktv - 1 WHERE ktv > 5")
    (batch,) = study.ingest(today=TODAY)
    assert batch.superseded == 40
    assert study.responses.table["ktv"].sum() < before
    assert study.responses.n == 40
    assert len(study.store.batches) == 1, "the state before is replaced, and takes no room"
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text().replace('bad_answer = "drop-cell"', 'bad_answer = "reject-row"'))
    again = Study(study.root)
    again.ingest(today=TODAY)
    assert again.responses.n <= 40, "nor does it stand in the way when study.toml changes"


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


MARK = 'mark = "changed_at"\n'


@pytest.fixture
def marked(study: Study) -> Study:
    """The same, with a column that tells when a row came or changed."""
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text() + MARK)
    change(study, "ALTER TABLE answers ADD COLUMN changed_at TEXT DEFAULT '2026-01-01 08:00:00'")
    return Study(study.root)


def raw_names(study: Study) -> list[str]:
    return sorted(path.name for path in study.raw_folder.glob("*.parquet"))


@pytest.mark.slow
def test_only_rows_beyond_the_mark_are_fetched_and_corrections_supersede(marked: Study) -> None:
    assert [batch.accepted for batch in marked.ingest(today=TODAY)] == [40]
    assert marked.ingest(today=TODAY) == [], "rows at the mark itself are known"
    assert describe_state(marked).new_files == ()
    ids = marked.responses.table["response_id"].to_list()
    change(marked, f"UPDATE answers SET ktv = 1, changed_at = '2026-01-02 09:00:00' WHERE response_id = '{ids[0]}'")
    change(marked, f"UPDATE answers SET response_id = 'late' WHERE response_id = '{ids[1]}'")
    assert describe_state(marked).new_files == ("[sql.practice-system]",)
    found = {one.file: one.accepted for one in marked.check(today=TODAY)}
    assert found == {"sql-practice-system.parquet": 40, "sql-practice-system.000001.parquet": 2}
    (batch,) = marked.ingest(today=TODAY)
    assert (batch.file, batch.accepted, batch.superseded) == ("sql-practice-system.000001.parquet", 2, 1)
    table = marked.responses.table
    assert table.filter(response_id=ids[0])["ktv"].to_list() == [1]
    assert table.height == 41, "what went from the database is not seen by its mark"
    change(marked, f"UPDATE answers SET ktv = 2, changed_at = '2026-01-01 07:00:00' WHERE response_id = '{ids[2]}'")
    assert marked.ingest(today=TODAY) == [], "nor is what stands before it"
    done = CliRunner().invoke(app, ["pull", "--whole", "--study", str(marked.root)])
    assert "[sql.practice-system]: 40 rows, kept as sql-practice-system.parquet" in done.output
    marked.ingest(today=TODAY)
    assert raw_names(marked) == ["sql-practice-system.parquet"]
    assert marked.responses.table.height == 40
    assert marked.responses.table.filter(response_id=ids[2])["ktv"].to_list() == [2]


@pytest.mark.slow
def test_small_parts_become_one_and_no_answer_changes(marked: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pxanalysis.study.databases.MOST_PARTS", 3)
    marked.ingest(today=TODAY)
    ids = marked.responses.table["response_id"].to_list()
    counts = []
    for turn in range(7):
        change(
            marked,
            f"UPDATE answers SET ktv = {1 + turn}, changed_at = '2026-01-02 09:00:0{turn}' "
            f"WHERE response_id IN ('{ids[turn]}', '{ids[0]}')",
        )
        marked.ingest(today=TODAY)
        counts.append(len(raw_names(marked)))
        table = marked.responses.table
        assert table.height == 40
        assert table.filter(response_id=ids[0])["ktv"].to_list() == [1 + turn], turn
        assert table.filter(response_id=ids[turn])["ktv"].to_list() == [1 + turn], turn
    assert max(counts) == 3
    assert len(marked.store.batches) == counts[-1], "what was merged is no batch of its own"
    assert sum(batch.accepted for batch in marked.store.batches) - 40 == 2 * (counts[-1] - 1)
    assert marked.ingest(today=TODAY) == []


@pytest.mark.slow
def test_a_merge_that_was_cut_short_is_finished(marked: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    change(marked, "UPDATE answers SET ktv = max(CAST(ktv AS INTEGER), 5)")
    marked.ingest(today=TODAY)
    before = marked.responses.table["ktv"].sum()
    change(marked, "UPDATE answers SET ktv = ktv - 1, changed_at = '2026-01-02 09:00:00'")
    marked.ingest(today=TODAY)
    part = marked.raw_folder / "sql-practice-system.000001.parquet"
    kept = part.read_bytes()
    monkeypatch.setattr("pxanalysis.study.databases.MOST_PARTS", 1)
    marked.ingest(today=TODAY)
    assert raw_names(marked) == ["sql-practice-system.parquet"]
    part.write_bytes(kept)  # as if it had been killed before it was removed
    monkeypatch.undo()
    change(marked, "UPDATE answers SET ktv = ktv - 2, changed_at = '2026-01-03 09:00:00'")
    marked.ingest(today=TODAY)
    assert marked.responses.table["ktv"].sum() == before - 40 * 3
    assert raw_names(marked) == ["sql-practice-system.000001.parquet", "sql-practice-system.parquet"]
    assert marked.responses.n == 40


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE answers SET changed_at = NULL WHERE ktv = 8", "a row has no 'changed_at'"),
        ("UPDATE answers SET changed_at = 'yesterday' WHERE ktv = 8", "expected a moment, a day or a rising number"),
        ("UPDATE answers SET changed_at = 5", "values of two kinds|'changed_at' is '5'"),
        ("ALTER TABLE answers RENAME COLUMN changed_at TO other", "the query gives no column 'changed_at'"),
        ("ALTER TABLE answers RENAME COLUMN response_id TO other", "no such column: response_id"),
    ],
)
def test_a_mark_that_would_miss_rows_is_refused(statement: str, told: str, marked: Study) -> None:
    change(marked, statement)
    with pytest.raises((IngestError, StudyError), match=told):
        marked.ingest(today=TODAY)
    assert raw_names(marked) == []


def test_a_row_of_the_future_hides_nothing_that_comes_after(marked: Study) -> None:
    change(marked, "UPDATE answers SET changed_at = '2199-01-01 08:00:00' WHERE ktv = 8")
    marked.ingest(today=TODAY)
    change(marked, "UPDATE answers SET ktv = 1, changed_at = date('now', '+2 days') WHERE ktv = 9")
    assert marked.ingest(today=TODAY)[0].superseded > 0
    assert 9 not in set(marked.responses.table["ktv"])
    assert marked.ingest(today=TODAY) == []


def test_new_rows_are_judged_by_the_whole_table(marked: Study) -> None:
    """Three answers from 4 to 9 do not tell that the table's scale is 1 to 11."""
    change(marked, "UPDATE answers SET nps = nps + 1")
    (batch,) = marked.ingest(today=TODAY)
    assert any("'nps'" in question for question in batch.asked)
    change(marked, "UPDATE answers SET changed_at = '2026-01-02 09:00:00' WHERE CAST(nps AS INTEGER) BETWEEN 4 AND 9")
    (batch,) = marked.ingest(today=TODAY)
    assert batch.superseded == batch.accepted > 0
    assert any("'nps'" in question for question in batch.asked)
    assert marked.responses.table["nps"].null_count() == 40
    toml = marked.root / "study.toml"
    toml.write_text(toml.read_text() + '\n[readings]\nnps = "1-11"\n')
    answered = Study(marked.root)
    answered.ingest(today=TODAY)
    with closing(sqlite3.connect(marked.root / "answers.db")) as database:
        (total,) = database.execute("SELECT sum(nps - 1) FROM answers").fetchone()
    assert answered.responses.table["nps"].sum() == total
