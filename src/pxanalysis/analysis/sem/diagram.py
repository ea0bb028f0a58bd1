"""The path diagram of a model, and the parts of total effects, drawn with matplotlib."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.sem.records import each_row
from pxanalysis.errors import NotEstimableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from pxanalysis.analysis.sem.record import SemRecord

__all__ = ["plot_effects", "plot_paths"]

TOLD_FROM_NIL = 0.05
INK, SOFT, RULE, COOL = "#1f2933", "#52606d", "#8a97a5", "#1f5f8b"
HEIGHT = 0.62
GAP = 1.0
WIDTH = 2.3
MARK = 1.5
APART = 4.6
LINE = 0.26
STEP = 0.95
UNNAMED = ("met_", "cm_")
"""Case mix and having met a touchpoint are held equal, not drawn."""

Places = dict[str, tuple[float, float]]


def _depths(paths: pd.DataFrame, names: list[str]) -> dict[str, int]:
    """Longest way to each variable from those that nothing leads to."""
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for row in each_row(paths):
            depth[row.lhs] = max(depth[row.lhs], depth[row.rhs] + 1)
    return depth


def _place(paths: pd.DataFrame, names: list[str], gap: float) -> Places:
    """Columns by depth, each centred, neighbours a little apart in height; top to bottom in the order of the model."""
    depth = _depths(paths, names)
    levels = sorted(set(depth.values()))
    places: Places = {}
    for column, level in enumerate(levels):
        own = [name for name in names if depth[name] == level]
        shift = 0.3 * gap * (-1) ** column if len(levels) > 2 else 0.0
        for position, name in enumerate(own):
            places[name] = (column * APART, ((len(own) - 1) / 2 - position) * gap + shift)
    return places


def plot_paths(model: SemRecord, ax: Axes | None, *, loadings: bool) -> Axes:
    """See ``SemRecord.plot``."""
    from matplotlib import pyplot as plt

    table = model.parameters
    first = table[table["group"] == table["group"].iloc[0]]
    measured = first[first["op"] == "=~"]
    paths = first[(first["op"] == "~") & ~first["rhs"].str.startswith(UNNAMED)]
    if paths.empty and measured.empty:
        raise NotEstimableError("the model has no paths to draw.")
    latents = list(dict.fromkeys(measured["lhs"]))
    inside = set(paths["lhs"]) | set(paths["rhs"]) | (set(latents) if paths.empty else set())
    names = [name for name in dict.fromkeys([*latents, *paths["rhs"], *paths["lhs"]]) if name in inside]
    items = {name: measured[measured["lhs"] == name] for name in latents} if loadings or paths.empty else {}
    most = max((len(own) for own in items.values()), default=0)
    gap = GAP * (1.0 if len(set(_depths(paths, names).values())) <= 2 else 1.7) + LINE * most
    along = len(set(_depths(paths, names).values())) > 2 and not items
    places = _place_in_a_row(paths, names) if along else _place(paths, names, gap)
    highest = _rise(paths, places) if along else 0.0
    if ax is None:
        wide = max(x for x, _ in places.values()) + WIDTH
        high = max(y for _, y in places.values()) - min(y for _, y in places.values()) + 2 * gap + highest
        _, ax = plt.subplots(figsize=(min(1 + wide * 0.75, 16), min(0.6 + high * 0.75, 14)), layout="constrained")
    (_draw_arcs if along else _draw_paths)(ax, paths, places)
    r2 = model.r2.set_index("variable")["r2"].to_dict() if len(set(model.r2["group"])) == 1 else {}
    for name, place in places.items():
        own = r2.get(name) if name in set(paths["lhs"]) else None
        (_draw_mark if along else _draw_box)(ax, place, model.labels.get(name, name), own, latent=name in latents)
        for line, row in enumerate(each_row(items.get(name, first.iloc[:0]))):
            words = f"{row.rhs}  {row.std_all:.2f}".replace("-", "\u2212")
            ax.text(place[0], place[1] - HEIGHT * 0.95 - line * LINE, words, ha="center", fontsize=7, color=SOFT)
    _finish(ax, places, model, LINE * most + (1.4 if along else 0.0), highest)
    return ax


def _place_in_a_row(paths: pd.DataFrame, names: list[str]) -> Places:
    """One column each, those that lead to others first: no line then passes through a variable."""
    depth = _depths(paths, names)
    ordered = sorted(names, key=lambda name: (depth[name], names.index(name)))
    return {name: (column * APART, 0.0) for column, name in enumerate(ordered)}


def _spans(paths: pd.DataFrame, places: Places) -> list[int]:
    """How many columns each path leads on."""
    return [round((places[row.lhs][0] - places[row.rhs][0]) / APART) for row in each_row(paths)]


def _rise(paths: pd.DataFrame, places: Places) -> float:
    """How high the highest arc stands above the row of variables."""
    return STEP * max(span for span in (*_spans(paths, places), 1)) + HEIGHT


def _draw_arcs(ax: Axes, paths: pd.DataFrame, places: Places) -> None:
    """Paths as arcs above the row, higher where they lead further, each value on top of its own arc.

    Arcs that start or end at one variable do so beside each other, the longer ones around the shorter. Two arcs have
    the same top only when they join the same variables, so that no value stands on another.
    """
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    spans = _spans(paths, places)
    largest, longest = max(float(paths["std_all"].abs().max()), 1e-9), max(*spans, 2)
    for row, span in zip(each_row(paths), spans, strict=True):
        told = row.p_value < TOLD_FROM_NIL or pd.isna(row.p_value)
        (x0, y), (x1, _) = places[row.rhs], places[row.lhs]
        if span == 1:
            points, top = [(x0 + MARK / 2, y), ((x0 + x1) / 2, y), (x1 - MARK / 2, y)], y
        else:
            inward = 0.36 * MARK * (span - 1) / (longest - 1)
            start, end = x0 + 0.42 * MARK - inward, x1 - 0.42 * MARK + inward
            base, top = y + HEIGHT * 0.45, y + HEIGHT * 0.45 + STEP * (span - 0.6)
            points = [(start, base), ((start + end) / 2, 2 * top - base), (end, base)]
        ax.add_patch(
            FancyArrowPatch(
                path=Path(points, [Path.MOVETO, Path.CURVE3, Path.CURVE3]),
                arrowstyle="-|>",
                mutation_scale=9,
                shrinkA=0,
                shrinkB=1,
                linestyle="-" if told else (0, (4, 3)),
                color=COOL if told else RULE,
                linewidth=0.8 + 2.4 * abs(row.std_all) / largest if told else 0.8,
            )
        )
        _write_value(ax, (points[0][0] + points[2][0]) / 2, top, row.std_all, told=told)


def _write_value(ax: Axes, x: float, y: float, value: float, *, told: bool) -> None:
    ax.text(
        x,
        y,
        f"{value:.2f}".replace("-", "\u2212"),
        ha="center",
        va="center",
        fontsize=8,
        color=INK if told else SOFT,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        zorder=4,
    )


def _draw_paths(ax: Axes, paths: pd.DataFrame, places: Places) -> None:
    largest = max(float(paths["std_all"].abs().max()), 1e-9)
    order = {name: i for i, name in enumerate(places)}
    for row in each_row(paths):
        (x0, y0), (x1, y1) = places[row.rhs], places[row.lhs]
        told = row.p_value < TOLD_FROM_NIL or pd.isna(row.p_value)
        columns = round((x1 - x0) / APART)
        bend = 0.0 if columns <= 1 else 0.13 * (1 if order[row.rhs] % 2 else -1)
        start, end = (x0 + WIDTH / 2, y0), (x1 - WIDTH / 2, y1)
        ax.annotate(
            "",
            xy=end,
            xytext=start,
            arrowprops={
                "arrowstyle": "-|>",
                "linestyle": "-" if told else (0, (4, 3)),
                "color": COOL if told else RULE,
                "linewidth": 0.8 + 2.4 * abs(row.std_all) / largest if told else 0.8,
                "connectionstyle": f"arc3,rad={bend}",
                "shrinkA": 0,
                "shrinkB": 1,
            },
        )
        along = 0.30 + 0.12 * (order[row.rhs] % 3) if columns > 1 else 0.30
        # A point of the quadratic curve that arc3 draws: its control point stands aside of the middle by the bend.
        cx, cy = (
            (start[0] + end[0]) / 2 + bend * (end[1] - start[1]),
            (start[1] + end[1]) / 2 - bend * (end[0] - start[0]),
        )
        x = (1 - along) ** 2 * start[0] + 2 * along * (1 - along) * cx + along**2 * end[0]
        y = (1 - along) ** 2 * start[1] + 2 * along * (1 - along) * cy + along**2 * end[1]
        _write_value(ax, x, y, row.std_all, told=told)


def _draw_mark(ax: Axes, place: tuple[float, float], label: str, r2: float | None, *, latent: bool) -> None:
    """A small ellipse (latent) or rectangle (observed), with the name and R² below it."""
    from matplotlib.patches import Ellipse, Patch, Rectangle

    x, y = place
    shape: Patch = Ellipse((x, y), MARK, HEIGHT) if latent else Rectangle((x - MARK / 2, y - HEIGHT / 2), MARK, HEIGHT)
    shape.set(facecolor="white", edgecolor=INK, linewidth=1.0, zorder=5)
    ax.add_patch(shape)
    words = fill(label, 17) + ("" if r2 is None else f"\nR² {r2:.2f}")
    ax.text(x, y - HEIGHT * 0.75, words, ha="center", va="top", fontsize=7.5, color=INK, linespacing=1.05)


def _draw_box(ax: Axes, place: tuple[float, float], label: str, r2: float | None, *, latent: bool) -> None:
    """A latent in an ellipse, an observed variable in a rectangle, with its R² below the name."""
    from matplotlib.patches import Ellipse, Patch, Rectangle

    x, y = place
    shape: Patch = (
        Ellipse((x, y), WIDTH, HEIGHT * 1.25) if latent else Rectangle((x - WIDTH / 2, y - HEIGHT / 2), WIDTH, HEIGHT)
    )
    shape.set(facecolor="white", edgecolor=INK, linewidth=1.0, zorder=5)
    ax.add_patch(shape)
    words = fill(label, 22)
    if r2 is not None:
        words += f"\nR² {r2:.2f}"
    ax.text(x, y, words, ha="center", va="center", fontsize=7.5, color=INK, zorder=6, linespacing=1.05)


def _finish(ax: Axes, places: Places, model: SemRecord, below: float, above: float = 0.0) -> None:
    xs, ys = zip(*places.values(), strict=True)
    ax.set_xlim(min(xs) - WIDTH / 2 - 0.2, max(xs) + WIDTH / 2 + 0.2)
    ax.set_ylim(min(ys) - GAP - below, max(ys) + GAP * 0.9 + above)
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.text(
        0.0,
        0.0,
        f"standardised; dashed: not told from nil (p ≥ .05); n = {model.n_obs:,}",
        transform=ax.transAxes,
        fontsize=7.5,
        color=SOFT,
        va="bottom",
    )


def plot_effects(
    total: pd.DataFrame, parts: pd.DataFrame, labels: Mapping[str, str], target: str, ax: Axes | None
) -> Axes:
    """Draw direct and indirect parts of total effects on one variable; see ``Effects.plot``."""
    from matplotlib import pyplot as plt

    total = total[~total["source"].str.startswith(UNNAMED)].iloc[::-1].reset_index(drop=True)
    parts = parts.pivot_table(index="source", columns="kind", values="std_all", aggfunc="first")
    if ax is None:
        _, ax = plt.subplots(figsize=(7, 1.2 + 0.42 * len(total)), layout="constrained")
    height = np.arange(len(total))
    zero = pd.Series(0.0, index=parts.index)
    direct, indirect = (parts.get(kind, zero).fillna(0.0).reindex(total["source"]) for kind in ("direct", "indirect"))
    ax.barh(height + 0.17, direct, height=0.3, color=COOL, label="direct")
    ax.barh(height - 0.17, indirect, height=0.3, color="#8fb8d6", label="indirect")
    ax.hlines(height, total["std_all_low"], total["std_all_high"], color=INK, linewidth=1.2)
    ax.plot(total["std_all"], height, "o", color=INK, markersize=4, label="total")
    ax.axvline(0, color=RULE, linewidth=0.8)
    ax.set_yticks(height, [fill(labels.get(name, name), 34) for name in total["source"]])
    ax.set_xlabel(f"standardised effect on {labels.get(target, target)}")
    ax.legend(frameon=False, fontsize=8, loc="lower right")
    ax.spines[["top", "right"]].set_visible(False)
    return ax
