"""Tests of: Sums of answers and of their products, per unit: practices, clusters, or single rows."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.statistics.moments.products import unit_products


@pytest.mark.parametrize("n_units", [4, 300])
def test_sums_per_unit_are_the_same_by_either_route(n_units):
    rng = np.random.default_rng(16)
    rows, units, weights = rng.normal(size=(600, 3)), rng.integers(0, n_units, 600), rng.random(600)
    sums = unit_products(rows, units, weights, n_units)
    low = np.tril_indices(3)
    for unit in (0, n_units - 1):
        mine = units == unit
        cross = (rows[mine] * weights[mine, None]).T @ rows[mine]
        expected = [weights[mine].sum(), *(weights[mine] @ rows[mine]), *cross[low]]
        np.testing.assert_allclose(sums[unit], expected, atol=1e-12)
