"""Estimates with their intervals, one row each: coefficients, importance, reliabilities, gains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_intervals"]

APART = 0.26
"""How far from each other two estimates of one row stand, in rows."""


def plot_intervals(
    rows: pd.DataFrame,
    axis: str,
    *,
    reference: float | None = None,
    lowest: float = -np.inf,
    limits: Sequence[float] = (),
    bars: bool = False,
    reason: str = "",
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw estimates as dots (or bars) with their intervals, the first row on top.

    Parameters
    ----------
    rows
        ``label, estimate, ci_low, ci_high``, and ``series`` where a label has several estimates. A row without an
        estimate keeps its place; an interval that is not known is not drawn.
    axis
        What the horizontal axis measures.
    reference
        Where a line stands, such as no effect.
    lowest
        An estimate below this is written at the left edge instead of drawn.
    limits
        Where dotted lines stand.
    reason
        What the figure says when there is nothing to draw.
    """
    # seaborn is heavy and only drawing needs it
    import seaborn as sns

    labels = list(dict.fromkeys(rows["label"]))
    ax = axes_for(ax, height=1.1 + 0.36 * max(len(labels), 1))
    if reference is not None:
        ax.axvline(reference, color="0.6", linewidth=0.9, zorder=0)
    for limit in limits:
        ax.axvline(limit, color="0.6", linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    series = list(dict.fromkeys(rows["series"])) if "series" in rows else [""]
    for position, name in enumerate(series):
        part = rows if name == "" else rows[rows["series"] == name]
        shift = APART * (position - (len(series) - 1) / 2)
        place = np.array([labels.index(label) for label in part["label"]], dtype=np.float64) + shift
        for row, value in zip(place, part["estimate"], strict=True):
            if value < lowest:
                ax.annotate(
                    f"◂ {value:.2f}", (0, row), xycoords=("axes fraction", "data"), va="center", fontsize="small"
                )
        part = part.assign(estimate=part["estimate"].where(part["estimate"] >= lowest))
        _draw_series(ax, part, place, sns.color_palette("colorblind")[position], name, bars=bars)
    if rows["estimate"].isna().all():
        ax.text(0.5, 0.5, reason, transform=ax.transAxes, ha="center", va="center", wrap=True)
    ax.set_yticks(np.arange(len(labels)), labels)
    ax.set_ylim(max(len(labels), 1) - 0.4, -0.6)
    ax.set(xlabel=axis, title=title)
    if len(series) > 1:
        ax.legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=len(series))
    sns.despine(ax=ax, left=True)
    ax.tick_params(axis="y", length=0)
    return ax


def _draw_series(ax: Axes, rows: pd.DataFrame, place: np.ndarray, color: object, name: str, *, bars: bool) -> None:
    estimate, low, high = (rows[key].to_numpy(dtype=np.float64) for key in ("estimate", "ci_low", "ci_high"))
    shown, ranged = np.isfinite(estimate), np.isfinite(estimate) & np.isfinite(low) & np.isfinite(high)
    if bars:
        ax.barh(place[shown], estimate[shown], height=0.62, color=color, alpha=0.35, label=name or None)
    else:
        ax.scatter(estimate[shown], place[shown], s=34, color=color, label=name or None, zorder=3)
    ax.hlines(place[ranged], low[ranged], high[ranged], color="0.25" if bars else color, linewidth=1.7, zorder=2)
