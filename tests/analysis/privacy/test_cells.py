"""Who counts in a cell: blocks of people, of one month where that can be, and none that a few can be told from."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.analysis.privacy.cells import Block, Cell, divide_periods, find_block, renew_cell

MINIMUM = 10


def people(*numbers: int, period: str = "") -> dict[int, str]:
    return dict.fromkeys(range(*numbers), period)


def first(n: int = 30) -> Cell:
    return renew_cell(Cell(), people(n), MINIMUM)[0]


@pytest.mark.parametrize(("now", "expected"), [(30, "same"), (39, "same"), (40, "renewed")])
def test_new_people_count_from_ten_on(now: int, expected: str) -> None:
    cell, change = renew_cell(first(), people(now), MINIMUM)
    assert change == expected
    assert len(cell.people) == (30 if expected == "same" else now)


@pytest.mark.parametrize(
    ("gone", "came", "expected"),
    [(1, 0, "broken"), (1, 9, "broken"), (1, 10, "renewed"), (12, 0, "broken"), (12, 10, "renewed")],
)
def test_after_a_withdrawal_ten_must_have_come(gone: int, came: int, expected: str) -> None:
    cell, change = renew_cell(first(), people(gone, 30 + came), MINIMUM)
    assert change == expected
    assert cell.people == (frozenset(range(30)) if expected == "broken" else frozenset(range(gone, 30 + came)))


def test_a_block_that_left_as_a_whole_is_out_at_once() -> None:
    two = renew_cell(first(12), people(30), MINIMUM)[0]
    cell, change = renew_cell(two, people(12, 30), MINIMUM)
    assert (change, cell.people) == ("renewed", frozenset(range(12, 30)))


def test_blocks_are_of_one_month_else_of_one_quarter_else_of_several() -> None:
    present = people(12, period="2026-01") | people(12, 18, period="2026-02") | people(18, 23, period="2026-03")
    present |= people(23, 30, period="2026-05") | people(30, 33, period="2026-08")
    few, _ = renew_cell(Cell(), present, MINIMUM)
    sizes = {block.period: len(block.people) for block in few.blocks}
    assert sizes == {"2026-Q1": 23, "": 10}, "few months have enough"
    names = [f"2025-{month:02d}" for month in range(1, 6)]
    many = {name: people(100 * place + 100, 100 * place + 110, period=name) for place, name in enumerate(names)}
    for month in many.values():
        present |= month
    cell, _ = renew_cell(Cell(), present, MINIMUM)
    found = {block.period: sorted(block.people) for block in cell.blocks if block.period not in many}
    assert found == {
        "2026-01": [*range(12)],
        "2026-Q1": [*range(12, 23)],
        "": [*range(23, 33)],
    }


def test_few_of_a_month_that_is_over_count_with_those_of_another() -> None:
    present = people(12, period="2026-01") | people(12, 15, period="2026-02")
    cell, _ = renew_cell(Cell(), present, MINIMUM)
    assert cell.blocks == (Block("2026-Q1", frozenset(range(15))),)
    waits, _ = renew_cell(Cell(), present, MINIMUM, still_open={"2026-02"})
    assert waits.blocks == (Block("2026-01", frozenset(range(12))),)


def test_a_withheld_cell_comes_back_with_new_people_only() -> None:
    withheld = first().withhold()
    assert renew_cell(withheld, people(1, 30), MINIMUM)[1] == "same"
    back, change = renew_cell(withheld, people(1, 40), MINIMUM)
    assert change == "renewed"
    assert back.people == frozenset(range(1, 40))


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 1)), min_size=2, max_size=8), st.randoms())
def test_no_combination_of_releases_is_on_fewer_than_ten(steps: list[tuple[int, int]], random: object) -> None:
    """Whatever is added to or taken from what: sums of releases, and multiples, are on ten people or on nobody."""
    cell, present, number, releases = Cell(), {}, 0, []
    for came, left in steps:
        for _ in range(left if len(present) > 1 else 0):
            present.pop(sorted(present)[random.randrange(len(present))])  # type: ignore[attr-defined]
        present |= people(number, number + came)
        number += came
        cell, _ = renew_cell(cell, present, MINIMUM)
        releases.append(cell.people)
    everybody = sorted(frozenset().union(*releases))
    matrix = np.array([[one in release for one in everybody] for release in releases], dtype=float)
    support = (_combinations(matrix) != 0).sum(axis=1)
    assert set(support[support < MINIMUM]) <= {0}


def _combinations(matrix: np.ndarray) -> np.ndarray:
    """Sums of all releases with whole multiples of -2 to 2 for up to four of them."""
    found = []
    for chosen in combinations(range(len(matrix)), min(4, len(matrix))):
        for multiples in product(range(-2, 3), repeat=len(chosen)):
            found.append(np.asarray(multiples) @ matrix[list(chosen)])
    return np.array(found)


@given(st.lists(st.sets(st.integers(1, 60), max_size=9), min_size=1, max_size=4), st.lists(st.integers(1, 60)))
def test_a_hash_is_in_the_block_that_holds_it(sets: list[set[int]], hashes: list[int]) -> None:
    apart = [own.difference(*sets[:place]) for place, own in enumerate(sets)]
    found = find_block([Block("", own) for own in apart], np.array(hashes, dtype="<u8"))
    assert found.tolist() == [next((at for at, own in enumerate(apart) if one in own), -1) for one in hashes]


@given(st.integers(10, 25), st.integers(0, 8), st.booleans(), st.integers(10, 20))
def test_a_cell_that_is_joined_is_as_when_it_is_renewed(now: int, gone: int, twice: bool, came: int) -> None:
    cell = renew_cell(first(now), people(gone, now + 12), MINIMUM)[0]
    if twice:
        cell = renew_cell(cell, people(gone, now + 30), MINIMUM)[0]
    new = Block("2026-01", frozenset(range(100, 100 + came)))
    assert cell.joined((new,)) == cell.renewed((*cell.blocks, new))


@given(st.permutations(["", "2026-01", "2026-02", "2026-03", "2026-Q1", "2026-05", "2026-06"]), st.data())
def test_periods_are_divided_alike_in_any_order(periods: list[str], data: st.DataObject) -> None:
    counts = {one: data.draw(st.integers(1, 14)) for one in periods}
    if sum(counts.values()) < MINIMUM:
        counts["2026-05"] += MINIMUM
    found = divide_periods(counts, MINIMUM, {"2026-06"})
    assert found == divide_periods(dict(sorted(counts.items())), MINIMUM, {"2026-06"})
    assert all(sum(counts[one] for one in own) >= MINIMUM for _, own in found)
    divided = [one for _, own in found for one in own]
    assert len(divided) == len(set(divided))
    assert set(counts) - set(divided) <= {"2026-06"}
