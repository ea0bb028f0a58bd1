"""Where the parts of the priority matrix stand, so that no two touch.

The words of the quadrants have strips of their own above and below all intervals, and labels keep clear of dots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.figures.kit.canvas import LEADING, SMALL
from pxanalysis.figures.kit.geometry import Box, Point, Scale, boxes_along
from pxanalysis.figures.kit.lettering import is_broken, measure, wrap
from pxanalysis.figures.kit.placing import place_labels
from pxanalysis.figures.kit.words import Words

__all__ = [
    "Corner", "Mark", "Plot", "Split", "corner_words", "corners", "direct_labels", "interval_lines", "lay_out",
    "place_letters", "radius_of", "spots",
]  # fmt: skip

_LINE = SMALL * LEADING
_AXIS = 40.0
_RADIUS, _BADGE = 6.0, 9.0
_LABEL, _LABEL_MOST, _LABEL_LEAST = 128.0, 172.0, 84.0
_WORD_EDGE, _WORDS = 8.0, 90.0
"""From the words of a quadrant to the frame, and how wide they may be: room for the longest word."""
_TURNS, _SEEN = 60, 3.0
"""Times that numbers make room for each other, and how many pixels of a dot they leave to be seen."""
_CLEAR, _STRETCH = 4.0, 6.0
"""Pixels that a label keeps from a line, and how much of a line counts as one to cross."""
_INSIDE = 5.0
"""Pixels between a label and the frame."""
_NEAREST_UP = 0.12
"""The horizontal line is at least this share of the axis away from its ends."""

_CORNERS = ("heavy_below", "heavy_above", "light_below", "light_above")
Corner = tuple[list[str], Box]
Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """One touchpoint: estimate, low and high on both axes (ends may be NaN), priority or 0, status."""

    label: str
    across: Triple
    up: Triple
    rank: int
    status: str


@dataclass(frozen=True, slots=True)
class Split:
    """Where the quadrants meet, what the vertical line stands for, and the study's target where it has only one."""

    against: str
    across: float
    up: float
    target: float


@dataclass(frozen=True, slots=True)
class Plot:
    """The frame, how high its strips for words are, the axes, and the pixel where the quadrants meet."""

    area: Box
    strip: float
    x: Scale
    y: Scale
    split: Point

    def at(self, mark: Mark) -> Point:
        """Pixel of a mark."""
        return self.x(mark.across[0]), self.y(mark.up[0])

    @property
    def inside(self) -> Box:
        """Where labels may stand: not against the frame."""
        a = self.area
        return Box(a.left + _INSIDE, a.top + _INSIDE, a.right - _INSIDE, a.bottom - _INSIDE)

    @property
    def strips(self) -> list[Box]:
        """Where only the words of the quadrants stand: along the upper and the lower edge."""
        a = self.area
        return [
            Box(a.left, a.top, a.right, a.top + self.strip),
            Box(a.left, a.bottom - self.strip, a.right, a.bottom),
        ]


def radius_of(mark: Mark) -> float:
    """Pixels that a mark's dot, or the number in its place, takes to each side."""
    return _BADGE if mark.rank else _RADIUS


def lay_out(marks: Sequence[Mark], split: Split, meanings: Sequence[list[str]], width: int, top: float) -> Plot:
    """Return the plot with its axes; ``meanings`` are the words of the quadrants."""
    strip = max(len(lines) for lines in meanings) * _LINE + 10
    least = min(400.0, 240.0 + 13.0 * len(marks))
    area = Box(_AXIS, top, width - 4.0, top + max(least, min(380.0, 0.76 * width)) + strip)
    widest = max(measure(line, SMALL, bold=True) for lines in meanings for line in lines) + 2 * _WORD_EDGE
    across = _range([m.across for m in marks], split.across, least=10.0, nearest=widest / (area.right - area.left))
    up = _range([mark.up for mark in marks], split.up, least=0.04, nearest=_NEAREST_UP)
    x = Scale(*across, area.left, area.right)
    y = Scale(*up, area.bottom - strip, area.top + strip)
    return Plot(area, strip, x, y, (x(split.across), y(split.up)))


def _range(values: Sequence[Triple], split: float, *, least: float, nearest: float) -> tuple[float, float]:
    """Ends of an axis that holds all intervals, and the split at least a share of it away from either end."""
    finite = [value for triple in values for value in triple if np.isfinite(value)] + [split]
    low, high = min(finite), max(finite)
    room = max(0.06 * (high - low), (least - (high - low)) / 2)
    low, high = low - room, high + room
    share = nearest / (1 - nearest)
    return min(low, split - share * (high - split)), max(high, split + share * (split - low))


def corner_words(split: Split, words: Words) -> list[list[str]]:
    """What being in each quadrant means, in short lines."""
    kind = "plain_" if split.against == "own_mean" else ""
    texts = [words.text(f"figure.matrix_{kind}{corner}") for corner in _CORNERS]
    return [wrap(text, _WORDS, SMALL, bold=True, most=3) for text in texts]


def corners(plot: Plot, meanings: Sequence[list[str]]) -> list[Corner]:
    """Put the words of the quadrants in their corners."""
    area, corners = plot.area, []
    for lines, (left, upper) in zip(
        meanings, ((True, True), (False, True), (True, False), (False, False)), strict=True
    ):
        wide, high = max(measure(line, SMALL, bold=True) for line in lines), len(lines) * _LINE
        start = area.left + _WORD_EDGE if left else area.right - _WORD_EDGE - wide
        top = area.top + 5 if upper else area.bottom - 5 - high
        corners.append((lines, Box(start, top, start + wide, top + high)))
    return corners


def interval_lines(plot: Plot, mark: Mark) -> list[list[Point]]:
    """Both intervals of a mark, as far as they are known."""
    x, y = plot.at(mark)
    lines = []
    if np.isfinite(mark.across[1:]).all():
        lines.append([(plot.x(mark.across[1]), y), (plot.x(mark.across[2]), y)])
    if np.isfinite(mark.up[1:]).all():
        lines.append([(x, plot.y(mark.up[1])), (x, plot.y(mark.up[2]))])
    return lines


def spots(marks: Sequence[Mark], plot: Plot) -> list[Point]:
    """Where the dots are drawn: at their values, but numbers that would cover another stand just beside it.

    The crossing of its intervals still shows where such a touchpoint is.
    """
    points = np.array([plot.at(mark) for mark in marks]).reshape(-1, 2)
    ranked = [index for index, mark in enumerate(marks) if mark.rank]
    below = points[ranked, 0] < plot.split[0] - 1e-6
    for _ in range(_TURNS if ranked else 0):
        for index in ranked:
            away = points[index] - points
            far = np.hypot(*away.T)
            apart = np.array([2 * _BADGE + 1 if mark.rank else _BADGE + _SEEN for mark in marks])
            apart[index] = 0.0
            other = int(np.argmax(apart - far))
            if apart[other] > far[other]:
                way = away[other] / far[other] if far[other] > 0.1 else np.array([1.0 if index > other else -1.0, 0.0])
                points[index] += way * (apart[other] - far[other]) / (2 if marks[other].rank else 1)
        # What is below the target stays on that side of the line.
        points[ranked, 0] = np.where(below, np.minimum(points[ranked, 0], plot.split[0] - 1), points[ranked, 0])
    return [(x, y) for x, y in points.tolist()]


def _obstacles(marks: Sequence[Mark], plot: Plot, at: Sequence[Point]) -> tuple[list[Box], list[Box]]:
    taken = plot.strips
    for mark, (x, y) in zip(marks, at, strict=True):
        r = radius_of(mark)
        taken.append(Box(x - r, y - r, x + r, y + r))
    (x, y), a = plot.split, plot.area
    lines = [[(x, a.top), (x, a.bottom)], [(a.left, y), (a.right, y)]]
    lines += [line for mark in marks for line in interval_lines(plot, mark)]
    # In short stretches: a label that hides more of a line stands worse.
    return taken, [box for line in lines for box in boxes_along(line, half=_CLEAR, step=_STRETCH)]


def _label_lines(label: str) -> list[str]:
    """A label in two lines at most, wider only for the sake of a long word."""
    lines = wrap(label, _LABEL, SMALL, most=2)
    return wrap(label, _LABEL_MOST, SMALL, most=2) if is_broken(lines) else lines


def _size(lines: Sequence[str]) -> tuple[float, float]:
    return max(measure(line, SMALL) for line in lines), len(lines) * _LINE


def direct_labels(marks: Sequence[Mark], plot: Plot, at: Sequence[Point]) -> list[Corner] | None:
    """Labels at their dots; None when there is no room for all of them."""
    texts = [_label_lines(mark.label) for mark in marks]
    if any(is_broken(lines) or not lines for lines in texts):
        return None
    broken = [wrap(mark.label, _LABEL_LEAST, SMALL, most=2) for mark in marks]
    shorter = [text if is_broken(lines) else lines for text, lines in zip(texts, broken, strict=True)]
    taken, crossed = _obstacles(marks, plot, at)
    boxes = place_labels(
        at,
        [_size(lines) for lines in texts],
        bounds=plot.inside,
        taken=taken,
        crossed=crossed,
        distances=np.arange(11.0, 60.0, 4.0),
        narrower=[_size(lines) for lines in shorter],
        led=True,
    )
    if boxes is None:
        return None
    # The height of a place tells which of the two stands there.
    return [
        (one if box.bottom - box.top < (len(one) + 0.5) * _LINE else two, box)
        for one, two, box in zip(texts, shorter, boxes, strict=True)
    ]


def place_letters(marks: Sequence[Mark], plot: Plot, at: Sequence[Point], letters: Sequence[str]) -> list[Corner]:
    """A letter near each dot; on a figure this size there is always a place for it somewhere."""
    taken, crossed = _obstacles(marks, plot, at)
    boxes = place_labels(
        at,
        [(measure(letter, SMALL, bold=True), _LINE) for letter in letters],
        bounds=plot.inside,
        taken=taken,
        crossed=crossed,
        distances=np.arange(9.0, plot.area.right, 6.0),
        led=True,
    )
    return [([letter], box) for letter, box in zip(letters, boxes or [], strict=bool(boxes))]
