"""From whatever a caller holds to clean float64 arrays: columns, weights, practices, random generators.

Every statistic reads its input through here, so that a wrong input is refused by name, in one wording.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from pxanalysis.arrays import FloatArray, IntArray
from pxanalysis.errors import AnalysisError, NotEstimableError

__all__ = [
    "Matrix",
    "as_clusters",
    "as_generator",
    "check_confidence",
    "check_joint_answers",
    "check_joint_counts",
    "check_spread",
    "check_spreads",
    "check_weights",
    "encode_clusters",
    "numeric_matrix",
    "refuse_infinite",
]


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Numbers with the names of their columns.

    Attributes
    ----------
    numbers
        Shape (n, p), float64, NaN where missing, never infinite.
    names
        The p column names, unique.
    """

    numbers: FloatArray
    names: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Return the same numbers as a new DataFrame."""
        return pd.DataFrame(self.numbers, columns=list(self.names))


def _numbers(column: pd.Series[Any], name: str) -> FloatArray:
    """One column as float64; words, categories, dates and complex numbers are refused by name."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        raise AnalysisError(
            f"column '{name}' is categorical; turn it into numbers yourself (for ordered answers "
            f"frame['{name}'].cat.codes), because the distances between categories are yours to choose."
        )
    if pd.api.types.is_bool_dtype(dtype) or (
        pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_complex_dtype(dtype)
    ):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_object_dtype(dtype):
        try:
            return np.asarray(pd.to_numeric(column.map(_refuse_text)), dtype=np.float64)
        except (TypeError, ValueError):
            pass
    found = column.dropna()
    example = f", for example {found.iloc[0]!r}" if len(found) else ""
    raise AnalysisError(
        f"column '{name}' holds {dtype} values{example}, expected numbers; leave it out or recode it to numbers."
    )


def _refuse_text(value: object) -> object:
    if isinstance(value, str):
        raise TypeError(value)
    return value


def _find_wanted(names: list[str], columns: Sequence[str] | None) -> list[int]:
    """Places of the wanted columns; one that is there twice, or not at all, is refused by name."""
    wanted = names if columns is None else [str(name) for name in columns]
    twice = sorted({name for name in wanted if wanted.count(name) > 1 or names.count(name) > 1})
    if twice:
        raise AnalysisError(
            f"column '{twice[0]}' occurs more than once; a copy adds no information and makes every covariance "
            "matrix singular. Keep one, or give the columns different names."
        )
    absent = [name for name in wanted if name not in names]
    if absent:
        raise AnalysisError(f"there is no column '{absent[0]}'; there are: {', '.join(names)}.")
    return [names.index(name) for name in wanted]


def numeric_matrix(data: object, columns: Sequence[str] | None = None) -> Matrix:
    """Clean a frame or array into float64 with unique names; the caller's data are not changed.

    Booleans become 0/1; pandas nullable types and ``None`` become NaN where missing.

    Parameters
    ----------
    data
        pandas or Polars DataFrame, or an array of shape (n, p) whose columns are then called ``x1 .. xp``
        (or as ``columns`` says).
    columns
        Which columns, in this order; all when None.

    Raises
    ------
    AnalysisError
        For duplicated or absent columns, words, categories, dates, complex or infinite values: by name, with
        what to do.

    Examples
    --------
    >>> matrix = numeric_matrix(pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [True, False]}))
    >>> matrix.names, matrix.numbers.tolist()
    (('a', 'b'), [[1.0, 1.0], [nan, 0.0]])
    """
    if isinstance(data, Matrix):
        return _choose(data.numbers, list(data.names), columns)
    if hasattr(data, "to_pandas"):
        data = data.to_pandas()
    if isinstance(data, pd.Series):
        data = data.to_frame()
    if not isinstance(data, pd.DataFrame):
        array = np.asarray(data)
        if array.ndim != 2:
            raise AnalysisError(f"expected a table of shape (n, p), received an array of shape {array.shape}.")
        given = list(columns) if columns is not None and len(columns) == array.shape[1] else None
        names = [str(name) for name in given or [f"x{i + 1}" for i in range(array.shape[1])]]
        if array.dtype == np.float64:
            return _choose(array, names, columns)
        data = pd.DataFrame(array, columns=names)
    names = [str(name) for name in data.columns]
    places = _find_wanted(names, columns)
    values = [_numbers(data.iloc[:, place], names[place]) for place in places]
    numbers = np.column_stack(values) if values else np.empty((len(data), 0))
    return _refuse_endless(Matrix(np.ascontiguousarray(numbers), tuple(names[place] for place in places)))


def _choose(numbers: FloatArray, names: list[str], columns: Sequence[str] | None) -> Matrix:
    """Those columns of numbers; of all of them no copy is made, but a view that cannot be written to."""
    places = _find_wanted(names, columns)
    values = numbers if places == list(range(len(names))) else numbers[:, places]
    values = np.ascontiguousarray(values).view()
    values.flags.writeable = False
    return _refuse_endless(Matrix(values, tuple(names[place] for place in places)))


def _refuse_endless(matrix: Matrix) -> Matrix:
    """The same matrix, unless it has no columns, or one with infinite values."""
    if not matrix.names:
        raise AnalysisError("expected at least one column, received none.")
    endless = np.isinf(matrix.numbers).any(axis=0)
    if endless.any():
        refuse_infinite(matrix.names[int(np.argmax(endless))])
    return matrix


def refuse_infinite(name: str) -> NoReturn:
    """Refuse a column with infinite values, by name."""
    raise AnalysisError(f"column '{name}' holds infinite values; replace them by missing or by what was meant.")


def check_spread(matrix: Matrix) -> None:
    """Refuse columns without a single answer and columns in which every answer is the same, by name.

    Raises
    ------
    NotEstimableError
        Because such a column has no variance.
    """
    numbers = matrix.numbers
    lowest, highest = np.fmin.reduce(numbers, initial=np.inf), np.fmax.reduce(numbers, initial=-np.inf)
    check_spreads(lowest, highest, matrix.names)


def check_spreads(lowest: FloatArray, highest: FloatArray, names: Sequence[str]) -> None:
    """Refuse as :func:`check_spread` does, by the lowest and highest answer of each column, shape (p,).

    Where there is none, the lowest is above the highest.
    """
    for name, low, high in zip(names, lowest, highest, strict=True):
        if low > high:
            raise NotEstimableError(f"column '{name}' has no answers at all; leave it out.", code="too_few")
        if low == high:
            raise NotEstimableError(
                f"column '{name}' is constant (every answer is {low:g}), so it has no variance to share with "
                "the others; leave it out."
            )


def check_joint_answers(matrix: Matrix, at_least: int = 2) -> None:
    """Refuse pairs of columns that fewer than ``at_least`` people answered together, by name.

    Raises
    ------
    NotEstimableError
        Because the covariance of such a pair is then not in the data.
    """
    answered = np.isfinite(matrix.numbers).astype(np.float64)
    check_joint_counts(answered.T @ answered, matrix.names, at_least)


def check_joint_counts(joint: FloatArray | IntArray, names: Sequence[str], at_least: int = 2) -> None:
    """Refuse as :func:`check_joint_answers` does, by how many answered both columns, shape (p, p)."""
    a, b = np.unravel_index(int(np.argmin(joint)), joint.shape)
    if joint[a, b] < at_least:
        one, other = names[int(a)], names[int(b)]
        raise NotEstimableError(
            f"columns '{one}' and '{other}' were answered together by {joint[a, b]:.0f} people, so their covariance is "
            "not in the data; leave one of them out, or combine them (for example when patients meet one or the "
            "other).",
            code="too_few",
        )


def check_weights(weights: object, n: int) -> FloatArray:
    """Return case weights of shape (n,), ones when None.

    Raises
    ------
    AnalysisError
        When there are not n of them, or one is missing, infinite or negative, or all are zero.

    Examples
    --------
    >>> check_weights(None, 3).tolist()
    [1.0, 1.0, 1.0]
    """
    if weights is None:
        return np.ones(n)
    series = weights if isinstance(weights, pd.Series) else pd.Series(np.asarray(weights).ravel())
    array = _numbers(series, "weights").copy()
    if array.shape != (n,):
        raise AnalysisError(f"weights: expected one weight per row ({n}), received {array.size}.")
    bad = ~np.isfinite(array)
    if bad.any():
        raise AnalysisError(
            f"weights: the weight of row {int(np.argmax(bad))} is missing or infinite ({int(bad.sum())} in all); "
            "give a row that should not count the weight 0."
        )
    if (array < 0).any():
        row = int(np.argmax(array < 0))
        raise AnalysisError(f"weights: row {row} has weight {array[row]:g}; weights are 0 or more.")
    if not array.any():
        raise AnalysisError("weights: every weight is 0, so no row counts; expected at least one above 0.")
    return array


def as_clusters(clusters: object) -> npt.NDArray[Any]:
    """Practices of rows as an array of objects; codes stay numbers, which are sorted much faster."""
    is_code = isinstance(clusters, np.ndarray) and clusters.dtype == np.intp
    return np.asarray(clusters, dtype=None if is_code else object)


def encode_clusters(clusters: object, n: int) -> tuple[IntArray, tuple[str, ...]]:
    """Practice of each row as codes 0..J-1 of shape (n,), and the J sorted practice ids.

    ``None`` puts all rows in one practice.

    Examples
    --------
    >>> codes, labels = encode_clusters(["b", "a", "b"], 3)
    >>> codes.tolist(), labels
    ([1, 0, 1], ('a', 'b'))
    """
    if clusters is None:
        return np.zeros(n, dtype=np.intp), ("",)
    series = pd.Series(as_clusters(clusters).ravel())
    if len(series) != n:
        raise AnalysisError(f"clusters: expected one practice per row ({n}), received {len(series)}.")
    if series.isna().any():
        row = int(np.argmax(series.isna().to_numpy()))
        raise AnalysisError(
            f"clusters: row {row} has no practice ({int(series.isna().sum())} rows in all); leave such rows out or "
            "give them a practice of their own."
        )
    codes, labels = pd.factorize(series, sort=True)
    return codes.astype(np.intp), tuple(str(label) for label in labels)


def as_generator(seed: np.random.Generator | int | None) -> np.random.Generator:
    """Return the generator itself, or a new one from a seed."""
    return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)


def check_confidence(confidence: float) -> float:
    """Return the confidence level when it is a proportion between 0 and 1 (both excluded)."""
    if not 0 < confidence < 1:
        raise AnalysisError(f"confidence: expected a proportion between 0 and 1 such as 0.95, received {confidence}.")
    return confidence
