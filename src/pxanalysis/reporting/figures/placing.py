"""Labels beside their dots, so that no two texts overlap and none hides a dot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from pxanalysis.analysis.result import FloatArray
from pxanalysis.reporting.figures.geometry import Box, Point

__all__ = ["place_labels"]

_DIRECTIONS = np.array(
    [
        (1, 0), (0, -1), (0, 1), (-1, 0), (0.8, -0.8), (-0.8, -0.8), (0.8, 0.8), (-0.8, 0.8),
        (0.4, -1), (-0.4, -1), (0.4, 1), (-0.4, 1),
    ]
)  # fmt: skip
_GAP = 3.0
_CROSSING = 12.0
"""A crossed line is as bad as standing this many pixels further off."""


def place_labels(
    points: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    *,
    bounds: Box,
    taken: Sequence[Box],
    crossed: Sequence[Box],
    distances: Iterable[float],
) -> list[Box] | None:
    """Find a place for every label near its point; None when not all can be placed.

    The most crowded point chooses first; a label that finds no place goes to the front and all choose again. Each
    takes the nearest free place, rather one that crosses no line.

    Parameters
    ----------
    points
        Pixels of the dots.
    sizes
        Width and height of each label.
    bounds
        Where labels may stand.
    taken
        Where they may not: dots and other texts.
    crossed
        Where they had better not: lines.
    distances
        From the dot to its label, nearest first.

    Returns
    -------
    list of Box or None
        In the order of ``points``.
    """
    steps = np.fromiter(distances, dtype=np.float64)
    choices = [
        _candidates(point, size, steps, bounds, _as_array(taken), _as_array(crossed))
        for point, size in zip(points, sizes, strict=True)
    ]
    order = _crowded_first(points)
    for _ in range(2 * len(points) + 1):
        placed, stuck = _choose(choices, order)
        if stuck is None:
            return [Box(*placed[index].tolist()) for index in range(len(points))]
        order = [stuck, *(index for index in order if index != stuck)]
    return None


def _as_array(boxes: Sequence[Box]) -> FloatArray:
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _overlaps(boxes: FloatArray, others: FloatArray, gap: float) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which of the boxes (rows) come closer than ``gap`` to which others (columns)."""
    a, b = boxes[:, None], others[None]
    beside = (a[..., 0] < b[..., 2] + gap) & (b[..., 0] < a[..., 2] + gap)
    return beside & (a[..., 1] < b[..., 3] + gap) & (b[..., 1] < a[..., 3] + gap)


def _candidates(
    point: Point,
    size: tuple[float, float],
    distances: FloatArray,
    bounds: Box,
    taken: FloatArray,
    crossed: FloatArray,
) -> FloatArray:
    """Boxes (shape (m, 4)) where a label could stand, best first."""
    extent = np.array(size)
    steps = np.repeat(distances, len(_DIRECTIONS))
    directions = np.tile(_DIRECTIONS, (len(distances), 1))
    corner = np.array(point) + directions * steps[:, None] + extent * (np.sign(directions) - 1) / 2
    boxes = np.hstack([corner, corner + extent])
    inside = (corner >= bounds[:2]).all(axis=1) & (corner + extent <= bounds[2:]).all(axis=1)
    free = inside & ~_overlaps(boxes, taken, _GAP).any(axis=1)
    cost = steps + _CROSSING * _overlaps(boxes, crossed, 0.0).sum(axis=1)
    best: FloatArray = boxes[free][np.argsort(cost[free], kind="stable")]
    return best


def _choose(choices: Sequence[FloatArray], order: Sequence[int]) -> tuple[dict[int, FloatArray], int | None]:
    """Let labels choose in turn; the second value is the first one that finds no place."""
    placed: dict[int, FloatArray] = {}
    for index in order:
        others = np.array(list(placed.values())).reshape(-1, 4)
        free = np.flatnonzero(~_overlaps(choices[index], others, _GAP).any(axis=1))
        if not len(free):
            return placed, index
        placed[index] = choices[index][free[0]]
    return placed, None


def _crowded_first(points: Sequence[Point]) -> list[int]:
    if not points:
        return []
    positions = np.array(points)
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    crowding = np.exp(-apart / 60).sum(axis=1).round(9)
    return [int(index) for index in np.lexsort((np.arange(len(points)), -crowding))]
