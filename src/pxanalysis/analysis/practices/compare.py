"""Practices compared after case mix: adjusted and shrunken means, and who differs from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from pxanalysis.analysis.practices.adjusting import (
    Adjusted,
    AdjustmentMethod,
    adjust_practices,
    adjusted_interval,
    adjuster_table,
)
from pxanalysis.analysis.practices.inputs import Answers, Subject
from pxanalysis.analysis.practices.spread import Spread, Uncertainty, half_widths, uncertainties
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.inputs import check_confidence
from pxanalysis.statistics.proportions.intervals import z_value
from pxanalysis.statistics.random_effects.shrinkage import Shrunken, difference_from_mean, shrink_estimates
from pxanalysis.statistics.random_effects.variance import practice_stats
from pxanalysis.statistics.regression.fixed_effects import AdjustedFit

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["Benchmark", "PracticeComparison", "compare_adjusted", "compare_practices"]

Benchmark = Literal["practices", "patients"]

SMALL_EFFECT = 0.2
"""Differences below this many standard deviations between patients are not called meaningful (Cohen 1988)."""

NO_ERROR = "one answer, so its own variance cannot be estimated; use variance='pooled'"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PracticeComparison(Result):
    """Practices compared on one outcome or score.

    Attributes
    ----------
    subject, metric, unit, method
        What was compared, and ``ols``, ``logistic`` or ``ordinal``.
    table
        One row per practice, see :meth:`tidy`.
    adjusters
        One row per case-mix column: ``term, estimate, std_error, n_imputed, reason`` (``reason``: why it was left out).
    n_obs, n_dropped, n_practices
        Patients used, without an answer, practices with answers.
    benchmark
        Mean that practices are compared with.
    meaningful
        Least difference that is called meaningful, in the units of the outcome.
    mu, sigma2_between, sigma2_within, icc
        Centre of shrinkage, variances after case mix, and the share of variance between practices.
    test, statistic, df1, df2, p_value
        Test of "all practices are equal".
    confidence
        Level of the intervals; 1 − confidence is the level of the verdicts.
    """

    subject: str
    metric: str
    unit: str
    method: str
    table: pd.DataFrame
    adjusters: pd.DataFrame
    n_obs: int
    n_dropped: int
    n_practices: int
    benchmark: float
    meaningful: float
    mu: float
    sigma2_between: float
    sigma2_within: float
    icc: float
    test: str
    statistic: float
    df1: float
    df2: float
    p_value: float
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per practice.

        Columns: ``practice_id, n, raw, estimate`` (adjusted), ``std_error, ci_low, ci_high, shrunk, shrunk_low,
        shrunk_high, reliability, difference`` (from the benchmark), ``difference_low, difference_high,
        difference_shrunk`` (times the reliability: what is to be expected of it, since those that are called lower or
        higher are so partly by chance), ``p_value, verdict`` (``lower``, ``higher``, ``no difference`` or ""),
        ``reason``.
        """
        return standard_columns(self.table.assign(term=self.table["practice_id"]))

    def glance(self) -> pd.DataFrame:
        """Return one row with every field that is a single value."""
        names = [name for name in self.__slots__ if name not in {"table", "adjusters"}]
        return pd.DataFrame([{name: getattr(self, name) for name in names}])


def _with_verdicts(
    table: pd.DataFrame, difference: FloatArray, of: Uncertainty, meaningful: float, confidence: float
) -> pd.DataFrame:
    """Add the difference from the benchmark and the CAHPS verdict: significant and at least meaningful."""
    ratio = np.abs(difference) / np.where(of.error > 0, of.error, np.nan)
    exact = np.isfinite(of.df)
    p_value = 2.0 * np.where(exact, stdtr(np.where(exact, np.maximum(of.df, 1.0), 1.0), -ratio), ndtr(-ratio))
    clear = (p_value < 1 - confidence) & (np.abs(difference) >= meaningful)
    verdict = np.select(
        [clear & (difference < 0), clear & (difference > 0), np.isfinite(p_value)],
        ["lower", "higher", "no difference"],
        default="",
    )
    half = half_widths(of, confidence)
    reason = table.pop("reason")
    return table.assign(
        difference=difference,
        difference_low=difference - half,
        difference_high=difference + half,
        difference_shrunk=difference * table["reliability"],
        p_value=p_value,
        verdict=verdict.astype(object),
        reason=reason,
    )


def _table(
    data: Answers, fit: AdjustedFit, of: Uncertainty, shrunk: Shrunken, method: str, confidence: float
) -> pd.DataFrame:
    low, high = adjusted_interval(fit, of, method, confidence)
    half = z_value(confidence) * shrunk.error
    raw = practice_stats(data.y[:, None], data.codes, len(data.practices), data.weights).mean[:, 0]
    return pd.DataFrame(
        {
            "practice_id": list(data.practices),
            "n": data.counts.astype(np.int64),
            "raw": raw,
            "estimate": fit.adjusted,
            "std_error": of.error,
            "ci_low": low,
            "ci_high": high,
            "shrunk": np.clip(shrunk.estimate, fit.low, fit.high),
            "shrunk_low": np.clip(shrunk.estimate - half, fit.low, fit.high),
            "shrunk_high": np.clip(shrunk.estimate + half, fit.low, fit.high),
            "reliability": shrunk.reliability,
            "reason": np.where((fit.note == "") & ~np.isfinite(of.error), NO_ERROR, fit.note),
        }
    )


def _check_options(variance: str, benchmark: str, meaningful: float | None) -> None:
    if variance not in get_args(Spread):
        raise AnalysisError(f"variance: expected one of {', '.join(get_args(Spread))}, received '{variance}'.")
    if benchmark not in get_args(Benchmark):
        raise AnalysisError(f"benchmark: expected 'practices' or 'patients', received '{benchmark}'.")
    if meaningful is not None and not 0 <= meaningful < np.inf:
        raise AnalysisError(f"meaningful: expected a difference of 0 or more, received {meaningful}.")


def compare_practices(
    responses: Responses,
    outcome: str = "ktv",
    *,
    metric: str | None = None,
    adjusters: Sequence[str] | None = None,
    method: AdjustmentMethod = "auto",
    variance: Spread = "wider",
    benchmark: Benchmark = "practices",
    meaningful: float | None = None,
    weights: object = None,
    confidence: float = 0.95,
) -> PracticeComparison:
    """Compare practices on an outcome, touchpoint, step or item, after case mix.

    Means and net shares are adjusted by least squares with centred adjusters (CAHPS), shares by logistic regression,
    ordered answers (``method="ordinal"``) by proportional odds; both as predictive margins, in the units of the
    outcome. A verdict needs a difference that is significant and meaningful.

    Parameters
    ----------
    outcome
        Id or kind of an outcome, or id of a touchpoint, step or item (then its score, 0-100).
    metric
        Of an outcome; by default the mean of KTV and CES, the net share of NPS, the share of a behaviour.
    adjusters
        Columns with patient characteristics; None: the journey's case mix; empty: none.
    variance
        ``pooled`` over practices; ``separate`` from each practice's own residuals as in the CAHPS macro (only for
        least squares; a practice with one answer then has none); or ``wider``: whichever gives the practice the wider
        interval, so that neither an unusual spread nor a few alike answers make it differ. Shrinkage is by the
        pooled variance unless they are separate.
    benchmark
        Mean over ``practices`` (each counts once) or over ``patients``.
    meaningful
        Least difference worth the name, in the units of the outcome; None: 0.2 standard deviations between patients
        of a practice (a small effect, Cohen 1988).
    weights
        One weight per response (array or column name).

    Raises
    ------
    NotEstimableError
        With fewer than two practices, no spread, or one answer in every practice.
    AnalysisError
        For an unknown outcome, metric, column, method or benchmark, for free text or duplicates among the adjusters,
        and for weights that are negative or all zero.
    """
    check_confidence(confidence)
    _check_options(variance, benchmark, meaningful)
    adjusted = adjust_practices(responses, outcome, metric, adjusters, method=method, weights=weights)
    return compare_adjusted(
        adjusted, variance=variance, benchmark=benchmark, meaningful=meaningful, confidence=confidence
    )


def compare_adjusted(
    adjusted: Adjusted,
    *,
    variance: Spread = "wider",
    benchmark: Benchmark = "practices",
    meaningful: float | None = None,
    confidence: float = 0.95,
) -> PracticeComparison:
    """Compare practices whose case-mix model is fitted; parameters as of :func:`compare_practices`."""
    subject, chosen, data, fit = adjusted.subject, adjusted.method, adjusted.data, adjusted.fit
    base = fit.own_error if variance == "separate" and chosen == "ols" else fit.error
    shrunk = shrink_estimates(fit.adjusted, base)
    shares = np.where(fit.n > 0, 1.0 if benchmark == "practices" else fit.n, 0.0)
    mean, difference, _ = difference_from_mean(fit.adjusted, base, shares)
    of_value, of_difference = uncertainties(fit, shares, variance, confidence)
    least = SMALL_EFFECT * float(np.sqrt(fit.sigma2)) if meaningful is None else float(meaningful)
    plain = _table(data, fit, of_value, shrunk, chosen, confidence)
    table = _with_verdicts(plain, difference, of_difference, least, confidence)
    return _collect(data, fit, shrunk, table, subject=subject, method=chosen, mean=mean, least=least, level=confidence)


def _collect(
    data: Answers,
    fit: AdjustedFit,
    shrunk: Shrunken,
    table: pd.DataFrame,
    *,
    subject: Subject,
    method: str,
    mean: float,
    least: float,
    level: float,
) -> PracticeComparison:
    total = shrunk.sigma2_between + fit.sigma2
    return PracticeComparison(
        subject=subject.name,
        metric=subject.metric,
        unit=subject.unit,
        method=method,
        table=table,
        adjusters=adjuster_table(data, fit),
        n_obs=len(data.y),
        n_dropped=data.n_dropped,
        n_practices=int((data.counts > 0).sum()),
        benchmark=mean,
        meaningful=least,
        mu=shrunk.mu,
        sigma2_between=shrunk.sigma2_between,
        sigma2_within=fit.sigma2,
        icc=shrunk.sigma2_between / total if total > 0 else np.nan,
        test=fit.test,
        statistic=fit.statistic,
        df1=fit.df1,
        df2=fit.df2,
        p_value=fit.p_value,
        confidence=level,
    )
