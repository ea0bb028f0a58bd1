"""Tests of: Places in a figure: points and boxes in pixels, ``y`` downwards, and the scales that lead there."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.figures.kit.geometry import Box, cut_line, monotone_curve


@given(
    st.tuples(st.floats(0, 100), st.floats(0, 100)),
    st.tuples(st.floats(0, 100), st.floats(0, 100)),
    st.lists(st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(1, 30), st.floats(1, 30)), max_size=5),
)
def test_a_cut_line_leaves_every_box_free(
    start: tuple[float, float], end: tuple[float, float], corners: list[tuple[float, float, float, float]]
) -> None:
    boxes = [Box(x, y, x + wide, y + high) for x, y, wide, high in corners]
    for (x0, y0), (x1, y1) in cut_line(start, end, boxes, gap=2):
        for share in np.linspace(0.001, 0.999, 50):
            x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            assert not any(box.left < x < box.right and box.top < y < box.bottom for box in boxes)


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=20))
def test_curves_do_not_overshoot(values: list[float]) -> None:
    points = monotone_curve(np.array(values))
    for i, (start, end) in enumerate(itertools.pairwise(values)):
        ends = (min(start, end) - 1e-9, max(start, end) + 1e-9)
        controls = [value for _, value in points[3 * i + 1 : 3 * i + 3]]
        assert all(ends[0] <= value <= ends[1] for value in controls)
