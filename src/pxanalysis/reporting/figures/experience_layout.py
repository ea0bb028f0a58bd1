"""Two ways to lay out a journey: across the page, or down where it is narrow or its labels are long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pxanalysis.analysis.result import FloatArray
from pxanalysis.reporting.figures.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.reporting.figures.geometry import Anchor, Point, Scale
from pxanalysis.reporting.figures.lettering import measure, wrap
from pxanalysis.reporting.figures.words import Words

__all__ = ["Across", "Down", "JourneyLayout"]

_FEELS = (2, 1, 0, -1, -2)
_LINE = SMALL * LEADING
_STEEP = 0.35
"""From this change per contact on, a value is written beside the curve instead of right above or below it."""


class JourneyLayout(Protocol):
    """Where the contacts of a journey, their values and their words come to stand."""

    @property
    def height(self) -> float:
        """Pixels needed below ``top``."""

    def place(self, contact: float, feels: float) -> Point:
        """Return the pixel of a point on the curve."""

    def draw_axis(self, canvas: Canvas, words: Words) -> None:
        """Draw grid lines with their figures."""

    def draw_label(self, canvas: Canvas, contact: int, count: str, rank: int) -> None:
        """Write a contact's label, how many answered, and its priority (0 for none)."""

    def draw_value(self, canvas: Canvas, contact: int, feels: FloatArray, value: str, role: str) -> None:
        """Write the value of a contact; ``feels`` are those of the whole journey."""

    def draw_gap(self, canvas: Canvas, contact: int, note: str) -> None:
        """Say why a contact has no point."""


class Across:
    """Contacts side by side, −2 to +2 upwards; `fits` says whether the labels do."""

    _axis = 84.0
    _head = 34.0
    _plot = 236.0
    _most_lines = 3

    def __init__(self, labels: Sequence[str], notes: Sequence[str], width: float, top: float) -> None:
        self._count = len(labels)
        self._column = (width - self._axis) / max(1, self._count)
        self._room = self._column - 6
        self._labels = [wrap(label, self._room, SMALL, most=20) for label in labels]
        self._notes = notes
        self._width = width
        self._top = top + self._head
        self._feels = Scale(2, -2, self._top, self._top + self._plot)
        self._deepest = min(self._most_lines, max((len(label) for label in self._labels), default=1))

    def fits(self) -> bool:
        """Whether every label and note fits below its contact without a broken word."""
        words = [word for line in self._notes for word in line.split()]
        whole = all(measure(word, SMALL) <= self._room for word in words)
        broken = any(line.endswith("-") for lines in self._labels for line in lines)
        deep = any(len(lines) > self._most_lines for lines in self._labels)
        return self._count > 0 and whole and not broken and not deep

    @property
    def height(self) -> float:
        """Pixels needed below ``top``."""
        return self._head + self._plot + 46 + (self._deepest + 1) * _LINE

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

    def draw_label(self, canvas: Canvas, contact: int, count: str, rank: int) -> None:
        """Write the label below the plot, the count under it, the priority above it."""
        x = self.place(contact, 0)[0]
        y = self._top + self._plot + 18
        if rank:
            canvas.badge(x, y, rank)
        y += 22
        lines = self._labels[contact][: self._most_lines]
        for line in lines:
            canvas.text(x, y, line, size=SMALL, anchor="center")
            y += _LINE
        canvas.text(x, y, count, size=SMALL, role="soft", anchor="center")

    def draw_value(self, canvas: Canvas, contact: int, feels: FloatArray, value: str, role: str) -> None:
        """Write the value on the side of the point where the curve is not."""
        before, after = _slopes(feels, contact)
        x, y = self.place(contact, float(feels[contact]))
        valley = before <= 0 <= after and (before < 0 or after > 0)
        slope = 0.0 if before * after <= 0 else (before + after) / 2
        aside = 0.0 if abs(slope) < _STEEP else 14.0 * float(-np.sign(slope))
        below = valley or (feels[contact] < 0 and slope == 0)
        canvas.text(x + aside, y + (20 if below else -19), value, bold=True, role=role, anchor="center", halo=True)

    def draw_gap(self, canvas: Canvas, contact: int, note: str) -> None:
        """Write the reason in the middle of the empty column."""
        x, y = self.place(contact, 0)
        lines = wrap(note, self._room, SMALL, most=4)
        canvas.block(x, y - 8 - len(lines) * _LINE / 2, lines, size=SMALL, role="soft", anchor="center", halo=True)


class Down:
    """Contacts below one another, −2 to +2 to the right, values in a column of their own.

    Attributes
    ----------
    height
        Pixels needed below ``top``.
    """

    _head = 62.0
    _values = 42.0

    def __init__(self, labels: Sequence[str], width: float, top: float, *, ranked: bool) -> None:
        self._indent = 26.0 if ranked else 0.0
        text = min(300.0, 0.4 * width) - self._indent
        self._labels = [wrap(label, text, SIZE, most=4) for label in labels]
        rows = [max(40.0, len(lines) * SIZE * LEADING + _LINE + 12) for lines in self._labels]
        ends = np.cumsum([0.0, *rows])
        self._middles = top + self._head + (ends[:-1] + ends[1:]) / 2
        self.height = self._head + float(ends[-1])
        self._top = top
        left = self._indent + text + 18
        self._feels = Scale(-2, 2, left, width - self._values - 6)
        self._width = width

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

    def draw_label(self, canvas: Canvas, contact: int, count: str, rank: int) -> None:
        """Write the label at the left with the count under it, the priority before it."""
        y = self.place(contact, 0)[1]
        lines = self._labels[contact]
        if rank:
            canvas.badge(10, y, rank)
        full = len(lines) * SIZE * LEADING + (_LINE if count else 0)
        y += SIZE * LEADING / 2 - full / 2
        for line in lines:
            canvas.text(self._indent, y, line)
            y += SIZE * LEADING
        canvas.text(self._indent, y, count, size=SMALL, role="soft")

    def draw_value(self, canvas: Canvas, contact: int, feels: FloatArray, value: str, role: str) -> None:
        """Write the value at the right end of its row."""
        y = self.place(contact, 0)[1]
        canvas.text(self._width, y, value, bold=True, role=role, anchor="right")

    def draw_gap(self, canvas: Canvas, contact: int, note: str) -> None:
        """Write the reason in the row."""
        left, y = self.place(contact, -2)
        lines = wrap(note, self._width - left, SMALL, most=2)
        canvas.block(self._width, y, lines, size=SMALL, role="soft", anchor="right", halo=True)


def _slopes(feels: FloatArray, contact: int) -> tuple[float, float]:
    """Change from the contact before, and to the one after; 0 at an end or beside a gap."""
    steps = np.nan_to_num(np.diff(feels))
    before = float(steps[contact - 1]) if contact else 0.0
    after = float(steps[contact]) if contact < len(steps) else 0.0
    return before, after
