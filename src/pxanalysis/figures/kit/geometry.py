"""Places in a figure: points and boxes in pixels, ``y`` downwards, and the scales that lead there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot
from typing import Literal, NamedTuple

import numpy as np

from pxanalysis.arrays import FloatArray

__all__ = [
    "Anchor",
    "Box",
    "Point",
    "Scale",
    "Shape",
    "boxes_along",
    "cut_line",
    "follow_curve",
    "monotone_curve",
    "span_inside",
    "unbroken_runs",
]


def monotone_curve(values: FloatArray) -> list[tuple[float, float]]:
    """Return the Bézier points ``(t, value)`` of a monotone cubic through equally spaced values.

    Tangents after Steffen (1990, Astronomy and Astrophysics 239, 443): no local extremum appears that is not in
    the values.

    Parameters
    ----------
    values
        At ``t = 0, 1, 2, ...``; no gaps, at least one.

    Returns
    -------
    list of (float, float)
        The first point, then three per stretch: two control points and the next point.

    Examples
    --------
    >>> monotone_curve(np.array([0.0, 1.0]))[-1]
    (1.0, 1.0)
    """
    slopes = np.diff(values)
    tangents = np.zeros(len(values))
    if len(slopes):
        before, after = slopes[:-1], slopes[1:]
        steepest = np.minimum(np.minimum(np.abs(before), np.abs(after)), np.abs(before + after) / 4)
        tangents[1:-1] = (np.sign(before) + np.sign(after)) * steepest
        tangents[0], tangents[-1] = slopes[0], slopes[-1]
    points = [(0.0, float(values[0]))]
    for i in range(len(slopes)):
        points += [
            (i + 1 / 3, float(values[i] + tangents[i] / 3)),
            (i + 2 / 3, float(values[i + 1] - tangents[i + 1] / 3)),
            (i + 1.0, float(values[i + 1])),
        ]
    return points


def follow_curve(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """Return points on a Bézier curve as `monotone_curve` gives it, ``steps`` per stretch.

    >>> follow_curve([(0, 0), (1, 1), (2, 2), (3, 3)], steps=1)
    [(0.0, 0.0), (3.0, 3.0)]
    """
    corners = np.array(points, dtype=np.float64)
    t = np.linspace(0, 1, steps + 1)[1:, None]
    parts = [corners[:1]]
    for i in range(0, len(corners) - 1, 3):
        a, b, c, d = corners[i : i + 4]
        parts.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return [(x, y) for x, y in np.concatenate(parts).tolist()]


def unbroken_runs(present: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the first and last position of every stretch without a gap.

    >>> list(unbroken_runs([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    start: int | None = None
    for position, here in enumerate([*present, False]):
        if here and start is None:
            start = position
        elif not here and start is not None:
            yield start, position - 1
            start = None


Point = tuple[float, float]
Anchor = Literal["left", "center", "right"]
Shape = Literal["circle", "diamond", "square", "triangle"]


class Box(NamedTuple):
    """A rectangle in pixels, ``y`` downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box, gap: float = 0.0) -> bool:
        """Whether the two rectangles come closer than ``gap``."""
        return (
            self.left < other.right + gap
            and other.left < self.right + gap
            and self.top < other.bottom + gap
            and other.top < self.bottom + gap
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values ``low..high`` to pixels ``start..end``; when ``low == high`` all fall in the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


_SHORTEST = 4.0
"""A stretch of a cut line that is shorter than this looks like dirt."""


def cut_line(start: Point, end: Point, boxes: Iterable[Box], gap: float = 3.0) -> list[list[Point]]:
    """Return the stretches of a straight line that stay ``gap`` pixels away from every box: lines make room for words.

    >>> cut_line((0, 5), (100, 5), [Box(40, 0, 60, 10)], gap=0)
    [[(0.0, 5.0), (40.0, 5.0)], [(60.0, 5.0), (100.0, 5.0)]]
    """
    hidden = sorted(span for box in boxes if (span := span_inside(start, end, box, gap)))
    across, down = end[0] - start[0], end[1] - start[1]
    free, reached = [], 0.0
    for first, last in [*hidden, (1.0, 1.0)]:
        if (first - reached) * hypot(across, down) > _SHORTEST:
            free.append([(start[0] + part * across, start[1] + part * down) for part in (reached, first)])
        reached = max(reached, last)
    return free


def span_inside(start: Point, end: Point, box: Box, gap: float) -> tuple[float, float] | None:
    """Which part (0 to 1) of a line runs within ``gap`` of a box (Liang & Barsky 1984); None when it runs past it."""
    first, last = 0.0, 1.0
    for at, way, low, high in (
        (start[0], end[0] - start[0], box.left - gap, box.right + gap),
        (start[1], end[1] - start[1], box.top - gap, box.bottom + gap),
    ):
        if way == 0:
            if not low < at < high:
                return None
            continue
        enters, leaves = sorted(((low - at) / way, (high - at) / way))
        first, last = max(first, enters), min(last, leaves)
    return (first, last) if first < last else None


def boxes_along(line: Sequence[Point], half: float = 1.0, step: float = 4.0) -> Iterator[Box]:
    """Yield small boxes that cover a drawn line, so that words can be placed beside it."""
    for (x0, y0), (x1, y1) in pairwise(line):
        count = max(1, ceil(max(abs(x1 - x0), abs(y1 - y0)) / step))
        for part in range(count):
            a, b = part / count, (part + 1) / count
            left, right = sorted((x0 + a * (x1 - x0), x0 + b * (x1 - x0)))
            top, bottom = sorted((y0 + a * (y1 - y0), y0 + b * (y1 - y0)))
            yield Box(left - half, top - half, right + half, bottom + half)
