"""Tests of: Labels beside their dots, so that no two texts overlap and none hides a dot."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pxanalysis.figures.kit.geometry import Box, boxes_along
from pxanalysis.figures.kit.placing import place_labels


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), max_size=14),
    st.lists(st.tuples(st.floats(10, 120), st.floats(10, 30)), min_size=14, max_size=14),
)
def test_placed_labels_never_overlap(points: list[tuple[float, float]], sizes: list[tuple[float, float]]) -> None:
    dots = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    boxes = place_labels(
        points, sizes[: len(points)], bounds=Box(0, 0, 400, 300), taken=dots, crossed=[], distances=(11, 20, 30)
    )
    if boxes is not None:
        assert not any(a.overlaps(b) for a, b in itertools.combinations(boxes, 2))
        assert not any(box.overlaps(dot) for box in boxes for dot in dots)
        assert all(box.left >= 0 and box.right <= 400 and box.top >= 0 and box.bottom <= 300 for box in boxes)


def test_a_label_leaves_the_interval_of_its_dot_to_be_seen() -> None:
    points = [(200.0, 150.0), (200.0, 190.0)]
    lines = [[(100.0, 150.0), (300.0, 150.0)], [(100.0, 190.0), (300.0, 190.0)]]
    stretches = [box for line in lines for box in boxes_along(line, half=4.0, step=6.0)]
    dots = [Box(x - 6, y - 6, x + 6, y + 6) for x, y in points]
    places = place_labels(
        points,
        [(90.0, 15.0)] * 2,
        bounds=Box(0, 0, 400, 300),
        taken=dots,
        crossed=stretches,
        distances=np.arange(11.0, 60.0, 4.0),
    )
    assert places is not None
    assert not any(place.overlaps(stretch) for place in places for stretch in stretches)


def test_a_label_is_broken_where_that_gives_it_a_better_place() -> None:
    wide, narrow = (120.0, 15.0), (60.0, 30.0)
    box = {"bounds": Box(0, 0, 100, 200), "taken": [Box(44, 94, 56, 106)], "crossed": (), "distances": (11.0, 15.0)}
    assert place_labels([(50.0, 100.0)], [wide], **box) is None
    places = place_labels([(50.0, 100.0)], [wide], narrower=[narrow], **box)
    assert places is not None
    assert places[0].right - places[0].left == narrow[0]
