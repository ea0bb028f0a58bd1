"""Net scores (promoters minus detractors): one, two of different people, and two of the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.proportions.intervals import z_value

__all__ = ["NetDifference", "NetScore", "compare_net_scores", "estimate_net_score", "paired_net_difference"]

PairedInterval = Literal["bonett-price", "rocks", "wald", "t"]


@dataclass(frozen=True, slots=True)
class NetScore:
    """A net score, −1…1.

    Attributes
    ----------
    n, positive, negative
        People, and how many count +1 and −1.
    estimate, std_error
        p − d and √(p + d − (p − d)²)/√n.
    adjusted, adjusted_error
        The same after 3 people are added, ¾ of them positive and ¾ negative (Rocks 2016,
        doi:10.1080/00031305.2016.1158124).
    """

    n: int
    positive: int
    negative: int
    estimate: float
    std_error: float
    adjusted: float
    adjusted_error: float

    def interval(self, confidence: float = 0.95, *, adjusted: bool = True) -> tuple[float, float]:
        """Adjusted Wald (or plain Wald) interval, cut off at ±1."""
        centre, error = (self.adjusted, self.adjusted_error) if adjusted else (self.estimate, self.std_error)
        half = z_value(confidence) * error
        return max(-1.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True, slots=True)
class NetDifference:
    """Difference of two net scores.

    Attributes
    ----------
    n
        People (of both groups together, when they are different people).
    estimate, std_error
        Second minus first; the error without adjustment.
    ci_low, ci_high
        Interval.
    """

    n: int
    estimate: float
    std_error: float
    ci_low: float
    ci_high: float


def _spread(positive: float, negative: float, n: float) -> float:
    return float(np.sqrt(max(positive + negative - (positive - negative) ** 2, 0.0) / n))


def estimate_net_score(classes: FloatArray) -> NetScore:
    """Net score of classes −1, 0 and 1 of shape (n,).

    Examples
    --------
    >>> found = estimate_net_score(np.array([1.0, 1, 1, 0, -1]))
    >>> found.estimate, [round(limit, 3) for limit in found.interval()]
    (0.4, [-0.298, 0.798])
    """
    n = classes.size
    if n == 0:
        raise AnalysisError("a net score takes at least one answer; there are none.")
    p, d = int((classes > 0).sum()), int((classes < 0).sum())
    larger = n + 3.0
    adjusted = (p + 0.75) / larger, (d + 0.75) / larger
    return NetScore(
        n=n,
        positive=p,
        negative=d,
        estimate=(p - d) / n,
        std_error=_spread(p / n, d / n, n),
        adjusted=adjusted[0] - adjusted[1],
        adjusted_error=_spread(*adjusted, larger),
    )


def compare_net_scores(
    first: NetScore, second: NetScore, confidence: float = 0.95, *, adjusted: bool = True
) -> NetDifference:
    """Second minus first, of different people: the root of the summed squared (adjusted) errors."""
    plain = float(np.hypot(first.std_error, second.std_error))
    if adjusted:
        centre, error = second.adjusted - first.adjusted, float(np.hypot(first.adjusted_error, second.adjusted_error))
    else:
        centre, error = second.estimate - first.estimate, plain
    half = z_value(confidence) * error
    return NetDifference(
        first.n + second.n, second.estimate - first.estimate, plain, max(-2.0, centre - half), min(2.0, centre + half)
    )


def paired_net_difference(
    first: FloatArray, second: FloatArray, confidence: float = 0.95, interval: PairedInterval = "bonett-price"
) -> NetDifference:
    """Net score of ``second`` minus that of ``first`` in the same people, classes −1, 0, 1 of shape (n,).

    With S the sum of the differences and Q that of their squares (people who moved one class + 4 × those who moved
    two), the variance of the difference is (Q/n − (S/n)²)/n. ``bonett-price``: n + 2 and Q + 2, after Bonett & Price's
    device for paired proportions; in 168 simulated scenarios it held .941 or more where plain Wald fell to .886.

    Parameters
    ----------
    interval
        ``bonett-price`` (advised), ``rocks`` (n + 3, Q + 3), ``wald`` or ``t`` (n − 1 degrees of freedom).

    Examples
    --------
    >>> found = paired_net_difference(np.array([1.0, 0, -1, 0]), np.array([1.0, 1, 1, 0]))
    >>> found.estimate, round(found.ci_low, 3), round(found.ci_high, 3)
    (0.75, -0.266, 1.266)
    """
    from scipy.stats import t

    d = second - first
    n, s, q = d.size, float(d.sum()), float((d**2).sum())
    if n < 2:
        raise AnalysisError(f"a paired difference takes at least two people, found {n}.")
    plain = float(np.sqrt(max(q / n - (s / n) ** 2, 0.0) / n))
    extra = {"bonett-price": 2.0, "rocks": 3.0, "wald": 0.0, "t": 0.0}[interval]
    size = n + extra
    error = float(np.sqrt(max((q + extra) / size - (s / size) ** 2, 0.0) / size))
    reach = z_value(confidence)
    if interval == "t":
        reach, error = float(t.ppf(0.5 + confidence / 2.0, n - 1)), error * float(np.sqrt(n / (n - 1.0)))
    low, high = s / size - reach * error, s / size + reach * error
    return NetDifference(n, s / n, plain, max(-2.0, low), min(2.0, high))
