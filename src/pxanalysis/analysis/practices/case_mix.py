"""From patient characteristics to the columns of a case-mix model: imputed, dummy-coded, centred, of full rank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.inputs import numeric_matrix

__all__ = ["MAX_LEVELS", "CaseMix", "build_case_mix", "no_case_mix"]

MAX_LEVELS = 25
"""A category with more levels is taken for free text and refused."""


@dataclass(frozen=True, slots=True, eq=False)
class CaseMix:
    """Columns of a case-mix model.

    Attributes
    ----------
    x
        Shape (n, p), centred at the mean over all patients, no missing values, full rank within practices.
    names
        The p columns; a dummy is ``variable=level``.
    imputed
        Shape (n, variables), Boolean, columns named: where the characteristic was missing and replaced.
    dropped
        Variables (or dummies) that were left out, each with the reason.
    """

    x: FloatArray
    names: tuple[str, ...]
    imputed: pd.DataFrame
    dropped: dict[str, str]


def no_case_mix(n: int) -> CaseMix:
    """Return a case mix without columns, for n patients."""
    return CaseMix(np.zeros((n, 0)), (), pd.DataFrame(index=range(n)), {})


def _is_words(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(column.dtype):
        return True
    return column.dtype == object and bool(column.dropna().map(lambda value: isinstance(value, str)).any())


def _dummies(column: pd.Series, name: str) -> tuple[FloatArray, list[str]]:
    """0/1 columns against the first level (of a categorical, in its own order), NaN where missing."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("string").astype("category")
    column = column.cat.remove_unused_categories()
    levels = [str(level) for level in column.cat.categories]
    if len(levels) > MAX_LEVELS:
        raise AnalysisError(
            f"adjusters: '{name}' has {len(levels)} different values in words; a case-mix category has at most "
            f"{MAX_LEVELS}. It looks like free text: leave it out, or group its values."
        )
    codes = column.cat.codes.to_numpy()
    hits = (codes[:, None] == np.arange(1, len(levels))).astype(np.float64)
    hits[codes < 0] = np.nan
    return hits, [f"{name}={level}" for level in levels[1:]]


def _columns(column: pd.Series, name: str) -> tuple[FloatArray, list[str]]:
    if _is_words(column):
        return _dummies(column, name)
    return numeric_matrix(column.rename(name).to_frame()).numbers, [name]


def _fill(values: FloatArray, codes: IntArray, n_practices: int) -> FloatArray:
    """Missing values as the mean of the practice, or of everybody where the practice has none (CAHPS)."""
    seen = np.isfinite(values)
    known = np.where(seen, values, 0.0)
    total = np.bincount(codes, known, minlength=n_practices)
    count = np.bincount(codes, seen.astype(np.float64), minlength=n_practices)
    overall = known.sum() / max(seen.sum(), 1)
    mean = np.where(count > 0, total / np.maximum(count, 1), overall)
    return np.where(seen, values, mean[codes])


def _centre(x: FloatArray, codes: IntArray, n_practices: int, weights: FloatArray) -> FloatArray:
    """Columns minus their practice means."""
    mass = np.maximum(np.bincount(codes, weights, minlength=n_practices), 1e-300)
    means = [np.bincount(codes, weights * column, minlength=n_practices) / mass for column in x.T]
    return x - np.column_stack(means)[codes] if means else x


def _independent(
    x: FloatArray, names: list[str], codes: IntArray, n_practices: int, weights: FloatArray
) -> tuple[list[int], dict[str, str]]:
    """Which columns to keep, in order, and why each other one is left out."""
    kept: list[int] = []
    basis: list[FloatArray] = []
    dropped: dict[str, str] = {}
    root = np.sqrt(weights)
    within = _centre(x, codes, n_practices, weights) * root[:, None]
    for position, name in enumerate(names):
        column = x[weights > 0, position]
        size = np.linalg.norm((x[:, position] - np.average(x[:, position], weights=weights)) * root)
        rest = within[:, position]
        for direction in basis + basis:  # twice: keeps the basis orthogonal to rounding error
            rest = rest - direction * (direction @ rest)
        if np.ptp(column) <= 1e-12 * max(1.0, float(np.abs(column).max())):
            dropped[name] = "the same for every patient"
        elif np.linalg.norm(within[:, position]) <= 1e-8 * size:
            dropped[name] = "does not vary within any practice, so it cannot be told apart from the practices"
        elif np.linalg.norm(rest) <= 1e-8 * np.linalg.norm(within[:, position]):
            dropped[name] = f"follows entirely from {', '.join(names[k] for k in kept)}"
        else:
            kept.append(position)
            basis.append(rest / np.linalg.norm(rest))
    return kept, dropped


def build_case_mix(
    adjusters: pd.DataFrame | Mapping[str, object],
    codes: IntArray,
    n_practices: int,
    weights: FloatArray | None = None,
) -> CaseMix:
    """Make the columns of a case-mix model from patient characteristics.

    Numbers and Booleans enter as they are (linearly), words and categoricals as dummies against their first level.
    Missing values become the mean of the patient's practice, or of everybody, and are flagged. What is constant, does
    not vary within practices, or follows from earlier columns is left out with its reason.

    Parameters
    ----------
    adjusters
        n rows; duplicated columns, infinite numbers, dates and free text are refused.
    codes, weights
        Shape (n,): practice of each row, and case weights.

    Raises
    ------
    AnalysisError
        Naming the column, what it holds and what to do.

    Examples
    --------
    >>> mix = build_case_mix({"age": [30.0, None, 50.0, 60.0]}, np.array([0, 0, 1, 1]), 2)
    >>> mix.x.ravel().tolist(), mix.imputed["age"].tolist()
    ([-12.5, -12.5, 7.5, 17.5], [False, True, False, False])
    """
    frame = pd.DataFrame(adjusters)
    n = len(codes)
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise AnalysisError(f"adjusters: column '{twice[0]}' occurs more than once; keep one.")
    if len(frame) != n:
        raise AnalysisError(f"adjusters: expected {n} rows, one per patient, received {len(frame)}.")
    mass = np.ones(n) if weights is None else weights
    imputed, dropped = {}, {}
    blocks: list[FloatArray] = []
    labels: list[str] = []
    for position, name in enumerate(names):
        column = frame.iloc[:, position].reset_index(drop=True)
        if not column.notna().any():
            dropped[name] = "no answers"
            continue
        values, parts = _columns(column, name)
        imputed[name] = column.isna().to_numpy()
        if not parts:
            dropped[name] = "the same for every patient"
        blocks += [_fill(part, codes, n_practices) for part in values.T]
        labels += parts
    flags = pd.DataFrame(imputed, index=range(n))
    if not blocks:
        return CaseMix(np.zeros((n, 0)), (), flags, dropped)
    x = np.column_stack(blocks)
    kept, because = _independent(x, labels, codes, n_practices, mass)
    centred = x[:, kept] - np.average(x[:, kept], axis=0, weights=mass)
    return CaseMix(centred, tuple(labels[k] for k in kept), flags, dropped | because)
