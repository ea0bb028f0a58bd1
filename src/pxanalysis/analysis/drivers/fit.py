"""Driver regression: which touchpoints go with satisfaction, all taken together.

A linear model is estimated from the moments of drivers and outcome, so that a question that not everybody was asked
costs no respondents. A touchpoint that a patient did not meet is not missing: it contributes nothing for that patient.
Its slope comes from those who met it, and what goes with having met it is taken out first, as an effect of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from pxanalysis.analysis.drivers.bootstrap import (
    bootstrap_drivers,
    check_replicates,
    latent_covariance,
    latent_met_variance,
)
from pxanalysis.analysis.drivers.correction import (
    Correction,
    Measurement,
    cannot_correct,
    correct_drivers,
    corrected_terms,
)
from pxanalysis.analysis.drivers.design import DriverDesign, Missing, build_design
from pxanalysis.analysis.drivers.model import DriverModel, Fitted, list_terms, met_terms, write_notes
from pxanalysis.analysis.drivers.moments import DriverMoments, estimate_driver_moments
from pxanalysis.analysis.drivers.validation import Family, complete_drivers, condition_index, cross_validated_r2
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.regression.explained_variance import check_singular, subset_r2
from pxanalysis.statistics.regression.least_squares import fit_least_squares, standardisation_ratio
from pxanalysis.statistics.regression.proportional_odds import fit_categorical, robust_errors
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.survey.responses import check_responses
from pxanalysis.survey.scores import ScoreLevel

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["DriverModel", "fit_design", "fit_drivers"]

FEWEST_SAMPLES = 20
"""Errors of fewer bootstrap samples than this mean nothing."""


def fit_drivers(
    responses: Responses,
    outcome: str = "ktv",
    level: ScoreLevel = "touchpoint",
    *,
    case_mix: tuple[str, ...] | None = None,
    weights: object = None,
    missing: Missing = "em",
    family: Family | None = None,
    confidence: float = 0.95,
    n_bootstrap: int = 1000,
    seed: int = 1,
    cross_validate: bool = True,
    measurement: Measurement = "both",
) -> DriverModel:
    """Fit how the drivers go with an outcome.

    Parameters
    ----------
    outcome
        Id or kind (``ktv``, ``nps``, ``ces``) of an outcome or the id of a behaviour; turned so that higher is
        better.
    level
        Whether touchpoints, items or steps are the drivers, each a score on 0-100.
    case_mix
        Ids of the journey's case-mix variables to hold equal.
    weights
        One case weight per response.
    missing
        ``em`` uses every response that has the outcome and a driver (maximum likelihood, missing at random);
        ``listwise`` only the complete ones.
    family
        ``linear`` (the default for KTV, NPS and CES), ``ordinal`` (proportional odds) or ``logistic`` (the default
        for a behaviour). The latter two, when answers are missing, put in what is expected from the other drivers.
    n_bootstrap, seed
        Samples of practices for the errors when answers are missing; ``missing='em'`` has no formula for them.
    cross_validate
        Also predict practices left out (the slowest part with many questions).
    measurement
        ``measured`` takes scores as they are; ``corrected`` takes out what they miss the mark by, as far as the items
        of a touchpoint agree (errors in variables; Fuller 1987); ``both``, the default, has the measured figures with
        the corrected ones beside them, since covariances cannot tell error from different content. A journey may say
        which it is (``scale: reflective`` or ``formative``). Linear models by touchpoint, from 5 practices on;
        otherwise measured, and ``notes`` says so.

    Returns
    -------
    DriverModel
        Errors are HC3 with one practice (or one response per practice), CR2 with fewer than 40 practices, CR1
        with more, and by bootstrap of practices when answers were missing.

    Raises
    ------
    AnalysisError
        For an unknown outcome, level, case-mix variable or family.
    NotEstimableError
        When the rows are too few, the outcome is constant, drivers copy each other, or, for a logistic or ordinal
        outcome, a driver separates the answers perfectly; by name. Also when hardly any bootstrap sample can be used.
    """
    check_confidence(confidence)
    check_responses(responses, "fit_drivers(responses, 'ktv')")
    design = build_design(responses, outcome, level, case_mix=case_mix, weights=weights, missing=missing)
    chosen = _choose_family(design, family)
    if measurement not in get_args(Measurement):
        raise AnalysisError(
            f"measurement: expected one of {', '.join(get_args(Measurement))}, received '{measurement}'."
        )
    model = fit_design(
        design, chosen, confidence=confidence, n_bootstrap=n_bootstrap, seed=seed, measurement=measurement
    )
    if not cross_validate:
        return model
    cv_r2, cv_note = cross_validated_r2(design, chosen, seed=seed)
    return replace(model, cv_r2=cv_r2, cv_note=cv_note)


def fit_design(
    design: DriverDesign,
    family: Family,
    *,
    confidence: float,
    n_bootstrap: int,
    seed: int,
    measurement: Measurement = "measured",
) -> DriverModel:
    """Fit a driver model to arrays that are ready for it, without cross-validation; see ``fit_drivers``."""
    moments = estimate_driver_moments(design)
    check_singular(moments.covariance[:-1, :-1], design.names[:-1])
    fitted = (_fit_linear if family == "linear" else _fit_categorical)(design, moments)
    if family == "linear" and moments.method == "em":
        fitted = _with_bootstrap(fitted, design, moments, n_bootstrap, seed)
    model = _assemble(design, moments, fitted, family, confidence)
    if measurement == "measured":
        return model
    return _with_correction(model, measurement, n_bootstrap, seed)


def _with_correction(model: DriverModel, measurement: Measurement, n_bootstrap: int, seed: int) -> DriverModel:
    """The same model with corrected figures, or with the reason why there are none."""
    if model.family != "linear":
        return replace(model, measurement=measurement, notes=(*model.notes, Note("measured_family")))
    found: Correction | Note | None = cannot_correct(model.design)
    replicates = model.replicates
    if found is None:
        replicates = model.bootstrap(n_bootstrap, seed=seed)
        found = correct_drivers(model.design, model.moments, replicates)
    if isinstance(found, Note):
        return replace(model, measurement=measurement, notes=(*model.notes, found))
    instead = measurement == "corrected"
    terms = corrected_terms(model.terms, model.design, found, model.confidence, instead=instead)
    changed = replace(model, terms=terms, measurement=measurement, correction=found, replicates=replicates)
    if not instead:
        return changed
    return replace(changed, r2=found.r2, errors="bootstrap", covariance=found.covariance)


def _choose_family(design: DriverDesign, family: Family | None) -> Family:
    if family is None:
        return "logistic" if design.outcome.kind == "behaviour" else "linear"
    if family not in get_args(Family):
        raise AnalysisError(f"family: expected one of {', '.join(get_args(Family))}, received '{family}'.")
    answers = np.unique(design.rated).size
    if family == "logistic" and answers > 2:
        raise AnalysisError(
            f"family: 'logistic' needs an outcome with two answers, '{design.outcome.id}' has {answers}; use 'ordinal'."
        )
    return family


def _fit_linear(design: DriverDesign, moments: DriverMoments) -> Fitted:
    columns = np.hstack([np.ones((len(design.rated), 1)), design.met, complete_drivers(design, moments)])
    squares = fit_least_squares(design.rated, columns, weights=design.weights, codes=design.codes)
    scaled = np.arange(columns.shape[1] - 1) >= design.met.shape[1]
    ratio = standardisation_ratio(
        design.rated, columns, squares, weights=design.weights, codes=design.codes, scaled=scaled
    )
    return Fitted(
        slopes=squares.coefficients[1:],
        slope_errors=squares.std_errors[1:],
        degrees=squares.degrees[1:],
        errors=squares.errors,
        covariance=moments.covariance,
        met_variance=float(moments.met_variance[-1]),
        standardisation=ratio,
    )


def _with_bootstrap(
    fitted: Fitted, design: DriverDesign, moments: DriverMoments, n_bootstrap: int, seed: int
) -> Fitted:
    """Coefficients from the maximum-likelihood moments, their errors from samples of practices."""
    replicates = bootstrap_drivers(design, moments, None, n_bootstrap=n_bootstrap, seed=seed)
    check_replicates(replicates, min(FEWEST_SAMPLES, n_bootstrap))
    met = design.met.shape[1]
    slopes, errors, degrees = fitted.slopes.copy(), fitted.slope_errors.copy(), fitted.degrees.copy()
    slopes[met:] = np.linalg.solve(moments.covariance[:-1, :-1], moments.covariance[:-1, -1])
    units = effective_units(design.codes)
    errors[met:] = np.nanstd(replicates.slopes[replicates.valid], axis=0, ddof=1) * np.sqrt(units / (units - 1))
    degrees[met:] = units - 1
    return replace(
        fitted, slopes=slopes, slope_errors=errors, degrees=degrees, errors="bootstrap", replicates=replicates
    )


def _fit_categorical(design: DriverDesign, moments: DriverMoments) -> Fitted:
    several = len(design.practices) > 1
    fit = fit_categorical(
        design.rated,
        np.hstack([design.met, complete_drivers(design, moments)]),
        weights=design.weights,
        units=design.codes if several else None,
        names=(*met_terms(design), *design.names[:-1]),
    )
    clustered = several and len(design.practices) < len(design.rated)
    covariance, degrees, errors = robust_errors(fit, clustered=clustered)
    first = fit.thresholds.size
    slopes = fit.coefficients[len(design.met_names) :]
    return Fitted(
        slopes=fit.coefficients,
        slope_errors=np.sqrt(np.diagonal(covariance))[first:],
        degrees=degrees[first:],
        errors=errors,
        covariance=latent_covariance(moments.covariance[:-1, :-1], slopes),
        met_variance=float(latent_met_variance(fit.coefficients, moments, design)),
        fit=fit,
    )


def _assemble(
    design: DriverDesign,
    moments: DriverMoments,
    fitted: Fitted,
    family: Family,
    confidence: float,
) -> DriverModel:
    total = fitted.covariance[-1, -1] + fitted.met_variance
    slopes = fitted.slopes[design.met.shape[1] :]
    explained = slopes @ fitted.covariance[:-1, -1] + fitted.met_variance
    r2 = float(explained / total)
    n = len(design.rated)
    return DriverModel(
        terms=corrected_terms(
            list_terms(design, moments, fitted, total, confidence), design, None, confidence, instead=False
        ),
        outcome=design.outcome.id,
        level=design.level,
        family=family,
        missing=moments.method,
        errors=fitted.errors,
        confidence=confidence,
        r2=r2,
        adj_r2=1 - (1 - r2) * (n - 1) / (n - fitted.slopes.size - 1),
        cv_r2=float("nan"),
        cv_note=Note("cv_not_asked"),
        r2_covariates=_covariate_r2(design, fitted, total),
        condition_index=condition_index(design, moments),
        n_obs=n,
        n_rated=design.n_rated,
        n_complete=design.n_complete,
        n_dropped=design.n_dropped,
        n_practices=len(design.practices),
        covariance=fitted.covariance,
        met_variance=fitted.met_variance,
        design=design,
        moments=moments,
        fit=fitted.fit,
        replicates=fitted.replicates,
        measurement="measured",
        correction=None,
        notes=write_notes(design, moments, fitted),
    )


def _covariate_r2(design: DriverDesign, fitted: Fitted, total: float) -> float:
    """What case mix and who met what explain without any driver."""
    covariates = list(range(len(design.covariates)))
    by_case_mix = 0.0
    if covariates:
        kept = fitted.covariance[np.ix_([*covariates, -1], [*covariates, -1])]
        by_case_mix = float(subset_r2(kept, blocks=[covariates])[1]) * fitted.covariance[-1, -1]
    return float((by_case_mix + fitted.met_variance) / total)
