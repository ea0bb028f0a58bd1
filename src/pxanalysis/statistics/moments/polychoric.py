"""Correlations of the normal variables behind ordered answers, with the thresholds that cut them into categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import NotEstimableError
from pxanalysis.result import Result, standard_columns
from pxanalysis.statistics.inputs import Matrix, check_joint_answers, check_spread, check_weights, numeric_matrix
from pxanalysis.statistics.moments.two_way_tables import fit_polychoric, tabulate_pairs, threshold_influence

__all__ = ["MAX_CATEGORIES", "Polychoric", "answer_categories", "estimate_polychoric"]
MAX_CATEGORIES = 20


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Polychoric(Result):
    """Polychoric correlations and thresholds of p items.

    Attributes
    ----------
    correlation, std_error, n_joint
        Shape (p, p): correlations, their standard errors (0 on the diagonal), rows that answer both items.
    thresholds
        One row per threshold: ``item, below`` (the highest answer under it), ``estimate, std_error``.
    n_obs, n_dropped
        Rows with at least one answer and a weight above 0; other rows.
    smallest_eigenvalue
        Of the correlations; negative when the pairs contradict each other.
    reason
        What to mind: pairs without an interior maximum, or a matrix that is not positive definite.
    """

    correlation: pd.DataFrame
    std_error: pd.DataFrame
    n_joint: pd.DataFrame
    thresholds: pd.DataFrame
    n_obs: int
    n_dropped: int
    smallest_eigenvalue: float
    reason: str

    def tidy(self) -> pd.DataFrame:
        """One row per pair of items: ``term, estimate, std_error, n``, then one per threshold."""
        names = list(self.correlation.columns)
        second, first = np.tril_indices(len(names), -1)
        joint = self.n_joint.to_numpy()
        pairs = pd.DataFrame(
            {
                "term": [f"cor({names[j]}, {names[i]})" for i, j in zip(second, first, strict=True)],
                "estimate": self.correlation.to_numpy()[second, first],
                "std_error": self.std_error.to_numpy()[second, first],
                "n": joint[second, first],
            }
        )
        items, below = self.thresholds["item"], self.thresholds["below"]
        cuts = self.thresholds[["estimate", "std_error"]].assign(
            term=[f"threshold({item} > {limit:g})" for item, limit in zip(items, below, strict=True)],
            n=joint[[names.index(item) for item in items], [names.index(item) for item in items]],
        )
        rows = pd.concat([pairs, cuts[pairs.columns]], ignore_index=True).assign(reason=self.reason)
        return standard_columns(rows)

    def glance(self) -> pd.DataFrame:
        """One row: method, n_obs, n_dropped, smallest_eigenvalue, reason."""
        facts = ("n_obs", "n_dropped", "smallest_eigenvalue", "reason")
        return pd.DataFrame([{"method": "two-step maximum likelihood"} | {fact: getattr(self, fact) for fact in facts}])


def answer_categories(matrix: Matrix) -> tuple[IntArray, list[FloatArray]]:
    """Answers as codes 0..K-1 per column, -1 where missing, shape (n, p), with the answers the codes stand for.

    Raises
    ------
    NotEstimableError
        When a column has more than 20 different answers; the message names it.
    """
    codes = np.full(matrix.numbers.shape, -1, dtype=np.intp)
    answers: list[FloatArray] = []
    for position, name in enumerate(matrix.names):
        column = matrix.numbers[:, position]
        seen = np.isfinite(column)
        found, code = np.unique(column[seen], return_inverse=True)
        if found.size > MAX_CATEGORIES:
            raise NotEstimableError(
                f"column '{name}' has {found.size} different answers; polychoric correlations are for ordered "
                f"categories, at most {MAX_CATEGORIES}. Use ordinary correlations."
            )
        codes[seen, position] = code
        answers.append(found)
    return codes, answers


def estimate_polychoric(data: object, columns: Sequence[str] | None = None, *, weights: object = None) -> Polychoric:
    """Estimate polychoric correlations by two-step maximum likelihood (Olsson 1979), as WLSMV programs do.

    Thresholds use all answers to an item, a correlation all rows that answer both items. Standard errors follow
    Muthén (1984) and include the uncertainty of the thresholds; with missing answers they treat a pair's
    thresholds as known from that pair's rows only, so they are slightly too large.

    Parameters
    ----------
    data
        DataFrame or array of shape (n, p) of ordered answers (any numbers, at most 20 different ones per column).
    weights
        Case weights of shape (n,), 0 or more.

    Raises
    ------
    NotEstimableError
        For constant or empty columns, more than 20 categories, or pairs never answered together, by name.
    """
    matrix = numeric_matrix(data, columns)
    case_weights = check_weights(weights, len(matrix.numbers))
    keep = np.isfinite(matrix.numbers).any(axis=1) & (case_weights > 0)
    used = Matrix(matrix.numbers[keep], matrix.names)
    check_spread(used)
    check_joint_answers(used)
    codes, answers = answer_categories(used)
    tables = tabulate_pairs(codes, case_weights[keep])
    fit = fit_polychoric(tables)
    names = list(matrix.names)
    seen = (codes >= 0).astype(np.int64)
    joint = seen.T @ seen
    share = tables.margins / tables.margins.sum(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("pca,pa->pc", threshold_influence(fit.thresholds) ** 2, share))
    thresholds = [
        (name, float(below), float(fit.thresholds[i, c]), float(spread[i, c] / np.sqrt(joint[i, i])))
        for i, name in enumerate(names)
        for c, below in enumerate(answers[i][:-1])
    ]
    smallest = float(np.linalg.eigvalsh(fit.correlation)[0])
    return Polychoric(
        correlation=pd.DataFrame(fit.correlation, index=names, columns=names),
        std_error=pd.DataFrame(np.sqrt(fit.variance / joint), index=names, columns=names),
        n_joint=pd.DataFrame(joint, index=names, columns=names),
        thresholds=pd.DataFrame(thresholds, columns=["item", "below", "estimate", "std_error"]),
        n_obs=int(keep.sum()),
        n_dropped=int((~keep).sum()),
        smallest_eigenvalue=smallest,
        reason=_reason(fit.at_bound, names, smallest),
    )


def _reason(at_bound: npt.NDArray[np.bool_], names: list[str], smallest: float) -> str:
    sentences = []
    if at_bound.any():
        i, j = np.argwhere(at_bound)[0]
        sentences.append(
            f"the table of '{names[i]}' and '{names[j]}' has so many empty cells that their correlation runs to ±1"
        )
    if smallest <= 0:
        sentences.append("the correlations are not positive definite: too few rows for so many categories")
    return "; ".join(sentences)
