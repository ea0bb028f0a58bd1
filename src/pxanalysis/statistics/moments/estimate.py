"""Means and covariances of answers, by listwise deletion or by maximum likelihood under planned missingness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.inputs import Matrix, check_joint_counts, check_spread, check_weights, numeric_matrix
from pxanalysis.statistics.moments.em import (
    EMFit,
    Patterns,
    PatternStatistics,
    find_patterns,
    fit_em,
    pattern_statistics,
)

__all__ = [
    "MissingMethod",
    "Moments",
    "check_rows",
    "count_joint",
    "estimate_moments",
    "fit_standardised",
    "linearly_dependent",
]

MissingMethod = Literal["em", "listwise"]
"""``em``: all rows with at least one answer, maximum likelihood (missing at random). ``listwise``: complete rows."""

DEPENDENT_BELOW = 1e-8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Moments(Result):
    """Means and covariances of p columns.

    Attributes
    ----------
    names
        The p columns.
    mean, cov
        Labelled, in the units of the data; the divisor of ``cov`` is the sum of weights (maximum likelihood).
    n_joint
        Rows that answer both columns, shape (p, p).
    method
        ``em`` (also when nothing is missing) or ``listwise``.
    n_obs, n_dropped
        Rows used; rows left out (no answer at all or weight 0; when listwise also the incomplete ones).
    n_effective
        Kish's effective number of rows, (sum w)^2 / sum w^2; ``n_obs`` without weights.
    n_patterns, n_iter
        Missingness patterns and iterations.
    loglik
        Log-likelihood of the observed answers, with weights scaled to sum to ``n_obs``.
    converged, reason
        Whether the maximum was reached, and otherwise why not.
    """

    names: tuple[str, ...]
    mean: pd.Series[float]
    cov: pd.DataFrame
    n_joint: pd.DataFrame
    method: MissingMethod
    n_obs: int
    n_dropped: int
    n_effective: float
    n_patterns: int
    n_iter: int
    loglik: float
    converged: bool
    reason: str

    @property
    def correlation(self) -> pd.DataFrame:
        """Correlations, shape (p, p)."""
        spread = np.sqrt(np.diag(self.cov))
        return self.cov.div(spread, axis=0).div(spread, axis=1)

    @property
    def unbiased_cov(self) -> pd.DataFrame:
        """Covariances with divisor n - 1."""
        return self.cov * (self.n_obs / (self.n_obs - 1))

    def tidy(self) -> pd.DataFrame:
        """One row per mean and covariance: ``term, estimate, n`` (rows that answer the column or both), ``reason``."""
        joint = self.n_joint.to_numpy()
        rows: list[tuple[str, float, int]] = [
            (f"mean({name})", float(self.mean[name]), int(joint[i, i])) for i, name in enumerate(self.names)
        ]
        table = self.cov.to_numpy()
        rows += [
            (f"cov({self.names[i]}, {self.names[j]})", float(table[i, j]), int(joint[i, j]))
            for i in range(len(self.names))
            for j in range(i + 1)
        ]
        return standard_columns(pd.DataFrame(rows, columns=["term", "estimate", "n"]).assign(reason=self.reason))

    def glance(self) -> pd.DataFrame:
        """One row: method, n_obs, n_dropped, n_effective, n_patterns, n_iter, loglik, converged, reason."""
        facts = ("method", "n_obs", "n_dropped", "n_effective", "n_patterns", "n_iter", "loglik", "converged", "reason")
        return pd.DataFrame([{fact: getattr(self, fact) for fact in facts}])


def estimate_moments(
    data: object,
    columns: Sequence[str] | None = None,
    *,
    method: MissingMethod = "em",
    weights: object = None,
    max_iter: int = 500,
) -> Moments:
    """Estimate means and covariances of the columns.

    Parameters
    ----------
    data
        DataFrame or array of shape (n, p), NaN where missing; not changed.
    columns
        Which columns of a frame; all when None.
    method
        ``em`` is the maximum-likelihood estimate of the saturated normal model from all answers (Little & Rubin
        2002, ch. 11): right when answers are missing by design or at random given the other columns. Without
        missing values it is the ordinary mean and covariance (divisor n).
    weights
        Case weights of shape (n,), 0 or more; only their proportions matter.

    Raises
    ------
    AnalysisError
        For input that makes no sense (duplicated, constant, empty or non-numeric columns, infinite values, wrong
        weights), by name.
    NotEstimableError
        When there are no more rows than columns, or a pair of columns was never answered together.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1.0, 2.0, 4.0, 5.0], "b": [2.0, 1.0, 5.0, None]})
    >>> moments = estimate_moments(answers, method="listwise")
    >>> moments.n_obs, moments.mean.round(3).to_dict()
    (3, {'a': 2.333, 'b': 2.667})
    >>> estimate_moments(answers).mean.round(3).to_dict()
    {'a': 3.0, 'b': 3.429}
    """
    if method not in get_args(MissingMethod):
        raise AnalysisError(f"method: expected one of {', '.join(get_args(MissingMethod))}, received '{method}'.")
    matrix = numeric_matrix(data, columns)
    case_weights = check_weights(weights, len(matrix.numbers))
    answered = np.isfinite(matrix.numbers)
    keep = (answered.all(axis=1) if method == "listwise" else answered.any(axis=1)) & (case_weights > 0)
    used = Matrix(matrix.numbers[keep], matrix.names)
    check_rows(len(used.numbers), len(used.names), method, of_all=len(matrix.numbers))
    check_spread(used)
    patterns = find_patterns(used.numbers)
    rows = np.bincount(patterns.of_row, minlength=patterns.count)
    joint = count_joint(patterns.observed, rows)
    check_joint_counts(joint, used.names)
    used_weights = case_weights[keep] * (keep.sum() / case_weights[keep].sum())
    fit = _fit(used, patterns, rows, used_weights, max_iter)
    labels = list(matrix.names)
    return Moments(
        names=matrix.names,
        mean=pd.Series(fit.mean, index=labels),
        cov=pd.DataFrame(fit.cov, index=labels, columns=labels),
        n_joint=pd.DataFrame(joint, index=labels, columns=labels),
        method=method,
        n_obs=int(keep.sum()),
        n_dropped=int((~keep).sum()),
        n_effective=float(used_weights.sum() ** 2 / (used_weights**2).sum()),
        n_patterns=patterns.count,
        n_iter=fit.n_iter,
        loglik=fit.loglik,
        converged=fit.converged,
        reason=fit.reason,
    )


def check_rows(n: int, p: int, method: MissingMethod = "em", *, of_all: int = 0) -> None:
    """Refuse to estimate p columns from n rows that are no more; ``of_all`` rows are there, also incomplete ones."""
    if n > p:
        return
    remedy = (
        "use method='em', which keeps incomplete rows, or fewer columns"
        if method == "listwise" and of_all > p
        else "use fewer columns or wait for more responses"
    )
    kind = "complete rows" if method == "listwise" else "rows with answers"
    raise NotEstimableError(
        f"{n} {kind} for {p} columns: a covariance matrix needs more rows than columns; {remedy}.", code="too_few"
    )


def count_joint(observed: BoolArray, rows: IntArray) -> IntArray:
    """How many rows answer both columns, shape (p, p), by patterns (m, p) with so many rows each (m,)."""
    flags = observed.astype(np.int64)
    return np.asarray((flags.T * rows) @ flags)


def _fit(used: Matrix, patterns: Patterns, rows: IntArray, weights: FloatArray, max_iter: int) -> EMFit:
    """Fit in standard units and bring the solution back to the units of the data."""
    centre, spread = np.nanmean(used.numbers, axis=0), np.nanstd(used.numbers, axis=0)
    standard = (used.numbers - centre) / spread
    jacobian = float((weights @ np.isfinite(standard)) @ np.log(spread))
    np.nan_to_num(standard, copy=False)
    statistics = pattern_statistics(standard, patterns, weights)
    fit = fit_standardised(statistics, rows, used.names, max_iter=max_iter)
    return EMFit(
        mean=fit.mean * spread + centre,
        cov=fit.cov * np.outer(spread, spread),
        loglik=fit.loglik - jacobian,
        n_iter=fit.n_iter,
        converged=fit.converged,
        reason=fit.reason,
    )


def fit_standardised(
    statistics: PatternStatistics, rows: IntArray, names: Sequence[str], *, max_iter: int = 500
) -> EMFit:
    """Maximum-likelihood mean and covariance from sums per pattern of columns with a mean near 0 and a spread near 1.

    Parameters
    ----------
    rows
        Shape (m,), how many rows each pattern has.

    Returns
    -------
    The fit; it has not ``converged``, with the ``reason``, where columns (nearly) follow from each other.

    Raises
    ------
    NotEstimableError
        When the covariance matrix has no inverse on the way; the columns that are to blame are named.
    """
    p = statistics.observed.shape[1]
    if len(rows) == 1:
        fit = _complete(*_moments_of(statistics, 0), float(statistics.weight[0, 0]))
    else:
        try:
            fit = fit_em(statistics, np.zeros(p), np.eye(p), max_iter=max_iter)
        except np.linalg.LinAlgError as error:  # on its way to a covariance matrix that has no inverse
            raise NotEstimableError(_explain_singular(statistics, rows, names), code="singular") from error
    dependent = linearly_dependent(fit.cov, names)
    if not dependent:
        return fit
    reason = (
        f"columns {', '.join(dependent)} are (nearly) weighted sums of each other, so their covariance matrix is "
        "singular; leave one of them out"
    )
    return EMFit(fit.mean, fit.cov, fit.loglik, fit.n_iter, False, reason)


def _moments_of(statistics: PatternStatistics, pattern: int) -> tuple[FloatArray, FloatArray]:
    """Mean and covariance of the rows of one complete pattern."""
    weight = statistics.weight[0, pattern]
    mean = statistics.total[0, pattern] / weight
    return mean, statistics.cross[0, pattern] / weight - np.outer(mean, mean)


def _explain_singular(statistics: PatternStatistics, rows: IntArray, names: Sequence[str]) -> str:
    """Name the columns that follow from each other among the complete rows; all of them where those are too few."""
    complete = np.flatnonzero(statistics.observed.all(axis=1) & (rows > statistics.observed.shape[1]))
    dependent = linearly_dependent(_moments_of(statistics, int(complete[0]))[1], names) if complete.size else []
    return (
        f"columns {', '.join(dependent or names)} are (nearly) weighted sums of each other, so their covariance matrix "
        "is singular; leave one of them out"
    )


def _complete(mean: FloatArray, cov: FloatArray, weight: float) -> EMFit:
    sign, log_determinant = np.linalg.slogdet(cov)
    size = mean.size * (np.log(2 * np.pi) + 1)
    loglik = -0.5 * weight * (log_determinant + size) if sign > 0 else np.inf
    return EMFit(mean, cov, float(loglik), 0, True, "")


def linearly_dependent(cov: FloatArray, names: Sequence[str], below: float = DEPENDENT_BELOW) -> list[str]:
    """Columns that take part in a (near) linear dependence of a covariance matrix, [] when there is none.

    ``below`` is the largest eigenvalue of the correlations that counts as one.

    Examples
    --------
    >>> linearly_dependent(np.array([[1.0, 0, 1], [0, 1, 0], [1, 0, 1]]), ["a", "b", "c"])
    ['a', 'c']
    """
    spread = np.sqrt(np.diag(cov))
    values, vectors = np.linalg.eigh(cov / np.outer(spread, spread))
    involved = np.abs(vectors[:, values < below]).max(axis=1, initial=0.0) > 0.05
    return [name for name, one in zip(names, involved, strict=True) if one]
