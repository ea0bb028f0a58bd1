"""Tests of: Per touchpoint and outcome: how much practices differ, how reliably, and each practice's mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from practices_data import EXACT, R, make_responses, responses  # noqa: F401

from pxanalysis.analysis.practices import (
    compare_practices,
    estimate_funnel,
    estimate_practice_variance,
)
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.survey.responses import Responses


def test_wrong_questions(responses: Responses) -> None:
    for call, message in (
        (lambda: compare_practices(responses, "joy"), "no outcome, touchpoint, step or item 'joy'"),
        (lambda: compare_practices(responses, metric="net"), "metric: expected one of"),
        (lambda: compare_practices(responses, method="magic"), "method: expected"),
        (lambda: compare_practices(responses, method="logistic"), "'logistic' is for shares"),
        (lambda: compare_practices(responses, method="ordinal"), "at most 30"),
        (lambda: compare_practices(responses, adjusters=["shoe"]), "no column 'shoe'"),
        (lambda: compare_practices(responses, adjusters=["age", "age"]), "more than once"),
        (lambda: compare_practices(responses, variance="both"), "variance: expected"),
        (lambda: compare_practices(responses, benchmark="best"), "benchmark: expected"),
        (lambda: compare_practices(responses, meaningful=-1), "meaningful: expected"),
        (lambda: compare_practices(responses, weights=[-1.0] * 369), "weights are 0 or more"),
        (lambda: compare_practices(responses, weights=[0.0] * 369), "every weight is 0"),
        (lambda: estimate_practice_variance(responses, method="bayes"), "method: expected"),
        (lambda: estimate_practice_variance(responses, []), "at least one"),
        (lambda: estimate_funnel(responses, winsorise=0.6), "winsorise"),
        (lambda: estimate_funnel(responses, method="usual"), "method"),
    ):
        with pytest.raises(AnalysisError, match=message):
            call()


def test_one_practice_and_practices_of_one() -> None:
    one = make_responses({"ktv": [7, 8, 9], "desk_1": [3, 4, 5]}, ["a"] * 3)
    with pytest.raises(NotEstimableError, match="at least two"):
        compare_practices(one)
    with pytest.raises(NotEstimableError, match="at least two"):
        estimate_funnel(one)
    table = estimate_practice_variance(one).tidy().set_index("outcome_or_touchpoint")
    assert "fewer than two practices" in table.loc["ktv", "reason"]
    assert math.isnan(table.loc["ktv", "icc"])
    each = make_responses({"ktv": [7, 8, 9]}, list("abc"))
    with pytest.raises(NotEstimableError, match="one answer"):
        compare_practices(each)
    assert "no practice has two answers" in estimate_practice_variance(each, ["ktv"]).tidy().loc[0, "reason"]
    same = make_responses({"ktv": [8] * 6}, list("aabbcc"))
    with pytest.raises(NotEstimableError, match="every answer to 'ktv' is 8"):
        compare_practices(same)
    assert "every answer is the same" in estimate_practice_variance(same, ["ktv"]).tidy().loc[0, "reason"]
    nobody = make_responses({"ktv": [None] * 4}, list("aabb"))
    with pytest.raises(NotEstimableError, match="0 practice"):
        compare_practices(nobody)


# --- Variance over terms --------------------------------------------------------------------------------------------


def test_practice_variance_frames(responses: Responses) -> None:
    result = estimate_practice_variance(responses)
    table = result.tidy().set_index("outcome_or_touchpoint")
    assert list(table.index) == ["ktv", "returned", "desk", "care"]
    assert table.loc["ktv", "f_value"] == pytest.approx(R["anova"]["f"], rel=1e-9)
    assert table.loc["ktv", "p_value"] == pytest.approx(R["anova"]["p"], rel=1e-9)
    assert table.loc["ktv", "sigma2_between"] == pytest.approx(R["dl_means"]["tau2"], rel=1e-9)
    assert "fewer than two practices" in table.loc["care", "reason"]
    reml = estimate_practice_variance(responses, ["ktv"], method="reml").tidy().loc[0]
    assert reml["sigma2_between"] == pytest.approx(R["lme4"]["sigma2_between"], rel=1e-5)
    means = estimate_practice_variance(responses, ["ktv"], method="reml").practice_means()
    np.testing.assert_allclose(means["shrunk"], R["lme4"]["shrunken"], rtol=1e-6)
    icc = reml["icc"]
    n = means["n"].to_numpy()
    np.testing.assert_allclose(means["reliability"], n * icc / (1 + (n - 1) * icc), rtol=1e-9)
    np.testing.assert_allclose(means["more_for_70"], np.maximum(0, reml["n_for_70"] - n))
    assert (means.loc[means["ci_low"].isna(), "reason"] != "").all()


def test_practice_variance_after_case_mix(responses: Responses) -> None:
    result = estimate_practice_variance(responses, ["ktv"], adjusters=["age", "health"])
    assert result.adjusters == ("age", "health=good", "health=poor")
    np.testing.assert_allclose(result.practice_means()["mean"], R["ols"]["adjusted"], **EXACT)
    weighted = estimate_practice_variance(responses, ["ktv"], adjusters=["age"], weights="weight")
    assert weighted.tidy().loc[0, "n"] < 369


def test_no_difference_between_practices_is_said() -> None:
    responses = make_responses({"ktv": [7, 9, 6, 10, 8, 8]}, list("aabbcc"))
    row = estimate_practice_variance(responses, ["ktv"]).tidy().loc[0]
    assert row["icc"] == 0
    assert math.isnan(row["n_for_70"])
    assert "no number of answers" in row["reason"]
