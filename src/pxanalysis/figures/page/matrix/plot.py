"""The priority matrix: how important each contact is against how far the practice is from where it could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pxanalysis.figures.kit.frames import flags, hidden, label_of, optional, rank_of, reasons, remembered, shown, texts
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.words import Words
from pxanalysis.figures.page.matrix.drawing import draw_matrix
from pxanalysis.figures.page.matrix.layout import Mark, Split

__all__ = ["Against", "MatrixFacts", "describe_matrix", "plot_matrix"]

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]
Against = Literal["best_quarter", "stated", "mixed", "own_mean"]
"""What a practice is held against: the practice at the 75th percentile, the study's own targets, some of both, or,
where there is no target, the mean of its own scores."""

_PERFORMANCE = ("performance", "performance_low", "performance_high")
_AHEAD = ("ahead", "ahead_low", "ahead_high")
_HALF = 0.5
"""Points that are written as none."""
_IMPORTANCE = ("importance", "importance_low", "importance_high")


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFacts:
    """What the priority matrix shows.

    Attributes
    ----------
    against
        What the vertical line stands for.
    target
        The study's own target (0–100) when it is the same for all touchpoints; NaN otherwise.
    performance_split, importance_split
        Where the quadrants meet: 0 points ahead (without targets the mean score, 0–100), and the mean importance.
    heavy_below, heavy_above, light_below, light_above
        Touchpoint ids per quadrant: importance above or below its mean, performance below the target or not.
    level
        Ids, of any quadrant, whose interval across includes the line, or that are within half a point of it.
    missing
        Ids that are not in the figure.
    data
        What is drawn, by falling importance: ``touchpoint, performance, performance_low, performance_high, target``
        (0–100), ``ahead, ahead_low, ahead_high`` (performance less target, points), ``importance, importance_low,
        importance_high`` (proportions), ``status, suppressed, reason``.
    """

    against: Against
    target: float
    performance_split: float
    importance_split: float
    heavy_below: tuple[str, ...]
    heavy_above: tuple[str, ...]
    light_below: tuple[str, ...]
    light_above: tuple[str, ...]
    level: tuple[str, ...]
    missing: tuple[str, ...]
    data: pd.DataFrame

    @property
    def across(self) -> tuple[str, str, str]:
        """Columns of ``data`` on the horizontal axis: value, low, high."""
        return _PERFORMANCE if self.against == "own_mean" else _AHEAD

    @property
    def drawn(self) -> pd.DataFrame:
        """Rows of ``data`` that are in the figure."""
        return self.data[self.data[[self.across[0], "importance"]].notna().all(axis=1)]


@remembered
def describe_matrix(priorities: pd.DataFrame, *, drivers: pd.DataFrame | None = None) -> MatrixFacts:
    """Return the facts and the data of the matrix; parameters as of `plot_matrix`."""
    data, stated = _data(priorities, drivers)
    against = _against(data, stated)
    value = "performance" if against == "own_mean" else "ahead"
    known = data[data[[value, "importance"]].notna().all(axis=1)]
    at = float(known["performance"].mean()) if against == "own_mean" else 0.0
    of = float(known["importance"].mean())
    # Values that differ only by rounding are equal: the mean of equal values is not above or below them.
    above = known[value] > at - 1e-9
    heavy = known["importance"] > of - 1e-9
    names, targets = known["touchpoint"], known["target"]
    return MatrixFacts(
        against=against,
        target=float(targets.iloc[0]) if against == "stated" and np.ptp(targets) == 0 else np.nan,
        performance_split=at,
        importance_split=of,
        heavy_below=tuple(names[heavy & ~above]),
        heavy_above=tuple(names[heavy & above]),
        light_below=tuple(names[~heavy & ~above]),
        light_above=tuple(names[~heavy & above]),
        level=tuple(names[_level(known, value, at)]),
        missing=tuple(data.loc[~data.index.isin(known.index), "touchpoint"]),
        data=data.reset_index(drop=True),
    )


def _level(known: pd.DataFrame, value: str, at: float) -> pd.Series[bool]:
    """Which rows cannot be told apart from the line at ``at``, or are written as on it."""
    includes = (known[f"{value}_low"] <= at) & (known[f"{value}_high"] >= at)
    return includes | ((known[value] - at).abs() < _HALF)


def _data(priorities: pd.DataFrame, drivers: pd.DataFrame | None) -> tuple[pd.DataFrame, BoolArray]:
    """What is drawn, and of which rows the study stated the target."""
    frame = priorities
    if drivers is not None:
        ends = drivers[["touchpoint", "importance_low", "importance_high"]]
        frame = priorities.drop(columns=["importance_low", "importance_high"], errors="ignore")
        frame = frame.merge(ends, on="touchpoint", how="left", validate="many_to_one")
    target = optional(frame, "target")
    performance = {name: shown(frame, name) for name in _PERFORMANCE}
    data = pd.DataFrame(
        {
            "touchpoint": texts(frame, "touchpoint"),
            **performance,
            "target": target,
            **{name: performance[own] - target for name, own in zip(_AHEAD, _PERFORMANCE, strict=True)},
            **{name: optional(frame, name) for name in _IMPORTANCE},
            "status": flags(frame, "status"),
            "suppressed": hidden(frame),
            "reason": reasons(frame),
        }
    ).sort_values("importance", ascending=False, kind="stable")
    stated: BoolArray = np.isfinite(optional(frame, "target_stated"))[data.index]
    return data, stated


def _against(data: pd.DataFrame, stated: BoolArray) -> Against:
    held = stated[data["ahead"].notna()]
    if not held.size:
        return "own_mean"
    return "stated" if held.all() else "mixed" if held.any() else "best_quarter"


def plot_matrix(
    priorities: pd.DataFrame,
    labels: Mapping[str, str],
    words: Words,
    *,
    outcome: str,
    drivers: pd.DataFrame | None = None,
    first: Sequence[str] = (),
    width: int = 470,
) -> Drawing:
    """Draw each touchpoint with both its intervals, in four quadrants that say what the two axes mean.

    Across is how many points the practice is below or above the target that the priorities are ranked by, so that a
    touchpoint on which nothing can be gained does not stand at the left; without any target it is the score itself.
    Labels stand at their dots where there is room for all of them; else each dot has a letter and the labels are
    listed below the figure.

    Parameters
    ----------
    priorities
        A practice's rows of the ``priorities`` frame: ``touchpoint, importance, performance, performance_low,
        performance_high``, and where there are any ``target``, ``target_stated``, ``status`` (act, undecided, keep),
        ``suppressed``, ``reason``.
    labels
        Wording of each touchpoint.
    outcome
        What importance is importance for, in the reader's language.
    drivers
        The ``drivers`` frame, for the intervals of importance.
    first
        Ids of the touchpoints to improve first, in order: their dots are numbers in the accent colour.
    width
        In pixels.
    """
    facts = describe_matrix(priorities, drivers=drivers)
    known = facts.drawn
    marks = [
        Mark(
            label=label_of(labels, name),
            across=(numbers[0], numbers[1], numbers[2]),
            up=(numbers[3], numbers[4], numbers[5]),
            rank=rank_of(first, name),
            status=status,
        )
        for name, status, numbers in zip(
            known["touchpoint"], known["status"], known[[*facts.across, *_IMPORTANCE]].to_numpy().tolist(), strict=True
        )
    ]
    notes = []
    if facts.missing:
        missing = ", ".join(label_of(labels, name) for name in facts.missing)
        notes.append(words.text("figure.not_shown", names=missing))
    split = Split(facts.against, facts.performance_split, facts.importance_split, facts.target)
    return draw_matrix(marks, split, words, outcome=outcome, notes=notes, width=width)
