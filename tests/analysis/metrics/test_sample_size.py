"""Tests of: How many answers an interval of a wanted half-width needs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_data import make_responses

from pxanalysis.analysis.metrics import (
    estimate_metrics,
    needed_n_for_mean,
    needed_n_for_net,
    needed_n_for_share,
)
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.proportions.intervals import (
    wilson,
)


@pytest.mark.parametrize(
    ("half_width", "share", "expected"),
    # worst case at ±5 points: Wald needs 385 (statsmodels 384.15), Wilson z²/4m² − z² = 380.3
    [(0.05, 0.5, 381), (0.10, 0.5, 93), (0.03, 0.5, 1064)],
)
def test_needed_n_for_share(half_width: float, share: float, expected: int) -> None:
    assert needed_n_for_share(half_width, share) == expected
    for n, fits in ((expected, True), (expected - 1, False)):
        low, high = wilson(share, n)
        assert (float(high - low) / 2 <= half_width) == fits


@given(st.floats(0.02, 0.4), st.floats(0, 1))
def test_needed_n_for_share_is_the_least(half_width: float, share: float) -> None:
    n = needed_n_for_share(half_width, share)
    scale = 1.959963984540054**2

    def width(size: int) -> float:
        return math.sqrt(scale) * math.sqrt(share * (1 - share) / size + scale / (4 * size**2)) / (1 + scale / size)

    assert width(n) <= half_width + 1e-9
    assert n == 1 or width(n - 1) > half_width - 1e-9


def test_needed_n_for_net() -> None:
    # z²·Var/m² − 3 with Var = .5+.2−.09 = .61, m = .10: 234.3 − 3 → 232
    assert needed_n_for_net(0.10, 0.5, 0.2) == 232
    # worst case Var = 1, m = .10: 384.15 − 3 → 382
    assert needed_n_for_net(0.10) == 382


@pytest.mark.parametrize(("half_width", "sd", "expected"), [(0.25, 1.5, 141), (1.0, 1.5, 12), (5.0, 0.0, 2)])
def test_needed_n_for_mean(half_width: float, sd: float, expected: int) -> None:
    from scipy.stats import t as student

    assert needed_n_for_mean(half_width, sd) == expected
    assert student.ppf(0.975, expected - 1) * sd / math.sqrt(expected) <= half_width
    if expected > 2:
        assert student.ppf(0.975, expected - 2) * sd / math.sqrt(expected - 1) > half_width


def test_needed_n_of_a_result() -> None:
    responses = make_responses({"nps": [9] * 20 + [3] * 8 + [7] * 12})
    result = estimate_metrics(responses, "nps")
    needed = result.needed_n(0.10).set_index("metric")
    assert needed.loc["net", "needed_n"] == needed_n_for_net(0.10, 0.5, 0.2)
    assert needed.loc["net", "more"] == 232 - 40
    assert needed.loc["promoters", "needed_n"] == needed_n_for_share(0.10, 0.5)
    assert math.isnan(needed.loc["median", "needed_n"])


def test_bad_needed_n() -> None:
    for call in (
        lambda: needed_n_for_share(0),
        lambda: needed_n_for_share(0.1, 2),
        lambda: needed_n_for_net(0.1, 0.8, 0.4),
        lambda: needed_n_for_net(2),
        lambda: needed_n_for_mean(-1, 1),
        lambda: needed_n_for_mean(1, math.inf),
    ):
        with pytest.raises(AnalysisError):
            call()
