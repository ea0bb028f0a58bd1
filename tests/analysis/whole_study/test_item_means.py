"""Means of items compare the same people: against the closed form, and against a truth that is known."""

from __future__ import annotations

import numpy as np
import pytest
from cost_answers import answers_of

from pxanalysis.analysis.whole_study.item_means import compare_item_means
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.analysis.whole_study.touchpoints import tabulate_items
from pxanalysis.journey import Journey


def draw(rng: np.random.Generator, n: int, practices: int = 1) -> tuple[np.ndarray, np.ndarray]:
    codes = np.repeat(np.arange(practices), n)
    general = rng.normal(0, 10, (n * practices, 1)) + 5.0 * codes[:, None]
    return 60 + general + np.array([0.0, 4.0, 8.0]) + rng.normal(0, 6, (n * practices, 3)), codes


def test_without_missing_answers_means_are_the_ordinary_ones() -> None:
    values, codes = draw(np.random.default_rng(1), 40, 3)
    found = compare_item_means(values, codes, 3)
    expected = np.array([values[codes == one].mean(axis=0) for one in range(3)])
    np.testing.assert_allclose(found.mean, expected, rtol=1e-12)
    assert not found.incomplete.any()


def test_of_one_practice_it_is_the_factored_likelihood() -> None:
    """Anderson (1957): where one of two items is missing, its mean is corrected by the regression on the other."""
    rng = np.random.default_rng(2)
    values = draw(rng, 200)[0][:, :2]
    values[values[:, 0] < 55, 1] = np.nan
    x, y = values.T
    both = np.isfinite(y)
    slope = np.polyfit(x[both], y[both], 1)[0]
    expected = y[both].mean() + slope * (x.mean() - x[both].mean())
    found = compare_item_means(values, np.zeros(200, dtype=int), 1)
    assert found.mean[0] == pytest.approx([x.mean(), expected], rel=1e-6)
    assert found.incomplete.tolist() == [[False, True]]


def test_a_form_that_asked_the_discontented_less_moves_no_mean() -> None:
    """Two items of those below 60 were not asked in half of the practices: by whoever answered they gain points."""
    rng = np.random.default_rng(3)
    whole, codes = draw(rng, 2000, 6)
    asked = whole.copy()
    asked[(codes < 3) & (whole[:, 0] < 60), 1:] = np.nan
    truth = np.array([whole[codes == one].mean(axis=0) for one in range(6)])
    naive = np.array([np.nanmean(asked[codes == one], axis=0) for one in range(6)])
    found = compare_item_means(asked, codes, 6)
    assert np.abs(naive - truth).max() > 3
    assert np.abs(found.mean - truth).max() < 1.0, "three standard errors of what is missing"
    assert found.mass[:, 0].tolist() == [2000.0] * 6


def test_what_a_practice_was_not_asked_at_all_has_no_mean() -> None:
    values, codes = draw(np.random.default_rng(4), 50, 2)
    values[codes == 0, 2] = np.nan
    values[:5, 1] = np.nan
    found = compare_item_means(values, codes, 2)
    assert np.isnan(found.mean[0, 2])
    assert np.isfinite(np.delete(found.mean.ravel(), 2)).all()


def test_where_it_cannot_be_estimated_the_reason_is_said(treatment: Journey) -> None:
    values = np.array([[50.0, 75.0]] * 20 + [[25.0, np.nan]] * 20)
    found = compare_item_means(values, np.zeros(40, dtype=int), 1)
    assert found.reason
    assert found.mean[0].tolist() == [37.5, 75.0]
    rows = [(5, 4, 3)] * 15 + [(1, None, None)] * 15
    items = tabulate_items(answers_of(treatment, rows), FitSettings()).query("practice_id != ''").set_index("item")
    assert items.loc[["costs_beforehand", "costs_clear"], "mean_over"].tolist() == ["all", "answered"]


def test_the_order_of_items_is_that_among_the_same_people(treatment: Journey) -> None:
    """By whoever answered the first item is the lowest; whoever answered all gave it the highest mark."""
    content = [(5, 4, 3), (4, 4, 3), (5, 4, 4), (3, 3, 2), (4, 3, 3), (2, 2, 1), (3, 2, 2)] * 5
    discontented = [(2, None, None), (1, None, None)] * 15
    items = tabulate_items(answers_of(treatment, content + discontented), FitSettings())
    mean = items.query("practice_id != ''").set_index("item")["mean"]
    assert (np.mean([one[0] for one in content + discontented]) - 1) * 25 < (np.mean([c[1] for c in content]) - 1) * 25
    assert mean["costs_beforehand"] > mean["costs_clear"] > mean["costs_fair"]
    own = items.query("practice_id != ''").set_index("item")["mean_over"]
    assert own[["costs_beforehand", "costs_fair"]].tolist() == ["all", "estimated"]
    pooled = items.query("practice_id == ''").set_index("item")["mean"]
    assert pooled["costs_fair"] == pytest.approx(mean["costs_fair"])


def test_a_weight_of_two_is_two_people() -> None:
    values, codes = draw(np.random.default_rng(6), 60, 2)
    values[::3, 1] = np.nan
    twice = np.where(np.arange(120) % 2, 2.0, 1.0)
    rows = np.repeat(np.arange(120), twice.astype(int))
    found, repeated = compare_item_means(values, codes, 2, twice), compare_item_means(values[rows], codes[rows], 2)
    np.testing.assert_allclose(found.mean, repeated.mean, rtol=1e-6)
    np.testing.assert_allclose(found.mass, repeated.mass)
    none = compare_item_means(values, codes, 2, np.where(codes == 1, 0.0, 1.0))
    assert np.isnan(none.mean[1]).all()


def test_with_very_many_items_means_are_of_whoever_answered_and_it_is_said() -> None:
    """Of 40 questions with gaps nearly everybody has another pattern: EM over them once took over ten minutes."""
    rng = np.random.default_rng(3)
    values = rng.uniform(0, 100, (300, 40))
    values[rng.random(values.shape) < 0.3] = np.nan
    found = compare_item_means(values, np.zeros(300, dtype=int), 1)
    assert found.mean[0] == pytest.approx(np.nanmean(values, axis=0))
    assert "40 items" in found.reason
    assert found.mass[0] == pytest.approx(np.isfinite(values).sum(axis=0))
