"""The store: nothing twice, corrections win, a cut-short write does not count."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pxanalysis.errors import SurveyError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.checking.validation import validate_answers
from pxanalysis.survey.files import distinct_names, safe_name, write_atomically
from pxanalysis.survey.forgetting import remove_rows
from pxanalysis.survey.ledger import Batch
from pxanalysis.survey.sources.read import read_source
from pxanalysis.survey.store import ResponseStore
from pxanalysis.survey.stored_answers import StoredAnswers


@pytest.fixture
def store(tmp_path: Path) -> ResponseStore:
    return ResponseStore(tmp_path / "responses", tmp_path / "rejected")


def add(store: ResponseStore, table: pl.DataFrame, path: Path, journey: Journey, settings: str = "s") -> Batch:
    table.write_csv(path)
    raw = read_source(path)
    return store.add(validate_answers(raw, journey), file=raw.name, digest=raw.digest, settings=settings)


@pytest.mark.parametrize("few", [0, 20_000])
def test_what_goes_in_comes_out(
    few: int,
    store: ResponseStore,
    tmp_path: Path,
    treatment: Journey,
    simulation: Simulation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of many rows each practice has a file of its own; few are one file."""
    monkeypatch.setattr("pxanalysis.survey.store.FEW_ROWS", few)
    batch = add(store, simulation.answers, tmp_path / "a.csv", treatment)
    stored = store.read()
    assert stored is not None
    assert batch.accepted == stored.height == simulation.answers.height
    assert stored["ktv"].to_list() == simulation.answers.sort("response_id")["ktv"].to_list()
    folders = sorted(path.parent.name for path in (tmp_path / "responses").glob("*/*.parquet"))
    of_practices = sorted(f"practice={name}" for name in simulation.practices["practice_id"])
    assert folders == (["several"] if few else of_practices)
    assert sorted(batch.parts) == [f"{name}/{batch.key}.parquet" for name in folders]


@pytest.mark.parametrize("cells", [1, 900])
def test_answers_that_are_read_some_columns_at_a_time_are_the_same(
    cells: int,
    store: ResponseStore,
    tmp_path: Path,
    treatment: Journey,
    simulation: Simulation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = simulation.answers.sample(fraction=1, shuffle=True, seed=1)
    add(store, first, tmp_path / "a.csv", treatment)
    add(store, first.head(9).with_columns(pl.lit(2).alias("ktv")).drop("comment"), tmp_path / "b.csv", treatment)
    at_once = store.read()
    monkeypatch.setattr("pxanalysis.survey.stored_files._CELLS_AT_ONCE", cells)
    by_columns = store.read()
    assert at_once is not None
    assert by_columns is not None
    assert_frame_equal(by_columns, at_once)
    assert (
        at_once.filter(pl.col("response_id").is_in(first["response_id"].head(9).implode()))["ktv"].unique().item() == 2
    )


def test_a_corrected_file_supersedes_by_response_id(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    first = simulation.answers
    corrected = first.head(5).with_columns(pl.lit(1).alias("ktv"), pl.lit("01010274").alias("practice_id"))
    add(store, first, tmp_path / "a.csv", treatment)
    batch = add(store, corrected, tmp_path / "b.csv", treatment)
    assert batch.superseded == 5
    assert store.batches[1].superseded == 5, "the change is in the ledger"
    stored = store.read()
    assert stored is not None
    assert stored.height == first.height
    again = stored.filter(pl.col("response_id").is_in(corrected["response_id"].implode()))
    assert set(again["ktv"]) == {1}
    assert set(again["practice_id"]) == {"01010274"}, "a response that moves to another practice is not counted twice"


def test_the_same_file_under_other_settings_replaces_itself(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    add(store, simulation.answers, tmp_path / "a.csv", treatment, "old")
    add(store, simulation.answers, tmp_path / "a.csv", treatment, "new")
    assert [batch.settings for batch in store.batches] == ["new"]
    stored = store.read()
    assert stored is not None
    assert stored.height == simulation.answers.height
    digest = store.batches[0].digest
    assert store.holds(digest, "new")
    assert not store.holds(digest, "old")
    shutil.rmtree(tmp_path / "responses")
    assert not store.holds(digest, "new"), "who was told to remove the folder takes all in again"


def test_files_of_a_write_that_was_cut_short_do_not_count(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    add(store, simulation.answers.head(50), tmp_path / "a.csv", treatment)
    ledger = (tmp_path / "responses" / "ledger.json").read_bytes()
    add(store, simulation.answers.tail(50), tmp_path / "b.csv", treatment)
    (tmp_path / "responses" / "ledger.json").write_bytes(ledger)
    stored = store.read()
    assert stored is not None
    assert stored.height == 50


def test_a_damaged_ledger_says_what_to_do(store: ResponseStore, tmp_path: Path) -> None:
    write_atomically(tmp_path / "responses" / "ledger.json", "{")
    with pytest.raises(SurveyError, match=r"ledger of ingested files is damaged\. Remove the folder"):
        _ = store.batches


def test_rejected_rows_are_kept_for_people_and_machines(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    table = simulation.answers.with_columns(pl.col("ktv").cast(pl.String))
    table = table.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("=cmd|x")).otherwise("ktv").alias("ktv")
    )
    batch = add(store, table, tmp_path / "a.csv", treatment)
    rejected = store.read_rejected()
    assert rejected is not None
    assert rejected["value"].to_list() == ["=cmd|x"]
    sheet = next((tmp_path / "rejected").glob(f"{batch.key}*.csv")).read_text(encoding="utf-8-sig")
    assert "'=cmd|x" in sheet, "a formula is text in a spreadsheet"


def test_nothing_ingested_is_none(store: ResponseStore) -> None:
    assert store.read() is None
    assert store.read_rejected() is None
    assert store.batches == ()


@given(st.text(max_size=80), st.text(max_size=80))
def test_practice_ids_become_distinct_plain_file_names(one: str, two: str) -> None:
    name = safe_name(one)
    assert name == Path(name).name
    assert name not in {"", ".", ".."}
    assert name.isascii()
    assert (safe_name(two) == name) == (one == two)


def test_a_batch_is_immutable() -> None:
    batch = Batch(1, "a.csv", "d" * 64, "s", 1, 0, 0, 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        batch.accepted = 2  # type: ignore[misc]


@pytest.mark.slow
def test_a_file_checked_anew_keeps_its_place(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    """A correction stays one, in whatever order files are checked again."""
    first = simulation.answers.head(20)
    corrected = first.head(5).with_columns(pl.lit(1).alias("ktv"))
    add(store, first, tmp_path / "b.csv", treatment, "old")
    add(store, corrected, tmp_path / "a.csv", treatment, "old")
    add(store, corrected, tmp_path / "a.csv", treatment, "new")
    batch = add(store, first, tmp_path / "b.csv", treatment, "new")
    assert batch.superseded == 0
    assert [entry.file for entry in store.batches] == ["b.csv", "a.csv"]
    stored = store.read()
    assert stored is not None
    ids = corrected["response_id"]
    assert set(stored.filter(pl.col("response_id").is_in(ids.implode()))["ktv"]) == {1}


def test_a_corrected_file_takes_its_rejections_back(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    good = simulation.answers.head(20)
    bad = good.with_columns(pl.when(pl.int_range(pl.len()) == 0).then(99).otherwise("ktv").alias("ktv"))
    add(store, bad, tmp_path / "a.csv", treatment)
    add(store, bad.vstack(simulation.answers.slice(20, 5).cast(bad.schema)), tmp_path / "a.csv", treatment)
    rejected = store.read_rejected()
    assert rejected is not None
    assert rejected.height == 1, "the same cell of a longer file of this name is counted once"
    add(store, simulation.answers.head(25), tmp_path / "a.csv", treatment)
    after = store.read_rejected()
    assert after is not None
    assert after.height == 0


def test_responses_that_a_corrected_file_leaves_out_are_said(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    add(store, simulation.answers.head(20), tmp_path / "a.csv", treatment)
    shorter = add(store, simulation.answers.head(18), tmp_path / "a.csv", treatment)
    assert any("2 responses of an earlier file of this name are not in this one, and stay" in n for n in shorter.notes)
    other = add(store, simulation.answers.slice(20, 5), tmp_path / "a.csv", treatment)
    assert not any("earlier file" in note for note in other.notes), "the next month under the same name"


def test_files_of_the_store_that_are_gone_are_missed(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    add(store, simulation.answers, tmp_path / "a.csv", treatment)
    next((tmp_path / "responses").glob("*/*.parquet")).unlink()
    with pytest.raises(SurveyError, match=r"of a\.csv \d+ responses are left, expected \d+\. Remove the folder"):
        store.read()


def test_corrections_of_what_is_gone_are_taken_in(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    answers = simulation.answers
    add(store, answers.head(20), tmp_path / "a.csv", treatment)
    add(store, answers[20:30], tmp_path / "b.csv", treatment)  # ids of the first are known from here on
    next((tmp_path / "responses").glob(f"*/{store.batches[0].key}.parquet")).unlink()
    assert add(store, answers.head(9), tmp_path / "c.csv", treatment).superseded == 9


def test_practices_that_differ_in_capitals_share_a_file(
    store: ResponseStore,
    tmp_path: Path,
    treatment: Journey,
    simulation: Simulation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On some computers their folders are one, and the second file would take the place of the first."""
    monkeypatch.setattr("pxanalysis.survey.store.FEW_ROWS", 0)
    ids = pl.when(pl.int_range(pl.len()) < 7).then(pl.lit("linde")).otherwise(pl.lit("Linde")).alias("practice_id")
    add(store, simulation.answers.head(20).with_columns(ids), tmp_path / "a.csv", treatment)
    assert len(list((tmp_path / "responses").glob("practice=*"))) == 1
    stored = store.read()
    assert stored is not None
    assert dict(stored["practice_id"].value_counts().iter_rows()) == {"linde": 7, "Linde": 13}


@pytest.mark.parametrize("name", ["index", "INDEX", "con", "Com1", "lpt9.txt", "nul.x", "praktijk."])
def test_names_that_are_taken_are_not_used(name: str) -> None:
    assert safe_name(name) != name


@given(st.lists(st.text(alphabet="aAbB1.-/", max_size=6), unique=True, max_size=12))
def test_file_names_differ_on_every_computer(ids: list[str]) -> None:
    names = distinct_names(ids)
    assert len({name.casefold() for name in names.values()}) == len(ids)


def test_what_is_remembered_of_earlier_files_is_what_stands_on_disk(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, other = simulation.answers, ResponseStore(tmp_path / "responses", tmp_path / "rejected")
    add(store, answers.head(10), tmp_path / "a.csv", treatment)
    add(store, answers[10:20], tmp_path / "b.csv", treatment)
    add(other, answers[20:30], tmp_path / "c.csv", treatment)  # another process
    remove_rows(tmp_path / "responses", tmp_path / "rejected", answers["response_id"][:4].to_list())
    read: list[str] = []
    ids_of = StoredAnswers.ids_of
    monkeypatch.setattr(StoredAnswers, "ids_of", lambda self, some: ids_of(self, read_off(some, read)))
    assert add(store, answers.head(30), tmp_path / "d.csv", treatment).superseded == 26
    assert len(read) == 3, "what was forgotten is not remembered"
    assert add(store, answers[25:35], tmp_path / "e.csv", treatment).superseded == 5
    assert read[3:] == ["d.csv"], "what was read once is not read again"
    add(store, answers.head(10), tmp_path / "a.csv", treatment, settings="t")
    assert add(store, answers.head(9), tmp_path / "f.csv", treatment).superseded == 9


def read_off(batches: Iterable[Batch], read: list[str]) -> list[Batch]:
    """The batches, their files named."""
    found = list(batches)
    read += [batch.file for batch in found]
    return found


def test_a_ledger_that_was_indented_is_read(
    store: ResponseStore, tmp_path: Path, treatment: Journey, simulation: Simulation
) -> None:
    batch = add(store, simulation.answers, tmp_path / "a.csv", treatment)
    path = tmp_path / "responses" / "ledger.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1, ensure_ascii=False))
    assert store.batches == (batch,)
    assert ResponseStore(tmp_path / "responses", tmp_path / "rejected").batches == (batch,)
