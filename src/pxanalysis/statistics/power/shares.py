"""Power for shares and net scores of two practices, and the precision of one net score."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.power.solving import check_power, quantiles, solve_n

__all__ = [
    "ShareMethod",
    "n_for_net_difference",
    "n_for_net_margin",
    "n_for_shares",
    "power_net_difference",
    "power_shares",
]

ShareMethod = Literal["arcsine", "pooled", "unpooled", "continuity"]
Counts = tuple[float, float]


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise AnalysisError(f"{name}: expected a proportion from 0 to 1, received {share}.")


def _net_variance(name: str, counts: Counts) -> float:
    positive, negative = counts
    _check_shares(**{f"{name}: promoters": positive, f"{name}: detractors": negative})
    if positive + negative > 1 + 1e-12:
        raise AnalysisError(f"{name}: promoters and detractors sum to {positive + negative:.2f}; expected at most 1.")
    return positive + negative - (positive - negative) ** 2


def n_for_shares(
    first: float, second: float, power: float = 0.8, alpha: float = 0.05, method: ShareMethod = "pooled"
) -> float:
    """People per practice (unrounded) for which two shares are told apart.

    Parameters
    ----------
    method
        ``pooled``: variance pooled under equality and separate otherwise (Fleiss 1981; R's power.prop.test);
        ``arcsine``: Cohen's h (statsmodels); ``unpooled``: Wald; ``continuity``: ``pooled`` with Fleiss's correction.

    Examples
    --------
    >>> [round(n_for_shares(0.45, 0.60, method=name), 1) for name in ("pooled", "arcsine", "unpooled", "continuity")]
    [172.8, 172.7, 170.1, 185.9]
    """
    from scipy.stats import norm
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    check_power(alpha, power)
    _check_shares(first=first, second=second)
    gap = abs(first - second)
    if gap == 0:
        raise AnalysisError("first and second: expected two different shares; no sample tells equals apart.")
    if method == "arcsine":
        return float(NormalIndPower().solve_power(proportion_effectsize(first, second), power=power, alpha=alpha))
    apart = first * (1.0 - first) + second * (1.0 - second)
    if method == "unpooled":
        return quantiles(alpha, power) ** 2 * apart / gap**2
    mean = (first + second) / 2.0
    reach = norm.ppf(1.0 - alpha / 2.0) * np.sqrt(2.0 * mean * (1.0 - mean)) + norm.ppf(power) * np.sqrt(apart)
    n = float((reach / gap) ** 2)
    return n if method == "pooled" else n / 4.0 * float(1.0 + np.sqrt(1.0 + 4.0 / (n * gap))) ** 2


def power_shares(first: float, second: float, n: float, alpha: float = 0.05) -> float:
    """Chance that two shares of n people each are told apart (pooled under equality, both tails; statsmodels)."""
    from statsmodels.stats.proportion import power_proportions_2indep

    _check_shares(first=first, second=second)
    return float(power_proportions_2indep(first - second, second, n, alpha=alpha).power)


def n_for_net_difference(first: Counts, second: Counts, power: float = 0.8, alpha: float = 0.05) -> float:
    """People per practice (unrounded) for which two net scores are told apart (normal, unpooled).

    Parameters
    ----------
    first, second
        Shares of promoters and detractors in each practice.

    Examples
    --------
    >>> round(n_for_net_difference((0.45, 0.20), (0.60, 0.12)), 1)
    159.8
    """
    check_power(alpha, power)
    variance = _net_variance("first", first) + _net_variance("second", second)
    gap = (first[0] - first[1]) - (second[0] - second[1])
    if gap == 0:
        raise AnalysisError("first and second: expected two different net scores; no sample tells equals apart.")
    return float(quantiles(alpha, power) ** 2 * variance / gap**2)


def power_net_difference(first: Counts, second: Counts, n: float, alpha: float = 0.05) -> float:
    """Chance that two net scores of n people each are told apart in the true direction (normal, unpooled)."""
    from scipy.stats import norm

    variance = _net_variance("first", first) + _net_variance("second", second)
    gap = abs((first[0] - first[1]) - (second[0] - second[1]))
    return float(norm.cdf(gap / np.sqrt(variance / n) - norm.ppf(1.0 - alpha / 2.0)))


def n_for_net_margin(margin: float, counts: Counts, confidence: float = 0.95, *, adjusted: bool = True) -> float:
    """People (unrounded) for which the interval of a net score is ± ``margin`` (0.10 is ten NPS points).

    Parameters
    ----------
    adjusted
        The adjusted Wald interval (Rocks 2016), which the package reports; else plain Wald, z²·Var/m².

    Examples
    --------
    >>> round(n_for_net_margin(0.10, (0.45, 0.20)), 2), round(n_for_net_margin(0.10, (0.45, 0.20), adjusted=False), 2)
    (222.55, 225.69)
    """
    from scipy.stats import norm

    if not 0 < margin < 1:
        raise AnalysisError(f"margin: expected more than 0 and less than 1 (0.10 is ten points), received {margin}.")
    z = float(norm.ppf(0.5 + confidence / 2.0))
    variance = _net_variance("counts", counts)
    if not adjusted:
        return z**2 * variance / margin**2

    def narrowness(n: float) -> float:
        p, d = (counts[0] * n + 0.75) / (n + 3.0), (counts[1] * n + 0.75) / (n + 3.0)
        return -z * float(np.sqrt((p + d - (p - d) ** 2) / (n + 3.0)))

    return solve_n(narrowness, -margin, 1.0)
