"""Where the parts of the trend figure are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.reporting.figures.canvas import SIZE, SMALL
from pxanalysis.reporting.figures.geometry import Box, Scale
from pxanalysis.reporting.figures.lettering import measure
from pxanalysis.reporting.figures.units import Unit, unit_axis, write_value
from pxanalysis.reporting.figures.words import Words

__all__ = ["TrendLayout", "lay_out_trend"]

_PLOT, _PLOT_SLIM = 200.0, 150.0
_SLIM_BELOW = 300
"""In less width than this the figure is lower too: three such stand side by side on paper."""


@dataclass(frozen=True, slots=True)
class TrendLayout:
    """Where periods and values are: pixels.

    Attributes
    ----------
    area
        The plot.
    start, column
        Left edge of the first period, and the width of each.
    y, ticks
        Scale of the outcome, and its values with their texts.
    """

    area: Box
    start: float
    column: float
    y: Scale
    ticks: list[tuple[float, str]]

    def x(self, position: float) -> float:
        """Middle of a period's column."""
        return self.start + (position + 0.5) * self.column

    @property
    def half(self) -> float:
        """Half the width of what is drawn for a period by itself."""
        return max(5.0, min(10.0, 0.4 * self.column))

    def level(self, value: float) -> float:
        """Height of a value; an interval that passes the end of the scale is cut off there."""
        return min(max(self.y(value), self.area.top), self.area.bottom)


def lay_out_trend(
    data: pd.DataFrame, unit: Unit, benchmark: float, width: int, top: float, words: Words
) -> TrendLayout:
    """Leave room for the scale on the left and for the values of the first and the last point."""
    drawn = [*data[["estimate", "ci_low", "ci_high"]].to_numpy().ravel().tolist(), benchmark]
    finite = [value for value in drawn if np.isfinite(value)]
    low, high, ticks = unit_axis(min(finite), max(finite), unit, words)
    texts_left = [*(text for _, text in ticks), words.text("figure.count", n="").strip()]
    left = max(measure(text, SMALL) for text in texts_left) + 12
    area = Box(left, top, width - 4.0, top + (_PLOT_SLIM if width < _SLIM_BELOW else _PLOT))
    # Room beside the first and the last point for their values.
    known = data["estimate"].dropna()
    before, after = (measure(write_value(known.iloc[at], unit, words), SIZE, bold=True) + 4 for at in (0, -1))
    column = (area.right - left - before - after) / len(data)
    return TrendLayout(area, left + before, column, Scale(low, high, area.bottom, area.top), ticks)
