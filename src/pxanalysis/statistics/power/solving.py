"""Quantiles, and the sample size at which a power is reached."""

from __future__ import annotations

from collections.abc import Callable

from pxanalysis.errors import AnalysisError, NotEstimableError

__all__ = ["check_power", "quantiles", "solve_n"]

LARGEST_N = 1e8


def quantiles(alpha: float, power: float) -> float:
    """Sum of the normal quantiles of a two-sided test and its power, z_{1−α/2} + z_{power}."""
    from scipy.stats import norm

    return float(norm.ppf(1.0 - alpha / 2.0) + norm.ppf(power))


def check_power(alpha: float, power: float) -> None:
    """Refuse what is no chance, or a power below the size of the test.

    Raises
    ------
    AnalysisError
        By name.
    """
    if not 0 < alpha < 0.5:
        raise AnalysisError(f"alpha: expected a proportion above 0 and below .5 such as .05, received {alpha}.")
    if not alpha < power < 1:
        raise AnalysisError(f"power: expected a proportion above alpha ({alpha}) and below 1, received {power}.")


def solve_n(power_at: Callable[[float], float], power: float, low: float) -> float:
    """Unrounded n (above ``low``) at which an increasing power curve reaches ``power``; ``low`` when it does there.

    Raises
    ------
    NotEstimableError
        When no n up to 10⁸ is enough.
    """
    from scipy.optimize import brentq

    if power_at(low) >= power:
        return low
    high = 2.0 * low
    while power_at(high) < power:
        high *= 2.0
        if high > LARGEST_N:
            raise NotEstimableError("no sample of reasonable size reaches this power; the effect is too small.")
    return float(brentq(lambda n: power_at(n) - power, low, high, xtol=1e-9, rtol=1e-14))
