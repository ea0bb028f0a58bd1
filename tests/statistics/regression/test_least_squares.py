"""Tests of: Least squares with errors that know about practices: HC3, CR1, or CR2 when practices are few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from places import TESTS
from scipy.linalg import fractional_matrix_power

from pxanalysis.statistics.regression import least_squares
from pxanalysis.statistics.regression.least_squares import fit_least_squares

REFERENCE = TESTS / "reference"


@pytest.mark.parametrize("weighted", [False, True])
def test_cr2_equals_the_dense_formula(weighted: bool) -> None:
    """Bell & McCaffrey with n x n hat matrices and matrix square roots, as in clubSandwich's documentation."""
    rng = np.random.default_rng(4)
    codes = np.repeat(np.arange(9), rng.integers(4, 15, 9))
    n = codes.size
    design = np.column_stack([np.ones(n), rng.normal(size=n), rng.normal(size=9)[codes]])
    outcome = design @ [1, 0.5, 0.2] + rng.normal(size=9)[codes] + rng.normal(size=n)
    weights = rng.uniform(0.5, 2, n) if weighted else np.ones(n)
    fit = fit_least_squares(outcome, design, weights=weights, codes=codes)
    x, y = design * np.sqrt(weights)[:, None], outcome * np.sqrt(weights)
    bread = np.linalg.inv(x.T @ x)
    hat = x @ bread @ x.T
    residuals = y - hat @ y
    meat, influence = np.zeros((3, 3)), []
    for cluster in range(9):
        rows = np.flatnonzero(codes == cluster)
        adjust = fractional_matrix_power(np.eye(rows.size) - hat[np.ix_(rows, rows)], -0.5).real
        score = x[rows].T @ adjust @ residuals[rows]
        meat += np.outer(score, score)
        influence.append((np.eye(n) - hat)[:, rows] @ adjust @ x[rows] @ bread)
    assert fit.errors == "CR2"
    np.testing.assert_allclose(fit.covariance, bread @ meat @ bread, rtol=1e-8)
    for column in range(3):
        vectors = np.column_stack([one[:, column] for one in influence])
        gram = vectors.T @ vectors
        assert fit.degrees[column] == pytest.approx(np.trace(gram) ** 2 / (gram**2).sum(), rel=1e-8)


@pytest.mark.parametrize("model", ["mtcars by carb", "attitude by tens"])
def test_cr2_equals_clubsandwich(model: str) -> None:
    """clubSandwich 0.5.8 in R 4.2.2, values to 1e-8; one carb cluster has a single car."""
    expected = pd.read_csv(REFERENCE / "cluster_errors" / "cr2.csv").query("model == @model")
    data = pd.read_csv(REFERENCE / "relative_importance" / f"{model.split()[0]}.csv")
    outcome = "mpg" if model.startswith("mtcars") else "rating"
    codes = pd.factorize(data["carb"] if outcome == "mpg" else pd.Series(np.arange(30) % 10))[0].astype(np.intp)
    fit = fit_least_squares(
        data[outcome].to_numpy(dtype=float),
        sm.add_constant(data[expected["term"].iloc[1:].tolist()].to_numpy(dtype=float)),
        codes=codes,
    )
    np.testing.assert_allclose(fit.coefficients, expected["estimate"], rtol=1e-8)
    np.testing.assert_allclose(fit.std_errors, expected["std_error"], rtol=1e-8)
    np.testing.assert_allclose(fit.degrees, expected["degrees"], rtol=1e-7)


@pytest.mark.parametrize("at_once", [50, 4096])
def test_cr1_equals_statsmodels(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(least_squares, "ROWS_AT_ONCE", at_once)
    rng = np.random.default_rng(12)
    n, codes = 900, np.concatenate([np.arange(45), rng.integers(0, 45, 855)])
    design = np.column_stack([np.ones(n), 1990 + rng.integers(0, 30, n), rng.normal(size=n) * 20 + 50])
    outcome = design @ [1, 0.01, 0.2] + rng.normal(size=45)[codes] + rng.normal(size=n)
    weights = rng.uniform(0.5, 2, n)
    ours = fit_least_squares(outcome, design, weights=weights, codes=codes)
    theirs = sm.WLS(outcome, design, weights=weights).fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    assert ours.errors == "CR1"
    assert (ours.degrees == 44).all()
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-8)
    np.testing.assert_allclose(ours.residuals, theirs.resid, atol=1e-9)
    np.testing.assert_allclose([ours.r2, ours.adj_r2], [theirs.rsquared, theirs.rsquared_adj], rtol=1e-12)


def test_cr2_intervals_cover_with_ten_practices_where_plain_errors_do_not() -> None:
    """A driver that only differs between practices: 300 studies, 95 % within 90-99 %, HC3 far below."""
    rng = np.random.default_rng(5)
    codes = np.repeat(np.arange(10), 20)
    found = {"CR2": 0, "HC3": 0}
    for _ in range(300):
        design = np.column_stack([np.ones(200), rng.normal(size=10)[codes]])
        outcome = rng.normal(size=10)[codes] + rng.normal(size=200)
        for name, clusters in (("CR2", codes), ("HC3", None)):
            fit = fit_least_squares(outcome, design, codes=clusters)
            from scipy.stats import t

            reach = t.ppf(0.975, fit.degrees[1]) * fit.std_errors[1]
            found[name] += abs(fit.coefficients[1]) <= reach
    assert 0.90 <= found["CR2"] / 300 <= 0.99
    assert found["HC3"] / 300 < 0.7
