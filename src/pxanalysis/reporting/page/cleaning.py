"""The allow-list of a page: what HTML from a notebook may carry into a report.

Our own parts are escaped when they are made; this is the second wall, and the only one for cells that somebody
added to the notebook. The page's content policy, which allows no script and no request, is the third.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # a compiled library that only a page needs
    import nh3

__all__ = ["clean_html"]

_TAG_NAMES = """
a abbr b bdi blockquote br caption cite code dd del details div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6
header hr i img ins kbd li mark nav ol p pre q s samp section small span strong sub summary sup table tbody td tfoot
th thead time tr u ul var wbr svg g path rect circle ellipse line polyline polygon text tspan title desc
"""
_GLOBAL = "class id lang dir role title tabindex"
_DRAWN = """
viewBox preserveAspectRatio width height x y x1 x2 y1 y2 cx cy r rx ry d points dx dy transform fill fill-opacity
stroke stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-opacity opacity text-anchor
dominant-baseline font-size font-weight paint-order focusable
"""
_SVG = ("svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan")
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(_GLOBAL.split()),
    **{tag: set(_DRAWN.split()) for tag in _SVG},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "td": {"colspan", "rowspan", "headers"},
    "th": {"colspan", "rowspan", "headers", "scope", "abbr"},
    "time": {"datetime"},
    "details": {"open"},
}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_FRAGMENT = re.compile(r"#[A-Za-z0-9_.-]*")


def clean_html(html: str) -> str:
    """Return ``html`` without anything that could run, load, leave or restyle.

    Scripts, styles and forms go with what is in them; other tags go and their text stays. Links may only point into
    the page; pictures must be in it.

    Examples
    --------
    >>> clean_html('<p style="color:red" onclick="x()">Hoi<script>x()</script> <a href="//e.x">e</a></p>')
    '<p>Hoi <a>e</a></p>'
    """
    return _cleaner().clean(html)


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(_TAG_NAMES.split()),
        clean_content_tags={"script", "style", "template", "form", "object", "iframe", "noscript", "textarea"},
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed,
        generic_attribute_prefixes={"aria-", "data-"},
        url_schemes={"data"},
        link_rel=None,
    )


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if _FRAGMENT.fullmatch(value) else None
    if attribute == "src":
        return value if _PICTURE.fullmatch(value) else None
    if attribute == "tabindex":
        return value if value in {"0", "-1"} else None
    return None if "url(" in value.lower() else value
