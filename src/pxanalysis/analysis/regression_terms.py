"""Coefficients of a driver model as one frame, with notes on how far to trust them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.analysis.conventions import FEWEST_PER_TERM, FEWEST_RESAMPLED, MOST_OVERLAP
from pxanalysis.analysis.few_practices import effective_units
from pxanalysis.analysis.notes import Note
from pxanalysis.analysis.regression_bootstrap import DriverReplicates
from pxanalysis.analysis.regression_categorical import CategoricalFit
from pxanalysis.analysis.regression_design import DriverDesign
from pxanalysis.analysis.regression_errors import ErrorMethod
from pxanalysis.analysis.regression_moments import DriverMoments
from pxanalysis.analysis.regression_validation import condition_index, variance_inflation
from pxanalysis.analysis.result import FloatArray

__all__ = ["Fitted", "list_terms", "met_terms", "write_notes"]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Coefficients of who met what (m), case mix and drivers (c+p), in that order, with their errors.

    ``standardisation`` says how many times larger the errors of the standardised ones are (``standardisation_ratio``).
    """

    slopes: FloatArray
    slope_errors: FloatArray
    degrees: FloatArray
    errors: ErrorMethod
    covariance: FloatArray
    met_variance: float
    standardisation: FloatArray | None = None
    fit: CategoricalFit | None = None
    replicates: DriverReplicates | None = None


def list_terms(
    design: DriverDesign, moments: DriverMoments, fitted: Fitted, total: float, confidence: float
) -> pd.DataFrame:
    """One row per coefficient and per driver left out; columns as in ``DriverModel.terms``."""
    from scipy.stats import t

    met = len(design.met_names)
    answered = np.isfinite(design.numbers[:, :-1]).sum(axis=0)
    shares = dict(zip(design.met_names, moments.clearing.centre, strict=True))
    places = dict(zip(design.drivers, design.groups, strict=True))
    to_beta = np.concatenate([np.ones(met), moments.spread[:-1]]) / np.sqrt(total)
    estimate = fitted.slopes * to_beta
    errors = _standardised_errors(design, fitted, to_beta)
    reach = t.ppf(0.5 + confidence / 2, fitted.degrees) * errors
    ratio = np.divide(
        fitted.slopes, fitted.slope_errors, out=np.full(len(fitted.slopes), np.nan), where=fitted.slope_errors > 0
    )
    frame = pd.DataFrame(
        {
            "term": [*met_terms(design), *design.names[:-1]],
            "kind": ["met"] * met + ["covariate"] * len(design.covariates) + ["driver"] * len(design.drivers),
            "n": [len(design.rated)] * met + answered.tolist(),
            "estimate": estimate,
            "std_error": errors,
            "ci_low": estimate - reach,
            "ci_high": estimate + reach,
            "p_value": 2 * t.sf(np.abs(ratio), fitted.degrees),
            "b_raw": fitted.slopes,
            "b_raw_error": fitted.slope_errors,
            "vif": np.concatenate([np.full(met, np.nan), variance_inflation(moments)]),
        }
    )
    units = [term.removeprefix("met:") for term in frame["term"]]
    frame["met_share"] = [shares.get(unit, shares.get(places.get(unit, unit), 1.0)) for unit in units]
    frame["reason"] = ""
    if not design.left_out:
        return frame
    unused = pd.DataFrame(
        [{"term": name, "kind": "driver", "n": 0, "reason": why} for name, why in design.left_out.items()]
    )
    place = {name: position for position, name in enumerate(design.order)}
    both = pd.concat([frame, unused], ignore_index=True)
    drivers = both[both["kind"] == "driver"].sort_values(
        "term", key=lambda terms: terms.map(place).fillna(len(place)), kind="stable"
    )
    return pd.concat([both[both["kind"] != "driver"], drivers], ignore_index=True)


def _standardised_errors(design: DriverDesign, fitted: Fitted, to_beta: FloatArray) -> FloatArray:
    """Errors of the standardised coefficients, shape (m+c+p,).

    From bootstrap samples, each with its own standard deviations; without these by the delta method for a linear model,
    and given the standard deviations for an ordinal or logistic one.
    """
    errors = np.asarray(fitted.slope_errors * to_beta)
    if fitted.standardisation is not None:
        errors = errors * fitted.standardisation
    if fitted.replicates is not None:
        made, units = fitted.replicates, effective_units(design.codes)
        spread = made.standardised[made.valid].std(axis=0, ddof=1)
        errors[len(design.met_names) :] = spread * np.sqrt(units / (units - 1))
    return errors


def met_terms(design: DriverDesign) -> tuple[str, ...]:
    """Names of the effects of having met a driver."""
    return tuple(f"met:{name}" for name in design.met_names)


def write_notes(design: DriverDesign, moments: DriverMoments, fitted: Fitted) -> tuple[Note, ...]:
    """Write what a careful reader should know before trusting single coefficients."""
    n, practices, terms = len(design.rated), len(design.practices), len(fitted.slopes)
    found = list(design.notes)
    if practices == n:
        found.append(Note("one_response_each"))
    elif 1 < practices < FEWEST_RESAMPLED:
        found.append(Note("few_practices", {"n": practices}))
    if n < FEWEST_PER_TERM * terms:
        found.append(Note("few_responses", {"n": n, "terms": terms}))
    overlap = condition_index(design, moments)
    if overlap > MOST_OVERLAP:
        found.append(Note("overlap", {"index": round(overlap)}))
    if fitted.replicates is not None:
        found.extend(fitted.replicates.notes)
    return tuple(found)
