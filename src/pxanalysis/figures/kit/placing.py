"""Labels beside their dots, so that no two texts overlap and none hides a dot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.figures.kit.geometry import Box, Point

__all__ = ["place_labels"]

_DIRECTIONS = np.array(
    [
        (1, 0), (0, -1), (0, 1), (-1, 0), (0.8, -0.8), (-0.8, -0.8), (0.8, 0.8), (-0.8, 0.8),
        (0.4, -1), (-0.4, -1), (0.4, 1), (-0.4, 1), (1, -0.4), (-1, -0.4), (1, 0.4), (-1, 0.4),
    ]
)  # fmt: skip
_GAP = 3.0
_CROSSING = 12.0
"""A crossed line is as bad as standing this many pixels further off."""


_NEARER = 4.0
"""A label that is less than this further from another dot than from its own may be read as that of the other."""
_KNOT, _DOT = 40.0, 6.0
"""The same for a line from a dot to its label that runs through another label, line or dot; and half a dot."""
_FAR, _STRAIGHT = 15.0, 30.0
"""From further than this a level or upright line to a label looks like one of the figure's own; how bad that is."""
_ROUNDS, _ORDERS = 6, 5


@dataclass(frozen=True, slots=True)
class _Around:
    """What a label keeps clear of (boxes that it may not and had better not touch), other dots, whether lines lead."""

    taken: FloatArray
    crossed: FloatArray
    others: FloatArray
    led: bool


@dataclass(frozen=True, slots=True)
class _Choice:
    """Where one label can stand (shape (m, 4)), what each place costs, and the lines there from its dot (m, 2, 2)."""

    boxes: FloatArray
    cost: FloatArray
    leaders: FloatArray


def place_labels(
    points: Sequence[Point],
    sizes: Sequence[tuple[float, float]],
    *,
    bounds: Box,
    taken: Sequence[Box],
    crossed: Sequence[Box],
    distances: Iterable[float],
    narrower: Sequence[tuple[float, float]] = (),
    led: bool = False,
) -> list[Box] | None:
    """Find a place for every label near its point; None when not all can be placed.

    Labels choose in several orders, then each moves as long as that is better; the best outcome counts. Each
    takes the nearest free place, rather one that crosses no line and is not as near to the dot of another.

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
    narrower
        Width and height of each label when it is broken into more lines, where that may be done.
    led
        Whether lines lead from dots to labels, so that these lines should not run through anything.

    Returns
    -------
    list of Box or None
        In the order of ``points``.
    """
    steps = np.fromiter(distances, dtype=np.float64)
    around = [_Around(_as_array(taken), _as_array(crossed), others, led) for others in _others(points)]
    shapes = zip(sizes, narrower or sizes, strict=True)
    choices = [
        _best_first([_candidates(point, size, steps, bounds, its) for size in dict.fromkeys(both)])
        for point, both, its in zip(points, shapes, around, strict=True)
    ]
    found = [placed for order in _orders(points) if (placed := _choose_all(choices, order)) is not None]
    if not found:
        return None
    memo: dict[tuple[int, ...], FloatArray] = {}
    settled = [_improve(choices, placed, memo) for placed in found]
    best = min(settled, key=lambda placed: _total(choices, placed, memo))
    return [Box(*choice.boxes[index].tolist()) for choice, index in zip(choices, best, strict=True)]


def _as_array(boxes: Sequence[Box]) -> FloatArray:
    return np.array(boxes, dtype=np.float64).reshape(-1, 4)


def _others(points: Sequence[Point]) -> list[FloatArray]:
    """Of each point all the others (shape (m - 1, 2))."""
    positions = np.array(points, dtype=np.float64).reshape(-1, 2)
    return [np.delete(positions, index, axis=0) for index in range(len(positions))]


def _distances(boxes: FloatArray, points: FloatArray) -> FloatArray:
    """Pixels from each box (rows) to each point (columns); 0 inside it."""
    nearest = np.clip(points[None], boxes[:, None, :2], boxes[:, None, 2:])
    distances: FloatArray = np.hypot(*np.moveaxis(nearest - points[None], -1, 0))
    return distances


def _overlaps(boxes: FloatArray, others: FloatArray, gap: float) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which of the boxes (rows) come closer than ``gap`` to which others (columns)."""
    a, b = boxes[:, None], others[None]
    beside = (a[..., 0] < b[..., 2] + gap) & (b[..., 0] < a[..., 2] + gap)
    return beside & (a[..., 1] < b[..., 3] + gap) & (b[..., 1] < a[..., 3] + gap)


def _candidates(
    point: Point, size: tuple[float, float], distances: FloatArray, bounds: Box, around: _Around
) -> _Choice:
    """Places where a label of one size could stand."""
    extent = np.array(size)
    steps = np.repeat(distances, len(_DIRECTIONS))
    directions = np.tile(_DIRECTIONS, (len(distances), 1))
    corner = np.array(point) + directions * steps[:, None] + extent * (np.sign(directions) - 1) / 2
    boxes = np.hstack([corner, corner + extent])
    inside = (corner >= bounds[:2]).all(axis=1) & (corner + extent <= bounds[2:]).all(axis=1)
    free = inside & ~_overlaps(boxes, around.taken, _GAP).any(axis=1)
    boxes, steps = boxes[free], steps[free]
    leaders = _leaders(boxes, np.array(point))
    apart = np.hypot(*(leaders[:, 1] - leaders[:, 0]).T)
    near = _distances(boxes, around.others) < apart[:, None] + _NEARER
    cost = steps + _CROSSING * (_overlaps(boxes, around.crossed, 0.0).sum(axis=1) + near.any(axis=1))
    if not around.led:
        return _Choice(boxes, cost, leaders[:, :1].repeat(2, axis=1))
    dots = np.hstack([around.others - _DOT, around.others + _DOT])
    straight = (leaders[:, 0] == leaders[:, 1]).any(axis=1) & (apart > _FAR)
    cost += _KNOT * _cross(leaders, _diagonals(dots)).sum(axis=1) + _STRAIGHT * straight
    return _Choice(boxes, cost, leaders)


def _best_first(choices: Sequence[_Choice]) -> _Choice:
    """The places of one label in all its sizes, the cheapest first."""
    boxes, cost, leaders = (
        np.concatenate([getattr(choice, name) for choice in choices]) for name in ("boxes", "cost", "leaders")
    )
    order = np.argsort(cost, kind="stable")
    return _Choice(boxes[order], cost[order], leaders[order])


def _leaders(boxes: FloatArray, point: FloatArray) -> FloatArray:
    """From a dot to the nearest place in each box (shape (m, 2, 2))."""
    ends = np.clip(point[None], boxes[:, :2], boxes[:, 2:])
    return np.stack([np.broadcast_to(point, ends.shape), ends], axis=1)


def _diagonals(boxes: FloatArray) -> FloatArray:
    """Both diagonals of each box (shape (2m, 2, 2)): a line that runs through a box crosses one of them."""
    rising, falling = boxes[:, [0, 3, 2, 1]], boxes
    return np.stack([falling, rising], axis=1).reshape(-1, 2, 2)


def _cross(lines: FloatArray, others: FloatArray) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Which of the straight lines (rows) cross which others (columns)."""

    def sides(of: FloatArray, seen_from: FloatArray) -> FloatArray:
        start, way = seen_from[:, None, None, 0], seen_from[:, None, None, 1] - seen_from[:, None, None, 0]
        off = of[None] - start
        turned: FloatArray = np.sign(way[..., 0] * off[..., 1] - way[..., 1] * off[..., 0])
        return turned

    one, other = sides(others, lines), sides(lines, others)
    return (one[..., 0] * one[..., 1] < 0) & (other[..., 0] * other[..., 1] < 0).T


def _choose_all(choices: Sequence[_Choice], order: Sequence[int]) -> list[int] | None:
    """Let labels choose in turn; one that finds no place goes to the front, and all choose again."""
    for _ in range(2 * len(choices) + 1):
        placed, stuck = _choose(choices, order)
        if stuck is None:
            return [placed[index] for index in range(len(choices))]
        order = [stuck, *(index for index in order if index != stuck)]
    return None


def _choose(choices: Sequence[_Choice], order: Sequence[int]) -> tuple[dict[int, int], int | None]:
    """Let labels choose in turn; the second value is the first one that finds no place."""
    placed: dict[int, int] = {}
    for index in order:
        others = np.array([choices[other].boxes[at] for other, at in placed.items()]).reshape(-1, 4)
        free = np.flatnonzero(~_overlaps(choices[index].boxes, others, _GAP).any(axis=1))
        if not len(free):
            return placed, index
        placed[index] = int(free[0])
    return placed, None


def _costs(
    choices: Sequence[_Choice], placed: Sequence[int], index: int, memo: dict[tuple[int, ...], FloatArray]
) -> FloatArray:
    """What each place of a label costs where the others stand; infinite where it would touch another."""
    others = (index, *placed[:index], *placed[index + 1 :])
    if others not in memo:
        memo[others] = _costs_beside(choices, placed, index)
    return memo[others]


def _costs_beside(choices: Sequence[_Choice], placed: Sequence[int], index: int) -> FloatArray:
    mine = choices[index]
    rest = [(choice, at) for other, (choice, at) in enumerate(zip(choices, placed, strict=True)) if other != index]
    boxes = np.array([choice.boxes[at] for choice, at in rest]).reshape(-1, 4)
    leaders = np.array([choice.leaders[at] for choice, at in rest]).reshape(-1, 2, 2)
    knots = _cross(mine.leaders, np.concatenate([_diagonals(boxes), leaders])).sum(axis=1)
    knots += _cross(_diagonals(mine.boxes), leaders).sum(axis=1).reshape(-1, 2).sum(axis=1)
    costs: FloatArray = np.where(_overlaps(mine.boxes, boxes, _GAP).any(axis=1), np.inf, mine.cost + _KNOT * knots)
    return costs


def _improve(choices: Sequence[_Choice], placed: list[int], memo: dict[tuple[int, ...], FloatArray]) -> list[int]:
    """Let each label in turn move to the best place that the others leave, until all stay."""
    for _ in range(_ROUNDS):
        before = list(placed)
        for index in range(len(choices)):
            placed = [*placed[:index], int(np.argmin(_costs(choices, placed, index, memo))), *placed[index + 1 :]]
        if placed == before:
            break
    return placed


def _total(choices: Sequence[_Choice], placed: list[int], memo: dict[tuple[int, ...], FloatArray]) -> float:
    return sum(float(_costs(choices, placed, index, memo)[at]) for index, at in enumerate(placed))


def _orders(points: Sequence[Point]) -> list[list[int]]:
    """Orders to choose in: the most crowded first, and others that may come out better."""
    crowded = _crowded_first(points)
    shuffle = np.random.default_rng(0).permutation
    return [crowded, *(shuffle(len(points)).tolist() for _ in range(_ORDERS if len(points) > 1 else 0))]


def _crowded_first(points: Sequence[Point]) -> list[int]:
    if not points:
        return []
    positions = np.array(points)
    apart = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    crowding = np.exp(-apart / 60).sum(axis=1).round(9)
    return [int(index) for index in np.lexsort((np.arange(len(points)), -crowding))]
