"""Importance of each driver: its share of what explains the outcome, with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.figures.kit.frames import label_of, optional, rank_of, reasons, remembered, span, texts
from pxanalysis.figures.kit.legend import Entry, first_entries
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.rows import Axis, Row, plot_rows
from pxanalysis.figures.kit.units import decimals_needed, nice_ticks
from pxanalysis.figures.kit.words import Words

__all__ = ["ImportanceFacts", "describe_importance", "plot_importance"]


@dataclass(frozen=True, slots=True, eq=False)
class ImportanceFacts:
    """What the importance figure shows.

    Attributes
    ----------
    order
        Touchpoint ids, most important first; those without an estimate are left out.
    largest, smallest
        Importance of the first and last in ``order``: a proportion of the outcome's variance.
    total
        Sum of what is shown, R² when nothing is missing.
    missing
        Ids without an estimate.
    data
        What is drawn, in ``order`` and then the missing ones: ``touchpoint, importance, importance_low,
        importance_high`` (proportions), ``reason``.
    """

    order: tuple[str, ...]
    largest: float
    smallest: float
    total: float
    missing: tuple[str, ...]
    data: pd.DataFrame


@remembered
def describe_importance(drivers: pd.DataFrame) -> ImportanceFacts:
    """Return the facts and the data of the importance figure; ``drivers`` as in `plot_importance`."""
    data = pd.DataFrame(
        {
            "touchpoint": texts(drivers, "touchpoint"),
            **{name: optional(drivers, name) for name in ("importance", "importance_low", "importance_high")},
            "reason": reasons(drivers),
        }
    ).sort_values("importance", ascending=False, kind="stable", ignore_index=True)
    known = data[data["importance"].notna()]
    return ImportanceFacts(
        order=tuple(known["touchpoint"]),
        largest=float(known["importance"].max()) if len(known) else np.nan,
        smallest=float(known["importance"].min()) if len(known) else np.nan,
        total=float(known["importance"].sum()),
        missing=tuple(data.loc[data["importance"].isna(), "touchpoint"]),
        data=data,
    )


def plot_importance(
    drivers: pd.DataFrame,
    labels: Mapping[str, str],
    words: Words,
    *,
    outcome: str,
    first: Sequence[str] = (),
    width: int = 470,
) -> Drawing:
    """Draw a bar per driver, most important first, with its interval as a thin line.

    Parameters
    ----------
    drivers
        The ``drivers`` frame: ``touchpoint, importance, importance_low, importance_high`` (shares that sum to R²),
        ``reason``. A driver without an estimate is named with that remark.
    labels
        Wording of each touchpoint.
    outcome
        What is explained, in the reader's language.
    first
        Ids of the touchpoints to improve first, in order; each gets its number.
    width
        In pixels; below 420 long labels stand above the bars.
    """
    facts = describe_importance(drivers)
    data = facts.data
    rows = [
        Row(
            label=label_of(labels, name),
            value=value,
            low=low,
            high=high,
            text=words.percent(value) if np.isfinite(value) else "",
            rank=rank_of(first, name),
            note=words.text("figure.not_estimated"),
        )
        for name, value, low, high in data.iloc[:, :4].itertuples(index=False)
    ]
    lowest, highest = span(
        data[["importance", "importance_low"]].to_numpy().ravel(),
        data[["importance", "importance_high"]].to_numpy().ravel(),
    )
    low, high = min(0.0, lowest), max(highest, 0.01)
    ticks = nice_ticks(low, high)
    decimals = max(0, decimals_needed(ticks) - 2)
    axis = Axis(
        low=low,
        high=high,
        ticks=[(tick, words.percent(tick, decimals)) for tick in ticks],
        title=words.text("figure.importance_axis", outcome=outcome, total=words.percent(facts.total)),
    )
    legend = [Entry("bar", words.text("figure.interval"), role="ink")] if data["importance_low"].notna().any() else []
    legend += first_entries([row.rank for row in rows], words)
    return plot_rows(rows, axis, style="bar", width=width, nothing=words.text("figure.nothing"), legend=legend)
