"""A matplotlib figure that is drawn on in CSS pixels, from the top left, in the palette's roles.

Figures of the report have no tick locators, legends or layout engines: every text and line is put where it was
computed to fit, which keeps a figure at tens of milliseconds and its SVG at a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from pxanalysis.figures.kit.geometry import Anchor, Box, Point, Shape
from pxanalysis.figures.kit.lettering import clean, font_file, measure
from pxanalysis.figures.kit.marks import DotsMark, LineMark, Mark, PathMark, TextMark
from pxanalysis.figures.kit.palette import LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

# matplotlib is imported where it is used: pages without a figure, and their style sheet, do without it.
__all__ = ["HALO", "LEADING", "MARKERS", "MARKER_SIZE", "SIZE", "SMALL", "Canvas", "marks_of"]

SIZE = 13.0
"""Type size of labels and values, in pixels."""
SMALL = 12.0
"""Type size of axis figures and notes, in pixels."""
LEADING = 1.25
"""Distance between lines of one text, as a multiple of the type size."""

HALO = "halo"
"""Group id, and class in the page, of texts that get an edge in the colour of the paper."""

_INCH = 72.0
_MIDDLE = 0.36
"""Half the height of a capital, as a share of the type size: puts a text's middle, not its foot, at ``y``."""

MARKERS: dict[Shape, str] = {"circle": "o", "diamond": "D", "square": "s", "triangle": ">"}
MARKER_SIZE: dict[Shape, float] = {"circle": 2.0, "diamond": 1.75, "square": 1.8, "triangle": 2.0}


@lru_cache(maxsize=2)
def _typeface(bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=font_file(bold=bold), weight="bold" if bold else "normal")


def _colour(role: str | None) -> str:
    return "none" if role is None else str(getattr(LIGHT, role))


_DRAWN: WeakKeyDictionary[Figure, list[Mark]] = WeakKeyDictionary()


def marks_of(figure: Figure) -> list[Mark] | None:
    """What a canvas drew on a figure; None where something was added to it by other means."""
    marks = _DRAWN.get(figure)
    if marks is None or len(figure.get_children()) != len(marks) + 1:  # the paper
        return None
    return marks


class Canvas:
    """An empty figure of ``width`` by ``height`` pixels.

    Attributes
    ----------
    figure
        The matplotlib figure, without pyplot state; 72 dots per inch, so that a point is a pixel.
    """

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.width, self.height = width, height
        self.figure: Figure = Figure(
            figsize=(width / _INCH, height / _INCH), dpi=_INCH, facecolor=LIGHT.paper, linewidth=0
        )
        down = Affine2D().scale(1 / _INCH, -1 / _INCH).translate(0, height / _INCH)
        self._pixels = down + self.figure.dpi_scale_trans
        self.marks: list[Mark] = []
        _DRAWN[self.figure] = self.marks

    def _add(self, artist: Any, mark: Mark) -> None:
        self.marks.append(mark)
        artist.set_transform(self._pixels)
        artist.set_zorder(0)
        self.figure.add_artist(artist)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SIZE,
        role: str = "ink",
        bold: bool = False,
        anchor: Anchor = "left",
        halo: bool = False,
    ) -> None:
        """Write one line with its middle at height ``y``; a ``halo`` in the page's SVG clears what it crosses."""
        from matplotlib.text import Text

        line = clean(text)
        if not line:
            return
        self._add(
            Text(
                x,
                y + _MIDDLE * size,
                line,
                color=_colour(role),
                fontproperties=_typeface(bold),
                fontsize=size,
                horizontalalignment=anchor,
                verticalalignment="baseline",
                usetex=False,
                parse_math=False,
                gid=HALO if halo else None,
            ),
            TextMark(x, y + _MIDDLE * size, line, _colour(role), size, bold, anchor, halo),
        )

    def block(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        *,
        size: float = SIZE,
        role: str = "ink",
        bold: bool = False,
        anchor: Anchor = "left",
        halo: bool = False,
    ) -> None:
        """Write lines below one another, the block's middle at height ``y``."""
        top = y - (len(lines) - 1) * size * LEADING / 2
        for count, line in enumerate(lines):
            at = top + count * size * LEADING
            self.text(x, at, line, size=size, role=role, bold=bold, anchor=anchor, halo=halo)

    def tick(self, x: float, y: float, text: str) -> None:
        """Write the figure of an axis, centred at ``x`` but never past the figure's edge."""
        half = measure(clean(text), SMALL) / 2
        inside = max(half, min(self.width - half, x))
        self.text(inside, y, text, size=SMALL, role="soft", anchor="center")

    def line(
        self,
        points: Iterable[Point],
        *,
        role: str,
        width: float = 1.0,
        dash: tuple[float, ...] | None = None,
        cap: Literal["butt", "round"] = "butt",
    ) -> None:
        """Draw a line through points."""
        from matplotlib.lines import Line2D

        through = list(points)
        xs, ys = zip(*through, strict=True)
        style: Any = "-" if dash is None else (0, tuple(part / width for part in dash))
        line = Line2D(xs, ys, color=_colour(role), linewidth=width, linestyle=style, marker="")
        line.set_solid_capstyle(cap)
        line.set_dash_capstyle(cap)
        line.set_solid_joinstyle("round")
        self._add(line, LineMark(through, _colour(role), width, dash, cap))

    def path(
        self,
        vertices: Sequence[Point],
        codes: str,
        *,
        fill: str | None = None,
        edge: str | None = None,
        width: float = 1.0,
        dash: tuple[float, ...] | None = None,
    ) -> None:
        """Draw a path; ``codes`` has one SVG letter per vertex: M, L, C (three a curve), Q (two) or Z."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        kinds = {"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4, "Q": Path.CURVE3, "Z": Path.CLOSEPOLY}
        style: Any = "-" if dash is None else (0, tuple(part / width for part in dash))
        self._add(
            PathPatch(
                Path(list(vertices), [kinds[code] for code in codes]),
                facecolor=_colour(fill),
                edgecolor=_colour(edge),
                linewidth=width if edge else 0,
                linestyle=style,
                capstyle="butt",
                joinstyle="round",
            ),
            PathMark(list(vertices), codes, _colour(fill), _colour(edge), width, dash),
        )

    def box(
        self,
        box: Box,
        *,
        role: str | None,
        edge: str | None = None,
        radius: float = 0.0,
        dash: tuple[float, ...] | None = None,
    ) -> None:
        """Draw a rectangle, with round corners when it has a ``radius``."""
        left, top, right, bottom = box
        r = min(radius, (right - left) / 2, (bottom - top) / 2)
        if r <= 0:
            corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            self.path(corners, "MLLLZ", fill=role, edge=edge, dash=dash)
            return
        rounded = [
            (left + r, top), (right - r, top), (right, top), (right, top + r), (right, bottom - r),
            (right, bottom), (right - r, bottom), (left + r, bottom), (left, bottom), (left, bottom - r),
            (left, top + r), (left, top), (left + r, top), (left + r, top),
        ]  # fmt: skip
        self.path(rounded, "MLQQLQQLQQLQQZ", fill=role, edge=edge, dash=dash)

    def dots(
        self,
        points: Iterable[Point],
        *,
        role: str = "cool",
        shape: Shape = "circle",
        radius: float = 6.0,
        edge: str | None = "paper",
        edge_width: float = 1.5,
    ) -> None:
        """Draw dots of one kind, each with a thin edge that keeps it apart from lines below it."""
        from matplotlib.lines import Line2D

        places = list(points)
        xs, ys = zip(*places, strict=True)
        dots = Line2D(
            xs,
            ys,
            linestyle="none",
            marker=MARKERS[shape],
            markersize=radius * MARKER_SIZE[shape],
            markerfacecolor=_colour(role),
            markeredgecolor=_colour(edge),
            markeredgewidth=edge_width if edge else 0,
            fillstyle="full",
        )
        self._add(dots, DotsMark(places, _colour(role), shape, radius, _colour(edge), edge_width if edge else 0.0))

    def whiskers(self, ends: Sequence[Point], *, role: str = "ink") -> None:
        """Draw an interval as a thin line with its two ends barred; nothing without ends."""
        if not ends:
            return
        (x0, y0), (x1, y1) = ends
        bar = (0.0, 4.0) if y0 == y1 else (4.0, 0.0)
        self.path(
            [
                (x0 - bar[0], y0 - bar[1]), (x0 + bar[0], y0 + bar[1]), (x0, y0), (x1, y1),
                (x1 - bar[0], y1 - bar[1]), (x1 + bar[0], y1 + bar[1]),
            ],
            "MLMLML",
            edge=role,
            width=1.5,
        )  # fmt: skip

    def badge(self, x: float, y: float, number: int, *, radius: float = 9.0) -> None:
        """Draw the mark of the report's first, second or third priority."""
        self.dots([(x, y)], role="accent", radius=radius, edge=None)
        self.text(x, y, str(number), size=SMALL, role="paper", bold=True, anchor="center")
