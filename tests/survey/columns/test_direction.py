"""Which way a question points: with the others, against them, or nobody can tell."""

from __future__ import annotations

import numpy as np

from pxanalysis.survey.columns.direction import Direction, find_directions, turn_to_content


def content(n: int = 200, k: int = 6) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    mood = rng.normal(size=n)
    return {f"q{i}": np.clip(np.round(3.8 + 0.7 * mood + 0.7 * rng.normal(size=n)), 1, 5) for i in range(k)}


def test_one_reversed_question_is_found() -> None:
    items = content()
    found = find_directions(items | {"q2": 6 - items["q2"]}, {})
    assert [name for name, one in found.items() if one.reversed] == ["q2"]


def test_half_and_half_is_a_question_about_all() -> None:
    items = content(k=4)
    found = find_directions(items | {name: 6 - items[name] for name in ("q0", "q1")}, {})
    assert all(one.reversed for one in found.values())


def test_ranks_run_against_each_other_and_none_is_reversed() -> None:
    """Who ranks one thing higher ranks the others lower: no wording is turned round by that."""
    ranks = np.argsort(np.random.default_rng(4).random((200, 5)), axis=1).astype(float)
    found = find_directions({f"q{i}": ranks[:, i] for i in range(5)}, {})
    assert not any(one.reversed for one in found.values())
    assert all(one.unknown for one in found.values())


def test_of_two_groups_against_each_other_the_discontent_one_is_reversed() -> None:
    """A 0-10 of recommendation stands against a file with 1 for the best: it is the only one that is right."""
    right, wrong = Direction(0.6, 90, reversed=False, unknown=False), Direction(-0.6, 90, reversed=True, unknown=False)
    found = {"one": right, "two": right, "nps": wrong}
    turned = turn_to_content(found, {"one": (0.2, 90), "two": (0.3, 90), "nps": (0.8, 90)})
    assert [name for name, one in turned.items() if one.reversed] == ["one", "two"]
    same = turn_to_content(found, {"one": (0.8, 90), "two": (0.7, 90), "nps": (0.3, 90)})
    assert same == found
