"""The last twelve months beside the twelve before them, from the figures of months or quarters that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.statistics.proportions.intervals import difference_from_intervals, weighted_from_intervals

__all__ = ["YearChange", "compare_years"]

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class YearChange:
    """Two years of a course, each the answers of its shown periods together.

    Attributes
    ----------
    last, before
        The figure of the last twelve months and of the twelve before, in the unit of the course.
    low, high
        Interval of last − before, of the confidence that the periods' intervals have.
    whole
        Whether every period of both years has a figure; else only those count that have one in both.
    n_last, n_before
        Answers they rest on.
    until
        The period that the last year ends with: the last with a figure, which need not be the last with answers.
    """

    last: float
    before: float
    low: float
    high: float
    whole: bool
    n_last: float
    n_before: float
    until: str

    @property
    def direction(self) -> str:
        """``higher`` or ``lower`` where that is more than chance, else ``same``."""
        return "higher" if self.low > 0.0 else "lower" if self.high < 0.0 else "same"


def compare_years(
    periods: Sequence[str], n: FloatArray, estimate: FloatArray, low: FloatArray, high: FloatArray
) -> YearChange | None:
    """Compare the year up to the last figure with the year before it; None where they share less than half of a year.

    A period counts where it has a figure in both years: whole years beside a spring and summer would tell the season
    as a change. A year's figure is the mean of its periods' figures by their answers, which for a mean or a net share
    is the figure of all those answers; so it says nothing that the periods do not. Its interval is theirs combined, and
    that of the difference follows from the two years' (square-and-add: MOVER, Zou & Donner 2008), since other patients
    answer in each period.

    Parameters
    ----------
    periods
        Months (``2026-03``) or first days of quarters (``2026-04-01``), ascending.
    n, estimate, low, high
        Of shape (periods,): answers, figure and its interval; NaN where hidden or absent.
    """
    known = np.isfinite(estimate) & np.isfinite(low) & np.isfinite(high) & (np.nan_to_num(n) > 0)
    if not known.any():
        return None
    place = np.array([_MONTHS * int(one[:4]) + int(one[5:7]) - 1 for one in periods], dtype=np.int64)
    length = 1 if len(periods[0]) == len("2026-03") else 3
    end = place[known].max() + length
    years = [known & (place >= end - k * _MONTHS) & (place < end - (k - 1) * _MONTHS) for k in (1, 2)]
    shared = np.intersect1d(place[years[0]] - _MONTHS, place[years[1]])
    years = [one & np.isin(place, shared + later) for one, later in zip(years, (_MONTHS, 0), strict=True)]
    needed = _MONTHS // length
    if 2 * shared.size < needed:
        return None
    last, before = (_year(one, n, estimate, low, high) for one in years)
    ends = difference_from_intervals(before, last)
    return YearChange(
        last=float(last[0]),
        before=float(before[0]),
        low=float(ends[0]),
        high=float(ends[1]),
        whole=shared.size == needed,
        n_last=float(n[years[0]].sum()),
        n_before=float(n[years[1]].sum()),
        until=periods[int(np.flatnonzero(known)[-1])],
    )


def _year(
    within: BoolArray, n: FloatArray, estimate: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    weights = n[within] / n[within].sum()
    return weighted_from_intervals(weights, estimate[within], low[within], high[within])
