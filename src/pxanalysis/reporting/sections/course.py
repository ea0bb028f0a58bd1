"""An outcome's course on a control chart, made from the very figures that the page shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.analysis.trends.chart import CourseChart, chart_course
from pxanalysis.analysis.whole_study.facts import NewBaseline
from pxanalysis.figures.kit.frames import remembered
from pxanalysis.figures.page.trend import describe_trend
from pxanalysis.journey.model import Outcome
from pxanalysis.reporting.sections.selection import Selection
from pxanalysis.statistics.control_charts import Improvement

__all__ = ["Course", "chart_outcome"]

_ENDS: dict[str, tuple[float, float]] = {"nps": (-1.0, 1.0)}


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A course with its limits.

    Attributes
    ----------
    frame
        The practice's rows of the ``trend`` frame for one outcome, with ``centre, limit_low, limit_high`` (cut to the
        ends of the scale) and ``signal``; NaN and "" where there are none.
    chart
        What its latest figure says.
    rebases
        Where limits begin anew, as somebody decided and wrote down; those of before stay visible.
    """

    frame: pd.DataFrame
    chart: CourseChart
    rebases: tuple[NewBaseline, ...] = ()

    @property
    def says(self) -> str:
        """``improvement`` or ``concern`` where the latest figure is more than the usual ups and downs; else empty."""
        return (
            self.chart.variation if self.chart.variation in ("improvement", "concern") and not self.chart.reason else ""
        )


@remembered
def chart_outcome(selection: Selection, outcome: Outcome) -> Course | None:
    """Chart an outcome's course; None where no period has a figure.

    Limits are made of the shown figures and the numbers they rest on, which stand on the page as well: a period that is
    hidden is a gap, which they know nothing of.
    """
    frame = selection.own_frame("trend", outcome.id)
    if frame.empty:
        return None
    data = describe_trend(frame).data
    if data["estimate"].isna().all():
        return None
    better: Improvement = "down" if outcome.direction == "lower-is-better" else "up"
    periods = data["period"].astype(str).tolist()
    rebases = [one for one in selection.meta.rebases if one.practice_id == selection.practice_id]
    rebases = [one for one in rebases if one.subject == outcome.id and _place(periods, one) > 0]
    starts = np.isin(np.arange(len(periods)), [_place(periods, one) for one in rebases])
    values, n = data["estimate"].to_numpy(), data["n"].to_numpy(dtype=float)
    chart = chart_course(values, n, better=better, starts=starts)
    low, high = _ENDS.get(outcome.kind) or _scale_ends(selection, outcome)
    limits = pd.DataFrame(
        {
            "period": data["period"],
            "centre": chart.limits.centre,
            "limit_low": chart.limits.low.clip(low, high),
            "limit_high": chart.limits.high.clip(low, high),
            "signal": chart.signals,
        }
    )
    limits.loc[limits["limit_low"].isna(), "centre"] = float("nan")
    return Course(frame.merge(limits, on="period", how="left"), chart, tuple(rebases))


def _place(periods: list[str], rebase: NewBaseline) -> int:
    """The first period that begins on or after the day; -1 where the course has none. A month is written `2026-03`."""
    begins = [period if len(period) > 7 else f"{period}-01" for period in periods]
    return next((place for place, first in enumerate(begins) if first >= rebase.day), -1)


def _scale_ends(selection: Selection, outcome: Outcome) -> tuple[float, float]:
    scale = selection.journey.scales[outcome.scale or ""]
    return float(scale.min), float(scale.max)
