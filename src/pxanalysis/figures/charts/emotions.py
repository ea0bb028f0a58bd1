"""How a journey felt: a curve for each role that was seen, and the scores of the survey beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.arrays import FloatArray

__all__ = ["plot_emotions"]

_STYLES = (("#1f6089", "-", "o"), ("#2c6e58", "--", "s"), ("#1d2733", ":", "^"), ("#6f7b87", "-.", "v"))


def plot_emotions(
    labels: Sequence[str],
    curves: Mapping[str, FloatArray],
    measured: FloatArray,
    words: Mapping[str, str],
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw feeling (−2 to +2) per touchpoint in journey order; a gap where nothing was seen.

    Parameters
    ----------
    labels
        What the k touchpoints are called.
    curves
        By role, shape (k,): what was seen; NaN where nothing was.
    measured
        Scores on the same scale, shape (k,); NaN where there is none.
    words
        What the axis and the marks are called.
    """
    ax = axes_for(ax, width=max(6.0, 0.9 * len(labels)), height=4.2)
    places = np.arange(len(labels))
    for number, (role, felt) in enumerate(curves.items()):
        colour, line, shape = _STYLES[number % len(_STYLES)]
        name = f"{words['legend_seen']}, {role}"
        ax.plot(places, felt, color=colour, linestyle=line, marker=shape, linewidth=1.8, label=name)
    if np.isfinite(measured).any():
        ax.plot(places, measured, "D", color="#1d2733", fillstyle="none", label=words["legend_measured"])
    ax.axhline(0, color="#6f7b87", linewidth=0.8)
    ax.set_ylim(-2.2, 2.2)
    ax.set_yticks([-2, -1, 0, 1, 2], ["−2", "−1", "0", "+1", "+2"])
    ax.set_ylabel(f"{words['feels']} (−2: {words['feels-2']}, +2: {words['feels2']})")
    ax.set_xticks(places, list(labels), rotation=35, ha="right", parse_math=False)
    ax.spines[["top", "right"]].set_visible(False)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return ax
