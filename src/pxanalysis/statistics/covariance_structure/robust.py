"""Errors and tests that do not assume normality: MLM (Satorra & Bentler 1994), MLR (Yuan & Bentler 2000), clusters.

``bread`` is the information of one row, ``meat`` the mean cross-product of the rows' scores; with practices, scores
are summed per practice first. As lavaan 0.6 computes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pxanalysis.arrays import FloatArray
from pxanalysis.statistics.covariance_structure.incomplete import prepare_group, saturated_scores
from pxanalysis.statistics.covariance_structure.objective import CompleteData, SemData, Structures
from pxanalysis.statistics.covariance_structure.structure import IntArray, imply
from pxanalysis.statistics.moments.em import observed_information

__all__ = ["cluster_meat", "sandwich", "satorra_bentler_trace", "score_meat", "yuan_bentler_trace"]


def score_meat(scores: Sequence[FloatArray]) -> FloatArray:
    """Mean cross-product of scores (n, q) of all groups, shape (q, q)."""
    total = sum(len(part) for part in scores)
    return np.asarray(sum(part.T @ part for part in scores) / total)


def cluster_meat(scores: Sequence[FloatArray], codes: Sequence[IntArray]) -> FloatArray:
    """Cross-product of the practices' summed scores over n, times J/(J - 1), shape (q, q).

    A practice whose patients fall in several groups is one practice.
    """
    n_clusters = max(int(part.max()) for part in codes) + 1
    summed = np.zeros((n_clusters, scores[0].shape[1]))
    for part, code in zip(scores, codes, strict=True):
        np.add.at(summed, code, part)
    used = np.unique(np.concatenate(codes)).size
    n = sum(len(part) for part in scores)
    return np.asarray(summed.T @ summed / n * used / (used - 1))


def sandwich(bread: FloatArray, meat: FloatArray) -> FloatArray:
    """Covariance of the estimates times n, shape (q, q)."""
    inverse = np.linalg.inv(bread)
    return np.asarray(inverse @ meat @ inverse)


def satorra_bentler_trace(
    data: CompleteData, structures: Structures, theta: FloatArray, expected: FloatArray, meat: FloatArray
) -> float:
    """Trace of UΓ (Satorra & Bentler 1994), from the rows, without their matrix of fourth moments."""
    total = 0.0
    for structure, rows, group in zip(structures, data.rows, data.groups, strict=True):
        precision = np.linalg.inv(imply(structure, theta[None]).cov[0])
        total += _mean_square(rows - group.mean, precision, group.cov)
    return total - float(np.trace(np.linalg.solve(expected, meat)))


def _mean_square(off: FloatArray, precision: FloatArray, cov: FloatArray) -> float:
    """Mean over rows of ½ tr[(P(dd' - S))²]."""
    half = off @ precision
    own = np.einsum("ni,ni->n", half, off)
    between = np.einsum("ni,ij,nj->n", half, cov, half)
    whole = precision @ cov
    return float(0.5 * (own**2 - 2 * between + np.trace(whole @ whole)).mean())


def yuan_bentler_trace(data: SemData, codes: Sequence[IntArray] | None = None, *, means: bool = True) -> float:
    """Trace of B₁A₁⁻¹ of the saturated model: its scores' cross-product by its information (Mplus' form).

    ``means`` says whether they are part of the model that this is compared with.
    """
    if isinstance(data, CompleteData) and codes is None:
        return sum(
            _mean_square(rows - group.mean, np.linalg.inv(group.cov), group.cov) + means * len(group.mean)
            for rows, group in zip(data.rows, data.groups, strict=True)
        )
    groups = data.groups if not isinstance(data, CompleteData) else [prepare_group(rows) for rows in data.rows]
    total = 0.0
    for position, group in enumerate(groups):
        scores = saturated_scores(group)
        meat = score_meat([scores]) if codes is None else cluster_meat([scores], [codes[position]])
        information = observed_information(group.mean, group.cov, group.statistics) / group.n
        total += float(np.trace(np.linalg.solve(information, meat)))
    return total
