"""How the priority matrix is drawn: axes around the place where the quadrants meet, dots, and labels that fit.

Lines are interrupted where a label stands on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

import numpy as np

from pxanalysis.figures.kit.canvas import LEADING, SMALL, Canvas
from pxanalysis.figures.kit.geometry import Box, Point, cut_line
from pxanalysis.figures.kit.legend import Entry, KeyList, blank_figure, draw_legend, first_entries, legend_height
from pxanalysis.figures.kit.lettering import wrap
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.units import decimals_needed, nice_ticks
from pxanalysis.figures.kit.words import Words
from pxanalysis.figures.page.matrix.layout import (
    Corner,
    Mark,
    Plot,
    Split,
    corner_words,
    corners,
    direct_labels,
    interval_lines,
    lay_out,
    place_letters,
    radius_of,
    spots,
)

__all__ = ["draw_matrix"]

_LINE = SMALL * LEADING
_FAR, _OTHER = 15.0, 8.0
"""A label further from its dot than this gets a line to it, and so does one that is hardly further from another."""


def draw_matrix(
    marks: Sequence[Mark], split: Split, words: Words, *, outcome: str, notes: Sequence[str], width: int
) -> Drawing:
    """Draw the matrix."""
    if not marks:
        return blank_figure(width, [words.text("figure.nothing"), *notes])
    title = wrap(words.text("figure.matrix_up", outcome=outcome), width, SMALL, most=3)
    meanings = corner_words(split, words)
    plot = lay_out(marks, split, meanings, width, len(title) * _LINE + 8)
    at = spots(marks, plot)
    labels = direct_labels(marks, plot, at)
    letters = [ascii_uppercase[i % 26] * (1 + i // 26) for i in range(len(marks))]
    keys = KeyList([] if labels else [(a, m.label) for a, m in zip(letters, marks, strict=True)], width)
    shown = labels or place_letters(marks, plot, at, letters)
    across = wrap(words.text(f"figure.matrix_across_{split.against}"), plot.area.right - plot.area.left, SMALL, most=2)
    entries = _entries(marks, split, notes, words)
    foot = plot.area.bottom + 41 + len(across) * _LINE
    rest = foot + keys.height
    canvas = Canvas(width, rest + legend_height(entries, width))
    canvas.block(0, len(title) * _LINE / 2, title, size=SMALL, role="soft")
    middle = plot.area.bottom + 26 + len(across) * _LINE / 2
    canvas.block(plot.area.right, middle, across, size=SMALL, role="soft", anchor="right")
    _draw_quadrants(canvas, plot, [box for _, box in shown])
    _draw_axes(canvas, plot, words, signed=split.against != "own_mean")
    _draw_marks(canvas, plot, marks, at, [box for _, box in shown])
    for lines, box in corners(plot, meanings):
        canvas.block(box.left, (box.top + box.bottom) / 2, lines, size=SMALL, bold=True, role="soft")
    _draw_labels(canvas, marks, at, shown, bold=not labels)
    keys.draw(canvas, foot)
    draw_legend(canvas, entries, 0, rest)
    return canvas.drawing


def _entries(marks: Sequence[Mark], split: Split, notes: Sequence[str], words: Words) -> list[Entry]:
    entries = first_entries([mark.rank for mark in marks], words)
    if any(mark.status == "act" and not mark.rank for mark in marks):
        entries.append(Entry("dot", words.text("figure.status_act"), role="accent", shape="diamond"))
    if any(mark.status == "undecided" and not mark.rank for mark in marks):
        entries.append(Entry("dot", words.text("figure.status_undecided"), role="paper", edge="cool"))
    plain = [mark for mark in marks if not mark.rank and mark.status not in {"act", "undecided"}]
    if plain and len(plain) < len(marks):
        entries.append(Entry("dot", words.text("figure.other_points")))
    entries.append(Entry("upright", _meaning_of_line(split, words), role="rule"))
    entries.append(Entry("dashes", words.text("figure.matrix_line_importance"), role="rule"))
    if any(np.isfinite(mark.across[1]) or np.isfinite(mark.up[1]) for mark in marks):
        entries.append(Entry("line", words.text("figure.interval"), role="rule"))
    return [*entries, *(Entry("none", note) for note in notes)]


def _meaning_of_line(split: Split, words: Words) -> str:
    if np.isfinite(split.target):
        return words.text("figure.matrix_line_stated_score", score=words.number(split.target))
    return words.text(f"figure.matrix_line_{split.against}")


def _draw_quadrants(canvas: Canvas, plot: Plot, texts: Sequence[Box]) -> None:
    area, (x, y) = plot.area, plot.split
    canvas.box(Box(area.left, area.top, x, y), role="tint")
    canvas.box(area, role=None, edge="line")
    for ends in (((x, area.top), (x, area.bottom)), ((area.left, y), (area.right, y))):
        for stretch in cut_line(*ends, texts):
            canvas.line(stretch, role="rule", dash=(4, 3))


def _draw_axes(canvas: Canvas, plot: Plot, words: Words, *, signed: bool) -> None:
    area, write = plot.area, words.signed if signed else words.number
    ends = (plot.x.low, plot.x.high) if signed else (max(0.0, plot.x.low), min(100.0, plot.x.high))
    ticks = nice_ticks(*ends, 6)
    for tick in ticks:
        x = plot.x(tick)
        canvas.line([(x, area.bottom), (x, area.bottom + 4)], role="rule")
        canvas.tick(x, area.bottom + 14, write(tick, decimals_needed(ticks)))
    ticks = nice_ticks(max(0.0, plot.y.low), plot.y.high, 5)
    decimals = max(0, decimals_needed(ticks) - 2)
    for tick in ticks:
        y = plot.y(tick)
        canvas.line([(area.left - 4, y), (area.left, y)], role="rule")
        canvas.text(area.left - 7, y, words.percent(tick, decimals), size=SMALL, role="soft", anchor="right")


def _draw_marks(canvas: Canvas, plot: Plot, marks: Sequence[Mark], at: Sequence[Point], texts: Sequence[Box]) -> None:
    for mark in marks:
        for start, end in interval_lines(plot, mark):
            for stretch in cut_line(start, end, texts):
                canvas.line(stretch, role="rule", width=1.5)
    order = sorted(zip(marks, at, strict=True), key=lambda pair: -pair[0].rank if pair[0].rank else -99)
    for mark, (x, y) in order:
        if mark.rank:
            canvas.badge(x, y, mark.rank)
        elif mark.status == "act":
            canvas.dots([(x, y)], role="accent", shape="diamond", radius=7)
        elif mark.status == "undecided":
            canvas.dots([(x, y)], role="paper", radius=5, edge="cool", edge_width=2)
        else:
            canvas.dots([(x, y)], radius=radius_of(mark))


def _draw_labels(
    canvas: Canvas, marks: Sequence[Mark], at: Sequence[Point], labels: Sequence[Corner], *, bold: bool
) -> None:
    boxes = [box for _, box in labels]
    for mark, point, (_, box) in zip(marks, at, labels, strict=False):
        others = [other for other in at if other != point]
        _draw_leader(canvas, point, radius_of(mark), box, boxes, others)
    for lines, box in labels:
        canvas.block(box.left, (box.top + box.bottom) / 2, lines, size=SMALL, bold=bold, halo=True)


def _nearest(point: Point, box: Box) -> tuple[Point, float]:
    """The place in a box that is nearest to a point, and how far that is."""
    x, y = float(np.clip(point[0], box.left, box.right)), float(np.clip(point[1], box.top, box.bottom))
    return (x, y), float(np.hypot(x - point[0], y - point[1]))


def _draw_leader(
    canvas: Canvas, point: Point, radius: float, box: Box, texts: Sequence[Box], others: Sequence[Point]
) -> None:
    """Draw a thin line from a dot to its label where the label stands further off, or about as near to another dot."""
    (x, y), (near, far) = point, _nearest(point, box)
    if far > _FAR or any(_nearest(other, box)[1] < far + _OTHER for other in others):
        start = (x + (near[0] - x) * radius / far, y + (near[1] - y) * radius / far)
        for stretch in cut_line(start, near, texts, gap=1.0):
            canvas.line(stretch, role="soft", width=0.8)
