"""Total effects of latent touchpoints as effects that priorities can be made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.importance.shares import share_out
from pxanalysis.analysis.priorities.effects import DriverEffects, EffectVersion
from pxanalysis.analysis.sem.resampled import resample_model
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.covariance_structure.paths import direct_and_total
from pxanalysis.statistics.relative_importance.methods import choose_method
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, effective_units

if TYPE_CHECKING:
    from pxanalysis.analysis.drivers.model import DriverModel
    from pxanalysis.analysis.sem.model import SemModel

__all__ = ["effects_of_sem"]


def effects_of_sem(sem: SemModel, drivers: DriverModel, n_bootstrap: int, seed: int) -> DriverEffects:
    """Effect of a point of each touchpoint's true score on the outcome, by a structural equation model.

    Parameters
    ----------
    sem
        From ``fit_sem`` of the same responses and outcome.
    drivers
        The driver model whose touchpoints are ranked; importance is measured by it.
    n_bootstrap, seed
        Samples of practices to which the model is fitted again.

    Returns
    -------
    DriverEffects
        Total effects per point of the touchpoint's score: a latent is scaled so that its loadings are 1 on average.

    Raises
    ------
    AnalysisError
        When the model lacks a touchpoint of ``drivers`` or its outcome.
    NotEstimableError
        When too many samples cannot be fitted, or the model is of ordered answers.
    """
    fitted = sem.fitted
    fitted.refuse_ordered("priorities")
    names = (*fitted.table.observed, *fitted.table.latents)
    absent = [name for name in (*drivers.drivers, drivers.outcome) if name not in names]
    if absent:
        raise AnalysisError(f"sem: the model has no '{absent[0]}'; fit it to the same responses and outcome.")
    done = fitted.replicates
    if done is None or len(done.theta) != n_bootstrap:
        done = resample_model(fitted, n_bootstrap, seed)
    if not done.valid.any():
        raise NotEstimableError("no sample of practices could be fitted by the structural equation model.")
    effect = _score_effects(sem, drivers, fitted.solution.theta[None])[0]
    draws = _score_effects(sem, drivers, done.theta[done.valid])
    draws = effect + bootstrap_expansion(effective_units(fitted.rows.clusters)) * (draws - effect)
    shares = share_out(drivers, drivers.covariance, choose_method(len(drivers.drivers)))
    return DriverEffects(
        outcome=drivers.outcome,
        spread=float(drivers.moments.spread[-1]),
        drivers=drivers.drivers,
        versions=(EffectVersion("sem", effect, draws, shares),),
        left_out=drivers.design.left_out,
        n_obs=sem.n_obs,
        n_practices=drivers.n_practices,
        notes=(),
    )


def _score_effects(sem: SemModel, drivers: DriverModel, theta: FloatArray) -> FloatArray:
    """Total effects in outcome units per point of the score at parameters (b, q), shape (b, p)."""
    fitted = sem.fitted
    structure, scale = fitted.model.structures[0], fitted.model.scale
    names = (*fitted.table.observed, *fitted.table.latents)
    direct, total = direct_and_total(structure, theta)
    target = names.index(drivers.outcome)
    columns = []
    for driver in drivers.drivers:
        latent = names.index(driver)
        items = [names.index(row.right) for row in fitted.table.rows if row.operator == "=~" and row.left == driver]
        loading = (direct[:, items, latent] * scale[items]).mean(axis=1)
        columns.append(total[:, target, latent] * scale[target] / loading)
    return np.stack(columns, axis=1)
