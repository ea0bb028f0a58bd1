"""How much of satisfaction each driver accounts for, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from pxanalysis.analysis.drivers.bootstrap import jackknife_covariances
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.importance.dominance import complete_dominance, conditional_dominance, general_dominance
from pxanalysis.analysis.importance.ranks import rank_drivers, summarise_ranks
from pxanalysis.analysis.importance.result import ImportanceResult
from pxanalysis.analysis.importance.shares import (
    Groups,
    replicate_shares,
    share_out,
    tabulate,
    too_few_for_intervals,
    withhold_uncertainty,
)
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.regression.explained_variance import subset_r2
from pxanalysis.statistics.relative_importance.methods import ImportanceMethod, choose_method, importance_shares
from pxanalysis.statistics.relative_importance.shapley import lmg_shares, owen_shares
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.statistics.resampling.intervals import IntervalMethod, bootstrap_interval, r2_interval
from pxanalysis.survey.responses import check_responses

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = [
    "ImportanceMethod",
    "ImportanceResult",
    "complete_dominance",
    "conditional_dominance",
    "estimate_importance",
    "general_dominance",
    "importance_shares",
    "lmg_shares",
    "owen_shares",
    "subset_r2",
]


def estimate_importance(
    source: Responses | DriverModel,
    *,
    method: ImportanceMethod | None = None,
    groups: Mapping[str, str] | None = None,
    interval: IntervalMethod = "percentile",
    n_bootstrap: int = 1000,
    seed: int = 1,
    confidence: float | None = None,
    **fit_options: Any,
) -> ImportanceResult:
    """Share out the explained variance over the drivers, with intervals from samples of practices.

    Parameters
    ----------
    source
        A driver model, or responses, which are then fitted with ``fit_options`` (see ``fit_drivers``).
    method
        ``lmg`` (exact Shapley, at most 25 drivers), ``johnson`` (any number), ``owen`` (drivers in groups); ``first``
        and ``last`` do not sum to R². When None, ``lmg``, or ``johnson`` with more than 25 drivers.
    groups
        For ``owen``: the group of each driver; by default items belong to their touchpoint, touchpoints to their
        step.
    interval
        ``percentile``, or ``bca`` (bias-corrected and accelerated).
    n_bootstrap, seed
        Samples of practices; of responses when there is one practice.

    Returns
    -------
    ImportanceResult
        The importances sum to R² less what case mix and who met what explain by themselves. For an ordinal or
        logistic model they share out McKelvey & Zavoina's R² of the latent outcome. With 2 to 4 practices there are no
        intervals and no probabilities of ranks: practices drawn from so few covered 42-77 % instead of 95 %.

    Raises
    ------
    AnalysisError
        For an unknown method or interval, or more than 25 drivers with ``lmg``.
    NotEstimableError
        When the model, or too many of its bootstrap samples, cannot be estimated.
    """
    if not isinstance(source, DriverModel):
        check_responses(source, "estimate_importance(responses) or estimate_importance(drivers)")
    if interval not in get_args(IntervalMethod):
        raise AnalysisError(f"interval: expected 'percentile' or 'bca', received '{interval}'.")
    if groups is not None and method != "owen":
        raise AnalysisError(f"groups: only method='owen' takes drivers in groups, received method='{method}'.")
    if isinstance(source, DriverModel):
        model = _as_fitted(source, confidence, fit_options)
    else:
        level = 0.95 if confidence is None else confidence
        model = fit_drivers(source, **{"n_bootstrap": n_bootstrap, "seed": seed, "confidence": level, **fit_options})
    confidence = model.confidence
    method = method or choose_method(len(model.drivers))
    placed = _place(model, groups) if method == "owen" else None
    bootstrap = model.corrected_bootstrap(n_bootstrap, seed=seed) if model.measurement == "corrected" else None
    bootstrap = bootstrap or model.bootstrap(n_bootstrap, seed=seed)
    estimate = share_out(model, model.covariance, method, groups=placed)
    replicates, r2s = replicate_shares(model, bootstrap, method, placed)
    low, high = _ends(model, method, placed, interval, confidence, estimate, replicates)
    found = summarise_ranks(estimate, replicates, confidence).assign(
        touchpoint=list(model.drivers),
        importance=estimate,
        importance_low=low,
        importance_high=high,
        share=estimate / (model.r2 - model.r2_covariates),
        **_corrected(model, method, placed, confidence, n_bootstrap, seed),
    )
    r2_low, r2_high = r2_interval(model.r2, r2s, confidence, effective_units(model.design.codes))
    if too_few_for_intervals(model.n_practices):
        r2_low = r2_high = float("nan")
    return ImportanceResult(
        terms=withhold_uncertainty(tabulate(model, found), model.n_practices),
        method=method,
        interval=interval,
        r2=model.r2,
        r2_low=r2_low,
        r2_high=r2_high,
        r2_covariates=model.r2_covariates,
        confidence=confidence,
        replicates=replicates,
        bootstrap=bootstrap,
        model=model,
    )


def _as_fitted(model: DriverModel, confidence: float | None, fit_options: Mapping[str, object]) -> DriverModel:
    """The model, where nothing is asked that it was not fitted with."""
    if confidence is not None and confidence != model.confidence:
        raise AnalysisError(
            f"confidence: the driver model has intervals at {model.confidence:g}, received {confidence:g}; "
            f"fit it with confidence={confidence:g}, so that beta and importance stand at one level."
        )
    if fit_options:
        raise AnalysisError(f"{', '.join(fit_options)}: the driver model is fitted already; give responses.")
    return model


def _corrected(
    model: DriverModel,
    method: ImportanceMethod,
    groups: Groups | None,
    confidence: float,
    n_bootstrap: int,
    seed: int,
) -> dict[str, FloatArray | float]:
    """Importance with error taken out, its interval and rank; NaN without a correction."""
    names = ("importance_corrected", "importance_corrected_low", "importance_corrected_high", "rank_corrected")
    made = model.corrected_bootstrap(n_bootstrap, seed=seed)
    if model.correction is None or made is None:
        return dict.fromkeys(names, float("nan"))
    estimate = share_out(model, model.correction.covariance, method, groups=groups)
    replicates, _ = replicate_shares(model, made, method, groups)
    units = effective_units(model.design.codes)
    low, high = bootstrap_interval(estimate, replicates, confidence, units=units)
    return dict(zip(names, (estimate, low, high, rank_drivers(estimate)), strict=True))


def _place(model: DriverModel, groups: Mapping[str, str] | None) -> Groups:
    """Positions of the drivers of each group among the columns of the covariance matrix."""
    drivers, first = model.drivers, len(model.design.covariates)
    chosen = dict(zip(drivers, model.design.groups, strict=True)) if groups is None else groups
    absent = [name for name in drivers if name not in chosen]
    if absent:
        raise AnalysisError(f"groups: driver '{absent[0]}' has no group; give every driver one.")
    named = dict.fromkeys(chosen[name] for name in drivers)
    return tuple(
        tuple(first + position for position, name in enumerate(drivers) if chosen[name] == group) for group in named
    )


def _ends(
    model: DriverModel,
    method: ImportanceMethod,
    groups: Groups | None,
    chosen: IntervalMethod,
    confidence: float,
    estimate: FloatArray,
    replicates: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    if chosen == "percentile":
        return bootstrap_interval(estimate, replicates, confidence, units=effective_units(model.design.codes))
    left_out = jackknife_covariances(model.design, model.moments, model.fit)
    jackknife = share_out(model, left_out, method, groups=groups)
    return bootstrap_interval(estimate, replicates, confidence, jackknife[np.isfinite(jackknife).all(axis=1)])
