"""What the signs in a figure mean: a row of samples with words that breaks where the figure is narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pxanalysis.figures.kit.canvas import LEADING, SMALL, Canvas
from pxanalysis.figures.kit.geometry import Box, Shape
from pxanalysis.figures.kit.lettering import measure, wrap
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.words import Words

__all__ = ["Entry", "KeyList", "Sign", "blank_figure", "draw_legend", "first_entries", "legend_height"]

_SAMPLE = 24.0
_DOT = 14.0
_GAP = 22.0
_LINE = SMALL * LEADING
_ROW_GAP = 4.0

Sign = Literal[
    "dot", "badge", "line", "thin", "dashes", "dots", "upright", "area", "bar", "interval", "mark", "stop", "none"
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One sign and its meaning; ``none`` is a note without a sign."""

    sign: Sign
    text: str
    role: str = "cool"
    shape: Shape = "circle"
    edge: str | None = "paper"


def first_entries(ranks: Iterable[int], words: Words) -> list[Entry]:
    """Return what the numbers of the priorities mean, where a figure has any (0 is none)."""
    return [Entry("badge", words.text("figure.first_points"), role="accent")] if any(ranks) else []


@dataclass(frozen=True, slots=True)
class _Placed:
    entry: Entry
    lines: list[str]
    x: float
    y: float
    height: float


def _indent(entry: Entry) -> float:
    return {"none": 0.0, "dot": _DOT + 6, "badge": _DOT + 8, "upright": _DOT + 2}.get(entry.sign, _SAMPLE + 6)


def _flow(entries: Sequence[Entry], width: float) -> list[_Placed]:
    placed: list[_Placed] = []
    x, y, tallest = 0.0, 0.0, 0.0
    for entry in entries:
        indent = _indent(entry)
        lines = wrap(entry.text, width - indent, SMALL, most=4)
        if not lines:
            continue
        taken = indent + max(measure(line, SMALL) for line in lines)
        if x and x + taken > width:
            x, y, tallest = 0.0, y + tallest + _ROW_GAP, 0.0
        height = len(lines) * _LINE
        placed.append(_Placed(entry, lines, x, y, height))
        x, tallest = x + taken + _GAP, max(tallest, height)
    return placed


def legend_height(entries: Sequence[Entry], width: float) -> float:
    """Return how many pixels high the legend will be in ``width`` pixels; 0 without entries."""
    return max((placed.y + placed.height for placed in _flow(entries, width)), default=0.0)


def draw_legend(canvas: Canvas, entries: Sequence[Entry], left: float, top: float, width: float | None = None) -> None:
    """Draw the legend with its upper left corner at ``left, top``, over the figure's width unless told."""
    for placed in _flow(entries, canvas.width - left if width is None else width):
        middle = top + placed.y + _LINE / 2
        _draw_sign(canvas, placed.entry, left + placed.x, middle)
        indent = _indent(placed.entry)
        for count, line in enumerate(placed.lines):
            canvas.text(left + placed.x + indent, middle + count * _LINE, line, size=SMALL, role="soft")


def _draw_sign(canvas: Canvas, entry: Entry, x: float, y: float) -> None:
    match entry.sign:
        case "dot":
            canvas.dots([(x + _DOT / 2, y)], role=entry.role, shape=entry.shape, radius=5.5, edge=entry.edge)
        case "badge":
            canvas.badge(x + 8, y, 1, radius=7.5)
        case "line":
            canvas.line([(x, y), (x + _SAMPLE, y)], role=entry.role, width=2.5)
        case "thin":
            canvas.line([(x, y), (x + _SAMPLE, y)], role=entry.role)
        case "dots":
            canvas.line([(x, y), (x + _SAMPLE, y)], role=entry.role, width=2, dash=(2, 3))
        case "dashes":
            canvas.line([(x, y), (x + _SAMPLE, y)], role=entry.role, width=2, dash=(6, 4))
        case "upright":
            canvas.line([(x + _DOT / 2, y - 7), (x + _DOT / 2, y + 7)], role=entry.role, width=2, dash=(4, 2.5))
        case "area":
            canvas.box(Box(x, y - 6, x + _SAMPLE, y + 6), role=entry.role, edge=entry.edge)
        case "bar":
            canvas.whiskers([(x + 1, y), (x + _SAMPLE - 1, y)], role=entry.role)
        case "interval":
            canvas.line([(x + 2, y), (x + _SAMPLE - 2, y)], role="cool_soft", width=5, cap="round")
            canvas.dots([(x + _SAMPLE / 2, y)], radius=5)
        case "mark":
            canvas.line([(x, y), (x + _SAMPLE, y)], role=entry.role, width=2)
        case "stop":
            canvas.line([(x, y), (x + _SAMPLE, y)], role=entry.role, width=2.5)
            canvas.line([(x + _SAMPLE, y - 6), (x + _SAMPLE, y + 6)], role=entry.role, width=2.5)
        case "none":
            pass


class KeyList:
    """What letters in a figure stand for, in as many columns as fit.

    Attributes
    ----------
    height
        Pixels needed, with room below; 0 without keys.
    """

    _letter = 22.0

    def __init__(self, keys: Sequence[tuple[str, str]], width: float) -> None:
        widest = max((measure(label, SMALL) for _, label in keys), default=0.0) + self._letter + 14
        columns = max(1, min(3, int(width // widest))) if keys else 1
        self._column = width / columns
        self._keys = [(key, wrap(label, self._column - self._letter - 6, SMALL, most=3)) for key, label in keys]
        self._rows = -(-len(keys) // columns)
        deepest = max((len(lines) for _, lines in self._keys), default=0)
        self._row = deepest * _LINE + 3
        self.height = self._rows * self._row + 12 if keys else 0.0

    def draw(self, canvas: Canvas, top: float) -> None:
        """Draw the list below ``top``, in columns from top to bottom."""
        for position, (key, lines) in enumerate(self._keys):
            x = position // self._rows * self._column
            y = top + position % self._rows * self._row + _LINE / 2
            canvas.text(x, y, key, size=SMALL, bold=True)
            for count, line in enumerate(lines):
                canvas.text(x + self._letter, y + count * _LINE, line, size=SMALL)


def blank_figure(width: float, sentences: Sequence[str]) -> Drawing:
    """Return a figure that only says why there is nothing to draw."""
    entries = [Entry("none", sentence) for sentence in sentences]
    canvas = Canvas(width, 40 + legend_height(entries, width - 32))
    canvas.box(Box(1, 1, width - 1, canvas.height - 1), role="tint", radius=8)
    draw_legend(canvas, entries, 16, 20, width - 32)
    return canvas.drawing
