"""Tests of: Which cells to hide so that no figure on too few people is shown or can be worked out."""

from __future__ import annotations

import time

import numpy as np
from privacy_data import suppress_table


def test_total_is_the_last_to_go() -> None:
    hidden = suppress_table(np.array([[4, 30, 30], [25, 40, 35], [50, 60, 70]]))
    assert not hidden[-1].any()
    assert not hidden[:, -1].any()


def test_three_hundred_practices_by_month_are_quick_enough() -> None:
    rng = np.random.default_rng(2)
    started = time.perf_counter()
    hidden = suppress_table(rng.poisson(12, (300, 12)))
    assert time.perf_counter() - started < 10
    assert hidden.mean() < 0.5
