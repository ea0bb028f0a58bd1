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
