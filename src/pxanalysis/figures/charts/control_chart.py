"""A course over time with the limits of its usual ups and downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_control_chart"]

_MARKS = {"outside": "X", "trend": "^", "two-of-three": "D", "shift": "s"}
"""A shape per signal: colour is never the only sign."""


def plot_control_chart(rows: pd.DataFrame, *, title: str = "", axis: str = "", ax: Axes | None = None) -> Axes:
    """Draw the figures of one course, a gap where there is none, the centre, the limits, and what signals.

    Parameters
    ----------
    rows
        ``period, estimate, centre, low, high, signal`` in order.
    """
    ax = axes_for(ax, height=3.4)
    days = rows["period"].astype("datetime64[s]")
    ax.plot(days, rows["estimate"], color="#1f6089", marker="o", markersize=5, linewidth=1.6, label="figure")
    ax.plot(days, rows["centre"], color="#56636f", linewidth=1.2, label="centre")
    for name, label in (("low", "limits"), ("high", None)):
        ax.plot(days, rows[name], color="#6f7b87", linewidth=1.2, linestyle=(0, (5, 3)), label=label)
    for signal, mark in _MARKS.items():
        marked = rows["signal"] == signal
        if marked.any():
            ax.plot(
                days[marked], rows.loc[marked, "estimate"], mark, color="#b3400f", markersize=9, label=signal, zorder=3
            )
    ax.set(title=title, ylabel=axis, xlabel="")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(axis="x", rotation=30)
    return ax
