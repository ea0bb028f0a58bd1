"""The priority matrix: how important each contact is against how well the practice does on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.reporting.figures.frames import flags, hidden, label_of, optional, rank_of, reasons, shown, texts
from pxanalysis.reporting.figures.matrix_drawing import Mark, draw_matrix
from pxanalysis.reporting.figures.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["MatrixFacts", "describe_matrix", "plot_matrix"]

_NUMBERS = (
    "performance",
    "performance_low",
    "performance_high",
    "importance",
    "importance_low",
    "importance_high",
)


@dataclass(frozen=True, slots=True, eq=False)
class MatrixFacts:
    """What the priority matrix shows.

    Attributes
    ----------
    performance_split, importance_split
        Where the quadrants meet (0–100, and a proportion).
    do_first, keep_up, later, fine
        Touchpoint ids per quadrant: important and low, important and high, less important and low or high.
    missing
        Ids that are not in the figure.
    data
        What is drawn, by falling importance: ``touchpoint, performance, performance_low, performance_high`` (0–100),
        ``importance, importance_low, importance_high`` (proportions), ``status, suppressed, reason``.
    """

    performance_split: float
    importance_split: float
    do_first: tuple[str, ...]
    keep_up: tuple[str, ...]
    later: tuple[str, ...]
    fine: tuple[str, ...]
    missing: tuple[str, ...]
    data: pd.DataFrame


def describe_matrix(
    priorities: pd.DataFrame,
    *,
    drivers: pd.DataFrame | None = None,
    split: tuple[float, float] | None = None,
) -> MatrixFacts:
    """Return the facts and the data of the matrix; parameters as of `plot_matrix`."""
    data = _data(priorities, drivers)
    known = data[data["performance"].notna() & data["importance"].notna()]
    at, of = split or (float(known["performance"].mean()), float(known["importance"].mean()))
    # Values that differ only by rounding are equal: the mean of equal values is not above or below them.
    high = known["performance"] > at - 1e-9
    important = known["importance"] > of - 1e-9
    names = known["touchpoint"]
    return MatrixFacts(
        performance_split=at,
        importance_split=of,
        do_first=tuple(names[important & ~high]),
        keep_up=tuple(names[important & high]),
        later=tuple(names[~important & ~high]),
        fine=tuple(names[~important & high]),
        missing=tuple(data.loc[~data.index.isin(known.index), "touchpoint"]),
        data=data,
    )


def _data(priorities: pd.DataFrame, drivers: pd.DataFrame | None) -> pd.DataFrame:
    frame = priorities
    if drivers is not None:
        ends = drivers[["touchpoint", "importance_low", "importance_high"]]
        frame = priorities.drop(columns=["importance_low", "importance_high"], errors="ignore")
        frame = frame.merge(ends, on="touchpoint", how="left", validate="many_to_one")
    return pd.DataFrame(
        {
            "touchpoint": texts(frame, "touchpoint"),
            **{name: (shown if name.startswith("perf") else optional)(frame, name) for name in _NUMBERS},
            "status": flags(frame, "status"),
            "suppressed": hidden(frame),
            "reason": reasons(frame),
        }
    ).sort_values("importance", ascending=False, kind="stable", ignore_index=True)


def plot_matrix(
    priorities: pd.DataFrame,
    labels: Mapping[str, str],
    words: Words,
    *,
    outcome: str,
    drivers: pd.DataFrame | None = None,
    split: tuple[float, float] | None = None,
    first: Sequence[str] = (),
    width: int = 470,
) -> Figure:
    """Draw each touchpoint with both its intervals, in four quadrants that say what to do.

    Labels stand at their dots where there is room for all of them; else each dot has a letter and the labels are
    listed below the figure.

    Parameters
    ----------
    priorities
        A practice's rows of the ``priorities`` frame: ``touchpoint, importance, performance, performance_low,
        performance_high``, and where there are any ``status`` (act, undecided, keep), ``suppressed``, ``reason``.
    labels
        Wording of each touchpoint.
    outcome
        What importance is importance for, in the reader's language.
    drivers
        The ``drivers`` frame, for the intervals of importance.
    split
        Where the quadrants meet: performance (0–100) and importance; their means unless given.
    first
        Ids of the touchpoints to improve first, in order: their dots are numbers in the accent colour.
    width
        In pixels.
    """
    facts = describe_matrix(priorities, drivers=drivers, split=split)
    known = facts.data[facts.data["performance"].notna() & facts.data["importance"].notna()]
    marks = [
        Mark(
            label=label_of(labels, name),
            across=(numbers[0], numbers[1], numbers[2]),
            up=(numbers[3], numbers[4], numbers[5]),
            rank=rank_of(first, name),
            status=status,
        )
        for name, status, numbers in zip(
            known["touchpoint"], known["status"], known[list(_NUMBERS)].to_numpy().tolist(), strict=True
        )
    ]
    notes = []
    if facts.missing:
        missing = ", ".join(label_of(labels, name) for name in facts.missing)
        notes.append(words.text("figure.not_shown", names=missing))
    at = (facts.performance_split, facts.importance_split)
    finite = (float(at[0]), float(at[1])) if np.isfinite(at).all() else (50.0, 0.1)
    return draw_matrix(marks, finite, words, outcome=outcome, notes=notes, width=width)
