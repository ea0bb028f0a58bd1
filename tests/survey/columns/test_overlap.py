"""Exports without ids that hold the same people again, and other people under the same ids."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from study_copies import init_quick

from pxanalysis.study import Study
from pxanalysis.survey.columns.overlap import count_strangers, repeated_rows


def table(answers: list[int], start: int = 0) -> pl.DataFrame:
    ids = [f"f:{i + start}" for i in range(len(answers))]
    return pl.DataFrame({"response_id": ids, "practice_id": "p", "a": answers, "b": [a % 7 for a in answers]})


def test_a_later_export_that_holds_an_earlier_one_as_a_whole() -> None:
    first, second = table(list(range(20))), table([*range(20), *range(30, 40)])
    assert repeated_rows([first, second], [True, True]) == [[], list(range(20))]


def test_the_smaller_one_may_come_later() -> None:
    assert repeated_rows([table(list(range(20))), table(list(range(12)))], [True, True]) == [[], list(range(12))]


def test_half_an_overlap_is_none() -> None:
    assert repeated_rows([table(list(range(20))), table(list(range(10, 30)))], [True, True]) == [[], []]


def test_single_rows_that_are_alike_stay() -> None:
    ceiling = table([5] * 30)
    assert repeated_rows([ceiling, table([5] * 40)], [True, True]) == [[], []]


def test_as_often_as_it_stood_there() -> None:
    first = table([1, 2, 3, 4, 5, 5, 5])
    second = table([5, 5, 5, 5, 1, 2, 3, 4])
    assert repeated_rows([first, second], [True, True]) == [[], [0, 1, 2, 4, 5, 6, 7]]


def test_exports_with_ids_are_told_apart_by_them() -> None:
    same = table(list(range(20)))
    assert repeated_rows([same, same], [False, True]) == [[], []]


def test_a_column_that_is_empty_or_not_there_in_the_earlier_export_hides_nothing() -> None:
    first = table(list(range(20)))
    second = table(list(range(30))).with_columns(comment=pl.when(pl.col("a") > 25).then(pl.lit("prima")))
    assert repeated_rows([first, second], [True, True]) == [[], list(range(20))]
    empty = first.with_columns(comment=pl.lit(None, dtype=pl.String))
    assert repeated_rows([empty, second], [True, True]) == [[], list(range(20))]
    other = second.with_columns(comment=pl.lit("prima"))
    assert repeated_rows([first, other], [True, True]) == [[], []]


def test_the_same_answers_to_other_questions_are_others() -> None:
    first = table(list(range(20)))
    assert repeated_rows([first, first.rename({"a": "b", "b": "a"})], [True, True]) == [[], []]


def people(first: int, n: int = 40, **changes: object) -> pl.DataFrame:
    """Answers of ``n`` people under the ids 1 to ``n``; ``first`` tells who they are."""
    rng = np.random.default_rng(first)
    answers = {name: rng.integers(1, 6, n) for name in ("a", "b", "c", "d")}
    days, ids = [date(2026, 1 + first, 1)] * n, [str(i) for i in range(n)]
    return pl.DataFrame({"response_id": ids, "practice_id": ["P1"] * n, "completed_on": days} | answers | changes)


def test_ids_that_begin_anew_are_other_people_and_a_correction_is_not() -> None:
    first = people(1)
    shared, strangers = count_strangers(first, people(2))
    assert (shared, strangers > 30) == (40, True)
    assert count_strangers(first, people(1, a=[5] * 40, completed_on=[date(2026, 9, 9)] * 40))[1] < 5
    assert count_strangers(first, people(1, practice_id=["01P1"] * 40)) == (40, 0)
    assert count_strangers(first, people(1)) == (40, 0)


def test_strangers_hold_reports_until_study_toml_answers(tmp_path: Path) -> None:
    study = init_quick(tmp_path / "study")
    for name, seed in (("jan.csv", 1), ("feb.csv", 2)):
        rng = np.random.default_rng(seed)
        answers = rng.integers(1, 6, (60, 4)).tolist()
        rows = [f"{i},P{1 + i % 3},2026-0{seed}-1{i % 9},{','.join(map(str, four))}" for i, four in enumerate(answers)]
        items = [placed.id for placed in study.journey.items][:4]
        head = f"response_id,practice_id,completed_on,{','.join(items)}\n"
        (study.raw_folder / name).write_text(head + "\n".join(rows) + "\n")
    checked = study.check(today=date(2026, 12, 1))
    assert any("numbers its responses anew" in reason for reason in study.describe_checked(checked)[1])
    study.ingest(today=date(2026, 12, 1))
    assert any('response_id = "per-file"' in reason for reason in study.waiting)
    toml = study.root / "study.toml"
    before = toml.read_text()
    toml.write_text(before + '\n[readings]\nresponse_id = "per-file"\n')
    again = Study(study.root)
    again.ingest(today=date(2026, 12, 1))
    assert not any("per-file" in reason for reason in again.waiting)
    kept = again.store.read()
    assert kept is not None
    assert kept.height == 120
    assert {one.partition("@")[2] for one in kept["response_id"]} == {"jan.csv", "feb.csv"}
    toml.write_text(before.replace("[columns]", 'accept = ["jan.csv"]\n[columns]', 1))
    accepted = Study(study.root)
    assert not any("numbers its responses anew" in one for one in accepted.describe_checked(accepted.check())[1])
