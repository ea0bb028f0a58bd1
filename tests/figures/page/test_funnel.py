"""Tests of: The funnel plot: where a practice stands among practices, given how many answered. Only its own dot
has a name.
"""

from __future__ import annotations

import numpy as np
import pytest
from figure_examples import (
    funnel,
)
from figure_marks import strokes_in, written_in
from figures_data import NL, texts_of

from pxanalysis.figures.kit.embedding import COLUMN, NARROW
from pxanalysis.figures.page import (
    describe_funnel,
    plot_funnel,
)


def test_funnel_tells_where_the_own_practice_is() -> None:
    frame = funnel(25, hidden=[0, 1])
    places = {}
    for shift in (-3.5, -2.5, 0.0, 2.5, 3.5):
        spread = (frame.loc[4, "high95"] - 8.5) / 1.96
        frame.loc[4, "estimate"] = 8.5 + shift * spread
        places[shift] = describe_funnel(frame, own="practice-4").position
    assert list(places.values()) == ["far below", "below", "within", "above", "far above"]
    facts = describe_funnel(frame, own="practice-4")
    assert (facts.n_practices, facts.n_hidden) == (23, 2)
    assert len(facts.data) == 1
    assert "practice_id" not in facts.data
    assert describe_funnel(frame, own="practice-0").position == ""


@pytest.mark.parametrize("own", range(12))
def test_the_name_of_the_own_practice_interrupts_no_limit(own: int) -> None:
    frame = funnel(36)
    for width in (COLUMN, NARROW):
        figure = plot_funnel(frame, NL, own=f"practice-{3 * own}", unit="grade", outcome="KTV", width=width)
        assert texts_of(figure).count("uw praktijk") == 2, "beside the dot and in the legend"
        limits = [line for line, half in strokes_in(figure) if half == 0.75]
        assert len(limits) == 4


def test_the_limits_of_a_funnel_stay_in_its_frame_from_the_smallest_practice_to_the_largest() -> None:
    frame = funnel(12, largest=4000)
    figure = plot_funnel(frame, NL, own="practice-4", unit="grade", outcome="KTV")
    ends = [line for line, half in strokes_in(figure) if half == 0.75]
    reach = [float(np.vstack(ends)[:, 0].min()), float(np.vstack(ends)[:, 0].max())]
    for side in (min, max):
        outer = [line for line in ends if side(line[:, 1]) == side(np.vstack(ends)[:, 1])]
        assert len(outer) == 1
    assert reach[0] < 60
    assert reach[1] > COLUMN - 30
    ticks = [written.box for written in written_in(figure)]
    assert min(line[:, 1].min() for line in ends) > min(box.bottom for box in ticks), "below the title"
