"""Tests of: How surely each touchpoint has its rank: an interval of ranks, and the chance to be among the first
three.
"""

from __future__ import annotations

import pytest
from figure_examples import (
    SHORT,
    distribution,
    drivers,
    touchpoints,
)
from figures_data import NL, joined

from pxanalysis.figures.kit.marks import PathMark
from pxanalysis.figures.kit.palette import LIGHT
from pxanalysis.figures.page import (
    describe_distribution,
    describe_ranks,
    plot_experience,
    plot_ranks,
)


def test_ranks_are_in_their_order() -> None:
    assert describe_ranks(drivers(SHORT)).order[:3] == ("treat", "cost", "kind")


def test_what_has_no_place_keeps_its_row_but_not_the_band_of_the_first_three() -> None:
    facts = describe_ranks(drivers(SHORT), without=["cost"])
    assert facts.data["touchpoint"].tolist()[:3] == ["treat", "cost", "kind"]
    assert facts.data.loc[1, ["rank", "rank_low", "rank_high", "p_top3"]].isna().all()
    assert "cost" not in facts.order
    figure = plot_ranks(drivers(SHORT), SHORT, NL, notes={"cost": "niets te winnen"})
    heights = [
        [y for _, y in mark.vertices]
        for mark in figure.marks
        if isinstance(mark, PathMark) and mark.fill == LIGHT.accent_tint
    ]
    rows = sorted((min(ys), max(ys)) for ys in heights if max(ys) - min(ys) > 20)
    assert len(rows) == 2
    assert rows[1][0] - rows[0][1] == pytest.approx(28), "one row without it"


def test_a_suppressed_value_is_never_drawn_even_when_the_cell_still_holds_it() -> None:
    frame = touchpoints(SHORT)
    frame.loc[2, "suppressed"] = True
    frame.loc[2, ["feels", "n"]] = [-1.234, 7]
    written = joined(plot_experience(frame, SHORT, NL))
    assert "−1,2" not in written
    assert "n = 7" not in written
    assert "te weinig antwoorden" in written

    ranked = drivers(SHORT).assign(suppressed=[i == 5 for i in range(7)], p_top3=0.876)
    assert joined(plot_ranks(ranked, SHORT, NL)).count("88%") == 6
    bars = distribution("ktv").assign(suppressed=[True] + [False] * 6)
    assert describe_distribution(bars, kind="ktv").data.loc[3, ["n", "share"]].isna().all()
