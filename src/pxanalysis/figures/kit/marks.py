"""What a canvas has drawn, as plain records: from these the page's SVG is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pxanalysis.figures.kit.geometry import Anchor, Point, Shape

__all__ = ["DotsMark", "Drawing", "LineMark", "Mark", "PathMark", "TextMark"]


@dataclass(frozen=True, slots=True)
class TextMark:
    """One line of text; ``y`` is its foot."""

    x: float
    y: float
    text: str
    colour: str
    size: float
    bold: bool
    anchor: Anchor
    halo: bool


@dataclass(frozen=True, slots=True)
class LineMark:
    """A line through points."""

    points: Sequence[Point]
    colour: str
    width: float
    dash: tuple[float, ...] | None
    cap: Literal["butt", "round"]


@dataclass(frozen=True, slots=True)
class PathMark:
    """A path: one letter of ``codes`` per vertex, as ``Canvas.path`` has them; colours ``none`` where there is none."""

    vertices: Sequence[Point]
    codes: str
    fill: str
    edge: str
    width: float
    dash: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class DotsMark:
    """Dots of one kind."""

    points: Sequence[Point]
    colour: str
    shape: Shape
    radius: float
    edge: str
    edge_width: float


Mark = TextMark | LineMark | PathMark | DotsMark


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure: its size in pixels, and its parts in the order in which they are painted."""

    width: float
    height: float
    marks: tuple[Mark, ...]
