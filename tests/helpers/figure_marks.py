"""What stands where in a drawn figure, in pixels: the ink of its texts, and the lines, dots and areas around them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from pxanalysis.figures.kit.geometry import Box, span_inside
from pxanalysis.figures.kit.lettering import font_file
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


def written_in(figure: Figure) -> list[Written]:
    """Texts with the box around their ink, ``y`` downwards from the top of the figure."""
    height, written = figure.bbox.y1, []
    for artist in figure.artists:
        if not isinstance(artist, Text):
            continue
        x, y = artist.get_transform().transform(artist.get_position())
        left, low, right, high = _ink(
            artist.get_text().replace("$", "S"), artist.get_fontsize(), artist.get_fontweight() == "bold"
        )
        shift = {"left": 0.0, "center": (left + right) / 2, "right": right}[artist.get_horizontalalignment()]
        x, y = x - shift, height - y
        written.append(
            Written(artist.get_text(), Box(x + left, y - high, x + right, y - low), to_hex(artist.get_color()))
        )
    return written


def _pixels(artist: Line2D | PathPatch, height: float) -> np.ndarray:
    points = artist.get_transform().transform(artist.get_path().vertices)
    return np.column_stack([points[:, 0], height - points[:, 1]])


def _outlines(artist: PathPatch, height: float) -> list[np.ndarray]:
    path = artist.get_path().transformed(artist.get_transform())
    return [np.column_stack([part[:, 0], height - part[:, 1]]) for part in path.to_polygons(closed_only=False)]


def strokes_in(figure: Figure) -> Iterator[tuple[np.ndarray, float]]:
    """Every drawn line that means something, with half its width; grid lines and frames are hairlines."""
    for artist in figure.artists:
        if isinstance(artist, Line2D) and artist.get_linestyle() != "None":
            if to_hex(artist.get_color()) not in {LIGHT.line, LIGHT.paper}:
                yield _pixels(artist, figure.bbox.y1), artist.get_linewidth() / 2
        elif isinstance(artist, PathPatch) and artist.get_linewidth() and artist.get_edgecolor()[3]:
            for outline in _outlines(artist, figure.bbox.y1) if to_hex(artist.get_edgecolor()) != LIGHT.line else ():
                yield outline, artist.get_linewidth() / 2


def _dots(figure: Figure) -> Iterator[tuple[float, float, float]]:
    for artist in figure.artists:
        if isinstance(artist, Line2D) and artist.get_linestyle() == "None":
            for x, y in _pixels(artist, figure.bbox.y1):
                yield x, y, artist.get_markersize() / 2


def bars_in(figure: Figure) -> Iterator[Box]:
    """Areas that words may not stand on: bars, and the heads of arrows."""
    for artist in figure.artists:
        filled = isinstance(artist, PathPatch) and artist.get_facecolor()[3]
        if filled and to_hex(artist.get_facecolor()) not in _GROUNDS:
            points = _pixels(artist, figure.bbox.y1)
            yield Box(*points.min(axis=0), *points.max(axis=0))


def _crosses(line: np.ndarray, half: float, box: Box) -> bool:
    return any(span_inside(start, end, box, half - 0.5) is not None for start, end in itertools.pairwise(line.tolist()))


def collisions(figure: Figure) -> list[str]:
    """Every text that touches another text, a line, a dot or a bar, or leaves the figure."""
    written, found = written_in(figure), []
    for one, other in itertools.combinations(written, 2):
        if one.box.overlaps(other.box, gap=-0.5):
            found.append(f"'{one.text}' runs into '{other.text}'")
    strokes, dots, areas = list(strokes_in(figure)), list(_dots(figure)), list(bars_in(figure))
    for text in written:
        box = text.box
        if box.left < -1 or box.top < -1 or box.right > figure.bbox.x1 + 1 or box.bottom > figure.bbox.y1 + 1:
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
