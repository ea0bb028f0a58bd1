"""Power, half-width or reliability against the size of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_size_curve"]


def plot_size_curve(
    curve: pd.DataFrame,
    needed: int,
    at: float,
    labels: tuple[str, str],
    *,
    proportion: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a size of study gives; the dotted lines meet where it is enough.

    Parameters
    ----------
    curve
        ``n, value``.
    needed, at
        The size that is enough, rounded up, and as the formula gives it.
    labels
        What the two axes measure.
    proportion
        Whether values lie between 0 and 1, all of which is then shown.
    """
    # seaborn is heavy and only drawing needs it
    import seaborn as sns

    ax = axes_for(ax, width=5.0, height=3.0)
    sns.lineplot(data=curve, x="n", y="value", ax=ax)
    nearest = int(np.abs(curve["n"].to_numpy() - at).argmin())
    ax.axvline(needed, linestyle=":", color="0.4", linewidth=1)
    ax.axhline(float(curve["value"].to_numpy()[nearest]), linestyle=":", color="0.4", linewidth=1)
    ax.set(xlabel=labels[0], ylabel=labels[1])
    if proportion:
        ax.set_ylim(0, 1.02)
    place = (needed, ax.get_ylim()[0])
    ax.annotate(f"{needed}", place, xytext=(3, 3), textcoords="offset points", fontsize=9)
    sns.despine(ax=ax)
    return ax
