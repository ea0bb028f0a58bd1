"""Tests of: Upper tail of a weighted sum of chi-squares with one degree of freedom each."""

from __future__ import annotations

import numpy as np
import pytest
from prediction_data import RNG

from pxanalysis.statistics.non_nested.weighted_chi_squares import weighted_chi_square_tail


@pytest.mark.parametrize("weights", [[1.0, 0.5], [1.0, 1e-3, 2.0], [3.0, 3.0, 0.2, 0.1]])
def test_tails_of_weighted_chi_squares_are_those_of_simulation(weights: list[float]) -> None:
    draws = (RNG.standard_normal((400_000, len(weights))) ** 2) @ np.array(weights)
    for value in (0.5, 2.0, 6.0):
        p = float((draws > value).mean())
        found = weighted_chi_square_tail(value, np.array(weights))
        assert found == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / 400_000))
