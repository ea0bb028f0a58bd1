"""Tests of: Suppression of distributions: how many people gave each answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxanalysis.analysis.privacy import (
    MINIMUM_N,
    suppress_distributions,
)
from pxanalysis.errors import AnalysisError

# --- Distributions --------------------------------------------------------------------------------------------------


def distribution(practice: str, counts: list[int]) -> pd.DataFrame:
    base = sum(counts)
    frame = pd.DataFrame({"value": range(1, len(counts) + 1), "n": counts, "base": base})
    return frame.assign(practice_id=practice, outcome="ktv", share=np.array(counts) / max(base, 1))


def test_a_distribution_is_a_figure_on_its_base() -> None:
    parts = [distribution("a", [1, 0, 3, 8, 9]), distribution("b", [1, 1, 1, 2, 2]), distribution("c", [5, 5, 5, 5, 5])]
    pooled = sum(np.array(part["n"]) for part in parts)
    table = pd.concat([distribution("", list(pooled)), *parts], ignore_index=True)
    out = suppress_distributions(table)
    by_practice = out.groupby("practice_id")["suppressed"].agg(["all", "any"])
    # b is on seven people; a, the next smallest, is hidden so that b cannot be worked out from all together
    assert by_practice["all"].to_dict() == {"": False, "a": True, "b": True, "c": False}
    assert (by_practice["all"] == by_practice["any"]).all()
    assert out.loc[out["suppressed"], ["n", "base", "share"]].isna().all(axis=None)


def test_strict_hides_answers_of_few() -> None:
    table = distribution("a", [2, 15, 20, 30, 40])
    assert not suppress_distributions(table)["suppressed"].any()
    out = suppress_distributions(table, strict=True)
    assert out["suppressed"].tolist() == [True, True, False, False, False]
    unanimous = distribution("a", [0, 0, 0, 0, 25])
    assert suppress_distributions(unanimous, strict=True)["suppressed"].all()
    assert not suppress_distributions(unanimous)["suppressed"].any()


@given(st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_strict_distributions_withstand_the_attack(counts: list[list[int]]) -> None:
    parts = [distribution(f"p{i}", row) for i, row in enumerate(counts)]
    table = pd.concat(parts, ignore_index=True)
    out = suppress_distributions(table, strict=True)
    shown = out[~out["suppressed"]]
    assert (shown["n"] >= MINIMUM_N).all()
    # bases are known: in no distribution is a single answer left hidden, or hidden ones on fewer than ten together
    for practice, part in out.groupby("practice_id"):
        base = sum(counts[int(practice[1:])])
        rest = base - part.loc[~part["suppressed"], "n"].sum()
        if part["suppressed"].any() and base >= MINIMUM_N:
            assert part["suppressed"].sum() >= 2
            assert rest >= MINIMUM_N


def test_incomplete_distributions_are_refused() -> None:
    with pytest.raises(AnalysisError, match="base: expected"):
        suppress_distributions(distribution("a", [5, 10, 15]).iloc[1:])
