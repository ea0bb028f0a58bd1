"""Means of a touchpoint's items over the same people, also where some of them did not answer or were not asked one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pxanalysis.arrays import BoolArray, FloatArray, IntArray
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.moments.em import (
    PatternStatistics,
    find_patterns,
    fit_em,
    padded_inverses,
    pattern_statistics,
)
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
    away = values - start[codes]
    cov = estimate_moments(away, method="em", weights=mass).cov.to_numpy(dtype=np.float64)
    sums, mean = _PatternSums.of(away, codes, len(start), mass), start
    for _ in range(_MOST_ROUNDS):
        before, mean = mean, start + sums.weighted_shifts(start, cov)
        if np.nanmax(np.abs(mean - before)) < _SETTLED:
            break
        cov = sums.estimate_cov(np.nan_to_num(mean - start), cov)
    return mean


@dataclass(frozen=True, slots=True, eq=False)
class _PatternSums:
    """Sums of answers less their practice's plain mean, per pattern of answered items and practice (k pairs).

    Attributes
    ----------
    cross
        Shape (m, items, items): sums of weighted cross-products of each pattern.
    kinds
        Shape (m, items): which items each pattern has.
    practice, kind
        Shape (k,): practice and pattern of each pair.
    mass, total
        Shapes (k,) and (k, items): weight of its rows, and their weighted sums, 0 where not answered.
    """

    cross: FloatArray
    kinds: BoolArray
    practice: IntArray
    kind: IntArray
    mass: FloatArray
    total: FloatArray

    @classmethod
    def of(cls, away: FloatArray, codes: IntArray, size: int, mass: FloatArray) -> _PatternSums:
        patterns, filled = find_patterns(away), np.nan_to_num(away)
        place = codes * patterns.count + patterns.of_row
        weight = np.asarray(np.bincount(place, mass, minlength=size * patterns.count), dtype=np.float64)
        there = np.flatnonzero(np.bincount(place, minlength=size * patterns.count))
        total = _sum(filled * mass[:, None], place, size * patterns.count)
        cross = pattern_statistics(filled, patterns, mass).cross[0]
        practice, kind = np.divmod(there, patterns.count)
        return cls(cross, patterns.observed, practice, kind, weight[there], total[there])

    def estimate_cov(self, shift: FloatArray, start: FloatArray) -> FloatArray:
        """Covariance within practices, of answers less the plain mean and this ``shift`` (practices, items).

        Climbed to from ``start``, near which it is; in its units, for EM stops by an absolute difference.

        Raises
        ------
        NotEstimableError
            When it has no inverse.
        """
        own = shift[self.practice] * self.kinds[self.kind]
        across = own[:, :, None] * self.total[:, None, :]
        change = self.mass[:, None, None] * own[:, :, None] * own[:, None, :] - across - np.swapaxes(across, 1, 2)
        total, cross = np.zeros((1, *self.kinds.shape)), self.cross[None].copy()
        np.add.at(total[0], self.kind, self.total - self.mass[:, None] * own)
        np.add.at(cross[0], self.kind, change)
        weight = np.bincount(self.kind, self.mass, minlength=len(self.kinds)).astype(np.float64)[None]
        spread = np.sqrt(np.diag(start))
        scale = np.outer(spread, spread)
        sums = PatternStatistics(self.kinds, weight, total / spread, cross / scale)
        try:
            return np.asarray(fit_em(sums, np.zeros(len(spread)), start / scale).cov * scale)
        except np.linalg.LinAlgError as error:
            raise NotEstimableError("the covariance of these items has no inverse", code="singular") from error

    def weighted_shifts(self, start: FloatArray, cov: FloatArray) -> FloatArray:
        """Means given the covariance, less the plain ones; an item that a practice did not answer stays NaN."""
        inverse = padded_inverses(cov[None], self.kinds)[0][0][self.kind]
        size, p = start.shape
        left, right = np.zeros((size, p, p)), np.zeros((size, p))
        np.add.at(left, self.practice, inverse * self.mass[:, None, None])
        np.add.at(right, self.practice, np.einsum("nij,nj->ni", inverse, self.total))
        none = ~np.isfinite(start)
        left += none[:, :, None] * np.eye(p)
        return np.where(none, np.nan, np.linalg.solve(left, right[:, :, None])[:, :, 0])
