"""A dry run says the same of a long file, part by part and without its rows, as of one that is held."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.simulation.study import Simulation
from pxanalysis.study import Study, init_study, taking_in

TODAY = date(2026, 11, 30)


@pytest.fixture
def study(tmp_path: Path, simulation: Simulation) -> Study:
    made = init_study(tmp_path / "study", "dental-treatment")
    answers = simulation.answers.with_columns(pl.col(pl.Int64).cast(pl.String))
    spoilt = answers.with_columns(
        pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit("77")).otherwise("nps").alias("nps"),
        pl.when(pl.int_range(pl.len()) % 50 == 0).then(pl.lit("")).otherwise("practice_id").alias("practice_id"),
    )
    spoilt.write_csv(made.raw_folder / "first.csv")
    again = answers.head(30).with_columns(pl.col("practice_id").str.strip_prefix("0"))
    again.drop("ktv").write_csv(made.raw_folder / "second.csv")
    return made


def say(study: Study) -> tuple[list[object], object]:
    found = study.check(today=TODAY)
    return [one.record() for one in found], study.describe_checked(found)


def test_a_long_file_is_checked_as_one_that_is_held(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    records, together = say(study)
    monkeypatch.setattr(taking_in, "LONG", 0)
    found = study.check(today=TODAY)
    assert all(one.outline is not None and one.table is None for one in found)
    assert say(study) == (records, together)
    assert any("29 responses stand in more than one file" in note for note in together[0])
    assert not list((study.root / "data" / "processed").rglob("*.parquet"))


def test_rows_of_long_files_without_ids_are_found_in_each_other(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in study.raw_files():
        pl.read_csv(path, infer_schema=False).drop("response_id").write_csv(path)
        pl.read_csv(path, infer_schema=False).write_csv(path.with_name(f"again-{path.name}"))
    records, together = say(study)
    monkeypatch.setattr(taking_in, "LONG", 0)
    assert all(one.table is None for one in study.check(today=TODAY))
    assert say(study) == (records, together)
    assert sum("row for row" in note for note in together[0]) == 2
