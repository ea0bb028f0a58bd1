"""The experience curve: how each contact of the journey feels, from very negative (−2) to very positive (+2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray
from pxanalysis.figures.kit.canvas import Canvas
from pxanalysis.figures.kit.frames import (
    count_text,
    hidden,
    label_of,
    optional,
    rank_of,
    reasons,
    remembered,
    shown,
    texts,
)
from pxanalysis.figures.kit.geometry import Point, follow_curve, monotone_curve, unbroken_runs
from pxanalysis.figures.kit.legend import Entry, blank_figure, draw_legend, first_entries, legend_height
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.words import Words
from pxanalysis.figures.page.experience.layout import Across, Down, JourneyLayout, Value

__all__ = ["ExperienceFacts", "describe_experience", "plot_experience", "score_to_feels"]

_ACROSS_FROM = 600
"""In fewer pixels than this the journey always goes down."""
_MEANINGFUL = 0.1
"""A point lies clearly below other practices when its whole interval is this far below their middle half: with
thousands of answers a difference that nobody would notice is significant too."""

ToFeels = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class ExperienceFacts:
    """What the experience curve shows.

    Attributes
    ----------
    highest, lowest
        Touchpoint ids; empty when nothing can be shown.
    highest_feels, lowest_feels
        From −2 to +2; NaN when nothing can be shown.
    low
        Ids of the points drawn as low: below 0, or surely and visibly below the middle half of practices.
    missing
        Ids without a figure.
    data
        What is drawn, a row per touchpoint in journey order: ``touchpoint, n, feels, benchmark_low,
        benchmark_high`` (−2 to +2), ``low, suppressed, reason``.
    """

    highest: str
    highest_feels: float
    lowest: str
    lowest_feels: float
    low: tuple[str, ...]
    missing: tuple[str, ...]
    data: pd.DataFrame


def score_to_feels(score: FloatArray) -> FloatArray:
    """Put scores of 0–100 on the −2 to +2 scale: 50 is neither good nor bad.

    >>> score_to_feels(np.array([0.0, 50.0, 100.0])).tolist()
    [-2.0, 0.0, 2.0]
    """
    return (score - 50) / 25


@remembered
def describe_experience(touchpoints: pd.DataFrame, *, to_feels: ToFeels = score_to_feels) -> ExperienceFacts:
    """Return the facts and the data of the curve; parameters as of `plot_experience`."""
    frame = touchpoints if touchpoints.empty else touchpoints.sort_values("position", kind="stable")
    names = texts(frame, "touchpoint")
    feels = shown(frame, "feels")
    low_edge = to_feels(optional(frame, "benchmark_low"))
    upper = to_feels(shown(frame, "ci_high"))
    low = (feels < 0) | (np.isfinite(feels) & (upper < low_edge - _MEANINGFUL))
    known = np.flatnonzero(np.isfinite(feels))
    best, worst = (known[feels[known].argmax()], known[feels[known].argmin()]) if len(known) else (None, None)
    return ExperienceFacts(
        highest="" if best is None else names[best],
        highest_feels=np.nan if best is None else float(feels[best]),
        lowest="" if worst is None else names[worst],
        lowest_feels=np.nan if worst is None else float(feels[worst]),
        low=tuple(name for name, is_low in zip(names, low, strict=True) if is_low),
        missing=tuple(name for name, value in zip(names, feels, strict=True) if np.isnan(value)),
        data=pd.DataFrame(
            {
                "touchpoint": names,
                "n": shown(frame, "n"),
                "feels": feels,
                "benchmark_low": low_edge,
                "benchmark_high": to_feels(optional(frame, "benchmark_high")),
                "low": low,
                "suppressed": hidden(frame),
                "reason": reasons(frame),
            }
        ),
    )


def plot_experience(
    touchpoints: pd.DataFrame,
    labels: Mapping[str, str],
    words: Words,
    *,
    first: Sequence[str] = (),
    width: int = 960,
    to_feels: ToFeels = score_to_feels,
) -> Drawing:
    """Draw the journey as a curve, the benchmark as a band, and low points as diamonds.

    Parameters
    ----------
    touchpoints
        A practice's rows of the ``touchpoints`` frame: ``touchpoint, position, n, feels``, and where there are any
        ``ci_high``, ``benchmark_low``, ``benchmark_high`` (0–100), ``suppressed``, ``reason``.
        A row without ``feels`` is a gap that is said in words.
    labels
        Wording of each touchpoint.
    first
        Ids of the touchpoints to improve first, in order; each gets its number.
    width
        In pixels. The journey runs across where its labels fit, else down.
    to_feels
        Puts the benchmark's scores (0–100) on the scale of ``feels``.
    """
    data = describe_experience(touchpoints, to_feels=to_feels).data
    if data.empty:
        return blank_figure(width, [words.text("figure.nothing")])
    names = [label_of(labels, name) for name in data["touchpoint"]]
    ranks = [rank_of(first, name) for name in data["touchpoint"]]
    counts = [note or count_text(count, words) for note, count in zip(_gap_notes(data, words), data["n"], strict=True)]
    entries = _legend_entries(data, ranks, words)
    top = legend_height(entries, width)
    layout = _choose_layout(names, counts, ranks, width, top)
    canvas = Canvas(width, top + layout.height)
    draw_legend(canvas, entries, 0, 0)
    feels, low = data["feels"].to_numpy(), data["low"].to_numpy()
    lines = _draw_band(canvas, layout, data)
    layout.draw_axis(canvas, words)
    lines += _draw_curve(canvas, layout, feels)
    layout.draw_labels(canvas)
    known = np.flatnonzero(np.isfinite(feels)).tolist()
    for contact in known:
        _draw_point(canvas, layout.place(contact, feels[contact]), low=low[contact])
    values = [
        Value(contact, float(feels[contact]), words.signed(feels[contact], 1), "accent" if low[contact] else "ink")
        for contact in known
    ]
    layout.draw_values(canvas, values, lines)
    return canvas.drawing


def _choose_layout(
    names: Sequence[str], counts: Sequence[str], ranks: Sequence[int], width: int, top: float
) -> JourneyLayout:
    across = Across(names, counts, ranks, width, top)
    if width >= _ACROSS_FROM and across.fits():
        return across
    return Down(names, counts, ranks, width, top)


def _gap_notes(data: pd.DataFrame, words: Words) -> list[str]:
    return [
        "" if np.isfinite(feels) else words.text("figure.too_few" if suppressed else "figure.no_value")
        for feels, suppressed in zip(data["feels"], data["suppressed"], strict=True)
    ]


def _legend_entries(data: pd.DataFrame, ranks: Sequence[int], words: Words) -> list[Entry]:
    entries = []
    if data["benchmark_low"].notna().any():
        entries.append(Entry("area", words.text("figure.benchmark_band"), role="band", edge="rule"))
    if data["low"].any():
        entries.append(Entry("dot", words.text("figure.low_point"), role="accent", shape="diamond"))
    return entries + first_entries(ranks, words)


def _draw_point(canvas: Canvas, point: Point, *, low: bool) -> None:
    if low:
        canvas.dots([point], role="accent", shape="diamond", radius=7.5)
    else:
        canvas.dots([point], radius=6)


def _draw_curve(canvas: Canvas, layout: JourneyLayout, feels: FloatArray) -> list[list[Point]]:
    """Draw the curve; return where it runs."""
    lines = []
    for start, end in unbroken_runs(np.isfinite(feels).tolist()):
        if end > start:
            points = _curve_points(layout, feels, start, end)
            canvas.path(points, "M" + "C" * (len(points) - 1), edge="cool", width=3)
            lines.append(follow_curve(points))
    return lines


def _draw_band(canvas: Canvas, layout: JourneyLayout, data: pd.DataFrame) -> list[list[Point]]:
    """Draw the band; return where its edges run."""
    low = np.clip(data["benchmark_low"].to_numpy(), -2, 2)
    high = np.clip(data["benchmark_high"].to_numpy(), -2, 2)
    lines = []
    for start, end in unbroken_runs(np.isfinite(low + high).tolist()):
        if end == start:
            (x0, y0), (x1, y1) = layout.place(start - 0.2, high[start]), layout.place(start + 0.2, low[start])
            canvas.path([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)], "MLLLZ", fill="band")
            continue
        upper = _curve_points(layout, high, start, end)
        lower = _curve_points(layout, low, start, end)
        curve = "C" * (len(upper) - 1)
        canvas.path([*upper, *lower[::-1], upper[0]], f"M{curve}L{curve}Z", fill="band")
        for edge in (upper, lower):
            canvas.path(edge, f"M{curve}", edge="rule", dash=(2, 3))
            lines.append(follow_curve(edge))
    return lines


def _curve_points(layout: JourneyLayout, values: FloatArray, start: int, end: int) -> list[Point]:
    return [layout.place(start + t, value) for t, value in monotone_curve(values[start : end + 1])]
