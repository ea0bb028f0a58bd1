"""Nobody works out fewer than ten people from dentists' pages: one beside another, and over releases."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.analysis.privacy.dentists import ShownDentists, show_dentist
from pxanalysis.errors import PrivacyError

COUNTS = st.fixed_dictionaries({name: st.integers(0, 30) for name in ["a", "b", "c", ""]})


@pytest.mark.parametrize("left", [1, 9])
def test_practice_minus_the_dentist_leaves_nobody_or_ten(left: int) -> None:
    with pytest.raises(PrivacyError, match="could be worked out"):
        show_dentist("a", {"a": 40, "": left})
    assert show_dentist("a", {"a": 40}).shown == {"a"}
    assert show_dentist("a", {"a": 40, "b": left, "": 10 - left}).shown == {"a"}


def test_second_dentist_is_refused_when_few_are_left_over() -> None:
    counts = {"a": 40, "b": 30, "c": 4}
    first = show_dentist("a", counts)
    with pytest.raises(PrivacyError, match="could be worked out"):
        show_dentist("b", counts, [first])
    assert show_dentist("a", counts, [first]).shown == {"a"}


@pytest.mark.parametrize(
    "later",
    [
        {"a": 43, "b": 50},  # three new patients of a
        {"a": 60, "b": 33},  # three new ones of the others
        {"a": 39, "b": 50},  # one of a was forgotten
    ],
)
def test_few_who_came_or_went_between_two_releases_are_not_shown(later: dict[str, int]) -> None:
    first = show_dentist("a", {"a": 40, "b": 30})
    with pytest.raises(PrivacyError, match="could be worked out"):
        show_dentist("a", later, [first])
    assert show_dentist("a", {"a": 50, "b": 30}, [first]).shown == {"a"}


def test_others_of_an_earlier_release_are_not_told_by_a_later_dentist() -> None:
    first = show_dentist("a", {"a": 40, "b": 30, "c": 4})
    with pytest.raises(PrivacyError, match="could be worked out"):
        show_dentist("b", {"a": 40, "b": 30, "c": 24}, [first])


@pytest.mark.parametrize("counts", [{"a": 9, "b": 50}, {"b": 50}, {"a": 0}])
def test_few_or_unknown_answers_give_one_sentence_without_a_number_of_people(counts: dict[str, int]) -> None:
    with pytest.raises(PrivacyError, match="fewer than 10 answers") as refused:
        show_dentist("a", counts)
    assert "9" not in str(refused.value)


def test_answers_without_a_dentist_are_nobodys_page() -> None:
    with pytest.raises(PrivacyError):
        show_dentist("", {"": 50})


@given(st.lists(st.tuples(st.sampled_from("abc"), COUNTS), min_size=1, max_size=4))
def test_attacker_never_isolates_one_to_nine(asked: list[tuple[str, dict[str, int]]]) -> None:
    """Whatever was let through: each dentist, sum of dentists and practice minus them, then and now, is 0 or ten."""
    before: list[ShownDentists] = []
    for dentist, counts in asked:
        try:
            before.append(show_dentist(dentist, counts, before))
        except PrivacyError:
            continue
    for place, page in enumerate(before):
        known = before[place].shown
        for some in itertools.chain.from_iterable(itertools.combinations(sorted(known), r) for r in range(4)):
            left = sum(page.counts.values()) - sum(page.counts[one] for one in some)
            assert left == 0 or left >= 10
        for earlier in before[:place]:
            for one in earlier.shown:
                grown = page.counts[one] - earlier.counts[one]
                assert grown == 0 or grown >= 10
