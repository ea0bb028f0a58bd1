"""From a frame to the rows of a model: groups and practices coded, what cannot be used refused by name."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.analysis.sem.options import SemMissing
from pxanalysis.arrays import FloatArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.inputs import Matrix, check_joint_answers, check_spread, encode_clusters, numeric_matrix
from pxanalysis.statistics.moments.estimate import linearly_dependent

__all__ = ["ModelRows", "gather_rows"]

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class ModelRows:
    """Rows that a model is fitted to.

    Attributes
    ----------
    names
        The p observed variables.
    numbers
        Shape (n, p), NaN where missing.
    groups, group_labels
        Group of each row, shape (n,), and the names of the groups ("" when there is one).
    clusters, n_clusters
        Practice of each row, shape (n,), and how many there are (1: none were given).
    positions
        Shape (n,), which rows of the frame these are.
    n_dropped
        Rows that were not used.
    incomplete
        Whether any answer is missing.
    """

    names: tuple[str, ...]
    numbers: FloatArray
    groups: IntArray
    group_labels: tuple[str, ...]
    clusters: IntArray
    n_clusters: int
    positions: IntArray
    n_dropped: int
    incomplete: bool


def find_columns(frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Refuse variables that are no columns, with the nearest names there are."""
    there = [str(column) for column in frame.columns]
    for name in names:
        if name not in there:
            near = get_close_matches(name, there, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(there[:30])}."
            raise AnalysisError(f"syntax: there is no column '{name}'; {hint}")


def gather_rows(
    frame: object,
    names: tuple[str, ...],
    *,
    missing: SemMissing = "fiml",
    group: object = None,
    clusters: object = None,
) -> ModelRows:
    """Take the rows a model can use.

    Parameters
    ----------
    group, clusters
        Column name, or one value per row; None for one group, or for rows that are independent of each other.
    """
    table = _as_frame(frame)
    find_columns(table, names)
    matrix = numeric_matrix(table, list(names))
    group_codes, group_labels = encode_clusters(_values(table, group, "group"), len(table))
    cluster_values = _values(table, clusters, "clusters")
    codes, practices = encode_clusters(cluster_values, len(table))
    seen = np.isfinite(matrix.numbers)
    keep = seen.any(axis=1) if missing == "fiml" else seen.all(axis=1)
    rows = ModelRows(
        matrix.names,
        matrix.numbers if keep.all() else matrix.numbers[keep],
        group_codes[keep],
        group_labels,
        codes[keep],
        len(practices),
        np.flatnonzero(keep),
        int((~keep).sum()),
        incomplete=missing == "fiml" and not bool(seen[keep].all()),
    )
    _check(rows, missing)
    return rows


def _as_frame(frame: object) -> pd.DataFrame:
    if hasattr(frame, "to_pandas"):
        frame = frame.to_pandas()
    if not isinstance(frame, pd.DataFrame):
        raise AnalysisError(f"data: expected a DataFrame or responses, received {type(frame).__name__}.")
    return frame


def _values(frame: pd.DataFrame, which: object, name: str) -> object:
    if isinstance(which, str):
        if which not in frame.columns:
            raise AnalysisError(f"{name}: there is no column '{which}'; name a column or give one value per row.")
        return frame[which].to_numpy()
    return which


def _check(rows: ModelRows, missing: SemMissing) -> None:
    kind = "complete rows" if missing == "listwise" else "rows with an answer"
    for number, label in enumerate(rows.group_labels):
        own = rows.numbers[rows.groups == number]
        where = f" in group '{label}'" if len(rows.group_labels) > 1 else ""
        if len(own) <= len(rows.names):
            raise NotEstimableError(
                f"{len(own)} {kind}{where} for {len(rows.names)} variables: a model needs more rows than variables; "
                "use fewer variables, or wait for more responses.",
                code="too_few",
            )
        matrix = Matrix(own, rows.names)
        if not rows.incomplete and (own.min(axis=0) < own.max(axis=0)).all():
            continue
        try:
            check_spread(matrix)
            check_joint_answers(matrix)
        except NotEstimableError as error:
            raise NotEstimableError(f"{str(error).rstrip('.')}{where}.", code=error.code) from error
    complete = rows.numbers[np.isfinite(rows.numbers).all(axis=1)] if rows.incomplete else rows.numbers
    if len(complete) > len(rows.names) + 1:
        off = complete - complete.mean(axis=0)
        cov = off.T @ off
        dependent = linearly_dependent(cov, rows.names) if (np.diag(cov) > 0).all() else []
        if dependent:
            raise NotEstimableError(
                f"columns {', '.join(dependent)} are (nearly) weighted sums of each other, so a model of their "
                "covariances has no single answer; leave one of them out.",
                code="singular",
            )
