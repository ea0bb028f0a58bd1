"""Tests of: Factor models in which every item belongs to one factor, fitted for many covariance matrices at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reliability_data import (  # noqa: F401
    ORDINAL,
    PSYCH,
    SCALES,
    SEMTOOLS,
    cfa,
    matrix,
    ordinal_fit,
    positive,
    random_frame,
    reference,
)

from pxanalysis.statistics.factor.alpha import (
    correlations,
    standardised_alpha,
)
from pxanalysis.statistics.factor.omega import (
    omega_standardised,
)
from pxanalysis.statistics.factor.one_factor import fit_factors, fit_one_factor_dwls, srmr_of

OMEGA = reference("psych_omega_bfi.json")


# ---------------------------------------------------------------- omega: psych (its optimiser: 1e-6), semTools (1e-7)


@pytest.mark.parametrize("scale", SCALES)
def test_one_factor_omega_equals_psych(scale):
    cov = matrix(PSYCH[scale]["covariance"])
    fit = fit_factors(cov[None], [0] * 5)
    assert fit.converged[0]
    expected = OMEGA[scale]["omega_total_1factor_ml"]
    assert float(omega_standardised(fit.uniquenesses[0], cov)) == pytest.approx(expected, abs=1e-6)


def test_factor_correlations_and_fit_equal_lavaan(cfa):
    np.testing.assert_allclose(cfa.correlations[0], matrix(SEMTOOLS["latent_cor"]), atol=2e-8)
    assert 2236 * cfa.discrepancy[0] == pytest.approx(SEMTOOLS["cfa"]["fit_measures"]["chisq"], rel=1e-10)


@pytest.mark.parametrize("item", SCALES["agree"])
def test_dwls_loadings_equal_lavaan_wlsmv(item):
    # lavaan's DWLS is not polished: loadings good to about 1e-6.
    fit = ordinal_fit()
    found = fit_one_factor_dwls(fit.correlation, fit.variance)
    assert found.converged[0]
    position = SCALES["agree"].index(item)
    assert found.loadings[0, position] == pytest.approx(ORDINAL["cfa"]["loadings"][item], abs=1e-6)


def test_srmr_equals_lavaan():
    loadings = np.array(list(ORDINAL["cfa"]["loadings"].values()))
    found = srmr_of(matrix(ORDINAL["cfa"]["polychoric"]), loadings)
    assert found == pytest.approx(ORDINAL["cfa"]["srmr"], rel=1e-6)


@given(positive, st.lists(st.floats(0.1, 10), min_size=4, max_size=4))
def test_standardised_coefficients_ignore_the_unit_of_each_item(seed, units):
    cov = np.cov(random_frame(seed).T)
    other = cov * np.outer(units, units)
    assert float(standardised_alpha(correlations(other))) == pytest.approx(float(standardised_alpha(correlations(cov))))
    first, second = fit_factors(cov[None], [0] * 4), fit_factors(other[None], [0] * 4)
    if first.converged[0] and second.converged[0]:
        np.testing.assert_allclose(second.loadings, first.loadings * units, rtol=1e-5, atol=1e-7)
