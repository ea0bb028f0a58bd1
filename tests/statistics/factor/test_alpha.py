"""Tests of: Internal consistency from covariances: alpha and its relatives; arrays in, numbers out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reliability_data import EDGES, ORDINAL, PSYCH, PSYCH_HS, SCALES, edge, hs, matrix, positive, random_frame  # noqa: F401

from pxanalysis.statistics.factor.alpha import (
    alpha_std_error,
    correlations,
    cronbach_alpha,
    feldt_interval,
    item_statistics,
    mean_inter_item,
    spearman_brown,
    split_halves,
    standardised_alpha,
)

# ---------------------------------------------------------------- psych::alpha, 5 scales, exact formulas: 1e-12


@pytest.mark.parametrize("scale", SCALES)
def test_alpha_family_equals_psych(scale):
    expected = PSYCH[scale]
    cov, n, total = matrix(expected["covariance"]), expected["n_rows"], expected["total"]
    alpha = float(cronbach_alpha(cov))
    assert alpha == pytest.approx(total["raw_alpha"], rel=1e-12)
    assert float(standardised_alpha(correlations(cov))) == pytest.approx(total["std.alpha"], rel=1e-12)
    assert float(mean_inter_item(correlations(cov))) == pytest.approx(total["average_r"], rel=1e-12)
    assert alpha_std_error(cov, n) == pytest.approx(total["ase"], rel=1e-12)
    low, high = feldt_interval(alpha, n, 5)
    assert low == pytest.approx(expected["feldt"]["lower.ci"], rel=1e-12)
    assert high == pytest.approx(expected["feldt"]["upper.ci"], rel=1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_item_statistics_equal_psych(scale):
    expected = PSYCH[scale]
    found = item_statistics(matrix(expected["covariance"]))
    dropped, items = expected["alpha_drop"], expected["item_stats"]
    np.testing.assert_allclose(found.item_rest, [one["r.drop"] for one in items], rtol=1e-12)
    np.testing.assert_allclose(found.alpha_if_dropped, [one["raw_alpha"] for one in dropped], rtol=1e-12)
    np.testing.assert_allclose(found.standardised_alpha_if_dropped, [one["std.alpha"] for one in dropped], rtol=1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_best_split_equals_guttmans_lambda_4(scale):
    # psych::guttman on correlations. Raju's coefficient for halves of 2 and 3 items is Guttman's times 25 / 24.
    r = correlations(matrix(PSYCH[scale]["covariance"]))
    found = split_halves(r).maximum * 24 / 25
    best = max(
        4 * r[np.ix_(half, [i for i in range(5) if i not in half])].sum() / r.sum()
        for half in itertools.combinations(range(5), 2)
    )
    assert found == pytest.approx(best, rel=1e-12), "every one of the ten splits, taken one by one"
    expected = PSYCH[scale]["guttman"]["lambda4"]
    if scale == "consc":
        assert found > expected, "psych's search misses the best of the ten splits here"
    else:
        assert found == pytest.approx(expected, rel=1e-12)


def test_split_halves_of_six_items_equal_psych(hs):
    # psych::splitHalf(covar = TRUE) over all ten splits.
    expected = PSYCH_HS["first_six"]["split"]
    found = split_halves(hs[PSYCH_HS["first_six"]["items"]].cov().to_numpy())
    assert found.n_splits == expected["n"]
    assert found.maximum == pytest.approx(expected["max"], rel=1e-12)
    assert found.minimum == pytest.approx(expected["min"], rel=1e-12)
    assert found.mean == pytest.approx(expected["mean"], rel=1e-12)


def test_ordinal_alpha_equals_psych():
    assert float(cronbach_alpha(matrix(ORDINAL["polychoric"]))) == pytest.approx(ORDINAL["ordinal_alpha"], rel=1e-12)


def test_feldt_interval_covers_alpha():
    rng = np.random.default_rng(3)
    sigma = 0.5 * np.eye(5) + 0.5
    draws = rng.multivariate_normal(np.zeros(5), sigma, (2000, 40))
    covered = 0
    truth = float(cronbach_alpha(sigma))
    for sample in draws:
        low, high = feldt_interval(float(cronbach_alpha(np.cov(sample.T))), 40, 5)
        covered += low <= truth <= high
    assert 0.935 <= covered / 2000 <= 0.965


@given(positive, st.permutations(range(5)), st.floats(0.1, 20), st.floats(-10, 10))
def test_alpha_ignores_item_order_and_units(seed, order, factor, shift):
    values = random_frame(seed, 5)
    cov = np.cov(values.T)
    other = np.cov((values[:, list(order)] * factor + shift).T)
    assert float(cronbach_alpha(other)) == pytest.approx(float(cronbach_alpha(cov)), rel=1e-9)
    np.testing.assert_allclose(item_statistics(other).item_rest, item_statistics(cov).item_rest[list(order)], rtol=1e-9)
    assert split_halves(other).maximum == pytest.approx(split_halves(cov).maximum, rel=1e-9)


@given(positive, st.integers(2, 9))
def test_the_mean_over_all_splits_is_alpha(seed, k):
    # Cronbach 1951 for even k, Raju 1977 for odd k.
    cov = np.cov(random_frame(seed, k).T)
    halves = split_halves(cov)
    assert halves.mean == pytest.approx(float(cronbach_alpha(cov)), rel=1e-9)
    assert halves.minimum <= halves.mean + 1e-12 <= halves.maximum + 1e-9


@given(st.floats(-0.4, 0.99), st.integers(5, 500), st.integers(2, 30), st.sampled_from([0.8, 0.95, 0.99]))
def test_feldt_interval_holds_alpha_and_widens_with_confidence(alpha, n, k, confidence):
    low, high = feldt_interval(alpha, n, k, confidence)
    assert low < high <= 1
    wider = feldt_interval(alpha, n, k, 0.999)
    assert wider[0] < low < high < wider[1]


@given(st.floats(0.01, 0.99))
def test_spearman_brown_there_and_back(r):
    assert float(spearman_brown(spearman_brown(r, 3), 1 / 3)) == pytest.approx(r, rel=1e-9)


def test_negative_alpha_is_reported_as_it_is_and_names_the_item():
    found = edge(EDGES["negative-alpha"][0])
    assert found["alpha"].estimate < 0
    assert found["alpha"].estimate == pytest.approx(
        float(cronbach_alpha(np.cov(np.column_stack(list(EDGES["negative-alpha"][0].values())).T)))
    )
    assert "runs against the others" in found.reason
