"""KTV, NPS and CES compared: the result, with its tables, figures and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pxanalysis.analysis.comparison.output.bibliography import bibtex_of
from pxanalysis.analysis.comparison.output.figures import draw_figure, plot_differences
from pxanalysis.analysis.comparison.output.files import write_comparison
from pxanalysis.analysis.comparison.output.tables import table_frame, to_latex
from pxanalysis.analysis.comparison.record import TITLES, ComparisonRecord, Frame

if TYPE_CHECKING:
    from great_tables import GT
    from matplotlib.axes import Axes

    from pxanalysis.analysis.comparison.record import FigureName
    from pxanalysis.figures.charts.shown import ShownFigure

__all__ = ["TITLES", "Frame", "MetricComparison"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MetricComparison(ComparisonRecord):
    """KTV, NPS and CES (or any metrics) compared; attributes as in ``ComparisonRecord``."""

    def table(self, name: Frame) -> GT:
        """Return a frame as a table for a page, its numbers as the APA writes them."""
        self[name]
        return table_frame(self, name)

    def figure(self, name: FigureName) -> ShownFigure:
        """Draw ``differences``, ``associations``, ``information`` or ``profiles``; it shows itself, or says why not."""
        return draw_figure(self, name)

    def to_latex(self, name: Frame = "differences", **options: Any) -> str:
        """Return a frame as a LaTeX table (booktabs), APA numbers."""
        return to_latex(self, name, **options)

    def bibtex(self) -> str:
        """Return BibTeX entries of every method that was used."""
        return bibtex_of(self)

    def write(self, folder: str | Path) -> list[Path]:
        """Write all tables (CSV, LaTeX, one Word file), figures (SVG, PDF), BibTeX, plan and facts into a folder."""
        return write_comparison(self, Path(folder))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the differences between metrics with their intervals, for every criterion and form."""
        return plot_differences(self["differences"], self.plan.primary, ax)
