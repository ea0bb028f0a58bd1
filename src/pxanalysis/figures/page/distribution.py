"""How the answers to an outcome are spread: a bar per answer, in the groups that the field reads them in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.canvas import LEADING, SMALL, Canvas
from pxanalysis.figures.kit.frames import hidden, remembered, shown
from pxanalysis.figures.kit.geometry import Anchor, Box, Scale
from pxanalysis.figures.kit.legend import Entry, Sign, blank_figure, draw_legend, legend_height
from pxanalysis.figures.kit.lettering import wrap
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.words import Words
from pxanalysis.statistics.conventions import DETRACTORS_TO, PROMOTERS_FROM

__all__ = ["DistributionFacts", "describe_distribution", "plot_distribution"]

_PLOT = 170.0
_GAP = "×"
_LEAST = 0.005
"""A share that is written as 0% gets no mark: on the axis it would look like dirt."""
_ABOVE, _ROOM = 11.0, 24.0
"""Pixels from a bar or mark to the middle of its label, and between the two for the label to fit in."""

_SIDES: tuple[Anchor, Anchor] = ("left", "right")

Kind = Literal["ktv", "nps", "ces"]


@dataclass(frozen=True, slots=True)
class _Group:
    key: str
    low: int
    high: int
    role: str


_SCALES: dict[str, tuple[int, int]] = {"ktv": (1, 10), "nps": (0, 10)}
_GROUPED = {(0, 10), (1, 10)}
"""Scales on which the groups are defined; on both the lowest group starts at the lowest answer."""
_GROUPS: dict[str, tuple[_Group, ...]] = {
    "ktv": (
        _Group("insufficient", 1, 5, "rule"),
        _Group("sufficient", 6, 8, "cool_soft"),
        _Group("high", 9, 10, "cool"),
    ),
    "nps": (
        _Group("detractors", 0, DETRACTORS_TO, "rule"),
        _Group("passives", DETRACTORS_TO + 1, PROMOTERS_FROM - 1, "cool_soft"),
        _Group("promoters", PROMOTERS_FROM, 10, "cool"),
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class DistributionFacts:
    """What the distribution shows.

    Attributes
    ----------
    n
        Answers; NaN when suppressed.
    most_given, most_given_share
        The answer given most, and its share; NaN when suppressed.
    groups
        Share per group (``insufficient, sufficient, high`` for KTV; ``detractors, passives, promoters`` for NPS;
        none for CES or another scale), NaN when a bar in it is suppressed.
    low
        The lowest answer of the scale; NaN without answers.
    data
        What is drawn, a row per answer of the scale: ``value, n, share`` (a proportion), ``benchmark, suppressed``.
    """

    n: float
    most_given: float
    most_given_share: float
    groups: dict[str, float]
    low: float
    data: pd.DataFrame


@remembered
def describe_distribution(
    distribution: pd.DataFrame,
    *,
    kind: Kind,
    scale: tuple[int, int] | None = None,
    benchmark: pd.DataFrame | None = None,
) -> DistributionFacts:
    """Return the facts and the data of the figure; parameters as of `plot_distribution`."""
    data = _complete(distribution, kind, scale, benchmark)
    shares = data["share"].to_numpy()
    most = int(np.nanargmax(shares)) if np.isfinite(shares).any() else None
    return DistributionFacts(
        n=float(data["n"].sum(skipna=False)),
        most_given=np.nan if most is None else float(data["value"].iloc[most]),
        most_given_share=np.nan if most is None else float(shares[most]),
        groups={
            group.key: float(data.loc[data["value"].between(group.low, group.high), "share"].sum(skipna=False))
            for group in _groups(kind, data)
        },
        low=float(data["value"].min()) if len(data) else np.nan,
        data=data,
    )


def _groups(kind: Kind, data: pd.DataFrame) -> tuple[_Group, ...]:
    """Groups of answers, where the answers were given on a scale that has them."""
    ends = (int(data["value"].min()), int(data["value"].max())) if len(data) else (0, 0)
    if ends not in _GROUPED or kind not in _GROUPS:
        return ()
    lowest, *others = _GROUPS[kind]
    return replace(lowest, low=ends[0]), *others


def _complete(
    distribution: pd.DataFrame, kind: Kind, scale: tuple[int, int] | None, benchmark: pd.DataFrame | None
) -> pd.DataFrame:
    """One row per answer of the scale; an answer that nobody gave has share 0."""
    columns = ["value", "n", "share", "benchmark", "suppressed"]
    if distribution.empty:
        return pd.DataFrame(columns=columns, dtype=float)
    if distribution["value"].duplicated().any():
        raise ReportError("distribution: expected one row per answer; select one practice and outcome first.")
    own = pd.DataFrame(
        {
            "value": distribution["value"].astype(int),
            **{name: shown(distribution, name) for name in ("n", "share")},
            "suppressed": hidden(distribution),
        }
    ).set_index("value")
    low, high = scale or _SCALES.get(kind) or (int(own.index.min()), int(own.index.max()))
    absent = [value for value in range(low, high + 1) if value not in own.index]
    nobody = pd.DataFrame({"n": 0.0, "share": 0.0, "suppressed": False}, index=absent)
    data = pd.concat([own, nobody]) if absent else own
    data = data.sort_index().rename_axis("value").reset_index()
    data["benchmark"] = np.nan
    if benchmark is not None and not benchmark.empty:
        theirs = pd.Series(shown(benchmark, "share"), index=benchmark["value"].astype(int))
        data["benchmark"] = data["value"].map(theirs)
    return data[columns]


def plot_distribution(
    distribution: pd.DataFrame,
    words: Words,
    *,
    kind: Kind,
    scale: tuple[int, int] | None = None,
    benchmark: pd.DataFrame | None = None,
    ends: tuple[str, str] | None = None,
    width: int = 470,
) -> Drawing:
    """Draw the share of each answer.

    Parameters
    ----------
    distribution
        One practice's and one outcome's rows of the ``distributions`` frame: ``value, n, share`` (a proportion),
        ``suppressed``.
    kind
        Of the outcome: decides the groups, on a scale of 1–10 or 0–10.
    scale
        Lowest and highest answer; that of the kind, or of the answers given, when left out.
    benchmark
        The same rows of all practices together, drawn as a line across each bar.
    ends
        What the lowest and the highest answer mean, in the reader's language.
    width
        In pixels.
    """
    facts = describe_distribution(distribution, kind=kind, scale=scale, benchmark=benchmark)
    data = facts.data
    if data["share"].isna().all():
        return blank_figure(width, [words.text("figure.nothing")])
    entries = _legend_entries(facts, kind, words)
    top = legend_height(entries, width) + 30
    meanings = [wrap(end, 0.45 * width, SMALL, most=2) for end in ends or ()]
    foot = top + _PLOT + 10 + SMALL * LEADING
    canvas = Canvas(width, foot + max((len(lines) for lines in meanings), default=0) * SMALL * LEADING)
    draw_legend(canvas, entries, 0, 0)
    for lines, x, anchor in zip(meanings, (0.0, float(width)), _SIDES, strict=False):
        middle = foot + len(lines) * SMALL * LEADING / 2
        canvas.block(x, middle, lines, size=SMALL, role="soft", anchor=anchor)
    tallest = float(np.nanmax(data[["share", "benchmark"]].to_numpy()))
    height = Scale(0.0, max(tallest, 0.05), top + _PLOT, top)
    column = width / len(data)
    roles = {value: group.role for group in _groups(kind, data) for value in range(group.low, group.high + 1)}
    for position, (value, share, level) in enumerate(zip(data["value"], data["share"], data["benchmark"], strict=True)):
        x = (position + 0.5) * column
        mark = height(level) if level >= _LEAST else np.nan
        _draw_bar(canvas, height, x, 0.38 * column, share, roles.get(value, "cool_soft"))
        if np.isfinite(mark):
            _draw_mark(canvas, x, 0.46 * column, mark)
        _write_share(canvas, height, x, share, mark, words)
        canvas.text(x, top + _PLOT + 14, words.number(value), size=SMALL, role="soft", anchor="center")
    canvas.line([(0, top + _PLOT), (width, top + _PLOT)], role="rule")
    return canvas.drawing


def _draw_bar(canvas: Canvas, height: Scale, x: float, half: float, share: float, role: str) -> None:
    if share > 0:
        canvas.box(Box(x - half, height(share), x + half, height(0.0)), role=role)


def _draw_mark(canvas: Canvas, x: float, half: float, level: float) -> None:
    """Draw a line across a bar, edged so that it is seen on every bar."""
    for role, width in (("paper", 4.5), ("ink", 2.0)):
        canvas.line([(x - half, level), (x + half, level)], role=role, width=width)


def _write_share(canvas: Canvas, height: Scale, x: float, share: float, mark: float, words: Words) -> None:
    """Write a share above its bar: below the mark where there is room between the two, else above both."""
    if np.isnan(share):
        level = height(0.0) - 9 if np.isnan(mark) or height(0.0) - mark > _ROOM else mark - _ABOVE
        canvas.text(x, level, _GAP, role="soft", anchor="center")
        return
    if share <= 0:
        return
    text = words.percent(share) if share >= _LEAST else f"<{words.percent(0.01)}"
    foot = height(share)
    clear = np.isnan(mark) or mark > foot or foot - mark > _ROOM
    canvas.text(x, (foot if clear else mark) - _ABOVE, text, size=SMALL, anchor="center", halo=True)


def _legend_entries(facts: DistributionFacts, kind: Kind, words: Words) -> list[Entry]:
    sign: Sign = "area"
    entries = []
    for group in _groups(kind, facts.data):
        share = facts.groups[group.key]
        name = words.text(f"figure.{group.key}", low=str(group.low), high=str(group.high))
        text = f"{name}: {words.percent(share)}" if np.isfinite(share) else name
        entries.append(Entry(sign, text, role=group.role, edge=None))
    if facts.data["benchmark"].notna().any():
        entries.append(Entry("mark", words.text("figure.all_practices"), role="ink"))
    if facts.data["share"].isna().any():
        entries.append(Entry("none", f"{_GAP} {words.text('figure.too_few')}"))
    return entries
