"""The driver path picture: each contact with an arrow to the outcome, its weight on the arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray
from pxanalysis.figures.kit.canvas import LEADING, SIZE, SMALL, Canvas
from pxanalysis.figures.kit.frames import flags, label_of, optional, rank_of, reasons, remembered, texts
from pxanalysis.figures.kit.geometry import Box
from pxanalysis.figures.kit.legend import Entry, blank_figure, draw_legend, first_entries, legend_height
from pxanalysis.figures.kit.lettering import fit, measure, wrap
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.words import Words

__all__ = ["LINE", "SMALL_LINE", "PathFacts", "PathLayout", "describe_paths", "lay_out_paths", "plot_paths"]

LINE, SMALL_LINE = SIZE * LEADING, SMALL * LEADING

_ARC = 62.0
"""Arrows reach the outcome's circle between this many degrees above and below its left."""


_THICKEST = 8.0
"""An arrow's width goes with its weight up to this."""


@dataclass(frozen=True, slots=True)
class PathLayout:
    """Where boxes, arrows and the circle of the outcome are.

    Attributes
    ----------
    width, box, indent, radius
        Of the figure, a box, what stands before it, and the circle: pixels.
    labels, remarks
        Lines of text per box.
    tops
        Upper edge of each box, and the lower edge of the last.
    weights
        What is written on each arrow; empty where there is none.
    known
        Arrows that are drawn.
    """

    width: float
    box: float
    indent: float
    labels: list[list[str]]
    remarks: list[list[str]]
    tops: list[float]
    radius: float
    weights: list[str]
    known: int

    @property
    def bottom(self) -> float:
        """Lower edge of the last box."""
        return self.tops[-1]

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the outcome's circle."""
        return self.width - self.radius - 1, (self.tops[0] + self.bottom) / 2

    def middle(self, row: int) -> float:
        """Height of a driver's arrow."""
        return (self.tops[row] + self.tops[row + 1]) / 2

    @property
    def angle(self) -> float:
        """Degrees between two arrows where they reach the circle."""
        return min(18.0, 2 * _ARC / max(1, self.known - 1))

    @property
    def thickest(self) -> float:
        """Width of the heaviest arrow: arrows side by side leave room between them."""
        return min(_THICKEST, 0.75 * self.radius * float(np.radians(self.angle)))

    def landing(self, row: int) -> tuple[float, float]:
        """Where a driver's arrow meets the circle."""
        turn = float(np.radians(self.angle * (row - (self.known - 1) / 2)))
        x, y = self.centre
        return x - (self.radius + 3) * float(np.cos(turn)), y + (self.radius + 3) * float(np.sin(turn))


def lay_out_paths(
    names: Sequence[str], notes: Sequence[str], weights: list[str], width: int, *, ranked: bool
) -> PathLayout:
    """Stack the boxes, as high as their texts and at least as high as the circle."""
    radius = 62.0 if width > 420 else 48.0
    indent = 26.0 if ranked else 0.0
    room = min(280.0, 0.45 * width) - indent
    labels = [wrap(name, room - 20, SIZE, most=4) for name in names]
    remarks = [wrap(note, room - 20, SMALL, most=2) for note in notes]
    tops = [1.0]
    for lines, remark in zip(labels, remarks, strict=True):
        tops.append(tops[-1] + len(lines) * LINE + len(remark) * SMALL_LINE + 18)
    short = 2 * radius + 2 - (tops[-1] - tops[0])
    if short > 0:
        tops = [top + short * position / max(1, len(labels)) for position, top in enumerate(tops)]
        tops = tops if labels else [1.0, 2 * radius + 3]
    known = sum(1 for weight in weights if weight)
    return PathLayout(width, room, indent, labels, remarks, tops, radius, weights, known)


_THINNEST = 1.0
"""An arrow of less width would not be seen."""


_SPREAD = 0.25
"""Outer arrows turn this much of the way later than the inner ones, so that they do not run into one another."""


_STUB = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class PathFacts:
    """What the driver path picture shows.

    Attributes
    ----------
    order
        Touchpoint ids from the largest to the smallest β; those without an estimate are left out.
    strongest
        Id with the largest β; empty when there is none.
    strongest_beta
        Its standardised coefficient.
    uncertain
        Ids whose interval includes 0.
    negative
        Ids whose coefficient is below 0, the whole interval included where there is one.
    suppressors
        Ids that count only beside the others, of those with a coefficient above 0 for sure.
    missing
        Ids without an estimate.
    r2, r2_low, r2_high
        Explained variance, a proportion, with its interval; NaN where not given.
    data
        What is drawn: ``touchpoint, beta, ci_low, ci_high, uncertain, negative, suppressor, reason``.
    """

    order: tuple[str, ...]
    strongest: str
    strongest_beta: float
    uncertain: tuple[str, ...]
    negative: tuple[str, ...]
    suppressors: tuple[str, ...]
    missing: tuple[str, ...]
    r2: float
    r2_low: float
    r2_high: float
    data: pd.DataFrame


@remembered
def describe_paths(
    drivers: pd.DataFrame, *, r2: float = np.nan, r2_low: float = np.nan, r2_high: float = np.nan
) -> PathFacts:
    """Return the facts and the data of the path picture; parameters as of `plot_paths`."""
    data = pd.DataFrame(
        {
            "touchpoint": texts(drivers, "touchpoint"),
            **{name: optional(drivers, name) for name in ("beta", "ci_low", "ci_high")},
            "suppressor": [flag == "suppressor" for flag in flags(drivers, "sign_flag")],
            "reason": reasons(drivers),
        }
    ).sort_values("beta", ascending=False, kind="stable", ignore_index=True)
    data.insert(4, "uncertain", (data["ci_low"] <= 0) & (data["ci_high"] >= 0))
    data.insert(5, "negative", (data["beta"] < 0) & ~data["uncertain"])
    data["suppressor"] &= (data["beta"] >= 0) & ~data["uncertain"]
    known = data[data["beta"].notna()]
    names = data["touchpoint"]
    return PathFacts(
        order=tuple(known["touchpoint"]),
        strongest=str(known["touchpoint"].iloc[0]) if len(known) else "",
        strongest_beta=float(known["beta"].iloc[0]) if len(known) else np.nan,
        uncertain=tuple(names[data["uncertain"]]),
        negative=tuple(names[data["negative"]]),
        suppressors=tuple(names[data["suppressor"]]),
        missing=tuple(names[data["beta"].isna()]),
        r2=r2,
        r2_low=r2_low,
        r2_high=r2_high,
        data=data,
    )


def plot_paths(
    drivers: pd.DataFrame,
    labels: Mapping[str, str],
    words: Words,
    *,
    outcome: str,
    explained: str = "",
    r2: float = np.nan,
    r2_low: float = np.nan,
    r2_high: float = np.nan,
    first: Sequence[str] = (),
    width: int = 470,
) -> Drawing:
    """Draw touchpoints at the left, the outcome at the right, and arrows as thick as their β.

    Parameters
    ----------
    drivers
        The ``drivers`` frame: ``touchpoint, beta, ci_low, ci_high, sign_flag, reason``. An interval that includes 0
        makes the arrow dashed; where it does not, a negative β gives the arrow a bar for a head, and a suppressor gets
        a mark and a note.
    labels
        Wording of each touchpoint.
    outcome
        Short name of the outcome, for in the circle.
    explained
        The outcome as a word within a sentence.
    r2, r2_low, r2_high
        Explained variance, a proportion, with its interval; NaN leaves it out.
    first
        Ids of the touchpoints to improve first, in order; each gets its number.
    width
        In pixels.
    """
    data = describe_paths(drivers).data
    if data.empty:
        return blank_figure(width, [words.text("figure.nothing")])
    names = [label_of(labels, name) for name in data["touchpoint"]]
    ranks = [rank_of(first, name) for name in data["touchpoint"]]
    marks = zip(data["beta"], data["uncertain"], data["suppressor"], strict=True)
    weights = [_weight(beta, words, open_sign=uncertain, marked=marked) for beta, uncertain, marked in marks]
    notes = ["" if weight else words.text("figure.not_estimated") for weight in weights]
    layout = lay_out_paths(names, notes, weights, width, ranked=any(ranks))
    entries = _legend_entries(data, words) + first_entries(ranks, words)
    if np.isfinite(r2):
        entries.insert(0, Entry("none", _explained_note(r2, r2_low, r2_high, explained or outcome, words)))
    foot = layout.bottom + (24 if entries else 0)
    canvas = Canvas(width, foot + legend_height(entries, width))
    draw_legend(canvas, entries, 0, foot)
    signs = data["beta"].mask(data["uncertain"] & (data["beta"] < 0), 0.0)
    betas, uncertain = signs.to_numpy(), data["uncertain"].tolist()
    for row, weight in enumerate(weights):
        _draw_box(canvas, layout, row, ranks[row])
        if weight:
            _draw_arrow(canvas, layout, row, betas, uncertain=uncertain[row])
    _draw_outcome(canvas, layout, outcome, r2, words)
    return canvas.drawing


def _weight(beta: float, words: Words, *, open_sign: bool, marked: bool) -> str:
    """Write a weight; one below 0 that may be above it as well gets no sign."""
    if not np.isfinite(beta):
        return ""
    if open_sign and round(beta, 2) < 0:
        return "≈ 0"
    return words.number(beta, 2) + ("†" if marked else "")


def _explained_note(r2: float, low: float, high: float, outcome: str, words: Words) -> str:
    """What the share in the circle is a share of, with its interval where that is known."""
    if not np.isfinite(low) or not np.isfinite(high):
        return words.text("figure.explained", r2=words.percent(r2), outcome=outcome)
    ends = {"low": words.percent(low), "high": words.percent(high)}
    return words.text("figure.explained_between", r2=words.percent(r2), outcome=outcome, **ends)


def _legend_entries(data: pd.DataFrame, words: Words) -> list[Entry]:
    known = data[data["beta"].notna()]
    notes = ("figure.beta", "figure.beta_order") if len(known) else ()
    entries = [Entry("none", words.text(key)) for key in notes]
    if known["uncertain"].any():
        entries.append(Entry("dashes", words.text("figure.uncertain_path"), role="cool_soft"))
    if known["negative"].any():
        entries.append(Entry("stop", words.text("figure.negative_path"), role="rule"))
    if known["suppressor"].any():
        entries.append(Entry("none", words.text("figure.suppressor")))
    return entries


def _draw_arrow(canvas: Canvas, layout: PathLayout, row: int, betas: FloatArray, *, uncertain: bool) -> None:
    """Draw a stub, the weight, and from there the arrow to the circle."""
    beta, largest = float(betas[row]), float(np.nanmax(np.abs(betas)))
    role = "rule" if beta < 0 else "cool_soft"
    share = abs(beta) / largest if largest > 0 else 0.0
    thick = max(_THINNEST, share * layout.thickest)
    left, y = layout.indent + layout.box, layout.middle(row)
    canvas.line([(left, y), (left + _STUB, y)], role=role, width=thick)
    weight = layout.weights[row]
    canvas.text(left + _STUB + 4, y, weight, bold=True)
    start = left + _STUB + 8 + max(measure(weight, SIZE, bold=True) for weight in layout.weights)
    x, end = layout.landing(row)
    tip = 0.0 if beta < 0 else 5.0 + thick / 2
    out = abs(2 * row - layout.known + 1) / max(1, layout.known - 1)
    turn = start + (0.5 + _SPREAD * (2 * out - 1)) * (x - tip - start)
    route = [(start, y), (turn, y), (turn, end), (x - tip, end)]
    canvas.path(route, "MCCC", edge=role, width=thick, dash=(7, 5) if uncertain else None)
    if beta < 0:
        canvas.line([(x, end - 7), (x, end + 7)], role=role, width=2.5)
    else:
        half = 3.5 + thick / 2
        head = [(x, end), (x - tip - 1, end - half), (x - tip - 1, end + half), (x, end)]
        canvas.path(head, "MLLZ", fill=role)


def _draw_box(canvas: Canvas, layout: PathLayout, row: int, rank: int) -> None:
    y = layout.middle(row)
    lines, remark = layout.labels[row], layout.remarks[row]
    label, below = len(lines) * LINE / 2, len(remark) * SMALL_LINE / 2
    half = label + below + 6
    box = Box(layout.indent, y - half, layout.indent + layout.box, y + half)
    canvas.box(box, role="tint", edge="line", radius=6)
    canvas.block(layout.indent + 10, y - below, lines)
    canvas.block(layout.indent + 10, y + label, remark, size=SMALL, role="soft")
    if rank:
        canvas.badge(10, y, rank)


def _draw_outcome(canvas: Canvas, layout: PathLayout, outcome: str, r2: float, words: Words) -> None:
    x, y = layout.centre
    canvas.dots([(x, y)], radius=layout.radius, edge=None)
    largest = 17.0 if layout.radius > 50 else 14.0
    name, size = fit(outcome, 1.7 * layout.radius, largest, SMALL, bold=True, most=2)
    lines = [(line, size, True) for line in name]
    if np.isfinite(r2):
        lines.append((words.percent(r2), SIZE, True))
        lines.append((words.text("figure.explained_short"), SMALL, False))
    y -= sum(size * LEADING for _, size, _ in lines[:-1]) / 2
    for text, size, bold in lines:
        canvas.text(x, y, text, size=size, role="paper", bold=bold, anchor="center")
        y += size * LEADING
