"""Statistical process control of a course over time: limits, signals of a special cause, what the last point says.

Three charts: XmR (all periods rest on equally many), I' for means on unequal numbers (normalised individuals chart), p'
for shares (Laney 2002). Limits follow NHS England's *Making Data Count* (``NHSRplotthedots``): 2.66 times the mean
moving range, screened once for moving ranges of more than 3.267 times the mean (Nelson 1982). Rules, in order; the
first that fits labels a point:

1. ``outside`` the limits;
2. ``trend``: seven points that rise, or fall, each from the one before;
3. ``two-of-three`` consecutive points beyond two thirds of the limits but not outside, all three on one side;
4. ``shift``: seven consecutive points on one side of the centre.

A period without a figure is a gap: no moving range is taken across it, and no run goes through it or through the start
of a new baseline.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.errors import AnalysisError

__all__ = [
    "RUN",
    "Assurance",
    "ControlLimits",
    "Improvement",
    "Signal",
    "Variation",
    "i_prime_limits",
    "judge_target",
    "judge_variation",
    "label_points",
    "p_prime_limits",
    "xmr_limits",
]

Signal = Literal["", "outside", "trend", "two-of-three", "shift"]
Improvement = Literal["up", "down", "neutral"]
"""Which way is better; ``neutral``: neither."""

Variation = Literal["common cause", "improvement", "concern", "change"]
"""What the latest point says; ``change`` where no direction is better."""

Assurance = Literal["", "pass", "fail", "hit or miss"]
"""Whether the target is met as things stand: always, never, or by chance; empty without target or limits."""

RUN = 7
"""Points of a shift, and of a trend."""

_XMR, _NEAR = 2.66, 2.0 / 3.0
_SCREEN, _SCREEN_I = 3.267, 3.2665
"""Moving ranges beyond this many means are left out, once (Nelson 1982); 3.2665 is of the normalised chart."""

_D2 = 1.128
"""Mean range of two normal values, in standard deviations."""


@dataclass(frozen=True, slots=True, eq=False)
class ControlLimits:
    """Centre and limits per period.

    Attributes
    ----------
    centre, low, high, near_low, near_high
        Shape (T,), in the unit of the values; ``near`` at two thirds of the way. NaN where there are none.
    sigma_z
        Of p': how many times as much the shares vary as chance alone would have them; NaN of other charts.
    """

    centre: FloatArray
    low: FloatArray
    high: FloatArray
    near_low: FloatArray
    near_high: FloatArray
    sigma_z: float = float("nan")


def xmr_limits(values: FloatArray, *, baseline: int | None = None, screened: bool = True) -> ControlLimits:
    """Limits of an XmR chart: mean ± 2.66 x the mean moving range of consecutive periods.

    Parameters
    ----------
    values
        Shape (T,), NaN for a period without a figure.
    baseline
        How many of the first figures the limits rest on; None: all.
    screened
        Whether moving ranges above 3.267 times their mean are left out, once.

    Returns
    -------
    NaN limits where no two consecutive periods have a figure. Without any variation the limits equal the centre.

    Examples
    --------
    >>> limits = xmr_limits(np.array([80.0, 82.0, 81.0, 79.0, 80.0]))
    >>> round(float(limits.centre[0]), 2), round(float(limits.high[0]), 2)
    (80.4, 84.39)
    """
    base = _baseline(values, baseline)
    known = base[np.isfinite(base)]
    centre = float(known.mean()) if known.size else np.nan
    ranges = np.abs(np.diff(base))
    half = _XMR * _screened_mean(ranges, _SCREEN if screened else np.inf)
    return _around(np.full(len(values), centre), np.full(len(values), half))


def i_prime_limits(
    means: FloatArray, n: FloatArray, *, baseline: int | None = None, screened: bool = False
) -> ControlLimits:
    """Limits of an I' chart: of means on unequal numbers of answers.

    s_i = √(π/2) |x_i − x_(i−1)| / √(1/n_i + 1/n_(i−1)), S their mean (screened at 3.2665 S), limits m ± 3 S/√n_i around
    the mean of all answers. With equal n this is an XmR chart.

    Parameters
    ----------
    means, n
        Shape (T,): means, NaN for a period without a figure, and the answers each rests on.
    baseline, screened
        As of `xmr_limits`. Screening is off: with it 10 to 12 % of stable courses of 24 months have a point outside,
        without it 6 %.

    Raises
    ------
    AnalysisError
        When a period with a figure rests on no answers.
    """
    means, n = np.asarray(means, dtype=np.float64), np.asarray(n, dtype=np.float64)
    known = np.isfinite(means)
    if (known & ~(n > 0)).any():
        raise AnalysisError("n: a period with a mean has no answers; give each period the number it rests on.")
    base = _baseline(means, baseline)
    used = np.isfinite(base)
    weight = np.where(used, n[: len(base)], 0.0)
    centre = float((np.where(used, base, 0.0) * weight).sum() / weight.sum()) if used.any() else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(1.0 / weight[1:] + 1.0 / weight[:-1])
        ranges = np.sqrt(np.pi / 2.0) * np.abs(np.diff(base)) / spread
        half = 3.0 * _screened_mean(ranges, _SCREEN_I if screened else np.inf) / np.sqrt(n)
    return _around(np.full(len(means), centre), np.where(n > 0, half, np.nan))


def p_prime_limits(
    counts: FloatArray, n: FloatArray, *, baseline: int | None = None, screened: bool = True, plain: bool = False
) -> ControlLimits:
    """Limits of a p' chart: of shares, as wide as they vary and not as chance alone would have them (Laney 2002).

    p = Σy/Σn, sd_i = √(p(1−p)/n_i), z_i = (p_i − p)/sd_i, σ_z = mean|z_i − z_(i−1)|/1.128; limits p ± 3 σ_z sd_i,
    cut to 0 and 1.

    Parameters
    ----------
    counts, n
        Shape (T,): how many of how many; NaN counts for a period without a figure.
    plain
        The usual p chart (σ_z = 1).

    Returns
    -------
    NaN limits where nobody or everybody counts.
    """
    counts, n = np.asarray(counts, dtype=np.float64), np.asarray(n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = counts / n
    base = _baseline(shares, baseline)
    used = np.isfinite(base)
    total = float(n[: len(base)][used].sum())
    centre = float(counts[: len(base)][used].sum() / total) if total > 0 else np.nan
    if not 0.0 < centre < 1.0:
        none = np.full(len(shares), np.nan)
        return ControlLimits(np.full(len(shares), centre), none, none, none, none)
    deviation = np.sqrt(centre * (1.0 - centre) / np.where(n > 0, n, np.nan))
    scores = (base - centre) / deviation[: len(base)]
    sigma = 1.0 if plain else _screened_mean(np.abs(np.diff(scores)), _SCREEN if screened else np.inf) / _D2
    limits = _around(np.full(len(shares), centre), 3.0 * sigma * deviation)
    cut = {name: np.clip(getattr(limits, name), 0.0, 1.0) for name in ("low", "high", "near_low", "near_high")}
    return ControlLimits(limits.centre, **cut, sigma_z=float(sigma))


def _baseline(values: FloatArray, count: int | None) -> FloatArray:
    """The first periods, as far as the ``count``-th figure."""
    values = np.asarray(values, dtype=np.float64)
    if count is None:
        return values
    known = np.flatnonzero(np.isfinite(values))
    return values[: known[count - 1] + 1] if len(known) >= count else values


def _screened_mean(ranges: FloatArray, times: float) -> float:
    """Mean of the moving ranges, without those above ``times`` the mean; 0 where nothing varies, NaN without any."""
    known = ranges[np.isfinite(ranges)]
    if not known.size:
        return np.nan
    mean = float(known.mean())
    kept = known[known < times * mean]
    return float(kept.mean()) if kept.size else mean


def _around(centre: FloatArray, half: FloatArray) -> ControlLimits:
    return ControlLimits(centre, centre - half, centre + half, centre - _NEAR * half, centre + _NEAR * half)


def label_points(values: FloatArray, limits: ControlLimits, starts: BoolArray | None = None) -> list[Signal]:
    """Label each period with the first rule that fits it; empty where there is no signal.

    Parameters
    ----------
    values
        Shape (T,), NaN for a gap.
    starts
        Shape (T,): whether a new baseline starts here; no run goes through.

    Examples
    --------
    >>> values = np.array([80.0, 81.0, 80.0, 81.0, 80.0, 95.0])
    >>> label_points(values, xmr_limits(values, baseline=5))
    ['', '', '', '', '', 'outside']
    """
    labels: list[Signal] = [""] * len(values)
    for part in _stretches(values, starts):
        for place, label in zip(range(part.start, part.stop), _label_stretch(values[part], limits, part), strict=True):
            labels[place] = label
    return labels


def _stretches(values: FloatArray, starts: BoolArray | None) -> Iterator[slice]:
    """Runs of periods without a gap and without the start of a baseline inside."""
    begun = np.zeros(len(values), dtype=bool) if starts is None else np.asarray(starts, dtype=bool)
    first: int | None = None
    for place, known in enumerate(np.isfinite(values)):
        if first is not None and (not known or begun[place]):
            yield slice(first, place)
            first = None
        if known and first is None:
            first = place
    if first is not None:
        yield slice(first, len(values))


def _label_stretch(values: FloatArray, limits: ControlLimits, part: slice) -> list[Signal]:
    outside = (values > limits.high[part]) | (values < limits.low[part])
    near = ~outside & ((values > limits.near_high[part]) | (values < limits.near_low[part]))
    side = np.sign(values - limits.centre[part])
    trend = _in_runs(np.sign(np.diff(values)), RUN - 1, extra=1)
    pairs = np.zeros(len(values), dtype=bool)
    for first in range(len(values) - 2):
        window = slice(first, first + 3)
        if near[window].sum() >= 2 and abs(side[window].sum()) == 3:
            pairs[window] |= near[window]
    rules: tuple[tuple[Signal, BoolArray], ...] = (
        ("outside", outside),
        ("trend", trend),
        ("two-of-three", pairs),
        ("shift", _in_runs(side, RUN)),
    )
    return [next((name for name, fits in rules if fits[place]), "") for place in range(len(values))]


def _in_runs(signs: FloatArray, length: int, extra: int = 0) -> BoolArray:
    """Which places are in a run of at least that many equal signs; ``extra`` places follow the last sign."""
    found = np.zeros(len(signs) + extra, dtype=bool)
    for first in range(len(signs) - length + 1):
        if abs(signs[first : first + length].sum()) == length:
            found[first : first + length + extra] = True
    return found


def judge_variation(
    values: FloatArray, limits: ControlLimits, labels: list[Signal], better: Improvement
) -> tuple[Variation, Literal["", "high", "low"]]:
    """Say what the latest figure is: common cause, improvement or concern, and whether it is high or low.

    Only the latest point counts: of 24 points of a stable course 18 % show a signal somewhere, 1–3 % at the latest.
    """
    known = np.flatnonzero(np.isfinite(values))
    if not known.size or not labels[known[-1]]:
        return "common cause", ""
    last = known[-1]
    up = values[last] > values[last - 1] if labels[last] == "trend" else values[last] > limits.centre[last]
    side: Literal["high", "low"] = "high" if up else "low"
    if better == "neutral":
        return "change", side
    return ("improvement" if up == (better == "up") else "concern"), side


def judge_target(limits: ControlLimits, target: float | None, better: Improvement) -> Assurance:
    """Say whether a target is met as things stand, from the latest limits: ``pass``, ``fail`` or ``hit or miss``."""
    known = np.flatnonzero(np.isfinite(limits.low) & np.isfinite(limits.high))
    if target is None or not known.size or better == "neutral":
        return ""
    low, high = limits.low[known[-1]], limits.high[known[-1]]
    if low <= target <= high and not (low == high and target != low):
        return "hit or miss"
    return "fail" if (target > high) == (better == "up") else "pass"
