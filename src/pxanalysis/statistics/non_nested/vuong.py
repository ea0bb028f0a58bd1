"""Vuong's (1989) test of two non-nested models by their rows' log-likelihoods, doi:10.2307/1912557."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.non_nested.fits import ModelFit
from pxanalysis.statistics.non_nested.weighted_chi_squares import weighted_chi_square_tail

__all__ = ["Correction", "VuongTest", "vuong_test"]

IntArray = npt.NDArray[np.intp]
Correction = Literal["none", "aic", "bic"]


@dataclass(frozen=True, slots=True)
class VuongTest:
    """Whether model a lies closer to the truth than model b.

    Attributes
    ----------
    z, p_first_better, p_second_better, p_value
        Positive z: a is better; one-sided chances of as much under equality, and two-sided.
    z_clustered, p_clustered
        The same with the log-likelihood differences summed per practice, t with G−1 degrees of freedom; NaN without
        practices.
    omega2
        Variance of the rows' log-likelihood differences, divisor n.
    p_distinguishable
        Small: the models can be told apart on these data. Where it is not small, z means nothing.
    bic_difference, bic_low, bic_high
        BIC of a minus BIC of b (negative: a better) and its interval.
    correction
        ``none``, ``aic`` or ``bic`` (Schwarz): what was taken off for the numbers of coefficients.
    """

    z: float
    p_first_better: float
    p_second_better: float
    p_value: float
    z_clustered: float
    p_clustered: float
    omega2: float
    p_distinguishable: float
    bic_difference: float
    bic_low: float
    bic_high: float
    correction: Correction


def vuong_test(
    first: ModelFit,
    second: ModelFit,
    *,
    correction: Correction = "bic",
    codes: IntArray | None = None,
    confidence: float = 0.95,
) -> VuongTest:
    """Compare two models of the same rows.

    Parameters
    ----------
    codes
        Practice of each row, 0…G−1; None: independent rows only.
    """
    from scipy.stats import norm, t

    gap = first.loglik - second.loglik
    n, extra = gap.size, first.n_coefficients - second.n_coefficients
    penalty = {"none": 0.0, "aic": float(extra), "bic": extra * np.log(n) / 2.0}[correction]
    omega2 = float(gap.var())
    z = float((gap.sum() - penalty) / np.sqrt(n * omega2))
    z_clustered = p_clustered = float("nan")
    if codes is not None:
        sums = np.bincount(codes, weights=gap - gap.mean())
        groups = int(np.count_nonzero(np.bincount(codes)))
        z_clustered = float((gap.sum() - penalty) / np.sqrt(groups / (groups - 1.0) * (sums**2).sum()))
        p_clustered = float(2.0 * t.sf(abs(z_clustered), groups - 1))
    difference = first.bic - second.bic
    half = float(norm.ppf(0.5 + confidence / 2.0)) * np.sqrt(4.0 * n * omega2)
    return VuongTest(
        z=z,
        p_first_better=float(norm.sf(z)),
        p_second_better=float(norm.cdf(z)),
        p_value=float(2.0 * norm.sf(abs(z))),
        z_clustered=z_clustered,
        p_clustered=p_clustered,
        omega2=omega2,
        p_distinguishable=weighted_chi_square_tail(n * omega2, _weights(first, second)),
        bic_difference=difference,
        bic_low=difference - float(half),
        bic_high=difference + float(half),
        correction=correction,
    )


def _weights(first: ModelFit, second: ModelFit) -> FloatArray:
    """Squared eigenvalues of W (Vuong 1989, eqs. 3.6 and 4.2), the weights of the chi-squares that n·ω² follows."""
    n = first.loglik.size
    bread1, bread2 = np.linalg.inv(first.information / n), np.linalg.inv(second.information / n)
    b11, b22 = (fit.scores.T @ fit.scores / n for fit in (first, second))
    b12 = first.scores.T @ second.scores / n
    upper = np.hstack([-b11 @ bread1, -b12 @ bread2])
    lower = np.hstack([b12.T @ bread1, b22 @ bread2])
    return np.asarray(np.linalg.eigvals(np.vstack([upper, lower])).real ** 2)
