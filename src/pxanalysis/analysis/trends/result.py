"""What courses over time show: a figure per period with its limits, and one judgement per course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result, standard_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["TrendsResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrendsResult(Result):
    """Control charts of practices' outcomes and touchpoints.

    Attributes
    ----------
    points
        One row per practice, subject and period: ``n``, ``estimate`` (KTV and CES on their own scale, NPS as a net
        share −1 to 1, behaviours as a proportion, touchpoints 0–100), ``centre, low, high, near_low, near_high``,
        ``signal`` and ``reason``. A period on fewer than ``minimum_n`` answers is a gap.
    courses
        One row per practice and subject: ``period`` (week, month or quarter), ``chart``, ``n_figures``, ``latest``,
        ``variation``, ``side``, ``assurance``, ``trial``, ``reason``.
    minimum_n
        Answers that a figure rests on at least.
    """

    points: pd.DataFrame
    courses: pd.DataFrame
    minimum_n: int

    def tidy(self) -> pd.DataFrame:
        """One row per figure: ``practice_id, period, term, estimate`` with the limits as its interval."""
        rows = self.points.rename(columns={"subject": "term", "low": "limit_low", "high": "limit_high"})
        return standard_columns(rows)

    def glance(self) -> pd.DataFrame:
        """One row: how many courses, and what the latest figures of them say."""
        counts = self.courses["variation"].value_counts()
        words = ("improvement", "concern", "change", "common cause")
        return pd.DataFrame(
            [
                {
                    "n_courses": len(self.courses),
                    **{f"n_{word.replace(' ', '_')}": int(counts.get(word, 0)) for word in words},
                    "n_without_limits": int((self.courses["reason"] != "").sum()),
                }
            ]
        )

    def course(self, practice_id: str, subject: str) -> pd.DataFrame:
        """Figures of one course in order.

        Raises
        ------
        AnalysisError
            When there is none.
        """
        rows = self.points[(self.points["practice_id"] == practice_id) & (self.points["subject"] == subject)]
        if rows.empty:
            known = ", ".join(sorted(self.points["subject"].unique())[:20])
            raise AnalysisError(
                f"no course of '{subject}' in practice '{practice_id}'. There are courses of: {known or 'nothing'}."
            )
        return rows.reset_index(drop=True)

    def plot(self, practice_id: str | None = None, subject: str | None = None, ax: Axes | None = None) -> Axes:
        """Draw one course with its limits; the first when nothing is asked for."""
        from pxanalysis.figures.charts.control_chart import plot_control_chart

        first = self.courses.iloc[0]
        rows = self.course(practice_id or str(first["practice_id"]), subject or str(first["subject"]))
        return plot_control_chart(rows, ax=ax)
