"""Tests of: How much of each answer's variance, and of each covariance, lies within practices and how much
between them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.moments.within_between import split_moments


def nested(n_practices: int, sizes: tuple[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    practice = np.repeat(np.arange(n_practices), rng.integers(*sizes, n_practices))
    between = rng.multivariate_normal([0, 0], [[0.3, 0.2], [0.2, 0.4]], n_practices)
    return between[practice] + rng.multivariate_normal([0, 0], [[2.0, 0.5], [0.5, 1.0]], practice.size), practice


def test_split_equals_the_analysis_of_variance():
    values, practice = nested(30, (3, 25), 1)
    split = split_moments(values, practice)
    column = pd.Series(values[:, 0])
    means, sizes = column.groupby(practice).transform("mean"), np.bincount(practice)
    msw = ((column - means) ** 2).sum() / (len(column) - 30)
    msb = ((means - column.mean()) ** 2).sum() / 29
    n0 = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / 29
    assert split.within.loc["x1", "x1"] == pytest.approx(msw, rel=1e-12)
    assert split.between.loc["x1", "x1"] == pytest.approx((msb - msw) / n0, rel=1e-10)
    assert split.icc["x1"] == pytest.approx((msb - msw) / n0 / ((msb - msw) / n0 + msw), rel=1e-10)


def test_split_of_a_balanced_design_equals_reml():
    # statsmodels MixedLM (REML), an independent program; REML and ANOVA agree exactly when practices are equally large.
    statsmodels = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    rng = np.random.default_rng(5)
    practice = np.repeat(np.arange(40), 12)
    values = rng.normal(0, 0.7, 40)[practice] + rng.normal(size=practice.size)
    split = split_moments(values[:, None], practice)
    fit = statsmodels.MixedLM(values, np.ones((values.size, 1)), practice).fit(reml=True)
    assert split.within.iloc[0, 0] == pytest.approx(fit.scale, rel=1e-4)
    assert split.between.iloc[0, 0] == pytest.approx(float(fit.cov_re[0, 0]), rel=1e-3)


def test_split_recovers_the_truth_with_and_without_missing_answers():
    values, practice = nested(600, (5, 30), 2)
    holed = np.where(np.random.default_rng(3).random(values.shape) < 0.3, np.nan, values)
    for table in (values, holed):
        split = split_moments(table, practice)
        np.testing.assert_allclose(split.within, [[2.0, 0.5], [0.5, 1.0]], atol=0.06)
        np.testing.assert_allclose(split.between, [[0.3, 0.2], [0.2, 0.4]], atol=0.06)
    assert split.method == "anova, em within practices"
    assert split.between_correlation.iloc[0, 1] == pytest.approx(0.2 / np.sqrt(0.12), abs=0.12)


def test_split_weights_of_one_change_nothing_and_tables_name_practices():
    values, practice = nested(10, (3, 9), 4)
    names = np.array([f"p{j}" for j in practice])
    split = split_moments(values, names, weights=np.full(len(values), 3.0))
    np.testing.assert_allclose(split.between, split_moments(values, practice).between, rtol=1e-10)
    assert split.practice_means.loc["p0", "x1"] == pytest.approx(values[practice == 0, 0].mean())
    assert split.glance().loc[0, "n_practices"] == 10


def test_split_says_when_practices_differ_less_than_chance():
    values = np.tile([1.0, 2.0, 3.0], 8)[:, None]
    split = split_moments(values, np.repeat(np.arange(8), 3))
    assert split.icc.iloc[0] == 0
    assert "less than chance" in split.tidy().loc[0, "reason"]


def test_split_needs_two_practices_and_answers_within_them():
    with pytest.raises(NotEstimableError, match="at least two"):
        split_moments(np.arange(6.0)[:, None], ["a"] * 6)
    with pytest.raises(NotEstimableError, match="no practice has two answers"):
        split_moments(np.arange(6.0)[:, None], list("abcdef"))


@pytest.mark.real_data
def test_split_of_hospital_satisfaction_equals_an_independent_anova(real_data):
    # An ANOVA made outside this project gave an ICC of .015 for satisfaction (project issue 3).
    answers = pd.read_csv(real_data / "hospital_2016" / "responses.csv").dropna(subset=["sat_score"])
    split = split_moments(answers[["sat_score"]], answers["HOSPITAL"])
    assert split.icc["sat_score"] == pytest.approx(0.015, abs=0.0005)
    assert split.n_practices == 23
