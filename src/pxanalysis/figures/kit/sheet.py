"""A sheet of inline SVG that is filled from the top down: boxes, and lines of text of which the height is known.

Colours are ``var(--role,#rrggbb)``: on a page its theme decides, anywhere else the colour behind the comma.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from pxanalysis.figures.kit.lettering import clean, fit, wrap
from pxanalysis.figures.kit.palette import LIGHT, token

__all__ = ["Line", "Sheet", "fitted_lines", "height_of", "lines_of", "number", "paint", "standalone"]

_LEADING = 1.32
_MOST_LINES = 16


def paint(role: str) -> str:
    """Return the colour of a role.

    >>> paint("cool")
    'var(--cool,#1f6089)'
    """
    return f"var({token(role)},{getattr(LIGHT, role)})"


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def standalone(svg: str) -> str:
    """Return a drawing as the text of an SVG file, in colours that every viewer knows."""
    return re.sub(r"var\(--[a-z-]+,(#[0-9a-f]{6})\)", r"\1", svg) + "\n"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: what, how large, in which role's colour; one without text is room between others."""

    text: str
    size: float
    role: str = "ink"
    bold: bool = False

    @property
    def height(self) -> float:
        """Pixels from the top of this line to that of the next."""
        return self.size * _LEADING


def lines_of(
    text: str, width: float, size: float, role: str = "ink", *, bold: bool = False, most: int = _MOST_LINES
) -> list[Line]:
    """Break a text into lines of at most ``width`` pixels; an empty text has none."""
    broken = wrap(text, width, size, bold=bold, most=most) if text else []
    return [Line(line, size, role, bold) for line in broken]


def fitted_lines(
    text: str, width: float, largest: float, smallest: float, role: str = "ink", *, bold: bool = False, most: int = 4
) -> list[Line]:
    """Break a text into lines in the largest type in which no word is broken."""
    broken, size = fit(text, width, largest, smallest, bold=bold, most=most)
    return [Line(line, size, role, bold) for line in broken]


def height_of(lines: Sequence[Line]) -> float:
    """Pixels that lines take below one another."""
    return sum(line.height for line in lines)


@dataclass(slots=True)
class Sheet:
    """What was drawn so far on a sheet of one width.

    Attributes
    ----------
    parts
        SVG elements, in the order in which they are painted.
    y
        Where the next thing begins.
    """

    width: float
    parts: list[str] = field(default_factory=list)
    y: float = 2.0

    def finish(self, title: str, description: str = "") -> str:
        """The whole sheet as one SVG element that is read out as its title."""
        size = f"{number(self.width)} {number(self.y)}"
        label = escape(clean(f"{title}. {description}" if description else title))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="100%" role="img"'
            f' font-family="DejaVu Sans, sans-serif" aria-label="{label}">'
            f"<title>{escape(clean(title), quote=False)}</title>{''.join(self.parts)}</svg>"
        )

    def write(self, lines: Sequence[Line], x: float, y: float) -> float:
        """Put lines below each other, the first one's top at ``y``; return where the last one ends."""
        for line in lines:
            if not line.text:
                y += line.height
                continue
            weight = ' font-weight="600"' if line.bold else ""
            self.parts.append(
                f'<text x="{number(x)}" y="{number(y + line.size)}" font-size="{line.size:g}"{weight}'
                f' fill="{paint(line.role)}">{escape(line.text, quote=False)}</text>'
            )
            y += line.height
        return y

    def box(self, x: float, y: float, w: float, h: float, fill: str, *, edge: str = "", dashed: bool = False) -> None:
        """Draw a rectangle with round corners."""
        stroke = f' stroke="{paint(edge)}"' if edge else ""
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        place = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
        self.parts.append(f'<rect {place} rx="5" fill="{paint(fill)}"{stroke}{dash}/>')

    def polygon(self, corners: Sequence[tuple[float, float]], fill: str) -> None:
        """Draw a filled shape."""
        points = " ".join(f"{number(x)},{number(y)}" for x, y in corners)
        self.parts.append(f'<polygon points="{points}" fill="{paint(fill)}"/>')

    def path(self, d: str, role: str, *, width: float = 1.0, dash: str = "") -> None:
        """Draw a line along an SVG path."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f'<path d="{d}" fill="none" stroke="{paint(role)}" stroke-width="{width:g}"{dashed}/>')
