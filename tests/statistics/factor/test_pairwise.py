"""Tests of: Correlations of every pair of columns from the rows that answer both, for many bootstrap samples at
once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from bootstrap_data import holed, survey

from pxanalysis.statistics.factor.pairwise import pairwise_correlations, pairwise_replicates
from pxanalysis.statistics.resampling.practices import draw_counts


def test_pairwise_replicates_equal_correlations_of_their_rows():
    values, practice = survey(seed=17)
    values = holed(values)
    counts = draw_counts(15, 6, np.random.default_rng(3))
    weights = np.random.default_rng(4).random(len(values))
    found = pairwise_replicates(values, weights, practice, counts)
    for b in range(6):
        times = counts[b, practice]
        expected = pairwise_correlations(np.repeat(values, times, axis=0), np.repeat(weights, times))
        np.testing.assert_allclose(found[b], expected, atol=1e-12)
    plain = pairwise_correlations(values, np.ones(len(values)))
    np.testing.assert_allclose(plain, pd.DataFrame(values).corr(), atol=1e-12)
