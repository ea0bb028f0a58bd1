"""Tests of: Intervals for means, shares and net shares, on arrays of any shape."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from pxanalysis.audit.practices import NEWCOMBE_10
from pxanalysis.statistics.proportions.intervals import (
    adjusted_wald,
    difference_from_intervals,
    kish_n,
    score_interval,
    t_interval,
    wilson,
)

# --- Intervals against published and computed values --------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3 (score); 4 decimals
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published(x: int, n: int, low: float, high: float) -> None:
    assert tuple(round(float(edge), 4) for edge in wilson(x / n, n)) == (low, high)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_statsmodels(confidence: float) -> None:
    from statsmodels.stats.proportion import proportion_confint

    for n in (1, 7, 40, 1000):
        x = np.arange(n + 1)
        mine, theirs = wilson(x / n, n, confidence), proportion_confint(x, n, 1 - confidence, method="wilson")
        np.testing.assert_allclose(mine[0], np.maximum(theirs[0], 0), atol=1e-14)
        np.testing.assert_allclose(mine[1], np.minimum(theirs[1], 1), atol=1e-14)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    NEWCOMBE_10,
)
def test_difference_of_shares_published(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    one, two = ((np.float64(x / n), *wilson(x / n, n)) for x, n in ((x1, n1), (x2, n2)))
    limits = difference_from_intervals(two, one)
    assert [round(float(edge), 4) for edge in limits] == pytest.approx([low, high], abs=1e-9)


@pytest.mark.parametrize(("promoters", "detractors", "n"), [(20, 8, 40), (0, 0, 10), (10, 0, 10), (0, 10, 10)])
def test_adjusted_wald_is_the_wald_interval_with_three_answers_added(promoters: int, detractors: int, n: int) -> None:
    # Rocks (2016): three quarters of a promoter, as much of a detractor, one and a half passives; by statsmodels
    from statsmodels.stats.weightstats import DescrStatsW

    counts = [promoters + 0.75, detractors + 0.75, n - promoters - detractors + 1.5]
    answers = DescrStatsW(np.array([1.0, -1.0, 0.0]), weights=counts)
    half = norm.ppf(0.975) * answers.std / math.sqrt(n + 3)
    expected = max(-1.0, answers.mean - half), min(1.0, answers.mean + half)
    assert [float(edge) for edge in adjusted_wald(promoters / n, detractors / n, n)] == pytest.approx(
        expected, rel=1e-9
    )


def trinomial_coverage(p: float, d: float, n: int, plain: bool = False) -> float:
    """Exact coverage of the NPS interval: all (promoters, detractors) with their probability."""
    from scipy.stats import multinomial

    counts = np.array([(a, b) for a, b in itertools.product(range(n + 1), repeat=2) if a + b <= n])
    chance = multinomial.pmf(np.column_stack([counts, n - counts.sum(axis=1)]), n, [p, d, 1 - p - d])
    one, two = counts[:, 0] / n, counts[:, 1] / n
    if plain:
        half = 1.959964 * np.sqrt((one + two - (one - two) ** 2) / n)
        low, high = one - two - half, one - two + half
    else:
        low, high = adjusted_wald(one, two, n)
    return float(chance[(low <= p - d) & (p - d <= high)].sum())


def test_nps_coverage_exact() -> None:
    # METHODS: plain Wald covers .84 instead of .95 at p=.85, n=20
    assert 0.93 < trinomial_coverage(0.85, 0.02, 20) < 0.97
    assert trinomial_coverage(0.85, 0.02, 20, plain=True) < 0.87
    for p, d, n in [(0.6, 0.1, 30), (0.4, 0.3, 20), (0.7, 0.05, 50)]:
        assert 0.93 < trinomial_coverage(p, d, n) < 0.97


def test_nps_coverage_simulated() -> None:
    rng = np.random.default_rng(85)
    counts = rng.multinomial(20, [0.85, 0.02, 0.13], size=40_000)
    low, high = adjusted_wald(counts[:, 0] / 20, counts[:, 1] / 20, 20)
    assert 0.93 < ((low <= 0.83) & (high >= 0.83)).mean() < 0.97


def test_net_difference_coverage() -> None:
    rng = np.random.default_rng(4)
    sides = []
    for n, probabilities in ((25, [0.6, 0.1, 0.3]), (40, [0.75, 0.05, 0.2])):
        c = rng.multinomial(n, probabilities, size=20_000) / n
        sides.append((c[:, 0] - c[:, 1], *adjusted_wald(c[:, 0], c[:, 1], n)))
    low, high = difference_from_intervals(sides[0], sides[1])
    assert 0.93 < ((low <= 0.2) & (high >= 0.2)).mean() < 0.97


# --- Weights --------------------------------------------------------------------------------------------------------


def test_kish_by_hand() -> None:
    # Kish (1965): weights 1, 1, 2, 4 → 64/22
    assert float(kish_n(8, 22)) == pytest.approx(64 / 22)


def likert_scores(rng: np.random.Generator, shift: float, shape: tuple[int, int]) -> np.ndarray:
    """Touchpoint scores 0-100 of three questions of 1-5 that go together."""
    common = rng.normal(size=(*shape, 1)) * np.sqrt(0.6)
    latent = shift + common + rng.normal(size=(*shape, 3)) * np.sqrt(0.4)
    return np.asarray(25.0 * np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]).mean(axis=-1))


@pytest.mark.parametrize("n", [10, 20, 40])
@pytest.mark.parametrize("shift", [0.0, 1.05, 2.05, 2.42])
def test_intervals_of_scores_cover_also_near_the_ceiling(n: int, shift: float) -> None:
    """Means of about 50, 75, 91 and 95 of 100."""
    rng = np.random.default_rng(7)
    truth = likert_scores(rng, shift, (1, 200_000)).mean()
    scores = likert_scores(rng, shift, (4000, n))
    mean, sd = scores.mean(axis=1), scores.std(axis=1, ddof=1)
    low, high = score_interval(mean, sd, np.full(4000, n), high=100.0)
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.99
    wide = t_interval(mean, sd / np.sqrt(n), np.full(4000, n - 1.0))
    usual = np.nanmean(np.minimum(wide[1], 100) - np.maximum(wide[0], 0))
    assert (high - low).mean() < (1.05 if shift < 2 else 1.35) * usual


@given(st.floats(0, 100), st.floats(0, 1), st.integers(2, 500))
def test_intervals_of_scores_hold_the_mean_and_stay_on_the_scale(mean: float, part: float, n: int) -> None:
    sd = part * math.sqrt(mean * (100 - mean))
    low, high = (float(bound) for bound in score_interval(mean, sd, n, high=100.0))
    assert -1e-9 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 100 + 1e-9


def test_without_spread_scores_count_as_if_they_were_at_the_ends() -> None:
    """With the normal quantile it would be Wilson's interval of a share; one answer has none."""
    found = score_interval(75.0, 0.0, 10_000, high=100.0)
    np.testing.assert_allclose(np.array(found) / 100, wilson(0.75, 10_000), atol=1e-4)
    assert np.isnan(score_interval(80.0, 0.0, 1, high=100.0)).all()
