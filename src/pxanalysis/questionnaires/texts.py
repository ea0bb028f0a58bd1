"""Texts made safe for a tool: what it would take for markup, a reference or the end of a field is written as itself."""

from __future__ import annotations

import html
import unicodedata

__all__ = ["one_line", "plain_html"]


def one_line(text: str) -> str:
    r"""Return ``text`` without line ends, tabs and control characters; accents and direction marks stay.

    >>> one_line("a\tb\r\nc\x00")
    'a b c'
    """
    spaced = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join(spaced.split())


def plain_html(text: str, *, also: str = "") -> str:
    """Return ``text`` for a tool that shows HTML, as plain text; characters in ``also`` become references too.

    >>> plain_html('<b> & "x" {y}', also="{")
    '&lt;b&gt; &amp; "x" &#123;y}'
    """
    escaped = html.escape(one_line(text), quote=False)
    for mark in also:
        escaped = escaped.replace(mark, f"&#{ord(mark)};")
    return escaped
