"""Means of a touchpoint's items over the same people, also where some of them did not answer or were not asked one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.moments.em import find_patterns, padded_inverses
from pxanalysis.statistics.moments.estimate import estimate_moments

__all__ = ["ItemMeans", "compare_item_means"]

_MOST_ROUNDS = 50
_MOST_ITEMS = 20
"""With more items that are not all answered, EM over thousands of patterns of answers takes minutes per touchpoint."""

_SETTLED = 1e-9
"""Points on 0-100 by which no mean changes any more."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemMeans:
    """Means of the items of one touchpoint, per practice.

    Attributes
    ----------
    mean
        Shape (practices, items), 0-100; NaN where nobody of a practice answered the item.
    mass
        Shape (practices, items): how many people the mean is over, by their weights: who answered anything of the
        touchpoint; those who answered the item, where there is a ``reason``.
    incomplete
        Shape (practices, items): an answer of some of these people is missing; the mean allows for it.
    reason
        Why the means are of whoever answered all the same; empty where they are not.
    """

    mean: FloatArray
    mass: FloatArray
    incomplete: BoolArray
    reason: str = ""


def compare_item_means(values: FloatArray, codes: IntArray, size: int, weights: FloatArray | None = None) -> ItemMeans:
    """Maximum-likelihood means per practice, with one covariance of items within practices.

    Who answered the first item only and low would make that item look low. The mean of each practice is the generalised
    least-squares one, ``(sum W)^-1 sum W y`` with W the inverse of the observed block of the covariance (Little & Rubin
    2002, ch. 11); the covariance is that of EM on answers less their practice's mean, in turns with the means. Right
    when an answer is missing at random given the other answers; the ordinary means where nothing is missing.

    Parameters
    ----------
    values
        Shape (n, items), 0-100, NaN where not answered.
    codes
        Shape (n,): practice of each row, below ``size``.
    weights
        Shape (n,), of the rows; ones when None. Rows without weight do not count.
    """
    mass = np.ones(len(values)) if weights is None else weights
    has = np.isfinite(values) & (mass > 0)[:, None]
    met: BoolArray = np.asarray(has.any(axis=1))
    answered, people = _sum(has * mass[:, None], codes, size), _sum(met[:, None] * mass[:, None], codes, size)
    total = _sum(np.where(has, values, 0.0) * mass[:, None], codes, size)
    plain = np.where(answered > 0, total / np.where(answered > 0, answered, 1.0), np.nan)
    count = _sum(has, codes, size)
    incomplete: BoolArray = np.asarray((count > 0) & (count < _sum(met[:, None], codes, size)))
    whole = np.repeat(people, values.shape[1], axis=1)
    if not incomplete.any():
        return ItemMeans(plain, whole, incomplete)
    if values.shape[1] > _MOST_ITEMS:
        many = f"{values.shape[1]} items of one touchpoint; with more than {_MOST_ITEMS} no covariance is estimated"
        return ItemMeans(plain, answered, incomplete, many)
    try:
        mean = _alternate(values[met], codes[met], plain, mass[met])
    except AnalysisError as error:
        return ItemMeans(plain, answered, incomplete, str(error))
    mean = np.clip(mean, 0.0, 100.0)  # a regression may lead beyond the scale; a mean cannot
    return ItemMeans(np.where(incomplete.any(axis=1, keepdims=True), mean, plain), whole, incomplete)


def _sum(columns: FloatArray | BoolArray, codes: IntArray, size: int) -> FloatArray:
    """Sums per practice, shape (size, columns)."""
    return np.column_stack([np.bincount(codes, column, minlength=size) for column in columns.T]).astype(np.float64)


def _alternate(values: FloatArray, codes: IntArray, start: FloatArray, mass: FloatArray) -> FloatArray:
    mean, sums = start, _PatternSums.of(values, codes, len(start), mass)
    for _ in range(_MOST_ROUNDS):
        before = mean
        cov = estimate_moments(values - mean[codes], method="em", weights=mass).cov.to_numpy(dtype=np.float64)
        mean = sums.weighted_means(start, cov)
        if np.nanmax(np.abs(mean - before)) < _SETTLED:
            break
    return mean


@dataclass(frozen=True, slots=True, eq=False)
class _PatternSums:
    """Sums of answers per practice and pattern of answered items, of the k pairs that there are.

    Attributes
    ----------
    kinds
        Shape (m, items): which items each pattern has.
    practice, kind
        Shape (k,): practice and pattern of each pair.
    mass, total
        Shapes (k,) and (k, items): weight of its rows, and their weighted sums, 0 where not answered.
    """

    kinds: BoolArray
    practice: IntArray
    kind: IntArray
    mass: FloatArray
    total: FloatArray

    @classmethod
    def of(cls, values: FloatArray, codes: IntArray, size: int, mass: FloatArray) -> _PatternSums:
        patterns = find_patterns(values)
        pairs, pair = np.unique(codes * patterns.count + patterns.of_row, return_inverse=True)
        weight = np.asarray(np.bincount(pair, mass, minlength=pairs.size), dtype=np.float64)
        total = _sum(np.nan_to_num(values) * mass[:, None], pair, pairs.size)
        return cls(patterns.observed, pairs // patterns.count, pairs % patterns.count, weight, total)

    def weighted_means(self, start: FloatArray, cov: FloatArray) -> FloatArray:
        """Means given the covariance; an item that a practice did not answer stays NaN, and counts for nothing."""
        inverse = padded_inverses(cov[None], self.kinds)[0][0][self.kind]
        size, p = start.shape
        left, right = np.zeros((size, p, p)), np.zeros((size, p))
        np.add.at(left, self.practice, inverse * self.mass[:, None, None])
        np.add.at(right, self.practice, np.einsum("nij,nj->ni", inverse, self.total))
        none = ~np.isfinite(start)
        left += none[:, :, None] * np.eye(p)
        return np.where(none, np.nan, np.linalg.solve(left, right[:, :, None])[:, :, 0])
