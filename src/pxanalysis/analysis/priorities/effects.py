"""What one point on a driver is worth in the outcome, in the full sample and in samples of practices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from pxanalysis.analysis.drivers.bootstrap import DriverReplicates, bootstrap_drivers, check_replicates
from pxanalysis.analysis.drivers.correction import Correction, Measurement, cannot_correct, correct_drivers
from pxanalysis.analysis.drivers.design import DriverDesign, build_design
from pxanalysis.analysis.drivers.model import DriverModel
from pxanalysis.analysis.drivers.moments import DriverMoments, estimate_driver_moments
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.conventions import DETRACTORS_TO, PROMOTERS_FROM
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.relative_importance.methods import choose_method, importance_shares
from pxanalysis.statistics.resampling.few_practices import bootstrap_expansion, effective_units
from pxanalysis.statistics.resampling.intervals import percentile_interval

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["DriverEffects", "EffectVersion", "case_mix_of", "effects_of_model", "estimate_net_effects"]

FEWEST_DRAWS = 20


@dataclass(frozen=True, slots=True, eq=False)
class EffectVersion:
    """Effects of p drivers, with scores as measured or with their error taken out.

    Attributes
    ----------
    name
        ``measured``, ``corrected``, or ``sem`` (of latent touchpoints, by a structural equation model).
    effect
        Shape (p,): outcome points (on the outcome's own scale, turned so that higher is better) per point on 0-100,
        other drivers being equal; of an optional driver, among those who met it.
    draws
        Shape (B, p): the same in replicates of a bootstrap of practices (of responses when there is one practice),
        spread out as far as a bootstrap of so few falls short.
    importance
        Shape (p,): share of the outcome's variance, proportion; sums to what the drivers explain.
    """

    name: Literal["measured", "corrected", "sem"]
    effect: FloatArray
    draws: FloatArray
    importance: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class DriverEffects:
    """Effects of p drivers on one outcome.

    Attributes
    ----------
    outcome
        Id of the outcome.
    spread
        Standard deviation of the outcome between patients.
    drivers
        The p drivers in journey order; a driver that the data cannot carry is in ``left_out`` with its reason.
    versions
        As measured, corrected, or both, in this order; or by a structural equation model.
    left_out
        Reason per driver that is not in the model.
    n_obs, n_practices
        Responses and practices used.
    notes
        What makes the replicates doubtful.
    """

    outcome: str
    spread: float
    drivers: tuple[str, ...]
    versions: tuple[EffectVersion, ...]
    left_out: dict[str, str]
    n_obs: int
    n_practices: int
    notes: tuple[Note, ...]

    @property
    def effect(self) -> FloatArray:
        """Mean over the versions, shape (p,)."""
        return np.asarray(np.mean([version.effect for version in self.versions], axis=0))

    @property
    def importance(self) -> FloatArray:
        """Of the first version, as the importances of the driver model are; shape (p,)."""
        return self.versions[0].importance

    def interval(self, confidence: float) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest probable effect by any version, each (p,)."""
        ends = [percentile_interval(version.draws, confidence) for version in self.versions]
        return np.min([low for low, _ in ends], axis=0), np.max([high for _, high in ends], axis=0)


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
    return _gather(model.design, model.moments, replicates, model.measurement)


def estimate_net_effects(
    responses: Responses, model: DriverModel, n_bootstrap: int, seed: int, weights: FloatArray | None = None
) -> DriverEffects:
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
    design = build_design(
        responses,
        "nps",
        model.level,
        case_mix=case_mix_of(model),
        missing=model.design.missing,
        weights=model.design.response_weights if weights is None else weights,
    )
    net = (design.rated >= PROMOTERS_FROM).astype(np.float64) - (design.rated <= DETRACTORS_TO)
    if net.min() == net.max():
        raise NotEstimableError("every respondent falls in the same NPS group, so there is nothing to explain.")
    design = replace(design, rated=net)
    moments = estimate_driver_moments(design)
    replicates = bootstrap_drivers(design, moments, None, n_bootstrap=n_bootstrap, seed=seed)
    measurement = "measured" if model.correction is None else model.measurement
    return _aligned(_gather(design, moments, replicates, measurement), model.drivers)


def _aligned(effects: DriverEffects, drivers: tuple[str, ...]) -> DriverEffects:
    """The same effects for these drivers, NaN for one that is not in the model."""
    place = [effects.drivers.index(name) if name in effects.drivers else -1 for name in drivers]
    absent = np.array(place) < 0

    def pick(values: FloatArray) -> FloatArray:
        return np.where(absent, np.nan, values[..., place])

    versions = [
        replace(one, effect=pick(one.effect), draws=pick(one.draws), importance=pick(one.importance))
        for one in effects.versions
    ]
    return replace(effects, drivers=drivers, versions=tuple(versions))


def case_mix_of(model: DriverModel) -> tuple[str, ...]:
    """Ids of the case-mix variables in the model."""
    return tuple(dict.fromkeys(column.partition("=")[0] for column in model.design.covariates))


def _gather(
    design: DriverDesign, moments: DriverMoments, replicates: DriverReplicates, measurement: Measurement
) -> DriverEffects:
    check_replicates(replicates, min(FEWEST_DRAWS, len(replicates.valid)))
    versions = []
    if measurement != "measured" and cannot_correct(design) is None:
        found = correct_drivers(design, moments, replicates)
        if isinstance(found, Correction):
            versions = [_version("corrected", design, moments, found.covariance, found.replicates)]
    if not versions or measurement == "both":
        versions.insert(0, _version("measured", design, moments, moments.covariance, replicates))
    return DriverEffects(
        outcome=design.outcome.id,
        spread=float(moments.spread[-1]),
        drivers=design.drivers,
        versions=tuple(versions),
        left_out=design.left_out,
        n_obs=len(design.rated),
        n_practices=len(design.practices),
        notes=replicates.notes,
    )


def _version(
    name: Literal["measured", "corrected"],
    design: DriverDesign,
    moments: DriverMoments,
    covariance: FloatArray,
    replicates: DriverReplicates,
) -> EffectVersion:
    draws = replicates.b_raw[replicates.valid]
    skip = len(design.covariates)
    own = covariance[-1, -1] / (covariance[-1, -1] + moments.met_variance[-1])
    effect = np.asarray(np.linalg.solve(covariance[:-1, :-1], covariance[:-1, -1])[skip:], dtype=np.float64)
    reach = bootstrap_expansion(effective_units(design.codes))
    return EffectVersion(
        name=name,
        effect=effect,
        draws=effect + reach * (draws[np.arange(len(replicates.valid)) % len(draws)] - effect),
        importance=importance_shares(covariance, choose_method(len(design.drivers)), always=tuple(range(skip))) * own,
    )
