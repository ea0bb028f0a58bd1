"""Tests of: Funnel plot: practices against limits that widen where answers are few, with additive overdispersion."""

from __future__ import annotations

import numpy as np
import pytest
from practices_data import R, codes, make_responses, patients, responses  # noqa: F401

from pxanalysis.analysis.practices import (
    compare_practices,
    estimate_funnel,
)
from pxanalysis.survey.responses import Responses


def test_funnel_of_shares_against_r(responses: Responses) -> None:
    result = estimate_funnel(responses, "returned", adjusters=(), method="winsorised")
    reference = R["funnel_shares"]
    assert result.phi == pytest.approx(reference["phi"], rel=1e-9)
    assert result.tau2 == pytest.approx(reference["tau2"], rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(result.tidy()["low95"], reference["low95"], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(result.tidy()["high95"], reference["high95"], rtol=1e-8, atol=1e-12)


def test_funnel_flags_an_outlier_but_not_usual_differences() -> None:
    rng = np.random.default_rng(23)
    codes = np.repeat(np.arange(50), 60)
    level = rng.normal(0, 0.35, 50)
    level[7] = -2.5
    y = np.clip(7 + level[codes] + rng.normal(size=codes.size), 1, 10)
    responses = make_responses({"ktv": y.tolist()}, [f"p{j:02d}" for j in codes])
    with_usual = estimate_funnel(responses).tidy().set_index("practice_id")
    assert with_usual.loc["p07", "flag"] == "low998"
    assert (with_usual["flag"] != "within").mean() < 0.15
    by_chance = estimate_funnel(responses, additive=False).tidy()
    assert (by_chance["flag"] != "within").mean() > 0.3


def test_funnel_of_equal_practices_has_no_overdispersion() -> None:
    rng = np.random.default_rng(24)
    codes = np.repeat(np.arange(80), rng.integers(10, 120, 80))
    responses = make_responses(
        {"returned": (rng.random(codes.size) < 0.7).astype(int).tolist()}, [f"p{j:02d}" for j in codes]
    )
    result = estimate_funnel(responses, "returned")
    assert result.phi < 1.3
    assert (result.tidy()["flag"] != "within").mean() < 0.12


def test_funnel_limits_narrow_with_n_and_contain_the_centre(responses: Responses) -> None:
    for outcome in ("ktv", "returned", "desk"):
        result = estimate_funnel(responses, outcome)
        curves = result.curves(np.arange(1.0, 200.0))
        widths = curves["high95"] - curves["low95"]
        assert (np.diff(widths) <= 1e-12).all()
        assert (curves["low998"] <= curves["low95"]).all()
        assert (curves["high95"] <= curves["high998"]).all()
        assert curves["low95"].le(result.centre).all()
        assert curves["high95"].ge(result.centre).all()
        table = result.tidy()
        at_n = result.curves(table["n"].to_numpy(float))
        np.testing.assert_allclose(table["low95"], at_n["low95"])
        outside = (table["estimate"] > table["high95"]) | (table["estimate"] < table["low95"])
        flagged = table["flag"] != "within"
        assert (outside == flagged).all() or (outcome == "returned" and not (flagged & ~outside).any())


def test_a_corrected_figure_is_no_better_than_the_best_answer() -> None:
    """Patients of one practice are so young that a straight line puts it above a grade of 10."""
    rng = np.random.default_rng(41)
    codes = np.repeat(np.arange(20), 40)
    age = rng.normal(50, 8, codes.size) - 45 * (codes == 0)
    grade = np.clip(np.round(9 + 0.06 * (age - 50) + rng.normal(0, 0.5, codes.size)), 1, 10)
    grade[codes == 0] = rng.choice([9, 10], 40)
    responses = make_responses({"ktv": grade.tolist(), "age": age.tolist()}, [f"p{j:02d}" for j in codes])
    comparison = compare_practices(responses, "ktv", adjusters=("age",)).tidy()
    assert comparison["estimate"].max() > 10
    assert comparison["shrunk"].max() == 10
    for additive in (True, False):
        funnel = estimate_funnel(responses, "ktv", adjusters=("age",), additive=additive)
        table = funnel.tidy().set_index("practice_id")
        assert table["estimate"].between(1, 10).all()
        assert table.loc["p00", "estimate"] == 10
        outside = (table["estimate"] > table["high95"]) | (table["estimate"] < table["low95"])
        assert (outside == (table["flag"] != "within")).all()
        assert funnel.centre == pytest.approx(grade.mean())


def test_share_flags_are_exact_for_few_answers() -> None:
    """Nine of nine where 75 % is usual has the chance .75⁹ = .075: outside the arcsine limits, but no signal."""
    practice = ["few"] * 9 + [f"p{j:02d}" for j in range(40) for _ in range(40)] + ["low"] * 40
    answers = [1] * 9 + ([1] * 30 + [0] * 10) * 40 + [1] * 12 + [0] * 28
    result = estimate_funnel(make_responses({"returned": answers}, practice), "returned", additive=False)
    table = result.tidy().set_index("practice_id")
    assert table.loc["few", "z"] > 3
    assert table.loc["few", "flag"] == "within"
    assert table.loc["low", "flag"] == "low998"
    from scipy.stats import binom

    from pxanalysis.analysis.practices.funnel import _binomial_tail

    shares, n = np.array([1.0, 0.0, 0.3, 0.9]), np.array([9.0, 9.0, 40.0, 40.0])
    exact = [binom.sf(8, 9, 0.75), binom.cdf(0, 9, 0.75), binom.cdf(12, 40, 0.75), binom.sf(35, 40, 0.75)]
    np.testing.assert_allclose(_binomial_tail(shares, n, 0.75), exact, rtol=1e-10)
