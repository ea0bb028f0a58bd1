"""Courses of outcomes and touchpoints as lines of a table: the latest figure, what the course says, and its drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from pxanalysis.reporting.sections.course import chart_outcome
from pxanalysis.reporting.sections.values import in_unit, period_name

if TYPE_CHECKING:
    import pandas as pd

    from pxanalysis.analysis.trends.result import TrendsResult
    from pxanalysis.arrays import FloatArray
    from pxanalysis.reporting.sections.selection import Selection

__all__ = ["CourseLine", "draw_sparkline", "outcome_lines", "touchpoint_lines"]

_WIDTH, _HEIGHT, _MARGIN = 150.0, 34.0, 3.0
_UNITS = {"ktv": "grade", "nps": "net", "ces": "scale"}


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course.

    Attributes
    ----------
    subject, label
        Outcome or touchpoint, and what it is called.
    value, period
        The latest figure and its period, in words; empty where there is none.
    says
        ``improvement``, ``concern``, ``common`` (the usual ups and downs) or ``open`` (too few periods).
    side
        ``high`` or ``low``: on which side of the centre the latest figure is, where the course says something.
    drawing
        The course in small, for the eye only.
    figures
        Every period and its figure, in words.
    """

    subject: str
    label: str
    value: str
    period: str
    says: str
    side: str
    drawing: Markup
    figures: tuple[tuple[str, str], ...] = ()


def outcome_lines(selection: Selection) -> list[CourseLine]:
    """Lines of the rated outcomes, from the very figures of the report."""
    lines = []
    for outcome in selection.journey.rated_outcomes:
        course = chart_outcome(selection, outcome)
        label = selection.outcome_labels[outcome.id]
        if course is None:
            lines.append(CourseLine(outcome.id, label, "", "", "open", "", Markup()))
            continue
        frame, unit = course.frame, _UNITS.get(outcome.kind, "proportion")
        says = "open" if course.chart.reason else _short(course.chart.variation)
        limits = (frame["centre"], frame["limit_low"], frame["limit_high"])
        lines.append(_line(selection, outcome.id, label, frame, limits, (says, course.chart.side), unit))
    return lines


def touchpoint_lines(selection: Selection, courses: TrendsResult | None) -> list[CourseLine]:
    """Lines of the touchpoints, in journey order; none where their months are not known."""
    if courses is None or courses.points.empty:
        return []
    points = courses.points[courses.points["practice_id"] == selection.practice_id]
    own = courses.courses[courses.courses["practice_id"] == selection.practice_id].set_index("subject")
    lines = []
    for name, label in selection.labels.items():
        frame = points[points["subject"] == name]
        if frame.empty:
            continue
        row = own.loc[name]
        says = "open" if row["reason"] else _short(str(row["variation"]))
        frame = frame.assign(period=frame["period"].dt.strftime("%Y-%m" if row["period"] == "month" else "%Y-%m-%d"))
        limits = (frame["centre"], frame["low"].clip(lower=0), frame["high"].clip(upper=100))
        lines.append(_line(selection, name, label, frame, limits, (says, str(row["side"])), "score"))
    return lines


def _short(variation: str) -> str:
    return {"common cause": "common", "change": "common"}.get(variation, variation)


def _line(
    selection: Selection,
    subject: str,
    label: str,
    frame: pd.DataFrame,
    limits: tuple[pd.Series, pd.Series, pd.Series],
    says: tuple[str, str],
    unit: str,
) -> CourseLine:
    wording = selection.wording

    def written(value: float) -> str:
        return wording.number(value) if unit == "score" else in_unit(wording, value, unit)

    known = frame.dropna(subset="estimate")
    pairs = zip(known["period"].astype(str), known["estimate"].to_numpy(dtype=np.float64).tolist(), strict=True)
    figures = tuple((period_name(wording, period), written(value)) for period, value in pairs)
    arrays = tuple(one.to_numpy(dtype=np.float64) for one in limits)
    drawing = draw_sparkline(frame["estimate"].to_numpy(dtype=np.float64), *arrays)
    period, value = figures[-1] if figures else ("", "")
    return CourseLine(subject, label, value, period, says[0] if figures else "open", says[1], drawing, figures)


def draw_sparkline(values: FloatArray, centre: FloatArray, low: FloatArray, high: FloatArray) -> Markup:
    """Draw a course in small: the line with its gaps, its centre, the room between its limits, and the last point.

    Parameters
    ----------
    values, centre, low, high
        Shape (T,), NaN where there is none.
    """
    if not np.isfinite(values).any():
        return Markup()
    drawn = np.concatenate([values, low, high])
    drawn = drawn[np.isfinite(drawn)]
    bottom, top = float(drawn.min()), float(drawn.max())
    span = (top - bottom) or 1.0

    def x(i: int) -> float:
        return _MARGIN + i * (_WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return _HEIGHT - _MARGIN - (value - bottom) * (_HEIGHT - 2 * _MARGIN) / span

    parts = []
    band = np.flatnonzero(np.isfinite(low) & np.isfinite(high)).tolist()
    if len(band) > 1:
        edge = [(x(i), y(high[i])) for i in band] + [(x(i), y(low[i])) for i in band[::-1]]
        parts.append(f'<polygon class="room" points="{_points(edge)}"/>')
    middle = np.flatnonzero(np.isfinite(centre)).tolist()
    if len(middle) > 1:
        parts.append(f'<polyline class="centre" points="{_points([(x(i), y(centre[i])) for i in middle])}"/>')
    for run in np.split(np.arange(len(values)), np.flatnonzero(~np.isfinite(values))):
        whole = [(x(i), y(values[i])) for i in run.tolist() if math.isfinite(values[i])]
        if len(whole) > 1:
            parts.append(f'<polyline class="course" points="{_points(whole)}"/>')
    last = int(np.flatnonzero(np.isfinite(values))[-1])
    parts.append(f'<circle class="latest" cx="{x(last):.1f}" cy="{y(values[last]):.1f}" r="3"/>')
    size = f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" width="{_WIDTH:g}" height="{_HEIGHT:g}"'
    return Markup(f'<svg class="spark" {size} aria-hidden="true" focusable="false">{"".join(parts)}</svg>')


def _points(places: list[tuple[float, float]]) -> str:
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in places)
