"""A figure that shows itself in a notebook as vectors, or says why it cannot be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PRINT_STYLE", "ShownFigure"]

PRINT_STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "pxanalysis",
}
"""Settings of matplotlib for print: words stay words, and the same figure is the same file."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownFigure:
    """A figure for a page.

    Attributes
    ----------
    figure
        Of matplotlib; None when there is nothing to draw.
    reason
        Why there is nothing, or "".
    """

    figure: Figure | None
    reason: str = ""

    def _repr_html_(self) -> str:
        if self.figure is None:
            return f"<p><em>No figure: {escape(self.reason)}</em></p>"
        return f'<div style="max-width:100%;overflow-x:auto">{self.svg()}</div>'

    def svg(self) -> str:
        """Return the figure as an SVG element; empty when there is none."""
        import matplotlib as mpl

        if self.figure is None:
            return ""
        text = StringIO()
        with mpl.rc_context(PRINT_STYLE):
            self.figure.savefig(text, format="svg", metadata={"Date": None})
        return text.getvalue()[text.getvalue().index("<svg") :]

    def save(self, path: str | Path) -> Path:
        """Write the figure (.svg, .pdf, .png); nothing when there is none.

        Returns
        -------
        The path.
        """
        import matplotlib as mpl

        file = Path(path)
        if self.figure is not None:
            metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(file.suffix, {})
            with mpl.rc_context(PRINT_STYLE):
                self.figure.savefig(file, metadata=metadata)
        return file
