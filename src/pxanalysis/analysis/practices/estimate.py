"""Per touchpoint and outcome: how much practices differ, how reliably, and each practice's mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import fdtrc

from pxanalysis.analysis.metrics.grouped import row_weights
from pxanalysis.analysis.practices.case_mix import build_case_mix
from pxanalysis.analysis.practices.dispersion import overdispersion
from pxanalysis.analysis.practices.inputs import choose_adjusters, choose_subject
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError
from pxanalysis.result import Result
from pxanalysis.statistics.inputs import check_confidence, encode_clusters
from pxanalysis.statistics.proportions import t_interval, z_value
from pxanalysis.statistics.random_effects.reliability import (
    gls_mean,
    needed_n,
    practice_reliability,
    shrink_means,
    shrunken_error,
)
from pxanalysis.statistics.random_effects.reml import fit_reml
from pxanalysis.statistics.random_effects.variance import (
    PracticeStats,
    VarianceComponents,
    divide,
    icc_interval,
    practice_stats,
    variance_components,
)
from pxanalysis.statistics.regression.fixed_effects import remove_case_mix

if TYPE_CHECKING:
    from pxanalysis.survey.responses import Responses

__all__ = ["PracticeVariance", "estimate_practice_variance"]

VarianceMethod = Literal["anova", "reml"]

ONE_PRACTICE = "answered in fewer than two practices, so they cannot be compared"
ONE_EACH = "no practice has two answers, so patients and practices cannot be told apart"
NO_SPREAD = "every answer is the same"
NO_DIFFERENCE = "practices do not differ more than chance would have them; no number of answers makes them reliable"
MANY = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class PracticeVariance(Result):
    """Variance between practices of K touchpoints and outcomes, and the means of J practices on each.

    Attributes
    ----------
    table
        One row per term, see :meth:`tidy`.
    means
        One row per practice and term, see :meth:`practice_means`.
    method
        ``anova`` or ``reml``.
    n_obs, n_practices
        Responses and practices.
    adjusters
        Names of the case-mix columns that answers were adjusted for (empty: none).
    confidence
        Level of the intervals.
    """

    table: pd.DataFrame
    means: pd.DataFrame
    method: str
    n_obs: int
    n_practices: int
    adjusters: tuple[str, ...]
    confidence: float

    def tidy(self) -> pd.DataFrame:
        """One row per touchpoint or outcome.

        Columns: ``outcome_or_touchpoint, n, n_practices, mean, icc, icc_low, icc_high, sigma2_between, sigma2_within,
        n0, n_for_70, n_for_80, n_for_90`` (answers per practice for a reliability of .7, .8, .9), ``f_value, p_value,
        phi_overdispersion, reason``.
        """
        return self.table.copy()

    def practice_means(self) -> pd.DataFrame:
        """One row per practice and term.

        Columns: ``practice_id, term, n, mean`` (after case mix, when adjusted), ``ci_low, ci_high, shrunk, shrunk_low,
        shrunk_high, reliability, more_for_70`` (answers still needed for a reliability of .7), ``reason``.
        """
        return self.means.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: method, n_obs, n_practices, adjusters, confidence."""
        row = {
            "method": self.method,
            "n_obs": self.n_obs,
            "n_practices": self.n_practices,
            "adjusters": ", ".join(self.adjusters),
            "confidence": self.confidence,
        }
        return pd.DataFrame([row])


@dataclass(frozen=True, slots=True, eq=False)
class _Parts:
    mu: FloatArray
    se_mu: FloatArray
    between: FloatArray
    within: FloatArray


def _components(stats: PracticeStats, parts: VarianceComponents, method: str) -> _Parts:
    """Centre and variances per term, by the analysis of variance or by REML."""
    if method == "anova":
        between, within = parts.sigma2_between, parts.sigma2_within
        mu = gls_mean(stats.mean, stats.n, between, within)
        weight = np.where(stats.n > 0, divide(stats.n, within + stats.n * between), 0.0)
        return _Parts(mu, np.sqrt(divide(np.ones_like(mu), np.nansum(weight, axis=0))), between, within)
    fits = [fit_reml(stats.n[:, k], stats.mean[:, k], stats.ss[:, k]) for k in range(stats.n.shape[1])]
    rows = [(f.mu, f.se_mu, f.sigma2_between, f.sigma2_within) if f else (np.nan,) * 4 for f in fits]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    return _Parts(*columns)


def _variance_reasons(parts: VarianceComponents, between: FloatArray) -> npt.NDArray[np.object_]:
    cases = [
        parts.n_practices < 2,
        parts.n_obs - parts.n_practices <= 0,
        ~(parts.ms_within > 0) & ~(parts.ms_between > 0),
        between <= 0,
    ]
    return np.select(cases, [ONE_PRACTICE, ONE_EACH, NO_SPREAD, NO_DIFFERENCE], default="").astype(object)


def _variance_table(
    names: list[str], stats: PracticeStats, parts: VarianceComponents, found: _Parts, confidence: float
) -> pd.DataFrame:
    df1, df2 = parts.n_practices - 1, parts.n_obs - parts.n_practices
    usable = (df1 > 0) & (df2 > 0) & (parts.ms_within > 0)
    p_value = fdtrc(np.where(usable, df1, 1), np.where(usable, df2, 1), np.where(usable, parts.f_value, 0))
    icc = divide(found.between, found.between + found.within)
    low, high = icc_interval(parts, confidence)
    error = np.sqrt(divide(np.where(usable, found.within, np.nan), stats.n))
    phi = [overdispersion(stats.mean[:, k], error[:, k], np.nan_to_num(stats.n[:, k])).phi for k in range(len(names))]
    columns = {
        "outcome_or_touchpoint": names,
        "n": parts.n_obs,
        "n_practices": parts.n_practices.astype(np.int64),
        "mean": found.mu,
        "icc": icc,
        "icc_low": low,
        "icc_high": high,
        "sigma2_between": found.between,
        "sigma2_within": found.within,
        "n0": parts.n0,
    }
    for target in (70, 80, 90):
        needed = needed_n(icc, target / 100)
        columns[f"n_for_{target}"] = np.where(needed < MANY, needed, np.nan)
    return pd.DataFrame(columns).assign(
        f_value=parts.f_value,
        p_value=np.where(usable, p_value, np.nan),
        phi_overdispersion=phi,
        reason=_variance_reasons(parts, found.between),
    )


def _means_table(
    practices: tuple[str, ...], names: list[str], stats: PracticeStats, found: _Parts, confidence: float
) -> pd.DataFrame:
    n, mean = stats.n, stats.mean
    own = np.sqrt(divide(divide(stats.ss, n - 1), n))
    low, high = t_interval(mean, own, n - 1, confidence)
    reliability = practice_reliability(n, found.between, found.within)
    shrunk = np.where(n > 0, shrink_means(mean, n, found.mu, found.between, found.within), np.nan)
    half = z_value(confidence) * shrunken_error(n, found.between, found.within, found.se_mu**2)
    needed = needed_n(divide(found.between, found.between + found.within), 0.7)
    more = np.maximum(0.0, np.where(needed < MANY, needed, np.nan) - n)
    reason = np.select(
        [n == 0, n <= 1, ~np.isfinite(low), ~np.isfinite(shrunk)],
        [
            "no answers",
            "one answer; an interval needs at least two",
            "all answers are equal, so there is no spread to base an interval on",
            "practices cannot be compared on this",
        ],
        default="",
    )
    size = len(practices)
    columns = {
        "practice_id": np.repeat(np.array(practices, dtype=object), len(names)),
        "term": np.tile(np.array(names, dtype=object), size),
    }
    arrays = [n, mean, low, high, shrunk, shrunk - half, shrunk + half, reliability, more, reason.astype(object)]
    labels = [
        "n",
        "mean",
        "ci_low",
        "ci_high",
        "shrunk",
        "shrunk_low",
        "shrunk_high",
        "reliability",
        "more_for_70",
        "reason",
    ]
    return pd.DataFrame(columns | {label: array.ravel() for label, array in zip(labels, arrays, strict=True)})


def estimate_practice_variance(
    responses: Responses,
    terms: Sequence[str] | None = None,
    *,
    adjusters: Sequence[str] = (),
    method: VarianceMethod = "anova",
    weights: object = None,
    confidence: float = 0.95,
) -> PracticeVariance:
    """Estimate the variance between practices, and each practice's raw and shrunken mean, for many terms at once.

    Parameters
    ----------
    terms
        Ids of outcomes (KTV, NPS and CES by their mean or net share, behaviours by their share), touchpoints, steps
        or items (scores, 0-100); None: all outcomes and touchpoints of the journey.
    adjusters
        Columns with patient characteristics to adjust for first (least squares within practices); none by default.
    method
        ``anova`` (method of moments with n₀) or ``reml`` (as lme4); they differ when practices differ in size. The F
        test and the interval of the ICC are those of the analysis of variance in both.
    weights
        One weight per response (array or column name); ``n`` is then Kish's effective number.

    Returns
    -------
    A result that also works with one practice or one answer each: what cannot be estimated has its ``reason``.
    """
    check_confidence(confidence)
    if method not in {"anova", "reml"}:
        raise AnalysisError(f"method: expected 'anova' or 'reml', received '{method}'.")
    journey = responses.journey
    every = [one.id for one in journey.outcomes if one.id in responses.table.columns] + [
        t.id for t in journey.touchpoints
    ]
    names = every if terms is None else list(terms)
    if not names:
        raise AnalysisError("terms: expected at least one outcome, touchpoint, step or item.")
    answers = np.column_stack([choose_subject(responses, name, None).answers for name in names])
    codes, practices = encode_clusters(responses.practice_ids, responses.n)
    mass = None if weights is None else row_weights(responses, weights)
    adjusted: tuple[str, ...] = ()
    if adjusters:
        mix = build_case_mix(choose_adjusters(responses, adjusters)[0], codes, len(practices), mass)
        answers, adjusted = remove_case_mix(answers, mix.x, codes, len(practices), mass), mix.names
    stats = practice_stats(answers, codes, len(practices), mass)
    parts = variance_components(stats)
    found = _components(stats, parts, method)
    table = _variance_table(names, stats, parts, found, confidence)
    means = _means_table(practices, names, stats, found, confidence)
    return PracticeVariance(table, means, method, responses.n, len(practices), adjusted, confidence)
