"""All scales in one factor model with correlated factors: loadings, composite reliability, AVE, Fornell-Larcker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.factor.alpha import cronbach_alpha
from pxanalysis.statistics.factor.omega import (
    average_variance_extracted,
    composite_reliability,
    omega_implied,
    omega_observed,
)
from pxanalysis.statistics.factor.one_factor import FactorFit, fit_factors
from pxanalysis.statistics.inputs import numeric_matrix
from pxanalysis.statistics.moments.estimate import MissingMethod, Moments, estimate_moments

__all__ = ["MEASUREMENT_DEFINITIONS", "MeasurementModel", "estimate_measurement"]

MEASUREMENT_DEFINITIONS = {
    "alpha": "Cronbach's alpha of the raw scores",
    "omega_observed": "(sum of loadings)^2 / observed variance of the sum (semTools compRelSEM)",
    "omega_implied": "(sum of loadings)^2 / model variance of the sum (semTools compRelSEM, obs.var = FALSE)",
    "composite_reliability": "rho_C of the standardised loadings (Fornell & Larcker)",
    "ave": "mean squared standardised loading (Fornell & Larcker)",
    "ave_of_variance": "sum of squared loadings / sum of item variances (semTools AVE)",
    "maximal_reliability": "coefficient H, reliability of the best weighted sum (Hancock & Mueller)",
}
"""What each column of ``MeasurementModel.scales`` is."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MeasurementModel(Result):
    """A factor model with one factor per scale.

    Attributes
    ----------
    scales
        One row per scale: ``scale, k``, the coefficients of ``MEASUREMENT_DEFINITIONS``,
        ``largest_correlation`` with another factor and ``fornell_larcker`` (square root of ``ave`` exceeds it).
    loadings
        One row per item: ``scale, item, loading, standardised, uniqueness``.
    factor_correlation
        Shape (m, m).
    chi_square, df, n_obs, method, loglik
        Fit (n times the ML discrepancy; with missing answers of the EM covariances, then only descriptive), rows
        used, and how moments were made.
    reason
        "" or what makes the solution inadmissible.
    """

    scales: pd.DataFrame
    loadings: pd.DataFrame
    factor_correlation: pd.DataFrame
    chi_square: float
    df: int
    n_obs: int
    method: MissingMethod
    reason: str

    def tidy(self) -> pd.DataFrame:
        """One row per loading: ``term, scale, item, estimate, standardised, uniqueness``."""
        table = self.loadings.rename(columns={"loading": "estimate"})
        return standard_columns(table.assign(term=table["scale"] + " =~ " + table["item"]))

    def glance(self) -> pd.DataFrame:
        """One row: n_obs, method, chi_square, df, reason."""
        facts = ("n_obs", "method", "chi_square", "df", "reason")
        return pd.DataFrame([{fact: getattr(self, fact) for fact in facts}])


def estimate_measurement(
    data: object,
    scales: Mapping[str, Sequence[str]],
    *,
    missing: MissingMethod = "em",
    weights: object = None,
) -> MeasurementModel:
    """Fit one factor per scale, all factors correlated, by maximum likelihood.

    Parameters
    ----------
    data
        DataFrame with the items, pointing the same way, NaN where missing.
    scales
        Items of each scale, at least two each (three when there is one scale); scales do not share items.

    Raises
    ------
    AnalysisError
        For wrong input, by name.
    NotEstimableError
        When the moments cannot be estimated, the model is not identified, or it does not converge.
    """
    items = [str(item) for members in scales.values() for item in members]
    owner = np.repeat(np.arange(len(scales)), [len(members) for members in scales.values()])
    shared = sorted({item for item in items if items.count(item) > 1})
    if shared:
        raise AnalysisError(f"scales: item '{shared[0]}' belongs to more than one scale; give it to one of them.")
    moments = estimate_moments(numeric_matrix(data, items), method=missing, weights=weights)
    if not moments.converged:
        raise NotEstimableError(moments.reason)
    cov = moments.cov.to_numpy()
    fit = fit_factors(cov[None], owner)
    if not fit.converged[0]:
        raise NotEstimableError(
            f"the model with {len(scales)} factors did not converge on {moments.n_obs} rows; leave out scales whose "
            "items hardly correlate, or combine scales that measure the same."
        )
    return _result(moments, fit, list(scales), items, owner)


def _result(
    moments: Moments, fit: FactorFit, names: list[str], items: list[str], owner: npt.NDArray[np.intp]
) -> MeasurementModel:
    cov = moments.cov.to_numpy()
    loading, unique, between = fit.loadings[0], fit.uniquenesses[0], fit.correlations[0]
    standard = loading / np.sqrt(np.diag(cov))
    m, p = len(names), len(items)
    others = np.where(np.eye(m, dtype=bool), 0.0, np.abs(between)).max(axis=1, initial=0.0)
    rows = []
    for factor, name in enumerate(names):
        own = np.flatnonzero(owner == factor)
        block = cov[np.ix_(own, own)]
        squared = standard[own] ** 2
        ave = float(average_variance_extracted(standard[own]))
        rows.append(
            {
                "scale": name,
                "k": own.size,
                "alpha": float(cronbach_alpha(block)),
                "omega_observed": float(omega_observed(loading[own], block)),
                "omega_implied": float(omega_implied(loading[own], unique[own])),
                "composite_reliability": float(composite_reliability(standard[own])),
                "ave": ave,
                "ave_of_variance": float((loading[own] ** 2).sum() / np.trace(block)),
                "maximal_reliability": float(1 / (1 + 1 / (squared / np.maximum(1 - squared, 1e-12)).sum())),
                "largest_correlation": float(others[factor]),
                "fornell_larcker": bool(np.sqrt(ave) > others[factor]),
            }
        )
    loadings = {"scale": [names[f] for f in owner], "item": items, "loading": loading}
    return MeasurementModel(
        scales=pd.DataFrame(rows),
        loadings=pd.DataFrame({**loadings, "standardised": standard, "uniqueness": unique}),
        factor_correlation=pd.DataFrame(between, index=names, columns=names),
        chi_square=float(moments.n_obs * fit.discrepancy[0]),
        df=p * (p + 1) // 2 - 2 * p - m * (m - 1) // 2,
        n_obs=moments.n_obs,
        method=moments.method,
        reason=_inadmissible(fit, names, items),
    )


def _inadmissible(fit: FactorFit, names: list[str], items: list[str]) -> str:
    bad = [items[i] for i in np.flatnonzero(fit.heywood[0])]
    if bad:
        return f"inadmissible solution (Heywood case): the uniqueness of item {bad[0]} is 0 or negative"
    beyond = np.argwhere(np.tril(np.abs(fit.correlations[0]) > 1, -1))
    if len(beyond):
        i, j = beyond[0]
        return f"inadmissible solution: scales {names[j]} and {names[i]} correlate more than 1; combine them"
    return ""
