"""A figure as an SVG that stands in a page: small, the same every time, and coloured by the page's theme.

The page's security policy refuses inline styles, so everything is a presentation attribute, but for the edge of texts
that cross a line, which the page's style gives to their class; there are no ids but those of title and description, no
definitions, no links, and no address of any kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields
from functools import cache, lru_cache
from html import escape
from itertools import pairwise

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.canvas import HALO, SIZE
from pxanalysis.figures.kit.geometry import Anchor, Shape
from pxanalysis.figures.kit.lettering import clean
from pxanalysis.figures.kit.marks import DotsMark, Drawing, LineMark, Mark, PathMark, TextMark
from pxanalysis.figures.kit.palette import LIGHT, token

__all__ = ["to_svg"]

_MANY = 20
"""From this many dots of one kind on, they are drawn as one path, without edges."""
_CORNERS: dict[Shape, tuple[tuple[float, float], ...]] = {
    "diamond": ((0, 1.2374369), (1.2374369, 0), (0, -1.2374369), (-1.2374369, 0)),
    "square": ((-0.9, 0.9), (0.9, 0.9), (0.9, -0.9), (-0.9, -0.9)),
    "triangle": ((1, 0), (-1, -1), (-1, 1)),
}
"""Corners of a marker of radius 1 about its middle, y downward; of a size that makes all look equally large."""
_ANCHORS = {"center": "middle", "right": "end"}
"""What SVG calls it where a text does not start at its place."""


def to_svg(figure: Drawing, *, id_prefix: str, title: str, description: str, worded: bool = True) -> str:
    """Return a figure of this package as an inline ``<svg>``, the same bytes for the same figure.

    Parameters
    ----------
    figure
        What a ``plot_`` function returned.
    id_prefix
        Start of the two ids in the SVG; give each figure on a page its own.
    title, description
        What the figure is, and the finding it shows: the text alternative.
    worded
        False for a further drawing of a figure on a page that has the words under this prefix already.

    Raises
    ------
    ReportError
        When the prefix is not an id.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", id_prefix):
        raise ReportError(f"id_prefix: expected a letter followed by letters, digits, - or _; received '{id_prefix}'.")
    view, body = f"0 0 {_plain_number(figure.width)} {_plain_number(figure.height)}", "".join(map(_write, figure.marks))
    words = (
        f'<title id="{id_prefix}-title">{escape(clean(title), quote=False)}</title>'
        f'<desc id="{id_prefix}-desc">{escape(_plain(description), quote=False)}</desc>'
    )
    return (
        f'<svg viewBox="{view}" width="100%" role="img"'
        f' aria-labelledby="{id_prefix}-title {id_prefix}-desc"'
        f' font-size="{SIZE:g}" fill="{_paint(LIGHT.ink)}" stroke-linejoin="round">'
        f"{words if worded else ''}{body}</svg>"
    )


def _plain_number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _write(mark: Mark) -> str:
    """The SVG of one thing that a canvas drew."""
    match mark:
        case TextMark():
            style = _lettering(mark.colour, mark.anchor, mark.size, mark.bold, mark.halo)
            return f'<text x="{_short(mark.x)}" y="{_short(mark.y)}"{style}>{escape(mark.text, quote=False)}</text>'
        case LineMark():
            route = _route(mark.points)
            cap = "" if mark.cap == "butt" else f' stroke-linecap="{mark.cap}"'
            return f'<path d="{route}"{_ink("none", mark.colour, mark.width, mark.dash)}{cap}/>'
        case PathMark():
            if mark.fill == "none" and mark.edge == "none":
                return ""
            return f'<path d="{_drawn(mark)}"{_ink(mark.fill, mark.edge, mark.width, mark.dash)}/>'
        case DotsMark():
            return _write_dots(mark)


def _route(points: Sequence[tuple[float, float]]) -> str:
    """A line from point to point; of one that goes straight across or down only what changes is written."""
    ends = [(_short(x), _short(y)) for x, y in points]
    parts = [f"M{ends[0][0]} {ends[0][1]}"]
    for (x0, y0), (x, y) in pairwise(ends):
        parts.append(f"H{x}" if y == y0 else f"V{y}" if x == x0 else f"L{x} {y}")
    return "".join(parts)


_VERTICES = {"M": 1, "L": 1, "Q": 2, "C": 3, "Z": 1}


def _drawn(mark: PathMark) -> str:
    """Path data of one letter per vertex."""
    parts, place = [], 0
    while place < len(mark.codes):
        code = mark.codes[place]
        count = _VERTICES[code]
        numbers = " ".join(f"{_short(x)} {_short(y)}" for x, y in mark.vertices[place : place + count])
        parts.append("z" if code == "Z" else code + numbers)
        place += count
    return "".join(parts)


def _write_dots(mark: DotsMark) -> str:
    if len(mark.points) > _MANY:
        dots = "".join(f"M{_short(x)} {_short(y)}h0" for x, y in mark.points)
        width = _short(2 * mark.radius)
        paint = _paint(mark.colour)
        return f'<path d="{dots}" fill="none" stroke="{paint}" stroke-width="{width}" stroke-linecap="round"/>'
    style = _ink(mark.colour, mark.edge, mark.edge_width)
    if mark.shape == "circle":
        r = _short(mark.radius)
        return "".join(f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{r}"{style}/>' for x, y in mark.points)
    if mark.edge != "none":
        style += ' stroke-linejoin="miter"'
    corners = [(dx * mark.radius, dy * mark.radius) for dx, dy in _CORNERS[mark.shape]]
    routes = ("L".join(f"{_short(x + dx)} {_short(y + dy)}" for dx, dy in corners) for x, y in mark.points)
    return "".join(f'<path d="M{route}z"{style}/>' for route in routes)


def _plain(text: str) -> str:
    return "\n".join(clean(line) for line in re.split(r"(?<=[.;:!?])\s+", text[:4000]))


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@lru_cache(maxsize=512)
def _ink(fill: str, stroke: str, width: float, dash: tuple[float, ...] | None = None) -> str:
    """Attributes of an area and of the line around it, without those that are so anyhow."""
    painted = "" if fill == LIGHT.ink else f' fill="{_paint(fill)}"'
    if stroke == "none":
        return painted
    painted += f' stroke="{_paint(stroke)}"'
    if (wide := _short(width)) != "1":
        painted += f' stroke-width="{wide}"'
    if dash is not None:
        painted += f' stroke-dasharray="{" ".join(map(_short, dash))}"'
    return painted


@lru_cache(maxsize=512)
def _lettering(colour: str, anchor: Anchor, size: float, bold: bool, halo: bool) -> str:
    """Attributes of a text, without those that are so anyhow."""
    return "".join(
        (
            "" if colour == LIGHT.ink else f' fill="{_paint(colour)}"',
            f' text-anchor="{_ANCHORS[anchor]}"' if anchor in _ANCHORS else "",
            "" if size == SIZE else f' font-size="{size:g}"',
            ' font-weight="600"' if bold else "",
            f' class="{HALO}"' if halo else "",
        )
    )


@cache
def _roles() -> dict[str, str]:
    return {str(getattr(LIGHT, role.name)): role.name for role in fields(LIGHT)}


def _paint(colour: str) -> str:
    """A colour of the light theme as its role, with itself for where the page has no themes."""
    role = _roles().get(colour)
    return colour if role is None else f"var({token(role)},{colour})"
