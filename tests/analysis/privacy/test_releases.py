"""Tests of: Differences between releases: what two publications together say about the few who came in between."""

from __future__ import annotations

import math

import pytest
from privacy_data import release

from pxanalysis.analysis.privacy import (
    HELD_BACK,
    guard_release_difference,
    suppress,
)
from pxanalysis.errors import AnalysisError


def test_few_new_answers_are_not_renewed() -> None:
    old = release({"a": 30, "b": 40, "c": 50})
    new = release({"a": 33, "b": 70, "c": 90}, {"a": 6.5, "b": 7.5, "c": 7.9, "": 7.5})
    out = guard_release_difference(old, new, values=["mean"]).set_index("practice_id")
    assert out.loc["a", "held_back"]
    assert out.loc["a", "reason"] == HELD_BACK
    assert math.isnan(out.loc["a", "mean"])
    # a and b together hide the change of a; the total and c are shown
    assert out["held_back"].to_dict() == {"a": True, "b": True, "c": False, "": False}
    kept = guard_release_difference(old, new, values=["mean"], keep_previous=True).set_index("practice_id")
    assert kept.loc["a", ["n", "mean"]].tolist() == [30, 7.0]
    assert not kept["suppressed"].any()
    assert kept["held_back"].sum() == 2


def test_nothing_new_or_plenty_new_is_shown() -> None:
    old = release({"a": 30, "b": 40})
    assert not guard_release_difference(old, old, values=["mean"])["suppressed"].any()
    new = release({"a": 40, "b": 50}, {"a": 8.0})
    assert not guard_release_difference(old, new, values=["mean"])["suppressed"].any()


def test_few_new_in_all_holds_everything_back() -> None:
    old, new = release({"a": 30, "b": 40}), release({"a": 33, "b": 44})
    assert guard_release_difference(old, new, values=["mean"])["suppressed"].all()


def test_replaced_people_are_not_renewed() -> None:
    old, new = release({"a": 30, "b": 40, "c": 50}), release({"a": 30, "b": 40, "c": 50}, {"a": 6.9})
    out = guard_release_difference(old, new, values=["mean"]).set_index("practice_id")
    assert out.loc["a", "held_back"]
    assert out["held_back"].sum() == 2


def test_people_who_were_removed_count_as_well() -> None:
    old, new = release({"a": 60, "b": 40, "c": 50}), release({"a": 57, "b": 70, "c": 50})
    out = guard_release_difference(old, new, values=["mean"]).set_index("practice_id")
    assert out.loc["a", "held_back"]


def test_new_practice_is_no_difference() -> None:
    old, new = release({"a": 30, "b": 40}), release({"a": 30, "b": 40, "c": 20})
    assert not guard_release_difference(old, new, values=["mean"])["suppressed"].any()


def test_previous_release_needs_its_numbers() -> None:
    old = suppress(release({"a": 3, "b": 40, "c": 50}))
    with pytest.raises(AnalysisError, match="do not hide them first"):
        guard_release_difference(old, release({"a": 20, "b": 60, "c": 80}))
