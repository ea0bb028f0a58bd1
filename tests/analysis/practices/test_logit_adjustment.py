"""Tests of: Case-mix adjustment of shares and ordered answers: predictive margins of a cumulative-logit model."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from practices_data import EXACT, R, codes, patients  # noqa: F401

from pxanalysis.analysis.practices import (
    build_case_mix,
)
from pxanalysis.analysis.practices.logit_adjustment import fit_logit_margins
from pxanalysis.statistics.regression.practice_intercepts import (
    LogitFit,
    _invert,
    expected_answer,
    fit_cumulative_logit,
)

# iterative optimisers stop at about the root of machine precision
ITERATIVE = {"rtol": 1e-5, "atol": 1e-6}


def test_logistic_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """R glm with practices as factors, predictive margins and delta-method errors."""
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    fit = fit_logit_margins(patients["binary"].to_numpy(float), mix.x, codes, 24)
    reference = R["logistic"]
    where = [int(name[1:]) for name in reference["practices"]]
    np.testing.assert_allclose(fit.beta, reference["beta"], **EXACT)
    np.testing.assert_allclose(fit.beta_error, reference["se_beta"], **EXACT)
    np.testing.assert_allclose(fit.adjusted[where], reference["adjusted"], **EXACT)
    np.testing.assert_allclose(fit.error[where], reference["se"], **EXACT)
    assert fit.statistic == pytest.approx(reference["lr"], rel=1e-8)
    # practices in which everybody answered the same keep their share, with Agresti & Coull's error
    assert (fit.adjusted[0], fit.adjusted[12]) == (0.0, 1.0)
    p = (14 + 2) / (14 + 4)
    assert fit.error[12] == pytest.approx(math.sqrt(p * (1 - p) / 18))


def test_patients_who_are_alike_are_expected_alike_by_their_weights() -> None:
    """The mean over every patient, one by one, is that over the kinds of patients there are."""
    rng = np.random.default_rng(3)
    x, own = rng.integers(0, 3, (400, 2)) - 1.0, np.arange(400) % 5
    weights, values = rng.uniform(0.5, 2.0, 400), np.array([0.0, 4.0, 10.0])
    answer = np.clip(np.round(1 + x[:, 0] / 2 + rng.normal(0, 0.8, 400)), 0, 2).astype(np.intp)
    fit = fit_cumulative_logit(answer, x, own, 5, weights)
    assert fit is not None
    below = 1 / (1 + np.exp(-(fit.thresholds[:, None, None] - fit.intercepts[:, None] - x @ fit.beta)))
    one_by_one = (10.0 - np.diff(values) @ below.swapaxes(0, 1)) @ (weights / weights.sum())
    np.testing.assert_allclose(expected_answer(fit, values, x, weights)[0], one_by_one, rtol=1e-12)


def test_covariances_are_the_inverse_of_the_whole_information() -> None:
    """The inverse is taken by blocks, since that of the practices is diagonal."""
    rng = np.random.default_rng(4)
    outer, across, own = np.eye(4) * 9 + 1.0, rng.normal(size=(4, 30)), rng.uniform(5, 20, 30)
    info = np.block([[outer, across], [across.T, np.diag(own)]])
    order = np.r_[0:2, 4:34, 2:4]  # as they stand: thresholds, practices, slopes
    info = info[np.ix_(order, order)]
    np.testing.assert_allclose(_invert(info, slice(2, 32)), np.linalg.inv(info), rtol=1e-9, atol=1e-15)


def test_levels_beyond_what_an_exponential_can_hold() -> None:
    """Chances are chances where the intercept of a practice that is nearly all at one end runs far out."""
    fit = LogitFit(np.zeros(1), np.array([0.0, 800.0, -800.0]), np.zeros(0), np.eye(3), 0.0)
    mean, error = expected_answer(fit, np.array([0.0, 1.0]), np.zeros((5, 0)), np.ones(5))
    np.testing.assert_allclose(mean, [0.5, 1.0, 0.0])
    assert np.isfinite(error).all()


def test_proportional_odds_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """MASS polr; its BFGS stops at about 1e-6 in the standard errors (numerical Hessian)."""
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    fit = fit_logit_margins(patients["ordinal"].to_numpy(float), mix.x, codes, 24)
    reference = R["polr"]
    where = [int(name[1:]) for name in reference["practices"]]
    np.testing.assert_allclose(fit.beta, reference["beta"], **ITERATIVE)
    np.testing.assert_allclose(fit.beta_error, reference["se_beta"], rtol=5e-4)
    np.testing.assert_allclose(fit.adjusted[where], reference["adjusted"], **ITERATIVE)


def test_proportional_odds_against_statsmodels(patients: pd.DataFrame, codes: np.ndarray) -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    few = codes >= 20
    frame = patients[few].reset_index(drop=True)
    own = (codes[few] - 20).astype(np.intp)
    mix = build_case_mix(frame[["age"]], own, 4)
    fit = fit_logit_margins(frame["ordinal"].to_numpy(float), mix.x, own, 4)
    design = np.column_stack([(own[:, None] == np.arange(1, 4)).astype(float), mix.x])
    theirs = OrderedModel(frame["ordinal"].to_numpy(), design, distr="logit").fit(method="newton", disp=0, maxiter=100)
    np.testing.assert_allclose(fit.beta, theirs.params[3:4], rtol=1e-6)
    np.testing.assert_allclose(fit.beta_error, theirs.bse[3:4], rtol=1e-4)


def test_logistic_recovers_a_known_effect() -> None:
    rng = np.random.default_rng(16)
    codes = np.repeat(np.arange(40), 60).astype(np.intp)
    x = rng.normal(size=codes.size)
    level = rng.normal(0, 0.5, 40)
    y = (rng.random(codes.size) < 1 / (1 + np.exp(-(level[codes] + 0.8 * x)))).astype(float)
    fit = fit_logit_margins(y, (x - x.mean())[:, None], codes, 40)
    assert fit.beta[0] == pytest.approx(0.8, abs=3 * fit.beta_error[0])
    truth = np.array([(1 / (1 + np.exp(-(a + 0.8 * x)))).mean() for a in level])
    assert np.mean(np.abs(fit.adjusted - truth) < 1.96 * fit.error) > 0.87
