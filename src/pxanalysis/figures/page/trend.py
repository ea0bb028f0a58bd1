"""An outcome over time: months or quarters with their intervals, and the periods without a figure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.figures.kit.frames import flags, hidden, remembered, shown, texts
from pxanalysis.figures.kit.geometry import Anchor, Box, Scale, unbroken_runs
from pxanalysis.figures.kit.legend import Entry, blank_figure, draw_legend, legend_height
from pxanalysis.figures.kit.lettering import measure
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.units import Unit, unit_axis, write_value
from pxanalysis.figures.kit.words import Words

__all__ = ["MOST_SLIM", "TrendFacts", "TrendLayout", "describe_trend", "lay_out_trend", "plot_trend"]

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
    around = ["limit_low", "limit_high"] if _is_charted(data) else ["ci_low", "ci_high"]
    drawn = [*data[["estimate", *around]].to_numpy().ravel().tolist(), benchmark]
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


MOST_SLIM = 6
"""Periods that fit such a figure, each with its name."""


_GAP = "×"

LIMITS = ("centre", "limit_low", "limit_high")
"""Columns of a control chart: the mean of the course, and how far it goes up and down by itself."""

PROTECTS = "protects_others"
"""Reason of a period that is hidden because another figure could be worked out from it."""


_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-\d{2})?")
_LINE = SMALL * LEADING


@dataclass(frozen=True, slots=True, eq=False)
class TrendFacts:
    """What the trend shows.

    Attributes
    ----------
    n_periods
        Months or quarters from the first to the last, those without a figure included.
    first_period, last_period
        The first and last with a figure; empty when there is none.
    first, last
        Their values, in the outcome's unit.
    apart
        Whether the interval of the difference between first and last leaves out 0.
    missing
        Periods without a figure.
    data
        What is drawn, a row per period: ``period, n, estimate, ci_low, ci_high, suppressed, protects`` (whether it is
        hidden for the sake of another figure).
    """

    n_periods: int
    first_period: str
    last_period: str
    first: float
    last: float
    apart: bool
    missing: tuple[str, ...]
    data: pd.DataFrame


@remembered
def describe_trend(trend: pd.DataFrame) -> TrendFacts:
    """Return the facts and the data of a trend; ``trend`` as in `plot_trend`."""
    data = _complete(trend)
    known = data[data["estimate"].notna()]
    missing = tuple(data.loc[data["estimate"].isna(), "period"])
    if known.empty:
        return TrendFacts(len(data), "", "", np.nan, np.nan, False, missing, data)
    first, last = known.iloc[0], known.iloc[-1]
    return TrendFacts(
        n_periods=len(data),
        first_period=str(first["period"]),
        last_period=str(last["period"]),
        first=float(first["estimate"]),
        last=float(last["estimate"]),
        apart=_apart(trend, str(last["period"])),
        missing=missing,
        data=data,
    )


def _apart(trend: pd.DataFrame, last: str) -> bool:
    """Whether the last period with a figure differs from the first for sure; False where that is not known."""
    own = texts(trend, "period").index(last)
    low, high = (float(shown(trend, f"since_first_{end}")[own]) for end in ("low", "high"))
    return low > 0 or high < 0


def _complete(trend: pd.DataFrame) -> pd.DataFrame:
    """One row per month or quarter, also for those that nobody answered in."""
    periods = texts(trend, "period")
    data = pd.DataFrame(
        {
            "period": periods,
            **{name: shown(trend, name) for name in ("n", "estimate", "ci_low", "ci_high")},
            "suppressed": hidden(trend),
            "protects": [code == PROTECTS for code in flags(trend, "reason_code")],
            **{name: shown(trend, name) for name in LIMITS},
            "signal": flags(trend, "signal"),
        }
    )
    if data.empty:
        return data
    if data["period"].duplicated().any():
        raise ReportError("trend: expected one row per period; select one practice and one outcome first.")
    odd = [period for period in periods if not _PERIOD.fullmatch(period)]
    if odd:
        raise ReportError(f"trend: expected periods as YYYY-MM or YYYY-MM-DD; received '{odd[0]}'.")
    months = [pd.Period(period[:7], "M") for period in periods]
    monthly = all(len(period) == 7 for period in periods)
    step = 1 if monthly else 3
    whole = pd.period_range(min(months), max(months), freq="M")[::step]
    names = [str(month) if monthly else f"{month}-01" for month in whole]
    completed = data.set_index("period").reindex(names).rename_axis("period").reset_index()
    for name in ("suppressed", "protects"):
        completed[name] = completed[name].astype("boolean").fillna(value=False).astype(bool)
    completed["signal"] = completed["signal"].fillna("")
    return completed


def plot_trend(
    trend: pd.DataFrame,
    words: Words,
    *,
    unit: Unit,
    benchmark: float = np.nan,
    width: int = 470,
) -> Drawing:
    """Draw the estimates with their intervals; a period on too few people is a gap marked with a cross.

    Parameters
    ----------
    trend
        One practice's and one outcome's rows of the ``trend`` frame: ``period`` (``YYYY-MM`` for months, the first
        day for quarters), ``n, estimate, ci_low, ci_high, suppressed``. Periods that are not there are gaps too. With
        ``centre, limit_low, limit_high, signal`` it is a control chart: limits in the place of intervals.
    unit
        Of the outcome, as in the ``outcomes`` frame.
    benchmark
        Mean over practices, drawn as a dashed line; NaN leaves it out.
    width
        In pixels.
    """
    data = describe_trend(trend).data
    if data.empty or data["estimate"].isna().all():
        return blank_figure(width, [words.text("figure.nothing")])
    flat = lay_out_trend(data, unit, benchmark, width, 0.0, words)
    counted = _fits_counts(flat, data, words)
    entries = _legend_entries(data, benchmark, words, counted=counted)
    layout = lay_out_trend(data, unit, benchmark, width, legend_height(entries, width) + 22, words)
    canvas = Canvas(width, layout.area.bottom + 6 + 3 * _LINE)
    draw_legend(canvas, entries, 0, 0)
    for tick, text in layout.ticks:
        y = layout.y(tick)
        canvas.line([(layout.area.left, y), (layout.area.right, y)], role="line")
        canvas.text(layout.area.left - 8, y, text, size=SMALL, role="soft", anchor="right")
    _draw_periods(canvas, layout, data, words, counted=counted)
    _draw_estimates(canvas, layout, data, benchmark)
    values = data["estimate"].to_numpy()
    known = np.flatnonzero(np.isfinite(values)).tolist()
    sides: tuple[tuple[int, Anchor], ...] = ((known[-1], "left"), (known[0], "right"))
    for position, side in sides[: len(known)]:
        value = float(values[position])
        _write_end(canvas, layout, position, value, write_value(value, unit, words), side)
    return canvas.drawing


def _fits_counts(layout: TrendLayout, data: pd.DataFrame, words: Words) -> bool:
    """Whether there is room under each period for how many answered."""
    widest = max((measure(words.number(n), SMALL) for n in data["n"].dropna()), default=0.0)
    return widest + 4 <= layout.column


def _is_charted(data: pd.DataFrame) -> bool:
    """Whether there are limits of a control chart, which then stand in the place of intervals."""
    return bool(data["limit_low"].notna().any())


def _legend_entries(data: pd.DataFrame, benchmark: float, words: Words, *, counted: bool) -> list[Entry]:
    entries = []
    if _is_charted(data):
        entries.append(Entry("area", words.text("figure.usual"), role="band", edge="rule"))
        if (data["signal"] != "").any():
            entries.append(Entry("dot", words.text("figure.signal"), role="ink", shape="diamond"))
    elif data["ci_low"].notna().any():
        entries.append(Entry("area", words.text("figure.interval"), role="band", edge="rule"))
    if np.isfinite(benchmark):
        entries.append(Entry("dashes", words.text("figure.benchmark_mean"), role="rule"))
    if data["estimate"].isna().any():
        why = "figure.gap_protects" if data["protects"].any() else "figure.gap_in_time"
        entries.append(Entry("none", f"{_GAP} {words.text(why)}"))
    if not counted:
        low, high = float(data["n"].min()), float(data["n"].max())
        ends = {"low": words.number(low), "high": words.number(high)}
        entries.append(Entry("none", words.text("figure.counts_between", **ends)))
    return entries


def _period_words(period: str, words: Words) -> tuple[str, str]:
    """A period in two lines: month or quarter, and year."""
    if len(period) == 7:
        month, _, year = words.month(period, short=True).rpartition(" ")
        return month, year
    quarter = str((int(period[5:7]) + 2) // 3)
    return words.text("figure.quarter", quarter=quarter), period[:4]


def _draw_periods(canvas: Canvas, layout: TrendLayout, data: pd.DataFrame, words: Words, *, counted: bool) -> None:
    labels = [_period_words(period, words) for period in data["period"]]
    widest = max(measure(name, SMALL) for name, _ in labels) + 3
    every = max(1, int(np.ceil(widest / layout.column)))
    # The last period is the one that the page speaks of.
    named = {at: labels[at] for at in range(len(labels) - 1, -1, -every)}
    y = layout.area.bottom + 6 + _LINE / 2
    if counted and data["n"].notna().any():
        row = words.text("figure.count", n="").strip()
        canvas.text(layout.area.left - 8, y + 2 * _LINE, row, size=SMALL, role="soft", anchor="right")
    for position, n in enumerate(data["n"]):
        x = layout.x(position)
        if np.isnan(data["estimate"].iloc[position]):
            canvas.text(x, layout.area.bottom - 9, _GAP, role="soft", anchor="center")
        if position in named:
            canvas.tick(x, y, named[position][0])
        if counted and np.isfinite(n):
            canvas.tick(x, y + 2 * _LINE, words.number(n))
    _draw_years(canvas, layout, {at: year for at, (_, year) in named.items()}, y + _LINE)


def _draw_years(canvas: Canvas, layout: TrendLayout, years: Mapping[int, str], y: float) -> None:
    """Write each year once, at its first period; a year of too few periods makes room to the left."""
    starts = {years[at]: at for at in sorted(years, reverse=True)}
    end = layout.area.right + 4
    for year, at in starts.items():
        half = measure(year, SMALL) / 2
        x = min(layout.x(at), end - half)
        canvas.tick(x, y, year)
        end = x - half - 5


def _draw_estimates(canvas: Canvas, layout: TrendLayout, data: pd.DataFrame, benchmark: float) -> None:
    y, estimate = layout.level, data["estimate"].to_numpy()
    around = ("limit_low", "limit_high") if _is_charted(data) else ("ci_low", "ci_high")
    low, high = (data[name].to_numpy() for name in around)
    for start, end in unbroken_runs(np.isfinite(low + high + estimate).tolist()):
        upper = [(layout.x(i), y(high[i])) for i in range(start, end + 1)]
        lower = [(layout.x(i), y(low[i])) for i in range(start, end + 1)]
        if start == end:
            (x, above), (_, below) = upper[0], lower[0]
            left, right = x - layout.half, x + layout.half
            canvas.box(Box(left, above, right, below), role="band")
            upper, lower = [(left, above), (right, above)], [(left, below), (right, below)]
        else:
            route = [*upper, *lower[::-1], upper[0]]
            canvas.path(route, "M" + "L" * (len(route) - 2) + "Z", fill="band")
        canvas.line(upper, role="rule", dash=(2, 3))
        canvas.line(lower, role="rule", dash=(2, 3))
    centre = data["centre"].to_numpy()
    for start, end in unbroken_runs(np.isfinite(centre + estimate).tolist()):
        left, right = layout.x(start) - layout.half * (start == end), layout.x(end) + layout.half * (start == end)
        canvas.line([(left, y(centre[start])), (right, y(centre[end]))], role="rule")
    if np.isfinite(benchmark):
        level = y(benchmark)
        ends = layout.start, 2 * layout.x(len(data) / 2 - 0.5) - layout.start
        canvas.line([(end, level) for end in ends], role="rule", width=1.5, dash=(6, 4))
    points = [(layout.x(i), y(value)) for i, value in enumerate(estimate)]
    for start, end in unbroken_runs(np.isfinite(estimate).tolist()):
        if end > start:
            canvas.line(points[start : end + 1], role="cool", width=2.5)
    radius = 5.0 if layout.column > 24 else 3.5
    known = np.isfinite(estimate)
    marked = known & (data["signal"] != "").to_numpy() & _is_charted(data)
    usual, signals = (
        [point for point, taken in zip(points, chosen, strict=True) if taken] for chosen in (known & ~marked, marked)
    )
    if usual:
        canvas.dots(usual, radius=radius)
    if signals:
        # In ink: a signal may be good news as well, and accent means "do this".
        canvas.dots(signals, role="ink", shape="diamond", radius=radius + 1)


def _write_end(canvas: Canvas, layout: TrendLayout, position: int, value: float, text: str, side: Anchor) -> None:
    """Write the first value to the left of its point or the last one to the right: there is nothing there."""
    away = layout.half + 4
    x = layout.x(position) + (away if side == "left" else -away)
    # Crosses that mark gaps stand at the foot.
    canvas.text(x, min(layout.level(value), layout.area.bottom - 24), text, bold=True, anchor=side, halo=True)
