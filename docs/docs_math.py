"""Formulas of the documentation as MathML, which browsers draw without a script."""

from __future__ import annotations

from typing import Any

from latex2mathml.converter import convert

__all__ = ["draw_formula"]


def draw_formula(source: str, *_: Any, **__: Any) -> str:
    """Draw the LaTeX of a ```math block; GitHub draws the same block by itself."""
    return f'<div class="math">{convert(source, display="block")}</div>'
