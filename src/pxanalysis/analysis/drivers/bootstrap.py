"""A driver model over again in samples of practices: covariances and coefficients of every replicate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.moments import DriverMoments, nearly_singular
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.regression.proportional_odds import LATENT_VARIANCE, CategoricalFit, one_step_replicates
from pxanalysis.statistics.resampling.incomplete import counted_covariances
from pxanalysis.statistics.resampling.practices import MomentReplicates, bootstrap_moments

__all__ = [
    "DriverReplicates",
    "bootstrap_drivers",
    "check_replicates",
    "jackknife_covariances",
    "latent_covariance",
    "latent_met_variance",
]

_MOST_PARTS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class DriverReplicates:
    """B bootstrap samples of a driver model with c case-mix columns, p drivers and J practices.

    Attributes
    ----------
    covariance
        Shape (B, c+p+1, c+p+1), cleared of who met what; the outcome (latent, for an ordinal or logistic model)
        stands last. NaN in samples that are not ``valid``.
    met_variance
        Variance of the outcome that goes with having met the optional drivers, shape (B,).
    slopes, standardised
        Coefficients of case mix and drivers, shape (B, c+p): in outcome units (log-odds) per unit, and
        standardised.
    r2
        Shape (B,).
    counts
        Shape (B, J) (or (B, n) when ``unit`` is ``case``), how often each was drawn.
    unit, labels
        ``practice`` with the J practice ids, or ``case``.
    drivers
        Names of the p drivers.
    valid
        Shape (B,).
    seed
        With which the samples can be drawn again.
    notes
        Why samples are not valid or the bootstrap is doubtful.
    """

    covariance: FloatArray
    met_variance: FloatArray
    slopes: FloatArray
    standardised: FloatArray
    r2: FloatArray
    counts: npt.NDArray[np.int32]
    unit: Literal["practice", "case"]
    labels: tuple[str, ...]
    drivers: tuple[str, ...]
    valid: npt.NDArray[np.bool_]
    seed: int
    notes: tuple[Note, ...]

    @property
    def total_variance(self) -> FloatArray:
        """Variance of the outcome, shape (B,)."""
        return np.asarray(self.covariance[:, -1, -1] + self.met_variance)

    @property
    def b_raw(self) -> FloatArray:
        """Outcome units (log-odds) per point on 0-100 of each driver, shape (B, p)."""
        return self.slopes[:, -len(self.drivers) :]

    @property
    def beta(self) -> FloatArray:
        """Standardised coefficient of each driver, shape (B, p)."""
        return self.standardised[:, -len(self.drivers) :]


def latent_covariance(inputs: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Covariances of inputs and the latent outcome of a logistic model.

    Parameters
    ----------
    inputs
        Covariances of case mix and drivers, shape (..., k, k).
    coefficients
        Log-odds per unit, shape (..., k).

    Returns
    -------
    Array of shape (..., k+1, k+1). The R² it implies is McKelvey & Zavoina's (1975).
    """
    link = (inputs @ coefficients[..., None])[..., 0]
    explained = (link * coefficients).sum(axis=-1)
    size = inputs.shape[-1]
    whole = np.empty((*inputs.shape[:-2], size + 1, size + 1))
    whole[..., :size, :size] = inputs
    whole[..., :size, size] = whole[..., size, :size] = link
    whole[..., size, size] = explained + LATENT_VARIANCE
    return whole


def bootstrap_drivers(
    design: DriverDesign,
    moments: DriverMoments,
    fit: CategoricalFit | None,
    *,
    n_bootstrap: int,
    seed: int,
) -> DriverReplicates:
    """Draw practices (responses, when there is one practice) and make the model over again in each sample.

    Parameters
    ----------
    fit
        The full-sample ordinal or logistic fit on who met what, case mix and drivers; None for a linear model.
    """
    clusters = design.codes if len(design.practices) > 1 else None
    drawn = bootstrap_moments(
        moments.clear(design),
        clusters,
        n_bootstrap,
        np.random.default_rng(seed),
        weights=design.weights,
    )
    inputs = len(design.covariates) + len(design.drivers)
    usable = drawn.valid & ~nearly_singular(drawn.cov[:, :inputs, :inputs])
    covariance, met_variance, slopes = (
        _linear(drawn, moments, usable) if fit is None else _categorical(drawn, moments, fit, design, usable)
    )
    covariance[~usable] = np.nan
    total = covariance[:, -1, -1] + met_variance
    spread = np.sqrt(covariance[:, range(inputs), range(inputs)] + moments.met_variance[:inputs])
    explained = np.einsum("bi,bi->b", slopes, covariance[:, -1, :-1]) + met_variance
    valid = np.asarray(np.isfinite(slopes).all(axis=1))
    return DriverReplicates(
        covariance=covariance,
        met_variance=met_variance,
        slopes=slopes,
        standardised=slopes * spread / np.sqrt(total)[:, None],
        r2=explained / total,
        counts=drawn.counts,
        unit=drawn.unit,
        labels=tuple(design.practices[int(label)] for label in drawn.labels),
        drivers=design.drivers,
        valid=valid,
        seed=seed,
        notes=_write_notes(valid, drawn),
    )


def _write_notes(valid: npt.NDArray[np.bool_], drawn: MomentReplicates) -> tuple[Note, ...]:
    """The notes of the samples, with those added that are too near to singular."""
    failed = int((~valid).sum())
    others = tuple(note for note in drawn.notes if note.code != "samples_set_aside")
    return (Note("samples_set_aside", {"failed": failed, "n": int(valid.size)}), *others) if failed else others


def check_replicates(replicates: DriverReplicates, fewest: int) -> None:
    """Refuse to go on with fewer than ``fewest`` samples that could be used, and say what would help.

    Raises
    ------
    NotEstimableError
        Because what few samples show is no measure of uncertainty.
    """
    used, drawn = int(replicates.valid.sum()), int(replicates.valid.size)
    if used >= fewest:
        return
    said = f"only {used} of {drawn} bootstrap samples could be used, at least {fewest} are needed for an interval"
    remedy = "use fewer drivers or case-mix variables, or wait for more answers"
    if drawn < fewest:
        said, remedy = f"{said}; ", "raise n_bootstrap"
    elif replicates.unit == "practice":
        said += f": in the others some column did not vary or could not be told apart, as {len(replicates.labels)} "
        said += "practices are too few for so many; "
    else:
        said += ": in the others some column did not vary or could not be told apart; "
    raise NotEstimableError(f"{said}{remedy}.", code="bootstrap_failed")


def jackknife_covariances(design: DriverDesign, moments: DriverMoments, fit: CategoricalFit | None) -> FloatArray:
    """Covariances with one practice (or one of at most 1,000 parts of the units) left out, as in ``DriverReplicates``.

    Returns
    -------
    Array of shape (units, c+p+1, c+p+1). With missing answers each is one Newton step from the whole sample.
    """
    several = len(design.practices) > 1
    units = design.codes if several else np.arange(len(design.rated), dtype=np.intp)
    part = np.arange(units.max() + 1) % _MOST_PARTS
    kept = np.ones((part.max() + 1, part.size), dtype=np.int32)
    kept[part, np.arange(part.size)] = 0
    covariance = counted_covariances(moments.clear(design), units, design.weights, kept)
    if fit is None:
        return covariance
    slopes = one_step_replicates(fit, kept)[:, fit.thresholds.size + design.met.shape[1] :]
    return latent_covariance(covariance[:, :-1, :-1], slopes)


def _solve(covariance: FloatArray, usable: npt.NDArray[np.bool_]) -> FloatArray:
    slopes = np.full(covariance.shape[:2], np.nan)[:, :-1]
    inputs, link = covariance[usable, :-1, :-1], covariance[usable, :-1, -1]
    slopes[usable] = np.linalg.solve(inputs, link[..., None])[..., 0]
    return slopes


def _linear(
    drawn: MomentReplicates, moments: DriverMoments, usable: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    return drawn.cov, np.full(len(drawn.cov), moments.met_variance[-1]), _solve(drawn.cov, usable)


def _categorical(
    drawn: MomentReplicates,
    moments: DriverMoments,
    fit: CategoricalFit,
    design: DriverDesign,
    usable: npt.NDArray[np.bool_],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    # many rows of one practice are drawn in bundles; the fit's scores are per row
    counts = drawn.counts[:, drawn.units] if drawn.unit == "case" else drawn.counts
    parameters = one_step_replicates(fit, counts)
    coefficients = parameters[:, fit.thresholds.size :]
    met = design.met.shape[1]
    slopes = coefficients[:, met:]
    slopes[~usable] = np.nan
    inputs = slopes.shape[1]
    covariance = latent_covariance(drawn.cov[:, :inputs, :inputs], slopes)
    return covariance, latent_met_variance(coefficients, moments, design), slopes


def latent_met_variance(coefficients: FloatArray, moments: DriverMoments, design: DriverDesign) -> FloatArray:
    """Variance of the latent outcome that goes with who met what, shape (...,), for coefficients (..., m+c+p)."""
    met, inputs = design.met.shape[1], len(moments.mean) - 1
    if met == 0:
        return np.zeros(coefficients.shape[:-1])
    spread = np.atleast_2d(np.cov(design.met, rowvar=False, aweights=design.weights, ddof=0))
    effects = coefficients[..., :met] + coefficients[..., met:] @ moments.clearing.slopes[:, :inputs].T
    return np.asarray(np.einsum("...i,ij,...j->...", effects, spread, effects))
