"""Partial pooling against published meta-analyses (metafor), and by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from driver_data import as_responses, linear_study, plain_journey
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from places import TESTS
from scipy.optimize import minimize_scalar
from scipy.stats import t
from statsmodels.stats.meta_analysis import combine_effects

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.drivers.pooling import pool_drivers, pool_effects
from pxanalysis.audit.regression import BCG_REML
from pxanalysis.errors import AnalysisError, NotEstimableError

REFERENCE = TESTS / "reference" / "pooling"


@pytest.fixture(scope="module")
def bcg() -> tuple[np.ndarray, np.ndarray]:
    """Log risk ratios of the 13 trials and their variances, shape (13, 1)."""
    counts = pd.read_csv(REFERENCE / "bcg.csv").iloc[:, 1:].to_numpy(dtype=float)
    a, b, c, d = counts.T
    ratio = np.log(a / (a + b)) - np.log(c / (c + d))
    return ratio[:, None], (1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))[:, None]


@pytest.mark.parametrize(("name", "value"), BCG_REML.items())
def test_bcg_by_reml_is_as_published(bcg, name, value):
    """Viechtbauer (2010); half a unit of the last printed digit."""
    pooled = pool_effects(*bcg, mean_test="normal")
    assert getattr(pooled, name)[0] == pytest.approx(value, abs=5.1e-5)


def test_bcg_prediction_interval_is_as_published(bcg):
    """exp of the limits, Viechtbauer (2010), printed with four digits."""
    pooled = pool_effects(*bcg, mean_test="normal")
    np.testing.assert_allclose(np.exp([pooled.new_low[0], pooled.new_high[0]]), [0.1546, 1.5490], atol=5.1e-5)


def test_bcg_by_dersimonian_laird_is_as_published(bcg):
    pooled = pool_effects(*bcg, method="dl", mean_test="normal")
    found = [pooled.tau2[0], pooled.mean[0], pooled.mean_error[0], pooled.i2[0]]
    np.testing.assert_allclose(found, [0.3088, -0.7141, 0.1787, 0.9212], atol=5.1e-5)


def test_interval_of_tau2_of_log_odds_ratios_is_as_published():
    """Q-profile, metafor-project.org on van Houwelingen et al. (2002): 0.1302 to 1.1812."""
    a, b, c, d = pd.read_csv(REFERENCE / "bcg.csv").iloc[:, 1:].to_numpy(dtype=float).T
    pooled = pool_effects(np.log(a * d / (b * c))[:, None], (1 / a + 1 / b + 1 / c + 1 / d)[:, None])
    np.testing.assert_allclose([pooled.tau2_low[0], pooled.tau2_high[0]], [0.1302, 1.1812], atol=5.1e-5)


def test_dersimonian_laird_and_hartung_knapp_are_those_of_statsmodels(bcg):
    """statsmodels combine_effects: chi2 method (DL) with and without Hartung-Knapp, 1e-10."""
    theirs = combine_effects(bcg[0][:, 0], bcg[1][:, 0], method_re="chi2", use_t=True)
    ours = pool_effects(*bcg, method="dl", mean_test="hartung-knapp")
    assert ours.tau2[0] == pytest.approx(theirs.tau2, rel=1e-10)
    assert ours.q[0] == pytest.approx(theirs.q, rel=1e-10)
    expected = [theirs.mean_effect_re, theirs.sd_eff_w_re_hksj]
    np.testing.assert_allclose([ours.mean[0], ours.mean_error[0]], expected, rtol=1e-10)
    reach = t.ppf(0.975, 12) * theirs.sd_eff_w_re_hksj
    assert ours.mean_high[0] - ours.mean[0] == pytest.approx(reach, rel=1e-10)


def test_reml_is_where_the_restricted_likelihood_is_highest(bcg):
    """scipy maximises the restricted log-likelihood written out; 1e-6 is its own tolerance."""

    def minus(tau2: float) -> float:
        weight = 1 / (bcg[1] + tau2)
        mean = (weight * bcg[0]).sum() / weight.sum()
        return 0.5 * float(-np.log(weight).sum() + np.log(weight.sum()) + (weight * (bcg[0] - mean) ** 2).sum())

    best = minimize_scalar(minus, bounds=(0, 2), method="bounded", options={"xatol": 1e-9}).x
    assert pool_effects(*bcg).tau2[0] == pytest.approx(best, abs=1e-6)


def test_shrunken_effects_are_the_best_linear_predictors(bcg):
    """Henderson's mixed-model equations, solved whole, give the effects and their prediction errors; 1e-10."""
    y, v = bcg[0][:, 0], bcg[1][:, 0]
    pooled = pool_effects(*bcg, mean_test="normal")
    tau2, n = pooled.tau2[0], len(y)
    design = np.column_stack([np.ones(n), np.eye(n)])
    left = design.T @ (design / v[:, None]) + np.diag([0.0, *np.full(n, 1 / tau2)])
    solution = np.linalg.solve(left, design.T @ (y / v))
    np.testing.assert_allclose(pooled.shrunk[:, 0], solution[0] + solution[1:], rtol=1e-8)
    covariance = design @ np.linalg.inv(left) @ design.T
    np.testing.assert_allclose(pooled.blup_error[:, 0], np.sqrt(np.diagonal(covariance)), rtol=1e-8)
    assert (pooled.shrunk_error > pooled.blup_error).all()


def test_intervals_and_tau2_recover_the_truth():
    """400 studies of 20 practices: coverage of the mean, tau², shrunken and new effects within 3 points of 95 %."""
    rng = np.random.default_rng(1)
    v = np.exp(rng.uniform(np.log(0.01), np.log(0.2), (20, 400)))
    truth = 0.3 + np.sqrt(0.05) * rng.standard_normal((20, 400))
    pooled = pool_effects(truth + np.sqrt(v) * rng.standard_normal((20, 400)), v)
    new = 0.3 + np.sqrt(0.05) * rng.standard_normal(400)
    assert np.mean((pooled.mean_low <= 0.3) & (pooled.mean_high >= 0.3)) == pytest.approx(0.95, abs=0.03)
    assert np.mean((pooled.tau2_low <= 0.05) & (pooled.tau2_high >= 0.05)) == pytest.approx(0.95, abs=0.03)
    assert np.mean(np.abs(pooled.shrunk - truth) <= 1.96 * pooled.shrunk_error) == pytest.approx(0.95, abs=0.02)
    assert np.mean((pooled.new_low <= new) & (new <= pooled.new_high)) == pytest.approx(0.95, abs=0.03)
    assert pooled.tau2.mean() == pytest.approx(0.05, abs=0.004)


def test_without_differences_q_rejects_one_in_twenty():
    rng = np.random.default_rng(2)
    v = np.exp(rng.uniform(np.log(0.01), np.log(0.2), (25, 2000)))
    pooled = pool_effects(0.3 + np.sqrt(v) * rng.standard_normal(v.shape), v)
    assert np.mean(pooled.q_p_value < 0.05) == pytest.approx(0.05, abs=0.015)
    assert np.mean(pooled.tau2 == 0) > 0.45
    assert np.mean(pooled.tau2_low == 0) == pytest.approx(0.975, abs=0.012)


EFFECTS = arrays(np.float64, (6, 2), elements=st.floats(-2, 2, allow_nan=False))
VARIANCES = arrays(np.float64, (6, 2), elements=st.floats(0.01, 2, allow_nan=False))


@given(EFFECTS, VARIANCES, st.floats(-5, 5), st.floats(0.1, 10))
def test_pooling_moves_and_stretches_with_the_effects(y, v, shift, scale):
    one, other = pool_effects(y, v), pool_effects(shift + scale * y, scale**2 * v)
    np.testing.assert_allclose(other.mean, shift + scale * one.mean, atol=1e-6)
    np.testing.assert_allclose(other.tau2, scale**2 * one.tau2, atol=1e-6 * scale**2)
    np.testing.assert_allclose(other.q, one.q, atol=1e-6)


@given(EFFECTS, VARIANCES)
def test_shrunken_effects_lie_between_own_and_mean(y, v):
    pooled = pool_effects(y, v)
    low, high = np.minimum(y, pooled.mean), np.maximum(y, pooled.mean)
    assert ((pooled.shrunk >= low - 1e-9) & (pooled.shrunk <= high + 1e-9)).all()
    assert (pooled.tau2_low <= pooled.tau2_high).all()
    assert ((pooled.i2 >= 0) & (pooled.i2 < 1)).all()


@given(EFFECTS, VARIANCES)
def test_practices_without_estimate_change_nothing(y, v):
    gap = np.full((2, 2), np.nan)
    with_gaps = pool_effects(np.vstack([y, gap]), np.vstack([v, gap]))
    alone = pool_effects(y, v)
    for name in ("mean", "tau2", "q", "i2", "count"):
        np.testing.assert_allclose(getattr(with_gaps, name), getattr(alone, name))


@pytest.mark.parametrize(
    ("y", "v", "options", "message"),
    [
        (np.ones((3, 1)), np.ones((2, 1)), {}, "same shape"),
        (np.ones((3, 1)), np.zeros((3, 1)), {}, "above 0"),
        (np.ones((3, 1)), np.ones((3, 1)), {"method": "magic"}, "reml"),
        (np.ones((3, 1)), np.ones((3, 1)), {"confidence": 2}, "confidence"),
    ],
)
def test_wrong_input_is_refused(y, v, options, message):
    with pytest.raises(AnalysisError, match=message):
        pool_effects(y, v, **options)


# --- drivers ----------------------------------------------------------------------------------------------------


def model_of(n: int = 2400, practices: int = 24, differ: float = 0.0, seed: int = 1, keep=None, **options):
    answers, practice = linear_study(n, practices, (0.05, 0.03, 0.01), seed=seed)
    own = differ * np.random.default_rng(seed + 1).standard_normal(practices)
    answers["ktv"] += own[practice] * (answers["t0_item"] - 60)
    chosen = np.ones(n, dtype=bool) if keep is None else keep(practice, np.arange(n))
    sample = as_responses(plain_journey(["t0", "t1", "t2"]), answers[chosen], practice[chosen])
    return fit_drivers(sample, cross_validate=False, **options), answers[chosen], practice[chosen], own


def test_own_slopes_are_least_squares_within_the_practice():
    """statsmodels OLS on one practice's rows, 1e-8; the error has the pooled variance in it and is compared to 25 %."""
    model, answers, practice, _ = model_of()
    mine = answers[practice == 5]
    items = ["t0_item", "t1_item", "t2_item"]
    theirs = sm.OLS(mine["ktv"], sm.add_constant(mine[items])).fit()
    frame = pool_drivers(model).practices.query("practice_id == '5'")
    to_beta = answers[items].std(ddof=0).to_numpy() / answers["ktv"].std(ddof=0)
    np.testing.assert_allclose(frame["own"], theirs.params.iloc[1:] * to_beta, rtol=1e-8)
    np.testing.assert_allclose(frame["own_error"], theirs.bse.iloc[1:] * to_beta, rtol=0.25)
    np.testing.assert_allclose(frame["b_raw"], frame["estimate"] / to_beta, rtol=1e-8)


def test_shared_drivers_are_said_to_be_shared():
    """Two of the first eight seeds find tau² = 0 for every driver; then it says so, and every practice has the mean."""
    found = [pool_drivers(model_of(seed=seed)[0]) for seed in range(1, 9)]
    verdicts = pd.concat([one.terms["verdict"] for one in found])
    assert (verdicts == "differs").mean() <= 0.15
    assert (verdicts == "shared").mean() >= 0.3
    for one in found:
        for row in one.terms[one.terms["verdict"] == "shared"].itertuples():
            assert row.tau2 == 0
            assert "was not seen to differ between practices: tau² is 0; a standard deviation of up to" in row.sentence
            estimates = one.practices.query("term == @row.term")["estimate"]
            np.testing.assert_allclose(estimates, row.estimate)
    assert any(one.shared == ("No driver was seen to differ" in one.glance()["sentence"].iloc[0]) for one in found)


@pytest.mark.slow
def test_of_several_drivers_that_do_not_differ_none_is_called_differing_by_chance() -> None:
    """Of thirty studies with three shared drivers 5 % may name one (Holm); at .05 for each driver five of them do."""
    found = [pool_drivers(model_of(seed=seed)[0]).terms for seed in range(1, 31)]
    for terms in found:
        ordered = terms["q_p_value"].sort_values()
        by_hand = np.minimum(np.maximum.accumulate(ordered * [3, 2, 1]), 1.0)
        np.testing.assert_allclose(terms["q_p_holm"].loc[ordered.index], by_hand)
        assert (terms["verdict"] == "differs").eq((terms["tau2"] > 0) & (terms["q_p_holm"] < 0.05)).all()
    bare = sum(bool((terms["q_p_value"] < 0.05).any()) for terms in found)
    named = sum(bool((terms["verdict"] == "differs").any()) for terms in found)
    assert named <= 2 < bare


def test_a_driver_that_differs_is_found_and_shrunken_slopes_beat_bare_ones():
    model, _, _, own = model_of(differ=0.02, seed=3)
    result = pool_drivers(model)
    verdict = result.terms.set_index("term")["verdict"]
    assert verdict["t0"] == "differs"
    assert verdict["t1"] != "differs"
    assert "differs between practices for: t0" in result.glance()["sentence"].iloc[0]
    frame = result.practices.query("term == 't0'")
    truth = 0.05 + own[frame["practice_id"].astype(int)]
    to_raw = (frame["b_raw"] / frame["estimate"]).iloc[0]
    bare, shrunk = frame["own"] * to_raw - truth, frame["estimate"] * to_raw - truth
    assert (shrunk**2).mean() < (bare**2).mean()
    assert np.sqrt(result.terms["tau2"].iloc[0]) * to_raw == pytest.approx(own.std(), rel=0.3)
    inside = (frame["ci_low"] * to_raw <= truth) & (truth <= frame["ci_high"] * to_raw)
    assert inside.mean() >= 0.85


def test_small_practices_have_the_mean_with_the_reason():
    model, *_ = model_of(keep=lambda practice, row: (practice > 1) | (row < 240))
    result = pool_drivers(model)
    assert result.n_left_out == 2
    small = result.practices.query("practice_id == '0'")
    assert small["own"].isna().all()
    np.testing.assert_allclose(small["estimate"], result.terms["estimate"])
    assert small["reason"].str.contains("take 15").all()
    expected = np.sqrt(result.terms["tau2"] + result.terms["std_error"] ** 2)
    np.testing.assert_allclose(small["std_error"], expected)


def test_missing_scores_and_case_mix_leave_the_slopes_where_they_are():
    answers, practice = linear_study(3000, 20, (0.05, 0.03, 0.01), seed=4)
    rng = np.random.default_rng(5)
    answers["age"] = rng.normal(50, 10, 3000) + 0.3 * (answers["t0_item"] - 60)
    answers["ktv"] += 0.02 * (answers["age"] - 50)
    answers.loc[rng.random(3000) < 0.15, "t1_item"] = np.nan
    variable = {"id": "age", "label": {"nl": "leeftijd", "en": "age"}, "type": "number", "range": [0, 120]}
    sample = as_responses(plain_journey(["t0", "t1", "t2"], case_mix=[variable]), answers, practice)
    model = fit_drivers(sample, case_mix=("age",), n_bootstrap=60, cross_validate=False)
    result = pool_drivers(model)
    raw = result.practices.query("practice_id == '0'")
    to_raw = (raw["b_raw"] / raw["estimate"]).to_numpy()
    np.testing.assert_allclose(result.terms["estimate"] * to_raw, [0.05, 0.03, 0.01], atol=0.006)


def test_too_few_practices_say_what_is_needed():
    model, *_ = model_of(120, 12)
    with pytest.raises(NotEstimableError, match=r"15 responses.*largest: 10"):
        pool_drivers(model)


def test_tables_are_complete():
    result = pool_drivers(model_of(1200, 12)[0])
    assert result.tidy()["term"].tolist() == ["t0", "t1", "t2"]
    assert result.glance()["n_practices"].iloc[0] == 12
    assert len(result.practices) == 36
    assert "sentence" in result._repr_html_()


def test_an_optional_driver_is_pooled_over_those_who_met_it() -> None:
    """t2 is met by 3 in 10 and has the same slope, 0.06, in all practices."""
    rng = np.random.default_rng(1)
    n, practice = 8000, np.arange(8000) % 40
    scores = 60 + 8 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((n, 3))
    met = np.ones((n, 3), dtype=bool)
    met[:, 2] = rng.random(n) < 0.3
    names = [f"t{i}_item" for i in range(3)]
    ktv = 8 + ((scores - 60) * met) @ [0.04, 0.03, 0.06] + rng.standard_normal(n)
    answers = pd.DataFrame(np.where(met, scores, np.nan), columns=names).assign(ktv=ktv)
    journey = plain_journey(["t0", "t1", "t2"])
    model = fit_drivers(
        as_responses(journey, answers, practice, pd.DataFrame(met, columns=names)), cross_validate=False
    )
    pooled = pool_drivers(model)
    assert pooled.practices.groupby("term")["b_raw"].mean().to_numpy() == pytest.approx([0.04, 0.03, 0.06], abs=0.004)
    means = pooled.terms.set_index("term")["estimate"]
    betas = model.tidy().set_index("term").loc[["t0", "t1", "t2"], "estimate"]
    np.testing.assert_allclose(means, betas, atol=0.01)
