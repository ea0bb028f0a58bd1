"""Tests of: EM for many bootstrap samples at once: one Newton step from the full-sample solution, or on to each
maximum.
"""

from __future__ import annotations

import numpy as np
from bootstrap_data import holed, survey

from pxanalysis.statistics.resampling.incomplete import prepare_incomplete, refine
from pxanalysis.statistics.resampling.practices import draw_counts


def test_refine_says_which_replicates_did_not_settle():
    values, practice = survey()
    values = holed(values)
    standard = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)
    sample = prepare_incomplete(standard, practice, np.ones(len(practice)))
    counts = draw_counts(15, 3, np.random.default_rng(1))
    start = np.zeros((3, 5)), np.tile(np.eye(5), (3, 1, 1))
    assert not refine(sample, counts, *start, max_iter=1)[2].any()
    assert refine(sample, counts, *start)[2].all()
