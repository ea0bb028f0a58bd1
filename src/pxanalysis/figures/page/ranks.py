"""How surely each touchpoint has its rank: an interval of ranks, and the chance to be among the first three."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.figures.kit.frames import hidden, label_of, rank_of, reasons, remembered, shown, texts
from pxanalysis.figures.kit.legend import Entry, first_entries
from pxanalysis.figures.kit.marks import Drawing
from pxanalysis.figures.kit.rows import Axis, Row, plot_rows
from pxanalysis.figures.kit.words import Words

__all__ = ["RankFacts", "describe_ranks", "plot_ranks"]

_TOP = 3
_PLACE = ("rank", "rank_low", "rank_high", "p_top3")


@dataclass(frozen=True, slots=True, eq=False)
class RankFacts:
    """What the rank plot shows.

    Attributes
    ----------
    order
        Touchpoint ids by rank; those without a place are left out.
    missing
        Ids without a place.
    data
        What is drawn, in the order of the ranks: ``touchpoint, rank, rank_low, rank_high, p_top3`` (a proportion; NaN
        without a place), ``suppressed, reason``.
    """

    order: tuple[str, ...]
    missing: tuple[str, ...]
    data: pd.DataFrame


@remembered
def describe_ranks(frame: pd.DataFrame, *, without: Collection[str] = ()) -> RankFacts:
    """Return the facts and the data of the rank plot; ``frame`` as in `plot_ranks`, ``without`` a place these ids."""
    data = pd.DataFrame(
        {
            "touchpoint": texts(frame, "touchpoint"),
            **{name: shown(frame, name) for name in _PLACE},
            "suppressed": hidden(frame),
            "reason": reasons(frame),
        }
    ).sort_values(["rank", "touchpoint"], ignore_index=True)
    data.loc[data["touchpoint"].isin(list(without)), list(_PLACE)] = np.nan
    return RankFacts(
        order=tuple(data.loc[data["rank"].notna(), "touchpoint"]),
        missing=tuple(data.loc[data["rank"].isna(), "touchpoint"]),
        data=data,
    )


def _chance(words: Words, chance: float) -> str:
    """A probability as the page writes it: nothing is certain, and nothing impossible."""
    if not np.isfinite(chance):
        return ""
    if chance < 0.01:
        return f"<{words.percent(0.01)}"
    return f">{words.percent(0.99)}" if chance > 0.99 else words.percent(chance)


def plot_ranks(
    frame: pd.DataFrame,
    labels: Mapping[str, str],
    words: Words,
    *,
    first: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    width: int = 470,
) -> Drawing:
    """Draw the rank of each touchpoint with its interval; the first three places are shaded.

    Parameters
    ----------
    frame
        The ``priorities`` rows of a practice, or the ``drivers`` frame: ``touchpoint, rank, rank_low, rank_high,
        p_top3`` (a proportion), and where there are any ``suppressed``, ``reason``.
    labels
        Wording of each touchpoint.
    first
        Ids of the touchpoints to improve first, in order; each gets its number.
    notes
        Why a touchpoint gets no place although it has a rank, by id. Others have none where too few answered or where
        none was estimated.
    width
        In pixels; below 420 long labels stand above the lines.
    """
    data = describe_ranks(frame, without=notes or ()).data
    rows = [
        Row(
            label=label_of(labels, name),
            value=rank,
            low=low,
            high=high,
            text=_chance(words, top),
            rank=rank_of(first, name),
            note=(notes or {}).get(name) or words.text("figure.too_few" if suppressed else "figure.not_estimated"),
        )
        for name, rank, low, high, top, suppressed in data.iloc[:, :6].itertuples(index=False)
    ]
    places = max(len(rows), _TOP)
    axis = Axis(
        low=0.5,
        high=places + 0.5,
        ticks=[(place, words.number(place)) for place in range(1, places + 1) if places < 8 or place % 2],
        title=words.text("figure.rank_axis"),
        zone=(0.5, _TOP + 0.5),
    )
    legend = [
        Entry("interval", words.text("figure.rank_interval")),
        Entry("area", words.text("figure.first_three"), role="accent_tint", edge="rule"),
        *first_entries([row.rank for row in rows], words),
    ]
    heading = words.text("figure.chance_top3") if data["p_top3"].notna().any() else ""
    return plot_rows(
        rows, axis, style="dot", width=width, nothing=words.text("figure.nothing"), heading=heading, legend=legend
    )
