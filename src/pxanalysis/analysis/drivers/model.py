"""What a fitted driver model holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.stats import t

from pxanalysis.analysis.drivers.asymmetry import AsymmetryResult, estimate_asymmetry
from pxanalysis.analysis.drivers.bootstrap import DriverReplicates, bootstrap_drivers
from pxanalysis.analysis.drivers.correction import Correction, Measurement, correct_drivers
from pxanalysis.analysis.drivers.design import DriverDesign
from pxanalysis.analysis.drivers.levels import WithinBetween, split_within_between
from pxanalysis.analysis.drivers.moments import DriverMoments
from pxanalysis.analysis.drivers.validation import Family, condition_index, variance_inflation
from pxanalysis.arrays import FloatArray
from pxanalysis.figures.charts.intervals import plot_intervals
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.conventions import FEWEST_PER_TERM, FEWEST_RESAMPLED, MOST_OVERLAP
from pxanalysis.statistics.notes import Note
from pxanalysis.statistics.regression.least_squares import ErrorMethod
from pxanalysis.statistics.regression.proportional_odds import CategoricalFit
from pxanalysis.statistics.resampling.few_practices import effective_units
from pxanalysis.survey.scores import ScoreLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

__all__ = ["DriverModel", "Fitted", "list_terms", "met_terms", "write_notes"]

LARGE_GAP = 0.5
"""Standard deviations of the outcome between who met a driver and who did not that ask for an explanation."""


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
    met = len(design.met_names)
    known = np.isfinite(design.scores) | design.unmet
    answered = np.concatenate([np.isfinite(design.adjusters).sum(axis=0), known.sum(axis=0)])
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


def _unmet_by_choice(design: DriverDesign) -> list[str]:
    """Drivers that the less content did not meet, by half a standard deviation of the outcome or more (Cohen 1988).

    "Does not apply" is taken to say what happened. Where the discontented say it of what went wrong, those who are left
    give a higher score and differ less: with odds of an answer that rise twelvefold for each standard deviation of the
    experience, a beta of .12 was found as .03.
    """
    spread = design.rated.std()
    if not spread > 0:
        return []
    met = design.met.astype(bool)
    lower = [design.rated[one].mean() - design.rated[~one].mean() >= LARGE_GAP * spread for one in met.T]
    return [name for name, apart in zip(design.met_names, lower, strict=True) if apart]


def write_notes(design: DriverDesign, moments: DriverMoments, fitted: Fitted) -> tuple[Note, ...]:
    """Write what a careful reader should know before trusting single coefficients."""
    n, practices, terms = len(design.rated), len(design.practices), len(fitted.slopes)
    found = list(design.notes)
    if practices == n:
        found.append(Note("one_response_each"))
    elif 1 < practices < FEWEST_RESAMPLED:
        found.append(Note("few_practices", {"n": practices}))
    elif practices > 1 and effective_units(design.codes) < FEWEST_RESAMPLED:
        found.append(Note("uneven_practices", {"n": practices, "effective": round(effective_units(design.codes))}))
    found.extend(Note("unmet_less_content", {"touchpoint": name}) for name in _unmet_by_choice(design))
    if n < FEWEST_PER_TERM * terms:
        found.append(Note("few_responses", {"n": n, "terms": terms}))
    overlap = condition_index(design, moments)
    if overlap > MOST_OVERLAP:
        found.append(Note("overlap", {"index": round(overlap)}))
    if fitted.replicates is not None:
        found.extend(fitted.replicates.notes)
    return tuple(found)


_FACTS = [
    "outcome",
    "level",
    "family",
    "measurement",
    "missing",
    "errors",
    "r2",
    "adj_r2",
    "cv_r2",
    "r2_covariates",
    "condition_index",
    "n_obs",
    "n_rated",
    "n_complete",
    "n_dropped",
    "n_practices",
    "confidence",
]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DriverModel(Result):
    """How strongly each driver goes with the outcome, all drivers taken together.

    Attributes
    ----------
    terms
        One row per driver (also those left out), case-mix column and "met" effect: ``term, kind`` (``driver``,
        ``covariate``, ``met``), ``n`` (responses with an answer), ``estimate`` (standardised beta), ``std_error,
        ci_low, ci_high, p_value``, ``b_raw`` (outcome units, or log-odds, per point on 0-100) and ``b_raw_error``,
        ``vif``, ``met_share`` (proportion that met it), ``reason``. The slope of an optional touchpoint
        is among those who met it, its beta that slope times the standard deviation over all patients, of whom those who
        did not meet it do not vary. ``met:<touchpoint>`` is what having met it, with the average score, goes with, in
        standard deviations of the outcome (``estimate``) and in its units (``b_raw``). Errors allow for the
        standard deviations being estimated, except in an ordinal or logistic model; ``p_value`` is that of ``b_raw``.
    outcome, level, family
        What was explained, by what, with which model.
    missing
        ``complete`` (nothing missing), ``em`` or ``listwise``.
    errors
        ``HC3``, ``CR1``, ``CR2``, ``HC1`` or ``bootstrap`` (of practices).
    r2, adj_r2, cv_r2
        Proportion of the outcome's variance explained (McKelvey & Zavoina's for an ordinal or logistic model);
        adjusted; predicted in practices left out (NaN with ``cv_note``).
    r2_covariates
        Part of ``r2`` that case mix and who met what explain without any driver.
    condition_index
        Above 30 the drivers overlap so much that single betas mean little.
    n_obs, n_rated, n_complete, n_dropped
        Responses used; those with the outcome and at least one driver (what ``em`` keeps); those complete on all
        drivers and the outcome (what ``listwise`` keeps); those not used.
    covariance, met_variance
        Shape (c+p+1, c+p+1), case mix, drivers and (latent) outcome cleared of who met what; and the variance of
        the outcome that was cleared away.
    design, moments, fit, replicates
        What it was made from; ``fit`` for an ordinal or logistic model, ``replicates`` when errors are by bootstrap.
    measurement
        ``measured``, ``corrected`` (coefficients, errors and R² are those of true scores) or ``both`` (those of scores
        as measured, and beside them in ``terms``: ``reliability`` with ``reliability_from``, ``corrected`` (beta) with
        ``corrected_error, corrected_low, corrected_high``, and ``b_corrected``).
    correction
        The corrected model; None where there is none, and then ``notes`` says why.
    notes
        What a careful reader should know of it.
    """

    terms: pd.DataFrame
    outcome: str
    level: ScoreLevel
    family: Family
    missing: Literal["complete", "em", "listwise"]
    errors: ErrorMethod
    confidence: float
    r2: float
    adj_r2: float
    cv_r2: float
    cv_note: Note | None
    r2_covariates: float
    condition_index: float
    n_obs: int
    n_rated: int
    n_complete: int
    n_dropped: int
    n_practices: int
    covariance: FloatArray
    met_variance: float
    design: DriverDesign
    moments: DriverMoments
    fit: CategoricalFit | None
    replicates: DriverReplicates | None
    measurement: Measurement
    correction: Correction | None
    notes: tuple[Note, ...]

    @property
    def drivers(self) -> tuple[str, ...]:
        """Names of the drivers in the model, p of them."""
        return self.design.drivers

    @property
    def r2_drivers(self) -> float:
        """Proportion of the outcome's variance that the drivers explain over and above case mix and who met what."""
        return self.r2 - self.r2_covariates

    @property
    def total_variance(self) -> float:
        """Variance of the (latent) outcome."""
        return float(self.covariance[-1, -1] + self.met_variance)

    def bootstrap(self, n_bootstrap: int = 1000, *, seed: int = 1) -> DriverReplicates:
        """Make the model over again in samples of practices; those made by the fit are used when they match."""
        kept = self.replicates
        if kept is not None and len(kept.counts) == n_bootstrap and kept.seed == seed:
            return kept
        return bootstrap_drivers(self.design, self.moments, self.fit, n_bootstrap=n_bootstrap, seed=seed)

    def corrected_bootstrap(self, n_bootstrap: int = 1000, *, seed: int = 1) -> DriverReplicates | None:
        """The samples of :meth:`bootstrap` with error taken out; None without ``correction`` (or none can be)."""
        if self.correction is None:
            return None
        made = self.bootstrap(n_bootstrap, seed=seed)
        if made is self.replicates:
            return self.correction.replicates
        found = correct_drivers(self.design, self.moments, made)
        return found.replicates if isinstance(found, Correction) else None

    def tidy(self) -> pd.DataFrame:
        """One row per term, see ``terms``."""
        return standard_columns(self.terms)

    def glance(self) -> pd.DataFrame:
        """One row: what was fitted, R² in its forms, and how many rows each way."""
        row = {fact: getattr(self, fact) for fact in _FACTS}
        return pd.DataFrame([{**row, "notes": " ".join(map(str, self.notes)), "cv_reason": str(self.cv_note or "")}])

    @property
    def labels(self) -> Mapping[str, str]:
        """What drivers are called in the study's language."""
        return self.design.labels

    def asymmetry(self, cuts: tuple[float, float] | None = (50.0, 90.0)) -> AsymmetryResult:
        """Whether bad scores cost more than excellent ones win, per driver; see ``estimate_asymmetry``."""
        return estimate_asymmetry(self.design, cuts=cuts, confidence=self.confidence)

    def within_between(self) -> WithinBetween:
        """Each driver split into differences within and between practices; see ``split_within_between``."""
        return split_within_between(self.design, self.moments, self.confidence)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the drivers' betas with their intervals, strongest on top."""
        shown = self.terms[(self.terms["kind"] == "driver") & self.terms["estimate"].notna()]
        shown = shown.sort_values("estimate", ascending=False).assign(label=lambda rows: rows["term"].map(self.label))
        axis = f"beta on {self.outcome} ({self.confidence:.0%} interval), R² = {self.r2:.0%}"
        return plot_intervals(shown, axis, reference=0.0, ax=ax)
