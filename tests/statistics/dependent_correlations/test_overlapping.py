"""Which tests have published values, and properties that any test of two correlations has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from places import TESTS

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.dependent_correlations import (
    NONOVERLAPPING_TESTS,
    OVERLAPPING_TESTS,
    Overlapping,
    compare_overlapping,
    difference_clustered,
    zou_overlapping,
)

REFERENCE = TESTS / "reference" / "dependent_correlations.csv"


def test_every_test_offered_has_a_published_value() -> None:
    """tests/audit holds the values themselves."""
    published = pd.read_csv(REFERENCE)
    assert len(published) == 76
    offered = (set(OVERLAPPING_TESTS) | set(NONOVERLAPPING_TESTS)) - {"none"}
    assert set(published["test"]) - {"fisher1925", "zou2007"} == offered


@given(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(0, 0.6), st.integers(10, 5000))
def test_swapping_the_metrics_turns_the_sign(first: float, second: float, between: float, n: int) -> None:
    # three correlations that go together
    assume(1 + 2 * first * second * between - first**2 - second**2 - between**2 > 1e-3)
    there, back = Overlapping(first, second, between, n), Overlapping(second, first, between, n)
    for one, other in zip(
        compare_overlapping(there, tuple(OVERLAPPING_TESTS)),
        compare_overlapping(back, tuple(OVERLAPPING_TESTS)),
        strict=True,
    ):
        assert one.statistic == pytest.approx(-other.statistic, abs=1e-9)
    low, high = zou_overlapping(there)
    assert low <= there.difference <= high
    np.testing.assert_allclose(zou_overlapping(back), (-high, -low), atol=1e-12)


def test_equal_correlations_are_not_different() -> None:
    assert all(test.statistic == 0 for test in compare_overlapping(Overlapping(0.4, 0.4, 0.6, 100)))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((0.5, 0.2, 1.0, 50), NotEstimableError, "same measurement"),
        ((1.0, 0.2, 0.1, 50), NotEstimableError, "it is the criterion"),
        ((0.5, 0.2, 0.1, 3), NotEstimableError, "at least 4 people"),
        ((1.2, 0.2, 0.1, 30), AnalysisError, "r_jk: expected a correlation"),
        ((float("nan"), 0.2, 0.1, 30), AnalysisError, "r_jk"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments: tuple, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        Overlapping(*arguments)


def test_correlations_that_cannot_go_together_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="cannot go together"):
        compare_overlapping(Overlapping(0.9, -0.9, 0.9, 50), ("williams1959",))


def test_the_clustered_error_of_single_people_is_the_asymptotic_one() -> None:
    rng = np.random.default_rng(1)
    rows = rng.multivariate_normal(np.zeros(3), [[1, 0.6, 0.4], [0.6, 1, 0.3], [0.4, 0.3, 1]], 20_000)
    found = difference_clustered(rows[:, 0], rows[:, 1], rows[:, 2], np.arange(20_000))
    r = np.corrcoef(rows.T)
    low, high = zou_overlapping(Overlapping(r[0, 2], r[1, 2], r[0, 1], 20_000))
    assert found.std_error == pytest.approx((high - low) / 2 / 1.959964, rel=0.03), "normal data: both are right"
