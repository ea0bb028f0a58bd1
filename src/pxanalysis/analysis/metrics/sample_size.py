"""How many answers an interval of a wanted half-width needs."""

from __future__ import annotations

import math

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.proportions.intervals import t_quantile, z_value

__all__ = ["needed_n_for_mean", "needed_n_for_net", "needed_n_for_share"]


def _check(half_width: float, largest: float) -> None:
    if not 0 < half_width < largest:
        raise AnalysisError(
            f"half_width: expected a number above 0 and below {largest:g}, received {half_width}; an interval of ± "
            "that much is wanted."
        )


def _check_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise AnalysisError(f"{name}: expected a proportion from 0 to 1, received {share}.")


def needed_n_for_share(half_width: float, share: float = 0.5, confidence: float = 0.95) -> int:
    """Answers for which Wilson's interval is at most ± ``half_width`` (proportion); ``share`` .5 is the worst case.

    Examples
    --------
    >>> needed_n_for_share(0.05)
    381
    """
    _check(half_width, 0.5)
    _check_share("share", share)
    z2 = z_value(check_confidence(confidence)) ** 2
    spread, m2 = share * (1 - share), half_width**2
    # half-width² of Wilson: z²(spread/n + z²/4n²)/(1 + z²/n)²; a quadratic equation in n
    a, b, c = m2, z2 * (2 * m2 - spread), z2**2 * (m2 - 0.25)
    return max(1, math.ceil((-b + math.sqrt(b**2 - 4 * a * c)) / (2 * a) - 1e-9))


def needed_n_for_net(half_width: float, positive: float = 0.5, negative: float = 0.5, confidence: float = 0.95) -> int:
    """Answers for which the adjusted Wald interval of a net share (NPS) is at most ± ``half_width``: z²·Var/m² − 3.

    Parameters
    ----------
    half_width
        As a difference of proportions: .10 is ten NPS points.
    positive, negative
        Expected proportions of promoters and detractors; the defaults are the worst case.

    Examples
    --------
    >>> needed_n_for_net(0.10, positive=0.5, negative=0.2)
    232
    """
    _check(half_width, 1.0)
    _check_share("positive", positive)
    _check_share("negative", negative)
    if positive + negative > 1 + 1e-12:
        raise AnalysisError(
            f"positive and negative: expected proportions that sum to at most 1, received {positive} and {negative}."
        )
    variance = positive + negative - (positive - negative) ** 2
    return max(1, math.ceil((z_value(check_confidence(confidence)) / half_width) ** 2 * variance - 3 - 1e-9))


def needed_n_for_mean(half_width: float, sd: float, confidence: float = 0.95) -> int:
    """Answers for which the t interval of a mean is at most ± ``half_width``, in the units of ``sd``; at least 2.

    Examples
    --------
    >>> needed_n_for_mean(0.25, sd=1.5)
    141
    """
    _check(half_width, math.inf)
    if not 0 <= sd < math.inf:
        raise AnalysisError(f"sd: expected a standard deviation of 0 or more, received {sd}.")
    n = max(2, math.ceil((z_value(check_confidence(confidence)) * sd / half_width) ** 2))
    while float(t_quantile(n - 1, confidence)) * sd / math.sqrt(n) > half_width:
        n += 1
    return n
