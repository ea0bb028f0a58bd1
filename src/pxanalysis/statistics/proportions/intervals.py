"""Intervals for means, shares and net shares, on arrays of any shape."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from scipy.special import ndtri, stdtrit

from pxanalysis.arrays import FloatArray

__all__ = [
    "adjusted_wald",
    "capped_effective_n",
    "difference_from_intervals",
    "kish_n",
    "score_interval",
    "t_interval",
    "weighted_from_intervals",
    "welch_interval",
    "wilson",
    "z_value",
]

Numbers: TypeAlias = FloatArray | float
Interval: TypeAlias = tuple[FloatArray, FloatArray]


def z_value(confidence: float) -> float:
    """Two-sided quantile of the normal distribution, 1.96 for .95."""
    return float(ndtri(0.5 + confidence / 2.0))


def t_quantile(df: Numbers, confidence: float) -> FloatArray:
    """Two-sided quantile of Student's t; NaN where ``df`` is not above 0."""
    degrees = np.asarray(df, dtype=np.float64)
    positive = degrees > 0
    return np.where(positive, stdtrit(np.where(positive, degrees, 1.0), 0.5 + confidence / 2.0), np.nan)


def wilson(share: Numbers, n: Numbers, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion (Wilson 1927; Newcombe 1998, method 3).

    Parameters
    ----------
    share, n
        Proportion 0-1 and the number of answers it rests on (may be an effective number); NaN where ``n`` is 0.

    Examples
    --------
    >>> low, high = wilson(81 / 263, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    return _score_limits(np.asarray(share, dtype=np.float64), np.asarray(n, dtype=np.float64), z_value(confidence))


def adjusted_wald(positive: Numbers, negative: Numbers, n: Numbers, confidence: float = 0.95) -> Interval:
    """Adjusted Wald interval for a net share such as the NPS (Rocks 2016, The American Statistician 70).

    Three answers are added, ¾ of them positive and ¾ negative; the interval lies around the net share of that larger
    sample and is cut off at ±1.

    Parameters
    ----------
    positive, negative
        Proportions 0-1 (of promoters and detractors).
    n
        Answers they rest on (may be an effective number); NaN where 0.

    Examples
    --------
    >>> low, high = adjusted_wald(0.5, 0.2, 40)
    >>> round(float(low), 3), round(float(high), 3)
    (0.046, 0.512)
    """
    size = _positive(n)
    larger = size + 3.0
    p = (np.asarray(positive, dtype=np.float64) * size + 0.75) / larger
    d = (np.asarray(negative, dtype=np.float64) * size + 0.75) / larger
    half = z_value(confidence) * np.sqrt((p + d - (p - d) ** 2) / larger)
    return np.clip(p - d - half, -1.0, 1.0), np.clip(p - d + half, -1.0, 1.0)


def t_interval(mean: Numbers, error: Numbers, df: Numbers, confidence: float = 0.95) -> Interval:
    """Mean ± t·error; NaN where there are no degrees of freedom or no spread (an error of 0 proves nothing)."""
    centre, width = np.asarray(mean, dtype=np.float64), np.asarray(error, dtype=np.float64)
    half = t_quantile(df, confidence) * np.where(width > 0, width, np.nan)
    return centre - half, centre + half


def score_interval(
    mean: Numbers, sd: Numbers, n: Numbers, confidence: float = 0.95, *, low: float = 0.0, high: float = 1.0
) -> Interval:
    """Interval for the mean of answers that lie between two ends, also where most are at one end.

    Wilson's interval on the effective number of answers p(1 − p)/s², p the mean as a share of the range, with
    Student's quantile: the values m at which |p − m| is t standard errors, when the variance of an answer follows
    the mean as φ·m(1 − m) (the quasi-binomial variance, McCullagh & Nelder 1989, section 4.5). Without any spread the
    answers count as if they were at the ends, the most that answers of this mean can vary.

    Near an end t intervals are too short on the other side, because a sample without the few low scores has a high
    mean and little spread: with touchpoint scores of three questions and a true mean of 95 of 100 they hold it in .88,
    .91 and .92 of samples of 10, 20 and 40 (these: .98, .95, .95); at a mean of 75 both hold it in .94 to .95.

    Parameters
    ----------
    mean, sd
        Of the answers, in the units of ``low`` and ``high``.
    n
        Answers; NaN below 2.

    Examples
    --------
    >>> bounds = score_interval(95.0, 9.0, 20, high=100.0)
    >>> [round(float(bound), 1) for bound in bounds]
    [88.9, 97.8]
    >>> [round(float(bound), 1) for bound in score_interval(100.0, 0.0, 20, high=100.0)]
    [82.0, 100.0]
    """
    share = np.clip((np.asarray(mean, dtype=np.float64) - low) / (high - low), 0.0, 1.0)
    spread = (np.asarray(sd, dtype=np.float64) / (high - low)) ** 2
    answers = np.asarray(n, dtype=np.float64)
    most = share * (1.0 - share)
    some = (spread > 1e-20) & (most > 0)
    effective = answers * np.where(some, most / np.where(some, spread, 1.0), 1.0)
    below, above = _score_limits(share, effective, t_quantile(answers - 1.0, confidence))
    return low + (high - low) * below, low + (high - low) * above


def _score_limits(share: FloatArray, n: FloatArray, quantile: Numbers) -> Interval:
    """Shares from which the observed one is ``quantile`` standard errors away."""
    size, square = _positive(n), np.asarray(quantile) ** 2
    centre = share + square / (2 * size)
    half = np.asarray(quantile) * np.sqrt(share * (1 - share) / size + square / (4 * size**2))
    scale = 1 + square / size
    low, high = np.clip((centre - half) / scale, 0.0, 1.0), np.clip((centre + half) / scale, 0.0, 1.0)
    return np.where(share == 0, low * 0.0, low), np.where(share == 1, high * 0.0 + 1.0, high)


def welch_interval(
    first: Interval, second: Interval, df: Interval, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Interval of the difference second − first of two independent means (Welch 1947, Satterthwaite's df).

    Parameters
    ----------
    first, second
        (mean, standard error) of each.
    df
        Degrees of freedom of the two standard errors.
    """
    v1, v2 = first[1] ** 2, second[1] ** 2
    total = v1 + v2
    spread = np.where((df[0] > 0) & (df[1] > 0) & (total > 0), total, np.nan)
    freedom = spread**2 / (v1**2 / np.maximum(df[0], 1.0) + v2**2 / np.maximum(df[1], 1.0))
    return t_interval(second[0] - first[0], np.sqrt(spread), freedom, confidence)


def difference_from_intervals(
    first: tuple[FloatArray, FloatArray, FloatArray], second: tuple[FloatArray, FloatArray, FloatArray]
) -> Interval:
    """Interval of the difference second − first, from (estimate, low, high) of two independent samples.

    Square-and-add (MOVER, Zou & Donner 2008); with Wilson limits it is Newcombe's (1998) hybrid score interval,
    his method 10.
    """
    (one, low1, high1), (two, low2, high2) = first, second
    gap = two - one
    return gap - np.hypot(two - low2, high1 - one), gap + np.hypot(high2 - two, one - low1)


def weighted_from_intervals(
    weights: FloatArray, estimate: FloatArray, low: FloatArray, high: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(estimate, low, high) of Σ w·estimate of independent samples, all of shape (samples,), for weights >= 0.

    Square-and-add (MOVER, Zou & Donner 2008) for a linear combination of parameters.

    Examples
    --------
    >>> half, figures = np.array([0.5, 0.5]), np.array([8.0, 9.0])
    >>> [round(float(one), 3) for one in weighted_from_intervals(half, figures, figures - 0.3, figures + 0.4)]
    [8.5, 8.288, 8.783]
    """
    middle = np.asarray(weights @ estimate)
    below = np.sqrt(np.sum((weights * (estimate - low)) ** 2))
    return middle, middle - below, middle + np.sqrt(np.sum((weights * (high - estimate)) ** 2))


def kish_n(sum_weights: Numbers, sum_squares: Numbers) -> FloatArray:
    """Kish's (1965) effective number of answers (Σw)²/Σw²; 0 where all weights are 0.

    Examples
    --------
    >>> float(kish_n(1 + 1 + 2, 1 + 1 + 4).round(4))
    2.6667
    """
    mass, squares = np.asarray(sum_weights, dtype=np.float64), np.asarray(sum_squares, dtype=np.float64)
    return np.where(squares > 0, mass**2 / np.where(squares > 0, squares, 1.0), 0.0)


def capped_effective_n(
    variance: FloatArray, error: FloatArray, df: FloatArray, at_most: FloatArray, confidence: float
) -> FloatArray:
    """Answers of a simple random sample that would be as precise as a clustered one.

    The variance of one answer over the squared cluster-robust error, brought down for few clusters by (z/t_df)²
    (Korn & Graubard 1998) and never above ``at_most`` (Parker et al. 2017, NCHS standards for proportions); where
    all answers are equal there is no error to compare with and it is ``at_most``.
    """
    usable = (error > 0) & (df > 0)
    raw = variance / np.where(usable, error, 1.0) ** 2 * (z_value(confidence) / t_quantile(df, confidence)) ** 2
    return np.where(usable, np.minimum(raw, at_most), at_most)


def _positive(n: Numbers) -> FloatArray:
    size = np.asarray(n, dtype=np.float64)
    return np.where(size > 0, size, np.nan)
