"""The same people asked twice: how far the two answers agree, and how large a change has to be to mean anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError

__all__ = ["Retest", "estimate_retest"]


@dataclass(frozen=True, slots=True)
class Retest:
    """Agreement of two occasions, and change between them, in n people.

    Attributes
    ----------
    pearson
        Correlation of the occasions.
    icc_agreement, icc_consistency
        ICC(2,1) and ICC(3,1) with their intervals (Shrout & Fleiss 1979; McGraw & Wong 1996,
        doi:10.1037/1082-989X.1.1.30). Not cut off: a negative variance of occasions makes the first the larger.
    sem_agreement, sem_consistency
        Standard error of measurement, in the units of the metric; for agreement a negative variance of occasions
        counts as 0.
    srd_agreement, srd_consistency
        Smallest real difference of one person: 1.96·√2·SEM at 95 %.
    loa_low, loa_high
        Bland & Altman's limits of agreement.
    mean_change, srm, effect_size
        Second − first; divided by the SD of change (standardised response mean), by the SD of the first occasion
        (Kazis).
    t, p_value
        Paired t test of the change.
    """

    n: int
    pearson: float
    icc_agreement: float
    icc_agreement_low: float
    icc_agreement_high: float
    icc_consistency: float
    icc_consistency_low: float
    icc_consistency_high: float
    sem_agreement: float
    sem_consistency: float
    srd_agreement: float
    srd_consistency: float
    loa_low: float
    loa_high: float
    mean_change: float
    srm: float
    effect_size: float
    t: float
    p_value: float


@dataclass(frozen=True, slots=True)
class _Squares:
    """Mean squares of people, occasions and error of two occasions."""

    people: float
    occasions: float
    error: float
    n: int

    @property
    def agreement(self) -> float:
        rest = 2.0 / self.n * (self.occasions - self.error)
        return (self.people - self.error) / (self.people + self.error + rest)

    @property
    def consistency(self) -> float:
        return (self.people - self.error) / (self.people + self.error)


def _agreement_interval(ms: _Squares, confidence: float) -> tuple[float, float]:
    """McGraw & Wong (1996), table 7, case 2A, with k = 2."""
    from scipy.stats import f

    k, n, icc = 2.0, float(ms.n), ms.agreement
    a = k * icc / (n * (1.0 - icc))
    b = 1.0 + k * icc * (n - 1.0) / (n * (1.0 - icc))
    v = (a * ms.occasions + b * ms.error) ** 2 / (
        (a * ms.occasions) ** 2 / (k - 1.0) + (b * ms.error) ** 2 / ((n - 1.0) * (k - 1.0))
    )
    tail = 0.5 + confidence / 2.0
    low_f, high_f = float(f.ppf(tail, n - 1.0, v)), float(f.ppf(tail, v, n - 1.0))
    both = k * ms.occasions + (k * n - k - n) * ms.error
    low = n * (ms.people - low_f * ms.error) / (low_f * both + n * ms.people)
    high = n * (high_f * ms.people - ms.error) / (both + n * high_f * ms.people)
    return low, high


def _consistency_interval(ms: _Squares, confidence: float) -> tuple[float, float]:
    """Shrout & Fleiss (1979), ICC(3,1)."""
    from scipy.stats import f

    ratio, df = ms.people / ms.error, ms.n - 1.0
    edge = float(f.ppf(0.5 + confidence / 2.0, df, df))
    low, high = ratio / edge, ratio * edge
    return (low - 1.0) / (low + 1.0), (high - 1.0) / (high + 1.0)


def estimate_retest(first: FloatArray, second: FloatArray, confidence: float = 0.95) -> Retest:
    """Compare two occasions of the same people, shapes (n,), complete.

    Raises
    ------
    NotEstimableError
        With fewer than 5 people, or when everybody changed by the same amount or gave the same answer.
    """
    from scipy.stats import norm, t

    n = first.size
    if n < 5:
        raise NotEstimableError(f"{n} people answered twice; test-retest takes at least 5.", "too_few")
    change = second - first
    if change.std() == 0 or first.std() == 0 or second.std() == 0:
        raise NotEstimableError("the answers, or their changes, do not differ between people.", "constant_outcome")
    both = np.column_stack([first, second])
    ms = _Squares(
        people=2.0 * float(both.mean(axis=1).var(ddof=1)),
        occasions=n * float(both.mean(axis=0).var(ddof=1)),
        error=float(change.var(ddof=1)) / 2.0,
        n=n,
    )
    z = float(norm.ppf(0.5 + confidence / 2.0))
    sem = float(np.sqrt(ms.error))
    sem_agreement = float(np.sqrt(max(0.0, (ms.occasions - ms.error) / n) + ms.error))
    mean, sd = float(change.mean()), float(change.std(ddof=1))
    statistic = mean / (sd / np.sqrt(n))
    agreement, consistency = _agreement_interval(ms, confidence), _consistency_interval(ms, confidence)
    return Retest(
        n=n,
        pearson=float(np.corrcoef(first, second)[0, 1]),
        icc_agreement=ms.agreement,
        icc_agreement_low=agreement[0],
        icc_agreement_high=agreement[1],
        icc_consistency=ms.consistency,
        icc_consistency_low=consistency[0],
        icc_consistency_high=consistency[1],
        sem_agreement=sem_agreement,
        sem_consistency=sem,
        srd_agreement=z * float(np.sqrt(2.0)) * sem_agreement,
        srd_consistency=z * float(np.sqrt(2.0)) * sem,
        loa_low=mean - z * sd,
        loa_high=mean + z * sd,
        mean_change=mean,
        srm=mean / sd,
        effect_size=mean / float(first.std(ddof=1)),
        t=float(statistic),
        p_value=float(2.0 * t.sf(abs(statistic), n - 1)),
    )
