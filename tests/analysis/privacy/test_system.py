"""Tests of: Published cells and the sums that tie them together: what a reader can work out from what is shown."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from privacy_data import assert_safe, counts_2d, suppress_table, table_system

from pxanalysis.analysis.privacy import CellSystem, cell_bounds, find_derivable, suppress, suppress_cells
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.conventions import MINIMUM_N

# --- Two and three groupings ----------------------------------------------------------------------------------------


@given(counts_2d)
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


def test_double_columns_and_bad_systems_are_refused() -> None:
    twice = pd.DataFrame([["a", 20, 30]], columns=["practice_id", "n", "n"])
    with pytest.raises(AnalysisError, match="more than once"):
        suppress(twice)
    with pytest.raises(AnalysisError, match="numbers of people"):
        CellSystem(np.array([math.nan]), ())
    with pytest.raises(AnalysisError, match="rows and columns"):
        suppress_table(np.array([1, 2, 3]))


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
