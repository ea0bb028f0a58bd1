"""The rule holds in every cell: what a page says of the phone differs by nobody, or by ten people who phoned."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from study_copies import copy_study, init_quick

from pxanalysis.errors import StudyError
from pxanalysis.journey import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study
from pxanalysis.study.release_file import SCHEMA

PHONE = "anaesthesia"
"""Stands for the phone of the issue: a touchpoint that few patients meet."""


@pytest.fixture(scope="module")
def answers() -> pl.DataFrame:
    """Sixty people of each of four practices, all of whom answered everything on the first day of their month."""
    drawn = simulate_survey(read_journey("dental-treatment"), practices=4, responses=(400, 400), seed=8).answers
    journey = read_journey("dental-treatment")
    scales = {item.id: journey.scales[item.scale] for item in phone_items()}
    met = [pl.col(name).cast(pl.Int64, strict=False).is_between(one.min, one.max) for name, one in scales.items()]
    whole = drawn.filter(pl.all_horizontal(met))
    place = pl.int_range(pl.len()).over("practice_id")
    first = whole.filter(place < 60).with_columns(completed_on=pl.lit("2025-03-01"))
    return first.with_columns(pl.all().fill_null(strategy="forward").fill_null(strategy="backward"))


def phone_items() -> list:  # type: ignore[type-arg]
    return list(read_journey("dental-treatment").touchpoint(PHONE).items)


def without_phone(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, dtype=rows.schema[item.id]).alias(item.id) for item in phone_items())


def take(answers: pl.DataFrame, practice: int, start: int, stop: int) -> pl.DataFrame:
    own = answers.filter(pl.col("practice_id") == answers["practice_id"].unique().sort()[practice])
    return own.slice(start, stop - start)


def put(study: Study, name: str, *rows: pl.DataFrame) -> None:
    pl.concat(rows).write_csv(study.raw_folder / f"{name}.csv")
    study.ingest()


@pytest.fixture
def study(tmp_path: Path, fitted: Study) -> Study:
    """Thirty answers a practice; in the first, ten about the phone."""
    return copy_study(fitted, tmp_path)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, answers: pl.DataFrame) -> Study:
    study = init_quick(tmp_path_factory.mktemp("cells") / "study")
    first = [take(answers, 0, 0, 10), without_phone(take(answers, 0, 10, 30))]
    put(study, "first", *first, *(take(answers, other, 0, 30) for other in (1, 2, 3)))
    study.fit()
    return study


def practice(study: Study) -> str:
    return str(study.results["practices"]["practice_id"].iloc[0])


def of_phone(study: Study, frame: str) -> pd.DataFrame:
    rows = study.results.of_practice(frame, practice(study))
    return rows[rows["touchpoint"] == PHONE].reset_index(drop=True)


def assert_alike(found: pd.DataFrame, before: pd.DataFrame) -> None:
    figures = ["n", "mean", "share_negative"]
    pd.testing.assert_frame_equal(found[figures], before[figures])


@pytest.mark.slow
def test_one_who_phoned_among_ten_changes_nothing_about_the_phone(study: Study, answers: pl.DataFrame) -> None:
    """The issue: from "10 answers, 62" and then "11 answers, 57" that patient's answers follow."""
    before = of_phone(study, "touchpoints"), of_phone(study, "items")
    assert before[0]["n"].tolist() == [10]
    put(study, "second", take(answers, 0, 30, 31), without_phone(take(answers, 0, 31, 40)))
    meta = study.fit().meta
    assert study.results["practices"]["n"].iloc[0] == 40
    assert_alike(of_phone(study, "touchpoints"), before[0])
    assert_alike(of_phone(study, "items"), before[1])
    assert meta.part_waiting == {practice(study): (PHONE,)}
    assert meta.waiting == {}


@pytest.mark.slow
def test_they_count_when_ten_have_phoned(study: Study, answers: pl.DataFrame) -> None:
    put(study, "second", take(answers, 0, 30, 31), without_phone(take(answers, 0, 31, 40)))
    study.fit()
    put(study, "third", take(answers, 0, 40, 49), without_phone(take(answers, 0, 49, 50)))
    study.fit()
    assert of_phone(study, "touchpoints")["n"].tolist() == [20]
    assert study.results.meta.part_waiting == {}


@pytest.mark.slow
def test_effects_change_by_ten_people_as_well(study: Study, answers: pl.DataFrame) -> None:
    before = study.results["drivers"].set_index("touchpoint")["n"]
    put(study, "second", take(answers, 0, 30, 31), without_phone(take(answers, 0, 31, 40)))
    changed = study.fit()["drivers"].set_index("touchpoint")["n"] - before
    assert changed[PHONE] == 0
    assert (changed.drop(PHONE) == 10).any()


@pytest.mark.slow
def test_every_cell_changes_by_nobody_or_by_ten(study: Study, answers: pl.DataFrame) -> None:
    rng = np.random.default_rng(3)
    for week, start in enumerate(range(30, 60, 6)):
        before = study.results
        rows = [take(answers, other, start, start + 6) for other in range(4)]
        some = [one if rng.random() < 0.3 else without_phone(one) for one in rows]
        put(study, f"week-{week}", *some)
        found = study.fit()
        for name, keys in (
            ("touchpoints", ["touchpoint"]),
            ("items", ["item"]),
            ("outcomes", ["outcome", "metric"]),
            ("distributions", ["outcome", "value"]),
            ("trend", ["outcome", "period"]),
        ):
            old, new = (frame[name].set_index(["practice_id", *keys])["n"] for frame in (before, found))
            change = (new.fillna(0) - old.reindex(new.index).fillna(0)).abs()
            assert ((change == 0) | (change >= 10)).all(), (name, change[(change > 0) & (change < 10)])


@pytest.mark.slow
def test_a_month_shows_once_it_is_over(study: Study, answers: pl.DataFrame) -> None:
    today = date.today()
    now = take(answers, 0, 30, 60).with_columns(completed_on=pl.lit(f"{today:%Y-%m-01}"))
    put(study, "now", now)
    found = study.fit()
    assert found["practices"]["n"].iloc[0] == 60
    assert found["trend"]["period"].unique().tolist() == ["2025-03"]
    assert study.is_fitted
    assert found.meta.still_open == (f"{today:%Y-%m}",)


def test_nothing_kept_of_a_release_is_an_answer(study: Study) -> None:
    kept = pl.read_parquet(study.root / "data/processed/released.parquet")
    assert dict(kept.schema) == SCHEMA, "practices, parts, periods and bytes; no answer"
    ids = set(study.responses.table["response_id"])
    assert not ids & set(kept["part"]) | ids & set(kept["period"])
    assert (study.root / "data/processed/released.key").stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_without_the_figures_of_before_what_cannot_be_renewed_is_withheld(study: Study, answers: pl.DataFrame) -> None:
    own = practice(study)
    rows = [take(answers, other, 0, 30) for other in (1, 2, 3)]
    changed = take(answers, 0, 0, 30).with_columns(
        nps=pl.when(pl.int_range(pl.len()) == 2).then(pl.lit(0)).otherwise(pl.col("nps"))
    )
    put(study, "first", changed, *rows)
    for path in study.results_folder.glob("*"):
        path.unlink()
    found = study.fit()
    assert found.meta.frozen == ()
    assert found.of_practice("outcomes", own)["estimate"].isna().all()
    put(study, "second", take(answers, 0, 30, 40))
    again = study.fit()
    assert again.of_practice("outcomes", own).query("outcome == 'nps' and metric == 'net'")["n"].tolist() == [40]


@pytest.mark.slow
def test_a_file_that_held_answers_is_taken_over(study: Study, answers: pl.DataFrame) -> None:
    kept = study.root / "data/processed/released.parquet"
    study.responses.table.with_columns(shown=pl.lit(value=True)).write_parquet(kept)
    (study.root / "data/processed/released.key").unlink()
    put(study, "second", take(answers, 0, 30, 33))
    assert study.fit().meta.waiting == {practice(study): 3}
    assert "response_id" not in pl.read_parquet(kept).columns


def test_a_key_that_is_gone_is_said(study: Study, answers: pl.DataFrame) -> None:
    (study.root / "data/processed/released.key").unlink()
    put(study, "second", take(answers, 0, 30, 33))
    with pytest.raises(StudyError, match=r"released\.key: not there\. Without it nobody can know"):
        study.fit()
