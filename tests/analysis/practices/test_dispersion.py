"""Tests of: How much more practices differ than chance allows, without what outliers add to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from practices_data import R, codes, patients  # noqa: F401

from pxanalysis.analysis.practices import (
    overdispersion,
)

# --- Funnel and caterpillar -----------------------------------------------------------------------------------------


def test_overdispersion_against_metafor(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """Without winsorising and around the weighted mean, τ² is DerSimonian & Laird's."""
    n = np.bincount(codes).astype(float)
    share = np.bincount(codes, patients["binary"]) / n
    y, s = np.arcsin(np.sqrt(share)), 1 / (2 * np.sqrt(n))
    found = overdispersion(y, s, n, winsorise=0.0, method="winsorised")
    assert found.tau2 == pytest.approx(R["dl_shares"]["tau2"], rel=1e-9)
    assert found.phi * 24 == pytest.approx(R["dl_shares"]["q"], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("k", [10, 25, 100])
@pytest.mark.parametrize(("tau", "few", "most"), [(0.0, 0.01, 0.05), (0.35, 0.035, 0.06), (0.7, 0.035, 0.06)])
def test_about_95_of_100_practices_lie_within_the_limits(k: int, tau: float, few: float, most: float) -> None:
    """Practices of 12 to 200 answers; the published formula leaves twice as many outside where they differ."""
    rng = np.random.default_rng(31)
    outside: dict[str, list[float]] = {"corrected": [], "winsorised": []}
    phi = []
    for _ in range(300):
        n = np.exp(rng.uniform(np.log(12), np.log(200), k)).round()
        s = 1.5 / np.sqrt(n)
        y = rng.normal(8, np.sqrt(tau**2 + s**2))
        for method, shares in outside.items():
            found = overdispersion(y, s, n, method=method)
            shares.append((np.abs(y - found.centre) > 1.96 * np.sqrt(s**2 + found.tau2)).mean())
        phi.append(overdispersion(y, s, n).phi)
    assert few < np.mean(outside["corrected"]) < most
    if tau:
        assert np.mean(outside["winsorised"]) > 0.08
    else:
        assert np.mean(phi) == pytest.approx(1 - 1 / k, abs=0.05)


def test_the_variance_between_practices_is_not_that_of_outliers() -> None:
    """Three of fifty practices far out hardly widen the limits; without winsorising they double the variance."""
    rng = np.random.default_rng(32)
    n, s = np.full(50, 60.0), np.full(50, 0.2)
    y = rng.normal(8, np.sqrt(0.3**2 + s**2))
    y[:3] -= 3
    assert overdispersion(y, s, n).tau2 < 2.5 * 0.3**2
    assert overdispersion(y, s, n, winsorise=0.0).tau2 > 5 * 0.3**2
