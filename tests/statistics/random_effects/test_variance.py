"""Tests of: How much of the differences between answers lies between practices: one-way variance components."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SHARED_FOLDER
from practices_data import EXACT, R, codes, patients, simulate  # noqa: F401

from pxanalysis.statistics.random_effects.variance import icc_interval, practice_stats, variance_components

HOSPITAL = SHARED_FOLDER / "data" / "hospital_2016" / "responses.csv"


# --- Variance components --------------------------------------------------------------------------------------------


def test_anova_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    parts = variance_components(practice_stats(patients[["grade"]].to_numpy(), codes, 24))
    for name, value in (("ms_between", parts.ms_between), ("ms_within", parts.ms_within), ("f", parts.f_value)):
        np.testing.assert_allclose(value[0], R["anova"][name], **EXACT)


def test_shrout_and_fleiss_published() -> None:
    """Shrout & Fleiss (1979), table 2-4: BMS 11.24, WMS 6.26, ICC(1,1) = .17; F, interval: psych 2.2.9."""
    ratings = np.array([9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7], dtype=float)
    parts = variance_components(practice_stats(ratings[:, None], np.repeat(np.arange(6), 4), 6))
    assert round(float(parts.ms_between[0]), 2) == 11.24
    assert round(float(parts.ms_within[0]), 2) == 6.26
    assert round(float(parts.icc[0]), 2) == 0.17
    reference = R["shrout_fleiss"]
    np.testing.assert_allclose([parts.icc[0], parts.f_value[0]], [reference["icc"], reference["f"]], **EXACT)
    low, high = icc_interval(parts, 0.95)
    np.testing.assert_allclose([low[0], high[0]], [max(0.0, reference["low"]), reference["high"]], **EXACT)


@given(st.integers(2, 12), st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_components_do_not_depend_on_origin_and_follow_the_unit(practices: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(practices * size, 2)) + np.repeat(rng.normal(size=practices), size)[:, None]
    codes = np.repeat(np.arange(practices), size).astype(np.intp)
    one = variance_components(practice_stats(values, codes, practices))
    two = variance_components(practice_stats(1e4 + 10 * values, codes, practices))
    np.testing.assert_allclose(two.sigma2_within, 100 * one.sigma2_within, rtol=1e-7)
    np.testing.assert_allclose(two.icc, one.icc, atol=1e-7)


def test_weighted_components_are_unbiased() -> None:
    """Unequal weights unrelated to the answers: the variance within practices stays right on average."""
    rng = np.random.default_rng(6)
    found = []
    for _ in range(300):
        y, codes, _ = simulate(rng, 15, 8, 0.2)
        parts = variance_components(practice_stats(y[:, None], codes, 15, rng.gamma(2, 1, y.size)))
        found.append((parts.sigma2_within[0], parts.ms_between[0] - parts.ms_within[0], parts.n0[0]))
    within, gap, n0 = np.array(found).T
    assert within.mean() == pytest.approx(0.8, abs=0.02)
    assert (gap / n0).mean() == pytest.approx(0.2, abs=0.02)


def test_icc_interval_coverage() -> None:
    rng = np.random.default_rng(12)
    hits = 0
    for _ in range(600):
        y, codes, _ = simulate(rng, 25, 20, 0.08)
        low, high = icc_interval(variance_components(practice_stats(y[:, None], codes, 25)), 0.95)
        hits += low[0] <= 0.08 <= high[0]
    assert 0.925 < hits / 600 < 0.975


# --- Real data ------------------------------------------------------------------------------------------------------


@pytest.mark.real_data
@pytest.mark.skipif(not HOSPITAL.exists(), reason="needs ../shared/data/hospital_2016, which is not on this machine")
def test_hospital_icc() -> None:
    """An independent one-way analysis of variance of satisfaction over hospitals gave an ICC of .015."""
    data = pd.read_csv(HOSPITAL, usecols=["HOSPITAL", "sat_score"])
    codes = pd.factorize(data["HOSPITAL"])[0].astype(np.intp)
    parts = variance_components(practice_stats(data[["sat_score"]].to_numpy(), codes, codes.max() + 1))
    assert round(float(parts.icc[0]), 3) == 0.015
    assert int(parts.n_practices[0]) == 23
