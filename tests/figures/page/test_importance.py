"""Tests of: Importance of each driver: its share of what explains the outcome, with its interval."""

from __future__ import annotations

import numpy as np
import pytest
from figure_examples import (
    LONG,
    SHORT,
    drivers,
    funnel,
    priorities,
    touchpoints,
    trend,
)
from figures_data import NL, joined, texts_of

from pxanalysis.figures.page import (
    describe_importance,
    plot_experience,
    plot_funnel,
    plot_importance,
    plot_matrix,
    plot_paths,
    plot_trend,
)


def test_importance_is_sorted_and_sums_to_what_is_drawn() -> None:
    frame = drivers(SHORT)
    facts = describe_importance(frame)
    assert facts.order[0] == "treat"
    assert facts.total == pytest.approx(frame["importance"].sum())
    assert (facts.largest, facts.smallest) == (frame["importance"].max(), frame["importance"].min())
    assert facts.data.columns.tolist() == [
        "touchpoint",
        "importance",
        "importance_low",
        "importance_high",
        "reason",
    ]


def test_the_importance_says_what_all_points_add_up_to() -> None:
    frame = drivers(SHORT).assign(importance=[0.05, 0.1, 0.15, 0.02, 0.08, 0.11, 0.09])
    assert "verklaart (samen 60%)" in joined(plot_importance(frame, SHORT, NL, outcome="tevredenheid"))


def test_a_gap_is_said_in_words() -> None:
    frame = touchpoints(SHORT)
    frame.loc[1, "feels"] = np.nan
    assert "geen cijfer" in joined(plot_experience(frame, SHORT, NL))
    assert "geen cijfer: te weinig antwoorden" in joined(plot_trend(trend(hidden=[3]), NL, unit="grade"))
    assert "Niet in de figuur: Wachtruimte." in joined(
        plot_matrix(priorities(SHORT, hidden=[2]), SHORT, NL, outcome="KTV")
    )
    assert "2 praktijken met te weinig antwoorden" in joined(
        plot_funnel(funnel(9, hidden=[0, 1]), NL, own="practice-4", unit="grade", outcome="KTV")
    )
    assert (
        joined(plot_importance(drivers(SHORT, missing=[0, 4]), SHORT, NL, outcome="KTV")).count("niet te berekenen")
        == 2
    )


def test_figures_hold_when_everything_is_equal_and_there_is_one_practice() -> None:
    alike = touchpoints(LONG, [80.0] * 14, benchmark=False, n=12)
    assert "andere praktijken" not in joined(plot_experience(alike, LONG, NL))
    same = drivers(LONG).assign(
        beta=0.0, ci_low=0.0, ci_high=0.0, importance=0.0, importance_low=0.0, importance_high=0.0, rank=1.0
    )
    assert "0,00" in texts_of(plot_paths(same, LONG, NL, outcome="KTV"))
    assert "0%" in texts_of(plot_importance(same, LONG, NL, outcome="KTV"))
    frame = priorities(LONG).assign(
        performance=80.0, performance_low=75.0, performance_high=85.0, importance=0.1, target=80.0
    )
    assert set("ABCDEFGHIJKLMN") <= set(texts_of(plot_matrix(frame, LONG, NL, outcome="KTV")))
    alone = plot_funnel(funnel(1), NL, own="practice-0", unit="grade", outcome="KTV")
    assert "uw praktijk" in texts_of(alone)
    assert "andere praktijken" not in texts_of(alone)
    assert "8,3" in texts_of(plot_trend(trend(1), NL, unit="grade"))
