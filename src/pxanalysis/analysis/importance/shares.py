"""Importance from covariances of a driver model, for the model and for its bootstrap samples, and their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pxanalysis.analysis.drivers.bootstrap import DriverReplicates, check_replicates
from pxanalysis.analysis.drivers.correction import CORRECTED_COLUMNS
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.arrays import FloatArray
from pxanalysis.result import standard_columns
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.statistics.regression.explained_variance import as_correlations
from pxanalysis.statistics.relative_importance.methods import ImportanceMethod, importance_shares
from pxanalysis.statistics.resampling.intervals import MIN_REPLICATES

if TYPE_CHECKING:
    pass

__all__ = [
    "flag_signs",
    "importance_columns",
    "replicate_shares",
    "share_out",
    "tabulate",
    "too_few_for_intervals",
    "withhold_uncertainty",
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
    *CORRECTED_COLUMNS,
    "importance_corrected",
    "importance_corrected_low",
    "importance_corrected_high",
    "rank_corrected",
)

_UNCERTAIN = [
    *("importance_low", "importance_high", "rank_low", "rank_high", "p_top1", "p_top3"),
    *("importance_corrected_low", "importance_corrected_high"),
]
"""Columns that there are none of with too few practices."""

Groups = tuple[tuple[int, ...], ...]


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
    frame["reliability_from"] = frame["reliability_from"].fillna("")
    return frame.reindex(columns=list(_COLUMNS))


def too_few_for_intervals(practices: int) -> bool:
    """Whether samples of so few practices say nothing of uncertainty; of one practice its responses are drawn."""
    return 1 < practices < FEWEST_PRACTICES


def withhold_uncertainty(rows: pd.DataFrame, practices: int) -> pd.DataFrame:
    """Rows of :func:`tabulate` without what so few practices cannot tell, and with the reason beside it."""
    if not too_few_for_intervals(practices):
        return rows
    why = (
        f"no interval of importance or rank: samples of only {practices} practices show too little spread; "
        f"{FEWEST_PRACTICES} are needed"
    )
    return rows.assign(**dict.fromkeys(_UNCERTAIN, np.nan), reason=rows["reason"].where(rows["reason"] != "", why))


def importance_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Rename the columns of :func:`tabulate`: importance is the estimate, beta and its errors say whose they are."""
    beta = {"std_error": "beta_error", "ci_low": "beta_low", "ci_high": "beta_high"}
    own = {"importance": "estimate", "importance_low": "ci_low", "importance_high": "ci_high"}
    return standard_columns(rows.rename(columns=beta).rename(columns=own))
