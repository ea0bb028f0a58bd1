"""Rows with a value and its interval on one axis: the drawing that importance, ranks and reliability share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pxanalysis.figures.kit.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.figures.kit.geometry import Box, Scale, unbroken_runs
from pxanalysis.figures.kit.legend import Entry, blank_figure, draw_legend, legend_height
from pxanalysis.figures.kit.lettering import measure, wrap
from pxanalysis.figures.kit.marks import Drawing

__all__ = ["Axis", "Row", "plot_rows"]

_LINE = SIZE * LEADING
_BESIDE_FROM, _SHORT = 420, 0.32
"""From this width on, labels stand beside their bars; in less, above them, unless all are within this share of it."""
_TITLED = 200.0
_HEADED = 64.0
"""Room for values that a heading above them may claim; it may reach over the bars."""
_STRIP = 11.0
"""Half the height of a row's strip under its label."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: label, value with interval (NaN: ``note`` is written instead), value in words, priority or 0."""

    label: str
    value: float
    low: float
    high: float
    text: str
    rank: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis under all rows; ``zone`` is an area worth pointing out in rows with a value, ``marks`` are lines."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str
    zone: tuple[float, float] | None = None
    marks: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class _Layout:
    axis: Scale
    indent: float
    labels: list[list[str]]
    beside: bool
    tops: list[float]
    plain: list[bool]

    @property
    def title(self) -> float:
        """Where the axis' title starts: under the axis, or where that leaves it little room at the left."""
        return self.axis.start if self.axis.end - self.axis.start >= _TITLED else 0.0

    @property
    def bottom(self) -> float:
        """Lower edge of the last row."""
        return self.tops[-1]

    def middle(self, row: int) -> float:
        """Height of a row's bar."""
        return (self.tops[row] + self.tops[row + 1]) / 2 if self.beside else self.tops[row + 1] - 13


def plot_rows(
    rows: Sequence[Row],
    axis: Axis,
    *,
    style: Literal["bar", "dot"],
    width: int,
    nothing: str,
    heading: str = "",
    legend: Sequence[Entry] = (),
) -> Drawing:
    """Draw rows from top to bottom in the order given.

    Parameters
    ----------
    style
        ``bar`` starts at zero and has its interval as a thin line; ``dot`` has it as a broad one.
    nothing
        Sentence for when there are no rows.
    heading
        Words above the column of values at the right.
    """
    if not rows:
        return blank_figure(width, [nothing])
    head = legend_height(legend, width)
    top = head + (14 if head else 0) + (_LINE if heading else 4)
    layout = _lay_out(rows, width, top, heading, axis)
    title = wrap(axis.title, width - layout.title, SMALL, most=4)
    canvas = Canvas(width, layout.bottom + 30 + len(title) * SMALL * LEADING)
    draw_legend(canvas, legend, 0, 0)
    canvas.text(width, top - _LINE / 2 - 3, heading, size=SMALL, role="soft", anchor="right")
    _draw_axis(canvas, layout, axis, title)
    for position, row in enumerate(rows):
        _draw_label(canvas, layout, position, row.rank)
        _draw_value(canvas, layout, position, row, style)
    return canvas.drawing


def _lay_out(rows: Sequence[Row], width: int, top: float, heading: str, axis: Axis) -> _Layout:
    longest = max(measure(row.label, SIZE) for row in rows)
    beside = width >= _BESIDE_FROM or longest <= _SHORT * width
    indent = 26.0 if any(row.rank for row in rows) else 0.0
    values = max([measure(row.text, SIZE, bold=True) for row in rows] + [min(_HEADED, 0.6 * measure(heading, SMALL))])
    room = 0.42 * width - indent if beside else width - indent
    labels = [wrap(row.label, room, SIZE, most=3 if beside else 2) for row in rows]
    widest = max((measure(line, SIZE) for lines in labels for line in lines), default=0.0)
    tops = [top]
    for lines in labels:
        tops.append(tops[-1] + (max(28.0, len(lines) * _LINE + 10) if beside else len(lines) * _LINE + 32))
    start = indent + widest + 14 if beside else indent
    plain = [bool(np.isfinite(row.value)) for row in rows]
    return _Layout(Scale(axis.low, axis.high, start, width - values - 16), indent, labels, beside, tops, plain)


def _draw_upright(canvas: Canvas, layout: _Layout, x: float, role: str, dash: tuple[float, float] | None) -> None:
    """Draw a line over all rows that passes through no label that stands above its row, and through no note."""
    rows = [row for row, plain in enumerate(layout.plain) if plain]
    if layout.beside:
        spans = [(layout.tops[row], layout.tops[row + 1]) for row in rows]
    else:
        spans = [(layout.middle(row) - _STRIP, layout.middle(row) + _STRIP) for row in rows]
    spans.append((layout.bottom, layout.bottom + 4))
    joined = spans[:1]
    for start, end in spans[1:]:
        if start - joined[-1][1] < 3:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    canvas.path([(x, y) for stretch in joined for y in stretch], "ML" * len(joined), edge=role, dash=dash)


def _draw_axis(canvas: Canvas, layout: _Layout, axis: Axis, title: Sequence[str]) -> None:
    bottom = layout.bottom
    if axis.zone is not None:
        left, right = (layout.axis(edge) for edge in axis.zone)
        for start, end in unbroken_runs(layout.plain):
            canvas.box(Box(left, layout.tops[start], right, layout.tops[end + 1]), role="accent_tint")
    for value, text in axis.ticks:
        x = layout.axis(value)
        _draw_upright(canvas, layout, x, "line", None)
        canvas.tick(x, bottom + 14, text)
    for mark in axis.marks:
        _draw_upright(canvas, layout, layout.axis(mark), "rule", (4, 3))
    middle = bottom + 28 + len(title) * SMALL * LEADING / 2
    canvas.block(layout.title, middle, title, size=SMALL, role="soft")


def _draw_label(canvas: Canvas, layout: _Layout, position: int, rank: int) -> None:
    lines = layout.labels[position]
    y = layout.middle(position) - (0 if layout.beside else 13 + len(lines) * _LINE / 2)
    if rank:
        canvas.badge(10, y, rank)
    canvas.block(layout.indent, y, lines)


def _draw_value(canvas: Canvas, layout: _Layout, position: int, row: Row, style: Literal["bar", "dot"]) -> None:
    y = layout.middle(position)
    if not np.isfinite(row.value):
        note = wrap(row.note, canvas.width - layout.axis.start - 6, SMALL, most=2 if layout.beside else 1)
        canvas.block(layout.axis.start + 6, y, note, size=SMALL, role="soft", halo=True)
        return
    x = layout.axis(row.value)
    known = np.isfinite(row.low) and np.isfinite(row.high)
    ends = [(layout.axis(end), y) for end in (row.low, row.high)] if known else []
    if style == "bar":
        zero = layout.axis(max(layout.axis.low, min(0.0, layout.axis.high)))
        canvas.box(Box(min(zero, x), y - 6.5, max(zero, x), y + 6.5), role="cool_soft")
        canvas.whiskers(ends)
    else:
        if ends:
            canvas.line(ends, role="cool_soft", width=5, cap="round")
        canvas.dots([(x, y)], radius=6)
    canvas.text(canvas.width, y, row.text, bold=True, anchor="right")
