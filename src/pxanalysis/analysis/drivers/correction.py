"""A driver model on true scores beside that on measured ones, over again in every sample of practices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.stats import t

from pxanalysis.analysis.drivers.precision import PrecisionSource, estimate_precision
from pxanalysis.arrays import BoolArray, FloatArray
from pxanalysis.statistics.conventions import FEWEST_PRACTICES
from pxanalysis.statistics.measurement_error import correct_covariance
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.statistics.resampling.intervals import MIN_REPLICATES, percentile_interval

if TYPE_CHECKING:
    from pxanalysis.analysis.drivers.bootstrap import DriverReplicates
    from pxanalysis.analysis.drivers.design import DriverDesign
    from pxanalysis.analysis.drivers.moments import DriverMoments

__all__ = ["CORRECTED_COLUMNS", "Correction", "Measurement", "cannot_correct", "correct_drivers", "corrected_terms"]

Measurement = Literal["both", "measured", "corrected"]
"""Whether effects are those of scores as measured, of true scores, or both beside each other."""

CORRECTED_COLUMNS = (
    "reliability",
    "reliability_from",
    "corrected",
    "corrected_error",
    "corrected_low",
    "corrected_high",
    "b_corrected",
)

_INSTEAD = {
    "estimate": "corrected",
    "std_error": "corrected_error",
    "ci_low": "corrected_low",
    "ci_high": "corrected_high",
    "b_raw": "b_corrected",
    "b_raw_error": "b_error",
    "p_value": "p_value",
}

_CORRECTS = ("items", "borrowed", "stated")


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """A linear driver model (c case-mix columns, p drivers) with what scores miss the mark by taken away.

    Attributes
    ----------
    error, reliability
        Shape (c+p,): error variance of each column (squared points) and 1 less its proportion of the variance.
    source
        Where it comes from, c+p names.
    borrowed
        Reliability of one item as in the other scales, which single items are taken to have; NaN without scales.
    covariance
        Shape (c+p+1, c+p+1), as ``DriverModel.covariance`` with the error taken off.
    slopes, beta
        Shape (c+p,): outcome units per point of the true score, and in standard deviations of both.
    r2
        Proportion of the outcome's variance that true scores explain.
    replicates
        The same in the bootstrap samples.
    """

    error: FloatArray
    reliability: FloatArray
    source: tuple[PrecisionSource, ...]
    borrowed: float
    covariance: FloatArray
    slopes: FloatArray
    beta: FloatArray
    r2: float
    replicates: DriverReplicates


def cannot_correct(design: DriverDesign) -> Note | None:
    """Why the precision of these drivers cannot be estimated at all, or None."""
    if design.level != "touchpoint":
        return Note("measured_level", {"level": design.level})
    if len(design.practices) < FEWEST_PRACTICES:
        return Note("measured_few_practices", {"n": len(design.practices), "minimum": FEWEST_PRACTICES})
    return None


def correct_drivers(design: DriverDesign, moments: DriverMoments, replicates: DriverReplicates) -> Correction | Note:
    """Take the error out of the covariances of a linear driver model and of its bootstrap samples.

    Returns
    -------
    The correction, or why there is none: nothing is known of any driver's precision, or the errors cannot be as large
    as the items suggest (they differ in content).
    """
    inputs = len(design.covariates) + len(design.drivers)
    valid = replicates.valid
    if valid.sum() < MIN_REPLICATES:
        return Note("measured_samples", {"minimum": MIN_REPLICATES})
    covariance = np.concatenate([moments.covariance[None], replicates.covariance[valid]])
    counts = np.concatenate([np.ones_like(replicates.counts[:1]), replicates.counts[valid]])
    variance = np.einsum("rii->ri", covariance)[:, :inputs]
    precision = estimate_precision(design, variance, counts)
    if not any(source in _CORRECTS for source in precision.source):
        return Note("measured_no_scale")
    usable = np.asarray(np.isfinite(precision.error).all(axis=1))
    corrected = correct_covariance(covariance, np.where(usable[:, None], precision.error, 0.0))
    if corrected.kappa[0] < 1.0:
        return Note("measured_content", {"share": round(100 * float(corrected.kappa[0]))})
    found = _Samples(
        corrected.covariance, moments, np.concatenate([moments.met_variance[-1:], replicates.met_variance[valid]])
    )
    return Correction(
        error=precision.error[0],
        reliability=1.0 - precision.error[0] / variance[0],
        source=precision.source,
        borrowed=float(precision.borrowed[0]),
        covariance=corrected.covariance[0],
        slopes=found.slopes[0],
        beta=found.beta[0],
        r2=float(found.r2[0]),
        replicates=_replace_samples(replicates, found, usable[1:]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Samples:
    """Corrected covariances (R, c+p+1, c+p+1) and what the outcome owes to who met what, (R,)."""

    covariance: FloatArray
    moments: DriverMoments
    met_variance: FloatArray

    @property
    def slopes(self) -> FloatArray:
        return np.asarray(np.linalg.solve(self.covariance[:, :-1, :-1], self.covariance[:, :-1, -1:])[..., 0])

    @property
    def total(self) -> FloatArray:
        return np.asarray(self.covariance[:, -1, -1] + self.met_variance)

    @property
    def beta(self) -> FloatArray:
        variance = np.einsum("rii->ri", self.covariance)[:, :-1] + self.moments.met_variance[:-1]
        return np.asarray(self.slopes * np.sqrt(variance / self.total[:, None]))

    @property
    def r2(self) -> FloatArray:
        explained = np.einsum("ri,ri->r", self.slopes, self.covariance[:, :-1, -1])
        return np.asarray((explained + self.met_variance) / self.total)


def _replace_samples(replicates: DriverReplicates, found: _Samples, usable: BoolArray) -> DriverReplicates:
    """The samples with corrected figures; ``found`` holds the full sample first."""
    place = np.flatnonzero(replicates.valid)

    def put(values: FloatArray) -> FloatArray:
        whole = np.full((replicates.valid.size, *values.shape[1:]), np.nan)
        whole[place] = values[1:]
        return whole

    valid = np.zeros_like(replicates.valid)
    valid[place[usable]] = True
    return replace(
        replicates,
        covariance=put(found.covariance),
        slopes=put(found.slopes),
        standardised=put(found.beta),
        r2=put(found.r2),
        valid=valid,
    )


def corrected_terms(
    terms: pd.DataFrame, design: DriverDesign, correction: Correction | None, confidence: float, *, instead: bool
) -> pd.DataFrame:
    """Put the corrected coefficients beside the measured ones or, with ``instead``, also in their place.

    Parameters
    ----------
    terms
        As ``DriverModel.terms``.
    """
    frame = terms.assign(**(dict.fromkeys(CORRECTED_COLUMNS, np.nan) | {"reliability_from": ""}))
    if correction is None:
        return frame
    found = _tabulate(design, correction, confidence)
    here = frame["term"].isin(found.index) & frame["estimate"].notna()
    rows = found.loc[frame.loc[here, "term"]]
    for name in CORRECTED_COLUMNS:
        frame.loc[here, name] = rows[name].to_numpy()
    for target, name in _INSTEAD.items() if instead else ():
        frame.loc[here, target] = rows[name].to_numpy()
    return frame


def _tabulate(design: DriverDesign, correction: Correction, confidence: float) -> pd.DataFrame:
    """Figures per case-mix column and driver, errors and intervals from the samples of practices."""
    made, units = correction.replicates, effective_units(design.codes)
    low, high = percentile_interval(made.standardised[made.valid], confidence, units=units)
    wider = np.sqrt(units / (units - 1))
    b_error = wider * made.slopes[made.valid].std(axis=0, ddof=1)
    return pd.DataFrame(
        {
            "reliability": correction.reliability,
            "reliability_from": list(correction.source),
            "corrected": correction.beta,
            "corrected_error": wider * made.standardised[made.valid].std(axis=0, ddof=1),
            "corrected_low": low,
            "corrected_high": high,
            "b_corrected": correction.slopes,
            "b_error": b_error,
            "p_value": 2 * t.sf(np.abs(correction.slopes / b_error), units - 1),
        },
        index=[*design.covariates, *design.drivers],
    )
