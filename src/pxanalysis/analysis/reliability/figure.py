"""Pictures of reliabilities: dots with intervals beside the limits of the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.conventions import RELIABLE_FROM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pxanalysis.analysis.reliability.records import ScaleReliability

__all__ = ["plot_coefficients", "plot_scales"]

FloatArray = npt.NDArray[np.float64]

LEFT = -0.1
INK, MUTED, DOT, SECOND = "#1f2933", "#8a94a0", "#1b6ca8", "#b3541e"


def _canvas(n_rows: int, title: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 1.3 + 0.32 * n_rows), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    for limit in RELIABLE_FROM.values():
        axes.axvline(limit, color=MUTED, linewidth=0.7, linestyle=(0, (2, 3)), zorder=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("reliability (dotted: .60, .70, .80, .90)")
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


def plot_coefficients(scale: ScaleReliability) -> Figure:
    """Draw all estimated coefficients of one scale, or say on the figure why there are none."""
    shown = [
        one for one in scale.coefficients if np.isfinite(one.estimate) and one.term not in ("mean_inter_item_r", "ave")
    ]
    figure, axes = _canvas(max(len(shown), 1), f"{scale.name}: {scale.k} items, n = {scale.n_obs}")
    if not shown:
        axes.text(0.5, 0.5, scale.reason, transform=axes.transAxes, ha="center", va="center", wrap=True)
        axes.set_yticks([])
        return figure
    x, low, high = (np.array([getattr(one, key) for one in shown]) for key in ("estimate", "ci_low", "ci_high"))
    _dots(axes, x, low, high, np.arange(len(shown), dtype=np.float64), DOT, "")
    _rows(axes, [one.term.replace("_", " ") for one in shown])
    return figure


def plot_scales(scales: Sequence[ScaleReliability]) -> Figure:
    """Draw alpha and omega total of every scale with their intervals; scales without either keep an empty row."""
    figure, axes = _canvas(max(len(scales), 1), "Reliability of the scales")
    place = np.arange(len(scales), dtype=np.float64)
    for term, color, shift in (("alpha", DOT, -0.13), ("omega_total", SECOND, 0.13)):
        found = [next(one for one in scale.coefficients if one.term == term) for scale in scales]
        x, low, high = (np.array([getattr(one, key) for one in found]) for key in ("estimate", "ci_low", "ci_high"))
        _dots(axes, x, low, high, place + shift, color, term.replace("_", " "))
    _rows(axes, [f"{scale.name} ({scale.k})" for scale in scales])
    axes.legend(loc="lower right", frameon=False, fontsize=8, ncols=2, bbox_to_anchor=(1.0, 1.0))
    return figure
