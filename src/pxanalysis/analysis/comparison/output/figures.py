"""Figures of a comparison, fit for print: seaborn on Axes, saved as SVG and PDF."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.comparison.output.numbers import readable
from pxanalysis.errors import NotEstimableError
from pxanalysis.figures.charts.shown import PRINT_STYLE, ShownFigure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.analysis.comparison.record import ComparisonRecord

__all__ = ["FIGURES", "draw_figure", "plot_associations", "plot_differences", "plot_information", "plot_profiles"]


def _axes(ax: Axes | None, height: float, width: float = 6.3) -> Axes:
    """Axes to draw on; those of a new figure of thesis width (inches) when none are given."""
    if ax is not None:
        return ax
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(PRINT_STYLE):
        return Figure(figsize=(width, height), layout="constrained").subplots()


def _estimated(frame: pd.DataFrame) -> pd.DataFrame:
    found = frame[frame["estimate"].notna() & (frame["term"] != "")]
    if found.empty:
        reason = frame["reason"].iloc[0] if len(frame) and "reason" in frame else "nothing was estimated"
        raise NotEstimableError(f"there is nothing to draw: {reason}")
    return found


def _intervals(
    ax: Axes,
    frame: pd.DataFrame,
    rows: list[str],
    group: str,
    label: str,
    widths: tuple[str, str] = ("ci_low", "ci_high"),
) -> Axes:
    """Points with intervals, one row per ``rows`` label, one hue per group, side by side."""
    import seaborn as sns

    groups = list(dict.fromkeys(frame[group]))
    colours = sns.color_palette("colorblind", len(groups))
    order = list(dict.fromkeys(rows))
    place = np.array([order.index(row) for row in rows], dtype=np.float64)
    shift = np.linspace(-0.25, 0.25, len(groups)) if len(groups) > 1 else np.zeros(1)
    for number, name in enumerate(groups):
        here = (frame[group] == name).to_numpy()
        part = frame[here]
        y = place[here] + shift[number]
        reach = [part["estimate"] - part[widths[0]], part[widths[1]] - part["estimate"]]
        marker = "osD^v"[number % 5]
        ax.errorbar(
            part["estimate"],
            y,
            xerr=np.nan_to_num(np.array(reach)),
            fmt=marker,
            color=colours[number],
            markersize=4,
            linewidth=1,
            capsize=2,
            label=readable(str(name)),
        )
    ax.set_yticks(range(len(order)), [readable(row) for row in order])
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.set_xlabel(label)
    sns.despine(ax=ax)
    if len(groups) > 1:
        ax.legend(
            frameon=False, fontsize=8, title=group, title_fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5)
        )
    return ax


def plot_differences(differences: pd.DataFrame, primary: str = "mean", ax: Axes | None = None) -> Axes:
    """Draw Δr of every pair of metrics, per criterion and form; the form that decides stands first."""
    found = _estimated(differences)
    rows = [f"{row.criterion}: {row.term}" for row in found.itertuples(index=False)]
    ax = _axes(ax, 1.0 + 0.38 * len(set(rows)))
    forms = sorted(dict.fromkeys(found["transform"]), key=lambda form: form != primary)
    found = found.assign(form=pd.Categorical(found["transform"], forms))
    order = np.argsort(found["form"].cat.codes.to_numpy(), kind="stable")
    ax.axvline(0.0, color="0.6", linewidth=0.8)
    return _intervals(
        ax, found.iloc[order], [rows[k] for k in order], "form", "Δr (interval by a bootstrap of practices)"
    )


def plot_associations(comparison: ComparisonRecord, ax: Axes | None = None) -> Axes:
    """Draw the correlation of each metric with each criterion, answers as given."""
    table = comparison.frames["associations"]
    found = _estimated(table if "transform" not in table else table[table["transform"] == comparison.plan.primary])
    ax = _axes(ax, 1.0 + 0.5 * found["criterion"].nunique())
    found = found.assign(metric=found["term"])
    return _intervals(ax, found, list(found["criterion"]), "metric", "r with the criterion")


def plot_information(comparison: ComparisonRecord, ax: Axes | None = None) -> Axes:
    """Draw what each form loses against the answers as given."""
    found = _estimated(comparison.frames["information"])
    rows = [f"{row.criterion}: {row.term}" for row in found.itertuples(index=False)]
    ax = _axes(ax, 1.0 + 0.38 * len(set(rows)))
    ax.axvline(0.0, color="0.6", linewidth=0.8)
    return _intervals(
        ax, found.assign(form=found["transform"]), rows, "form", "r of the form − r of the answers as given"
    )


def plot_profiles(comparison: ComparisonRecord, ax: Axes | None = None) -> Axes:
    """Draw the share of each touchpoint in what is explained of each metric."""
    found = _estimated(comparison.frames["profiles"])
    ax = _axes(ax, 1.0 + 0.4 * found["touchpoint"].nunique())
    found = found.assign(metric=found["term"])
    return _intervals(ax, found, list(found["label"]), "metric", "share of what the touchpoints explain")


FIGURES: dict[str, Callable[[ComparisonRecord], Axes]] = {
    "differences": lambda comparison: plot_differences(comparison["differences"], comparison.plan.primary),
    "associations": plot_associations,
    "information": plot_information,
    "profiles": plot_profiles,
}
"""Figures that ``write`` saves, by name."""


def draw_figure(comparison: ComparisonRecord, name: str) -> ShownFigure:
    """Draw one of ``FIGURES`` by itself; where nothing was estimated it says why."""
    import matplotlib as mpl

    try:
        with mpl.rc_context(PRINT_STYLE):
            axes = FIGURES[name](comparison)
    except NotEstimableError as error:
        return ShownFigure(None, str(error))
    return ShownFigure(axes.get_figure(root=True))
