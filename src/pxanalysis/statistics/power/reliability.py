"""How many people make a practice's mean, or a test-retest study, reliable enough."""

from __future__ import annotations

import numpy as np

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.power.solving import check_power, quantiles

__all__ = ["n_for_reliability", "n_for_retest"]


def n_for_reliability(icc: float, reliability: float) -> float:
    """People per practice (unrounded) for which its mean has this reliability: R/(1−R)·(1−ICC)/ICC (Spearman-Brown).

    Examples
    --------
    >>> round(n_for_reliability(0.05, 0.8), 6)
    76.0
    """
    if not 0 < icc < 1:
        raise AnalysisError(
            f"icc: expected a proportion above 0 and below 1, received {icc}; at 0 no number is enough."
        )
    if not 0 < reliability < 1:
        raise AnalysisError(f"reliability: expected a proportion between 0 and 1, received {reliability}.")
    return reliability / (1.0 - reliability) * (1.0 - icc) / icc


def n_for_retest(
    expected: float, at_least: float, power: float = 0.8, alpha: float = 0.05, occasions: int = 2
) -> float:
    """People (unrounded) asked ``occasions`` times, to show that an ICC is above ``at_least`` when it is ``expected``.

    Walter, Eliasziw & Donner (1998), doi:10.1002/(SICI)1097-0258(19980115)17:1<101::AID-SIM727>3.0.CO;2-E, with the
    two-sided quantile.

    Examples
    --------
    >>> round(n_for_retest(0.8, 0.7), 2)
    147.69
    """
    check_power(alpha, power)
    if not 0 <= at_least < expected < 1:
        raise AnalysisError(f"expected 0 <= at_least < expected < 1, received {at_least} and {expected}.")
    k = float(occasions)
    ratio = (1.0 + k * at_least / (1.0 - at_least)) / (1.0 + k * expected / (1.0 - expected))
    return float(1.0 + 2.0 * quantiles(alpha, power) ** 2 * k / (np.log(ratio) ** 2 * (k - 1.0)))
