"""Figures of the report, one module per idea.

Each idea has two functions. ``plot_...(frame, labels, words, *, width, ...)`` draws rows of a result frame and
returns a `pxanalysis.figures.kit.marks.Drawing`. ``describe_...(frame, ...)`` returns a frozen record of what the
figure shows, for a sentence that says the finding, with ``.data``: the numbers that are drawn.

``to_svg`` makes a figure an inline SVG; ``embed`` does so at one or two widths, in a ``<div class="figure">``. A page
needs ``css_variables()`` of `pxanalysis.figures.kit.palette` and ``FIGURE_CSS``, and no more: a figure has no inline
style, no script, no link and no address.

Widths: text in a figure is 12 to 13 pixels at the width it was drawn for, so draw it for the place it gets. ``WIDE``
is a whole page, ``MIDDLE`` paper or a tablet, ``COLUMN`` one of two columns, ``NARROW`` a phone, ``SLIM`` one of three
columns on paper; below 420 pixels long labels stand above their rows, and a journey goes down instead of across. Give
several widths, as in ``embed(draw, widths=(WIDE, MIDDLE, NARROW), ...)``, and each is shown where the figure has too
little room for the one before it, be it a phone, a column or paper; the others are hidden from screen readers too.
Nothing scrolls sideways.

In no figure does a text touch another text, a line, a dot or a bar: labels are placed where nothing is, and where that
cannot be, the line is interrupted.

``first``, the ids of the touchpoints to improve first in their order, puts the same accent-coloured numbers 1, 2, 3
in every figure.

Words come from a `Words` (`pxanalysis.reporting.page.wording.Wording`), under keys that start with ``figure.``.
"""

from pxanalysis.figures.kit.embedding import COLUMN, FIGURE_CSS, MIDDLE, NARROW, SLIM, WIDE, embed
from pxanalysis.figures.kit.svg import to_svg
from pxanalysis.figures.kit.words import Words
from pxanalysis.figures.page.distribution import describe_distribution, plot_distribution
from pxanalysis.figures.page.experience.plot import describe_experience, plot_experience
from pxanalysis.figures.page.funnel import describe_funnel, plot_funnel
from pxanalysis.figures.page.importance import describe_importance, plot_importance
from pxanalysis.figures.page.matrix.plot import describe_matrix, plot_matrix
from pxanalysis.figures.page.paths import describe_paths, plot_paths
from pxanalysis.figures.page.ranks import describe_ranks, plot_ranks
from pxanalysis.figures.page.trend import describe_trend, plot_trend

__all__ = [
    "COLUMN",
    "FIGURE_CSS",
    "MIDDLE",
    "NARROW",
    "SLIM",
    "WIDE",
    "Words",
    "describe_distribution",
    "describe_experience",
    "describe_funnel",
    "describe_importance",
    "describe_matrix",
    "describe_paths",
    "describe_ranks",
    "describe_trend",
    "embed",
    "plot_distribution",
    "plot_experience",
    "plot_funnel",
    "plot_importance",
    "plot_matrix",
    "plot_paths",
    "plot_ranks",
    "plot_trend",
    "to_svg",
]
