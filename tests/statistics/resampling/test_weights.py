"""Tests of: The bootstrap of practices: each replicate equals what its resampled rows give, and its spread the
sampling error.
"""

from __future__ import annotations

import numpy as np
import pytest
from bootstrap_data import holed, survey

from pxanalysis.statistics.moments.estimate import estimate_moments
from pxanalysis.statistics.resampling import practices as cluster_bootstrap
from pxanalysis.statistics.resampling.practices import bootstrap_moments


def test_auto_takes_one_step_only_when_patterns_are_many(monkeypatch):
    values, practice = survey()
    values = holed(values)
    assert bootstrap_moments(values, practice, 10, 1).method == "em"
    monkeypatch.setattr(cluster_bootstrap, "EXACT_UP_TO", 10)
    assert bootstrap_moments(values, practice, 10, 1).method == "one-step"


@pytest.mark.parametrize("missing", [False, True])
def test_drawing_every_practice_once_reproduces_the_full_moments(monkeypatch, missing):
    values, practice = survey(seed=8)
    values = holed(values) if missing else values
    monkeypatch.setattr(cluster_bootstrap, "draw_counts", lambda units, reps, rng: np.ones((reps, units), np.int32))
    full = estimate_moments(values)
    for method in ("em", "one-step"):
        found = bootstrap_moments(values, practice, 2, 1, method=method)
        np.testing.assert_allclose(found.mean[0], full.mean, atol=1e-9)
        np.testing.assert_allclose(found.cov[1], full.cov, atol=1e-8)
