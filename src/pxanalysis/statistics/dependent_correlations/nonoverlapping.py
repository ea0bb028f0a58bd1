"""Two correlations of four variables in the same people, for example the test-retest correlations of two metrics.

The tests assume independent people. Formulas: the papers named at each function, as set out by Diedenhofen & Musch
(2015), doi:10.1371/journal.pone.0121945.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pxanalysis.statistics.dependent_correlations.record import (
    CorrelationTest,
    check_correlations,
    check_size,
    fisher_limits,
    normal_test,
    z_of,
)

__all__ = ["NONOVERLAPPING_TESTS", "FourCorrelations", "compare_nonoverlapping", "zou_nonoverlapping"]


@dataclass(frozen=True, slots=True)
class FourCorrelations:
    """The six correlations of variables j, k, h and m: r_jk is compared with r_hm.

    Attributes
    ----------
    jk, hm
        The correlations that are compared.
    jh, jm, kh, km
        Those across the pairs.
    n
        People who answered all four.
    """

    jk: float
    hm: float
    jh: float
    jm: float
    kh: float
    km: float
    n: int

    def __post_init__(self) -> None:
        names = ("jk", "hm", "jh", "jm", "kh", "km")
        check_correlations(**{f"r_{name}": getattr(self, name) for name in names})
        check_size(self.n)

    @property
    def difference(self) -> float:
        """``r_jk − r_hm``."""
        return self.jk - self.hm


def _psi(r: FourCorrelations, jk: float, hm: float) -> float:
    """Twice the asymptotic covariance of r_jk and r_hm, times n (Pearson & Filon 1898; Steiger 1980, eq. 2)."""
    return (
        (r.jh - jk * r.kh) * (r.km - r.kh * hm)
        + (r.jm - r.jh * hm) * (r.kh - jk * r.jh)
        + (r.jh - r.jm * hm) * (r.km - jk * r.jm)
        + (r.jm - jk * r.km) * (r.kh - r.km * hm)
    )


def _fisher_test(name: str, r: FourCorrelations, jk: float, hm: float) -> CorrelationTest:
    covariance = _psi(r, jk, hm) / (2.0 * (1.0 - jk**2) * (1.0 - hm**2))
    return normal_test(name, (z_of(r.jk) - z_of(r.hm)) * np.sqrt(r.n - 3.0) / np.sqrt(2.0 - 2.0 * covariance))


def _pearson_filon(r: FourCorrelations) -> CorrelationTest:
    """Pearson & Filon (1898)."""
    error = np.sqrt((1.0 - r.jk**2) ** 2 + (1.0 - r.hm**2) ** 2 - _psi(r, r.jk, r.hm))
    return normal_test("pearson1898", np.sqrt(r.n) * r.difference / error)


def _dunn(r: FourCorrelations) -> CorrelationTest:
    """Dunn & Clark (1969)."""
    return _fisher_test("dunn1969", r, r.jk, r.hm)


def _steiger(r: FourCorrelations) -> CorrelationTest:
    """Steiger (1980): the plain mean of both correlations in the covariance."""
    mean = (r.jk + r.hm) / 2.0
    return _fisher_test("steiger1980", r, mean, mean)


def _raghunathan(r: FourCorrelations) -> CorrelationTest:
    """Raghunathan, Rosenthal & Rubin (1996), ZPF: the same as Dunn & Clark's."""
    return _fisher_test("raghunathan1996", r, r.jk, r.hm)


def _silver(r: FourCorrelations) -> CorrelationTest:
    """Silver, Hittner & May (2004): the back-transformed mean z in the covariance."""
    mean = float(np.tanh((z_of(r.jk) + z_of(r.hm)) / 2.0))
    return _fisher_test("silver2004", r, mean, mean)


NONOVERLAPPING_TESTS: dict[str, Callable[[FourCorrelations], CorrelationTest]] = {
    "pearson1898": _pearson_filon,
    "dunn1969": _dunn,
    "steiger1980": _steiger,
    "raghunathan1996": _raghunathan,
    "silver2004": _silver,
}
"""Tests by author and year."""


def compare_nonoverlapping(r: FourCorrelations, test: str = "steiger1980") -> CorrelationTest:
    """Test r_jk against r_hm.

    Examples
    --------
    >>> four = FourCorrelations(jk=0.5, hm=0.6, jh=0.8, jm=0.5, kh=0.5, km=0.7, n=103)
    >>> round(compare_nonoverlapping(four).statistic, 4)
    -1.405
    """
    return NONOVERLAPPING_TESTS[test](r)


def zou_nonoverlapping(r: FourCorrelations, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of r_jk − r_hm from the limits of both (Zou 2007, eq. 17), doi:10.1037/1082-989X.12.4.399."""
    (l1, u1), (l2, u2) = fisher_limits(r.jk, r.n, confidence), fisher_limits(r.hm, r.n, confidence)
    c = _psi(r, r.jk, r.hm) / (2.0 * (1.0 - r.jk**2) * (1.0 - r.hm**2))
    below = (r.jk - l1) ** 2 + (u2 - r.hm) ** 2 - 2.0 * c * (r.jk - l1) * (u2 - r.hm)
    above = (u1 - r.jk) ** 2 + (r.hm - l2) ** 2 - 2.0 * c * (u1 - r.jk) * (r.hm - l2)
    return r.difference - float(np.sqrt(below)), r.difference + float(np.sqrt(above))
