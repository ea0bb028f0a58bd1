"""Two correlations that share a variable, in the same people: which metric goes with a criterion more closely.

All tests assume independent people. Formulas: the papers named at each function, as set out by Diedenhofen & Musch
(2015), doi:10.1371/journal.pone.0121945.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.dependent_correlations.record import (
    CorrelationTest,
    check_correlations,
    check_size,
    fisher_limits,
    normal_test,
    t_test,
    z_of,
)

__all__ = ["OVERLAPPING_TESTS", "Overlapping", "compare_overlapping", "meng_interval", "zou_overlapping"]


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Correlations of two metrics with one criterion.

    Attributes
    ----------
    jk, jh
        Correlations of metric k and of metric h with criterion j.
    kh
        Correlation of the two metrics.
    n
        People who answered all three.
    """

    jk: float
    jh: float
    kh: float
    n: int

    def __post_init__(self) -> None:
        check_correlations(r_jk=self.jk, r_jh=self.jh, r_kh=self.kh)
        check_size(self.n)
        if abs(self.kh) >= 1.0 - 1e-12:
            raise NotEstimableError(
                f"the two metrics correlate {self.kh:.0f} with each other: they are the same measurement, so neither "
                "can be better. Leave one of them out.",
                "singular",
            )
        if max(abs(self.jk), abs(self.jh)) >= 1.0 - 1e-12:
            raise NotEstimableError(
                "a metric correlates 1 with the criterion: it is the criterion. Choose another criterion.", "singular"
            )

    @property
    def difference(self) -> float:
        """``r_jk − r_jh``."""
        return self.jk - self.jh

    @property
    def mean(self) -> float:
        """Plain mean of the two correlations."""
        return (self.jk + self.jh) / 2.0

    @property
    def determinant(self) -> float:
        """Determinant of the correlation matrix; 0 when one of the three follows from the others."""
        value = 1.0 + 2.0 * self.jk * self.jh * self.kh - self.jk**2 - self.jh**2 - self.kh**2
        if value < -1e-12:
            raise NotEstimableError(
                f"correlations {self.jk:.3f}, {self.jh:.3f} and {self.kh:.3f} cannot go together (their matrix is not "
                "positive definite). Take all three from the same complete rows.",
                "singular",
            )
        return max(value, 0.0)


def _covariance(r_jk: float, r_jh: float, r_kh: float) -> float:
    """Asymptotic correlation of the two Fisher z's (Dunn & Clark 1969, eq. 3)."""
    left = 1.0 - r_jk**2 - r_jh**2
    top = r_kh * left - 0.5 * r_jk * r_jh * (left - r_kh**2)
    return top / ((1.0 - r_jk**2) * (1.0 - r_jh**2))


def _fisher_test(name: str, r: Overlapping, covariance: float) -> CorrelationTest:
    return normal_test(name, (z_of(r.jk) - z_of(r.jh)) * np.sqrt(r.n - 3.0) / np.sqrt(2.0 - 2.0 * covariance))


def _pearson_filon(r: Overlapping) -> CorrelationTest:
    """Pearson & Filon (1898)."""
    left = 1.0 - r.jk**2 - r.jh**2
    k = r.kh * left - 0.5 * r.jk * r.jh * (left - r.kh**2)
    error = np.sqrt((1.0 - r.jk**2) ** 2 + (1.0 - r.jh**2) ** 2 - 2.0 * k)
    return normal_test("pearson1898", np.sqrt(r.n) * r.difference / error)


def _hotelling(r: Overlapping) -> CorrelationTest:
    """Hotelling (1940): conditional on the metrics' values."""
    return t_test("hotelling1940", r.difference * np.sqrt((r.n - 3.0) * (1.0 + r.kh) / (2.0 * r.determinant)), r.n - 3)


def _williams(r: Overlapping) -> CorrelationTest:
    """Williams (1959), the t that Steiger (1980, eq. 7) recommends."""
    below = 2.0 * (r.n - 1.0) / (r.n - 3.0) * r.determinant + r.mean**2 * (1.0 - r.kh) ** 3
    return t_test("williams1959", r.difference * np.sqrt((r.n - 1.0) * (1.0 + r.kh) / below), r.n - 3)


def _hendrickson(r: Overlapping) -> CorrelationTest:
    """Hendrickson, Stanley & Hills (1970), a modification of Olkin's."""
    below = 2.0 * r.determinant + r.difference**2 * (1.0 - r.kh) ** 3 / (4.0 * (r.n - 1.0))
    return t_test("hendrickson1970", r.difference * np.sqrt((r.n - 3.0) * (1.0 + r.kh)) / np.sqrt(below), r.n - 3)


def _olkin(r: Overlapping) -> CorrelationTest:
    """Olkin (1967)."""
    below = (
        (1.0 - r.jk**2) ** 2
        + (1.0 - r.jh**2) ** 2
        - 2.0 * r.kh**3
        - (2.0 * r.kh - r.jk * r.jh) * (1.0 - r.kh**2 - r.jk**2 - r.jh**2)
    )
    return normal_test("olkin1967", r.difference * np.sqrt(r.n) / np.sqrt(below))


def _dunn(r: Overlapping) -> CorrelationTest:
    """Dunn & Clark (1969): no averaging of the correlations."""
    return _fisher_test("dunn1969", r, _covariance(r.jk, r.jh, r.kh))


def _steiger(r: Overlapping) -> CorrelationTest:
    """Steiger (1980, eq. 14): the plain mean of both correlations in the covariance."""
    return _fisher_test("steiger1980", r, _covariance(r.mean, r.mean, r.kh))


def _hittner(r: Overlapping) -> CorrelationTest:
    """Hittner, May & Silver (2003): the back-transformed mean z in the covariance."""
    mean = float(np.tanh((z_of(r.jk) + z_of(r.jh)) / 2.0))
    return _fisher_test("hittner2003", r, _covariance(mean, mean, r.kh))


def _meng_error(r: Overlapping) -> float:
    """Standard error of the difference of the Fisher z's (Meng, Rosenthal & Rubin 1992, eqs. 1-3)."""
    squares = (r.jk**2 + r.jh**2) / 2.0
    f = min(1.0, (1.0 - r.kh) / (2.0 * (1.0 - squares)))
    h = (1.0 - f * squares) / (1.0 - squares)
    return float(np.sqrt(2.0 * (1.0 - r.kh) * h / (r.n - 3.0)))


def _meng(r: Overlapping) -> CorrelationTest:
    """Meng, Rosenthal & Rubin (1992)."""
    return normal_test("meng1992", (z_of(r.jk) - z_of(r.jh)) / _meng_error(r))


OVERLAPPING_TESTS: dict[str, Callable[[Overlapping], CorrelationTest]] = {
    "pearson1898": _pearson_filon,
    "hotelling1940": _hotelling,
    "williams1959": _williams,
    "olkin1967": _olkin,
    "dunn1969": _dunn,
    "hendrickson1970": _hendrickson,
    "steiger1980": _steiger,
    "meng1992": _meng,
    "hittner2003": _hittner,
}
"""Tests by author and year. Williams, Steiger and Meng are the ones to report; the others are for older literature."""


def compare_overlapping(
    r: Overlapping, tests: tuple[str, ...] = ("williams1959", "steiger1980", "meng1992")
) -> tuple[CorrelationTest, ...]:
    """Test the difference of two correlations with one criterion by each of ``tests``.

    Examples
    --------
    >>> found = compare_overlapping(Overlapping(0.3, 0.4, 0.5, 100))
    >>> [round(test.statistic, 4) for test in found]
    [-1.0767, -1.0718, -1.0707]
    """
    return tuple(OVERLAPPING_TESTS[name](r) for name in tests)


def meng_interval(r: Overlapping, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the difference of the Fisher z's, z_jk − z_jh (Meng et al. 1992, eq. 4)."""
    from scipy.stats import norm

    centre, half = z_of(r.jk) - z_of(r.jh), float(norm.ppf(0.5 + confidence / 2.0)) * _meng_error(r)
    return centre - half, centre + half


def zou_overlapping(r: Overlapping, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of r_jk − r_jh from the limits of both (Zou 2007, eq. 15), doi:10.1037/1082-989X.12.4.399.

    Examples
    --------
    >>> [round(limit, 3) for limit in zou_overlapping(Overlapping(0.396, 0.179, 0.088, 66))]
    [-0.093, 0.517]
    """
    (l1, u1), (l2, u2) = fisher_limits(r.jk, r.n, confidence), fisher_limits(r.jh, r.n, confidence)
    left = 1.0 - r.jk**2 - r.jh**2 - r.kh**2
    c = ((r.kh - 0.5 * r.jk * r.jh) * left + r.kh**3) / ((1.0 - r.jk**2) * (1.0 - r.jh**2))
    below = (r.jk - l1) ** 2 + (u2 - r.jh) ** 2 - 2.0 * c * (r.jk - l1) * (u2 - r.jh)
    above = (u1 - r.jk) ** 2 + (r.jh - l2) ** 2 - 2.0 * c * (u1 - r.jk) * (r.jh - l2)
    return r.difference - float(np.sqrt(below)), r.difference + float(np.sqrt(above))
