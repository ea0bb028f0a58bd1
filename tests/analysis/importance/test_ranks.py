"""Tests of: From replicates to intervals, ranks and the chance of being among the first."""

from __future__ import annotations

import numpy as np

from pxanalysis.analysis.importance.ranks import pairwise_differences, summarise_ranks


def test_ranks_hold_what_samples_had() -> None:
    replicates = np.tile([[0.5, 0.3, 0.1], [0.5, 0.1, 0.3], [0.5, 0.2, 0.3], [0.5, 0.3, 0.1]], (20, 1))
    table = summarise_ranks(np.array([0.5, 0.3, 0.1]), replicates, 0.95)
    assert table["rank"].tolist() == [1, 2, 3]
    assert table["rank_low"].tolist() == [1, 2, 2]
    assert table["rank_high"].tolist() == [1, 3, 3]
    assert table["p_top1"].tolist() == [1.0, 0.0, 0.0]
    pairs = pairwise_differences(("a", "b", "c"), np.array([0.5, 0.3, 0.1]), replicates, 0.95)
    assert pairs[["term", "other"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    assert pairs["p_greater"].tolist() == [1.0, 1.0, 0.5]
