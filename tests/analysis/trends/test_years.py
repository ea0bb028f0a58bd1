from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.analysis.trends.years import YearChange, compare_years
from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.proportions.intervals import adjusted_wald, t_interval, welch_interval

MONTHS = [f"{2024 + place // 12}-{place % 12 + 1:02d}" for place in range(30)]


def of_answers(answers: list[FloatArray], periods: list[str]) -> YearChange | None:
    n = np.array([len(one) for one in answers], dtype=float)
    mean = np.array([one.mean() for one in answers])
    error = np.array([one.std(ddof=1) for one in answers]) / np.sqrt(n)
    low, high = t_interval(mean, error, n - 1, 0.95)
    return compare_years(periods, n, mean, low, high)


def test_a_year_is_the_mean_of_its_answers_and_the_difference_nearly_welchs() -> None:
    rng = np.random.default_rng(1)
    answers = [rng.normal(8.0, 1.2, size) for size in rng.integers(20, 90, 30)]
    found = of_answers(answers, MONTHS)
    assert found is not None
    last, before = np.concatenate(answers[18:]), np.concatenate(answers[6:18])
    assert (found.last, found.before) == pytest.approx((last.mean(), before.mean()), rel=1e-12)
    assert (found.n_last, found.n_before) == (len(last), len(before))
    assert found.whole
    error = [one.std(ddof=1) / np.sqrt(len(one)) for one in (before, last)]
    means = [(before.mean(), error[0]), (last.mean(), error[1])]
    low, high = welch_interval(*means, (len(before) - 1, len(last) - 1), 0.95)
    # Each month's own t stands for the whole year's, so that it is a little wider; nothing here differs by month.
    assert found.high - found.low == pytest.approx(float(high - low), rel=0.06)


def test_the_answer_is_nearly_always_within_and_a_change_that_is_not_there_is_seldom_said() -> None:
    """2,000 courses of 24 months with 10 to 25 grades a month; true change 0.2, and none."""
    rng, held, false = np.random.default_rng(2), 0, 0
    for change in (0.2, 0.0):
        for _ in range(1000):
            sizes = rng.integers(10, 26, 24)
            true = [8.0 + change * (place >= 12) for place in range(24)]
            answers = [np.clip(np.round(rng.normal(m, 1.1, k)), 1, 10) for m, k in zip(true, sizes, strict=True)]
            found = of_answers(answers, MONTHS[:24])
            assert found is not None
            held += found.low <= change <= found.high
            false += change == 0.0 and found.direction != "same"
    assert 0.94 < held / 2000 < 0.985
    assert false / 1000 < 0.055


def test_a_net_promoter_score_keeps_its_limits() -> None:
    n = np.full(24, 15.0)
    net = np.where(np.arange(24) < 12, 0.9, 0.2)
    promoters, critics = np.where(net > 0.5, 0.95, 0.4), np.where(net > 0.5, 0.05, 0.2)
    low, high = adjusted_wald(promoters, critics, n)
    found = compare_years(MONTHS[:24], n, promoters - critics, low, high)
    assert found is not None
    assert (found.before, found.last) == pytest.approx((0.9, 0.2))
    assert found.direction == "lower"
    assert -2.0 < found.low < -0.7 < found.high < 0.0


@pytest.mark.parametrize(("hidden", "told"), [((), True), ((3, 14), True), (range(6), True), (range(7), False)])
def test_without_half_of_a_year_nothing_is_told(hidden: range, told: bool) -> None:
    estimate = np.full(24, 8.0)
    estimate[list(hidden)] = np.nan
    found = compare_years(MONTHS[:24], np.full(24, 20.0), estimate, estimate - 0.5, estimate + 0.5)
    assert (found is not None) == told
    if found is not None:
        assert found.whole == (not hidden)
        assert found.direction == "same"


def test_a_season_is_no_change_where_the_year_before_is_half_a_year() -> None:
    """18 months that start in January, high in winter and low in summer, no change at all: nothing may be told."""
    season = 8.0 + 0.5 * np.cos(2.0 * np.pi * np.arange(18) / 12.0 - 1.0)
    found = compare_years(MONTHS[:18], np.full(18, 40.0), season, season - 0.3, season + 0.3)
    assert found is not None
    assert found.last == pytest.approx(found.before, abs=1e-12)
    assert (found.direction, found.whole, found.n_last, found.n_before) == ("same", False, 240.0, 240.0)


def test_the_last_year_ends_with_the_last_figure_and_quarters_are_four_to_a_year() -> None:
    quarters = [f"{year}-{month:02d}-01" for year in (2024, 2025, 2026) for month in (1, 4, 7, 10)]
    estimate = np.arange(12.0)
    estimate[-1] = np.nan
    found = compare_years(quarters, np.full(12, 30.0), estimate, estimate - 0.1, estimate + 0.1)
    assert found is not None
    assert (found.last, found.before) == (8.5, 4.5)
    assert (found.n_last, found.whole, found.direction) == (120.0, True, "higher")
    assert found.until == "2026-07-01"  # what is told of "the last twelve months" names where they end


def test_one_year_or_nothing_known_is_no_comparison() -> None:
    ones = np.ones(12)
    assert compare_years(MONTHS[:12], 20 * ones, ones, ones, ones) is None
    assert compare_years(MONTHS[:12], 20 * ones, np.nan * ones, ones, ones) is None
    assert compare_years([], *(np.array([]),) * 4) is None


@given(st.lists(st.tuples(st.integers(10, 99), st.floats(1, 10)), min_size=24, max_size=24), st.integers(0, 23))
def test_a_hidden_month_changes_nothing_whatever_it_holds(rows: list[tuple[int, float]], hidden: int) -> None:
    """What is told comes from shown figures only: number and figure of a month that is not shown have no part."""
    n, estimate = (np.array(one, dtype=float) for one in zip(*rows, strict=True))
    gone = np.arange(24) == hidden
    low, high = np.where(gone, np.nan, estimate - 0.5), np.where(gone, np.nan, estimate + 0.5)
    first = compare_years(MONTHS[:24], n, np.where(gone, np.nan, estimate), low, high)
    other = compare_years(MONTHS[:24], np.where(gone, 5.0, n), np.where(gone, np.nan, estimate), low, high)
    assert first == other
    assert first is not None
