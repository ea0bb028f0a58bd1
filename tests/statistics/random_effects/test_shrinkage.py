"""Tests of: From estimates with standard errors to shrunken estimates and differences from the benchmark."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from practices_data import R, codes, patients  # noqa: F401

from pxanalysis.statistics.random_effects.reliability import (
    gls_mean,
    practice_reliability,
    shrink_means,
)
from pxanalysis.statistics.random_effects.shrinkage import between_variance, shrink_estimates
from pxanalysis.statistics.random_effects.variance import practice_stats, variance_components

# --- Shrinkage and verdicts -----------------------------------------------------------------------------------------


def test_between_variance_against_metafor(patients: pd.DataFrame, codes: np.ndarray) -> None:
    stats = practice_stats(patients[["grade"]].to_numpy(), codes, 24)
    parts = variance_components(stats)
    found = between_variance(stats.mean[:, 0], parts.ms_within[0] / stats.n[:, 0])
    assert found == pytest.approx(R["dl_means"]["tau2"], rel=1e-9)
    assert found == pytest.approx(float(parts.sigma2_between[0]), rel=1e-9)  # the same as the analysis of variance


def test_shrunken_estimates_are_those_of_the_analysis_of_variance(patients: pd.DataFrame, codes: np.ndarray) -> None:
    stats = practice_stats(patients[["grade"]].to_numpy(), codes, 24)
    parts = variance_components(stats)
    between, within = parts.sigma2_between, parts.sigma2_within
    mu = gls_mean(stats.mean, stats.n, between, within)
    expected = shrink_means(stats.mean, stats.n, mu, between, within)[:, 0]
    found = shrink_estimates(stats.mean[:, 0], np.sqrt(within / stats.n[:, 0]))
    np.testing.assert_allclose(found.estimate, expected, rtol=1e-12)
    np.testing.assert_allclose(found.reliability, practice_reliability(stats.n, between, within)[:, 0], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("spread", "known"), [(0.3, 0.88), (0.5, 0.83), (1.0, 0.89), (2.0, 0.94)])
def test_shrunken_intervals_cover_also_where_practices_hardly_differ(spread: float, known: float) -> None:
    """15 practices whose standard deviation is .3 to 2 times their error; 400 studies each.

    ``known`` is how often the intervals held the truth with the variance between practices taken as known (measured
    once). Under a flat prior they cover .93 to .99; three standard errors are about .015.
    """
    rng = np.random.default_rng(12)
    covered = []
    for _ in range(400):
        errors = rng.uniform(0.7, 1.3, 15)
        truth = spread * rng.standard_normal(15)
        found = shrink_estimates(truth + errors * rng.standard_normal(15), errors)
        covered.append(np.abs(found.estimate - truth) <= 1.96 * found.error)
    rate = float(np.mean(covered))
    assert rate > known
    assert rate >= 0.93 - 0.015


def test_error_of_the_eight_schools_is_wider_than_with_a_known_variance() -> None:
    """Rubin's eight schools: the estimate of the variance is 0, which taken as known would give all one error.

    Posterior standard deviations of Gelman et al. (BDA, table 5.3) are 5.6 to 8.3 about the posterior means; about the
    shrunken estimate (all 7.7) they are a little larger.
    """
    schools = np.array([28.0, 8, -3, 7, -1, 1, 18, 12])
    errors = np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    found = shrink_estimates(schools, errors)
    assert found.sigma2_between == 0
    np.testing.assert_allclose(found.estimate, 7.686, atol=0.01)
    assert ((found.error > 5.5) & (found.error < 10)).all()
