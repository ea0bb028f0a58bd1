"""Tests of: Polychoric correlations from two-way tables: two-step maximum likelihood for all pairs of items at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr

from pxanalysis.statistics.moments.two_way_tables import bivariate_cdf, bivariate_density


# The orthant formula (Sheppard 1899): P(X <= 0, Y <= 0) = 1/4 + asin(rho) / (2 pi).
@pytest.mark.parametrize("rho", [-0.999, -0.9, -0.5, -0.1, 0.0, 0.3, 0.7, 0.95, 0.9999])
def test_bivariate_cdf_at_the_origin_is_sheppards(rho):
    assert float(bivariate_cdf(0.0, 0.0, rho)) == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=1e-14)


@given(h=st.floats(-4, 4), k=st.floats(-4, 4), rho=st.floats(-0.995, 0.995))
def test_bivariate_cdf_equals_quadrature_and_obeys_its_identities(h, k, rho):
    def strip(x: float) -> float:
        return float(np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * ndtr((k - rho * x) / np.sqrt(1 - rho**2)))

    corners = [p for p in (k / rho - 0.2, k / rho, k / rho + 0.2) if -9 < p < h] if abs(rho) > 0.1 else []
    expected = quad(strip, -9, h, points=corners or None, epsabs=1e-13, epsrel=1e-12, limit=300)[0]
    value = float(bivariate_cdf(h, k, rho))
    assert value == pytest.approx(expected, abs=1e-11)
    assert value == pytest.approx(float(bivariate_cdf(k, h, rho)), abs=1e-14)
    assert value + float(bivariate_cdf(h, -k, -rho)) == pytest.approx(float(ndtr(h)), abs=1e-13)
    if abs(rho) < 0.9:
        slope = (float(bivariate_cdf(h, k, rho + 1e-5)) - float(bivariate_cdf(h, k, rho - 1e-5))) / 2e-5
        assert float(bivariate_density(h, k, rho)) == pytest.approx(slope, abs=1e-7)


def test_bivariate_cdf_at_infinity_is_the_margin():
    assert float(bivariate_cdf(np.inf, 0.7, 0.4)) == pytest.approx(float(ndtr(0.7)))
    assert float(bivariate_cdf(-np.inf, 0.7, 0.4)) == 0.0
    assert float(bivariate_density(np.inf, 0.0, 0.3)) == 0.0
