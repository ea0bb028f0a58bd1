"""New answers wait: no two releases of a practice differ by fewer than ten people."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pxanalysis.analysis.privacy.waiting import hold_back_answers
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
    released = answers({"a": 30, "b": 30})
    table, waiting = hold_back_answers(answers({"a": 39, "b": 40}), released)
    assert count(table) == {"a": 30, "b": 40}
    assert waiting == {"a": 9}


def test_answers_that_waited_count_towards_the_next_release() -> None:
    released = answers({"a": 30})
    for size, shown in [(34, 30), (38, 30), (41, 41), (45, 41)]:
        released, _ = hold_back_answers(answers({"a": size}), released)
        assert count(released) == {"a": shown}


def test_corrected_answer_waits_with_its_old_value() -> None:
    released = answers({"a": 30})
    current = released.with_columns(ktv=pl.when(pl.col("response_id") == "a-0003").then(2).otherwise("ktv"))
    table, waiting = hold_back_answers(current, released)
    assert waiting == {"a": 1}
    assert table["ktv"].unique().to_list() == [8]


def test_practice_that_was_not_shown_waits_for_nothing() -> None:
    table, waiting = hold_back_answers(answers({"a": 11}), answers({"a": 9}))
    assert count(table) == {"a": 11}
    assert waiting == {}


def test_withdrawn_answer_is_gone_at_once() -> None:
    released = answers({"a": 30})
    table, waiting = hold_back_answers(released.filter(pl.col("response_id") != "a-0007"), released)
    assert "a-0007" not in table["response_id"].to_list()
    assert waiting == {}


def test_practice_that_left_the_study_is_gone() -> None:
    table, _ = hold_back_answers(answers({"a": 30}), answers({"a": 30, "b": 30}))
    assert count(table) == {"a": 30}


def test_new_question_does_not_let_few_new_people_through() -> None:
    current = answers({"a": 33}).with_columns(ces=pl.lit(4))
    table, waiting = hold_back_answers(current, answers({"a": 30}))
    assert waiting == {"a": 3}
    assert table.columns == current.columns
    assert table["ces"].to_list() == [4] * 30


def test_fewest_people_can_only_be_raised() -> None:
    released = answers({"a": 50})
    assert hold_back_answers(answers({"a": 64}), released, minimum_n=15)[1] == {"a": 14}
    with pytest.raises(PrivacyError):
        hold_back_answers(released, released, minimum_n=5)


def test_nothing_new_is_the_same_release() -> None:
    released = answers({"a": 30, "b": 12})
    table, waiting = hold_back_answers(released.sample(fraction=1, shuffle=True, seed=1), released)
    assert_frame_equal(table, released.sort("response_id"))
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
