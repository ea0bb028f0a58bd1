"""Levels, areas under the curve, folds and paired tests: against other means, and at their edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.non_nested import fit_model
from pxanalysis.statistics.non_nested.weighted_chi_squares import weighted_chi_square_tail
from pxanalysis.statistics.prediction.cross_validation import deal_folds, predict_left_out
from pxanalysis.statistics.prediction.discrimination import areas_under_curve, replicate_areas
from pxanalysis.statistics.proportions.net_scores import estimate_net_score, paired_net_difference
from pxanalysis.statistics.proportions.paired import compare_paired_shares, mcnemar_clustered
from pxanalysis.statistics.random_effects.level_correlations import correlate_levels
from pxanalysis.statistics.random_effects.retest import estimate_retest

RNG = np.random.default_rng(5)
CODES = np.repeat(np.arange(12), RNG.integers(5, 30, 12)).astype(np.intp)
ROWS = RNG.standard_normal((CODES.size, 3)) + RNG.standard_normal((12, 3))[CODES]


def test_levels_are_those_of_pandas() -> None:
    counts = np.vstack([np.ones(12), RNG.multinomial(12, np.full(12, 1 / 12), 5)]).astype(np.int32)
    found = correlate_levels(ROWS, CODES, counts)
    frame = pd.DataFrame(ROWS)
    means = frame.groupby(CODES).transform("mean")
    np.testing.assert_allclose(found.within, (frame - means).corr().iloc[:2, 2], rtol=1e-10)
    np.testing.assert_allclose(found.between, frame.groupby(CODES).mean().corr().iloc[:2, 2], rtol=1e-10)
    np.testing.assert_allclose(found.within_replicates[0], found.within)
    drawn = np.repeat(np.arange(12), counts[3])
    many = pd.concat([frame[j == CODES].assign(unit=k) for k, j in enumerate(drawn)])
    centred = many[[0, 1, 2]] - many.groupby("unit")[[0, 1, 2]].transform("mean")
    np.testing.assert_allclose(found.within_replicates[3], centred.corr().iloc[:2, 2], rtol=1e-10)
    np.testing.assert_allclose(
        found.between_replicates[3], many.groupby("unit")[[0, 1, 2]].mean().corr().iloc[:2, 2], rtol=1e-10
    )


def test_areas_in_samples_are_areas_of_the_sampled_rows() -> None:
    scores, positive = np.rint(ROWS[:, :2]), ROWS[:, 2] > 0
    counts = RNG.multinomial(12, np.full(12, 1 / 12), 4).astype(np.int32)
    found = replicate_areas(scores, positive, CODES, counts)
    for sample, row in zip(found, counts, strict=True):
        rows = np.concatenate([np.flatnonzero(j == CODES) for j in np.repeat(np.arange(12), row)])
        np.testing.assert_allclose(sample, areas_under_curve(scores[rows], positive[rows]).estimate)


def test_an_area_needs_two_of_each_class() -> None:
    with pytest.raises(NotEstimableError, match="1 positive and 3 negative"):
        areas_under_curve(np.arange(4.0)[:, None], np.array([True, False, False, False]))


@given(st.integers(2, 6), st.integers(0, 100))
def test_folds_keep_practices_together(n_folds: int, seed: int) -> None:
    fold = deal_folds(CODES, n_folds, seed)
    assert pd.Series(fold).groupby(CODES).nunique().max() == 1
    assert np.unique(fold).size == n_folds


def test_logit_predictions_are_those_of_scikit_learn() -> None:
    y = (ROWS[:, 2] > 0).astype(float)
    fold = deal_folds(CODES, 4, 1)
    found = predict_left_out(y, ROWS[:, :2], fold, "binary")
    for number in range(4):
        test = fold == number
        other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(ROWS[~test, :2], y[~test])
        np.testing.assert_allclose(found.predicted[test], other.predict_proba(ROWS[test, :2])[:, 1], rtol=1e-5)


def test_a_fold_that_leaves_one_class_is_refused() -> None:
    y = np.array([0.0, 0.0, 1.0, 1.0])
    with pytest.raises(NotEstimableError, match="without fold 1 the criterion has one class"):
        predict_left_out(y, np.zeros((4, 1)), np.array([0, 0, 1, 1]), "binary")


def test_one_class_and_a_perfect_metric_are_refused() -> None:
    with pytest.raises(NotEstimableError, match="one class"):
        fit_model(np.ones(9), np.arange(9.0)[:, None], "binary")
    with pytest.raises(NotEstimableError, match="without any error"):
        fit_model(np.zeros(9), np.arange(9.0)[:, None], "continuous")


def test_nobody_differing_has_no_mcnemar() -> None:
    same = np.array([True, False, True])
    found = compare_paired_shares(same, same)
    assert np.isnan(found.chi2)
    assert (found.estimate, found.exact_p) == (0.0, 1.0)
    assert found.ci_low < 0 < found.ci_high, "no difference in three people proves nothing"
    assert np.isnan(mcnemar_clustered(same, same, np.array([0, 1, 1]))).all()


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=2, max_size=60), st.integers(0, 10**6))
def test_paired_net_scores_turn_their_sign(classes: list[float], seed: int) -> None:
    first = np.array(classes)
    second = np.random.default_rng(seed).permutation(first)
    there, back = paired_net_difference(first, second), paired_net_difference(second, first)
    assert (there.ci_low, there.ci_high) == pytest.approx((-back.ci_high, -back.ci_low))
    assert there.ci_low <= there.estimate <= there.ci_high
    gap = estimate_net_score(second).estimate - estimate_net_score(first).estimate
    assert there.estimate == pytest.approx(gap, abs=1e-12)


def test_empty_groups_are_refused() -> None:
    with pytest.raises(AnalysisError, match="at least one answer"):
        estimate_net_score(np.empty(0))
    with pytest.raises(AnalysisError, match="at least two people"):
        paired_net_difference(np.ones(1), np.ones(1))
    with pytest.raises(AnalysisError, match="there are none"):
        compare_paired_shares(np.empty(0, dtype=bool), np.empty(0, dtype=bool))


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [(np.arange(4.0), np.arange(4.0), "at least 5"), (np.arange(9.0), np.arange(9.0) + 1, "do not differ")],
)
def test_retest_edges(first: np.ndarray, second: np.ndarray, words: str) -> None:
    with pytest.raises(NotEstimableError, match=words):
        estimate_retest(first, second)


@pytest.mark.parametrize("weights", [[1.0, 0.5], [1.0, 1e-3, 2.0], [3.0, 3.0, 0.2, 0.1]])
def test_tails_of_weighted_chi_squares_are_those_of_simulation(weights: list[float]) -> None:
    draws = (RNG.standard_normal((400_000, len(weights))) ** 2) @ np.array(weights)
    for value in (0.5, 2.0, 6.0):
        p = float((draws > value).mean())
        found = weighted_chi_square_tail(value, np.array(weights))
        assert found == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 400_000))
