"""What one point on a driver is worth in the outcome, in the full sample and in samples of practices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pxanalysis.analysis.drivers.bootstrap import DriverReplicates, bootstrap_drivers, check_replicates
from pxanalysis.analysis.drivers.design import DriverDesign, build_design
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.drivers.moments import DriverMoments, estimate_driver_moments
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.relative_importance.methods import ImportanceMethod, importance_shares
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, effective_units

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["DriverEffects", "case_mix_of", "effects_of_model", "estimate_net_effects"]

MOST_EXACT = 20
"""Up to this many drivers importance is LMG; above it, Johnson's relative weights."""

FEWEST_DRAWS = 20


@dataclass(frozen=True, slots=True, eq=False)
class DriverEffects:
    """Effects of p drivers on one outcome.

    Attributes
    ----------
    outcome
        Id of the outcome.
    drivers
        The p drivers in journey order; a driver that the data cannot carry is in ``left_out`` with its reason.
    effect
        Shape (p,): outcome points (on the outcome's own scale, turned so that higher is better) per point on 0-100,
        other drivers being equal; of an optional driver, among those who met it.
    draws
        Shape (B, p): the same in replicates of a bootstrap of practices (of responses when there is one practice),
        spread out as far as a bootstrap of so few falls short.
    importance
        Shape (p,): share of the outcome's variance, proportion; sums to what the drivers explain.
    left_out
        Reason per driver that is not in the model.
    n_obs, n_practices
        Responses and practices used.
    notes
        What makes the replicates doubtful.
    """

    outcome: str
    drivers: tuple[str, ...]
    effect: FloatArray
    draws: FloatArray
    importance: FloatArray
    left_out: dict[str, str]
    n_obs: int
    n_practices: int
    notes: tuple[Note, ...]


def effects_of_model(model: DriverModel, n_bootstrap: int, seed: int) -> DriverEffects:
    """Effects of a fitted model's drivers in outcome units, with replicates.

    They are least-squares slopes whatever the model's family, so that a gain is in points of a grade, and for a
    behaviour in proportions.

    Raises
    ------
    NotEstimableError
        When hardly any bootstrap sample can carry the effects.
    """
    if model.family == "linear":
        replicates = model.bootstrap(n_bootstrap, seed=seed)
    else:
        replicates = bootstrap_drivers(model.design, model.moments, None, n_bootstrap=n_bootstrap, seed=seed)
    return _gather(model.design, model.moments, replicates)


def estimate_net_effects(responses: Responses, model: DriverModel, n_bootstrap: int, seed: int) -> DriverEffects:
    """Effects of the same drivers on the NPS as a proportion.

    The outcome is 1 for a promoter (9-10), -1 for a detractor (0-6), else 0, so a slope is what one point adds to the
    share of promoters less that of detractors.

    Raises
    ------
    AnalysisError
        When the journey does not ask for a recommendation.
    NotEstimableError
        When it cannot be estimated, for example because everybody falls in the same group.
    """
    design = build_design(responses, "nps", model.level, case_mix=case_mix_of(model), missing=model.design.missing)
    net = (design.rated >= 9).astype(np.float64) - (design.rated <= 6)
    if net.min() == net.max():
        raise NotEstimableError("every respondent falls in the same NPS group, so there is nothing to explain.")
    design = replace(design, rated=net)
    moments = estimate_driver_moments(design)
    replicates = bootstrap_drivers(design, moments, None, n_bootstrap=n_bootstrap, seed=seed)
    return _aligned(_gather(design, moments, replicates), model.drivers)


def _aligned(effects: DriverEffects, drivers: tuple[str, ...]) -> DriverEffects:
    """The same effects for these drivers, NaN for one that is not in the model."""
    place = [effects.drivers.index(name) if name in effects.drivers else -1 for name in drivers]
    absent = np.array(place) < 0

    def pick(values: FloatArray) -> FloatArray:
        return np.where(absent, np.nan, values[..., place])

    return replace(
        effects,
        drivers=drivers,
        effect=pick(effects.effect),
        draws=pick(effects.draws),
        importance=pick(effects.importance),
    )


def case_mix_of(model: DriverModel) -> tuple[str, ...]:
    """Ids of the case-mix variables in the model."""
    return tuple(dict.fromkeys(column.partition("=")[0] for column in model.design.covariates))


def _gather(design: DriverDesign, moments: DriverMoments, replicates: DriverReplicates) -> DriverEffects:
    check_replicates(replicates, min(FEWEST_DRAWS, len(replicates.valid)))
    draws = replicates.b_raw[replicates.valid]
    skip, covariance = len(design.covariates), moments.covariance
    own = covariance[-1, -1] / (covariance[-1, -1] + moments.met_variance[-1])
    method: ImportanceMethod = "lmg" if len(design.drivers) <= MOST_EXACT else "johnson"
    effect = np.asarray(np.linalg.solve(covariance[:-1, :-1], covariance[:-1, -1])[skip:], dtype=np.float64)
    return DriverEffects(
        outcome=design.outcome.id,
        drivers=design.drivers,
        effect=effect,
        draws=effect
        + bootstrap_expansion(effective_units(design.codes))
        * (draws[np.arange(len(replicates.valid)) % len(draws)] - effect),
        importance=importance_shares(covariance, method, always=tuple(range(skip))) * own,
        left_out=design.left_out,
        n_obs=len(design.rated),
        n_practices=len(design.practices),
        notes=replicates.notes,
    )
