"""Tests of: From how many people on a figure, or a text, may be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from privacy_data import bounds, equations, known_groups, release, suppress_table

from pxanalysis.analysis.privacy import (
    MINIMUM_N,
    check_minimum_n,
    guard_release_difference,
    suppress,
)
from pxanalysis.errors import PrivacyError

# --- The floor ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minimum", [9, 0, -1, 10.0, 9.99, True, None, "10"])
def test_minimum_cannot_be_lowered(minimum: object) -> None:
    with pytest.raises(PrivacyError, match="at least 10"):
        check_minimum_n(minimum)
    with pytest.raises(PrivacyError):
        suppress(pd.DataFrame({"practice_id": ["a"], "n": [50]}), minimum_n=minimum)
    with pytest.raises(PrivacyError):
        suppress_table(np.array([[50]]), minimum)


def test_minimum_can_be_raised() -> None:
    assert check_minimum_n(np.int64(25)) == 25
    rows = pd.DataFrame({"practice_id": ["a", "b", "c"], "n": [20, 40, 60]})
    assert suppress(rows)["suppressed"].sum() == 0
    assert suppress(rows, minimum_n=25)["suppressed"].tolist() == [True, True, False]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.one_of(st.integers(0, 12), st.integers(0, 40))), min_size=1, max_size=5)
)
@settings(max_examples=35, deadline=None)
def test_two_releases_withstand_the_attack(pairs: list[tuple[int, int]]) -> None:
    """Unknown are each practice's earlier and new people; what both releases show are equations in them."""
    names = [f"p{i}" for i in range(len(pairs))]
    old = suppress(release(dict(zip(names, [p for p, _ in pairs], strict=True))), hide_n=False)
    new = release(dict(zip(names, [p + d for p, d in pairs], strict=True)))
    out = guard_release_difference(old, new)
    out["n"] = new["n"]
    cells = pd.DataFrame({"practice_id": names})
    left_old, right_old = equations(old, cells, ["practice_id"])
    left_new, right_new = equations(out, cells, ["practice_id"])
    k = len(pairs)
    left = np.vstack([np.hstack([left_old, np.zeros_like(left_old)]), np.hstack([left_new, left_new])])
    right = np.concatenate([right_old, right_new])
    people = np.array([p for p, _ in pairs] + [d for _, d in pairs], dtype=float)
    assert (out.loc[~out["suppressed"], "n"] >= MINIMUM_N).all()
    sizes = known_groups(left, people, limit=10)
    assert all(size >= MINIMUM_N for size in sizes)
    for i in range(k):
        if 0 < pairs[i][1] < MINIMUM_N:
            assert bounds(left, right, k + i)[1] >= MINIMUM_N - 1e-6
