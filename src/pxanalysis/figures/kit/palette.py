"""The one visual language of page and figures: a colour per role in each theme, and the typeface.

Every colour has a role, and the role is its name: figures are drawn in the light theme's colours and
carry ``var(--role)`` in the page, so that one drawing serves every theme. ``accent`` means one thing: do this
first. Colour is never the only sign; figures add a shape, a line style or a word.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["DARK", "LIGHT", "TYPEFACE", "Theme", "contrast", "css_variables", "on_a_page", "token"]

TYPEFACE = (
    '"Source Sans 3", "Segoe UI Variable Text", "Segoe UI", -apple-system, BlinkMacSystemFont, Roboto, '
    '"Noto Sans", "Liberation Sans", system-ui, sans-serif'
)
"""Typefaces that readers have already; all are at most as wide as the one that figures are laid out in."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One colour per role, as ``#rrggbb``.

    Attributes
    ----------
    paper, tint
        Background of the page, and of panels, boxes and table heads.
    line
        Hairlines and grid lines: decoration, never the only carrier of a meaning.
    rule
        Lines and dots that carry meaning but ask no attention (references, other practices); 3:1 or more.
    soft, ink
        Secondary and main text; 4.5:1 or more on ``paper``, ``tint``, ``accent_tint`` and ``band``.
    accent, accent_tint
        "Do this first", as text or mark, and as background. ``paper`` is readable on ``accent``.
    cool, cool_soft, band
        The practice's own figures (and links); the same as a broad line or bar; the benchmark's area.
    good
        A word that says "better", always with the word itself.
    """

    paper: str
    tint: str
    line: str
    rule: str
    soft: str
    ink: str
    accent: str
    accent_tint: str
    cool: str
    cool_soft: str
    band: str
    good: str


LIGHT = Theme(
    paper="#ffffff",
    tint="#f3f5f7",
    line="#d7dde3",
    rule="#6f7b87",
    soft="#56636f",
    ink="#1d2733",
    accent="#b3400f",
    accent_tint="#fbede6",
    cool="#1f6089",
    cool_soft="#5b8cab",
    band="#dde7ee",
    good="#2c6e58",
)

DARK = Theme(
    paper="#161c23",
    tint="#1f2730",
    line="#3a4652",
    rule="#7f8d9b",
    soft="#a9b5c1",
    ink="#e8edf2",
    accent="#f39a63",
    accent_tint="#3a281d",
    cool="#84bfe3",
    cool_soft="#5488a8",
    band="#263a4a",
    good="#86c8ae",
)

_FORCED = {
    "paper": "Canvas",
    "tint": "Canvas",
    "line": "GrayText",
    "rule": "CanvasText",
    "soft": "CanvasText",
    "ink": "CanvasText",
    "accent": "Highlight",
    "accent_tint": "Canvas",
    "cool": "LinkText",
    "cool_soft": "LinkText",
    "band": "Canvas",
    "good": "CanvasText",
}


def token(role: str) -> str:
    """Return the CSS custom property of a role.

    >>> token("accent_tint")
    '--accent-tint'
    """
    return f"--{role.replace('_', '-')}"


def on_a_page(drawing: str) -> str:
    """Leave out of a drawing the colours for where there are no themes: a page has ``css_variables``.

    >>> on_a_page('<path fill="var(--cool,#1f6089)"/>')
    '<path fill="var(--cool)"/>'
    """
    for role in fields(LIGHT):
        drawing = drawing.replace(f"var({token(role.name)},{getattr(LIGHT, role.name)})", f"var({token(role.name)})")
    return drawing


def css_variables(*, dark: bool = True) -> str:
    """Return the CSS that gives every role its colour in each theme, and the typeface as ``--typeface``.

    Parameters
    ----------
    dark
        Whether there is a dark theme beside the light one.

    Paper always gets the light theme; a reader's forced colours win over both.
    """
    by_day, by_night = (
        _declarations({role.name: getattr(theme, role.name) for role in fields(theme)}) for theme in (LIGHT, DARK)
    )
    night = f"@media screen and (prefers-color-scheme:dark){{:root{{{by_night}}}}}\n" if dark else ""
    return (
        f":root{{color-scheme:{'light dark' if dark else 'light'};--typeface:{TYPEFACE};{by_day}}}\n{night}"
        f"@media (forced-colors:active){{:root{{{_declarations(_FORCED)}}}}}\n"
        "@media print{:root{color-scheme:light;print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n"
    )


def _declarations(colours: dict[str, str]) -> str:
    return ";".join(f"{token(role)}:{colour}" for role, colour in colours.items())


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2.2 contrast ratio of two ``#rrggbb`` colours (1 to 21).

    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
