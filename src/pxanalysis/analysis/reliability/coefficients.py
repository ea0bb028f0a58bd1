"""Families of reliability coefficients with bootstrap intervals, each made of one covariance matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pxanalysis.analysis.reliability.records import REASONS, Coefficient, Term, not_estimated
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.conventions import FEWEST_PRACTICES, MOST_MISFIT
from pxanalysis.statistics.factor.alpha import (
    alpha_std_error,
    clustered_interval,
    correlations,
    cronbach_alpha,
    feldt_interval,
    item_statistics,
    mean_inter_item,
    spearman_brown,
    split_halves,
    standardised_alpha,
)
from pxanalysis.statistics.factor.omega import (
    average_variance_extracted,
    composite_reliability,
    omega_implied,
    omega_observed,
    omega_standardised,
    ordinal_reliability,
)
from pxanalysis.statistics.factor.one_factor import FactorFit, fit_factors, srmr_of
from pxanalysis.statistics.inputs import Matrix
from pxanalysis.statistics.moments.estimate import linearly_dependent
from pxanalysis.statistics.moments.polychoric import answer_categories
from pxanalysis.statistics.moments.two_way_tables import fit_polychoric, tabulate_pairs
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.statistics.resampling.intervals import percentile_interval
from pxanalysis.statistics.resampling.practices import MomentReplicates

__all__ = [
    "OneFactor",
    "alpha_coefficient",
    "consistency_coefficients",
    "factor_coefficients",
    "ordinal_coefficients",
    "with_interval",
]

FACTOR_TERMS: tuple[Term, ...] = ("omega_total", "omega_implied", "omega_standardised", "composite_reliability", "ave")
ORDINAL_TERMS: tuple[Term, ...] = ("ordinal_alpha", "ordinal_omega", "categorical_omega")


@dataclass(frozen=True, slots=True, eq=False)
class OneFactor:
    """Coefficients of a one-factor model, standardised loadings (k,) and SRMR; both NaN without a model."""

    coefficients: list[Coefficient]
    loadings: FloatArray
    srmr: float


def with_interval(
    term: Term, estimate: float, values: FloatArray | None, replicates: MomentReplicates | None, confidence: float
) -> Coefficient:
    """Make a coefficient with the percentile interval and standard deviation of its bootstrap values (B,).

    The interval is cut off further out where few practices were resampled (Hesterberg 2015).
    """
    usable = np.empty(0) if values is None else values[np.isfinite(values)]
    if replicates is None or usable.size < 2:
        return Coefficient(term, estimate)
    low, high = percentile_interval(usable, confidence, units=effective_units(replicates.units))
    kind = "bootstrap of practices" if replicates.unit == "practice" else "bootstrap of respondents"
    return Coefficient(term, estimate, float(usable.std(ddof=1)), float(low), float(high), kind)


def _valid(replicates: MomentReplicates | None) -> FloatArray | None:
    return None if replicates is None else replicates.cov[replicates.valid]


def alpha_coefficient(
    cov: FloatArray, names: Sequence[str], n: float, replicates: MomentReplicates | None, confidence: float
) -> Coefficient:
    """Make alpha; its interval is Feldt's for ``n`` respondents, or from samples of at least five practices."""
    estimate = float(cronbach_alpha(cov))
    low, high = feldt_interval(estimate, n, len(cov), confidence)
    alpha = Coefficient("alpha", estimate, alpha_std_error(cov, n), low, high, "Feldt")
    if replicates is not None and replicates.unit == "practice" and len(replicates.labels) >= FEWEST_PRACTICES:
        draws = cronbach_alpha(replicates.cov[replicates.valid])
        found = clustered_interval(estimate, draws, effective_units(replicates.units), confidence)
        if np.isfinite(found).all():
            alpha = Coefficient("alpha", estimate, *found, "bootstrap of practices")
    if estimate >= 0:
        return alpha
    item = names[int(np.argmin(item_statistics(cov).item_rest))]
    return replace(alpha, reason_code="negative-alpha", reason=REASONS["negative-alpha"].format(item=item))


def consistency_coefficients(
    cov: FloatArray, replicates: MomentReplicates | None, confidence: float
) -> list[Coefficient]:
    """Make the coefficients that need no model: standardised alpha, mean r, Spearman-Brown, split halves."""
    k = len(cov)
    correlation = correlations(cov)
    draws = _valid(replicates)
    mean_r = None if draws is None else mean_inter_item(correlations(draws))
    halves = split_halves(cov)
    if k == 2:
        r = float(correlation[0, 1])
        stepped = None if mean_r is None else spearman_brown(mean_r)
        two = with_interval("spearman_brown", float(spearman_brown(r)), stepped, replicates, confidence)
    else:
        two = not_estimated("spearman_brown", "two-items-only")
    standardised = None if mean_r is None else spearman_brown(mean_r, k)
    return [
        with_interval(
            "alpha_standardised", float(standardised_alpha(correlation)), standardised, replicates, confidence
        ),
        with_interval("mean_inter_item_r", float(mean_inter_item(correlation)), mean_r, replicates, confidence),
        two,
        Coefficient("split_half_lowest", halves.minimum),
        Coefficient("split_half_highest", halves.maximum),
        Coefficient("split_half_odd_even", halves.odd_even),
    ]


def _omegas(fit: FactorFit, cov: FloatArray) -> dict[Term, FloatArray]:
    """Every model-based coefficient of covariances (b, k, k), each of shape (b,)."""
    standard = fit.loadings / np.sqrt(np.einsum("bii->bi", cov))
    return {
        "omega_total": omega_observed(fit.loadings, cov),
        "omega_implied": omega_implied(fit.loadings, fit.uniquenesses),
        "omega_standardised": omega_standardised(fit.uniquenesses, cov),
        "composite_reliability": composite_reliability(standard),
        "ave": average_variance_extracted(standard),
    }


def factor_coefficients(
    cov: FloatArray, names: Sequence[str], replicates: MomentReplicates | None, confidence: float
) -> OneFactor:
    """Make the coefficients of a one-factor model; they carry a reason where that model fits badly."""
    k = len(cov)
    nothing = np.full(k, np.nan)
    if k < 3:
        return OneFactor([not_estimated(term, "three-items-needed") for term in FACTOR_TERMS], nothing, np.nan)
    dependent = linearly_dependent(cov, names)
    if dependent:
        whole = ", ".join(dependent)
        return OneFactor([not_estimated(term, "singular", item=whole) for term in FACTOR_TERMS], nothing, np.nan)
    fit = fit_factors(cov[None], np.zeros(k, dtype=np.intp))
    loadings = fit.loadings[0] / np.sqrt(np.diag(cov))
    if fit.heywood[0].any():
        item = names[int(np.argmin(fit.uniquenesses[0] / np.diag(cov)))]
        return OneFactor([not_estimated(term, "heywood", item=item) for term in FACTOR_TERMS], loadings, np.nan)
    if not fit.converged[0]:
        return OneFactor([not_estimated(term, "factor-not-converged") for term in FACTOR_TERMS], nothing, np.nan)
    estimates = _omegas(fit, cov[None])
    draws = _valid(replicates)
    spread = None if draws is None else _bootstrap_omegas(draws)
    made = [
        with_interval(term, float(estimates[term][0]), None if spread is None else spread[term], replicates, confidence)
        for term in FACTOR_TERMS
    ]
    srmr = srmr_of(cov, fit.loadings[0])
    return OneFactor([_warned(one, srmr) for one in made], loadings, srmr)


def _warned(coefficient: Coefficient, srmr: float) -> Coefficient:
    """Attach the reason when one factor does not describe the items; above 1 there is no estimate at all."""
    if srmr <= MOST_MISFIT and coefficient.estimate <= 1:
        return coefficient
    doubt = not_estimated(coefficient.term, "more-than-one-factor", srmr=srmr, limit=MOST_MISFIT)
    if coefficient.estimate > 1:
        return doubt
    return replace(coefficient, reason_code=doubt.reason_code, reason=doubt.reason)


def _bootstrap_omegas(cov: FloatArray) -> dict[Term, FloatArray] | None:
    """Coefficients of each replicate (B, k, k) whose factor model is admissible."""
    smallest = np.linalg.eigvalsh(correlations(cov))[:, 0]
    cov = cov[smallest > 1e-8]
    if len(cov) == 0:
        return None
    fit = fit_factors(cov, np.zeros(cov.shape[1], dtype=np.intp), tolerance=1e-6, max_iter=60)
    admissible = fit.converged & ~fit.heywood.any(axis=1)
    return {term: values[admissible] for term, values in _omegas(fit, cov).items()}


def ordinal_coefficients(used: Matrix, weights: FloatArray) -> list[Coefficient]:
    """Make the coefficients from polychoric correlations of the answers."""
    try:
        codes, _ = answer_categories(used)
    except NotEstimableError:
        counts = [np.unique(column[np.isfinite(column)]).size for column in used.numbers.T]
        item = used.names[int(np.argmax(counts))]
        return [not_estimated(term, "too-many-categories", item=item) for term in ORDINAL_TERMS]
    fit = fit_polychoric(tabulate_pairs(codes, weights))
    if fit.at_bound.any():
        i, j = np.argwhere(fit.at_bound)[0]
        facts = {"item": used.names[i], "other": used.names[j]}
        return [not_estimated(term, "polychoric-at-bound", **facts) for term in ORDINAL_TERMS]
    found = ordinal_reliability(fit)
    alpha = Coefficient("ordinal_alpha", found.alpha)
    if found.factor is None:
        return [alpha, *(not_estimated(term, "three-items-needed") for term in ORDINAL_TERMS[1:])]
    if found.factor.heywood.any():
        item = used.names[int(np.argmin(found.factor.uniquenesses[0]))]
        return [alpha, *(not_estimated(term, "heywood", item=item) for term in ORDINAL_TERMS[1:])]
    if not found.factor.converged[0]:
        return [alpha, *(not_estimated(term, "factor-not-converged") for term in ORDINAL_TERMS[1:])]
    srmr = srmr_of(fit.correlation, found.factor.loadings[0])
    return [
        alpha,
        _warned(Coefficient("ordinal_omega", found.latent_omega), srmr),
        _warned(Coefficient("categorical_omega", found.categorical_omega), srmr),
    ]
