"""Tests of: One-way variance components by restricted maximum likelihood, as lme4 gives them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from practices_data import EXACT, R, codes, patients  # noqa: F401

from pxanalysis.statistics.random_effects.reliability import (
    gls_mean,
    shrink_means,
    shrunken_error,
)
from pxanalysis.statistics.random_effects.reml import fit_reml
from pxanalysis.statistics.random_effects.variance import icc_interval, practice_stats, variance_components


def test_balanced_icc_against_psych(patients: pd.DataFrame) -> None:
    first = patients.groupby("practice").filter(lambda part: len(part) >= 12).groupby("practice").head(12)
    codes, names = pd.factorize(first["practice"])
    stats = practice_stats(first[["grade"]].to_numpy(), codes.astype(np.intp), len(names))
    parts = variance_components(stats)
    low, high = icc_interval(parts, 0.95)
    reference = R["balanced_icc"]
    np.testing.assert_allclose([parts.icc[0], parts.f_value[0]], [reference["icc"], reference["f"]], **EXACT)
    np.testing.assert_allclose([low[0], high[0]], [max(0.0, reference["low"]), reference["high"]], **EXACT)
    # with equal sizes the analysis of variance and REML agree; lme4's optimiser stops near 1e-7
    reml = fit_reml(stats.n[:, 0], stats.mean[:, 0], stats.ss[:, 0])
    assert reml.sigma2_between == pytest.approx(float(parts.sigma2_between[0]), rel=1e-9)
    assert reml.sigma2_between == pytest.approx(R["balanced"]["sigma2_between"], rel=1e-5)
    assert reml.sigma2_within == pytest.approx(R["balanced"]["sigma2_within"], rel=1e-5)


def test_reml_against_lme4(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """lme4 1.1-31, lmer(grade ~ 1 + (1 | practice)), unbalanced; 1e-5 as its optimiser stops there."""
    stats = practice_stats(patients[["grade"]].to_numpy(), codes, 24)
    fit = fit_reml(stats.n[:, 0], stats.mean[:, 0], stats.ss[:, 0])
    for name, value in (
        ("sigma2_between", fit.sigma2_between),
        ("sigma2_within", fit.sigma2_within),
        ("mu", fit.mu),
        ("se_mu", fit.se_mu),
    ):
        assert value == pytest.approx(R["lme4"][name], rel=1e-5), name
    assert fit.deviance == pytest.approx(R["lme4"]["reml_deviance"], rel=1e-10)
    between, within = fit.sigma2_between, fit.sigma2_within
    shrunk = shrink_means(stats.mean[:, 0], stats.n[:, 0], fit.mu, between, within)
    np.testing.assert_allclose(shrunk, R["lme4"]["shrunken"], rtol=1e-6)
    np.testing.assert_allclose(shrunken_error(stats.n[:, 0], between, within), R["lme4"]["cond_sd"], rtol=1e-5)
    assert fit.mu == pytest.approx(
        float(gls_mean(stats.mean[:, :1], stats.n[:, :1], np.array([between]), np.array([within]))[0])
    )


def test_dyestuff_published() -> None:
    """Davies (1947); Box & Tiao (1973); Bates (2010), ch. 1: 1764.05, 2451.25, 1527.5, and the predicted effects."""
    means, n, ss = np.array([1505.0, 1528, 1564, 1498, 1600, 1470]), np.full(6, 5.0), np.full(6, 58830 / 6)
    fit = fit_reml(n, means, ss)
    assert (round(fit.sigma2_between, 2), round(fit.sigma2_within, 2), round(fit.mu, 4)) == (1764.05, 2451.25, 1527.5)
    effects = shrink_means(means, n, fit.mu, fit.sigma2_between, fit.sigma2_within) - fit.mu
    np.testing.assert_allclose(effects, [-17.6068, 0.3913, 28.5623, -23.0845, 56.7331, -44.9953], atol=2e-3)


def test_reml_at_the_bound() -> None:
    """Practices that differ less than chance: σ²_b is 0 and the centre is the mean over patients."""
    means, n = np.array([7.0, 7.1, 6.9]), np.array([10.0, 20.0, 30.0])
    fit = fit_reml(n, means, n * 4.0)
    assert fit.sigma2_between == 0
    assert fit.mu == pytest.approx(n @ means / n.sum())
    assert fit_reml(np.ones(4), np.arange(4.0), np.zeros(4)) is None
    assert fit_reml(np.array([5.0, 0.0]), np.array([7.0, np.nan]), np.array([2.0, 0.0])) is None
