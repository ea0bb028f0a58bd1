"""Tests of: Correlations of the normal variables behind ordered answers, with the thresholds that cut them into
categories.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SHARED_FOLDER, TESTS
from scipy.special import ndtri

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.moments.polychoric import estimate_polychoric

REFERENCE = TESTS / "reference" / "sem"


SHARED = SHARED_FOLDER / "reference" / "sem"


HS = [f"x{i}" for i in range(1, 10)]


BFI = [f"{letter}{i}" for letter in "ACENO" for i in range(1, 6)]


def reference(name: str) -> dict:
    return json.loads((REFERENCE / name).read_text())


def square(table: dict) -> pd.DataFrame:
    return pd.DataFrame(table["values"], index=table["rows"], columns=table["cols"])


def gamma_of(name: str, items: list[str]) -> tuple[dict[str, list[float]], pd.DataFrame]:
    """lavaan's n times the variances: of thresholds by item, and of correlations as a square."""
    values = reference(name)
    gamma = list(values["gamma_diag"].values())
    labels = list(values["thresholds"])
    of_thresholds = {
        item: [gamma[i] for i, label in enumerate(labels) if label.startswith(item + "|")] for item in items
    }
    squared = np.zeros((len(items), len(items)))
    pairs = [(row, column) for column in range(len(items)) for row in range(column + 1, len(items))]
    for (row, column), value in zip(pairs, gamma[len(labels) :], strict=True):
        squared[row, column] = squared[column, row] = value
    return of_thresholds, pd.DataFrame(squared, index=items, columns=items)


@pytest.fixture(scope="module")
def hs():
    return estimate_polychoric(pd.read_csv(REFERENCE / "hs_ordinal4.csv")[HS])


@pytest.fixture(scope="module")
def bfi_rows() -> pd.DataFrame:
    path = SHARED / "bfi_complete.csv"
    if not path.exists():
        pytest.skip("the bfi answers (psychTools, GPL) are not part of the project and ../shared/reference is absent")
    return pd.read_csv(path)


@pytest.fixture(scope="module")
def bfi(bfi_rows):
    return estimate_polychoric(bfi_rows[BFI])


def check_item(found, name: str, items: list[str], item: str) -> None:
    """lavaan 0.6-14, WLSMV: thresholds exact, correlations to its optimiser (3e-8), their variances likewise."""
    expected = reference(name)
    thresholds = [value for label, value in expected["thresholds"].items() if label.startswith(item + "|")]
    mine = found.thresholds[found.thresholds["item"] == item]
    np.testing.assert_allclose(mine["estimate"], thresholds, atol=1e-13)
    np.testing.assert_allclose(found.correlation[item], square(expected["polychoric"])[item], atol=4e-8)
    of_thresholds, of_correlations = gamma_of(name, items)
    np.testing.assert_allclose(mine["std_error"] ** 2 * found.n_obs, of_thresholds[item], rtol=1e-10)
    np.testing.assert_allclose(found.std_error[item] ** 2 * found.n_obs, of_correlations[item], rtol=1e-6)


@pytest.mark.parametrize("item", HS)
def test_hs_equals_lavaan(hs, item):
    check_item(hs, "lavaan_hs_ordinal4_wlsmv.json", HS, item)


@pytest.mark.real_data
@pytest.mark.parametrize("item", BFI)
def test_bfi_equals_lavaan(bfi, item):
    check_item(bfi, "lavaan_bfi_ordinal_wlsmv.json", BFI, item)


@pytest.mark.real_data
def test_bfi_agreeableness_equals_psych(bfi_rows):
    # psych 2.2.9 polychoric; its optimiser stops at about 1e-5. Reversing an item only changes signs.
    expected = reference("ordinal_reliability_bfi_agree.json")
    rows = bfi_rows[BFI[:5]].assign(A1=7 - bfi_rows["A1"])
    np.testing.assert_allclose(estimate_polychoric(rows).correlation, square(expected["polychoric"]), atol=3e-5)
    kept = estimate_polychoric(bfi_rows[BFI[:5]]).correlation
    np.testing.assert_allclose(kept["A1"][1:], -estimate_polychoric(rows).correlation["A1"][1:], atol=1e-10)


def cut(values: np.ndarray, shares: list[list[float]]) -> np.ndarray:
    return np.column_stack(
        [np.searchsorted(ndtri(share), column) for share, column in zip(shares, values.T, strict=True)]
    )


SHARES = [[0.2, 0.5, 0.8], [0.5], [0.05, 0.3, 0.6, 0.9]]


TRUTH = np.array([[1, 0.6, -0.3], [0.6, 1, 0.1], [-0.3, 0.1, 1]])


@pytest.mark.slow
def test_truth_is_recovered_and_the_standard_error_is_right():
    rng = np.random.default_rng(1)
    found = estimate_polychoric(cut(rng.multivariate_normal([0, 0, 0], TRUTH, 40_000), SHARES))
    np.testing.assert_allclose(found.correlation, TRUTH, atol=0.025)
    np.testing.assert_allclose(found.thresholds["estimate"], ndtri(np.concatenate(SHARES)), atol=0.03)
    draws = np.array(
        [
            estimate_polychoric(cut(rng.multivariate_normal([0, 0, 0], TRUTH, 400), SHARES)).correlation.iloc[0, 2]
            for _ in range(300)
        ]
    )
    expected = found.std_error.iloc[0, 2] * np.sqrt(40_000 / 400)
    assert draws.std() == pytest.approx(expected, rel=0.15)


def test_missing_answers_use_every_pair_and_weights_count():
    rng = np.random.default_rng(2)
    rows = cut(rng.multivariate_normal([0, 0, 0], TRUTH, 30_000), SHARES).astype(float)
    rows[rng.random(rows.shape) < 0.3] = np.nan
    found = estimate_polychoric(np.vstack([rows, np.full(3, np.nan)]))
    np.testing.assert_allclose(found.correlation, TRUTH, atol=0.03)
    assert found.n_dropped == 1 + np.isnan(rows).all(axis=1).sum()
    small = rows[:400]
    weights = rng.integers(0, 3, 400)
    np.testing.assert_allclose(
        estimate_polychoric(small, weights=weights).correlation,
        estimate_polychoric(np.repeat(small, weights, axis=0)).correlation,
        atol=1e-9,
    )


@given(st.permutations(range(3)), st.integers(-3, 3), st.floats(0.5, 9))
def test_only_the_order_of_answers_counts(order, shift, factor):
    rows = cut(np.random.default_rng(3).multivariate_normal([0, 0, 0], TRUTH, 300), SHARES)
    first = estimate_polychoric(rows).correlation.to_numpy()
    second = estimate_polychoric(rows[:, list(order)] * factor + shift).correlation.to_numpy()
    np.testing.assert_allclose(second, first[np.ix_(order, order)], atol=1e-10)


def test_empty_cells_that_leave_no_maximum_are_said():
    table = np.repeat([[0, 0], [1, 1], [0, 1]], [20, 20, 5], axis=0)
    found = estimate_polychoric(table)
    assert found.correlation.iloc[0, 1] > 0.99
    assert "runs to ±1" in found.reason
    assert found.glance().loc[0, "reason"] == found.reason


def test_correlations_that_contradict_each_other_are_said():
    rng = np.random.default_rng(4)
    rows = cut(rng.multivariate_normal(np.zeros(3), TRUTH, 60), SHARES).astype(float)
    rows[:20, 0] = rows[20:40, 1] = rows[40:, 2] = np.nan
    rows[40:, 1] = rows[40:, 0]
    rows[20:40, 2] = rows[20:40, 0]
    rows[:20, 2] = 4 - rows[:20, 1]
    found = estimate_polychoric(rows)
    assert found.smallest_eigenvalue < 0
    assert "not positive definite" in found.reason


def test_tidy_lists_pairs_and_thresholds(hs):
    tidy = hs.tidy().set_index("term")
    assert len(tidy) == 36 + 27
    assert tidy.loc["cor(x1, x2)", "estimate"] == hs.correlation.loc["x1", "x2"]
    assert tidy.loc["threshold(x9 > 3)", "n"] == 301


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.column_stack([np.arange(30), np.arange(30)]), "column 'x1' has 30 different answers"),
        (np.column_stack([np.ones(30), np.arange(30) % 3]), "column 'x1' is constant"),
        (np.array([[1, np.nan], [2, np.nan], [np.nan, 1], [np.nan, 2]]), "'x1' and 'x2' were answered together by 0"),
    ],
)
def test_what_cannot_be_estimated_is_said_by_name(data, message):
    with pytest.raises(NotEstimableError, match=message):
        estimate_polychoric(data)


def test_words_are_refused():
    with pytest.raises(AnalysisError, match="column 'a' is categorical"):
        estimate_polychoric(pd.DataFrame({"a": pd.Categorical(["low", "high"], ordered=True)}))
