"""Tests of: How well each practice really does on each touchpoint, as draws that carry its patients' sampling
variation.
"""

from __future__ import annotations

import numpy as np
import pytest
from priorities_data import alike  # noqa: F401

from pxanalysis.analysis.priorities.performance import (
    draw_performance,
    estimate_performance,
    grown_sd,
)


def test_sampling_uncertainty_without_shrinkage_is_the_standard_error_of_correlated_means():
    """Four practices are not shrunk: draws have the variance s²/n and the correlation of overlapping patients."""
    rng = np.random.default_rng(1)
    scores = 60 + 10 * rng.standard_normal((4000, 1)) + 10 * rng.standard_normal((4000, 2))
    scores[1::2, 1] = np.nan
    codes = np.arange(4000) // 2 % 4
    performance = estimate_performance(scores, codes, 4, 50, np.random.default_rng(2))
    draws = draw_performance(performance, 40_000, np.random.default_rng(3))
    within = np.sqrt([np.nanvar(scores[:, t] - performance.mean[codes, t]) for t in (0, 1)])
    np.testing.assert_allclose(draws[:, 0].std(axis=0), within / np.sqrt([1000, 500]), rtol=0.02)
    # half of the patients rated both: r n_both / sqrt(n_1 n_2) = 0.5 * 500 / sqrt(1000 * 500)
    assert np.corrcoef(draws[:, 0].T)[0, 1] == pytest.approx(0.5 / np.sqrt(2), abs=0.03)
    np.testing.assert_allclose(performance.shrunk, performance.mean)


# --- against known truth ----------------------------------------------------------------------------------------


def test_target_is_the_true_mean_of_the_75th_percentile_practice():
    """Raw means of small practices spread too far and shrunken ones too little; the target does neither."""
    rng = np.random.default_rng(5)
    errors, naive = [], []
    for _ in range(12):
        truth = 60 + 4 * rng.standard_normal(60)
        codes = np.repeat(np.arange(60), 15)
        scores = truth[codes, None] + 18 * rng.standard_normal((900, 1))
        performance = estimate_performance(scores, codes, 60, 200, rng)
        drawn = np.quantile(draw_performance(performance, 200, rng)[:, :, 0], 0.75, axis=1).mean()
        errors.append(drawn - np.quantile(truth, 0.75))
        naive.append(np.quantile(performance.mean, 0.75) - np.quantile(truth, 0.75))
    assert abs(np.mean(errors)) < 0.4
    assert np.mean(naive) > 0.8


def test_uncertainty_shrinks_with_the_responses_as_the_variance_components_say(alike):
    codes = np.unique(alike.practice_ids, return_inverse=True)[1]
    scores = alike.numbers([f"t{i}_item" for i in range(6)]).to_numpy()
    performance = estimate_performance(scores, codes, 15, 100, np.random.default_rng(1))
    shrinking = grown_sd(performance, (1.0, 2.0, 4.0))
    np.testing.assert_allclose(shrinking[0], 1.0)
    assert (np.diff(shrinking, axis=0) < 0).all()
    assert (shrinking[2] >= 0.5 - 1e-9).all(), "shrunken means gain less than the root of n"
