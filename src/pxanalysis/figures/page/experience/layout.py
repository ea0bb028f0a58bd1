"""Two ways to lay out a journey: across the page, or down where it is narrow or its labels are long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pxanalysis.figures.kit.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.figures.kit.geometry import Anchor, Box, Point, Scale, boxes_along
from pxanalysis.figures.kit.lettering import is_broken, measure, wrap
from pxanalysis.figures.kit.placing import place_labels
from pxanalysis.figures.kit.words import Words

__all__ = ["Across", "Down", "JourneyLayout", "Value"]

_FEELS = (2, 1, 0, -1, -2)
_LINE = SMALL * LEADING
_DOT = 9.0
_BADGE = 24.0
"""Room for the number of a priority before a label."""


@dataclass(frozen=True, slots=True)
class Value:
    """One point of the curve: which contact, where (−2 to +2), and its value in words and colour."""

    contact: int
    feels: float
    text: str
    role: str


class JourneyLayout(Protocol):
    """Where the contacts of a journey, their values and their words come to stand."""

    @property
    def height(self) -> float:
        """Pixels needed below ``top``."""

    def place(self, contact: float, feels: float) -> Point:
        """Return the pixel of a point on the curve."""

    def draw_axis(self, canvas: Canvas, words: Words) -> None:
        """Draw grid lines with their figures."""

    def draw_labels(self, canvas: Canvas) -> None:
        """Write the contacts' labels, how many answered or why there is no figure, and their priorities."""

    def draw_values(self, canvas: Canvas, values: Sequence[Value], lines: Sequence[Sequence[Point]]) -> None:
        """Write the values so that they do not stand on ``lines``."""


class Across:
    """Contacts side by side, −2 to +2 upwards; `fits` says whether the labels do."""

    _axis = 84.0
    _head = 34.0
    _plot = 236.0
    _most_lines = 3

    def __init__(
        self, labels: Sequence[str], counts: Sequence[str], ranks: Sequence[int], width: float, top: float
    ) -> None:
        self._column = (width - self._axis) / max(1, len(labels))
        self._ranks = ranks
        room = self._column - 6
        rooms = [room - _BADGE if rank else room for rank in ranks]
        beside = [wrap(label, its, SMALL, most=20) for label, its in zip(labels, rooms, strict=True)]
        self._beside = not any(map(is_broken, beside)) and max(map(len, beside), default=0) <= self._most_lines
        self._labels = beside if self._beside else [wrap(label, room, SMALL, most=20) for label in labels]
        self._lead = _BADGE if any(ranks) and not self._beside else 0.0
        self._counts = [wrap(count, room, SMALL, most=3) for count in counts]
        self._width = width
        self._top = top + self._head
        self._feels = Scale(2, -2, self._top, self._top + self._plot)

    def fits(self) -> bool:
        """Whether every label and count fits below its contact without a broken word."""
        broken = any(map(is_broken, (*self._labels, *self._counts)))
        return len(self._labels) > 0 and not broken and max(map(len, self._labels)) <= self._most_lines

    @property
    def height(self) -> float:
        """Pixels needed below ``top``."""
        deepest = max((len(a) + len(b) for a, b in zip(self._labels, self._counts, strict=True)), default=1)
        return self._head + self._plot + 20 + self._lead + deepest * _LINE

    def place(self, contact: float, feels: float) -> Point:
        """Return the pixel of a point on the curve."""
        return self._axis + (contact + 0.5) * self._column, self._feels(feels)

    def draw_axis(self, canvas: Canvas, words: Words) -> None:
        """Draw grid lines with their figures; words at the two ends."""
        for feels in _FEELS:
            y = self._feels(feels)
            zero = feels == 0
            canvas.line([(self._axis, y), (self._width, y)], role="rule" if zero else "line")
            canvas.text(self._axis - 10, y, words.signed(feels), size=SMALL, role="soft", anchor="right")
        for feels, key in ((2, "figure.very_positive"), (-2, "figure.very_negative")):
            lines = wrap(words.text(key), self._axis - 30, SMALL, most=2)
            canvas.block(0, self._feels(feels), lines, size=SMALL, role="soft")

    def draw_labels(self, canvas: Canvas) -> None:
        """Write each label below the plot with its priority before it or, without room, above it; the count below."""
        for contact, (lines, count, rank) in enumerate(zip(self._labels, self._counts, self._ranks, strict=True)):
            x, y = self.place(contact, 0)[0], self._top + self._plot + 24
            if rank and self._beside:
                wide = max((measure(line, SMALL) for line in lines), default=0.0)
                canvas.badge(x - wide / 2 - 2, y, rank)
                x += _BADGE / 2
            elif rank:
                canvas.badge(x, y, rank)
            y += self._lead
            for line in lines:
                canvas.text(x, y, line, size=SMALL, anchor="center")
                y += _LINE
            for line in count:
                canvas.text(x, y, line, size=SMALL, role="soft", anchor="center")
                y += _LINE

    def draw_values(self, canvas: Canvas, values: Sequence[Value], lines: Sequence[Sequence[Point]]) -> None:
        """Write each value near its point: where neither the curve nor an edge of the band runs, if there is room."""
        points = [self.place(value.contact, value.feels) for value in values]
        zero = [(self._axis, self._feels(0)), (self._width, self._feels(0))]
        boxes = place_labels(
            points,
            [(measure(value.text, SIZE, bold=True), SIZE) for value in values],
            bounds=Box(self._axis, self._top - 20, self._width, self._top + self._plot + 12),
            taken=[Box(x - _DOT, y - _DOT, x + _DOT, y + _DOT) for x, y in points],
            crossed=[box for line in (*lines, zero) for box in boxes_along(line)],
            distances=np.arange(12.0, 44.0, 4.0),
        )
        for value, box in zip(values, boxes or [], strict=bool(boxes)):
            middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
            canvas.text(*middle, value.text, bold=True, role=value.role, anchor="center", halo=True)


class Down:
    """Contacts below one another, −2 to +2 to the right, values in a column of their own.

    Attributes
    ----------
    height
        Pixels needed below ``top``.
    """

    _head = 62.0
    _values = 42.0

    def __init__(
        self, labels: Sequence[str], counts: Sequence[str], ranks: Sequence[int], width: float, top: float
    ) -> None:
        self._indent = _BADGE + 2 if any(ranks) else 0.0
        self._ranks = ranks
        text = min(300.0, 0.4 * width) - self._indent
        self._labels = [wrap(label, text, SIZE, most=4) for label in labels]
        self._counts = [wrap(count, text, SMALL, most=3) for count in counts]
        rows = [max(40.0, self._deep(row) + 12) for row in range(len(labels))]
        ends = np.cumsum([0.0, *rows])
        self._middles = top + self._head + (ends[:-1] + ends[1:]) / 2
        self.height = self._head + float(ends[-1])
        self._top = top
        left = self._indent + text + 18
        self._feels = Scale(-2, 2, left, width - self._values - 6)
        self._width = width

    def _deep(self, row: int) -> float:
        return len(self._labels[row]) * SIZE * LEADING + len(self._counts[row]) * _LINE

    def place(self, contact: float, feels: float) -> Point:
        """Return the pixel of a point on the curve."""
        return self._feels(feels), float(np.interp(contact, np.arange(len(self._middles)), self._middles))

    def draw_axis(self, canvas: Canvas, words: Words) -> None:
        """Draw upright grid lines with their figures above; words at the two ends."""
        top, bottom = self._top + self._head, self._top + self.height
        for feels in _FEELS:
            x = self._feels(feels)
            canvas.line([(x, top - 8), (x, bottom)], role="rule" if feels == 0 else "line")
            canvas.text(x, top - 18, words.signed(feels), size=SMALL, role="soft", anchor="center")
        left, right = self._feels(-2), self._feels(2)
        most = (right - left) / 2
        ends: tuple[tuple[float, str, Anchor], ...] = (
            (left - 8, "negative", "left"),
            (right + 8, "positive", "right"),
        )
        for x, end, anchor in ends:
            lines = wrap(words.text(f"figure.very_{end}"), most, SMALL, most=2)
            foot = top - 34 - (len(lines) - 1) * _LINE / 2
            canvas.block(x, foot, lines, size=SMALL, role="soft", anchor=anchor)

    def draw_labels(self, canvas: Canvas) -> None:
        """Write each label at the left with the count under it, the priority before it."""
        for row, (lines, count, rank) in enumerate(zip(self._labels, self._counts, self._ranks, strict=True)):
            y = float(self._middles[row])
            if rank:
                canvas.badge(10, y, rank)
            y += SIZE * LEADING / 2 - self._deep(row) / 2
            for line in lines:
                canvas.text(self._indent, y, line)
                y += SIZE * LEADING
            for line in count:
                canvas.text(self._indent, y, line, size=SMALL, role="soft")
                y += _LINE

    def draw_values(self, canvas: Canvas, values: Sequence[Value], lines: Sequence[Sequence[Point]]) -> None:
        """Write each value at the right end of its row, where no line comes."""
        for value in values:
            y = float(self._middles[value.contact])
            canvas.text(self._width, y, value.text, bold=True, role=value.role, anchor="right")
