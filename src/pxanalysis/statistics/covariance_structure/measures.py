"""How well a model fits: chi-square, CFI, TLI, RMSEA, SRMR, GFI, information criteria, as lavaan defines them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chndtr

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.likelihood import GroupMoments
from pxanalysis.statistics.covariance_structure.structure import AnyArray, IntArray, Structure, imply

__all__ = ["Comparative", "Rmsea", "chi_square_p", "comparative_fit", "goodness_of_fit", "rmsea", "srmr"]

CLOSE = 0.05


@dataclass(frozen=True, slots=True)
class Comparative:
    """CFI (0-1) and TLI, which may leave 0-1 (as in lavaan, where clipping is left to the reader)."""

    cfi: float
    tli: float


@dataclass(frozen=True, slots=True)
class Rmsea:
    """RMSEA with its 90 % interval and the p-value of "RMSEA <= .05"."""

    estimate: float
    low: float
    high: float
    p_close: float


def chi_square_p(chi_square: float, df: float) -> float:
    """Chance of a larger chi-square; NaN without degrees of freedom."""
    return float(chdtrc(df, chi_square)) if df > 0 else float("nan")


def comparative_fit(
    chi_square: float, df: float, baseline: float, baseline_df: float, scales: tuple[float, float] = (1.0, 1.0)
) -> Comparative:
    """CFI (Bentler 1990) and TLI (Tucker & Lewis 1973).

    ``scales`` are the scaling factors of model and baseline for the robust versions of Brosseau-Liard & Savalei (2014):
    the unscaled chi-squares less the scaled degrees of freedom.
    """
    off, off_baseline = chi_square - scales[0] * df, baseline - scales[1] * baseline_df
    above = max(off, 0.0)
    most = max(off, off_baseline, 0.0)
    cfi = 1.0 if most == 0 else 1.0 - above / most
    if df == 0 or baseline_df == 0:
        return Comparative(cfi, 1.0)
    whole = off_baseline * df
    tli = 1.0 if whole == 0 else (off_baseline * df - off * baseline_df) / whole
    return Comparative(float(cfi), float(tli))


def _noncentrality(chi_square: float, df: float, below: float) -> float:
    """Noncentrality at which ``chi_square`` is the quantile ``below``; 0 where none is."""
    if df < 1 or chndtr(chi_square, df, 0.0) < below:
        return 0.0
    top = max(chi_square, 1.0) * 4 + 50.0
    return float(brentq(lambda lam: chndtr(chi_square, df, lam) - below, 0.0, top, xtol=1e-12, rtol=1e-14))


def rmsea(chi_square: float, df: float, n: float, n_groups: int = 1, scale: float | None = None) -> Rmsea:
    """RMSEA (Steiger & Lind 1980), with n and not n - 1; 90 % interval from the noncentral chi-square.

    With ``scale`` the robust version (Brosseau-Liard, Savalei & Li 2012): chi-square is unscaled, its interval that of
    the scaled one times the root of the factor.
    """
    if df <= 0:
        return Rmsea(0.0, 0.0, 0.0, float("nan"))
    factor = 1.0 if scale is None else scale
    size = np.sqrt(n_groups)
    own = float(np.sqrt(max(chi_square / n / df - factor / n, 0.0)) * size)
    scaled = chi_square / factor
    low, high = (_noncentrality(scaled, df, below) for below in (0.95, 0.05))
    root = size * np.sqrt(factor / (n * df))
    close = chi_square_at(scaled, df, n * df * CLOSE**2 / n_groups / factor)
    return Rmsea(own, float(np.sqrt(low) * root), float(np.sqrt(high) * root), close)


def chi_square_at(chi_square: float, df: float, noncentrality: float) -> float:
    """Chance of a larger chi-square at this noncentrality."""
    return float(1.0 - chndtr(chi_square, df, noncentrality))


def srmr(structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments]) -> float:
    """Standardised root mean square residual (Bentler), over groups by size; with means when they are modelled."""
    parts, sizes = [], []
    for structure, group in zip(structures, groups, strict=True):
        implied = imply(structure, theta[None])
        spread = np.sqrt(np.diag(group.cov))
        low = np.tril_indices(len(spread))
        residual = ((group.cov - implied.cov[0]) / np.outer(spread, spread))[low]
        squares, count = float((residual**2).sum()), residual.size
        if structure.has_means:
            squares += float((((group.mean - implied.mean[0]) / spread) ** 2).sum())
            count += spread.size
        parts.append(np.sqrt(squares / count))
        sizes.append(group.n)
    return float(np.average(parts, weights=sizes))


def goodness_of_fit(
    structures: Sequence[Structure], theta: FloatArray, groups: Sequence[GroupMoments], covariates: IntArray
) -> float:
    """GFI (Joreskog & Sorbom): 1 - e'We / s'Ws with the normal-theory weights at the implied covariances.

    The moments of ``covariates`` among each other do not count, as they are given.
    """
    above = below = 0.0
    sizes = np.array([group.n for group in groups])
    for structure, group, share in zip(structures, groups, sizes / sizes.sum(), strict=True):
        implied = imply(structure, theta[None])
        precision: AnyArray = np.linalg.inv(implied.cov[0])
        counted = group.cov.copy()
        counted[np.ix_(covariates, covariates)] = 0.0
        misfit, own = precision @ (group.cov - implied.cov[0]), precision @ counted
        up, down = 0.5 * np.trace(misfit @ misfit), 0.5 * np.trace(own @ own)
        if structure.has_means:
            off = group.mean - implied.mean[0]
            up, down = up + off @ precision @ off, down + group.mean @ precision @ group.mean
        above, below = above + share * up, below + share * down
    return float(1.0 - above / below)
