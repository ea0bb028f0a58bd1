"""How reliably each touchpoint's questions measure together: alpha with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.figures.kit.frames import label_of, optional, reasons, span, texts
from pxanalysis.figures.kit.legend import Entry
from pxanalysis.figures.kit.rows import Axis, Row, plot_rows
from pxanalysis.figures.kit.units import nice_ticks
from pxanalysis.figures.kit.words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["ReliabilityFacts", "describe_reliability", "plot_reliability"]

_ENOUGH = (0.7, 0.8)
"""Alpha from which a scale serves to compare groups (Nunnally & Bernstein 1994), and a stricter mark."""


@dataclass(frozen=True, slots=True, eq=False)
class ReliabilityFacts:
    """What the reliability figure shows.

    Attributes
    ----------
    enough
        Ids of scales with an alpha of .70 or more.
    lowest
        Id of the scale with the lowest alpha; empty when none could be estimated.
    missing
        Ids without an estimate (one question, or too few answers).
    data
        What is drawn, in the order given: ``scale, k, n, alpha, alpha_low, alpha_high, reason``.
    """

    enough: tuple[str, ...]
    lowest: str
    missing: tuple[str, ...]
    data: pd.DataFrame


def describe_reliability(reliability: pd.DataFrame) -> ReliabilityFacts:
    """Return the facts and the data of the figure; ``reliability`` as in `plot_reliability`."""
    numbers = ("k", "n", "alpha", "alpha_low", "alpha_high")
    data = pd.DataFrame(
        {
            "scale": texts(reliability, "scale"),
            **{name: optional(reliability, name) for name in numbers},
            "reason": reasons(reliability),
        }
    )
    known = data[data["alpha"].notna()].sort_values("alpha", kind="stable")
    return ReliabilityFacts(
        enough=tuple(data.loc[data["alpha"] >= _ENOUGH[0], "scale"]),
        lowest=str(known["scale"].iloc[0]) if len(known) else "",
        missing=tuple(data.loc[data["alpha"].isna(), "scale"]),
        data=data,
    )


def plot_reliability(reliability: pd.DataFrame, labels: Mapping[str, str], words: Words, *, width: int = 470) -> Figure:
    """Draw alpha per scale with its interval, and marks at .70 and .80.

    Parameters
    ----------
    reliability
        The ``reliability`` frame: ``scale, k, n, alpha, alpha_low, alpha_high, reason``.
    labels
        Wording of each scale (touchpoint).
    width
        In pixels; below 420 long labels stand above the lines.
    """
    data = describe_reliability(reliability).data
    rows = [
        Row(
            label=label_of(labels, name),
            value=alpha,
            low=low,
            high=high,
            text=words.number(alpha, 2) if np.isfinite(alpha) else "",
            note=words.text("figure.not_estimated"),
        )
        for name, alpha, low, high in data[["scale", "alpha", "alpha_low", "alpha_high"]].itertuples(index=False)
    ]
    lowest, _ = span(data["alpha"].to_numpy(), data["alpha_low"].to_numpy())
    low = float(np.clip(np.floor(lowest * 5) / 5, -1.0, 0.4))
    axis = Axis(
        low=low,
        high=1.0,
        ticks=[(tick, words.number(tick, 1)) for tick in nice_ticks(low, 1.0, 6)],
        title=words.text("figure.alpha_axis"),
        marks=_ENOUGH,
    )
    return plot_rows(
        rows,
        axis,
        style="dot",
        width=width,
        nothing=words.text("figure.nothing"),
        legend=[Entry("interval", words.text("figure.interval"))],
    )
