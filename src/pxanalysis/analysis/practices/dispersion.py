"""How much more practices differ than chance allows, without what outliers add to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.random_effects.winsorising import winsorised_share

__all__ = ["Overdispersion", "OverdispersionMethod", "overdispersion"]

OverdispersionMethod = Literal["corrected", "winsorised"]
"""Whether what winsorising takes away from usual differences is given back."""


@dataclass(frozen=True, slots=True, eq=False)
class Overdispersion:
    """How much more practices differ than chance allows.

    Attributes
    ----------
    centre
        Target: the mean over patients, on the scale of the values.
    z
        Shape (J,): deviation in standard errors, before winsorising; NaN without an error.
    phi
        Mean of the squared z, winsorised; brought back to what it would be without, and then about 1 with nothing but
        chance, unless the published formula is asked for. NaN with fewer than two practices.
    tau2
        Variance between practices that accounts for it, 0 or more.
    """

    centre: float
    z: FloatArray
    phi: float
    tau2: float


def overdispersion(
    values: FloatArray,
    errors: FloatArray,
    n: FloatArray,
    centre: float | None = None,
    winsorise: float = 0.1,
    *,
    method: OverdispersionMethod = "corrected",
) -> Overdispersion:
    """Additive overdispersion (Spiegelhalter 2005, Statistics in Medicine 24, section 4.3).

    As published (``winsorised``), the z scores are winsorised at the given share on both sides, φ = Σz²/k, and
    τ² = max(0, (kφ − (k−1)) / (Σs⁻² − Σs⁻⁴/Σs⁻²)). Winsorising keeps outliers from widening the limits that they are
    held against, but takes usual differences away as well: φ is .68 of what it should be, τ² half to two thirds of the
    variance between practices, and 8 to 14 % of practices lie outside the "95 %" limits.

    So by default φ is divided by what winsorising leaves of k normal values (:func:`winsorised_share`), and τ² is the
    value at which the z scores (y − centre)/√(s² + τ²), winsorised and corrected likewise, have the φ of chance alone,
    (k−1)/k: the moment equation of Paule & Mandel (1982; DerSimonian & Kacker 2007), which also holds where practices
    differ in size. Then 4 to 5 % lie outside (2 to 4 % where practices do not differ at all).

    Parameters
    ----------
    values, errors, n
        Shape (J,): value, standard error and answers of each practice.
    centre
        Target; None: the mean weighted by ``n``.
    winsorise
        Share 0-.5 on each side; 0 gives DerSimonian & Laird's τ² when ``winsorised``, Paule & Mandel's otherwise.
    method
        ``corrected`` or ``winsorised``.
    """
    usable = np.isfinite(values) & (errors > 0)
    k = int(usable.sum())
    if centre is None:
        centre = float(n[usable] @ values[usable] / n[usable].sum()) if k else np.nan
    z = np.full(values.shape, np.nan)
    z[usable] = (values[usable] - centre) / errors[usable]
    if k < 2:
        return Overdispersion(centre, z, np.nan, 0.0)
    if method == "corrected":
        offset, variance = values[usable] - centre, errors[usable] ** 2
        return Overdispersion(centre, z, _phi(z[usable], winsorise), _solve_tau2(offset, variance, winsorise))
    phi = _phi(z[usable], winsorise) * winsorised_share(k, winsorise)
    weight = errors[usable] ** -2.0
    tau2 = (k * phi - (k - 1)) / (weight.sum() - (weight**2).sum() / weight.sum())
    return Overdispersion(centre, z, phi, max(0.0, float(tau2)))


def _phi(z: FloatArray, winsorise: float) -> float:
    """Mean square of winsorised z scores as a multiple of what winsorising leaves of as many normal values."""
    low, high = np.quantile(z, [winsorise, 1.0 - winsorise])
    return float(np.mean(np.clip(z, low, high) ** 2)) / winsorised_share(z.size, winsorise)


def _solve_tau2(offset: FloatArray, variance: FloatArray, winsorise: float) -> float:
    """Variance between practices at which φ is that of chance; φ falls as the variance grows, so halving finds it."""
    goal = (offset.size - 1) / offset.size

    def excess(tau2: float) -> bool:
        return _phi(offset / np.sqrt(variance + tau2), winsorise) > goal

    if not excess(0.0):
        return 0.0
    low, high = 0.0, float(np.max(offset**2)) + float(variance.min())
    while excess(high):
        low, high = high, 2.0 * high
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if excess(middle) else (low, middle)
    return (low + high) / 2.0
