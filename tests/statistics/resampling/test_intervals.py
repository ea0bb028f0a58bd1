"""Tests of: Intervals from bootstrap replicates: percentile, bias-corrected and accelerated, and that of
explained variance.
"""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.resampling.intervals import bca_interval, bootstrap_interval


def test_bca_equals_scipy() -> None:
    """The same replicates and jackknife as scipy.stats.bootstrap must give the same ends, to rounding."""
    from scipy.stats import bootstrap

    sample = np.random.default_rng(11).exponential(size=25)
    theirs = bootstrap((sample,), np.mean, n_resamples=999, method="BCa", rng=np.random.default_rng(1))
    jackknife = np.array([np.delete(sample, i).mean() for i in range(25)])
    influence = (jackknife.mean() - jackknife)[:, None]
    low, high = bca_interval(np.array([sample.mean()]), theirs.bootstrap_distribution[:, None], influence, 0.95)
    assert low[0] == pytest.approx(theirs.confidence_interval.low, rel=1e-9)
    assert high[0] == pytest.approx(theirs.confidence_interval.high, rel=1e-9)


def test_too_few_replicates_carry_no_interval() -> None:
    with pytest.raises(NotEstimableError, match="only 20 bootstrap samples could be used"):
        bootstrap_interval(np.zeros(2), np.zeros((20, 2)), 0.95)
