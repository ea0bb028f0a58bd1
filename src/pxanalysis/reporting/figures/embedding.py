"""A figure in a page: drawn for the room it mostly has and, where it is worth it, once more for little room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pxanalysis.reporting.figures.svg import to_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLUMN", "FIGURE_CSS", "NARROW", "WIDE", "embed"]

WIDE, COLUMN, NARROW = 960, 470, 350
"""Pixels across a page, in one of two columns, and on a phone."""

FIGURE_CSS = """\
.figure{container-type:inline-size;break-inside:avoid}
.figure svg{display:block;width:100%;height:auto;font-family:var(--typeface);font-variant-numeric:tabular-nums}
.figure-half .figure-wide{max-width:560px}
.figure-narrow{display:none;max-width:440px}
@container (max-width:720px){
.figure-page .figure-narrow{display:block}
.figure-page .figure-narrow~.figure-wide{display:none}
}
@container (max-width:400px){
.figure-half .figure-narrow{display:block}
.figure-half .figure-narrow~.figure-wide{display:none}
}
"""
"""What a page needs beside `pxanalysis.reporting.palette.css_variables` to show what `embed` returns.

The room that a figure has decides which of its two drawings is shown: on a phone, in a column, on paper.
"""


def embed(
    draw: Callable[[int], Figure],
    *,
    id_prefix: str,
    title: str,
    description: str,
    widths: Sequence[int],
) -> str:
    """Return a figure for in a page and, when two widths are given, a second drawing for where it has little room.

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
    kind = "figure-page" if wide > COLUMN else "figure-half"
    return f'<div class="figure {kind}">{"".join(parts)}<div class="figure-wide">{svg}</div></div>'
