"""Tests of: Suppression in tidy frames: one row per cell, totals marked, any number of groupings."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from privacy_data import assert_safe, counts_2d, equations, with_totals

from pxanalysis.analysis.privacy import (
    SUPPRESSED,
    suppress,
)
from pxanalysis.errors import AnalysisError

counts_1d = st.lists(st.integers(0, 40), min_size=1, max_size=9)


# --- One total ------------------------------------------------------------------------------------------------------


def test_next_smallest_is_hidden_too() -> None:
    rows = pd.DataFrame({"practice_id": ["", "a", "b", "c", "d"], "n": [131, 6, 50, 20, 55], "mean": [7.5, 1, 2, 3, 4]})
    out = suppress(rows, values=["mean"])
    assert out["suppressed"].tolist() == [False, True, False, True, False]
    assert out.loc[out["suppressed"], ["n", "mean"]].isna().all(axis=None)
    assert set(out.loc[out["suppressed"], "reason"]) == {SUPPRESSED}
    assert set(out.loc[~out["suppressed"], "reason"]) == {""}


def test_hidden_cells_together_reach_the_minimum() -> None:
    """3 and 4 are hidden, but their sum would be on seven people: the next smallest goes too."""
    rows = pd.DataFrame({"practice_id": ["", "a", "b", "c", "d"], "n": [87, 3, 4, 30, 50]})
    assert suppress(rows)["suppressed"].tolist() == [False, True, True, True, False]


def test_two_small_ones_protect_each_other() -> None:
    rows = pd.DataFrame({"practice_id": ["", "a", "b", "c"], "n": [47, 8, 9, 30]})
    assert suppress(rows)["suppressed"].tolist() == [False, True, True, False]


def test_total_below_the_minimum() -> None:
    rows = pd.DataFrame({"practice_id": ["", "a", "b"], "n": [9, 4, 5]})
    assert suppress(rows)["suppressed"].all()


def test_nothing_small_nothing_hidden() -> None:
    rows = pd.DataFrame({"practice_id": ["", "a", "b"], "n": [50, 20, 30], "mean": [7.0, 8.0, 9.0]})
    out = suppress(rows, values=["mean"])
    assert not out["suppressed"].any()
    pd.testing.assert_frame_equal(out[rows.columns], rows)


def test_people_outside_the_listed_parts_count() -> None:
    """Of 53 patients 20 are men and 30 women; the three others can be worked out, so a listed cell is hidden."""
    rows = pd.DataFrame({"sex": ["", "m", "f"], "n": [53, 20, 30]})
    assert suppress(rows, groups=["sex"])["suppressed"].tolist() == [False, True, False]
    plenty = pd.DataFrame({"sex": ["", "m", "f"], "n": [70, 20, 30]})
    assert not suppress(plenty, groups=["sex"])["suppressed"].any()


def test_total_that_is_not_listed_is_taken_as_known() -> None:
    rows = pd.DataFrame({"period": ["2025-01", "2025-02", "2025-03"], "n": [4, 30, 40]})
    assert suppress(rows, groups=["period"])["suppressed"].tolist() == [True, True, False]


@given(counts_1d, st.booleans(), st.sampled_from([10, 15]))
def test_one_total_withstands_the_attack(counts: list[int], listed: bool, minimum: int) -> None:
    cells = pd.DataFrame({"practice_id": [f"p{i}" for i in range(len(counts))], "n": counts})
    rows = with_totals(cells, ["practice_id"]) if listed else cells
    out = suppress(rows, hide_n=False, minimum_n=minimum)
    attack = out
    if not listed and sum(counts) >= minimum:
        known = pd.DataFrame({"practice_id": [""], "n": [sum(counts)], "suppressed": [False]})
        attack = pd.concat([out, known], ignore_index=True)
    assert_safe(attack, cells, ["practice_id"], minimum)
    if min(counts) >= minimum:
        assert not out["suppressed"].any()


@given(counts_2d, st.sampled_from(["row", "column", "both", "empty"]))
def test_frames_with_gaps_withstand_the_attack(counts: list[list[int]], gap: str) -> None:
    """People in totals who are in no listed row or column (sex unknown), and combinations without people left out."""
    table = np.array(counts)
    labels = [(f"r{i}", f"c{j}") for i, j in itertools.product(*map(range, table.shape))]
    groups = ["practice_id", "sex"]
    cells = pd.DataFrame(labels, columns=groups).assign(n=table.ravel())
    rows = with_totals(cells, groups)
    unlisted = {"row": rows["practice_id"] == "r0", "column": rows["sex"] == "c0"}
    unlisted["both"] = unlisted["row"] | unlisted["column"]
    unlisted["empty"] = rows["n"] == 0
    shown = rows[~unlisted[gap]].reset_index(drop=True)
    assert_safe(suppress(shown, groups=groups, hide_n=False), cells, groups)


def test_missing_combinations_with_people_are_refused() -> None:
    cells = pd.MultiIndex.from_product([["a", "b"], ["f", "m"]], names=["practice_id", "sex"]).to_frame(index=False)
    rows = with_totals(cells.assign(n=[20, 30, 40, 50]), ["practice_id", "sex"])
    with pytest.raises(AnalysisError, match="must be listed"):
        suppress(rows.iloc[1:], groups=["practice_id", "sex"])


@pytest.mark.slow
@given(st.lists(st.one_of(st.integers(0, 15), st.integers(0, 50)), min_size=8, max_size=8))
def test_three_groupings_withstand_the_attack(counts: list[int]) -> None:
    groups = ["practice_id", "sex", "period"]
    cells = pd.MultiIndex.from_product([["a", "b"], ["f", "m"], ["1", "2"]], names=groups).to_frame(index=False)
    cells["n"] = counts
    assert_safe(suppress(with_totals(cells, groups), groups=groups, hide_n=False), cells, groups)


def test_weighted_sums_do_not_give_a_hidden_mean() -> None:
    """Means obey the same sums: least squares over every published n·mean leaves each hidden mean undetermined."""
    rng = np.random.default_rng(1)
    cells = pd.MultiIndex.from_product([list("abcd"), ["f", "m"]], names=["practice_id", "sex"]).to_frame(index=False)
    cells["n"] = [4, 30, 25, 40, 50, 60, 12, 33]
    cells["mean"] = rng.uniform(5, 9, 8)
    cells["total"] = cells["n"] * cells["mean"]
    groups = ["practice_id", "sex"]
    rows = with_totals(cells, groups)
    sums = with_totals(cells.assign(n=cells["total"]), groups)["n"]
    out = suppress(rows.assign(mean=sums / rows["n"]), values=["mean"], groups=groups)
    shown = ~out["suppressed"].to_numpy()
    left, _ = equations(rows.assign(suppressed=~shown), cells, groups)
    projector = np.linalg.pinv(left) @ left
    hidden = out["suppressed"].to_numpy()[:8]
    assert hidden[0]
    assert (np.abs(np.diag(projector)[hidden] - 1) > 1e-6).all()
    assert out.loc[out["suppressed"], "mean"].isna().all()


def test_unrelated_tables_are_done_by_themselves() -> None:
    one = pd.DataFrame({"practice_id": ["", "a", "b", "c"], "n": [56, 6, 20, 30], "outcome": "ktv"})
    two = pd.DataFrame({"practice_id": ["", "a", "b", "c"], "n": [70, 20, 20, 30], "outcome": "nps"})
    out = suppress(pd.concat([one, two], ignore_index=True), within=["outcome"])
    assert out["suppressed"].tolist() == [False, True, True, False, False, False, False, False]


def test_rows_hidden_before_stay_hidden_and_are_protected() -> None:
    rows = pd.DataFrame(
        {"practice_id": ["", "a", "b", "c"], "n": [110, 40, 30, 40], "suppressed": [False, True, False, False]}
    )
    out = suppress(rows)
    assert out["suppressed"].tolist() == [False, True, True, False]


@pytest.mark.parametrize("dtype", ["int64", "Int64", "float64", "Float64", "object"])
def test_counts_of_any_dtype(dtype: str) -> None:
    rows = pd.DataFrame(
        {"practice_id": ["a", "b", "c"], "n": pd.Series([6, 20, 30], dtype=dtype), "mean": [1.0, 2.0, 3.0]}
    )
    before = rows.copy()
    out = suppress(rows, values=["mean"])
    assert out["suppressed"].tolist() == [True, True, False]
    assert out["n"].isna().tolist() == [True, True, False]
    pd.testing.assert_frame_equal(rows, before)


@pytest.mark.parametrize("kind", ["category", "string", "int", "bool"])
def test_groups_of_any_dtype(kind: str) -> None:
    keys = {
        "category": pd.Categorical(["x", "y", "z"]),
        "string": pd.array(["x", "y", "z"], dtype="string"),
        "int": [1, 2, 3],
        "bool": [True, False, True],
    }[kind]
    rows = pd.DataFrame({"key": keys, "other": ["p", "p", "q"], "n": [6, 20, 30]})
    out = suppress(rows, groups=["key"], within=["other"])
    assert out["suppressed"].tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ({"practice_id": ["a"], "n": [None]}, {}, "whole numbers of people"),
        ({"practice_id": ["a"], "n": [-1]}, {}, "whole numbers of people"),
        ({"practice_id": ["a"], "n": [10.5]}, {}, "whole numbers of people"),
        ({"practice_id": ["a"], "n": ["many"]}, {}, "whole numbers of people"),
        ({"practice_id": ["a", "a"], "n": [20, 30]}, {}, "two rows for one cell"),
        ({"practice_id": ["", "a", "b"], "n": [20, 15, 15]}, {}, "Parts must be disjoint"),
        ({"practice_id": [None, "a"], "n": [20, 15]}, {}, "missing values"),
        ({"practice_id": ["a"], "n": [20]}, {"values": ["mean"]}, "'mean' is not there"),
        ({"practice_id": ["a"], "n": [20]}, {"groups": []}, "received none"),
    ],
)
def test_unusable_frames_are_refused(rows: dict[str, list[object]], options: dict[str, object], message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        suppress(pd.DataFrame(rows), **options)


def test_empty_frame() -> None:
    out = suppress(pd.DataFrame({"practice_id": pd.Series(dtype=str), "n": pd.Series(dtype=int)}))
    assert len(out) == 0
    assert "suppressed" in out
