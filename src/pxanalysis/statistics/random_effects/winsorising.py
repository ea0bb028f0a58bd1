"""How much of the spread of normal values winsorising takes away, for samples of any size."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import betainc, gammaln, log_ndtr, ndtr, ndtri

__all__ = ["winsorised_share"]

GRID = np.linspace(-9.0, 9.0, 6001)

ENDLESS = 300
"""With more values than this the share is that of endless values; they differ by less than .001."""


@lru_cache(maxsize=256)
def winsorised_share(k: int, winsorise: float) -> float:
    """Part of the expected sum of squares about their mean that k normal values keep when winsorised, 0-1.

    Values beyond the sample quantiles L and U (linear between order statistics, numpy's default) are set to these. Of
    the j values on each side that are, and the k − 2j between, the expected squares about 0 are

        k − 2k ∫ x² f(x) I(k−j, j; 1−F(x)) dx + 2j E[L²],

    with f, F the normal density and distribution and I the regularised incomplete beta function (the first j order
    statistics have together the density k f(x) P(at most j−1 of k−1 others lie below x)). The mean of normal values is
    independent of their deviations from it, so 1 is to be taken off for squares about the mean, as from the k of
    values as they are. For endless values the part is 1 − 2q − 2aφ(a) + 2qa², a = Φ⁻¹(1−q): .679 for q = .1. Dividing
    by that is how a winsorised variance is made to estimate the variance of normal values (Wilcox 2012, Introduction to
    Robust Estimation and Hypothesis Testing); here with its value for k.

    Parameters
    ----------
    k
        Number of values, 2 or more.
    winsorise
        Share q on each side, from 0 up to .5.

    Examples
    --------
    >>> [round(winsorised_share(k, 0.1), 3) for k in (10, 100, 10_000)]
    [0.691, 0.681, 0.679]
    >>> winsorised_share(25, 0.0)
    1.0
    """
    if winsorise == 0:
        return 1.0
    if k > ENDLESS:
        a = float(-ndtri(winsorise))
        return float(1 - 2 * winsorise - 2 * a * np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi) + 2 * winsorise * a**2)
    place = (k - 1) * winsorise
    low, part = int(place), place - int(place)
    j = low + 1
    density, below = np.exp(-(GRID**2) / 2) / np.sqrt(2 * np.pi), ndtr(GRID)
    cut = k * density * betainc(k - j, j, 1.0 - below)
    middle = k - 2.0 * _area(GRID**2 * cut)
    edge = (1 - part) ** 2 * _square(k, low + 1) + part**2 * _square(k, low + 2)
    edge += 2 * part * (1 - part) * _product(k, low + 1)
    return float((middle + 2 * j * edge - 1.0) / (k - 1))


def _area(values: np.ndarray) -> float:
    return float(values.sum() * (GRID[1] - GRID[0]))


def _log_density(k: int, first: int, second: int) -> np.ndarray:
    """Log of k! f / ((i−1)! (k−m)!) · F^(i−1), shape of the grid; i and m count from 1."""
    whole = gammaln(k + 1) - gammaln(first) - gammaln(k - second + 1)
    return np.asarray(whole + (first - 1) * log_ndtr(GRID) - GRID**2 / 2 - np.log(2 * np.pi) / 2)


def _square(k: int, i: int) -> float:
    """Expected square of the i-th smallest of k normal values."""
    return _area(GRID**2 * np.exp(_log_density(k, i, i) + (k - i) * log_ndtr(-GRID)))


def _product(k: int, i: int) -> float:
    """Expected product of the i-th and the next smallest of k normal values."""
    step = GRID[1] - GRID[0]
    tail = (k - i - 1) * log_ndtr(-GRID) - GRID**2 / 2 - np.log(2 * np.pi) / 2
    # the scales of both factors are far apart for large k
    largest = tail.max()
    later = GRID * np.exp(tail - largest)
    above = np.cumsum(later[::-1])[::-1] * step - later * step / 2
    return _area(GRID * np.exp(_log_density(k, i, i + 1) + largest) * above)
