"""Tests of: The experience curve: how each contact of the journey feels, from very negative (−2) to very positive
(+2).
"""

from __future__ import annotations

import numpy as np
import pytest
from figure_examples import (
    SHORT,
    touchpoints,
)
from figures_data import EN, NL, texts_of

from pxanalysis.figures.page import (
    describe_experience,
    plot_experience,
)
from pxanalysis.figures.page.experience.plot import score_to_feels

# --- the numbers behind each figure ---------------------------------------------------------------------------


def test_experience_names_highest_lowest_and_low_points() -> None:
    facts = describe_experience(touchpoints(SHORT).sample(frac=1, random_state=1))
    assert (facts.highest, facts.lowest) == ("kind", "cost")
    assert facts.highest_feels == pytest.approx((93 - 50) / 25)
    assert facts.lowest_feels == pytest.approx((22 - 50) / 25)
    assert facts.low == ("wait", "cost")
    assert facts.data["touchpoint"].tolist() == list(SHORT), "journey order, whatever the frame's order"
    assert facts.data["benchmark_low"].iloc[0] == pytest.approx((70 - 50) / 25)


def test_a_contact_surely_below_other_practices_is_low_although_positive() -> None:
    frame = touchpoints(SHORT)
    frame.loc[3, ["ci_high", "benchmark_low"]] = [84.0, 90.0]
    assert "kind" in describe_experience(frame).low
    frame.loc[3, "ci_high"] = 89.0
    assert "kind" not in describe_experience(frame).low, "surely lower, but not by what a reader would see"


def test_feelings_and_benchmark_are_on_the_scale_of_the_fit() -> None:
    from pxanalysis.analysis.whole_study.touchpoints import feels

    scores = np.linspace(0, 100, 11)
    assert score_to_feels(scores).tolist() == feels(scores).tolist()


def test_counts_of_a_fit_may_be_missing_whole_numbers() -> None:
    frame = touchpoints(SHORT, hidden=[1]).astype({"n": "Int64"})
    assert describe_experience(frame).data["n"].isna().tolist() == [i == 1 for i in range(7)]


# --- what is written --------------------------------------------------------------------------------------------


def test_numbers_are_written_in_the_language() -> None:
    dutch = texts_of(plot_experience(touchpoints(SHORT), SHORT, NL))
    english = texts_of(plot_experience(touchpoints(SHORT), SHORT, EN))
    assert {"−0,4", "+1,7", "n = 214"} <= set(dutch)
    assert {"−0.4", "+1.7"} <= set(english)
