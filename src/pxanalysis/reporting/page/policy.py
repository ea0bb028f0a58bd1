"""The style sheet of every page, and the content policy that allows it and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib import resources

from pxanalysis.figures.kit.palette import css_variables

__all__ = ["NOTEBOOK_CLASS", "content_policy", "css_text", "notebook_css", "page_css", "running_title"]

NOTEBOOK_CLASS = "px-notebook"
"""Class of the element that holds a part of a report in a notebook."""

STACKED_BELOW = {4: 28, 5: 38, 7: 50}
"""Columns of a table, or more, and the room in rem below which its rows are stacked (``room_class``)."""


@cache
def page_css() -> str:
    """Return the style sheet of every page: palette, figures, and the page itself."""
    # the drawings' part, which only a page with figures needs
    from pxanalysis.figures.kit.embedding import FIGURE_CSS

    stacked = (
        f"@container table (max-width:{room}rem){{\n{_style('stacked').replace('TABLE', f'.columns-{columns}')}}}\n"
        for columns, room in STACKED_BELOW.items()
    )
    return css_variables() + FIGURE_CSS + _style("page") + "@media screen{\n" + "".join(stacked) + "}\n"


@cache
def notebook_css() -> str:
    """Return that style sheet for a part of a report in a notebook: everything in it is inside the part, and light.

    A notebook has a theme of its own, which says nothing of the reader's; the part is a sheet of paper in it.
    """
    # the drawings' part, which only a page with figures needs
    from pxanalysis.figures.kit.embedding import FIGURE_CSS

    css = css_variables(dark=False) + FIGURE_CSS + _style("page")
    for outermost in (":root", "html", "body"):
        css = re.sub(rf"(?<![\w.#-]){outermost}(?=\{{)", "&", css)
    paper = "background:var(--paper);padding:1rem 1.4rem;container-type:inline-size"
    return f".{NOTEBOOK_CLASS}{{{paper}}}\n.{NOTEBOOK_CLASS}{{{css}}}"


def css_text(text: str) -> str:
    r"""Return a text as a string of a style sheet, in which nothing but the text has a meaning.

    >>> css_text("Wilg & Zn.")
    '"Wilg \\26  Zn\\2e "'
    """
    return '"' + "".join(sign if sign == " " or sign.isalnum() else f"\\{ord(sign):x} " for sign in text) + '"'


def running_title(text: str) -> str:
    """Return a style sheet that writes a text at the foot of every printed page."""
    return f"@page{{@bottom-left{{content:{css_text(text)};font:8.5pt sans-serif;color:#56636f}}}}\n"


def _style(name: str) -> str:
    """A style sheet without its comments, which a page would carry each time."""
    text = (resources.files("pxanalysis.reporting") / "template" / f"{name}.css").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/\n?", "", text, flags=re.DOTALL)


def content_policy(css: str, script: str = "") -> str:
    """Return a policy that allows this style sheet, pictures in the page and, when given, this one script.

    Examples
    --------
    >>> content_policy("p{margin:0}").split("; ")[0]
    "default-src 'none'"
    """
    parts = ["default-src 'none'", f"style-src '{_digest(css)}'", "img-src data:"]
    if script:
        parts.append(f"script-src '{_digest(script)}'")
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
