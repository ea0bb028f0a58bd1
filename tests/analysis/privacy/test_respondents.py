"""Tests of: Who answered, known again by their id or by all their answers."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.analysis.privacy.keyed_hash import hash_text, hash_texts
from pxanalysis.analysis.privacy.respondents import Respondents, find_places, identify_people

KEY = b"people"


def table(ids: list[str], answers: list[int | None], texts: list[str]) -> pl.DataFrame:
    columns = {"response_id": ids, "practice_id": "a", "mark": answers, "text": texts}
    return pl.DataFrame(columns, schema_overrides={"mark": pl.Int8})


def known(ids: list[str], answers: list[int | None], texts: list[str]) -> Respondents:
    return identify_people(table(ids, answers, texts), Respondents.empty(), KEY)


def test_another_id_with_the_same_answers_is_the_same_person() -> None:
    before = known(["1", "2", "3"], [7, 8, None], ["x", "y", "z"])
    now = identify_people(table(["9", "2", "8"], [7, 8, 5], ["x", "y", "z"]), before, KEY)
    assert now.codes.tolist() == [hash_text(KEY, one) for one in ("1", "2", "8")]


def test_who_is_still_there_is_nobody_else() -> None:
    before = known(["1"], [7], ["x"])
    now = identify_people(table(["1", "2"], [7, 7], ["x", "x"]), before, KEY)
    assert now.codes.tolist() == [hash_text(KEY, one) for one in ("1", "2")]


def test_two_with_the_same_answers_are_two_people() -> None:
    before = known(["1", "2"], [7, 7], ["x", "x"])
    assert len(set(before.contents.tolist())) == 2
    now = identify_people(table(["8", "9"], [7, 7], ["x", "x"]), before, KEY)
    assert set(now.codes.tolist()) == set(before.codes.tolist())


def test_who_was_gone_when_hashes_changed_is_known_again() -> None:
    """Contents of before are hashes of one text: all answers, and the place among those with the same."""
    before = Respondents(
        np.array([11, 12], dtype="<u8"), hash_texts(KEY, ["7\x1fx\x1f0", "\x00\x1fz\x1f1"]), np.ones(2, dtype=bool)
    )
    rows = table(["5", "8", "9"], [7, None, None], ["x", "z", "z"])
    now = identify_people(rows, before, KEY)
    assert now.codes.tolist() == [11, hash_text(KEY, "8"), 12]
    assert not now.older.any()


def test_renewed_keeps_all_and_says_what_they_answer_now() -> None:
    before = known(["1", "2"], [7, 8], ["x", "y"])
    now = identify_people(table(["2", "3"], [4, 5], ["y", "z"]), before, KEY)
    found = before.renewed(now)
    assert found.codes.tolist() == [*before.codes.tolist(), int(now.codes[1])]
    assert found.contents.tolist() == [int(before.contents[0]), *now.contents.tolist()]


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_places_are_those_of_the_last(numbers: list[int], wanted: list[int]) -> None:
    last = {one: place for place, one in enumerate(numbers)}
    found = find_places(np.array(numbers, dtype="<u8"), np.array(wanted, dtype="<u8"))
    assert found.tolist() == [last.get(one, -1) for one in wanted]
