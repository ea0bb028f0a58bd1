"""The share of ideas in place against the days since they came up, with its interval."""

from __future__ import annotations

import pandas as pd

from pxanalysis.figures.kit.canvas import SMALL, Canvas
from pxanalysis.figures.kit.geometry import Box, Point, Scale
from pxanalysis.figures.kit.legend import Entry, draw_legend, legend_height
from pxanalysis.figures.kit.lettering import measure
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.units import nice_ticks
from pxanalysis.figures.kit.words import Words
from pxanalysis.statistics.conventions import IN_TIME

__all__ = ["plot_realisation"]


_HEIGHT = 190.0


def plot_realisation(curve: pd.DataFrame, words: Words, *, width: int = 470) -> Drawing:
    """Draw the curve as steps, its interval as a band, and two months as a dashed line.

    Parameters
    ----------
    curve
        ``day, share, ci_low, ci_high``, from day 0, shares 0-1.
    width
        In pixels.
    """
    last = max(float(curve["day"].max()), 2.0 * IN_TIME)
    entries = [
        Entry("area", words.text("figure.interval"), role="band", edge="rule"),
        Entry("dashes", words.text("programme.two_months"), role="rule"),
    ]
    top = legend_height(entries, width) + 14
    left = measure(words.percent(1.0), SMALL) + 12
    area = Box(left, top, width - 8.0, top + _HEIGHT)
    x, y = Scale(0.0, last, area.left, area.right), Scale(0.0, 1.0, area.bottom, area.top)
    canvas = Canvas(width, area.bottom + 44)
    draw_legend(canvas, entries, 0, 0)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        canvas.line([(area.left, y(share)), (area.right, y(share))], role="line")
        canvas.text(area.left - 8, y(share), words.percent(share), size=SMALL, role="soft", anchor="right")
    for day in nice_ticks(0.0, last):
        canvas.tick(x(day), area.bottom + 12, words.number(day))
    canvas.text(
        area.right, area.bottom + 32, words.text("programme.days_axis"), size=SMALL, role="soft", anchor="right"
    )
    lower, upper, middle = (_steps(curve, name, last, x, y) for name in ("ci_low", "ci_high", "share"))
    route = [*upper, *lower[::-1], upper[0]]
    canvas.path(route, "M" + "L" * (len(route) - 2) + "Z", fill="band")
    canvas.line([(x(IN_TIME), area.top), (x(IN_TIME), area.bottom)], role="rule", width=1.5, dash=(6, 4))
    canvas.line(middle, role="cool", width=2.5)
    return canvas.drawing


def _steps(curve: pd.DataFrame, name: str, last: float, x: Scale, y: Scale) -> list[Point]:
    """The corners of a step function, as far as the last day that is drawn."""
    points: list[Point] = []
    before = 0.0
    for day, value in zip(curve["day"], curve[name], strict=True):
        points += [(x(float(day)), y(before)), (x(float(day)), y(float(value)))]
        before = float(value)
    return [*points, (x(last), y(before))]
