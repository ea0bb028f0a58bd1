"""Tests of: How the answers to an outcome are spread: a bar per answer, in the groups that the field reads them in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from figure_examples import (
    distribution,
    funnel,
    trend,
)
from figure_marks import strokes_in
from figures_data import NL, texts_of

from pxanalysis.errors import ReportError
from pxanalysis.figures.page import (
    describe_distribution,
    describe_funnel,
    describe_trend,
    plot_distribution,
    plot_trend,
)


def test_distribution_groups_and_answers_that_nobody_gave() -> None:
    facts = describe_distribution(distribution("ktv"), kind="ktv")
    assert facts.data["value"].tolist() == list(range(1, 11))
    assert facts.n == 214
    assert facts.groups == pytest.approx({"insufficient": 11 / 214, "sufficient": 132 / 214, "high": 71 / 214})
    assert (facts.most_given, facts.most_given_share) == (8, pytest.approx(80 / 214))
    hidden = describe_distribution(distribution("nps", hidden=[0]), kind="nps")
    assert np.isnan(hidden.groups["detractors"])
    assert hidden.groups["promoters"] == pytest.approx(110 / 214)
    assert describe_distribution(distribution("ces"), kind="ces").groups == {}


def test_a_recommendation_from_one_to_ten_has_the_groups_that_its_net_share_is_of() -> None:
    frame = distribution("nps")
    facts = describe_distribution(frame[frame["value"] > 0], kind="nps", scale=(1, 10))
    assert facts.groups["detractors"] == pytest.approx(20 / 214)
    assert "criticasters (1–6): 9%" in texts_of(
        plot_distribution(frame[frame["value"] > 0], NL, kind="nps", scale=(1, 10))
    )
    assert describe_distribution(frame, kind="nps", scale=(0, 20)).groups == {}


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: describe_trend(pd.concat([trend(2), trend(2)])), "one row per period"),
        (lambda: describe_trend(trend(2).assign(period=["January", "May"])), "YYYY-MM"),
        (lambda: describe_funnel(pd.concat([funnel(2), funnel(2)]), own=""), "one row per practice"),
        (lambda: describe_distribution(pd.concat([distribution()] * 2), kind="ktv"), "one row per answer"),
        (lambda: plot_trend(trend(2), NL, unit="marks"), "unit: expected one of"),  # type: ignore[arg-type]
    ],
)
def test_a_frame_that_was_not_selected_is_refused(draw: object, message: str) -> None:
    with pytest.raises(ReportError, match=message):
        draw()  # type: ignore[operator]


def test_a_share_of_nought_has_neither_bar_nor_mark() -> None:
    frame, others = distribution("ktv"), distribution("ktv").assign(share=[0.003, 0.0, 0.0, 0.2, 0.397, 0.2, 0.2])
    figure = plot_distribution(frame, NL, kind="ktv", benchmark=others)
    foot = max(float(line[:, 1].max()) for line, _ in strokes_in(figure))
    marks = [line for line, _ in strokes_in(figure) if len(line) == 2 and line[0, 1] > foot - 3]
    assert len(marks) == 1, "only the axis lies on the axis"
