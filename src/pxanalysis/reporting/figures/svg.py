"""A figure as an SVG that stands in a page: small, the same every time, and coloured by the page's theme.

The page's security policy refuses inline styles, so everything is a presentation attribute; there are no ids but
those of title and description, no definitions, no links, and no address of any kind.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pxanalysis.errors import ReportError
from pxanalysis.reporting.figures.canvas import HALO, SIZE
from pxanalysis.reporting.figures.lettering import clean
from pxanalysis.reporting.palette import LIGHT, token

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FIGURE_CSS", "embed", "to_svg"]

FIGURE_CSS = """\
.figure svg{display:block;width:100%;height:auto;font-family:var(--typeface);font-variant-numeric:tabular-nums}
.figure-narrow{display:none}
@media screen and (max-width:640px){.figure-narrow{display:block}.figure-narrow~.figure-wide{display:none}}
@media print{.figure{break-inside:avoid}}
"""
"""What a page needs beside `pxanalysis.reporting.palette.css_variables` to show what `embed` returns."""

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_HALO = f' stroke="var({token("paper")},{LIGHT.paper})" stroke-width="4" paint-order="stroke"'
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_KEPT = (
    "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "fill-opacity",
    "stroke-opacity", "opacity", "text-anchor", "font-size", "font-weight",
)  # fmt: skip
_DEFAULTS = {
    ("stroke-linejoin", "round"), ("stroke-linecap", "butt"), ("text-anchor", "start"), ("opacity", "1"),
    ("font-size", f"{SIZE:g}"), ("stroke-width", "1"),
}  # fmt: skip


def to_svg(figure: Figure, *, id_prefix: str, title: str, description: str) -> str:
    """Return a figure of this package as an inline ``<svg>``, the same bytes for the same figure.

    Parameters
    ----------
    figure
        What a ``plot_`` function returned.
    id_prefix
        Start of the two ids in the SVG; give each figure on a page its own.
    title, description
        What the figure is, and the finding it shows: the text alternative.

    Raises
    ------
    ReportError
        When the prefix is not an id, or the figure has parts that an inline SVG cannot carry (pictures, clipping).
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", id_prefix):
        raise ReportError(f"id_prefix: expected a letter followed by letters, digits, - or _; received '{id_prefix}'.")
    root = ElementTree.fromstring(_rendered(figure))
    body = "".join(_shapes(root))
    return (
        f'<svg viewBox="{root.get("viewBox")}" width="100%" role="img"'
        f' aria-labelledby="{id_prefix}-title {id_prefix}-desc"'
        f' font-size="{SIZE:g}" fill="{_paint(LIGHT.ink)}" stroke-linejoin="round">'
        f'<title id="{id_prefix}-title">{escape(clean(title), quote=False)}</title>'
        f'<desc id="{id_prefix}-desc">{escape(_plain(description), quote=False)}</desc>{body}</svg>'
    )


def embed(
    draw: Callable[[int], Figure],
    *,
    id_prefix: str,
    title: str,
    description: str,
    widths: Sequence[int],
) -> str:
    """Return the figure for screens and, when two widths are given, a second drawing of it for phones.

    Parameters
    ----------
    draw
        Draws the figure at a width in pixels: ``lambda width: plot_trend(..., width=width)``.
    widths
        One or two of `WIDE`, `COLUMN` and `NARROW`, widest first. Only one of two drawings is ever shown or read
        out (``FIGURE_CSS``).
    """
    wide, *narrow = widths
    parts = [
        f'<div class="figure-narrow">'
        f"{to_svg(draw(width), id_prefix=f'{id_prefix}-narrow', title=title, description=description)}</div>"
        for width in narrow
    ]
    svg = to_svg(draw(wide), id_prefix=id_prefix, title=title, description=description)
    return f'<div class="figure">{"".join(parts)}<div class="figure-wide">{svg}</div></div>'


def _rendered(figure: Figure) -> str:
    import matplotlib as mpl

    rendered = io.StringIO()
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "pxanalysis", "path.simplify": False}
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A character that the layout typeface lacks is still drawn by the reader's browser.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(rendered, format="svg", metadata=nothing, facecolor="none", bbox_inches=None)
    return rendered.getvalue()


def _plain(text: str) -> str:
    return "\n".join(clean(line) for line in re.split(r"(?<=[.;:!?])\s+", text[:4000]))


def _shapes(root: ElementTree.Element) -> Iterator[str]:
    """Yield the SVG of every visible part, markers written out where they stand."""
    markers = {f"#{path.get('id')}": path for path in root.iter(f"{_SVG}path") if path.get("id")}
    haloed = {id(text) for group in root.iter(f"{_SVG}g") if group.get("id") == HALO for text in group}
    for part in root.iter():
        name = part.tag.removeprefix(_SVG)
        if name in {"image", "clipPath", "pattern", "filter"}:
            raise ReportError(f"figure: expected lines, areas and text only; found <{name}>, draw it as a path.")
        if name == "text":
            edge = _HALO if id(part) in haloed else ""
            yield f"<text{_place(part)}{_style(part)}{edge}>{escape(part.text or '', quote=False)}</text>"
        elif name == "use":
            yield _marker(part, markers[part.get(_LINK, "")])
        elif name == "path" and not part.get("id"):
            style = _style(part)
            if 'fill="none"' not in style or "stroke=" in style:
                yield f'<path d="{_route(part.get("d", ""))}"{style}/>'


def _place(part: ElementTree.Element) -> str:
    return "".join(f' {key}="{_short(float(part.get(key, "0")))}"' for key in ("x", "y"))


def _marker(use: ElementTree.Element, marker: ElementTree.Element) -> str:
    """A circle becomes ``<circle>``, another shape its outline moved to its place."""
    x, y = float(use.get("x", "0")), float(use.get("y", "0"))
    route = marker.get("d", "")
    style = _style(use, _declared(marker))
    if "C" in route:
        radius = max(float(number) for number in _NUMBER.findall(route))
        return f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{_short(radius)}"{style}/>'
    return f'<path d="{_route(route, x, y)}"{style}/>'


def _route(route: str, x: float = 0.0, y: float = 0.0) -> str:
    """Path data moved by ``x, y``, in tenths of a pixel and without spare characters."""
    moved = []
    shift = (x, y)
    for command in re.findall(r"[A-Za-z][^A-Za-z]*", route.replace("e-", "E-").replace("E-", "e-")):
        numbers = [float(number) for number in _NUMBER.findall(command)]
        moved.append(command[0] + " ".join(_short(v + shift[i % 2]) for i, v in enumerate(numbers)))
    return "".join(moved)


def _short(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _declared(part: ElementTree.Element) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in part.get("style", "").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if value}


def _style(part: ElementTree.Element, inherited: dict[str, str] | None = None) -> str:
    declared = {**(inherited or {}), **_declared(part)}
    attributes = []
    for name in _KEPT:
        value = declared.get(name)
        if value is None:
            continue
        if name in {"fill", "stroke"}:
            value = _paint(value)
        elif name == "font-size":
            value = f"{float(value.removesuffix('px')):g}"
        elif name == "font-weight":
            value = "600"
        elif name in {"stroke-width", "stroke-dasharray"}:
            value = " ".join(_short(float(number)) for number in _NUMBER.findall(value))
        if (name, value) not in _DEFAULTS and not (name == "fill" and value == _paint(LIGHT.ink)):
            attributes.append(f' {name}="{value}"')
    return "".join(attributes)


@cache
def _roles() -> dict[str, str]:
    return {str(getattr(LIGHT, role.name)): role.name for role in fields(LIGHT)}


def _paint(colour: str) -> str:
    """A colour of the light theme as its role, with itself for where the page has no themes."""
    role = _roles().get(colour)
    return colour if role is None else f"var({token(role)},{colour})"
