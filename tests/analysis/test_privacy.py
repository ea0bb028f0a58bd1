"""Attacks on what is shown: nothing on fewer than ten people may be read or worked out.

The attacks below know only the frames that come out. They are written apart from the suppression: every shown row is an
equation in the people of the smallest cells; linear algebra and linear programming do the rest.
"""

from __future__ import annotations

import itertools
import math
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pxanalysis.analysis.privacy import (
    HELD_BACK,
    MINIMUM_N,
    SUPPRESSED,
    CellSystem,
    cell_bounds,
    check_minimum_n,
    comments_allowed,
    find_derivable,
    guard_release_difference,
    suppress,
    suppress_cells,
    suppress_distributions,
    suppress_table,
    table_system,
)
from pxanalysis.errors import AnalysisError, PrivacyError

# --- Attacks --------------------------------------------------------------------------------------------------------


def equations(rows: pd.DataFrame, cells: pd.DataFrame, groups: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """One equation per shown row: which of the smallest cells it counts, and how many people that is."""
    shown = rows[~rows["suppressed"]]
    left = np.array(
        [
            np.all([(cells[name] == row[name]) | (row[name] == "") for name in groups], axis=0)
            for _, row in shown.iterrows()
        ],
        dtype=float,
    ).reshape(len(shown), len(cells))
    return left, shown["n"].to_numpy(float)


def known_groups(left: np.ndarray, people: np.ndarray, limit: int = 11) -> list[float]:
    """Sizes of all groups of cells whose sum follows from the equations (all 0/1 vectors in the row space)."""
    if left.shape[1] > limit or not len(left):
        return []
    projector = np.linalg.pinv(left) @ left
    groups = np.array(list(itertools.product([0.0, 1.0], repeat=left.shape[1])))[1:]
    known = np.abs(groups @ projector - groups).max(axis=1) < 1e-8
    return [float(size) for size in groups[known] @ people if size > 0]


def bounds(left: np.ndarray, right: np.ndarray, cell: int) -> tuple[float, float]:
    """Smallest and largest number of people a cell can hold, given the equations and that no number is negative."""
    direction = np.zeros(left.shape[1])
    direction[cell] = 1.0
    edges = []
    for sign in (1.0, -1.0):
        equal = {"A_eq": left, "b_eq": right} if len(left) else {}
        found = linprog(sign * direction, bounds=(0, 1e6), method="highs", **equal)
        edges.append(float(found.x[cell]))
    return edges[0], edges[1]


def assert_safe(rows: pd.DataFrame, truth: pd.DataFrame, groups: list[str], minimum: int = MINIMUM_N) -> None:
    """Nothing on fewer than the minimum can be read, added up or pinned down."""
    people = truth.groupby(groups, sort=False)["n"].sum()
    cells = people.index.to_frame(index=False)
    size = people.to_numpy(float)
    assert (rows.loc[~rows["suppressed"], "n"] >= minimum).all()
    left, right = equations(rows, cells, groups)
    assert all(total >= minimum for total in known_groups(left, size))
    listed = rows[rows["suppressed"]]
    for position, cell in cells.iterrows():
        hidden = np.all([listed[name] == cell[name] for name in groups], axis=0).any()
        if hidden:
            low, high = bounds(left, right, int(position))
            assert high >= minimum - 1e-6
            assert high - low > 1e-6


def with_totals(cells: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    """Cells together with all their totals, marked ""."""
    parts = []
    for keep in itertools.product([True, False], repeat=len(groups)):
        part = cells.copy()
        for name, stays in zip(groups, keep, strict=True):
            if not stays:
                part[name] = ""
        parts.append(part.groupby(groups, as_index=False, sort=False)["n"].sum())
    return pd.concat(parts, ignore_index=True)


counts_1d = st.lists(st.integers(0, 40), min_size=1, max_size=9)
counts_2d = st.integers(1, 4).flatmap(
    lambda rows: st.integers(1, 4).flatmap(
        lambda columns: st.lists(
            st.lists(st.one_of(st.integers(0, 12), st.integers(0, 60)), min_size=columns, max_size=columns),
            min_size=rows,
            max_size=rows,
        )
    )
)

# --- The floor ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minimum", [9, 0, -1, 10.0, 9.99, True, None, "10"])
def test_minimum_cannot_be_lowered(minimum: object) -> None:
    with pytest.raises(PrivacyError, match="at least 10"):
        check_minimum_n(minimum)
    with pytest.raises(PrivacyError):
        suppress(pd.DataFrame({"practice_id": ["a"], "n": [50]}), minimum_n=minimum)
    with pytest.raises(PrivacyError):
        suppress_table(np.array([[50]]), minimum)
    with pytest.raises(PrivacyError):
        comments_allowed(50, minimum)


def test_minimum_can_be_raised() -> None:
    assert check_minimum_n(np.int64(25)) == 25
    rows = pd.DataFrame({"practice_id": ["a", "b", "c"], "n": [20, 40, 60]})
    assert suppress(rows)["suppressed"].sum() == 0
    assert suppress(rows, minimum_n=25)["suppressed"].tolist() == [True, True, False]


def test_comments() -> None:
    assert [comments_allowed(n) for n in (0, 9, 10, 11)] == [False, False, True, True]
    assert not comments_allowed(14, 15)


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
@settings(max_examples=50, deadline=None)
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


# --- Two and three groupings ----------------------------------------------------------------------------------------


@given(counts_2d)
@settings(max_examples=35, deadline=None)
def test_two_way_tables_withstand_the_attack(counts: list[list[int]]) -> None:
    table = np.array(counts)
    hidden = suppress_table(table)
    system = table_system(table)
    assert not find_derivable(system, hidden.ravel()).any()
    low, high = cell_bounds(system, hidden.ravel())
    assert (high[hidden.ravel()] >= MINIMUM_N - 1e-6).all()
    assert (high[hidden.ravel()] - low[hidden.ravel()] > 1e-6).all()
    labels = [(f"r{i}", f"c{j}") for i, j in itertools.product(*map(range, table.shape))]
    cells = pd.DataFrame(labels, columns=["practice_id", "sex"]).assign(n=table.ravel())
    names = {
        "practice_id": [*[f"r{i}" for i in range(table.shape[0])], ""],
        "sex": [*[f"c{j}" for j in range(table.shape[1])], ""],
    }
    full = pd.MultiIndex.from_product([names["practice_id"], names["sex"]], names=list(names)).to_frame(index=False)
    full["suppressed"] = hidden.ravel()
    full["n"] = system.counts
    assert_safe(full, cells, ["practice_id", "sex"])


@given(counts_2d, st.sampled_from(["row", "column", "both", "empty"]))
@settings(max_examples=35, deadline=None)
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


@given(st.lists(st.one_of(st.integers(0, 15), st.integers(0, 50)), min_size=8, max_size=8))
@settings(max_examples=30, deadline=None)
def test_three_groupings_withstand_the_attack(counts: list[int]) -> None:
    groups = ["practice_id", "sex", "period"]
    cells = pd.MultiIndex.from_product([["a", "b"], ["f", "m"], ["1", "2"]], names=groups).to_frame(index=False)
    cells["n"] = counts
    assert_safe(suppress(with_totals(cells, groups), groups=groups, hide_n=False), cells, groups)


def test_group_that_follows_from_rows_and_columns() -> None:
    """No single margin gives it away: rows 1 and 2 minus column 1 leave seven people in the other hidden cells."""
    hidden = np.zeros((4, 4), dtype=bool)
    hidden[0, :2] = hidden[1, :2] = hidden[2, 1:3] = hidden[1, 2] = True
    counts = np.array([[20, 3, 50], [25, 4, 2], [60, 12, 30]])
    system = table_system(counts)
    # hidden cells of rows 1-2 outside column 1: 3 + 4 + 2 people, a sum of shown margins
    left = np.zeros(16)
    left[[1, 5, 6]] = 1.0
    assert system.counts @ left == 9
    fixed = suppress_cells(system, hidden=hidden.ravel(), last=np.zeros(16, dtype=bool))
    assert fixed.sum() > hidden.sum()
    assert (cell_bounds(system, fixed)[1][fixed] >= 10 - 1e-6).all()


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


def test_total_is_the_last_to_go() -> None:
    hidden = suppress_table(np.array([[4, 30, 30], [25, 40, 35], [50, 60, 70]]))
    assert not hidden[-1].any()
    assert not hidden[:, -1].any()


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


def test_double_columns_and_bad_systems_are_refused() -> None:
    twice = pd.DataFrame([["a", 20, 30]], columns=["practice_id", "n", "n"])
    with pytest.raises(AnalysisError, match="more than once"):
        suppress(twice)
    with pytest.raises(AnalysisError, match="numbers of people"):
        CellSystem(np.array([math.nan]), ())
    with pytest.raises(AnalysisError, match="rows and columns"):
        suppress_table(np.array([1, 2, 3]))


def test_empty_frame() -> None:
    out = suppress(pd.DataFrame({"practice_id": pd.Series(dtype=str), "n": pd.Series(dtype=int)}))
    assert len(out) == 0
    assert "suppressed" in out


def test_derivable_by_hand() -> None:
    """2 × 2 with margins: one hidden cell is known; a hidden diagonal is known too; all four are not."""
    system = table_system(np.array([[12, 20], [30, 40]]))
    full = np.zeros((3, 3), dtype=bool)
    one, diagonal, four = full.copy(), full.copy(), full.copy()
    one[0, 0] = True
    diagonal[0, 0] = diagonal[1, 1] = True
    four[:2, :2] = True
    assert find_derivable(system, one.ravel()).sum() == 1
    assert find_derivable(system, diagonal.ravel()).sum() == 2
    assert find_derivable(system, four.ravel()).sum() == 0
    low, high = cell_bounds(system, four.ravel())
    # Fréchet bounds of a 2 × 2 table: max(0, r + c − N) and min(r, c)
    expected_low = [max(0, r + c - 102) for r in (32, 70) for c in (42, 60)]
    expected_high = [min(r, c) for r in (32, 70) for c in (42, 60)]
    np.testing.assert_allclose(low[four.ravel()], expected_low, atol=1e-7)
    np.testing.assert_allclose(high[four.ravel()], expected_high, atol=1e-7)


def test_three_hundred_practices_by_month_are_quick_enough() -> None:
    rng = np.random.default_rng(2)
    started = time.perf_counter()
    hidden = suppress_table(rng.poisson(12, (300, 12)))
    assert time.perf_counter() - started < 10
    assert hidden.mean() < 0.5


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


# --- Releases -------------------------------------------------------------------------------------------------------


def release(counts: dict[str, int], means: dict[str, float] | None = None) -> pd.DataFrame:
    cells = pd.DataFrame({"practice_id": list(counts), "n": list(counts.values())})
    rows = with_totals(cells, ["practice_id"])
    rows["mean"] = [7.0] * len(rows) if means is None else [means.get(name, 7.0) for name in rows["practice_id"]]
    return rows


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
