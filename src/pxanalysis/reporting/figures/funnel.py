"""The funnel plot: where a practice stands among practices, given how many answered. Only its own dot has a name."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from pxanalysis.errors import ReportError
from pxanalysis.reporting.figures.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.reporting.figures.frames import optional, texts
from pxanalysis.reporting.figures.geometry import Box, Point, Scale
from pxanalysis.reporting.figures.legend import Entry, blank_figure, draw_legend, legend_height
from pxanalysis.reporting.figures.lettering import measure, wrap
from pxanalysis.reporting.figures.placing import place_labels
from pxanalysis.reporting.figures.ticks import nice_ticks
from pxanalysis.reporting.figures.units import Unit, unit_axis
from pxanalysis.reporting.figures.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FunnelFacts", "Position", "describe_funnel", "plot_funnel"]

_PLOT = 260.0
_LIMITS = ("low998", "low95", "high95", "high998")
_SPACE = 6.0
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


def plot_funnel(funnel: pd.DataFrame, words: Words, *, own: str, unit: Unit, outcome: str, width: int = 470) -> Figure:
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
        Its name in the reader's language.
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
    lines = _draw_limits(canvas, layout, drawn)
    _draw_practices(canvas, layout, drawn, own, lines, words)
    draw_legend(canvas, entries, 0, foot)
    return canvas.figure


def _value_axis(drawn: pd.DataFrame, unit: Unit, words: Words) -> tuple[float, float, list[tuple[float, str]]]:
    values = drawn[["estimate", "low95", "high95"]].to_numpy().ravel()
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
        entries.append(Entry("line", words.text("figure.limits998"), role="rule"))
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


def _draw_limits(canvas: Canvas, layout: _Layout, drawn: pd.DataFrame) -> list[Box]:
    """Draw the limits and the centre; return where their stretches run."""
    stretches: list[Box] = []
    for name, dash in (*((name, None if "998" in name else (6.0, 4.0)) for name in _LIMITS), ("centre", None)):
        inside = drawn[drawn[name].between(layout.y.low, layout.y.high)]
        points = _spaced(
            [(layout.across(n), layout.y(value)) for n, value in zip(inside["n"], inside[name], strict=True)]
        )
        if len(points) > 1:
            canvas.line(points, role="rule", width=1.0 if name == "centre" else 1.5, dash=dash)
            stretches += [Box(x0, min(y0, y1), x1, max(y0, y1)) for (x0, y0), (x1, y1) in pairwise(points)]
    return stretches


def _spaced(points: list[Point]) -> list[Point]:
    """Points at least some pixels apart, the last one always among them: enough for a line that looks smooth."""
    kept: list[Point] = []
    for point in points:
        if not kept or point[0] - kept[-1][0] >= _SPACE:
            kept.append(point)
    if points and points[-1][0] > kept[-1][0]:
        kept.append(points[-1])
    return kept


def _draw_practices(
    canvas: Canvas, layout: _Layout, drawn: pd.DataFrame, own: str, lines: list[Box], words: Words
) -> None:
    points: list[Point] = [
        (layout.across(n), layout.y(value)) for n, value in zip(drawn["n"], drawn["estimate"], strict=True)
    ]
    others = [point for point, name in zip(points, drawn["own"], strict=True) if name != own]
    # Dots on the same two pixels look like one and are drawn as one.
    distinct = sorted({(round(x / 2) * 2.0, round(y / 2) * 2.0) for x, y in others})
    if distinct:
        canvas.dots(distinct, role="rule", radius=3.5, edge=None)
    mine = [point for point, name in zip(points, drawn["own"], strict=True) if name == own]
    if mine:
        others_at = [Box(x - 4, y - 4, x + 4, y + 4) for x, y in distinct]
        _draw_own(canvas, layout.area, mine[0], [*others_at, *lines], words.text("figure.own_practice"))


def _draw_own(canvas: Canvas, area: Box, point: Point, crossed: list[Box], name: str) -> None:
    canvas.dots([point], radius=7)
    size = (measure(name, SIZE, bold=True), SIZE * LEADING)
    x, y = point
    (box,) = place_labels(
        [point],
        [size],
        bounds=area,
        taken=[Box(x - 7, y - 7, x + 7, y + 7)],
        crossed=crossed,
        distances=(12.0, 18.0),
    ) or [Box(area.left, y - 26, area.left + size[0], y - 10)]
    canvas.text((box.left + box.right) / 2, (box.top + box.bottom) / 2, name, bold=True, anchor="center", halo=True)
