"""Tests of: A driver model over again in samples of practices: covariances and coefficients of every replicate."""

from __future__ import annotations

import numpy as np
import pytest
from driver_data import as_responses, linear_study, plain_journey

from pxanalysis.analysis.drivers.bootstrap import jackknife_covariances
from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.moments import moments_of_sums
from pxanalysis.analysis.drivers.sums import sum_rows


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_jackknife_leaves_each_practice_out(missing: float) -> None:
    """Complete answers: exact. Incomplete: one Newton step, within 2 % of a standard deviation of the full estimate."""
    answers, practice = linear_study(n=600, practices=12)
    columns = ["t0_item", "t1_item", "t2_item"]
    rng = np.random.default_rng(16)
    answers[columns] = answers[columns].mask(rng.random((600, 3)) < missing)
    responses = as_responses(plain_journey(["t0", "t1", "t2"]), answers, practice)
    model = fit_drivers(responses, n_bootstrap=60, cross_validate=False)
    found = jackknife_covariances(model.design, model.moments, model.fit)
    scale = np.sqrt(np.diagonal(model.covariance))
    assert found.shape == (12, 4, 4)
    sums = sum_rows(model.design, model.design.codes)
    for left_out in range(12):
        again = moments_of_sums(sums.of_parts(np.arange(12) != left_out), "em").covariance
        error = np.abs(found[left_out] - again) / np.outer(scale, scale)
        assert error.max() < (0.02 if missing else 1e-12)
