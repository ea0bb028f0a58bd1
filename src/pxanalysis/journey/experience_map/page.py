"""A map as a page that suits every width and prints on A3, or as one drawing."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from pxanalysis.errors import JourneyError
from pxanalysis.figures.page.experience_map.drawing import SCREEN_STYLE
from pxanalysis.journey.experience_map.words import words_of

if TYPE_CHECKING:
    from pxanalysis.figures.page.experience_map import MapDrawing

__all__ = ["PAPER_STYLE", "map_page", "write_map"]

PAPER_STYLE = """
@page{size:A3 landscape;margin:10mm}
.map-a3{display:none}
@media print{body{max-width:none;margin:0;padding:0}.map-screen,.map-text{display:none}
.map-a3{display:block;break-inside:avoid;break-after:page}.map-a3:last-child{break-after:auto}
h1{font-size:15pt;margin:0 0 2mm}.note{font-size:9pt;margin:2mm 0 0}}
"""
_STYLE = """
body{margin:8px auto;padding:0 12px;max-width:1200px;font:16px/1.5 sans-serif;color:#1d2733;background:#fff;
overflow-wrap:anywhere}
h1{font-size:1.3rem}summary{cursor:pointer;padding:8px 0;font-weight:600}.note{color:#56636f}
"""


def map_page(drawing: MapDrawing, language: str, notes: tuple[str, ...] = ()) -> str:
    """Return a page with the map, what it can and cannot show, and the same as text."""
    title = escape(drawing.title)
    said = "".join(f'<p class="note" dir="auto">{escape(note)}</p>' for note in (words_of(language)["note"], *notes))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{_STYLE}{SCREEN_STYLE}{PAPER_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{drawing.html}{said}{drawing.paper}</main></body></html>\n"
    )


def write_map(drawing: MapDrawing, path: Path, language: str, notes: tuple[str, ...] = ()) -> None:
    """Write a map as a page (``.html``) or as the drawing for A3 (``.svg``).

    Raises
    ------
    JourneyError
        When the file's name ends in something else.
    """
    if path.suffix == ".svg":
        path.write_text(drawing.to_svg(), encoding="utf-8")
    elif path.suffix == ".html":
        path.write_text(map_page(drawing, language, notes), encoding="utf-8")
    else:
        raise JourneyError(f"output: expected a name that ends in .html, .svg, .pdf or .json; received '{path}'.")
