"""Reliability of partial-least-squares composites (mode A, path weighting), as SmartPLS users know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.factor.alpha import standardised_alpha
from pxanalysis.statistics.factor.omega import average_variance_extracted, composite_reliability
from pxanalysis.statistics.inputs import numeric_matrix
from pxanalysis.statistics.moments.estimate import MissingMethod, estimate_moments

__all__ = ["Composites", "estimate_composites"]
MAX_ITER = 1_000


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Composites(Result):
    """Composites of a path model.

    Attributes
    ----------
    scales
        One row per scale: ``scale, k, alpha_standardised, rho_a, rho_c, ave, r2`` (``r2`` is NaN and ``reason`` says
        so for a scale no path leads to).
    indicators
        One row per item: ``scale, item, weight, loading`` (of standardised items).
    paths
        One row per path: ``source, target, estimate`` (standardised).
    correlation
        Of the composites, shape (m, m).
    n_obs, method
        Rows used, and how missing answers were treated.
    """

    scales: pd.DataFrame
    indicators: pd.DataFrame
    paths: pd.DataFrame
    correlation: pd.DataFrame
    n_obs: int
    method: MissingMethod

    def tidy(self) -> pd.DataFrame:
        """One row per path: ``term, source, target, estimate``."""
        return standard_columns(self.paths.assign(term=self.paths["target"] + " ~ " + self.paths["source"]))

    def glance(self) -> pd.DataFrame:
        """One row: n_obs, method, number of scales and paths."""
        sizes = {"n_scales": len(self.scales), "n_paths": len(self.paths)}
        return pd.DataFrame([{"n_obs": self.n_obs, "method": self.method} | sizes])


def estimate_composites(
    data: object,
    scales: Mapping[str, Sequence[str]],
    paths: Mapping[str, Sequence[str]],
    *,
    missing: MissingMethod = "em",
    weights: object = None,
) -> Composites:
    """Estimate composites by partial least squares and their rho_A, rho_C and AVE.

    Weights by mode A with the path weighting scheme (Lohmöller 1989) on correlations; rho_A by Dijkstra & Henseler
    (2015), rho_C and AVE by Fornell & Larcker (1981) from the loadings.

    Parameters
    ----------
    data
        DataFrame with the items, NaN where missing.
    scales
        Items of each scale; scales do not share items.
    paths
        Per target scale the scales that lead to it, without circles.

    Raises
    ------
    AnalysisError
        When a path names an unknown scale, a scale stands in no path, an item is in two scales, or paths form a circle.
    NotEstimableError
        When the moments cannot be estimated or the weights do not converge.
    """
    names = list(scales)
    items = [str(item) for members in scales.values() for item in members]
    _check(scales, paths, items)
    moments = estimate_moments(numeric_matrix(data, items), method=missing, weights=weights)
    if not moments.converged:
        raise NotEstimableError(moments.reason)
    correlation = moments.correlation.to_numpy()
    owner = np.repeat(np.arange(len(names)), [len(members) for members in scales.values()])
    leads = np.zeros((len(names), len(names)), dtype=bool)
    for target, sources in paths.items():
        leads[[names.index(source) for source in sources], names.index(target)] = True
    weight = _outer_weights(correlation, owner, leads)
    between = weight.T @ correlation @ weight
    loading = (correlation @ weight)[np.arange(owner.size), owner]
    slopes = _slopes(between, leads)
    rows = []
    for scale, name in enumerate(names):
        own = np.flatnonzero(owner == scale)
        facts = _scale_facts(weight[own, scale], loading[own], correlation[np.ix_(own, own)])
        r2 = float(slopes[:, scale] @ between[:, scale]) if leads[:, scale].any() else np.nan
        reason = "" if leads[:, scale].any() else "no path leads to this scale, so it has no R²"
        rows.append({"scale": name, "k": own.size, **facts, "r2": r2, "reason": reason})
    arrows = [(names[a], names[b], float(slopes[a, b])) for b, a in np.argwhere(leads.T)]
    own_weight = weight[np.arange(owner.size), owner]
    labels = [names[scale] for scale in owner]
    return Composites(
        scales=pd.DataFrame(rows),
        indicators=pd.DataFrame({"scale": labels, "item": items, "weight": own_weight, "loading": loading}),
        paths=pd.DataFrame(arrows, columns=["source", "target", "estimate"]),
        correlation=pd.DataFrame(between, index=names, columns=names),
        n_obs=moments.n_obs,
        method=missing,
    )


def _slopes(between: FloatArray, leads: npt.NDArray[np.bool_]) -> FloatArray:
    """Standardised regression of each composite on those that lead to it, column by column, shape (m, m)."""
    slopes = np.zeros_like(between)
    for scale in range(len(leads)):
        sources = np.flatnonzero(leads[:, scale])
        slopes[sources, scale] = np.linalg.solve(between[np.ix_(sources, sources)], between[sources, scale])
    return slopes


def _scale_facts(weight: FloatArray, loading: FloatArray, block: FloatArray) -> dict[str, float]:
    return {
        "alpha_standardised": float(standardised_alpha(block)) if loading.size > 1 else np.nan,
        "rho_a": _rho_a(weight, block),
        "rho_c": float(composite_reliability(loading)),
        "ave": float(average_variance_extracted(loading)),
    }


def _check(scales: Mapping[str, Sequence[str]], paths: Mapping[str, Sequence[str]], items: list[str]) -> None:
    shared = sorted({item for item in items if items.count(item) > 1})
    if shared:
        raise AnalysisError(f"scales: item '{shared[0]}' belongs to more than one scale; give it to one of them.")
    named = {name for target, sources in paths.items() for name in (target, *sources)}
    unknown = sorted(named - set(scales))
    if unknown:
        raise AnalysisError(f"paths: there is no scale '{unknown[0]}'; there are: {', '.join(scales)}.")
    loose = [name for name in scales if name not in named]
    if loose:
        raise AnalysisError(f"paths: scale '{loose[0]}' stands in no path; connect it or leave it out.")
    settled: set[str] = set()
    while len(settled) < len(scales):
        ready = {name for name in set(scales) - settled if set(paths.get(name, ())) <= settled}
        if not ready:
            raise AnalysisError(f"paths: {', '.join(sorted(set(scales) - settled))} form a circle.")
        settled |= ready


def _outer_weights(correlation: FloatArray, owner: IntArray, leads: npt.NDArray[np.bool_]) -> FloatArray:
    """Weights (p, m), zero outside an item's own scale, that give composites of variance 1."""
    member = (owner[:, None] == np.arange(len(leads))).astype(np.float64)

    def scaled(weight: FloatArray) -> FloatArray:
        total = np.einsum("pi,pq,qi->i", weight, correlation, weight)
        result: FloatArray = weight / np.sqrt(total)
        return result

    weight = scaled(member)
    for _ in range(MAX_ITER):
        between = weight.T @ correlation @ weight
        inner = np.where(leads.T, between, 0.0) + _slopes(between, leads)
        new = scaled((correlation @ weight @ inner) * member)
        if np.abs(new - weight).max() < 1e-12:
            return new
        weight = new
    raise NotEstimableError(f"the weights of the composites did not settle in {MAX_ITER} rounds; use fewer scales.")


def _rho_a(weight: FloatArray, correlation: FloatArray) -> float:
    if weight.size == 1:
        return 1.0
    products = np.outer(weight, weight)
    off = ~np.eye(weight.size, dtype=bool)
    explained = weight @ np.where(off, correlation, 0.0) @ weight
    return float((weight @ weight) ** 2 * explained / (weight @ np.where(off, products, 0.0) @ weight))
