"""Shares of a whole, one stacked bar per label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_shares"]

COLORS = ("#1b6ca8", "#9cc4e4", "#dddddd", "#b3541e")
HATCHES = ("", "//", "", "..")


def plot_shares(shares: pd.DataFrame, axis: str, *, ax: Axes | None = None) -> Axes:
    """Draw proportions that add up to 1, the first row on top; columns are the parts, also told apart by hatching."""
    ax = axes_for(ax, height=1.3 + 0.36 * len(shares))
    place, left = np.arange(len(shares)), np.zeros(len(shares))
    for name, color, hatch in zip(shares, COLORS, HATCHES, strict=False):
        width = shares[name].to_numpy(dtype=np.float64)
        ax.barh(place, width, left=left, height=0.66, color=color, hatch=hatch, edgecolor="white", label=str(name))
        left = left + width
    ax.set_yticks(place, [str(label) for label in shares.index])
    ax.set(xlim=(0, 1), ylim=(len(shares) - 0.4, -0.6), xlabel=axis)
    ax.legend(frameon=False, fontsize="small", ncols=len(shares.columns), loc="lower right", bbox_to_anchor=(1.0, 1.0))
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return ax
