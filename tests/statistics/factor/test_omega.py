"""Tests of: Reliability from a factor model: omega by each of its definitions, composite reliability, AVE,
ordinal omega.
"""

from __future__ import annotations

import numpy as np
import pytest
from reliability_data import CFA_COV, ORDINAL, SCALES, SEMTOOLS, cfa, ordinal_fit  # noqa: F401

from pxanalysis.statistics.factor.alpha import (
    cronbach_alpha,
)
from pxanalysis.statistics.factor.omega import (
    average_variance_extracted,
    composite_reliability,
    green_yang_omega,
    omega_implied,
    omega_observed,
    ordinal_reliability,
)


@pytest.mark.parametrize(("place", "scale"), list(enumerate(SCALES)))
def test_measurement_model_equals_semtools(cfa, place, scale):
    own = slice(5 * place, 5 * place + 5)
    block, loading, unique = CFA_COV[own, own], cfa.loadings[0, own], cfa.uniquenesses[0, own]
    hand = SEMTOOLS["by_hand_standardized"][scale]
    standard = loading / np.sqrt(np.diag(block))
    np.testing.assert_allclose(standard, hand["std_loadings"], atol=2e-8)
    assert float(omega_observed(loading, block)) == pytest.approx(SEMTOOLS["compRelSEM"][scale], abs=1e-7)
    assert float(omega_implied(loading, unique)) == pytest.approx(SEMTOOLS["compRelSEM_obsvar_false"][scale], abs=1e-7)
    assert float(cronbach_alpha(block)) == pytest.approx(SEMTOOLS["compRelSEM_tau_eq"][scale], rel=1e-12)
    assert float(composite_reliability(standard)) == pytest.approx(hand["CR"], abs=1e-7)
    assert float(average_variance_extracted(standard)) == pytest.approx(hand["AVE"], abs=1e-7)


def test_ordinal_reliability_equals_semtools():
    fit = ordinal_fit()
    found = ordinal_reliability(fit)
    assert found.categorical_omega == pytest.approx(ORDINAL["compRelSEM_green_yang"], abs=1e-6)
    assert found.latent_omega == pytest.approx(ORDINAL["compRelSEM_latent_scale"], abs=1e-6)
    loadings = np.array(list(ORDINAL["cfa"]["loadings"].values()))
    exact = green_yang_omega(loadings, fit.correlation, fit.thresholds)
    assert exact == pytest.approx(ORDINAL["compRelSEM_green_yang"], abs=1e-7)
