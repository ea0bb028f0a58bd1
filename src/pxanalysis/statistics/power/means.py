"""Power for differences of means: two groups, and one group twice (statsmodels, noncentral t)."""

from __future__ import annotations

import numpy as np

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.power.solving import check_power

__all__ = ["n_for_means", "n_for_paired_means", "power_means"]


def _check_effect(effect: float) -> None:
    if effect == 0 or not np.isfinite(effect):
        raise AnalysisError(f"effect: expected a difference other than 0 in standard deviations, received {effect}.")


def power_means(effect: float, n_first: float, n_second: float, alpha: float = 0.05) -> float:
    """Chance that two means that differ by ``effect`` standard deviations are told apart (two-sample t).

    Examples
    --------
    >>> round(power_means(0.5 / 1.4, 40, 80), 4)
    0.4481
    """
    from statsmodels.stats.power import TTestIndPower

    _check_effect(effect)
    return float(TTestIndPower().power(abs(effect), n_first, alpha, ratio=n_second / n_first))


def n_for_means(effect: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """People per group (unrounded) for two means of equal groups.

    Examples
    --------
    >>> round(n_for_means(0.5 / 1.4), 2)
    124.04
    """
    from statsmodels.stats.power import TTestIndPower

    check_power(alpha, power)
    _check_effect(effect)
    return float(TTestIndPower().solve_power(abs(effect), power=power, alpha=alpha))


def n_for_paired_means(
    difference: float, sd: float, correlation: float, power: float = 0.8, alpha: float = 0.05
) -> float:
    """People (unrounded) asked twice, for a change of ``difference`` in units of ``sd``.

    Parameters
    ----------
    correlation
        Of the two occasions: the closer they go together, the fewer people it takes.

    Examples
    --------
    >>> round(n_for_paired_means(0.3, 1.4, 0.7), 2)
    104.5
    """
    from statsmodels.stats.power import TTestPower

    check_power(alpha, power)
    effect = difference / (sd * np.sqrt(2.0 * (1.0 - correlation)))
    _check_effect(float(effect))
    return float(TTestPower().solve_power(abs(effect), power=power, alpha=alpha))
