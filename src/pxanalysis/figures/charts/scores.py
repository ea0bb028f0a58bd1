"""Scores of practices beside each other, and how answers go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_heatmap", "plot_spread"]


def plot_spread(rows: pd.DataFrame, axis: str, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw how values are spread per label: a box with its quartiles, whiskers to the 5th and 95th percentile.

    Single values are not drawn: they are one patient's.

    Parameters
    ----------
    rows
        ``label, value``, in the order in which labels stand from top to bottom.
    """
    # seaborn is heavy and only drawing needs it
    import seaborn as sns

    labels = list(dict.fromkeys(rows["label"]))
    ax = axes_for(ax, height=1.1 + 0.3 * max(len(labels), 1))
    sns.boxplot(rows, x="value", y="label", order=labels, color="#9cc4e4", whis=(5, 95), fliersize=0, width=0.6, ax=ax)
    ax.set(xlabel=axis, ylabel="", title=title)
    sns.despine(ax=ax, left=True)
    ax.tick_params(axis="y", length=0)
    return ax


def plot_heatmap(table: pd.DataFrame, axis: str, *, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a square table of correlations: below the diagonal, each with its number; index and columns are labels."""
    # seaborn is heavy and only drawing needs it
    import numpy as np
    import seaborn as sns

    table = table.iloc[1:, :-1]  # the corners below the diagonal have no pair
    size = len(table)
    ax = axes_for(ax, width=2.6 + 0.62 * size, height=1.8 + 0.5 * size)
    above = np.triu(np.ones((size, size), dtype=bool), k=1)
    numbers = table.map(lambda value: f"{value:.2f}".replace("0.", ".", 1) if np.isfinite(value) else "")
    sns.heatmap(
        table.astype(float),
        mask=above,
        annot=numbers,
        fmt="",
        cmap="vlag",
        vmin=-1,
        vmax=1,
        linewidths=1,
        cbar_kws={"label": axis, "shrink": 0.7},
        ax=ax,
    )
    ax.set(title=title, xlabel="", ylabel="")
    ax.tick_params(length=0)
    return ax
