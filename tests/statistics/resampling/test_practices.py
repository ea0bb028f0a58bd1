"""Tests of: Bootstrap of means and covariances that resamples whole practices and never re-reads a row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bootstrap_data import holed, resampled, survey
from hypothesis import given
from hypothesis import strategies as st
from reliability_data import patients_of_practices

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.factor.alpha import (
    clustered_interval,
    cronbach_alpha,
    feldt_interval,
)
from pxanalysis.statistics.resampling.practices import bootstrap_moments, draw_counts


def test_complete_replicates_equal_the_moments_of_their_rows():
    values, practice = survey()
    found = bootstrap_moments(values, practice, 50, 3)
    assert (found.method, found.unit, found.n_patterns, found.notes) == ("complete", "practice", 1, ())
    for b in (0, 17, 49):
        rows = resampled(values, practice, found.counts[b], list(found.labels))
        np.testing.assert_allclose(found.mean[b], rows.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(found.cov[b], np.cov(rows.T, ddof=0), rtol=1e-10)


def test_one_step_stays_close_to_full_em_and_reports_how_close():
    values, practice = survey(40, seed=5)
    values = holed(values)
    quick = bootstrap_moments(values, practice, 200, 6, method="one-step")
    full = bootstrap_moments(values, practice, 200, 6, method="em")
    np.testing.assert_array_equal(quick.counts, full.counts)
    spread = full.cov.std(axis=0)
    error = np.abs(quick.cov - full.cov) / spread
    assert np.sqrt((error**2).mean()) < 0.05
    np.testing.assert_allclose(quick.cov.std(axis=0), spread, rtol=0.05)
    assert quick.n_checked == 20
    assert error[:20].max() == pytest.approx(quick.largest_error, rel=0.2)
    assert 0 < quick.typical_error < 0.05


def test_listwise_uses_complete_rows_only():
    values, practice = survey()
    values = holed(values)
    complete = np.isfinite(values).all(axis=1)
    found = bootstrap_moments(values, practice, 10, 7, method="listwise")
    assert found.n_obs == complete.sum()
    assert found.n_dropped == (~complete).sum()
    np.testing.assert_array_equal(found.rows, np.flatnonzero(complete))
    rows = resampled(values[complete], practice[complete], found.counts[4], list(found.labels))
    np.testing.assert_allclose(found.cov[4], np.cov(rows.T, ddof=0), rtol=1e-9)


@pytest.mark.parametrize("missing", [False, True])
def test_weights_multiply_the_counts(missing):
    values, practice = survey(seed=9)
    values = holed(values) if missing else values
    weights = np.random.default_rng(1).integers(0, 3, len(values))
    weighted = bootstrap_moments(values, practice, 8, 2, weights=weights)
    repeated = bootstrap_moments(np.repeat(values, weights, axis=0), np.repeat(practice, weights), 8, 2)
    np.testing.assert_allclose(weighted.mean, repeated.mean, atol=1e-6)
    np.testing.assert_allclose(weighted.cov, repeated.cov, atol=1e-6)


@given(units=st.integers(1, 40), replicates=st.integers(1, 30), seed=st.integers(0, 99))
def test_counts_add_up_and_follow_the_seed(units, replicates, seed):
    counts = draw_counts(units, replicates, np.random.default_rng(seed))
    assert counts.shape == (replicates, units)
    assert (counts.sum(axis=1) == units).all()
    np.testing.assert_array_equal(counts, draw_counts(units, replicates, np.random.default_rng(seed)))


def test_same_seed_same_replicates_and_the_input_is_not_changed():
    values, practice = survey()
    values = holed(values)
    before = values.copy()
    first, second = (bootstrap_moments(pd.DataFrame(values), practice, 6, 5) for _ in range(2))
    np.testing.assert_array_equal(first.cov, second.cov)
    np.testing.assert_array_equal(values, before)
    different = bootstrap_moments(values, practice, 6, np.random.default_rng(6))
    assert not np.array_equal(first.counts, different.counts)


def test_spread_of_the_mean_is_the_cluster_sampling_error():
    # Truth: equally large practices, so the standard error of the mean is the deviation of practice means over root J.
    rng = np.random.default_rng(12)
    practice = np.repeat(np.arange(60), 25)
    values = (rng.normal(0, 0.5, 60)[practice] + rng.normal(size=practice.size))[:, None]
    found = bootstrap_moments(np.hstack([values, rng.normal(size=values.shape)]), practice, 4000, 13)
    means = values[:, 0].reshape(60, 25).mean(axis=1)
    assert found.mean[:, 0].std() == pytest.approx(means.std() / np.sqrt(60), rel=0.05)
    alone = bootstrap_moments(np.hstack([values, values**2]), None, 2000, 13)
    assert alone.mean[:, 0].std() < 0.6 * found.mean[:, 0].std()


def test_replicates_that_cannot_be_estimated_are_set_aside_and_counted():
    rng = np.random.default_rng(14)
    practice = np.repeat(np.arange(12), 10)
    values = rng.normal(size=(120, 3))
    values[practice > 1, 2] = np.nan
    found = bootstrap_moments(values, practice, 200, 15)
    without = found.counts[:, :2].sum(axis=1) == 0
    assert without.any()
    assert not found.valid[without].any()
    assert np.isnan(found.cov[~found.valid]).all()
    assert np.isfinite(found.cov[found.valid]).all()
    assert f"{(~found.valid).sum()} of 200 bootstrap samples" in str(found.notes[0])


def test_constant_column_in_a_replicate_is_set_aside():
    values = np.column_stack([np.repeat([0.0, 0.0, 1.0], 4), np.arange(12.0)])
    found = bootstrap_moments(values, np.repeat(["a", "b", "c"], 4), 100, 1)
    constant = (found.counts[:, 2] == 0) | (found.counts[:, 2] == 3)
    np.testing.assert_array_equal(found.valid, ~constant)
    assert "Only 3 practices were resampled" in " ".join(map(str, found.notes))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "quick"}, "expected one of auto, listwise, em, one-step, received 'quick'"),
        ({"n_replicates": 0}, "n_replicates: expected 1 or more"),
        ({"weights": [-1.0] * 384}, "weights are 0 or more"),
        ({"clusters": ["a"] * 3}, r"one practice per row .* received 3"),
    ],
)
def test_wrong_input_is_refused(change, message):
    values, practice = survey()
    arguments = {"values": values, "clusters": practice, "n_replicates": 5, "rng": 1} | change
    if "weights" in change:
        arguments["weights"] = change["weights"][:1] * len(values)
    with pytest.raises(AnalysisError, match=message):
        bootstrap_moments(**arguments)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.column_stack([np.ones(9), np.arange(9)]), "column 'x1' is constant"),
        (np.array([[1.0, np.nan], [2, np.nan], [np.nan, 1], [np.nan, 5]]), "answered together by 0"),
        (np.array([[1.0, 2.0]]), "1 of 1 rows can be used"),
    ],
)
def test_a_sample_that_cannot_be_estimated_is_said(values, message):
    with pytest.raises(NotEstimableError, match=message):
        bootstrap_moments(values, None, 5, 1)


def test_singular_incomplete_sample_is_said():
    values, practice = survey()
    gaps = holed(values)
    gaps[:, 1] = 2 * gaps[:, 0]
    with pytest.raises(NotEstimableError, match="singular"):
        bootstrap_moments(gaps, practice, 5, 1)


@pytest.mark.real_data
def test_hospital_with_its_many_patterns_takes_one_step_that_is_close(real_data):
    answers = pd.read_csv(real_data / "hospital_2016" / "responses.csv")
    items = [*[name for name in answers if name.startswith("Q")][:14], "sat_score"]
    found = bootstrap_moments(answers[items], answers["HOSPITAL"], 1000, 1)
    assert found.method == "one-step"
    assert found.n_checked >= 5
    assert found.typical_error < 0.05
    assert found.valid.all()


def test_replicates_with_fewer_rows_than_columns_are_set_aside_not_raised() -> None:
    """Four small practices, many columns, missing answers: a replicate can hold one practice four times."""
    rng = np.random.default_rng(8)
    values = rng.normal(size=(48, 9)) + rng.normal(size=(48, 1))
    values[rng.random(values.shape) < 0.15] = np.nan
    made = bootstrap_moments(values, np.repeat(np.arange(4), 12), 200, 3)
    assert 0 < made.valid.sum() < 200
    eigenvalues = np.linalg.eigvalsh(made.cov[made.valid])
    assert (eigenvalues[:, 0] > 0).all()


def test_very_many_rows_of_one_practice_are_drawn_in_bundles(monkeypatch):
    values = np.random.default_rng(18).normal(size=(6000, 2))
    alone = bootstrap_moments(values, None, 800, 19)
    monkeypatch.setattr("pxanalysis.statistics.resampling.weights.MOST_CASES", 1000)
    bundled = bootstrap_moments(values, None, 800, 19)
    assert bundled.counts.shape == (800, 1000)
    assert np.bincount(bundled.units).tolist() == [6] * 1000
    rows = np.repeat(values, bundled.counts[5, bundled.units], axis=0)
    np.testing.assert_allclose(bundled.cov[5], np.cov(rows.T, ddof=0), rtol=1e-10)
    np.testing.assert_allclose(bundled.cov.std(axis=0), alone.cov.std(axis=0), rtol=0.15)


@pytest.mark.slow
@pytest.mark.parametrize(("practices", "icc", "unevenness", "feldt"), [(20, 0.1, 0.3, 0.75), (6, 0.2, 0.2, 0.9)])
def test_interval_of_practices_covers_alpha_where_feldt_does_not(practices, icc, unevenness, feldt):
    rng, truth = np.random.default_rng(6), 4 / 5
    hits = np.zeros(2)
    for seed in range(250):
        values, codes = patients_of_practices(rng, practices=practices, patients=40, icc=icc, unevenness=unevenness)
        alpha = float(cronbach_alpha(np.cov(values.T)))
        draws = cronbach_alpha(bootstrap_moments(values, codes, 200, seed).cov)
        _, low, high = clustered_interval(alpha, draws, practices)
        published = feldt_interval(alpha, len(values), 4)
        hits += [low <= truth <= high, published[0] <= truth <= published[1]]
    assert 0.91 <= hits[0] / 250 <= 0.985
    assert hits[1] / 250 < feldt
