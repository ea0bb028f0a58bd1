"""Exports without ids that hold the same people again."""

from __future__ import annotations

import polars as pl

from pxanalysis.survey.columns.overlap import repeated_rows


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
