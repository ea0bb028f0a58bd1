"""Tests of: Gains and ranks per practice from draws of effects and of true performance; when they say enough to
act on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from priorities_data import found  # noqa: F401

from pxanalysis.analysis.priorities.ranking import GainDraws, gain_intervals, gain_of, rank_gains, rank_within

# --- kernels ----------------------------------------------------------------------------------------------------

FINITE = {"allow_nan": False, "allow_infinity": False}


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 8)), elements=st.floats(-10, 10, **FINITE)))
def test_ranks_are_a_permutation_that_follows_the_values(values):
    ranks = rank_within(values)
    assert (np.sort(ranks, axis=-1) == np.arange(1, values.shape[-1] + 1)).all()
    ordered = np.take_along_axis(values, np.argsort(ranks, axis=-1), axis=-1)
    assert (np.diff(ordered, axis=-1) <= 0).all()


@given(st.floats(-1, 1, **FINITE), st.floats(-100, 100, **FINITE), st.floats(0, 1, **FINITE))
def test_no_gain_at_or_above_the_target(effect, gap, met):
    gain = float(gain_of(effect, gap, met))
    assert gain == (effect * gap * met if gap > 0 else 0)


def draws_of(seed: int, p: int, practices: int = 3, draws: int = 60) -> tuple[GainDraws, GainDraws]:
    rng = np.random.default_rng(seed)
    effect = rng.normal(0.03, 0.03, (1, p))
    performance = rng.normal(70, 8, (1, practices, p))
    point = GainDraws(effect, np.full((1, p), 75.0), performance, rng.uniform(0.3, 1, (1, practices, p)))
    noise = rng.standard_normal((draws, practices, p))
    made = replace(
        point,
        effect=effect + 0.01 * rng.standard_normal((draws, p)),
        target=np.full((draws, p), 75.0),
        performance=performance + 3 * noise,
    )
    return made, point


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_chances_add_up_and_rank_intervals_hold_the_median_rank(seed, p):
    draws, point = draws_of(seed, p)
    ranked = np.random.default_rng(seed).random((3, p)) < 0.8
    found = rank_gains(draws, point, ranked, 0.95)
    counts = ranked.sum(axis=1)
    np.testing.assert_allclose(np.nansum(found.p_top, axis=1), np.minimum(counts, 3), atol=1e-9)
    assert (np.isnan(found.rank) == ~ranked).all()
    assert (found.rank_low <= found.rank_high)[ranked].all()
    assert (found.p_act <= found.p_top + 1e-12)[ranked].all()
    assert np.nanmax(found.rank_high, initial=0) <= counts.max()


@given(st.integers(0, 10_000), st.floats(0.1, 50))
def test_ranks_do_not_depend_on_the_unit_of_the_outcome(seed, factor):
    draws, point = draws_of(seed, 5)
    ranked = np.ones((3, 5), dtype=bool)
    other = rank_gains(
        replace(draws, effect=draws.effect * factor), replace(point, effect=point.effect * factor), ranked, 0.95
    )
    found = rank_gains(draws, point, ranked, 0.95)
    np.testing.assert_array_equal(other.rank, found.rank)
    np.testing.assert_allclose(other.p_top, found.p_top, atol=0.02)


@given(st.integers(0, 10_000))
def test_wider_confidence_wider_intervals(seed):
    draws, _ = draws_of(seed, 4)
    inner, outer = gain_intervals(draws, 0.8), gain_intervals(draws, 0.95)
    assert (outer[0] <= inner[0] + 1e-12).all()
    assert (inner[1] <= outer[1] + 1e-12).all()
