"""How much of each answer's variance, and of each covariance, lies within practices and how much between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.arrays import FloatArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.inputs import (
    Matrix,
    check_joint_answers,
    check_spread,
    check_weights,
    encode_clusters,
    numeric_matrix,
)
from pxanalysis.statistics.moments.em import unpack
from pxanalysis.statistics.moments.estimate import estimate_moments
from pxanalysis.statistics.moments.products import unit_products

__all__ = ["PracticeSplit", "split_moments"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PracticeSplit(Result):
    """Covariances of p columns within and between J practices.

    Attributes
    ----------
    within
        Shape (p, p), pooled within practices; divisor n - J.
    between
        Shape (p, p), of the practices' true means: the covariance of observed practice means less what sampling
        patients adds to it. An estimate, so a diagonal cell can be negative.
    icc
        Shape (p,), share of variance between practices, ``between / (between + within)``, 0 when ``between`` is
        negative.
    practice_means
        Shape (J, p), rows labelled by practice; NaN where a practice has no answers to a column.
    practice_n
        Shape (J, p), answers per practice and column.
    method, n_obs, n_dropped, n_practices
        What it rests on.
    """

    within: pd.DataFrame
    between: pd.DataFrame
    icc: pd.Series[float]
    practice_means: pd.DataFrame
    practice_n: pd.DataFrame
    method: str
    n_obs: int
    n_dropped: int
    n_practices: int

    @property
    def between_correlation(self) -> pd.DataFrame:
        """Correlations of the practices' true means; 0 where a column shows no variance between practices."""
        variance = np.maximum(np.diag(self.between), 0.0)
        spread = np.sqrt(variance)
        scale = np.outer(spread, spread)
        table = np.divide(self.between.to_numpy(), scale, out=np.zeros_like(scale), where=scale > 0)
        names = self.between.columns
        return pd.DataFrame(np.clip(table, -1, 1), index=names, columns=names)

    def tidy(self) -> pd.DataFrame:
        """One row per column: ``term, estimate`` (the ICC), ``var_within, var_between, n, n_practices, reason``."""
        between = np.diag(self.between)
        reason = np.where(
            between < 0,
            "practices differ less than chance alone would make them differ; the ICC is set to 0",
            "",
        )
        rows = pd.DataFrame(
            {
                "term": self.within.columns,
                "estimate": self.icc.to_numpy(),
                "var_within": np.diag(self.within),
                "var_between": between,
                "n": self.practice_n.sum(axis=0).to_numpy(),
                "n_practices": (self.practice_n > 0).sum(axis=0).to_numpy(),
                "reason": reason,
            }
        )
        return standard_columns(rows)

    def glance(self) -> pd.DataFrame:
        """One row: method, n_obs, n_dropped, n_practices."""
        facts = ("method", "n_obs", "n_dropped", "n_practices")
        return pd.DataFrame([{fact: getattr(self, fact) for fact in facts}])


def split_moments(
    data: object, clusters: object, columns: Sequence[str] | None = None, *, weights: object = None
) -> PracticeSplit:
    """Split covariances into a part within and a part between practices (one-way random effects, ANOVA estimator).

    Within: moments of the answers about their practice's mean, by maximum likelihood when some are missing.
    Between: moment estimator, which for complete data is ``(MSB - MSW) / n0`` with
    ``n0 = (N - sum n_j^2 / N) / (J - 1)`` (Searle, Casella & McCulloch 1992, ch. 3); with missing answers each pair
    of columns uses its own numbers.

    Parameters
    ----------
    data
        DataFrame or array of shape (n, p), NaN where missing.
    clusters
        Practice of each row, shape (n,).
    weights
        Case weights of shape (n,), 0 or more.

    Raises
    ------
    NotEstimableError
        With one practice, or when no practice has two answers to some column.
    """
    matrix = numeric_matrix(data, columns)
    case_weights = check_weights(weights, len(matrix.numbers))
    codes, labels = encode_clusters(clusters, len(matrix.numbers))
    keep = np.isfinite(matrix.numbers).any(axis=1) & (case_weights > 0)
    used = Matrix(matrix.numbers[keep], matrix.names)
    check_spread(used)
    check_joint_answers(used)
    present, units = np.unique(codes[keep], return_inverse=True)
    if present.size < 2:
        raise NotEstimableError(f"{present.size} practice: a split within and between practices needs at least two.")
    sums = _PracticeSums.of(used.numbers, units.astype(np.intp), case_weights[keep], present.size)
    within = _within(used, units.astype(np.intp), case_weights[keep], sums)
    between = _between(sums, within)
    names, ids = list(matrix.names), [labels[code] for code in present]
    variance = np.maximum(np.diag(between), 0.0)
    return PracticeSplit(
        within=pd.DataFrame(within, index=names, columns=names),
        between=pd.DataFrame(between, index=names, columns=names),
        icc=pd.Series(variance / (variance + np.diag(within)), index=names),
        practice_means=pd.DataFrame(sums.mean, index=ids, columns=names),
        practice_n=pd.DataFrame(sums.count.astype(np.int64), index=ids, columns=names),
        method="anova" if np.isfinite(used.numbers).all() else "anova, em within practices",
        n_obs=int(keep.sum()),
        n_dropped=int((~keep).sum()),
        n_practices=int(present.size),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _PracticeSums:
    """Per practice: answers and weight per column (J, p), mean (J, p), joint sums of squared weights (J, p, p)."""

    count: FloatArray
    weight: FloatArray
    mean: FloatArray
    joint: FloatArray

    @classmethod
    def of(cls, values: FloatArray, units: npt.NDArray[np.intp], weights: FloatArray, n: int) -> _PracticeSums:
        p = values.shape[1]
        answered = np.isfinite(values).astype(np.float64)
        ones = np.ones(units.size)
        count = unit_products(answered, units, ones, n)[:, 1 : 1 + p]
        weight = unit_products(answered, units, weights, n)[:, 1 : 1 + p]
        total = unit_products(np.nan_to_num(values), units, weights, n)[:, 1 : 1 + p]
        mean = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
        joint = unpack(unit_products(answered, units, weights**2, n)[:, 1 + p :], p)
        return cls(count, weight, mean, joint)


def _within(used: Matrix, units: npt.NDArray[np.intp], weights: FloatArray, sums: _PracticeSums) -> FloatArray:
    deviations = Matrix(used.numbers - sums.mean[units], used.names)
    free = (sums.count - 1).clip(0).sum(axis=0)
    if (free < 1).any():
        name = used.names[int(np.argmin(free))]
        raise NotEstimableError(
            f"column '{name}': no practice has two answers to it, so nothing is known about variation within practices."
        )
    check_spread(deviations)
    moments = estimate_moments(deviations, method="em", weights=weights)
    if not moments.converged and np.isnan(used.numbers).any():
        raise NotEstimableError(moments.reason)
    correction = np.sqrt(sums.count.sum(axis=0) / free)
    within: FloatArray = moments.cov.to_numpy() * np.outer(correction, correction)
    return within


def _between(sums: _PracticeSums, within: FloatArray) -> FloatArray:
    """Solve E[sum_j u_j d_jk d_jl] = between * c1 + c2 for every pair of columns (k, l)."""
    share = sums.weight / sums.weight.sum(axis=0)
    mean = np.where(sums.weight > 0, sums.mean, 0.0)
    deviation = np.where(sums.weight > 0, mean - (share * mean).sum(axis=0), 0.0)
    product = sums.weight[:, :, None] * sums.weight[:, None, :]
    both = product > 0
    noise = within * np.divide(sums.joint, product, out=np.zeros_like(product), where=both)
    pair_weight = np.sqrt(product)
    share_k, share_l = share[:, :, None], share[:, None, :]
    overlap = (share_k * share_l).sum(axis=0)
    own = 1 - share_k - share_l
    total_weight = pair_weight.sum(axis=0)
    c1 = (pair_weight * own).sum(axis=0) + total_weight * overlap
    c2 = (pair_weight * own * noise).sum(axis=0) + total_weight * (share_k * share_l * noise).sum(axis=0)
    observed = (pair_weight * deviation[:, :, None] * deviation[:, None, :]).sum(axis=0)
    between: FloatArray = np.divide(observed - c2, c1, out=np.zeros_like(c1), where=np.abs(c1) > 0)
    return between
