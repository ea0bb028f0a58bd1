"""Two shares in the same people, for example who gives the best grade and who would recommend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pxanalysis.errors import AnalysisError

__all__ = ["PairedShares", "compare_paired_shares", "mcnemar_clustered"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PairedShares:
    """Share of ``first`` minus share of ``second``.

    Attributes
    ----------
    n, only_first, only_second
        People, and how many have one without the other.
    estimate, ci_low, ci_high
        Difference of the proportions; Bonett & Price's (2012) adjusted Wald interval, doi:10.3102/1076998611411915.
    wald_low, wald_high
        Without the adjustment.
    chi2, p_value
        McNemar without continuity correction (statsmodels); NaN when nobody differs.
    chi2_corrected, exact_p, mid_p
        With the correction; binomial; mid-p.
    """

    n: int
    only_first: int
    only_second: int
    estimate: float
    ci_low: float
    ci_high: float
    wald_low: float
    wald_high: float
    chi2: float
    p_value: float
    chi2_corrected: float
    exact_p: float
    mid_p: float


def compare_paired_shares(first: BoolArray, second: BoolArray, confidence: float = 0.95) -> PairedShares:
    """Compare two yes-or-no answers of the same people, shapes (n,).

    Examples
    --------
    >>> yes, no = np.array([True] * 15 + [False] * 5), np.array([True] * 10 + [False] * 10)
    >>> found = compare_paired_shares(yes, no)
    >>> found.only_first, found.only_second, found.estimate
    (5, 0, 0.25)
    """
    from scipy.stats import binom, norm
    from statsmodels.stats.contingency_tables import mcnemar

    if first.size == 0:
        raise AnalysisError("expected people who answered both questions; there are none.")
    n, b, c = first.size, int((first & ~second).sum()), int((~first & second).sum())
    z = float(norm.ppf(0.5 + confidence / 2.0))
    table = np.array([[int((first & second).sum()), b], [c, int((~first & ~second).sum())]])
    chi2 = p_value = corrected = float("nan")
    if b + c:
        plain = mcnemar(table, exact=False, correction=False)
        chi2, p_value = float(plain.statistic), float(plain.pvalue)
        corrected = float(mcnemar(table, exact=False, correction=True).statistic)
    exact = float(mcnemar(table, exact=True).pvalue)
    gap, wald = (b - c) / n, z * float(np.sqrt(b + c - (b - c) ** 2 / n)) / n
    # Bonett & Price 2012: one person is added to each of the two cells in which the answers differ
    pb, pc = (b + 1.0) / (n + 2.0), (c + 1.0) / (n + 2.0)
    adjusted = z * float(np.sqrt((pb + pc - (pb - pc) ** 2) / (n + 2.0)))
    return PairedShares(
        n=n,
        only_first=b,
        only_second=c,
        estimate=gap,
        ci_low=pb - pc - adjusted,
        ci_high=pb - pc + adjusted,
        wald_low=gap - wald,
        wald_high=gap + wald,
        chi2=chi2,
        p_value=p_value,
        chi2_corrected=corrected,
        exact_p=exact,
        mid_p=min(1.0, exact - float(binom.pmf(b, b + c, 0.5))),
    )


def mcnemar_clustered(first: BoolArray, second: BoolArray, codes: npt.NDArray[np.intp]) -> tuple[float, float]:
    """McNemar's chi² (1 df) that allows for practices, and its p: (Σ d_k)²/Σ d_k², d_k the difference per practice.

    Durkalski et al. (2003), doi:10.1002/sim.1438. NaN when no practice has a difference.
    """
    from scipy.stats import chi2

    d = np.bincount(codes, weights=first.astype(np.float64) - second)
    squares = float((d**2).sum())
    if squares == 0:
        return float("nan"), float("nan")
    value = float(d.sum() ** 2) / squares
    return value, float(chi2.sf(value, 1))
