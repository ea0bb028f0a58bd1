"""Smooth lines that never overshoot: between two points a curve stays between their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pxanalysis.analysis.result import FloatArray
from pxanalysis.reporting.figures.geometry import Point

__all__ = ["follow_curve", "monotone_curve", "unbroken_runs"]


def monotone_curve(values: FloatArray) -> list[tuple[float, float]]:
    """Return the Bézier points ``(t, value)`` of a monotone cubic through equally spaced values.

    Tangents after Steffen (1990, Astronomy and Astrophysics 239, 443): no local extremum appears that is not in
    the values.

    Parameters
    ----------
    values
        At ``t = 0, 1, 2, ...``; no gaps, at least one.

    Returns
    -------
    list of (float, float)
        The first point, then three per stretch: two control points and the next point.

    Examples
    --------
    >>> monotone_curve(np.array([0.0, 1.0]))[-1]
    (1.0, 1.0)
    """
    slopes = np.diff(values)
    tangents = np.zeros(len(values))
    if len(slopes):
        before, after = slopes[:-1], slopes[1:]
        steepest = np.minimum(np.minimum(np.abs(before), np.abs(after)), np.abs(before + after) / 4)
        tangents[1:-1] = (np.sign(before) + np.sign(after)) * steepest
        tangents[0], tangents[-1] = slopes[0], slopes[-1]
    points = [(0.0, float(values[0]))]
    for i in range(len(slopes)):
        points += [
            (i + 1 / 3, float(values[i] + tangents[i] / 3)),
            (i + 2 / 3, float(values[i + 1] - tangents[i + 1] / 3)),
            (i + 1.0, float(values[i + 1])),
        ]
    return points


def follow_curve(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """Return points on a Bézier curve as `monotone_curve` gives it, ``steps`` per stretch.

    >>> follow_curve([(0, 0), (1, 1), (2, 2), (3, 3)], steps=1)
    [(0.0, 0.0), (3.0, 3.0)]
    """
    corners = np.array(points, dtype=np.float64)
    t = np.linspace(0, 1, steps + 1)[1:, None]
    parts = [corners[:1]]
    for i in range(0, len(corners) - 1, 3):
        a, b, c, d = corners[i : i + 4]
        parts.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return [(x, y) for x, y in np.concatenate(parts).tolist()]


def unbroken_runs(present: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the first and last position of every stretch without a gap.

    >>> list(unbroken_runs([True, True, False, True]))
    [(0, 1), (3, 3)]
    """
    start: int | None = None
    for position, here in enumerate([*present, False]):
        if here and start is None:
            start = position
        elif not here and start is not None:
            yield start, position - 1
            start = None
