"""Tests of: An outcome over time: months or quarters with their intervals, and the periods without a figure."""

from __future__ import annotations

import re

import numpy as np
import pytest
from figure_examples import (
    trend,
)
from figure_marks import collisions
from figures_data import EN, NL, joined, texts_of

from pxanalysis.figures.kit.embedding import COLUMN, NARROW, SLIM
from pxanalysis.figures.page import (
    describe_trend,
    plot_trend,
)
from pxanalysis.figures.page.trend import MOST_SLIM


def test_trend_fills_months_that_nobody_answered() -> None:
    frame = trend(8, hidden=[2]).drop(index=[5])
    facts = describe_trend(frame.sample(frac=1, random_state=2))
    assert facts.n_periods == 8
    assert facts.missing == ("2025-03", "2025-06")
    assert (facts.first_period, facts.last_period) == ("2025-01", "2025-08")
    assert not facts.apart
    assert facts.data["suppressed"].tolist() == [i == 2 for i in range(8)]


def test_trend_of_quarters_steps_by_three_months() -> None:
    facts = describe_trend(trend(6, quarters=True).drop(index=[1, 2]))
    assert facts.data["period"].tolist()[:3] == ["2025-01-01", "2025-04-01", "2025-07-01"]
    assert facts.missing == ("2025-04-01", "2025-07-01")


def test_trend_says_when_first_and_last_are_apart() -> None:
    frame = trend(3)
    assert not describe_trend(frame).apart, "results that do not say"
    frame["since_first_low"], frame["since_first_high"] = [np.nan, -0.2, 0.1], [np.nan, 0.4, 0.9]
    assert describe_trend(frame).apart, "though their intervals overlap"
    frame.loc[2, "since_first_low"] = -0.1
    assert not describe_trend(frame).apart


@pytest.mark.parametrize("width", [COLUMN, NARROW, SLIM])
def test_a_trend_says_how_many_answered_in_each_period(width: int) -> None:
    frame = trend(6, quarters=True, hidden=[2]).assign(n=[11.0, 23, np.nan, 37, 12, 18])
    written = texts_of(plot_trend(frame, NL, unit="grade", width=width))
    assert {"n =", "11", "23", "37", "12", "18"} <= set(written)
    assert "×" in written, "a hidden period stays marked"
    months = joined(plot_trend(trend(30).assign(n=range(10, 40)), NL, unit="grade", width=width))
    assert ("antwoorden per periode: 10 tot 39" in months) == ("n =" not in months)


@pytest.mark.parametrize("last", range(2, MOST_SLIM + 1))
def test_every_quarter_of_a_slim_trend_has_its_name_and_each_year_stands_once(last: int) -> None:
    for start in range(4):
        frame = trend(start + last, quarters=True).iloc[start:]
        written = texts_of(plot_trend(frame, NL, unit="grade", width=SLIM))
        assert sum(re.fullmatch(r"K\d", text) is not None for text in written) == last
        years = [text for text in written if re.fullmatch(r"20\d\d", text)]
        assert sorted(years) == sorted({period[:4] for period in frame["period"]})
        assert collisions(plot_trend(frame, NL, unit="grade", width=SLIM)) == []


def test_where_not_every_period_can_be_named_the_last_one_is() -> None:
    written = texts_of(plot_trend(trend(30), NL, unit="grade", width=NARROW))
    names = [NL.month(f"2025-{month:02}", short=True).split()[0] for month in range(1, 13)]
    months = [text for text in written if text in names]
    assert months[-1] == names[5], "thirty months from January"
    assert len(months) < 30


@pytest.mark.parametrize("seed", range(20))
def test_a_short_trend_fits_a_third_of_the_paper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frame = trend(int(rng.integers(2, MOST_SLIM + 1)), quarters=bool(seed % 2))
    level = 8.3 + np.cumsum(rng.normal(0, 0.4, len(frame)))
    reach = rng.uniform(0.1, 0.9, len(frame))
    frame = frame.assign(estimate=level, ci_low=level - reach, ci_high=level + reach)
    gone = np.flatnonzero(rng.random(len(frame)) < 0.3)[: len(frame) - 1]
    frame.loc[gone, ["n", "estimate", "ci_low", "ci_high"]] = np.nan
    for words in (NL, EN):
        assert collisions(plot_trend(frame, words, unit="grade", width=SLIM)) == []


def test_a_control_chart_has_limits_in_the_place_of_intervals() -> None:
    frame = trend(8, hidden=[3])
    limits = frame.assign(centre=7.5, limit_low=6.0, limit_high=9.0, signal=["", "", "", "", "", "", "", "outside"])
    drawn = joined(plot_trend(limits, EN, unit="grade"))
    assert EN.text("figure.usual") in drawn
    assert EN.text("figure.signal") in drawn
    assert EN.text("figure.interval") not in drawn
    quiet = joined(plot_trend(limits.assign(signal=""), EN, unit="grade"))
    assert EN.text("figure.signal") not in quiet
    without = joined(plot_trend(frame, EN, unit="grade"))
    assert EN.text("figure.interval") in without
    # a hidden period has no limit, whatever its cells hold
    assert describe_trend(limits).data["limit_low"].isna().tolist() == [place == 3 for place in range(8)]
