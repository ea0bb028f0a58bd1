"""Tests of: A bootstrap of few practices gives intervals that are too narrow; by how much, and how to widen them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, effective_practices, expanded_tail


def test_replicates_of_few_practices_are_spread_out_to_a_t_interval():
    """The interval of a mean from expanded deviations is the t interval, for equal practices; 3 % of noise."""
    rng = np.random.default_rng(1)
    practices = rng.normal(0, 1, 8)
    means = practices[rng.integers(0, 8, (200_000, 8))].mean(axis=1)
    reach = np.diff(np.quantile(bootstrap_expansion(8) * (means - practices.mean()), [0.025, 0.975]))[0] / 2
    assert reach == pytest.approx(t.ppf(0.975, 7) * practices.std(ddof=1) / np.sqrt(8), rel=0.03)
    assert effective_practices(np.array([20, 400])) < 1.2
    assert norm.ppf(expanded_tail(8)) == pytest.approx(norm.ppf(0.025) * bootstrap_expansion(8))
