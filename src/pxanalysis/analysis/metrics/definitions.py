"""What each metric of an outcome is: which answers count as what, on which scale it is defined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.conventions import DETRACTORS_TO, PROMOTERS_FROM

if TYPE_CHECKING:
    from pxanalysis.journey.model import Journey, Outcome

__all__ = ["METRICS", "Metric", "MetricForm", "MetricUnit", "metrics_of"]

MetricForm = Literal["mean", "share", "net", "median"]
MetricUnit = Literal["grade", "scale", "proportion", "net"]

METRICS: dict[str, tuple[str, ...]] = {
    "ktv": ("mean", "top2", "insufficient", "top_box", "median", "ceiling"),
    "nps": ("net", "promoters", "passives", "detractors", "mean", "median", "ceiling"),
    "ces": ("mean", "low_effort", "net_easy", "high_effort", "median", "ceiling"),
    "behaviour": ("share",),
}
"""Metrics per kind of outcome, in the order in which they are listed."""

Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of one outcome.

    Attributes
    ----------
    name, unit
        ``unit``: ``grade`` (KTV) or ``scale`` (answers as given), ``proportion`` (0-1), ``net`` (difference of two
        proportions, −1…1; times 100 it is the customary NPS).
    form
        What kind of number it is, which decides on the interval.
    positive, negative
        Lowest and highest answer counted as 1 and as −1 (shares and nets).
    low, high
        Ends of the answer scale; intervals of means are cut off there.
    note
        What a reader has to know about the definition, added to the method.
    reason
        Why it is not defined for this outcome, or "".
    """

    name: str
    unit: MetricUnit
    form: MetricForm
    positive: Band = (np.inf, -np.inf)
    negative: Band = (np.inf, -np.inf)
    low: float = -np.inf
    high: float = np.inf
    note: str = ""
    reason: str = ""

    def values(self, answers: FloatArray) -> FloatArray:
        """Turn answers of shape (n,) into what is averaged: themselves, 0/1, or −1/0/1; NaN stays NaN."""
        if self.form in {"mean", "median"}:
            return answers
        counted = _within(answers, self.positive) - _within(answers, self.negative)
        return np.where(np.isfinite(answers), counted, np.nan)


def _within(answers: FloatArray, band: Band) -> FloatArray:
    return ((answers >= band[0]) & (answers <= band[1])).astype(np.float64)


def metrics_of(outcome: Outcome, journey: Journey) -> tuple[Metric, ...]:
    """Return the metrics of an outcome, in the order of :data:`METRICS`.

    KTV: mean, share 9-10, share insufficient (5 or lower). NPS: promoters 9-10, detractors 6 or lower, also where it
    was asked on 1-10 (then said in the method). CES: answers on the easy side of the middle of the scale are low
    effort, those on the other side high effort; which side is easy the journey says (``direction``). ``top_box`` is
    the highest answer, ``ceiling`` the best answer.
    """
    if outcome.kind == "behaviour":
        return (Metric("share", "proportion", "share", positive=(1, 1), low=0, high=1),)
    scale = journey.scales[str(outcome.scale)]
    low, high = float(scale.min), float(scale.max)
    table = {"ktv": _ktv, "nps": _nps, "ces": _ces}[outcome.kind](low, high, outcome.direction == "lower-is-better")
    return tuple(table[name] for name in METRICS[outcome.kind])


def _common(low: float, high: float, unit: MetricUnit, *, lower: bool, note: str = "") -> dict[str, Metric]:
    best = (low, low) if lower else (high, high)
    return {
        "mean": Metric("mean", unit, "mean", low=low, high=high, note=note),
        "median": Metric("median", unit, "median", low=low, high=high, note=note),
        "ceiling": Metric("ceiling", "proportion", "share", positive=best, note=note),
    }


def _ktv(low: float, high: float, lower: bool) -> dict[str, Metric]:
    ten = high == 10 and low in {0, 1} and not lower
    reason = "" if ten else f"defined for grades up to 10; this question was answered on {low:g}-{high:g}"
    return _common(low, high, "grade", lower=lower) | {
        "top2": Metric("top2", "proportion", "share", positive=(9, 10), reason=reason),
        "insufficient": Metric("insufficient", "proportion", "share", positive=(low, 5), reason=reason),
        "top_box": Metric("top_box", "proportion", "share", positive=(high, high)),
    }


def _nps(low: float, high: float, lower: bool) -> dict[str, Metric]:
    ten = high == 10 and low in {0, 1} and not lower
    reason = "" if ten else f"defined for answers from 0 to 10; this question was answered on {low:g}-{high:g}"
    note = "asked on 1-10 instead of 0-10" if ten and low == 1 else ""
    bands = {
        "promoters": (PROMOTERS_FROM, 10),
        "passives": (DETRACTORS_TO + 1, PROMOTERS_FROM - 1),
        "detractors": (low, DETRACTORS_TO),
    }
    shares = {
        name: Metric(name, "proportion", "share", positive=band, note=note, reason=reason)
        for name, band in bands.items()
    }
    net = Metric(
        "net", "net", "net", positive=bands["promoters"], negative=bands["detractors"], note=note, reason=reason
    )
    return _common(low, high, "scale", lower=lower, note=note) | shares | {"net": net}


def _ces(low: float, high: float, lower: bool) -> dict[str, Metric]:
    middle = (low + high) / 2
    above, below = (np.nextafter(middle, high), high), (low, np.nextafter(middle, low))
    easy, hard = (below, above) if lower else (above, below)
    note = "a low answer is little effort" if lower else "a high answer is little effort"
    return _common(low, high, "scale", lower=lower, note=note) | {
        "low_effort": Metric("low_effort", "proportion", "share", positive=easy),
        "high_effort": Metric("high_effort", "proportion", "share", positive=hard),
        "net_easy": Metric("net_easy", "net", "net", positive=easy, negative=hard),
    }
