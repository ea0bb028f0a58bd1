"""A figure as an SVG that stands in a page: small, the same every time, and coloured by the page's theme.

The page's security policy refuses inline styles, so everything is a presentation attribute, but for the edge of texts
that cross a line, which the page's style gives to their class; there are no ids but those of title and description, no
definitions, no links, and no address of any kind.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import numpy as np

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.canvas import HALO, MARKER_SIZE, MARKERS, SIZE, marks_of
from pxanalysis.figures.kit.geometry import Shape
from pxanalysis.figures.kit.lettering import clean
from pxanalysis.figures.kit.marks import DotsMark, LineMark, Mark, PathMark, TextMark
from pxanalysis.figures.kit.palette import LIGHT, token

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# matplotlib is imported where it is used: pages without a figure, and their style sheet, do without it.
__all__ = ["to_svg"]

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_MANY = 20
"""From this many dots of one kind on, they are drawn as one path, without edges."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_KEPT = (
    "fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "fill-opacity",
    "stroke-opacity", "opacity", "text-anchor", "font-size", "font-weight",
)  # fmt: skip
_DEFAULTS = {
    ("stroke-linejoin", "round"), ("stroke-linecap", "butt"), ("text-anchor", "start"), ("opacity", "1"),
    ("font-size", f"{SIZE:g}"), ("stroke-width", "1"),
}  # fmt: skip


def to_svg(figure: Figure, *, id_prefix: str, title: str, description: str, worded: bool = True) -> str:
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
        When the prefix is not an id, or the figure has parts that an inline SVG cannot carry (pictures, clipping).
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", id_prefix):
        raise ReportError(f"id_prefix: expected a letter followed by letters, digits, - or _; received '{id_prefix}'.")
    marks = marks_of(figure)
    if marks is None:
        root = ElementTree.fromstring(_rendered(figure))
        markers = {f"#{path.get('id')}": path for path in root.iter(f"{_SVG}path") if path.get("id")}
        view, body = root.get("viewBox"), "".join(_shapes(root, markers))
    else:
        width, height = figure.get_size_inches() * figure.dpi
        view, body = f"0 0 {_plain_number(width)} {_plain_number(height)}", "".join(map(_write, marks))
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


def _rendered(figure: Figure) -> str:
    import matplotlib as mpl

    rendered = io.StringIO()
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "pxanalysis",
        "path.simplify": False,
        "savefig.bbox": None,
    }
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A character that the layout typeface lacks is still drawn by the reader's browser.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(rendered, format="svg", metadata=nothing, facecolor="none")
    return rendered.getvalue()


def _plain_number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _write(mark: Mark) -> str:
    """The SVG of one thing that a canvas drew."""
    match mark:
        case TextMark():
            anchor = {"left": "start", "center": "middle", "right": "end"}[mark.anchor]
            style = _attributes(
                {"fill": mark.colour, "text-anchor": anchor, "font-size": f"{mark.size:g}"}
                | ({"font-weight": "bold"} if mark.bold else {})
            )
            edge = f' class="{HALO}"' if mark.halo else ""
            place = f' x="{_short(mark.x)}" y="{_short(mark.y)}"'
            return f"<text{place}{style}{edge}>{escape(mark.text, quote=False)}</text>"
        case LineMark():
            route = "".join(f"{'L' if i else 'M'}{_short(x)} {_short(y)}" for i, (x, y) in enumerate(mark.points))
            style = _attributes(
                {"fill": "none"} | _stroke(mark.colour, mark.width, mark.dash) | {"stroke-linecap": mark.cap}
            )
            return f'<path d="{route}"{style}/>'
        case PathMark():
            if mark.fill == "none" and mark.edge == "none":
                return ""
            stroke = {} if mark.edge == "none" else _stroke(mark.edge, mark.width, mark.dash)
            return f'<path d="{_drawn(mark)}"{_attributes({"fill": mark.fill} | stroke)}/>'
        case DotsMark():
            return _write_dots(mark)


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
    edge = {} if mark.edge == "none" else _stroke(mark.edge, mark.edge_width, None)
    style = _attributes({"fill": mark.colour} | edge)
    if mark.shape == "circle":
        r = _short(mark.radius)
        return "".join(f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{r}"{style}/>' for x, y in mark.points)
    if edge:
        style += ' stroke-linejoin="miter"'
    outline = _outline(mark.shape, mark.radius)
    return "".join(
        f'<path d="{"".join(c + " ".join((_short(x + dx), _short(y + dy))) for c, dx, dy in outline)}z"{style}/>'
        for x, y in mark.points
    )


@cache
def _outline(shape: Shape, radius: float) -> list[tuple[str, float, float]]:
    """Corners of a marker about its middle, as matplotlib has them, y downward."""
    from matplotlib.markers import MarkerStyle

    marker = MarkerStyle(MARKERS[shape])
    size = radius * MARKER_SIZE[shape]
    corners = marker.get_transform().transform(np.asarray(marker.get_path().vertices)[:-1]) * size
    return [("L" if i else "M", float(x), -float(y)) for i, (x, y) in enumerate(corners)]


def _stroke(colour: str, width: float, dash: tuple[float, ...] | None) -> dict[str, str]:
    dashed = {} if dash is None else {"stroke-dasharray": ",".join(str(part) for part in dash)}
    return {"stroke": colour, "stroke-width": str(width)} | dashed


def _plain(text: str) -> str:
    return "\n".join(clean(line) for line in re.split(r"(?<=[.;:!?])\s+", text[:4000]))


def _shapes(part: ElementTree.Element, markers: dict[str, ElementTree.Element]) -> Iterator[str]:
    """Yield the SVG of every visible part in a group, markers written out where they stand."""
    edge = f' class="{HALO}"' if part.get("id") == HALO else ""
    for child in part:
        match child.tag.removeprefix(_SVG):
            case "text":
                yield f"<text{_place(child)}{_style(child)}{edge}>{escape(child.text or '', quote=False)}</text>"
            case "path":
                style = _style(child)
                if 'fill="none"' not in style or "stroke=" in style:
                    yield f'<path d="{_route(child.get("d", ""))}"{style}/>'
            case "use":
                yield _marker(child, markers[child.get(_LINK, "")])
            case "g" if len(child) > _MANY and all(use.tag == f"{_SVG}use" for use in child):
                yield _many_dots(child, markers)
            case "g":
                yield from _shapes(child, markers)
            case "defs" | "metadata":
                pass
            case other:
                raise ReportError(f"figure: expected lines, areas and text; found <{other}>, draw it as a path.")


def _place(part: ElementTree.Element) -> str:
    return "".join(f' {key}="{_short(float(part.get(key, "0")))}"' for key in ("x", "y"))


def _radius(route: str) -> float:
    return max(float(number) for number in _NUMBER.findall(route))


def _marker(use: ElementTree.Element, marker: ElementTree.Element) -> str:
    """A circle becomes ``<circle>``, another shape its outline moved to its place."""
    x, y = float(use.get("x", "0")), float(use.get("y", "0"))
    route = marker.get("d", "")
    style = _style(use, _declared(marker))
    if "C" in route:
        return f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{_short(_radius(route))}"{style}/>'
    return f'<path d="{_route(route, x, y)}"{style}/>'


def _many_dots(group: ElementTree.Element, markers: dict[str, ElementTree.Element]) -> str:
    """A crowd of equal dots as one path: the round ends of lines without length."""
    width = _short(2 * _radius(markers[group[0].get(_LINK, "")].get("d", "")))
    dots = "".join(f"M{_short(float(u.get('x', '0')))} {_short(float(u.get('y', '0')))}h0" for u in group)
    paint = _paint(_declared(group[0])["fill"])
    return f'<path d="{dots}" fill="none" stroke="{paint}" stroke-width="{width}" stroke-linecap="round"/>'


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
    return _attributes({**(inherited or {}), **_declared(part)})


def _attributes(declared: Mapping[str, str]) -> str:
    """Presentation attributes, in one order, without those that are so anyhow."""
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
