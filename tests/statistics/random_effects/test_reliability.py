"""Tests of: How reliable a practice's mean is, how many answers that takes, and the mean shrunk accordingly."""

from __future__ import annotations

import math

import numpy as np
from practices_data import codes, simulate  # noqa: F401

from pxanalysis.statistics.random_effects.reliability import (
    gls_mean,
    needed_n,
    practice_reliability,
    shrink_means,
    shrunken_error,
)
from pxanalysis.statistics.random_effects.variance import practice_stats, variance_components


def test_needed_n_of_methods() -> None:
    # METHODS: ICC .03 → 76/130/291 for reliability .7/.8/.9
    assert [int(needed_n(0.03, r)) for r in (0.7, 0.8, 0.9)] == [76, 130, 291]  # rounded up; the last is exact
    # Spearman-Brown by hand: ICC .1 → .7/.3·.9/.1 = 21; ICC .5 → 1/9 odds
    assert [int(needed_n(0.1, 0.7)), int(needed_n(0.5, 0.9))] == [21, 9]
    assert math.isinf(needed_n(0.0, 0.7))
    assert math.isnan(needed_n(np.nan, 0.7))
    # at that n the reliability is reached, with one answer less it is not
    for r in (0.7, 0.8, 0.9):
        n = needed_n(0.03, r)
        assert practice_reliability(n, 0.03, 0.97) >= r - 1e-12
        assert practice_reliability(n - 1, 0.03, 0.97) < r


def test_replicates_equal_repeated_practices() -> None:
    """A practice drawn twice counts as two: batched components equal those of the rows laid out anew."""
    rng = np.random.default_rng(9)
    y, codes, _ = simulate(rng, 8, 6, 0.3)
    values = np.column_stack([y, np.where(rng.random(y.size) < 0.3, np.nan, y**2)])
    stats = practice_stats(values, codes, 8)
    draws = np.array([np.bincount(rng.integers(0, 8, 8), minlength=8) for _ in range(5)], dtype=float)
    batched = variance_components(stats, draws)
    for r, times in enumerate(draws.astype(int)):
        parts = [(values[codes == j]) for j in range(8) for _ in range(times[j])]
        laid_out = np.concatenate(parts)
        again = np.repeat(np.arange(len(parts)), [len(part) for part in parts]).astype(np.intp)
        alone_stats = practice_stats(laid_out, again, len(parts))
        alone = variance_components(alone_stats)
        for name in ("n0", "ms_between", "ms_within", "sigma2_between", "icc", "f_value"):
            np.testing.assert_allclose(getattr(batched, name)[r], getattr(alone, name), rtol=1e-9, atol=1e-12)
        mu = gls_mean(stats.mean, stats.n, batched.sigma2_between, batched.sigma2_within, draws)[r]
        np.testing.assert_allclose(
            mu, gls_mean(alone_stats.mean, alone_stats.n, alone.sigma2_between, alone.sigma2_within), rtol=1e-9
        )


def test_shrunken_means_are_nearer_the_truth_and_cover() -> None:
    rng = np.random.default_rng(13)
    raw_error, shrunk_error, covered = [], [], []
    for _ in range(40):
        y, codes, truth = simulate(rng, 60, 25, 0.05)
        stats = practice_stats(y[:, None], codes, 60)
        parts = variance_components(stats)
        between, within = parts.sigma2_between, parts.sigma2_within
        mu = gls_mean(stats.mean, stats.n, between, within)
        shrunk = shrink_means(stats.mean, stats.n, mu, between, within)[:, 0]
        error = shrunken_error(stats.n, between, within)[:, 0]
        raw_error.append(((stats.mean[:, 0] - truth) ** 2).mean())
        shrunk_error.append(((shrunk - truth) ** 2).mean())
        covered.append((np.abs(shrunk - truth) <= 1.96 * error).mean())
    assert np.mean(shrunk_error) < 0.65 * np.mean(raw_error)
    assert 0.90 < np.mean(covered) < 0.98


def test_replicates_come_in_one_batch() -> None:
    """500 bootstrap replicates of the components and shrunken means of 300 practices × 14 touchpoints."""
    rng = np.random.default_rng(14)
    values = rng.normal(size=(12_000, 14))
    codes = rng.integers(0, 300, 12_000).astype(np.intp)
    stats = practice_stats(values, codes, 300)
    draws = rng.multinomial(300, np.full(300, 1 / 300), size=500).astype(float)
    parts = variance_components(stats, draws)
    mu = gls_mean(stats.mean, stats.n, parts.sigma2_between, parts.sigma2_within, draws)
    between, within = parts.sigma2_between[:, None], parts.sigma2_within[:, None]
    assert shrink_means(stats.mean, stats.n, mu[:, None], between, within).shape == (500, 300, 14)
