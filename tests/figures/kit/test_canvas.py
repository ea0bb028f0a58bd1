"""Tests of: A sheet that is drawn on in CSS pixels, from the top left, in the palette's roles."""

from __future__ import annotations

from figure_marks import collisions

from pxanalysis.figures.kit.canvas import Canvas
from pxanalysis.figures.kit.geometry import Box


def test_collisions_are_seen() -> None:
    canvas = Canvas(200, 100)
    canvas.text(20, 20, "line")
    canvas.line([(0, 20), (100, 22)], role="ink")
    canvas.text(20, 50, "dot")
    canvas.dots([(30, 50)])
    canvas.text(20, 80, "bar")
    canvas.box(Box(10, 70, 60, 90), role="cool")
    canvas.text(190, 80, "edge")
    assert len(collisions(canvas.drawing)) == 4
    canvas.text(60, 22, "beside")
    assert len(collisions(canvas.drawing)) == 5
