"""The funnel plot: where a practice stands among practices, given how many answered. Only its own dot has a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.figures.kit.frames import optional, remembered, texts
from pxanalysis.figures.kit.geometry import Box, Point, Scale, boxes_along, unbroken_runs
from pxanalysis.figures.kit.legend import Entry, blank_figure, draw_legend, legend_height
from pxanalysis.figures.kit.lettering import measure, wrap
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.placing import place_labels
from pxanalysis.figures.kit.units import Unit, nice_ticks, unit_axis
from pxanalysis.figures.kit.words import Words

__all__ = ["FunnelFacts", "Position", "describe_funnel", "plot_funnel"]

_PLOT = 260.0
_LIMITS = ("low998", "low95", "high95", "high998")
_SPACE = 6.0
"""Pixels from one point of a limit to the next: enough for a line that looks smooth."""
_OWN = 7.0
"""Radius of the own dot, twice that of the others."""
_DASHES = {"low95": (6.0, 4.0), "high95": (6.0, 4.0), "low998": (2.0, 3.0), "high998": (2.0, 3.0)}
_AWAY = (9.0, 13.0, 18.0, 24.0, 31.0, 39.0, 48.0, 58.0, 69.0, 81.0, 95.0, 111.0)
"""Pixels from the own dot to its name, nearest first; from the third on a line leads from the one to the other."""
_WIDE_RANGE = 20.0
"""From this ratio of the largest to the smallest practice on, the axis of answers is logarithmic."""

Position = Literal["far below", "below", "within", "above", "far above", ""]


@dataclass(frozen=True, slots=True, eq=False)
class FunnelFacts:
    """What the funnel plot shows.

    Attributes
    ----------
    n_practices
        Practices drawn.
    n_hidden
        Practices without a figure.
    position
        Where the own practice is: outside the 99.8 % limits (far), outside the 95 % limits, or within; empty when it
        has no figure.
    n_outside
        Practices outside the 95 % limits.
    data
        The own practice's row only: ``n, estimate, centre, low998, low95, high95, high998``.
    """

    n_practices: int
    n_hidden: int
    position: Position
    n_outside: int
    data: pd.DataFrame


@remembered
def describe_funnel(funnel: pd.DataFrame, *, own: str) -> FunnelFacts:
    """Return the facts of the funnel plot; parameters as of `plot_funnel`."""
    drawn, n_hidden = _drawn(funnel)
    row = drawn[drawn["own"] == own].drop(columns="own").reset_index(drop=True)
    estimate = drawn["estimate"]
    return FunnelFacts(
        n_practices=len(drawn),
        n_hidden=n_hidden,
        position=_position(row),
        n_outside=int(((estimate < drawn["low95"]) | (estimate > drawn["high95"])).sum()),
        data=row,
    )


@remembered
def _drawn(funnel: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Practices with a figure, small ones first, and how many there are without."""
    frame = pd.DataFrame(
        {
            "own": texts(funnel, "practice_id"),
            **{name: optional(funnel, name) for name in ("n", "estimate", "centre", *_LIMITS)},
        }
    )
    if frame["own"].duplicated().any():
        raise ReportError("funnel: expected one row per practice; select one outcome first.")
    known = frame[frame["estimate"].notna() & (frame["n"] > 0)]
    # Sorting by what is drawn keeps the order of practices in the file out of the page.
    return known.sort_values(["n", "estimate"], ignore_index=True), len(frame) - len(known)


def _position(row: pd.DataFrame) -> Position:
    if row.empty:
        return ""
    value, low998, low95, high95, high998 = row[["estimate", *_LIMITS]].iloc[0].tolist()
    if value < low95:
        return "far below" if value < low998 else "below"
    if value > high95:
        return "far above" if value > high998 else "above"
    return "within"


@dataclass(frozen=True, slots=True)
class _Layout:
    area: Box
    x: Scale
    y: Scale
    log: bool

    def across(self, n: float) -> float:
        """Pixel of a number of answers."""
        return self.x(float(np.log10(n)) if self.log else n)

    def sizes(self, pixels: FloatArray) -> FloatArray:
        """Numbers of answers at pixels."""
        n = self.x.low + (pixels - self.x.start) / (self.x.end - self.x.start) * (self.x.high - self.x.low)
        return 10.0**n if self.log else n


def plot_funnel(funnel: pd.DataFrame, words: Words, *, own: str, unit: Unit, outcome: str, width: int = 470) -> Drawing:
    """Draw practices by how many answered, with limits within which chance alone would put most.

    Parameters
    ----------
    funnel
        One outcome's rows of the ``funnel`` frame: ``practice_id, n, estimate, low95, high95, low998, high998,
        centre``. Rows without an estimate are counted, not drawn.
    own
        The practice whose dot is named. No other id reaches the figure.
    unit
        Of the outcome, as in the ``outcomes`` frame.
    outcome
        What the estimates are, in the reader's language: the outcome's name, and that it is after correction.
    width
        In pixels.
    """
    drawn, n_hidden = _drawn(funnel)
    if drawn.empty:
        return blank_figure(width, [words.text("figure.nothing")])
    entries = _legend_entries(drawn, n_hidden, own, words)
    title = wrap(f"↑ {outcome}", width, SMALL, most=2)
    top = len(title) * SMALL * LEADING + 8
    low, high, ticks = _value_axis(drawn, unit, words)
    left = max(measure(text, SMALL) for _, text in ticks) + 12
    area = Box(left, top, width - 6.0, top + _PLOT)
    layout = _lay_out(drawn["n"], area, Scale(low, high, area.bottom - 6, area.top + 6))
    foot = area.bottom + 56
    canvas = Canvas(width, foot + legend_height(entries, width))
    canvas.block(0, len(title) * SMALL * LEADING / 2, title, size=SMALL, role="soft")
    _draw_axes(canvas, layout, drawn["n"], ticks, words)
    _draw_practices(canvas, layout, drawn, own, words.text("figure.own_practice"))
    draw_legend(canvas, entries, 0, foot)
    return canvas.drawing


def _value_axis(drawn: pd.DataFrame, unit: Unit, words: Words) -> tuple[float, float, list[tuple[float, str]]]:
    """An axis that holds every practice and the limits over all their sizes, as far as the scale goes."""
    values = drawn[["estimate", *_LIMITS]].to_numpy().ravel()
    finite = values[np.isfinite(values)]
    return unit_axis(float(finite.min()), float(finite.max()), unit, words)


def _lay_out(n: pd.Series[float], area: Box, y: Scale) -> _Layout:
    log = bool(n.max() > _WIDE_RANGE * n.min())
    ends = (np.log10(n.min()), np.log10(n.max())) if log else (n.min(), n.max())
    return _Layout(area, Scale(float(ends[0]), float(ends[1]), area.left + 14, area.right - 14), y, log)


def _legend_entries(drawn: pd.DataFrame, n_hidden: int, own: str, words: Words) -> list[Entry]:
    entries = []
    if (drawn["own"] == own).any():
        entries.append(Entry("dot", words.text("figure.own_practice")))
    if (drawn["own"] != own).any():
        entries.append(Entry("dot", words.text("figure.other_practices"), role="rule"))
    lines = drawn["n"].min() < drawn["n"].max()
    if lines and drawn["low95"].notna().any():
        entries.append(Entry("dashes", words.text("figure.limits95"), role="rule"))
    if lines and drawn["low998"].notna().any():
        entries.append(Entry("dots", words.text("figure.limits998"), role="rule"))
    if lines and drawn["centre"].notna().any():
        entries.append(Entry("thin", words.text("figure.centre"), role="rule"))
    if n_hidden:
        entries.append(Entry("none", words.text("figure.practices_hidden", n=n_hidden)))
    return entries


def _draw_axes(
    canvas: Canvas, layout: _Layout, n: pd.Series[float], ticks: list[tuple[float, str]], words: Words
) -> None:
    area = layout.area
    for tick, text in ticks:
        y = layout.y(tick)
        canvas.line([(area.left, y), (area.right, y)], role="line")
        canvas.text(area.left - 8, y, text, size=SMALL, role="soft", anchor="right")
    low, high = float(n.min()), float(n.max())
    decades = [10.0**power * first for power in range(7) for first in (1, 2, 5)]
    counts = [tick for tick in decades if low <= tick <= high] if layout.log else nice_ticks(low, high, 6)
    for count in counts:
        x = layout.across(count)
        canvas.line([(x, area.bottom), (x, area.bottom + 4)], role="rule")
        if count == round(count):
            canvas.tick(x, area.bottom + 14, words.number(count))
    title = wrap(words.text("figure.number_of_answers"), area.right - area.left, SMALL, most=1)
    canvas.block(area.right, area.bottom + 34, title, size=SMALL, role="soft", anchor="right")


def _draw_practices(canvas: Canvas, layout: _Layout, drawn: pd.DataFrame, own: str, name: str) -> None:
    """Draw limits and dots, and the name of the own one."""
    limits = {limit: _limit(layout, drawn, limit) for limit in (*_LIMITS, "centre")}
    others, mine = _dots(layout, drawn, own)
    label = _place_name(layout.area, mine, others, list(limits.values()), name)
    _draw_limits(canvas, limits, label)
    # Dots on the same two pixels look like one and are drawn as one.
    if others:
        canvas.dots(others, role="rule", radius=3.5, edge=None)
    if mine:
        canvas.dots([mine], radius=_OWN)
    if label and mine:
        _draw_leader(canvas, mine, label)
        middle = ((label.left + label.right) / 2, (label.top + label.bottom) / 2)
        canvas.text(*middle, name, bold=True, anchor="center", halo=True)


def _draw_leader(canvas: Canvas, mine: Point, label: Box) -> None:
    """Draw a thin line from the own dot to a name that stands further off."""
    near = float(np.clip(mine[0], label.left, label.right)), float(np.clip(mine[1], label.top, label.bottom))
    across, down = near[0] - mine[0], near[1] - mine[1]
    far = float(np.hypot(across, down))
    if far > _AWAY[1] + 1:
        start = mine[0] + across * _OWN / far, mine[1] + down * _OWN / far
        end = near[0] - across * 2 / far, near[1] - down * 2 / far
        canvas.line([start, end], role="soft", width=0.8)


def _draw_limits(canvas: Canvas, limits: dict[str, list[Point]], label: Box | None) -> None:
    """Draw the limits and the centre, interrupted where the name stands."""
    for name, points in limits.items():
        free = [not label or not Box(x, y, x, y).overlaps(label, gap=3.0) for x, y in points]
        for start, end in unbroken_runs(free):
            if end > start:
                width = 1.0 if name == "centre" else 1.5
                canvas.line(points[start : end + 1], role="rule", width=width, dash=_DASHES.get(name))


def _limit(layout: _Layout, drawn: pd.DataFrame, name: str) -> list[Point]:
    """Points of a limit over the sizes that there are.

    Between two practices the squared distance from the centre goes with 1 / n, as limits of a funnel do, so that few
    small practices do not make it angular.
    """
    value, middle, answers = (drawn[column].to_numpy() for column in (name, "centre", "n"))
    known = np.flatnonzero(np.isfinite(value))
    sizes, first = np.unique(answers[known], return_index=True)
    if len(sizes) < 2:
        return []
    known, ends = known[first], (layout.across(sizes[0]), layout.across(sizes[-1]))
    count = max(2, round((ends[1] - ends[0]) / _SPACE))
    reached = np.linspace(*ends, count)
    n = layout.sizes(reached)
    away = (value - middle)[known]
    square = np.interp(-1 / n, -1 / sizes, away * np.abs(away))
    centre = np.interp(n, sizes, middle[known])
    values = centre + np.sign(square) * np.sqrt(np.abs(square))
    return [(float(x), layout.y(float(value))) for x, value in zip(reached, values, strict=True)]


def _dots(layout: _Layout, drawn: pd.DataFrame, own: str) -> tuple[list[Point], Point | None]:
    """Pixels of the other practices, each once, and of the own one."""
    points: list[Point] = [
        (layout.across(n), layout.y(value)) for n, value in zip(drawn["n"], drawn["estimate"], strict=True)
    ]
    named = list(zip(points, drawn["own"], strict=True))
    others = sorted({(round(x / 2) * 2.0, round(y / 2) * 2.0) for (x, y), name in named if name != own})
    return others, next((point for point, name in named if name == own), None)


def _place_name(
    area: Box, mine: Point | None, others: Sequence[Point], lines: Sequence[Sequence[Point]], name: str
) -> Box | None:
    """Where the name stands near the own dot: clear of practices and, where it can be, of the limits.

    None when there is no such place; the legend has the name too.
    """
    if mine is None:
        return None
    (x, y), size = mine, (measure(name, SIZE, bold=True), SIZE * LEADING)
    dots = [Box(x - _OWN, y - _OWN, x + _OWN, y + _OWN), *(Box(x - 4, y - 4, x + 4, y + 4) for x, y in others)]
    drawn = [box for line in lines for box in boxes_along(line)]
    for taken, crossed in ((dots + drawn, []), (dots, drawn)):
        if boxes := place_labels([mine], [size], bounds=area, taken=taken, crossed=crossed, distances=_AWAY):
            return boxes[0]
    return None
