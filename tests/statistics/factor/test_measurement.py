"""Tests of: All scales in one factor model with correlated factors: loadings, composite reliability, AVE,
Fornell-Larcker.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pxanalysis.statistics.factor.measurement import estimate_measurement


def test_measurement_model_says_what_is_inadmissible():
    correlation = np.full((4, 4), 0.75)
    correlation[:2, :2] = correlation[2:, 2:] = 0.6
    np.fill_diagonal(correlation, 1)
    values = np.random.default_rng(4).multivariate_normal(np.zeros(4), correlation, 3000)
    frame = pd.DataFrame(values, columns=list("abcd"))
    found = estimate_measurement(frame, {"x": ["a", "b"], "y": ["c", "d"]})
    assert "scales x and y correlate more than 1" in found.reason
    assert len(found.tidy()) == 4
    assert found.glance().loc[0, "df"] == 1
