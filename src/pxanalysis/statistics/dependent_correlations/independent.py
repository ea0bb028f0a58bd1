"""Two correlations in different people, for example before and after a date."""

from __future__ import annotations

import numpy as np

from pxanalysis.statistics.dependent_correlations.record import (
    CorrelationTest,
    check_correlations,
    check_size,
    fisher_limits,
    normal_test,
    z_of,
)

__all__ = ["compare_independent", "zou_independent"]


def compare_independent(first: float, second: float, n_first: int, n_second: int) -> CorrelationTest:
    """Fisher's (1925) z of first − second.

    Examples
    --------
    >>> round(compare_independent(0.657, 0.430, 62, 143).statistic, 6)
    2.110737
    """
    check_correlations(first=first, second=second)
    check_size(min(n_first, n_second))
    error = np.sqrt(1.0 / (n_first - 3.0) + 1.0 / (n_second - 3.0))
    return normal_test("fisher1925", (z_of(first) - z_of(second)) / error)


def zou_independent(
    first: float, second: float, n_first: int, n_second: int, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of first − second from the limits of both (Zou 2007), doi:10.1037/1082-989X.12.4.399.

    Examples
    --------
    >>> [round(limit, 3) for limit in zou_independent(0.49, 0.36, 145, 87)]
    [-0.087, 0.359]
    """
    check_correlations(first=first, second=second)
    check_size(min(n_first, n_second))
    (l1, u1), (l2, u2) = fisher_limits(first, n_first, confidence), fisher_limits(second, n_second, confidence)
    gap = first - second
    below, above = np.hypot(first - l1, u2 - second), np.hypot(u1 - first, second - l2)
    return gap - float(below), gap + float(above)
