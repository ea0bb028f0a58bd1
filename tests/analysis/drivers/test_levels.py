"""Tests of: Drivers within and between practices: whether it is the better experience or the better practice that
counts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from driver_data import as_responses, linear_study, plain_journey
from regression_data import DRIVERS, items_of, study

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.errors import NotEstimableError


def test_practice_means_of_an_optional_touchpoint_are_those_of_who_met_it() -> None:
    """Truth: 0.04 within and 0.12 between practices, among the 4 in 10 who met t1."""
    rng = np.random.default_rng(7)
    practice, n = np.arange(12_000) % 60, 12_000
    level = 6 * rng.standard_normal((60, 3))[practice]
    scores = 60 + level + 12 * rng.standard_normal((n, 3))
    met = np.ones((n, 3), dtype=bool)
    met[:, 1] = rng.random(n) < 0.4
    within = (scores - 60 - level) @ [0.03, 0.0, 0.02] + level @ [0.03, 0.0, 0.02]
    part = 0.04 * (scores - 60 - level)[:, 1] + 0.12 * level[:, 1]
    answers = pd.DataFrame(np.where(met, scores, np.nan), columns=["t0_item", "t1_item", "t2_item"])
    answers["ktv"] = within + np.where(met[:, 1], part, 0) + rng.standard_normal(n)
    flags = pd.DataFrame(met, columns=["t0_item", "t1_item", "t2_item"])
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice, flags), cross_validate=False)
    table = model.within_between().terms.set_index("term")
    assert table.loc["t1", "within"] == pytest.approx(0.04, abs=0.005)
    assert table.loc["t1", "between"] == pytest.approx(0.12, abs=0.015)


def test_within_and_between_equal_least_squares_by_hand() -> None:
    answers, practice, responses = study(n=900, practices=45)
    found = fit_drivers(responses, cross_validate=False).within_between()
    scores = pd.DataFrame(items_of(answers))
    means = scores.groupby(practice).transform("mean").to_numpy()
    design = sm.add_constant(np.column_stack([scores - means, means]))
    theirs = sm.OLS(answers["ktv"], design).fit(cov_type="cluster", cov_kwds={"groups": practice}, use_t=True)
    table = found.terms
    np.testing.assert_allclose(table["within"], theirs.params[1:4], rtol=1e-8)
    np.testing.assert_allclose(table["between_error"], theirs.bse[4:], rtol=1e-8)
    contrast = theirs.t_test(np.hstack([np.zeros((3, 1)), -np.eye(3), np.eye(3)]))
    np.testing.assert_allclose(table["difference"], contrast.effect, rtol=1e-8)
    np.testing.assert_allclose(table["p_value"], contrast.pvalue, rtol=1e-6)


def test_between_practices_differs_where_the_truth_does() -> None:
    """A practice-level effect of t0 of 0.12 beside 0.04 within; means of 100 patients are nearly free of noise."""
    answers, practice = linear_study(n=6000, practices=60, slopes=(0.04, 0.02, 0.0), practice_sd=6)
    level = answers.groupby(practice)["t0_item"].transform("mean")
    answers["ktv"] += 0.08 * level
    responses = as_responses(plain_journey(DRIVERS), answers, practice)
    table = fit_drivers(responses, cross_validate=False).within_between().terms.set_index("term")
    assert table.loc["t0", "within"] == pytest.approx(0.04, abs=0.004)
    assert table.loc["t0", "between"] == pytest.approx(0.12, abs=0.03)
    assert table.loc["t0", "p_value"] < 0.001
    assert table.loc["t1", "difference_low"] < 0 < table.loc["t1", "difference_high"]


def test_within_and_between_say_what_they_need() -> None:
    few = fit_drivers(study(n=200, practices=5)[2], cross_validate=False)
    table = few.within_between().terms
    assert table["between"].isna().all()
    assert table["within"].notna().all()
    assert table.loc[0, "reason"] == "5 practices cannot carry 3 practice means; at least 6 are needed"
    with pytest.raises(NotEstimableError, match="one practice"):
        fit_drivers(study(practices=1)[2], cross_validate=False).within_between()
    with pytest.raises(NotEstimableError, match="every practice has one response"):
        fit_drivers(study(n=100, practices=100)[2], cross_validate=False).within_between()
