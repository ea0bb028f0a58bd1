"""Tests of: Explained variance of every subset of drivers."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.errors import NotEstimableError
from pxanalysis.statistics.regression.explained_variance import check_singular


def test_singular_drivers_are_named() -> None:
    rng = np.random.default_rng(9)
    rows = rng.standard_normal((50, 3))
    copied = np.column_stack([rows[:, 0], rows[:, 1], 5 * rows[:, 0]])
    summed = np.column_stack([rows, rows[:, 0] + rows[:, 2]])
    with pytest.raises(NotEstimableError, match=r"'c' is a copy of 'a'.*Leave one out"):
        check_singular(np.cov(copied, rowvar=False), ["a", "b", "c"])
    with pytest.raises(NotEstimableError, match="'d' is a weighted sum of 'a' and 'c'"):
        check_singular(np.cov(summed, rowvar=False), ["a", "b", "c", "d"])
    with pytest.raises(NotEstimableError, match="'b' is constant"):
        check_singular(np.diag([1.0, 0.0]), ["a", "b"])
