"""Funnel plot: practices against limits that widen where answers are few, with additive overdispersion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc

from pxanalysis.analysis.practices.adjusting import Adjusted, adjust_practices
from pxanalysis.analysis.practices.dispersion import OverdispersionMethod, overdispersion
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.figures.charts.funnel import plot_funnel_limits
from pxanalysis.result import Result, standard_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pxanalysis.survey.responses import Responses

__all__ = ["FunnelResult", "estimate_funnel", "funnel_limits"]

LIMITS = {"95": 1.959963984540054, "998": 3.090232306167813}
"""Normal quantiles of the 95 % and 99.8 % limits."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunnelResult(Result):
    """A funnel plot of J practices.

    Attributes
    ----------
    subject, metric, unit
        What is shown.
    table
        See :meth:`tidy`.
    centre
        Target, in the units of the metric.
    sigma
        Standard deviation between patients of a practice (shares: of the arcsine-transformed share, ½).
    phi, tau2
        Overdispersion factor and variance between practices; for shares on the arcsine-square-root scale.
    share
        Whether limits are made on the arcsine-square-root scale (shares) or as they are (means, net shares).
    low, high
        Range of the metric.
    """

    subject: str
    metric: str
    unit: str
    table: pd.DataFrame
    centre: float
    sigma: float
    phi: float
    tau2: float
    share: bool
    low: float
    high: float

    def tidy(self) -> pd.DataFrame:
        """One row per practice with answers.

        Columns: ``outcome, practice_id, n, estimate, low95, high95, low998, high998, centre, flag`` (``low998``,
        ``low95``, ``within``, ``high95``, ``high998``), ``z`` (after overdispersion), ``reason``. Estimates and limits
        are cut off at the range of the metric.
        """
        return standard_columns(self.table.assign(term=self.table["practice_id"]))

    def glance(self) -> pd.DataFrame:
        """Return one row: subject, metric, unit, centre, sigma, phi, tau2, n_practices."""
        names = ("subject", "metric", "unit", "centre", "sigma", "phi", "tau2")
        return pd.DataFrame([{name: getattr(self, name) for name in names} | {"n_practices": len(self.table)}])

    def curves(self, n: FloatArray | Sequence[float]) -> pd.DataFrame:
        """Limits at numbers of answers ``n``: columns ``n, low95, high95, low998, high998``."""
        sizes = np.asarray(n, dtype=np.float64)
        return pd.DataFrame({"n": sizes} | funnel_limits(self, sizes))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the funnel: practices as dots, 95 % and 99.8 % limits as lines."""
        sizes = self.table["n"].to_numpy(dtype=np.float64)
        curves = self.curves(np.geomspace(max(1.0, sizes.min() * 0.8), sizes.max() * 1.1, 200))
        return plot_funnel_limits(self.table, curves, self.centre, f"{self.subject} ({self.metric})", ax=ax)


def funnel_limits(funnel: FunnelResult | _Shape, n: FloatArray) -> dict[str, FloatArray]:
    """Limits centre ± z·√(s² + τ²) at the sizes n, back on the scale of the metric and cut off at its range."""
    width = np.sqrt(funnel.sigma**2 / np.where(n > 0, n, np.nan) + funnel.tau2)
    out: dict[str, FloatArray] = {}
    for name, quantile in LIMITS.items():
        for side, sign in (("low", -1.0), ("high", 1.0)):
            if funnel.share:
                middle = np.arcsin(np.sqrt(funnel.centre))
                out[side + name] = np.sin(np.clip(middle + sign * quantile * width, 0.0, np.pi / 2)) ** 2
            else:
                out[side + name] = np.clip(funnel.centre + sign * quantile * width, funnel.low, funnel.high)
    return out


@dataclass(frozen=True, slots=True)
class _Shape:
    """The part of a funnel that its limits need."""

    centre: float
    sigma: float
    tau2: float
    share: bool
    low: float
    high: float


def _flags(z: FloatArray, tail: FloatArray | None) -> npt.NDArray[np.object_]:
    """Name the limit that z passes; with an exact tail probability only where that is as small too."""
    far, near = LIMITS["998"], LIMITS["95"]
    rare = [np.ones(z.shape, dtype=bool)] * 2 if tail is None else [tail < 0.001, tail < 0.025]
    cases: list[Any] = [(z < -far) & rare[0], (z > far) & rare[0], (z < -near) & rare[1], (z > near) & rare[1]]
    return np.select(cases, ["low998", "high998", "low95", "high95"], default="within").astype(object)


def _binomial_tail(share: FloatArray, n: FloatArray, centre: float) -> FloatArray:
    """Chance of a share at least as far out on its side, when every patient answers with the chance ``centre``."""
    count = np.clip(share * n, 0.0, n)
    above = np.where(count > 0, betainc(np.maximum(count, 1e-9), n - count + 1.0, centre), 1.0)
    below = np.where(count < n, betainc(np.maximum(n - count, 1e-9), count + 1.0, 1.0 - centre), 1.0)
    return np.asarray(np.where(share > centre, above, below), dtype=np.float64)


def estimate_funnel(
    responses: Responses,
    outcome: str = "ktv",
    *,
    metric: str | None = None,
    adjusters: Sequence[str] | None = None,
    winsorise: float = 0.1,
    method: OverdispersionMethod = "corrected",
    additive: bool = True,
    weights: object = None,
) -> FunnelResult:
    """Make a funnel plot (Spiegelhalter 2005) of practices on an outcome, touchpoint, step or item.

    Shares are drawn on the arcsine-square-root scale, s = 1/(2√n); means and net shares as they are, s = σ_w/√n. The
    limits are widened by the variance between practices that is there anyway (additive overdispersion), so that only
    practices stand out that differ from the usual differences. The arcsine limits are too narrow for few answers near 0
    or 1; a share is therefore flagged only when its exact binomial probability is as small as the limit says.

    Parameters
    ----------
    outcome, metric, adjusters, weights
        As in :func:`~pxanalysis.analysis.practices.compare_practices`; None adjusts for the journey's case mix.
    winsorise
        Share of z scores pulled in on each side when overdispersion is estimated.
    method
        ``corrected`` for what that takes away, or ``winsorised`` as published; see :func:`overdispersion`.
    additive
        False: limits of chance alone.

    Raises
    ------
    NotEstimableError
        With fewer than two practices or without spread.
    """
    if not 0 <= winsorise < 0.5:
        raise AnalysisError(f"winsorise: expected a share from 0 up to .5, received {winsorise}.")
    if method not in get_args(OverdispersionMethod):
        raise AnalysisError(f"method: expected 'corrected' or 'winsorised', received '{method}'.")
    adjusted = adjust_practices(responses, outcome, metric, adjusters, weights=weights)
    return make_funnel(adjusted, winsorise=winsorise, method=method, additive=additive)


def make_funnel(
    adjusted: Adjusted,
    *,
    winsorise: float = 0.1,
    method: OverdispersionMethod = "corrected",
    additive: bool = True,
) -> FunnelResult:
    """Make the funnel of practices whose case-mix model is fitted; parameters as of :func:`estimate_funnel`."""
    subject, data, fit = adjusted.subject, adjusted.data, adjusted.fit
    share = subject.form == "share"
    seen = fit.n > 0
    n = fit.n[seen]
    centre = float(n @ fit.adjusted[seen] / n.sum())
    # As the limits: least squares can put a practice with unusual patients beyond the best answer there is.
    estimate = np.clip(fit.adjusted[seen], subject.low, subject.high)
    scaled = np.arcsin(np.sqrt(estimate)) if share else estimate
    target = float(np.arcsin(np.sqrt(centre))) if share else centre
    sigma = 0.5 if share else float(np.sqrt(fit.sigma2))
    found = overdispersion(scaled, sigma / np.sqrt(n), n, target, winsorise, method=method)
    tau2 = found.tau2 if additive else 0.0
    z = (scaled - target) / np.sqrt(sigma**2 / n + tau2)
    shape = _Shape(centre, sigma, tau2, share, subject.low, subject.high)
    names = np.array(data.practices, dtype=object)[seen]
    table = pd.DataFrame(
        {"outcome": subject.name, "practice_id": names, "n": data.counts[seen].astype(np.int64), "estimate": estimate}
        | funnel_limits(shape, n)
        | {
            "centre": centre,
            "flag": _flags(z, _binomial_tail(estimate, n, centre) if share else None),
            "z": z,
            "reason": "",
        }
    )
    return FunnelResult(
        subject.name, subject.metric, subject.unit, table, centre, sigma, found.phi, tau2, share, shape.low, shape.high
    )
