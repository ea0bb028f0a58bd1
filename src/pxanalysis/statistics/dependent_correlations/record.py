"""What a test of two correlations gives, and what all of them share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.errors import AnalysisError, NotEstimableError

__all__ = ["CorrelationTest", "check_correlations", "check_size", "fisher_limits", "normal_test", "t_test", "z_of"]


@dataclass(frozen=True, slots=True)
class CorrelationTest:
    """One test of a difference between two correlations.

    Attributes
    ----------
    name
        Author and year.
    statistic
        t where ``df`` is given, else z.
    df
        Degrees of freedom of t, or None.
    p_value
        Two-sided.
    """

    name: str
    statistic: float
    df: int | None
    p_value: float


def check_correlations(**correlations: float) -> None:
    """Refuse what is no correlation, by name.

    Raises
    ------
    AnalysisError
        For a value outside −1…1 or NaN.
    """
    for name, value in correlations.items():
        if not -1.0 <= value <= 1.0:
            raise AnalysisError(f"{name}: expected a correlation from -1 to 1, received {value}.")


def check_size(n: int) -> None:
    """Refuse fewer than 4 cases: Fisher's z has n - 3 in its error.

    Raises
    ------
    NotEstimableError
        With fewer than 4.
    """
    if n < 4:
        raise NotEstimableError(
            f"n = {n}: comparing correlations takes at least 4 people who answered everything.", "too_few"
        )


def z_of(correlation: float) -> float:
    """Fisher's z."""
    return float(np.arctanh(correlation))


def normal_test(name: str, statistic: float) -> CorrelationTest:
    """Test a statistic against the standard normal distribution."""
    from scipy.stats import norm

    return CorrelationTest(name, float(statistic), None, float(2.0 * norm.sf(abs(statistic))))


def t_test(name: str, statistic: float, df: int) -> CorrelationTest:
    """Test a statistic against Student's t."""
    from scipy.stats import t

    return CorrelationTest(name, float(statistic), df, float(2.0 * t.sf(abs(statistic), df)))


def fisher_limits(correlation: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of one correlation by Fisher's z.

    Examples
    --------
    >>> [round(limit, 3) for limit in fisher_limits(0.396, 66)]
    [0.17, 0.582]
    """
    from scipy.stats import norm

    half = float(norm.ppf(0.5 + confidence / 2.0)) / np.sqrt(n - 3.0)
    return float(np.tanh(z_of(correlation) - half)), float(np.tanh(z_of(correlation) + half))
