"""Tests of: EM for many bootstrap samples at once: one Newton step from the full-sample solution, or on to each
maximum.
"""

from __future__ import annotations

import numpy as np
from bootstrap_data import holed, survey

from pxanalysis.statistics.resampling.incomplete import counted_covariances, prepare_incomplete, refine
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


def test_alike_rows_of_a_practice_may_be_taken_together():
    rng = np.random.default_rng(9)
    rows = rng.choice([0.0, 50.0, 100.0, np.nan], p=[0.2, 0.3, 0.4, 0.1], size=(500, 2))
    rows = rows[np.isfinite(rows).any(axis=1)]
    practice, weights = rng.integers(0, 6, len(rows)), 0.5 + rng.random(len(rows))
    counts = draw_counts(6, 40, rng)
    whole = counted_covariances(rows, practice, weights, counts)
    keys = np.column_stack([practice, np.nan_to_num(rows, nan=-1.0)])
    kinds, kind, times = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    together = counted_covariances(
        np.where(kinds[:, 1:] < 0, np.nan, kinds[:, 1:]),
        kinds[:, 0].astype(np.intp),
        np.bincount(kind, weights),
        counts,
        times,
    )
    assert len(kinds) < len(rows) / 4
    np.testing.assert_allclose(together, whole, rtol=1e-10)
