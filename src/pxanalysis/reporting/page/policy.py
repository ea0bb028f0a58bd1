"""The style sheet of every page, and the content policy that allows it and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from pxanalysis.figures.kit.palette import css_variables

__all__ = ["content_policy", "css_text", "page_css", "running_title"]

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
    return (resources.files("pxanalysis.reporting") / "template" / f"{name}.css").read_text(encoding="utf-8")


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
