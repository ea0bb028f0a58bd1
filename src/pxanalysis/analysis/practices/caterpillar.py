"""Caterpillar plot: practices in order of their shrunken mean, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.practices.compare import PracticeComparison
from pxanalysis.figures.charts.intervals import plot_intervals
from pxanalysis.result import Result, standard_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CaterpillarResult", "order_practices"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CaterpillarResult(Result):
    """Practices from low to high.

    Attributes
    ----------
    subject, metric, unit
        What is shown.
    table
        See :meth:`tidy`.
    centre
        Mean that practices were shrunk towards.
    n_left_out
        Practices without a shrunken mean.
    """

    subject: str
    metric: str
    unit: str
    table: pd.DataFrame
    centre: float
    n_left_out: int

    def tidy(self) -> pd.DataFrame:
        """Return ``position`` (1 = lowest), ``practice_id, n, estimate`` (shrunken), ``ci_low, ci_high, raw, side``.

        ``side`` is ``lower`` or ``higher`` where the interval leaves out the centre, else ``around``.
        """
        return standard_columns(self.table.assign(term=self.table["practice_id"]))

    def glance(self) -> pd.DataFrame:
        """Return one row: subject, metric, unit, centre, n_practices, n_left_out."""
        names = ("subject", "metric", "unit", "centre", "n_left_out")
        return pd.DataFrame([{name: getattr(self, name) for name in names} | {"n_practices": len(self.table)}])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the caterpillar: a dot and interval per practice, a line at the centre."""
        rows = self.table.assign(label=self.table["practice_id"]).iloc[::-1]
        return plot_intervals(rows, f"{self.subject} ({self.metric}), shrunken", reference=self.centre, ax=ax)


def order_practices(comparison: PracticeComparison) -> CaterpillarResult:
    """Order the practices of a comparison by their shrunken mean, for a caterpillar plot.

    The intervals say where a practice's own mean lies; two that overlap may still differ, and ranks read off the order
    are uncertain (rank intervals come with the priorities).
    """
    rows = comparison.table
    usable = rows["shrunk"].notna()
    table = rows[usable].sort_values(["shrunk", "practice_id"], ignore_index=True)
    side = np.select(
        [table["shrunk_high"] < comparison.mu, table["shrunk_low"] > comparison.mu],
        ["lower", "higher"],
        default="around",
    )
    shown = pd.DataFrame(
        {
            "position": np.arange(1, len(table) + 1),
            "practice_id": table["practice_id"],
            "n": table["n"],
            "estimate": table["shrunk"],
            "ci_low": table["shrunk_low"],
            "ci_high": table["shrunk_high"],
            "raw": table["raw"],
            "side": side.astype(object),
        }
    )
    return CaterpillarResult(
        comparison.subject, comparison.metric, comparison.unit, shown, comparison.mu, int((~usable).sum())
    )
