"""Tests of: Covariances of drivers and outcome from incomplete answers, and drivers completed by what is expected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from driver_data import as_responses, plain_journey
from hypothesis import given
from hypothesis import strategies as st
from regression_data import DRIVERS, optional_study, study

from pxanalysis.analysis.drivers.design import build_design
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.moments import (
    clear_of_met,
    estimate_driver_moments,
    fill_missing,
    nearly_singular,
)
from pxanalysis.analysis.drivers.sums import sum_rows
from pxanalysis.errors import NotEstimableError


def test_what_goes_with_having_met_is_cleared_from_every_column() -> None:
    design = build_design(optional_study(1.0))
    clearing = clear_of_met(sum_rows(design))
    theirs = sm.OLS(design.rated, sm.add_constant(design.met)).fit()
    assert clearing.slopes[0, -1] == pytest.approx(theirs.params[1], abs=1e-10)
    assert clearing.slopes[0, 1] == pytest.approx(0, abs=1e-12)


def test_a_column_that_follows_from_who_met_what_is_refused() -> None:
    design = build_design(optional_study(1.0))
    design = replace(design, rated=3.0 + 2.0 * design.met[:, 0])
    with pytest.raises(NotEstimableError, match="'ktv' follows from who met what"):
        estimate_driver_moments(design)


@given(st.integers(0, 500))
def test_expected_values_are_regressions_on_what_was_answered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.standard_normal((4, 4))
    covariance, mean = root @ root.T + np.eye(4), rng.standard_normal(4)
    row = rng.standard_normal((1, 4))
    row[0, rng.permutation(4)[: rng.integers(0, 5)]] = np.nan
    filled = row.copy()
    fill_missing(filled, mean, covariance)
    filled = filled[0]
    seen, gone = np.isfinite(row[0]), np.isnan(row[0])
    slopes = covariance[np.ix_(gone, seen)] @ np.linalg.pinv(covariance[np.ix_(seen, seen)])
    np.testing.assert_allclose(filled[seen], row[0, seen])
    np.testing.assert_allclose(filled[gone], mean[gone] + slopes @ (row[0, seen] - mean[seen]), atol=1e-9)


def test_a_nearly_singular_covariance_is_no_estimate() -> None:
    sound, broken = np.eye(3), np.eye(3)
    broken[0, 1] = broken[1, 0] = 1 - 1e-9
    flat = np.diag([1.0, 0.0, 1.0])
    assert nearly_singular(np.stack([sound, broken, flat, np.full((3, 3), np.nan)])).tolist() == [
        False,
        True,
        True,
        True,
    ]
    answers, practice, _ = study(n=60, practices=5)
    answers["t2_item"] = np.where(practice == 0, answers["t2_item"], 50.0)
    answers["t1_item"] = np.where(practice == 1, answers["t1_item"], 50.0)
    answers["t0_item"] = np.where(practice == 2, answers["t0_item"], 50.0)
    answers.loc[0, "t0_item"] = np.nan
    with pytest.raises(NotEstimableError, match="5 practices are too few for so many; use fewer drivers") as caught:
        fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), n_bootstrap=30)
    assert "n_bootstrap" not in str(caught.value)
