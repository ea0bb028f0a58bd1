"""New answers wait: no two releases of a practice differ by fewer than ten people."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pxanalysis.analysis.privacy.waiting import SHOWN, hold_back_answers
from pxanalysis.errors import PrivacyError


def answers(sizes: dict[str, int], ktv: int = 8, start: int = 0) -> pl.DataFrame:
    """So many answers per practice, numbered from ``start``."""
    rows = [(f"{name}-{i:04d}", name, ktv) for name, size in sizes.items() for i in range(start, start + size)]
    schema = {"response_id": pl.String, "practice_id": pl.String, "ktv": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def count(table: pl.DataFrame) -> dict[str, int]:
    return dict(table.group_by("practice_id").len().iter_rows())


def test_first_release_holds_everything() -> None:
    table, waiting = hold_back_answers(answers({"a": 30, "b": 3}), None)
    assert count(table) == {"a": 30, "b": 3}
    assert waiting == {}


def test_few_new_answers_wait_and_ten_do_not() -> None:
    table, waiting = release(answers({"a": 30, "b": 30}), answers({"a": 39, "b": 40}))
    assert count(table) == {"a": 30, "b": 40}
    assert waiting == {"a": 9}


def test_answers_that_waited_count_towards_the_next_release() -> None:
    released, _ = release(answers({"a": 30}))
    for size, shown in [(34, 30), (38, 30), (41, 41), (45, 41)]:
        released, _ = hold_back_answers(answers({"a": size}), released)
        assert count(released) == {"a": shown}


def release(*steps: pl.DataFrame, minimum_n: int = 10) -> tuple[pl.DataFrame, dict[str, int]]:
    """Release one state of the answers after another."""
    table, waiting = None, {}
    for step in steps:
        table, waiting = hold_back_answers(step, table, minimum_n=minimum_n)
    assert table is not None
    return table, waiting


def correct(table: pl.DataFrame, first: int, count: int) -> pl.DataFrame:
    """The same answers, with another grade in some."""
    place = pl.int_range(pl.len())
    changed = (place >= first) & (place < first + count)
    return table.with_columns(ktv=pl.when(changed).then(pl.lit(2, pl.Int64)).otherwise("ktv"))


def test_a_corrected_answer_waits_with_its_old_value() -> None:
    table, waiting = release(answers({"a": 30}), correct(answers({"a": 30}), 3, 1))
    assert table["ktv"].unique().to_list() == [8]
    assert waiting == {}


def test_ten_corrections_come_through_but_let_no_new_person_in() -> None:
    table, waiting = release(answers({"a": 30}), correct(answers({"a": 31}), 0, 10))
    assert count(table) == {"a": 30}
    assert (table["ktv"] == 2).sum() == 10
    assert waiting == {"a": 1}


def test_nine_corrections_and_one_new_answer_are_not_ten_new_people() -> None:
    table, waiting = release(answers({"a": 30}), correct(answers({"a": 31}), 0, 9))
    assert count(table) == {"a": 30}
    assert (table["ktv"] == 8).all()
    assert waiting == {"a": 1}


def test_a_column_that_is_filled_later_lets_no_new_person_in() -> None:
    old, new = answers({"a": 40}), answers({"a": 41})
    table, waiting = release(old.with_columns(age=pl.lit(None, pl.Int64)), new.with_columns(age=pl.lit(50, pl.Int64)))
    assert count(table) == {"a": 40}
    assert table["age"].to_list() == [50] * 40
    assert waiting == {"a": 1}


def test_another_id_for_the_practice_makes_no_new_people() -> None:
    renamed = answers({"a": 41}).with_columns(practice_id=pl.lit("a1"))
    table, waiting = release(answers({"a": 40}), renamed)
    assert count(table) == {"a1": 40}
    assert waiting == {"a1": 1}


def test_other_ids_for_the_answers_make_no_new_people() -> None:
    grades = pl.Series("ktv", np.arange(41) % 10 + 1)
    first = answers({"a": 41}).with_columns(grades).head(40)
    again = answers({"a": 41}).with_columns(grades, response_id=pl.format("other-{}", pl.int_range(pl.len())))
    table, waiting = release(first, again.reverse())
    assert count(table) == {"a": 40}
    assert sorted(table["ktv"]) == sorted(first["ktv"])
    assert waiting == {"a": 1}


@pytest.mark.parametrize("new", [1, 9])
def test_a_withdrawn_answer_lets_no_new_one_through(new: int) -> None:
    now = pl.concat([answers({"a": 39}, start=1), answers({"a": new}, ktv=3, start=40)])
    table, waiting = release(answers({"a": 40}), now)
    assert count(table) == {"a": 39}
    assert waiting == {"a": new}


def test_a_practice_once_shown_stays_held_when_the_minimum_rises() -> None:
    first, _ = hold_back_answers(answers({"a": 15}), None)
    table, waiting = hold_back_answers(answers({"a": 20}), first, minimum_n=20)
    assert count(table) == {"a": 15}
    assert waiting == {"a": 5}


def test_a_practice_once_shown_stays_held_when_it_shrinks_below_the_minimum() -> None:
    nine = answers({"a": 9}, start=1)
    ten = pl.concat([nine, answers({"a": 1}, ktv=3, start=20)])
    table, waiting = release(answers({"a": 10}), nine, ten)
    assert count(table) == {"a": 9}
    assert waiting == {"a": 1}


def test_practice_that_was_not_shown_waits_for_nothing() -> None:
    table, waiting = release(answers({"a": 9}), answers({"a": 11}))
    assert count(table) == {"a": 11}
    assert waiting == {}


def test_withdrawn_answer_is_gone_at_once() -> None:
    released = answers({"a": 30})
    table, waiting = release(released, released.filter(pl.col("response_id") != "a-0007"))
    assert "a-0007" not in table["response_id"].to_list()
    assert waiting == {}


def test_practice_that_left_the_study_is_gone() -> None:
    table, _ = release(answers({"a": 30, "b": 30}), answers({"a": 30}))
    assert count(table) == {"a": 30}


def test_new_question_does_not_let_few_new_people_through() -> None:
    current = answers({"a": 33}).with_columns(ces=pl.lit(4))
    table, waiting = release(answers({"a": 30}), current)
    assert waiting == {"a": 3}
    assert table.columns == [*current.columns, SHOWN]
    assert table["ces"].to_list() == [4] * 30


def test_fewest_people_can_only_be_raised() -> None:
    assert release(answers({"a": 50}), answers({"a": 64}), minimum_n=15)[1] == {"a": 14}
    with pytest.raises(PrivacyError):
        release(answers({"a": 50}), minimum_n=5)


def test_nothing_new_is_the_same_release() -> None:
    released = answers({"a": 30, "b": 12})
    table, waiting = release(released, released.sample(fraction=1, shuffle=True, seed=1))
    assert_frame_equal(table.drop(SHOWN), released.sort("response_id"))
    assert waiting == {}


@given(st.lists(st.integers(0, 14), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_successive_releases_never_differ_by_few_people(arrivals: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    released, total = None, {"a": int(rng.integers(0, 30)), "b": int(rng.integers(0, 30))}
    for more in arrivals:
        total[str(rng.choice(["a", "b"]))] += more
        table, waiting = hold_back_answers(answers(total), released)
        for name in total:
            before = 0 if released is None else count(released).get(name, 0)
            step = count(table).get(name, 0) - before
            assert step == 0 or step >= 10 or before < 10
            assert waiting.get(name, 0) == total[name] - count(table).get(name, 0)
        released = table
