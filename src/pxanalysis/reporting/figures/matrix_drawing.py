"""How the priority matrix is drawn: axes around the place where the quadrants meet, dots, and labels that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.reporting.figures.canvas import LEADING, SMALL, Canvas
from pxanalysis.reporting.figures.geometry import Box, Point, Scale
from pxanalysis.reporting.figures.legend import Entry, KeyList, blank_figure, draw_legend, legend_height
from pxanalysis.reporting.figures.lettering import measure, wrap
from pxanalysis.reporting.figures.placing import place_labels
from pxanalysis.reporting.figures.ticks import decimals_needed, nice_ticks
from pxanalysis.reporting.figures.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Mark", "draw_matrix"]

_LINE = SMALL * LEADING
_AXIS = 40.0
_RADIUS = 6.0
_BADGE = 9.0
_LABEL, _LABEL_MOST = 128.0, 172.0
_NEAREST_SPLIT = 0.3
"""The quadrants meet at least this share of an axis away from its ends, so that each has room for its words."""

_FAR = 18.0
"""A label further from its dot than this gets a line to it."""

Corner = tuple[list[str], Box, str]
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
class _Plot:
    area: Box
    x: Scale
    y: Scale
    split: Point

    def at(self, mark: Mark) -> Point:
        """Pixel of a mark."""
        return self.x(mark.across[0]), self.y(mark.up[0])


def draw_matrix(
    marks: Sequence[Mark],
    split: tuple[float, float],
    words: Words,
    *,
    outcome: str,
    notes: Sequence[str],
    width: int,
) -> Figure:
    """Draw the matrix; ``split`` is where the quadrants meet, in values."""
    if not marks:
        return blank_figure(width, [words.text("figure.nothing"), *notes])
    title = wrap(words.text("figure.matrix_up", outcome=outcome), width, SMALL, most=3)
    plot = _lay_out(marks, split, width, len(title) * _LINE + 8)
    corners = _corner_words(plot, words)
    letters = [ascii_uppercase[i % 26] * (1 + i // 26) for i in range(len(marks))]
    labels = _direct_labels(marks, plot, corners)
    letters = [ascii_uppercase[i % 26] * (1 + i // 26) for i in range(len(marks))]
    keys = KeyList([] if labels else [(a, m.label) for a, m in zip(letters, marks, strict=True)], width)
    entries = _entries(marks, notes, words)
    foot = plot.area.bottom + 56
    rest = foot + keys.height
    canvas = Canvas(width, rest + legend_height(entries, width))
    canvas.block(0, len(title) * _LINE / 2, title, size=SMALL, role="soft")
    _draw_quadrants(canvas, plot)
    _draw_axes(canvas, plot, words)
    _draw_marks(canvas, plot, marks)
    for lines, box, role in corners:
        canvas.block(box.left, (box.top + box.bottom) / 2, lines, size=SMALL, bold=True, role=role, halo=True)
    if labels:
        _draw_labels(canvas, plot, marks, labels)
    else:
        _draw_letters(canvas, plot, marks, letters, corners)
    keys.draw(canvas, foot)
    draw_legend(canvas, entries, 0, rest)
    return canvas.figure


def _lay_out(marks: Sequence[Mark], split: tuple[float, float], width: int, top: float) -> _Plot:
    area = Box(_AXIS, top, width - 4.0, top + min(360.0, max(300.0, 0.72 * width)))
    across = _range([mark.across for mark in marks], split[0], least=10.0)
    up = _range([mark.up for mark in marks], split[1], least=0.04)
    x = Scale(*across, area.left, area.right)
    y = Scale(*up, area.bottom, area.top)
    return _Plot(area, x, y, (x(split[0]), y(split[1])))


def _range(values: Sequence[Triple], split: float, least: float) -> tuple[float, float]:
    finite = [value for triple in values for value in triple if np.isfinite(value)] + [split]
    low, high = min(finite), max(finite)
    room = max(0.06 * (high - low), (least - (high - low)) / 2)
    low, high = low - room, high + room
    share = _NEAREST_SPLIT / (1 - _NEAREST_SPLIT)
    return min(low, split - share * (high - split)), max(high, split + share * (split - low))


def _corner_words(plot: _Plot, words: Words) -> list[Corner]:
    area, x = plot.area, plot.split[0]
    corners = []
    for key, left, upper in (
        ("do_first", True, True), ("keep_up", False, True), ("later", True, False), ("fine", False, False),
    ):  # fmt: skip
        room = (x - area.left if left else area.right - x) - 16
        lines = wrap(words.text(f"figure.{key}"), room, SMALL, bold=True, most=2)
        wide = max(measure(line, SMALL, bold=True) for line in lines)
        high = len(lines) * _LINE
        start = area.left + 8 if left else area.right - 8 - wide
        top = area.top + 7 if upper else area.bottom - 7 - high
        role = "accent" if key == "do_first" else "soft"
        corners.append((lines, Box(start, top, start + wide, top + high), role))
    return corners


def _entries(marks: Sequence[Mark], notes: Sequence[str], words: Words) -> list[Entry]:
    entries = []
    if any(mark.status == "act" and not mark.rank for mark in marks):
        entries.append(Entry("dot", words.text("figure.status_act"), role="accent", shape="diamond"))
    if any(mark.status == "undecided" and not mark.rank for mark in marks):
        entries.append(Entry("dot", words.text("figure.status_undecided"), role="paper", edge="cool"))
    if any(np.isfinite(mark.across[1]) or np.isfinite(mark.up[1]) for mark in marks):
        entries.append(Entry("line", words.text("figure.interval"), role="rule"))
    return [*entries, *(Entry("none", note) for note in notes)]


def _draw_quadrants(canvas: Canvas, plot: _Plot) -> None:
    area, (x, y) = plot.area, plot.split
    canvas.box(Box(area.left, area.top, x, y), role="accent_tint")
    canvas.box(area, role=None, edge="line")
    canvas.line([(x, area.top), (x, area.bottom)], role="rule", dash=(4, 3))
    canvas.line([(area.left, y), (area.right, y)], role="rule", dash=(4, 3))


def _draw_axes(canvas: Canvas, plot: _Plot, words: Words) -> None:
    area = plot.area
    ticks = nice_ticks(max(0.0, plot.x.low), min(100.0, plot.x.high), 6)
    for tick in ticks:
        x = plot.x(tick)
        canvas.line([(x, area.bottom), (x, area.bottom + 4)], role="rule")
        canvas.tick(x, area.bottom + 14, words.number(tick, decimals_needed(ticks)))
    ticks = nice_ticks(plot.y.low, plot.y.high, 5)
    for tick in ticks:
        y = plot.y(tick)
        canvas.line([(area.left - 4, y), (area.left, y)], role="rule")
        canvas.text(
            area.left - 7,
            y,
            words.percent(tick, max(0, decimals_needed(ticks) - 2)),
            size=SMALL,
            role="soft",
            anchor="right",
        )
    across = wrap(words.text("figure.matrix_across"), area.right - area.left, SMALL, most=1)
    canvas.block(area.right, area.bottom + 34, across, size=SMALL, role="soft", anchor="right")


def _draw_marks(canvas: Canvas, plot: _Plot, marks: Sequence[Mark]) -> None:
    for mark in marks:
        for line in _interval_lines(plot, mark):
            canvas.line(line, role="rule", width=1.5)
    for mark in sorted(marks, key=lambda mark: -mark.rank if mark.rank else -99):
        x, y = plot.at(mark)
        if mark.rank:
            canvas.badge(x, y, mark.rank)
        elif mark.status == "act":
            canvas.dots([(x, y)], role="accent", shape="diamond", radius=7)
        elif mark.status == "undecided":
            canvas.dots([(x, y)], role="paper", radius=_RADIUS - 1, edge="cool", edge_width=2)
        else:
            canvas.dots([(x, y)], radius=_RADIUS)


def _interval_lines(plot: _Plot, mark: Mark) -> list[list[Point]]:
    x, y = plot.at(mark)
    lines = []
    if np.isfinite(mark.across[1:]).all():
        lines.append([(plot.x(mark.across[1]), y), (plot.x(mark.across[2]), y)])
    if np.isfinite(mark.up[1:]).all():
        lines.append([(x, plot.y(mark.up[1])), (x, plot.y(mark.up[2]))])
    return lines


def _obstacles(marks: Sequence[Mark], plot: _Plot, corners: Sequence[Corner]) -> tuple[list[Box], list[Box]]:
    taken = [box for _, box, _ in corners]
    for mark in marks:
        (x, y), r = plot.at(mark), _BADGE if mark.rank else _RADIUS
        taken.append(Box(x - r, y - r, x + r, y + r))
    crossed = [
        Box(start[0], min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1]))
        for mark in marks
        for start, end in _interval_lines(plot, mark)
    ]
    return taken, crossed


def _is_broken(lines: Sequence[str]) -> bool:
    return any(line.endswith(("-", "…")) for line in lines)


def _label_lines(label: str) -> list[str]:
    """A label in two lines at most, wider only for the sake of a long word."""
    lines = wrap(label, _LABEL, SMALL, most=2)
    return wrap(label, _LABEL_MOST, SMALL, most=2) if _is_broken(lines) else lines


def _direct_labels(marks: Sequence[Mark], plot: _Plot, corners: Sequence[Corner]) -> list[tuple[list[str], Box]] | None:
    """Labels at their dots; None when there is no room for all of them."""
    texts = [_label_lines(mark.label) for mark in marks]
    if any(_is_broken(lines) for lines in texts):
        return None
    taken, crossed = _obstacles(marks, plot, corners)
    boxes = place_labels(
        [plot.at(mark) for mark in marks],
        [(max(measure(line, SMALL) for line in lines), len(lines) * _LINE) for lines in texts],
        bounds=plot.area,
        taken=taken,
        crossed=crossed,
        distances=np.arange(11.0, 40.0, 5.0),
    )
    return None if boxes is None else list(zip(texts, boxes, strict=True))


def _draw_labels(canvas: Canvas, plot: _Plot, marks: Sequence[Mark], labels: Sequence[tuple[list[str], Box]]) -> None:
    for mark, (_, box) in zip(marks, labels, strict=True):
        _draw_leader(canvas, plot.at(mark), box)
    for lines, box in labels:
        canvas.block(box.left, (box.top + box.bottom) / 2, lines, size=SMALL, halo=True)


def _draw_letters(
    canvas: Canvas, plot: _Plot, marks: Sequence[Mark], letters: Sequence[str], corners: Sequence[Corner]
) -> None:
    """Write a letter near each dot; on a figure this size there is always a place for it somewhere."""
    taken, crossed = _obstacles(marks, plot, corners)
    points = [plot.at(mark) for mark in marks]
    sizes = [(measure(letter, SMALL, bold=True), _LINE) for letter in letters]
    a = plot.area
    bounds = Box(a.left + 2, a.top + 2, a.right - 2, a.bottom - 2)
    steps = np.arange(9.0, canvas.width, 6.0)
    boxes = place_labels(points, sizes, bounds=bounds, taken=taken, crossed=crossed, distances=steps) or []
    for point, box in zip(points, boxes, strict=True):
        _draw_leader(canvas, point, box)
    for letter, box in zip(letters, boxes, strict=True):
        middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        canvas.text(*middle, letter, size=SMALL, bold=True, anchor="center", halo=True)


def _draw_leader(canvas: Canvas, point: Point, box: Box) -> None:
    """Draw a thin line from a dot to its label where the label stands further off."""
    x, y = point
    near = (float(np.clip(x, box.left, box.right)), float(np.clip(y, box.top, box.bottom)))
    if np.hypot(near[0] - x, near[1] - y) > _FAR:
        canvas.line([(x, y), near], role="soft", width=0.8)
