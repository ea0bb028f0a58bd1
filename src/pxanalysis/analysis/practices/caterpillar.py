"""Caterpillar plot: practices in order of their shrunken mean, each with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.practices.compare import PracticeComparison
from pxanalysis.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CaterpillarResult", "order_practices"]


@dataclass(frozen=True, slots=True, eq=False)
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
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: subject, metric, unit, centre, n_practices, n_left_out."""
        names = ("subject", "metric", "unit", "centre", "n_left_out")
        return pd.DataFrame([{name: getattr(self, name) for name in names} | {"n_practices": len(self.table)}])

    def plot(self) -> Figure:
        """Draw the caterpillar: a dot and interval per practice, a line at the centre."""
        # matplotlib is heavy and only drawing needs it
        from matplotlib import pyplot as plt

        figure, axes = plt.subplots(figsize=(7, 4.5))
        table = self.table
        axes.vlines(table["position"], table["ci_low"], table["ci_high"], color="0.6", linewidth=1)
        axes.scatter(table["position"], table["estimate"], s=12, color="tab:blue", zorder=3)
        axes.axhline(self.centre, color="0.3", linewidth=1)
        axes.set(xlabel="practices, low to high", ylabel=f"{self.subject} ({self.metric}), shrunken")
        plt.close(figure)
        return figure


def order_practices(comparison: PracticeComparison) -> CaterpillarResult:
    """Order the practices of a comparison by their shrunken mean, for a caterpillar plot.

    The intervals say where a practice's own mean lies; two that overlap may still differ, and ranks read off the order
    are uncertain (rank intervals come with the priorities).
    """
    rows = comparison.tidy()
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
