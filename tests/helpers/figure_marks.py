"""What stands where in a drawn figure, in pixels: the ink of its texts, and the lines, dots and areas around them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from pxanalysis.figures.kit.geometry import Box, span_inside
from pxanalysis.figures.kit.lettering import font_file
from pxanalysis.figures.kit.marks import DotsMark, Drawing, LineMark, PathMark, TextMark
from pxanalysis.figures.kit.palette import LIGHT

_GROUNDS = {LIGHT.paper, LIGHT.tint, LIGHT.band, LIGHT.accent_tint}
"""Areas that words may stand on; `test_colours_have_contrast` sees to it that they can be read there."""


@dataclass(frozen=True)
class Written:
    text: str
    box: Box
    colour: str


@lru_cache(maxsize=4096)
def _ink(text: str, size: float, bold: bool) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of what is black, from the start of the baseline upwards."""
    typeface = FontProperties(fname=font_file(bold=bold))
    extents = TextPath((0, 0), text, size=size, prop=typeface, usetex=False).get_extents()
    return extents.x0, extents.y0, extents.x1, extents.y1


def written_in(figure: Drawing) -> list[Written]:
    """Texts with the box around their ink, ``y`` downwards from the top of the figure."""
    written = []
    for mark in figure.marks:
        if isinstance(mark, TextMark):
            left, low, right, high = _ink(mark.text.replace("$", "S"), mark.size, mark.bold)
            x = mark.x - {"left": 0.0, "center": (left + right) / 2, "right": right}[mark.anchor]
            written.append(Written(mark.text, Box(x + left, mark.y - high, x + right, mark.y - low), mark.colour))
    return written


_CODES = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4, "Q": Path.CURVE3, "Z": Path.CLOSEPOLY}


def _outlines(mark: PathMark) -> list[np.ndarray]:
    """Each part of a path as a line of straight pieces."""
    path = Path(np.asarray(mark.vertices, dtype=float), [_CODES[code] for code in mark.codes])
    return path.to_polygons(closed_only=False)


def strokes_in(figure: Drawing) -> Iterator[tuple[np.ndarray, float]]:
    """Every drawn line that means something, with half its width; grid lines and frames are hairlines."""
    for mark in figure.marks:
        if isinstance(mark, LineMark) and mark.colour not in {LIGHT.line, LIGHT.paper}:
            yield np.asarray(mark.points, dtype=float), mark.width / 2
        elif isinstance(mark, PathMark) and mark.edge not in {"none", LIGHT.line}:
            for outline in _outlines(mark):
                yield outline, mark.width / 2


def _dots(figure: Drawing) -> Iterator[tuple[float, float, float]]:
    for mark in figure.marks:
        if isinstance(mark, DotsMark):
            for x, y in mark.points:
                yield x, y, mark.radius


def bars_in(figure: Drawing) -> Iterator[Box]:
    """Areas that words may not stand on: bars, and the heads of arrows."""
    for mark in figure.marks:
        if isinstance(mark, PathMark) and mark.fill not in {"none", *_GROUNDS}:
            points = np.asarray(mark.vertices, dtype=float)
            yield Box(*points.min(axis=0), *points.max(axis=0))


def _crosses(line: np.ndarray, half: float, box: Box) -> bool:
    return any(span_inside(start, end, box, half - 0.5) is not None for start, end in itertools.pairwise(line.tolist()))


def collisions(figure: Drawing) -> list[str]:
    """Every text that touches another text, a line, a dot or a bar, or leaves the figure."""
    written, found = written_in(figure), []
    for one, other in itertools.combinations(written, 2):
        if one.box.overlaps(other.box, gap=-0.5):
            found.append(f"'{one.text}' runs into '{other.text}'")
    strokes, dots, areas = list(strokes_in(figure)), list(_dots(figure)), list(bars_in(figure))
    for text in written:
        box = text.box
        if box.left < -1 or box.top < -1 or box.right > figure.width + 1 or box.bottom > figure.height + 1:
            found.append(f"'{text.text}' leaves the figure")
        if text.colour == LIGHT.paper:
            if not any(
                np.hypot(x - (box.left + box.right) / 2, y - (box.top + box.bottom) / 2) < r for x, y, r in dots
            ):
                found.append(f"'{text.text}' is white and not on a dot")
            continue
        if any(_crosses(line, half, box) for line, half in strokes):
            found.append(f"a line runs through '{text.text}'")
        near = [(np.clip(x, box.left, box.right) - x, np.clip(y, box.top, box.bottom) - y, r) for x, y, r in dots]
        if any(np.hypot(across, down) < r - 0.5 for across, down, r in near):
            found.append(f"a dot covers '{text.text}'")
        if any(box.overlaps(area, gap=-0.5) for area in areas):
            found.append(f"'{text.text}' stands on a bar")
    return found
