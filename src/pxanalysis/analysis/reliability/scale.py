"""Reliability of one scale, from its answers to every coefficient with its interval or its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.reliability.coefficients import (
    alpha_coefficient,
    consistency_coefficients,
    factor_coefficients,
    ordinal_coefficients,
)
from pxanalysis.analysis.reliability.records import (
    DEFINITIONS,
    REASONS,
    Coefficient,
    ReasonCode,
    ScaleReliability,
    not_estimated,
)
from pxanalysis.analysis.reliability.verdict import Verdict, judge_reliability
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.factor.alpha import correlations, item_statistics
from pxanalysis.statistics.inputs import (
    Matrix,
    as_clusters,
    as_generator,
    check_confidence,
    check_weights,
    numeric_matrix,
)
from pxanalysis.statistics.moments.estimate import MissingMethod, Moments, estimate_moments
from pxanalysis.statistics.resampling.practices import MomentReplicates, bootstrap_moments

__all__ = ["estimate_scale_reliability"]

SPOILING = ("negative-alpha", "more-than-one-factor", "heywood", "factor-not-converged", "singular")
"""Reasons of a coefficient that are worth telling about the scale as a whole."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """Rows of one scale that take part: ``used`` (n, k) with weights and practices, and what was left out."""

    name: str
    used: Matrix
    weights: FloatArray
    clusters: npt.NDArray[Any] | None
    n_incomplete: int
    n_absent: int
    missing: MissingMethod
    confidence: float
    n_bootstrap: int

    @property
    def k(self) -> int:
        return len(self.used.names)


def estimate_scale_reliability(
    data: object,
    columns: Sequence[str] | None = None,
    *,
    name: str = "scale",
    clusters: object = None,
    weights: object = None,
    missing: MissingMethod = "listwise",
    confidence: float = 0.95,
    n_bootstrap: int = 1000,
    seed: np.random.Generator | int = 0,
) -> ScaleReliability:
    """Estimate the reliability of the sum or mean of the columns.

    Parameters
    ----------
    data
        DataFrame or array of shape (n, p), NaN where missing. Items must point the same way: score reversed items
        first (``pxanalysis.survey.scores.rescale``).
    columns
        The items of the scale; all columns when None.
    clusters
        Practice of each row; intervals then rest on samples of practices, else of respondents. Alpha has Feldt's
        interval without practices or with fewer than five (also at hand as ``feldt`` of the result).
    weights
        Case weights of shape (n,), 0 or more.
    missing
        ``listwise`` uses complete rows, ``em`` all rows with an answer.
    confidence
        Of the intervals, a proportion.
    n_bootstrap
        Bootstrap samples for the intervals; 0 leaves them out, but for Feldt's of alpha.

    Returns
    -------
    A result that carries a reason wherever something cannot be estimated (one item, a constant item, no answers,
    fewer people than items, a negative alpha, an inadmissible factor model).

    Raises
    ------
    AnalysisError
        For absent or non-numeric columns, wrong weights, an unknown option.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 5], "b": [1, 3, 2, 5, 4], "c": [2, 1, 3, 4, 5]})
    >>> scale = estimate_scale_reliability(answers, n_bootstrap=0)
    >>> round(scale["alpha"].estimate, 4), scale.n_obs, scale.verdict.code
    (0.9079, 5, 'individuals')
    """
    if missing not in get_args(MissingMethod):
        raise AnalysisError(f"missing: expected one of {', '.join(get_args(MissingMethod))}, received '{missing}'.")
    if n_bootstrap < 0:
        raise AnalysisError(f"n_bootstrap: expected 0 or more, received {n_bootstrap}.")
    matrix = numeric_matrix(data, columns)
    case_weights = check_weights(weights, len(matrix.numbers))
    counted = case_weights > 0
    answered = np.isfinite(matrix.numbers)
    some, every = answered.any(axis=1) & counted, answered.all(axis=1) & counted
    keep = every if missing == "listwise" else some
    practices = None if clusters is None else as_clusters(clusters)
    if practices is not None and len(practices) != len(keep):
        raise AnalysisError(f"clusters: expected one practice per row ({len(keep)}), received {len(practices)}.")
    scale = _Scale(
        name=name,
        used=Matrix(matrix.numbers[keep], matrix.names),
        weights=case_weights[keep],
        clusters=None if practices is None else practices[keep],
        n_incomplete=int((some & ~keep).sum()),
        n_absent=int((counted & ~some).sum()),
        missing=missing,
        confidence=check_confidence(confidence),
        n_bootstrap=n_bootstrap,
    )
    problem = _problem(scale, answered[counted])
    if problem is not None:
        return _without_estimates(scale, *problem)
    return _estimate(scale, as_generator(seed))


def _problem(scale: _Scale, answered: npt.NDArray[np.bool_]) -> tuple[ReasonCode, dict[str, object]] | None:
    """What makes every coefficient impossible, with the facts its sentence needs."""
    values, names = scale.used.numbers, scale.used.names
    silent = ~answered.any(axis=0)
    if silent.any():
        return "no-answers", {"item": names[int(np.argmax(silent))]}
    if scale.k == 1:
        return "single-item", {}
    n = len(values)
    if n <= scale.k:
        enough = answered.any(axis=1).sum() > scale.k and scale.missing == "listwise"
        return ("too-few-complete-rows" if enough else "too-few-rows"), {"n": n, "k": scale.k}
    constant = np.nanmin(values, axis=0) == np.nanmax(values, axis=0)
    if constant.any():
        return "constant-item", {"item": names[int(np.argmax(constant))]}
    present = np.isfinite(values).astype(np.float64)
    joint = present.T @ present
    if joint.min() < 2:
        i, j = np.unravel_index(int(np.argmin(joint)), joint.shape)
        return "never-together", {"item": names[i], "other": names[j], "n": int(joint.min())}
    return None


def _without_estimates(scale: _Scale, code: ReasonCode, facts: dict[str, object]) -> ScaleReliability:
    reason = REASONS[code].format(**facts)
    seen = np.isfinite(scale.used.numbers).sum(axis=0)
    totals = np.nansum(scale.used.numbers, axis=0)
    items = pd.DataFrame(
        {
            "item": scale.used.names,
            "n": seen,
            "mean": np.divide(totals, seen, out=np.full(scale.k, np.nan), where=seen > 0),
            "sd": np.nan,
            "item_rest": np.nan,
            "alpha_if_dropped": np.nan,
            "loading": np.nan,
            "reason": reason,
        }
    )
    verdict = Verdict("single-item" if code == "single-item" else "not-estimable", "", True)
    coefficients = [not_estimated(term, code, **facts) for term in DEFINITIONS]
    return _result(scale, float(len(scale.used.numbers)), coefficients, items, verdict, code, reason)


def _result(
    scale: _Scale,
    n_interval: float,
    coefficients: list[Coefficient],
    items: pd.DataFrame,
    verdict: Verdict,
    code: ReasonCode,
    reason: str,
) -> ScaleReliability:
    return ScaleReliability(
        name=scale.name,
        items=scale.used.names,
        n_obs=len(scale.used.numbers),
        n_interval=n_interval,
        n_incomplete=scale.n_incomplete,
        n_absent=scale.n_absent,
        n_practices=0 if scale.clusters is None else len(pd.unique(scale.clusters)),
        n_bootstrap=scale.n_bootstrap,
        confidence=scale.confidence,
        missing=scale.missing,
        coefficients=tuple(coefficients),
        item_table=items,
        srmr=np.nan,
        verdict=verdict,
        reason_code=code,
        reason=reason,
    )


def _estimate(scale: _Scale, rng: np.random.Generator) -> ScaleReliability:
    moments = estimate_moments(scale.used, method=scale.missing, weights=scale.weights)
    if not moments.converged and moments.n_patterns > 1:
        return _without_estimates(scale, "moments-not-converged", {})
    cov = moments.cov.to_numpy()
    replicates = _replicates(scale, rng)
    n_interval = moments.n_effective
    if scale.missing == "em":
        n_interval *= float(moments.n_joint.to_numpy().min()) / moments.n_obs
    alpha = alpha_coefficient(cov, scale.used.names, n_interval, replicates, scale.confidence)
    consistency = consistency_coefficients(cov, replicates, scale.confidence)
    factor = factor_coefficients(cov, scale.used.names, replicates, scale.confidence)
    ordinal = ordinal_coefficients(scale.used, scale.weights)
    found = {one.term: one for one in (alpha, *consistency, *factor.coefficients, *ordinal)}
    items = _item_table(scale, moments, factor.loadings)
    basis = found["spearman_brown"] if scale.k == 2 else found["omega_total"]
    if np.isnan(basis.estimate) or basis.reason_code or alpha.estimate < 0:
        basis = alpha
    verdict = judge_reliability(basis.estimate, basis.ci_low, basis.term)
    coefficients = [found[term] for term in DEFINITIONS]
    spoilt = next((one for one in (alpha, found["omega_total"]) if one.reason_code in SPOILING), alpha)
    result = _result(scale, n_interval, coefficients, items, verdict, spoilt.reason_code, spoilt.reason)
    return replace(result, srmr=factor.srmr)


def _replicates(scale: _Scale, rng: np.random.Generator) -> MomentReplicates | None:
    if scale.n_bootstrap == 0:
        return None
    try:
        return bootstrap_moments(
            scale.used,
            scale.clusters,
            scale.n_bootstrap,
            rng,
            weights=scale.weights,
            method="listwise" if scale.missing == "listwise" else "auto",
        )
    except NotEstimableError:
        return None


def _item_table(scale: _Scale, moments: Moments, loadings: FloatArray) -> pd.DataFrame:
    cov = moments.cov.to_numpy()
    statistics = item_statistics(cov)
    return pd.DataFrame(
        {
            "item": scale.used.names,
            "n": np.diag(moments.n_joint),
            "mean": moments.mean.to_numpy(),
            "sd": np.sqrt(np.diag(moments.unbiased_cov)),
            "item_rest": statistics.item_rest,
            "alpha_if_dropped": statistics.alpha_if_dropped,
            "loading": loadings,
            "reason": [_item_reason(r, float(worst), scale.k) for r, worst in _signs(cov, statistics.item_rest)],
        }
    )


def _signs(cov: FloatArray, item_rest: FloatArray) -> list[tuple[float, float]]:
    correlation = correlations(cov)
    return [(float(r), float(correlation[i].min())) for i, r in enumerate(item_rest)]


def _item_reason(item_rest: float, lowest: float, k: int) -> str:
    if item_rest < 0:
        return "runs against the other items; check whether it should be reverse-coded"
    if k == 2:
        return "without this item one item is left, which has no alpha"
    return "" if lowest >= 0 else "correlates negatively with one of the other items"
