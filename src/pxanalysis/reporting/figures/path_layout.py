"""Where the parts of the driver path picture are: boxes on the left, the outcome's circle on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.reporting.figures.canvas import LEADING, SIZE, SMALL
from pxanalysis.reporting.figures.lettering import wrap

__all__ = ["LINE", "SMALL_LINE", "PathLayout", "lay_out_paths"]

LINE, SMALL_LINE = SIZE * LEADING, SMALL * LEADING
_ARC = 62.0
"""Arrows reach the outcome's circle between this many degrees above and below its left."""
_THICKEST = 8.0
"""An arrow's width goes with its weight up to this."""


@dataclass(frozen=True, slots=True)
class PathLayout:
    """Where boxes, arrows and the circle of the outcome are.

    Attributes
    ----------
    width, box, indent, radius
        Of the figure, a box, what stands before it, and the circle: pixels.
    labels, remarks
        Lines of text per box.
    tops
        Upper edge of each box, and the lower edge of the last.
    weights
        What is written on each arrow; empty where there is none.
    known
        Arrows that are drawn.
    """

    width: float
    box: float
    indent: float
    labels: list[list[str]]
    remarks: list[list[str]]
    tops: list[float]
    radius: float
    weights: list[str]
    known: int

    @property
    def bottom(self) -> float:
        """Lower edge of the last box."""
        return self.tops[-1]

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the outcome's circle."""
        return self.width - self.radius - 1, (self.tops[0] + self.bottom) / 2

    def middle(self, row: int) -> float:
        """Height of a driver's arrow."""
        return (self.tops[row] + self.tops[row + 1]) / 2

    @property
    def angle(self) -> float:
        """Degrees between two arrows where they reach the circle."""
        return min(18.0, 2 * _ARC / max(1, self.known - 1))

    @property
    def thickest(self) -> float:
        """Width of the heaviest arrow: arrows side by side leave room between them."""
        return min(_THICKEST, 0.75 * self.radius * float(np.radians(self.angle)))

    def landing(self, row: int) -> tuple[float, float]:
        """Where a driver's arrow meets the circle."""
        turn = float(np.radians(self.angle * (row - (self.known - 1) / 2)))
        x, y = self.centre
        return x - (self.radius + 3) * float(np.cos(turn)), y + (self.radius + 3) * float(np.sin(turn))


def lay_out_paths(
    names: Sequence[str], notes: Sequence[str], weights: list[str], width: int, *, ranked: bool
) -> PathLayout:
    """Stack the boxes, as high as their texts and at least as high as the circle."""
    radius = 62.0 if width > 420 else 48.0
    indent = 26.0 if ranked else 0.0
    room = min(280.0, 0.45 * width) - indent
    labels = [wrap(name, room - 20, SIZE, most=4) for name in names]
    remarks = [wrap(note, room - 20, SMALL, most=2) for note in notes]
    tops = [1.0]
    for lines, remark in zip(labels, remarks, strict=True):
        tops.append(tops[-1] + len(lines) * LINE + len(remark) * SMALL_LINE + 18)
    short = 2 * radius + 2 - (tops[-1] - tops[0])
    if short > 0:
        tops = [top + short * position / max(1, len(labels)) for position, top in enumerate(tops)]
        tops = tops if labels else [1.0, 2 * radius + 3]
    known = sum(1 for weight in weights if weight)
    return PathLayout(width, room, indent, labels, remarks, tops, radius, weights, known)
