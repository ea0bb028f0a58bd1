"""Pictures of reliabilities: dots with intervals beside the limits of the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_coefficients", "plot_scales"]
LEFT = -0.1
INK, MUTED, DOT, SECOND = "#1f2933", "#8a94a0", "#1b6ca8", "#b3541e"


def _canvas(n_rows: int, title: str, limits: Sequence[float]) -> tuple[Figure, Axes]:
    # matplotlib is heavy and only drawing needs it
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 1.3 + 0.32 * n_rows), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    for limit in limits:
        axes.axvline(limit, color=MUTED, linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    dotted = ", ".join(f"{limit:.2f}".lstrip("0") for limit in sorted(limits))
    axes.set_xlabel(f"reliability (dotted: {dotted})")
    return figure, axes


def _dots(axes: Axes, x: FloatArray, low: FloatArray, high: FloatArray, y: FloatArray, color: str, label: str) -> None:
    seen = np.isfinite(x) & (x >= LEFT)
    ranged = seen & np.isfinite(low) & np.isfinite(high)
    for value, row in zip(x[x < LEFT], y[x < LEFT], strict=True):
        axes.text(LEFT, row, f"◂ {value:.2f}", color=color, va="center", fontsize=8)
    axes.hlines(y[ranged], low[ranged], high[ranged], color=color, linewidth=1.6)
    axes.plot(x[seen], y[seen], "o", color=color, markersize=5.5, label=label)


def _rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(np.arange(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    low, high = axes.get_xlim()
    axes.set_xlim(max(LEFT, min(low, 0.5)), min(1.0, max(high, 0.95)))


def plot_coefficients(table: pd.DataFrame, title: str, limits: Sequence[float], reason: str = "") -> Figure:
    """Draw the coefficients of one scale, or say on the figure why there are none.

    ``table``: a row per coefficient, ``label, estimate, ci_low, ci_high``.
    """
    figure, axes = _canvas(max(len(table), 1), title, limits)
    if table.empty:
        axes.text(0.5, 0.5, reason, transform=axes.transAxes, ha="center", va="center", wrap=True)
        axes.set_yticks([])
        return figure
    x, low, high = (table[key].to_numpy(dtype=np.float64) for key in ("estimate", "ci_low", "ci_high"))
    _dots(axes, x, low, high, np.arange(len(table), dtype=np.float64), DOT, "")
    _rows(axes, list(table["label"]))
    return figure


def plot_scales(table: pd.DataFrame, limits: Sequence[float]) -> Figure:
    """Draw alpha and omega of every scale with their intervals; scales without either keep an empty row.

    ``table``: a row per scale, ``label`` and ``alpha, alpha_low, alpha_high, omega, omega_low, omega_high``.
    """
    figure, axes = _canvas(max(len(table), 1), "Reliability of the scales", limits)
    place = np.arange(len(table), dtype=np.float64)
    for name, label, color, shift in (("alpha", "alpha", DOT, -0.13), ("omega", "omega total", SECOND, 0.13)):
        x, low, high = (table[key].to_numpy(dtype=np.float64) for key in (name, f"{name}_low", f"{name}_high"))
        _dots(axes, x, low, high, place + shift, color, label)
    _rows(axes, list(table["label"]))
    axes.legend(loc="lower right", frameon=False, fontsize=8, ncols=2, bbox_to_anchor=(1.0, 1.0))
    return figure
