"""The style sheet of every page, and the content policy that allows it and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

__all__ = ["content_policy", "page_css"]


@cache
def page_css() -> str:
    """Return the style sheet of every page: palette, figures, and the page itself."""
    from pxanalysis.reporting.figures.embedding import FIGURE_CSS
    from pxanalysis.reporting.palette import css_variables

    own = (resources.files("pxanalysis.reporting") / "template" / "page.css").read_text(encoding="utf-8")
    return css_variables() + FIGURE_CSS + own


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
