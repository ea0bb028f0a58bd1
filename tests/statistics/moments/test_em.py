"""Tests of: Maximum-likelihood mean and covariance of incomplete normal data, by missingness pattern."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from moments_data import hs, hs_fiml, planned_missing, reference  # noqa: F401

from pxanalysis.statistics.moments.em import find_patterns, fit_em, newton_matrix, pattern_statistics, score_patterns
from pxanalysis.statistics.moments.estimate import estimate_moments


def test_fiml_loglik_equals_lavaan_on_hs_and_is_its_maximum(hs, hs_fiml):
    expected = reference("lavaan_hs_missing10_fiml.json")["fit_measures"]["unrestricted.logl"]
    assert hs_fiml.loglik == pytest.approx(expected, rel=1e-9)
    assert hs_fiml.loglik >= expected
    assert (hs_fiml.n_obs, hs_fiml.n_patterns, hs_fiml.converged) == (301, 55, True)
    patterns = find_patterns(hs.to_numpy())
    statistics = pattern_statistics(np.nan_to_num(hs.to_numpy()), patterns, np.ones(301))
    score = score_patterns(hs_fiml.mean.to_numpy()[None], hs_fiml.cov.to_numpy()[None], statistics)
    assert np.abs(score.mean).max() < 1e-8
    assert np.abs(score.cov).max() < 1e-8


@pytest.mark.slow
@pytest.mark.real_data
def test_hospital_with_its_many_patterns_reaches_the_maximum(real_data):
    answers = pd.read_csv(real_data / "hospital_2016" / "responses.csv")
    items = [name for name in answers if name.startswith("Q")] + ["Hospital_food", "sat_score"]
    moments = estimate_moments(answers[items])
    assert moments.converged
    assert moments.n_patterns == 1741
    assert moments.n_dropped == 1
    values = answers[items].dropna(how="all").to_numpy()
    statistics = pattern_statistics(np.nan_to_num(values), find_patterns(values), np.ones(len(values)))
    score = score_patterns(moments.mean.to_numpy()[None], moments.cov.to_numpy()[None], statistics)
    assert np.abs(score.mean).max() / len(values) < 1e-9
    assert np.abs(score.cov).max() / len(values) < 1e-9


def test_newton_matrix_is_the_identity_without_missing_values():
    rows, _, _ = planned_missing(200, 4)
    statistics = pattern_statistics(rows, find_patterns(rows), np.ones(200))
    fit = fit_em(statistics, rows.mean(axis=0), np.cov(rows.T, ddof=0))
    np.testing.assert_allclose(newton_matrix(fit.mean, fit.cov, statistics), np.eye(9), atol=1e-10)
