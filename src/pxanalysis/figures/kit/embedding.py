"""A figure in a page: drawn for the room it mostly has and, where it is worth it, again for less room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.svg import to_svg

__all__ = ["COLUMN", "FIGURE_CSS", "MIDDLE", "NARROW", "SLIM", "WIDE", "embed"]

WIDE, MIDDLE, COLUMN, NARROW, SLIM = 960, 680, 470, 350, 216
"""Pixels across a page, across paper or a tablet, in one of two columns, on a phone, and in one of three on paper."""

FIGURE_CSS = """\
.figure{container-type:inline-size;break-inside:avoid}
.figure svg{display:block;width:100%;height:auto;font-family:var(--typeface);font-variant-numeric:tabular-nums}
.figure .halo{stroke:var(--paper);stroke-width:4;paint-order:stroke}
.figure-half .figure-wide{max-width:560px}
.figure-middle,.figure-narrow,.figure-slim{display:none}
.figure-narrow{max-width:440px}
@container (max-width:880px){
.figure-page .figure-middle{display:block}
.figure-page .figure-middle~.figure-wide{display:none}
}
@container (max-width:624px){
.figure-page .figure-narrow{display:block}
.figure-page .figure-narrow~.figure-middle,.figure-page .figure-narrow~.figure-wide{display:none}
}
@container (max-width:440px){
.figure-half .figure-narrow{display:block}
.figure-half .figure-narrow~.figure-wide{display:none}
}
@container (max-width:250px){
.figure-half .figure-slim{display:block}
.figure-half .figure-slim~.figure-narrow{display:none}
}
"""
"""What a page needs beside `pxanalysis.figures.kit.palette.css_variables` to show what `embed` returns.

The room that a figure has decides which of its drawings is shown, so that its text is never below 11 pixels on a
screen: on a phone, in a column, on paper.
"""


_KINDS = {MIDDLE: "middle", NARROW: "narrow", SLIM: "slim"}


def embed(
    draw: Callable[[int], Drawing],
    *,
    id_prefix: str,
    title: str,
    description: str,
    widths: Sequence[int],
) -> str:
    """Return a figure for in a page, with further drawings for where it has less room.

    Parameters
    ----------
    draw
        Draws the figure at a width in pixels: ``lambda width: plot_trend(..., width=width)``.
    widths
        One to three of `WIDE`, `MIDDLE`, `COLUMN`, `NARROW` and `SLIM`, widest first, `MIDDLE` only after `WIDE` and
        `SLIM` only after `NARROW`. Only one of the drawings is ever shown or read out (``FIGURE_CSS``).
    """
    wide, *others = widths
    parts = []
    for width in reversed(others):
        kind = _KINDS[width]
        # The words stand once; what is not shown may still be referred to.
        svg = to_svg(draw(width), id_prefix=id_prefix, title=title, description=description, worded=False)
        parts.append(f'<div class="figure-{kind}">{svg}</div>')
    svg = to_svg(draw(wide), id_prefix=id_prefix, title=title, description=description)
    place = "figure-page" if wide > COLUMN else "figure-half"
    return f'<div class="figure {place}">{"".join(parts)}<div class="figure-wide">{svg}</div></div>'
