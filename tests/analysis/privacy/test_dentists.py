"""Blocks are divided among dentists so that nothing on one to nine people can be worked out from any sums of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxanalysis.analysis.privacy.dentists import (
    OTHERS,
    Blocks,
    DentistPart,
    divide,
    fewest_in_a_cut,
    renew_dentist_parts,
    shown_people,
)

MINIMUM = 10
PLACE = ("p", "ktv")


def block(start: int, **sizes: int) -> dict[int, str]:
    """People with numbers from ``start``; ``none`` for those whose dentist is not known."""
    dentists = [name if name != "none" else OTHERS for name, n in sizes.items() for _ in range(n)]
    return dict(enumerate(dentists, start))


def sizes(table: dict[str, frozenset[int]] | None) -> dict[str, int] | None:
    return None if table is None else {name: len(people) for name, people in table.items()}


@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_a_least_cut_is_the_fewest_behind_any_sum_of_sums(table: list[list[int]]) -> None:
    """Held against every sum with multiples from -2 to 2, which give each cell that of its row and of its column."""
    counts = np.array(table)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    if not counts.size:
        return
    multiples = [np.array(one) for one in itertools.product(range(-1, 2), repeat=counts.shape[0])]
    columns = [np.array(one) for one in itertools.product(range(-1, 2), repeat=counts.shape[1])]
    behind = (int(counts[(rows[:, None] + own[None, :]) != 0].sum()) for rows in multiples for own in columns)
    assert fewest_in_a_cut(counts) == min(n for n in behind if n)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([block(0, a=40)], {"a": 40}),
        ([block(0, a=40, b=30)], {"a": 40, "b": 30}),
        ([block(0, a=40, b=4)], {"a": 34, OTHERS: 10}),
        ([block(0, a=40, b=30, none=1)], {"a": 31, "b": 30, OTHERS: 10}),
        ([block(0, a=15, b=4)], None),
        ([block(0, a=9, b=40)], None),
        ([block(0, b=40)], None),
        ([block(0, a=40), block(40, b=40)], {"a": 40, "b": 40}),
        ([block(0, a=40, b=3), block(43, b=40)], None),
        ([block(0, a=40, b=3, c=15), block(58, b=40, c=15)], {"a": 40, "b": 43, "c": 30}),
    ],
)
def test_dentists_beside_each_other_leave_nobody_or_ten(
    rows: list[dict[int, str]], expected: dict[str, int] | None
) -> None:
    assert sizes(divide(rows, "a", MINIMUM)) == expected


@given(
    st.lists(st.fixed_dictionaries({name: st.integers(0, 25) for name in ["a", "b", "c", "none"]}), max_size=4),
    st.sampled_from("abc"),
)
@settings(max_examples=80, deadline=None)
def test_whatever_is_divided_holds(found: list[dict[str, int]], asked: str) -> None:
    rows = [block(1000 * i, **one) for i, one in enumerate(found) if sum(one.values()) >= MINIMUM]
    table = divide(rows, asked, MINIMUM)
    if table is None:
        return
    assert asked in table
    assert all(len(people) >= MINIMUM for people in table.values())
    assert frozenset().union(*table.values()) == frozenset().union(*rows)
    assert all(row.get(one, name) == name for name in table.keys() - {OTHERS} for row in rows for one in table[name])


def renew(rows: list[dict[int, str]], before: list[DentistPart], asked: str = "a", gone: int = -1) -> list[DentistPart]:
    present = {one: name for row in rows for one, name in row.items() if one != gone}
    whole = [row for row in rows if gone not in row]
    return renew_dentist_parts(PLACE, Blocks(whole), before, present, asked, MINIMUM)


def test_a_block_is_divided_once_and_later_blocks_add_to_it() -> None:
    first, second = block(0, a=40, b=30), block(100, a=12, b=14)
    parts = renew([first], [])
    assert renew([first], parts) == parts
    assert renew([first], parts, "b") == parts, "the second page asks nothing new"
    later = renew([first, second], parts)
    assert {(one.dentist, len(one.people)) for one in later} == {("a", 40), ("b", 30), ("a", 12), ("b", 14)}


def test_a_page_that_shows_something_waits_where_colleagues_would_lose_many() -> None:
    first, second = block(0, a=40, b=30), block(100, a=20, b=9)
    parts = renew([first], [])
    assert renew([first, second], parts) == parts
    assert renew([first, second, block(200, a=5, b=5)], parts) != parts


def test_who_left_cannot_be_told_from_the_pages_before_and_after() -> None:
    """Shown again without them only with ten new patients, and with others in the same table."""
    first = block(0, a=40, b=30)
    present = {one: name for one, name in first.items() if one != 0}
    parts = renew([first], [])
    assert shown_people(parts, "a", present) == frozenset()
    assert len(shown_people(parts, "b", present)) == 30
    second = block(100, a=25, b=14)
    mended = renew([first, second], parts, gone=0)
    now = present | second
    own = shown_people(mended, "a", now)
    assert 0 not in own
    assert len(own - first.keys()) >= MINIMUM
    assert len([one for one in mended if one.dentist == OTHERS and len(one.people) >= MINIMUM]) == 1


def test_who_was_put_under_another_dentist_is_on_neither_page() -> None:
    first = block(0, a=40, b=30)
    parts = renew([first], [])
    corrected = first | {0: "b"}
    assert shown_people(parts, "a", corrected) == frozenset()
    assert 0 not in shown_people(parts, "b", corrected)
    second = block(100, a=25, b=14)
    mended = renew([corrected, second], parts)
    for dentist in "ab":
        assert 0 not in shown_people(mended, dentist, corrected | second)
