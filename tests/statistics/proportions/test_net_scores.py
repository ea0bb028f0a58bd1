"""Tests of: Net scores (promoters minus detractors): one, two of different people, and two of the same people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.statistics.proportions.net_scores import estimate_net_score, paired_net_difference


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=60), st.integers(0, 10**6))
def test_paired_net_scores_turn_their_sign(classes: list[float], seed: int) -> None:
    first = np.array(classes)
    second = np.random.default_rng(seed).permutation(first)
    there, back = paired_net_difference(first, second), paired_net_difference(second, first)
    assert (there.ci_low, there.ci_high) == pytest.approx((-back.ci_high, -back.ci_low))
    assert there.ci_low <= there.estimate <= there.ci_high
    gap = estimate_net_score(second).estimate - estimate_net_score(first).estimate
    assert there.estimate == pytest.approx(gap, abs=1e-12)
