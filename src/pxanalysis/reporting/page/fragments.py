"""Pieces of a page: HTML made from a template in which everything from outside is escaped.

Templates stand in ``template/parts``. Whatever they write is first checked: text loses invisible and bidirectional
characters and is cut to a length that a page can carry; a number that nobody formatted, or that is missing, is an
error, so that no page ever says NaN.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pxanalysis.analysis.privacy.masking import LONGEST_TEXT, shorten, strip_invisible
from pxanalysis.errors import ReportError
from pxanalysis.reporting.page.wording import Wording

__all__ = ["FEWEST_STACKED", "Fragment", "display_text", "render_part", "room_class", "unbroken"]

FEWEST_STACKED = 4
"""Columns from which on the rows of a table are stacked where there is little room; fewer fit a phone."""

_RANGE = re.compile(r"(?<=\d)\u2013(?=[\d\u2212])")


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """A piece of a report; notebooks and pages show its HTML, which is empty where there is nothing to say."""

    name: str
    html: str

    def __repr__(self) -> str:
        return f"Fragment({self.name!r})"

    def _repr_html_(self) -> str:
        return self.html


@lru_cache(maxsize=4096)
def display_text(text: str, longest: int = LONGEST_TEXT) -> str:
    r"""Return text from outside as a page can show it: one line, nothing invisible, at most ``longest`` long.

    >>> display_text("De\u202e Linde", 60)
    'De Linde'
    """
    return shorten(strip_invisible(text[: 4 * longest]), longest)


def unbroken(text: str) -> str:
    r"""Return text in which no line ends inside a range such as 0\u2013100: browsers break after a dash.

    >>> unbroken("van 0\u2013100") == "van 0\u2060\u2013\u2060100"
    True
    """
    return _RANGE.sub("\u2060\u2013\u2060", text)


def room_class(columns: int) -> str:
    """Return the class of a table: in how little room it no longer stands as a table (``page.css``).

    >>> room_class(3), room_class(9)
    ('columns-3', 'columns-7')
    """
    return f"columns-{max(least for least in (0, 3, 4, 5, 7) if least <= columns)}"


def render_part(template: str, wording: Wording, **values: Any) -> Fragment:
    """Fill ``template/parts/<template>.html.j2``; ``t`` and ``w`` in it are the wording's text and the wording.

    Raises
    ------
    ReportError
        When the template writes a value that is missing or is a number nobody formatted.
    """
    html = _environment().get_template(f"{template}.html.j2").render(w=wording, t=wording.text, **values)
    return Fragment(template, html.strip())


@cache
def _environment() -> Environment:
    folder = resources.files("pxanalysis.reporting") / "template" / "parts"
    environment = Environment(
        loader=FileSystemLoader(str(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    environment.globals.update(room_class=room_class, fewest_stacked=FEWEST_STACKED)
    environment.filters["short"] = lambda text, longest: display_text(str(text), longest)
    return environment


def _written(value: object) -> object:
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return unbroken(display_text(str(value)))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ReportError(f"a template writes {value!r}; give it text that is formatted for the reader.")
