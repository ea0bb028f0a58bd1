"""What a fitted driver model holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from pxanalysis.analysis.notes import Note
from pxanalysis.analysis.regression_bootstrap import DriverReplicates, bootstrap_drivers
from pxanalysis.analysis.regression_categorical import CategoricalFit
from pxanalysis.analysis.regression_design import DriverDesign
from pxanalysis.analysis.regression_errors import ErrorMethod
from pxanalysis.analysis.regression_moments import DriverMoments
from pxanalysis.analysis.regression_validation import Family
from pxanalysis.analysis.result import FloatArray, Result
from pxanalysis.survey.scores import ScoreLevel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DriverModel"]

_FACTS = [
    "outcome",
    "level",
    "family",
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


@dataclass(frozen=True, slots=True, eq=False)
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
    notes: tuple[Note, ...]

    @property
    def drivers(self) -> tuple[str, ...]:
        """Names of the drivers in the model, p of them."""
        return self.design.drivers

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

    def tidy(self) -> pd.DataFrame:
        """One row per term, see ``terms``."""
        return self.terms.copy()

    def glance(self) -> pd.DataFrame:
        """One row: what was fitted, R² in its forms, and how many rows each way."""
        row = {fact: getattr(self, fact) for fact in _FACTS}
        return pd.DataFrame([{**row, "notes": " ".join(map(str, self.notes)), "cv_reason": str(self.cv_note or "")}])

    def plot(self) -> Figure:
        """Draw the drivers' betas with their intervals, strongest on top."""
        from matplotlib.figure import Figure

        shown = self.terms[(self.terms["kind"] == "driver") & self.terms["estimate"].notna()]
        shown = shown.sort_values("estimate")
        figure = Figure(figsize=(7.0, 1.2 + 0.35 * len(shown)), layout="constrained")
        axes = figure.subplots()
        reach = [shown["estimate"] - shown["ci_low"], shown["ci_high"] - shown["estimate"]]
        axes.errorbar(shown["estimate"], shown["term"], xerr=reach, fmt="o", capsize=3)
        axes.axvline(0.0, color="0.6", linewidth=0.8)
        axes.set_xlabel(f"beta on {self.outcome} ({self.confidence:.0%} interval), R² = {self.r2:.0%}")
        return figure
