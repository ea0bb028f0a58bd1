"""How much of satisfaction each driver accounts for, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.bootstrap import DriverReplicates, check_replicates, jackknife_covariances
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.importance.dominance import complete_dominance, conditional_dominance, general_dominance
from pxanalysis.analysis.importance.ranks import summarise_ranks
from pxanalysis.analysis.importance.result import ImportanceResult
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.regression.explained_variance import as_correlations, subset_r2
from pxanalysis.statistics.relative_importance.methods import ImportanceMethod, importance_shares
from pxanalysis.statistics.relative_importance.shapley import lmg_shares, owen_shares
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.statistics.resampling.intervals import MIN_REPLICATES, IntervalMethod, bootstrap_interval, r2_interval

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = [
    "ImportanceMethod",
    "ImportanceResult",
    "complete_dominance",
    "conditional_dominance",
    "estimate_importance",
    "flag_signs",
    "general_dominance",
    "importance_shares",
    "lmg_shares",
    "owen_shares",
    "replicate_shares",
    "share_out",
    "subset_r2",
    "tabulate",
]

_COLUMNS = (
    "touchpoint",
    "n",
    "beta",
    "std_error",
    "ci_low",
    "ci_high",
    "p_value",
    "b_raw",
    "vif",
    "importance",
    "importance_low",
    "importance_high",
    "share",
    "rank",
    "rank_low",
    "rank_high",
    "p_top1",
    "p_top3",
    "sign_flag",
    "reason",
)

Groups = tuple[tuple[int, ...], ...]


def estimate_importance(
    source: Responses | DriverModel,
    *,
    method: ImportanceMethod = "lmg",
    groups: Mapping[str, str] | None = None,
    interval: IntervalMethod = "percentile",
    n_bootstrap: int = 1000,
    seed: int = 1,
    confidence: float = 0.95,
    **fit_options: Any,
) -> ImportanceResult:
    """Share out the explained variance over the drivers, with intervals from samples of practices.

    Parameters
    ----------
    source
        A driver model, or responses, which are then fitted with ``fit_options`` (see ``fit_drivers``).
    method
        ``lmg`` (exact Shapley, at most 25 drivers), ``johnson`` (any number), ``owen`` (drivers in groups), ``car``,
        ``pratt``, ``genizi``; ``first``, ``last`` and ``betasq`` do not sum to R².
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
        logistic model they share out McKelvey & Zavoina's R² of the latent outcome.

    Raises
    ------
    AnalysisError
        For an unknown method or interval, or more than 25 drivers with ``lmg``.
    NotEstimableError
        When the model, or too many of its bootstrap samples, cannot be estimated.
    """
    check_confidence(confidence)
    if interval not in get_args(IntervalMethod):
        raise AnalysisError(f"interval: expected 'percentile' or 'bca', received '{interval}'.")
    if isinstance(source, DriverModel):
        if fit_options:
            raise AnalysisError(f"{', '.join(fit_options)}: the driver model is fitted already; give responses.")
        model = source
    else:
        options = {"n_bootstrap": n_bootstrap, "seed": seed, "confidence": confidence, **fit_options}
        model = fit_drivers(source, **options)
    placed = _place(model, groups) if method == "owen" else None
    estimate = share_out(model, model.covariance, method, groups=placed)
    bootstrap = model.bootstrap(n_bootstrap, seed=seed)
    replicates, r2s = replicate_shares(model, bootstrap, method, placed)
    low, high = _ends(model, method, placed, interval, confidence, estimate, replicates)
    found = summarise_ranks(estimate, replicates, confidence).assign(
        touchpoint=list(model.drivers),
        importance=estimate,
        importance_low=low,
        importance_high=high,
        share=estimate / (model.r2 - model.r2_covariates),
    )
    r2_low, r2_high = r2_interval(model.r2, r2s, confidence, effective_units(model.design.codes))
    return ImportanceResult(
        terms=tabulate(model, found),
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


def share_out(
    model: DriverModel,
    covariance: FloatArray,
    method: ImportanceMethod = "lmg",
    met_variance: float | FloatArray | None = None,
    groups: Groups | None = None,
) -> FloatArray:
    """Importance of the drivers from covariances of a driver model.

    Parameters
    ----------
    covariance
        Shape (..., c+p+1, c+p+1) as in ``DriverModel.covariance``.
    met_variance
        Variance of the outcome that goes with who met what, shape (...); the model's when None.

    Returns
    -------
    Array of shape (..., p), proportions of the whole variance of the outcome.
    """
    always = range(len(model.design.covariates))
    shares = importance_shares(covariance, method, always=always, groups=groups)
    cleared = covariance[..., -1, -1]
    total = cleared + (model.met_variance if met_variance is None else met_variance)
    return np.asarray(shares * (cleared / total)[..., None])


def replicate_shares(
    model: DriverModel, bootstrap: DriverReplicates, method: ImportanceMethod, groups: Groups | None = None
) -> tuple[FloatArray, FloatArray]:
    """Importance (B', p) and R² (B',) in the bootstrap samples that can carry them."""
    check_replicates(bootstrap, MIN_REPLICATES)
    valid = bootstrap.valid
    shares = share_out(model, bootstrap.covariance[valid], method, bootstrap.met_variance[valid], groups)
    usable = np.isfinite(shares).all(axis=1)
    return shares[usable], bootstrap.r2[valid][usable]


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


def flag_signs(model: DriverModel) -> list[str]:
    """Say which drivers' importance is not that of a good experience going with a better outcome, one per driver.

    ``negative``: a higher score goes with a worse outcome, by itself and with the other drivers held equal.
    ``suppressor``: its coefficient and its correlation with the outcome have opposite signs, or it clearly adds more
    beside the other drivers than by itself, so that part of its importance is to clear up others. The flag is on
    the estimate as it is; the interval of beta says how sure its sign is.
    """
    first = len(model.design.covariates)
    correlations = as_correlations(model.covariance)[first:, first:]
    alone, last = importance_shares(correlations, "first"), importance_shares(correlations, "last")
    rows = model.terms[model.terms["kind"] == "driver"].set_index("term").loc[list(model.drivers)]
    beta = rows["estimate"].to_numpy(dtype=np.float64)
    clear = rows["ci_low"].to_numpy() * rows["ci_high"].to_numpy() > 0
    simple = correlations[:-1, -1]
    flags = np.where((beta * simple < 0) | (clear & (last > alone)), "suppressor", "")
    flags = np.where((beta < 0) & (simple < 0), "negative", flags)
    return [str(flag) for flag in flags]


def tabulate(model: DriverModel, found: pd.DataFrame, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Put importances beside coefficients, one row per driver of the model and per driver left out.

    Parameters
    ----------
    found
        One row per driver: ``touchpoint`` (its id), ``importance, importance_low, importance_high, share, rank,
        rank_low, rank_high, p_top1, p_top3``.
    names
        Which drivers to list, in this order; all when None.
    """
    rows = model.terms[model.terms["kind"] == "driver"].rename(columns={"term": "touchpoint", "estimate": "beta"})
    if names is not None:
        rows = rows.set_index("touchpoint").loc[list(names)].reset_index()
    flags = pd.DataFrame({"touchpoint": list(model.drivers), "sign_flag": flag_signs(model)})
    frame = rows.merge(found, on="touchpoint", how="left").merge(flags, on="touchpoint", how="left")
    frame["sign_flag"] = frame["sign_flag"].fillna("")
    frame.loc[frame["importance"] < 0, "reason"] = (
        "negative, because this measure multiplies coefficient and correlation: with the other drivers equal it goes "
        "against its simple correlation, so it cannot be read as a part of R²; see method 'lmg'"
    )
    return frame[list(_COLUMNS)]
