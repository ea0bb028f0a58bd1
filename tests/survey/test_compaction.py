"""Small batches share a file, and nobody who reads the store can tell."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pxanalysis.errors import SurveyError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey import store as store_module
from pxanalysis.survey.checking.validated import ValidatedTable
from pxanalysis.survey.checking.validation import validate_answers
from pxanalysis.survey.forgetting import remove_rows
from pxanalysis.survey.ledger import Batch, Ledger
from pxanalysis.survey.sources.read import read_source
from pxanalysis.survey.store import ResponseStore

NAMES = ["a.csv", "b.csv", "c.csv"]


@dataclass(frozen=True)
class _Checked:
    """A file that was read and checked."""

    table: ValidatedTable
    digest: str


class _Pair:
    """Two stores to which the same happens; in one small batches are put together after every second batch."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._every = {"alone": 10**9, "together": 2}
        self.stores = {name: ResponseStore(folder / name / "answers", folder / name / "no") for name in self._every}

    def add(self, checked: _Checked, file: str, settings: str) -> None:
        for name, store in self.stores.items():
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(store_module, "COMPACT_EVERY", self._every[name])
                store.add(checked.table, file=file, digest=checked.digest, settings=settings)

    def forget(self, ids: list[str]) -> None:
        folders = [self._folder / name for name in self._every]
        removed = [remove_rows(folder / "answers", folder / "no", ids) for folder in folders]
        assert removed[0] == removed[1]

    def check(self) -> None:
        """Each store as it is, and as a new process finds it."""
        alone = self.stores["alone"]
        together = self._folder / "together"
        for store in (self.stores["together"], ResponseStore(together / "answers", together / "no")):
            for what in ("read", "read_rejected"):
                _assert_same(getattr(store, what)(), getattr(alone, what)(), ordered=True)
            for what in ("read_codes", "read_aside"):
                _assert_same(getattr(store, what)(), getattr(alone, what)(), ordered=False)
            assert store.find_repeats() == alone.find_repeats()
            assert _without_places(store.batches) == _without_places(alone.batches)
            assert _without_places(store.current) == _without_places(alone.current)
        assert _read_lists(together) == _read_lists(self._folder / "alone")


def _without_places(batches: tuple[Batch, ...]) -> list[Batch]:
    notes = [tuple(note.replace("/together/", "/alone/") for note in batch.notes) for batch in batches]
    return [replace(batch, parts={}, notes=some) for batch, some in zip(batches, notes, strict=True)]


def _read_lists(folder: Path) -> dict[str, str]:
    """The lists of refused rows, by name."""
    return {path.name: path.read_text() for path in (folder / "no").glob("*.csv")}


def _assert_same(one: pl.DataFrame | None, other: pl.DataFrame | None, *, ordered: bool) -> None:
    if one is None or other is None:
        assert one is other
        return
    tables = [table.select(sorted(table.columns)) for table in (one, other)]
    if not ordered:
        tables = [table.cast({pl.Enum: pl.String}).sort(pl.all()) if table.width else table for table in tables]
    assert_frame_equal(*tables, check_column_order=False)


_KINDS = ("plain", "bad", "token", "without ids", "fewer columns")
_ROWS = (slice(0, 8), slice(0, 6), slice(4, 12), slice(12, 16))


def _table(answers: pl.DataFrame, kind: str) -> pl.DataFrame:
    table = answers.with_columns(pl.col("ktv").cast(pl.String))
    if kind == "bad":
        return table.with_columns(pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("77")).otherwise("ktv").alias("ktv"))
    if kind == "token":
        return table.with_columns(pl.format("t{}", pl.int_range(pl.len())).alias("token"))
    if kind == "without ids":
        return table.drop("response_id")
    return table.drop("comment", "nps") if kind == "fewer columns" else table


@pytest.fixture(scope="module")
def files(
    tmp_path_factory: pytest.TempPathFactory, treatment: Journey, simulation: Simulation
) -> Callable[[tuple[str, int]], _Checked]:
    """Files of five kinds, each with some of the same patients."""
    found, path = {}, tmp_path_factory.mktemp("files") / "a.csv"
    for kind in _KINDS:
        for number, rows in enumerate(_ROWS):
            _table(simulation.answers[rows], kind).write_csv(path)
            raw = read_source(path)
            found[kind, number] = _Checked(validate_answers(raw, treatment), raw.digest)
    return lambda key: found[key]


_FILES = st.tuples(st.sampled_from(_KINDS), st.integers(0, len(_ROWS) - 1))
_ADDED = st.tuples(_FILES, st.sampled_from(NAMES), st.sampled_from("st"))
_FORGOTTEN = st.integers(0, 15)


@given(happenings=st.lists(st.one_of(_ADDED, _ADDED, _ADDED, _FORGOTTEN), min_size=2, max_size=9))
def test_batches_in_one_file_are_read_as_those_that_stand_alone(
    happenings: list[tuple[tuple[str, int], str, str] | int],
    files: Callable[[tuple[str, int]], _Checked],
) -> None:
    with TemporaryDirectory() as folder:
        pair = _Pair(Path(folder))
        for one in happenings:
            if isinstance(one, int):
                pair.forget(files(("plain", 0)).table.accepted["response_id"][one % 8 : one % 8 + 2].to_list())
            else:
                file, name, setting = one
                pair.add(files(file), name, setting)
        pair.check()


@pytest.fixture(scope="module")
def refused(
    tmp_path_factory: pytest.TempPathFactory, treatment: Journey, simulation: Simulation
) -> Callable[[int], _Checked]:
    """Files of three responses, each with two of the one before, a cell that is refused in each and a token."""
    folder = tmp_path_factory.mktemp("refused")

    @cache
    def check(number: int) -> _Checked:
        path = folder / f"{number}.csv"
        some = simulation.answers[number : number + 3]
        some.with_columns(pl.lit("77").alias("ktv"), pl.lit("x").alias("token")).write_csv(path)
        raw = read_source(path)
        return _Checked(validate_answers(raw, treatment), raw.digest)

    return check


def _fill(store: ResponseStore, refused: Callable[[int], _Checked], files: range) -> None:
    for number in files:
        checked = refused(number)
        store.add(checked.table, file=f"{number}.csv", digest=checked.digest, settings="s")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ResponseStore:
    monkeypatch.setattr(store_module, "COMPACT_EVERY", 4)
    return ResponseStore(tmp_path / "answers", tmp_path / "no")


def _count(folder: Path) -> list[int]:
    """Files with answers, with refused rows, with what is kept aside."""
    return [len(list(folder.glob(one))) for one in ("answers/several/*", "no/*.parquet", "no/aside/*.parquet")]


def test_many_small_files_become_few(store: ResponseStore, tmp_path: Path, refused: Callable[[int], _Checked]) -> None:
    _fill(store, refused, range(17))
    assert _count(tmp_path) == [2, 2, 2]
    assert len(store.batches) == 17
    stored, rejected, aside = store.read(), store.read_rejected(), store.read_aside()
    assert stored is not None
    assert rejected is not None
    assert (stored.height, rejected.height, aside.height) == (19, 51, 19)
    assert len(list((tmp_path / "no").glob("*.csv"))) == 17, "what people look at stays by file"


@pytest.mark.parametrize("moment", ["before the ledger", "before old files are removed"])
def test_a_merge_that_is_cut_short_changes_nothing(
    moment: str,
    store: ResponseStore,
    tmp_path: Path,
    refused: Callable[[int], _Checked],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _fill(store, refused, range(3))
    whole = ResponseStore(tmp_path / "whole" / "answers", tmp_path / "whole" / "no")
    _fill(whole, refused, range(4))
    written = Ledger.write
    cut: list[bool] = []

    def write(self: Ledger, batches: list[Batch]) -> None:
        cut.append(True)
        if len(cut) == 2:  # the first is the batch's own
            if moment != "before the ledger":
                written(self, batches)
            raise KeyboardInterrupt
        written(self, batches)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "write", write)
        with pytest.raises(KeyboardInterrupt):
            _fill(store, refused, range(3, 4))
    for again in (store, ResponseStore(tmp_path / "answers", tmp_path / "no")):
        for what in ("read", "read_rejected", "read_aside"):
            _assert_same(getattr(again, what)(), getattr(whole, what)(), ordered=what != "read_aside")
    _fill(store, refused, range(4, 8))
    assert _count(tmp_path) == [1, 1, 1], "nothing is left behind"


def test_a_damaged_file_is_not_merged_but_named(
    store: ResponseStore, tmp_path: Path, refused: Callable[[int], _Checked]
) -> None:
    _fill(store, refused, range(3))
    damaged = sorted((tmp_path / "answers" / "several").glob("*"))[1]
    damaged.write_bytes(damaged.read_bytes()[:-9] + b"x" * 9)
    _fill(store, refused, range(3, 4))
    assert damaged.exists()
    with pytest.raises(SurveyError, match=r"this part of 1\.csv is not as it was written"):
        store.read()


def test_a_damaged_file_of_many_names_whose_it_is(
    store: ResponseStore, tmp_path: Path, refused: Callable[[int], _Checked]
) -> None:
    _fill(store, refused, range(4))
    merged = next((tmp_path / "answers" / "several").glob("*"))
    merged.write_bytes(merged.read_bytes()[:-9] + b"x" * 9)
    with pytest.raises(SurveyError, match=r"this part of 0\.csv, 1\.csv, 2\.csv and 1 others is not as it was"):
        store.read()


def test_who_reads_meanwhile_misses_nothing(
    store: ResponseStore, tmp_path: Path, refused: Callable[[int], _Checked]
) -> None:
    """A notebook or live picture may read while answers are taken in: files vanish under it."""
    reader, failed, done = ResponseStore(tmp_path / "answers", tmp_path / "no"), [], threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                before = len(reader.batches)
                stored, rejected = reader.read(), reader.read_rejected()
                after = len(reader.batches)
                if stored is not None and not before + 2 <= stored.height <= after + 2:
                    failed.append(f"{stored.height} rows of {before} to {after} batches")
                if rejected is not None and not 3 * before <= rejected.height <= 3 * after:
                    failed.append(f"{rejected.height} refused of {before} to {after} batches")
            except Exception as error:
                failed.append(repr(error))

    thread = threading.Thread(target=read)
    thread.start()
    _fill(store, refused, range(16))
    done.set()
    thread.join()
    assert failed == []
