"""A sheet that is drawn on in CSS pixels, from the top left, in the palette's roles.

Figures of the report have no tick locators, legends or layout engines: every text and line is put where it was
computed to fit, which keeps a figure at milliseconds and its SVG at a few kilobytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pxanalysis.figures.kit.geometry import Anchor, Box, Point, Shape
from pxanalysis.figures.kit.lettering import clean, measure
from pxanalysis.figures.kit.marks import DotsMark, Drawing, LineMark, Mark, PathMark, TextMark
from pxanalysis.figures.kit.palette import LIGHT

__all__ = ["HALO", "LEADING", "SIZE", "SMALL", "Canvas"]

SIZE = 13.0
"""Type size of labels and values, in pixels."""
SMALL = 12.0
"""Type size of axis figures and notes, in pixels."""
LEADING = 1.25
"""Distance between lines of one text, as a multiple of the type size."""

HALO = "halo"
"""Group id, and class in the page, of texts that get an edge in the colour of the paper."""

_MIDDLE = 0.36
"""Half the height of a capital, as a share of the type size: puts a text's middle, not its foot, at ``y``."""


def _colour(role: str | None) -> str:
    return "none" if role is None else str(getattr(LIGHT, role))


class Canvas:
    """An empty sheet of ``width`` by ``height`` pixels."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.marks: list[Mark] = []

    @property
    def drawing(self) -> Drawing:
        """What was drawn so far."""
        return Drawing(self.width, self.height, tuple(self.marks))

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
        line = clean(text)
        if line:
            self.marks.append(TextMark(x, y + _MIDDLE * size, line, _colour(role), size, bold, anchor, halo))

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
        self.marks.append(LineMark(list(points), _colour(role), width, dash, cap))

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
        self.marks.append(PathMark(list(vertices), codes, _colour(fill), _colour(edge), width, dash))

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
        edge_width = edge_width if edge else 0.0
        self.marks.append(DotsMark(list(points), _colour(role), shape, radius, _colour(edge), edge_width))

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
