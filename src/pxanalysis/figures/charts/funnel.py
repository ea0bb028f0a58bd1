"""The funnel plot of a researcher: practices against limits that narrow with the number of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pxanalysis.figures.charts.drawing import axes_for

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_funnel_limits"]


def plot_funnel_limits(
    practices: pd.DataFrame, limits: pd.DataFrame, centre: float, axis: str, *, ax: Axes | None = None
) -> Axes:
    """Draw practices as dots, a cross where one lies outside the 99.8 % limits, and the limits as lines.

    Parameters
    ----------
    practices
        ``n, estimate, flag``.
    limits
        ``n, low95, high95, low998, high998``.
    """
    ax = axes_for(ax)
    for name, style, words in (("95", "--", "95 %"), ("998", "-", "99.8 %")):
        for side in ("low", "high"):
            label = words if side == "low" else None
            ax.plot(limits["n"], limits[side + name], style, color="0.5", linewidth=1, label=label)
    ax.axhline(centre, color="0.3", linewidth=1)
    outside = practices["flag"].isin(["low998", "high998"])
    ax.scatter(practices.loc[~outside, "n"], practices.loc[~outside, "estimate"], s=18, color="#1b6ca8")
    far = practices[outside]
    ax.scatter(far["n"], far["estimate"], s=42, color="#b3541e", marker="X", label="outside 99.8 %")
    ax.set(xlabel="answers", ylabel=axis)
    ax.legend(frameon=False, fontsize="small")
    return ax
