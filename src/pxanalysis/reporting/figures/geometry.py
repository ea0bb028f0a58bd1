"""Places in a figure: points and boxes in pixels, ``y`` downwards, and the scales that lead there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot
from typing import Literal, NamedTuple

__all__ = ["Anchor", "Box", "Point", "Scale", "Shape", "boxes_along", "cut_line", "span_inside"]

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
