"""What it costs that patients of one practice are more alike than others."""

from __future__ import annotations

import numpy as np

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.power.solving import check_power, solve_n

__all__ = ["design_effect", "effective_n", "power_practice_arms", "practices_per_arm"]


def design_effect(per_practice: float, icc: float, size_cv: float = 0.0) -> float:
    """How many times more people it takes: 1 + ((1 + cv²)·m − 1)·ICC (Eldridge et al. 2006, doi:10.1093/ije/dyl129).

    Parameters
    ----------
    per_practice
        Mean number of people per practice m.
    icc
        Of what is averaged.
    size_cv
        Standard deviation of practice sizes over their mean; 0: equal sizes.

    Examples
    --------
    >>> round(design_effect(30, 0.05), 4), round(design_effect(30, 0.05, size_cv=0.6), 4)
    (2.45, 2.99)
    """
    if not 0 <= icc < 1:
        raise AnalysisError(f"icc: expected a proportion from 0 to below 1, received {icc}.")
    if per_practice < 1:
        raise AnalysisError(f"per_practice: expected at least 1 person per practice, received {per_practice}.")
    return 1.0 + ((1.0 + size_cv**2) * per_practice - 1.0) * icc


def effective_n(practices: float, per_practice: float, icc: float, size_cv: float = 0.0) -> float:
    """Independent people that carry as much as ``practices`` × ``per_practice`` clustered ones.

    Examples
    --------
    >>> round(effective_n(20, 30, 0.05), 1)
    244.9
    """
    return practices * per_practice / design_effect(per_practice, icc, size_cv)


def power_practice_arms(effect: float, practices: float, per_practice: float, icc: float, alpha: float = 0.05) -> float:
    """Chance that two arms of k practices each are told apart, by the t test of practice means with 2(k − 1) df.

    Parameters
    ----------
    effect
        Difference in standard deviations of a person.
    practices
        In each arm.
    """
    from scipy.stats import nct, t

    df = 2.0 * (practices - 1.0)
    shift = abs(effect) / np.sqrt(2.0 * design_effect(per_practice, icc) / (per_practice * practices))
    edge = t.ppf(1.0 - alpha / 2.0, df)
    return float(nct.sf(edge, df, shift) + nct.cdf(-edge, df, shift))


def practices_per_arm(effect: float, per_practice: float, icc: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """Practices per arm (unrounded): practices, not patients, give the degrees of freedom.

    Examples
    --------
    >>> round(practices_per_arm(0.3, 30, 0.05), 3)
    15.267
    """
    check_power(alpha, power)
    if effect == 0:
        raise AnalysisError("effect: expected a difference other than 0 in standard deviations.")
    return solve_n(lambda k: power_practice_arms(effect, k, per_practice, icc, alpha), power, 2.01)
