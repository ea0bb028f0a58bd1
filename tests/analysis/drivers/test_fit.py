"""Tests of: Driver regression: which touchpoints go with satisfaction, all taken together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from driver_data import as_responses, linear_study, plain_journey, score_journey
from priorities_data import responses  # noqa: F401
from regression_data import DRIVERS, items_of, optional_study, rare_study, study
from scipy.stats import t as student
from statsmodels.stats.outliers_influence import variance_inflation_factor

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.errors import AnalysisError, NotEstimableError


def of_drivers(model) -> pd.DataFrame:
    table = model.tidy()
    return table[table["kind"] == "driver"].set_index("term")


def test_complete_data_equal_statsmodels_with_cluster_errors() -> None:
    """50 practices: CR1 and t with 49 degrees of freedom, as statsmodels has them (1e-9)."""
    answers, practice, responses = study()
    model = fit_drivers(responses)
    design = sm.add_constant(items_of(answers))
    theirs = sm.OLS(answers["ktv"], design).fit(cov_type="cluster", cov_kwds={"groups": practice}, use_t=True)
    table = of_drivers(model)
    assert (model.missing, model.errors, model.n_practices) == ("complete", "CR1", 50)
    np.testing.assert_allclose(table["b_raw"], theirs.params[1:], rtol=1e-9)
    np.testing.assert_allclose(table["b_raw_error"], theirs.bse[1:], rtol=1e-9)
    np.testing.assert_allclose(table["p_value"], theirs.pvalues[1:], rtol=1e-6)
    scale = items_of(answers).std(axis=0) / answers["ktv"].std(ddof=0)
    np.testing.assert_allclose(table["estimate"], theirs.params[1:] * scale, rtol=1e-9)
    np.testing.assert_allclose(table["std_error"], theirs.bse[1:] * scale, rtol=0.3)
    reach = table["std_error"] * student.ppf(0.975, 49)
    np.testing.assert_allclose(table["ci_low"], table["estimate"] - reach, rtol=1e-8)
    assert model.r2 == pytest.approx(theirs.rsquared, abs=1e-12)
    assert model.adj_r2 == pytest.approx(theirs.rsquared_adj, abs=1e-12)
    inflation = [variance_inflation_factor(design, j) for j in (1, 2, 3)]
    np.testing.assert_allclose(table["vif"], inflation, rtol=1e-9)
    eigenvalues = np.linalg.eigvalsh(np.corrcoef(items_of(answers), rowvar=False))
    assert model.condition_index == pytest.approx(np.sqrt(eigenvalues[-1] / eigenvalues[0]))


@pytest.mark.parametrize("practices", [1, 600])
def test_one_practice_and_one_response_per_practice_use_hc3(practices: int) -> None:
    answers, _, responses = study(n=600, practices=practices)
    model = fit_drivers(responses, cross_validate=False)
    theirs = sm.OLS(answers["ktv"], sm.add_constant(items_of(answers))).fit(cov_type="HC3", use_t=True)
    assert model.errors == "HC3"
    np.testing.assert_allclose(of_drivers(model)["b_raw_error"], theirs.bse[1:], rtol=1e-9)
    assert any(note.code == "one_response_each" for note in model.notes) == (practices == 600)


def test_weights_equal_statsmodels_wls() -> None:
    answers, practice, responses = study()
    weights = np.random.default_rng(3).uniform(0.5, 2, len(answers))
    model = fit_drivers(responses, weights=weights, cross_validate=False)
    theirs = sm.WLS(answers["ktv"], sm.add_constant(items_of(answers)), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": practice}, use_t=True
    )
    np.testing.assert_allclose(of_drivers(model)["b_raw"], theirs.params[1:], rtol=1e-9)
    np.testing.assert_allclose(of_drivers(model)["b_raw_error"], theirs.bse[1:], rtol=1e-9)
    assert model.r2 == pytest.approx(theirs.rsquared, abs=1e-12)


def test_em_without_missing_answers_changes_nothing_and_listwise_agrees() -> None:
    _, _, responses = study()
    both = [fit_drivers(responses, missing=missing, cross_validate=False) for missing in ("em", "listwise")]
    assert [model.missing for model in both] == ["complete", "listwise"]
    columns = ["estimate", "std_error", "b_raw", "vif"]
    np.testing.assert_allclose(of_drivers(both[0])[columns], of_drivers(both[1])[columns], rtol=1e-9)


def test_planned_missingness_keeps_the_rows_and_the_truth() -> None:
    """Each answer missing by design for 4 in 10 people: em keeps all rows, listwise one in five."""
    slopes = (0.06, 0.03, 0.0)
    answers, practice, _ = study(n=3000, practices=60, slopes=slopes)
    rng = np.random.default_rng(6)
    columns = [f"{name}_item" for name in DRIVERS]
    answers[columns] = answers[columns].mask(rng.random((3000, 3)) < 0.4)
    responses = as_responses(plain_journey(DRIVERS), answers, practice)
    model = fit_drivers(responses, n_bootstrap=300)
    table = of_drivers(model)
    assert (model.missing, model.errors) == ("em", "bootstrap")
    complete = int(answers.notna().all(axis=1).sum())
    some = int(answers[columns].notna().any(axis=1).sum())
    assert (model.n_obs, model.n_rated, model.n_complete, model.n_dropped) == (some, some, complete, 3000 - some)
    np.testing.assert_allclose(table["b_raw"], slopes, atol=4 * table["b_raw_error"].max())
    listwise = fit_drivers(responses, missing="listwise")
    assert (listwise.n_obs, listwise.n_dropped) == (complete, 3000 - complete)
    assert (table["b_raw_error"] < of_drivers(listwise)["b_raw_error"]).all()
    assert model.cv_r2 == pytest.approx(model.r2, abs=0.03)


def test_bootstrap_errors_agree_with_the_formula() -> None:
    """One answer missing makes the errors come from samples of practices; they should differ little from CR1."""
    answers, practice, responses = study(n=1500, practices=60)
    formula = of_drivers(fit_drivers(responses, cross_validate=False))
    answers.loc[0, "t0_item"] = np.nan
    again = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), cross_validate=False)
    assert again.errors == "bootstrap"
    np.testing.assert_allclose(of_drivers(again)["b_raw_error"], formula["b_raw_error"], rtol=0.15)


@pytest.mark.parametrize("met_effect", [-1.5, 0.0, 1.0])
def test_an_optional_touchpoint_counts_among_those_who_met_it(met_effect: float) -> None:
    model = fit_drivers(optional_study(met_effect), n_bootstrap=200, cross_validate=False)
    table = model.tidy().set_index("term")
    assert model.n_obs == 4000
    assert table.loc["t1", "met_share"] == pytest.approx(0.6, abs=0.03)
    assert table.loc["met:t1", "b_raw"] == pytest.approx(met_effect, abs=4 * table.loc["met:t1", "b_raw_error"])
    assert table.loc["t1", "b_raw"] == pytest.approx(0.04, abs=0.006)
    assert table.loc["t0", "b_raw"] == pytest.approx(0.05, abs=0.006)
    assert model.r2_covariates == pytest.approx(model.met_variance / model.total_variance)
    if met_effect == 0:
        assert model.r2_covariates < 0.003


def two_optional(n: int = 3000, shares: tuple[float, float] = (0.6, 0.3), seed: int = 2):
    """Scores (n, 4), who met what (the last two are optional and go together), answers and responses."""
    rng = np.random.default_rng(seed)
    scores = 60 + 8 * rng.standard_normal((n, 1)) + 10 * rng.standard_normal((n, 4))
    met = np.ones((n, 4), dtype=bool)
    met[:, 3] = rng.random(n) < shares[1]
    met[:, 2] = rng.random(n) < np.where(met[:, 3], 0.9, shares[0])
    scores[:, 3] += 5 * met[:, 2]
    names = [f"t{i}_item" for i in range(4)]
    ktv = 8 + ((scores - 60) * met) @ [0.04, 0.03, 0.03, 0.06] + 0.3 * met[:, 3] + rng.standard_normal(n)
    answers = pd.DataFrame(np.where(met, scores, np.nan), columns=names).assign(ktv=ktv)
    practice = np.arange(n) % 50
    journey = plain_journey([f"t{i}" for i in range(4)])
    return scores, met, answers, as_responses(journey, answers, practice, pd.DataFrame(met, columns=names))


@pytest.mark.parametrize("weighted", [False, True])
def test_optional_touchpoints_equal_least_squares_with_dummies(weighted: bool) -> None:
    """Nothing is missing: a column for having met it, and any constant for the score of who did not."""
    scores, met, answers, responses = two_optional()
    weights = np.random.default_rng(3).uniform(0.5, 2, len(answers)) if weighted else np.ones(len(answers))
    for missing in ("em", "listwise"):
        model = fit_drivers(responses, weights=weights, missing=missing, cross_validate=False)
        mean = np.nansum(weights[:, None] * scores * met, axis=0) / (weights[:, None] * met).sum(axis=0)
        columns = np.column_stack([met[:, 2:], np.where(met, scores, mean)]).astype(float)
        theirs = sm.WLS(answers["ktv"], sm.add_constant(columns), weights=weights).fit(
            cov_type="cluster", cov_kwds={"groups": np.arange(len(answers)) % 50}, use_t=True
        )
        table = model.tidy()
        assert (model.missing, model.n_complete) == ("complete" if missing == "em" else "listwise", len(answers))
        assert table["term"].tolist() == ["met:t2", "met:t3", "t0", "t1", "t2", "t3"]
        np.testing.assert_allclose(table["b_raw"], theirs.params[1:], rtol=1e-8)
        np.testing.assert_allclose(table["b_raw_error"], theirs.bse[1:], rtol=1e-8)
        assert model.r2 == pytest.approx(theirs.rsquared, abs=1e-10)
        inflation = [variance_inflation_factor(sm.add_constant(columns), j) for j in range(3, 7)]
        if not weighted:
            np.testing.assert_allclose(table["vif"].iloc[2:], inflation, rtol=1e-8)


def test_who_did_not_meet_a_touchpoint_has_nothing_missing_and_no_contribution() -> None:
    """True slopes in the population there is; the always-met ones were 3-11 % too low when unmet scores were filled."""
    _, met, answers, responses = two_optional(n=30_000)
    table = fit_drivers(responses, cross_validate=False).tidy().set_index("term")
    np.testing.assert_allclose(
        table.loc[["t0", "t1", "t2", "t3"], "b_raw"], [0.04, 0.03, 0.03, 0.06], atol=4 * table["b_raw_error"].max() / 9
    )
    rng = np.random.default_rng(5)
    asked = rng.random((30_000, 4)) < 0.8
    names = [f"t{i}_item" for i in range(4)]
    answers[names] = answers[names].where(asked)
    partly = as_responses(
        plain_journey(["t0", "t1", "t2", "t3"]), answers, np.arange(30_000) % 50, pd.DataFrame(met, columns=names)
    )
    model = fit_drivers(partly, n_bootstrap=60)
    assert model.missing == "em"
    assert model.n_complete == int((asked | ~met).all(axis=1).sum())
    np.testing.assert_allclose(
        model.tidy().set_index("term").loc[["t0", "t1", "t2", "t3"], "b_raw"], [0.04, 0.03, 0.03, 0.06], rtol=0.06
    )
    assert model.cv_r2 == pytest.approx(model.r2, abs=0.01)


def test_touchpoints_skipped_together_share_one_effect_of_having_met_them() -> None:
    scores, met, answers, _ = two_optional()
    met[:, 2] = met[:, 3]
    names = [f"t{i}_item" for i in range(4)]
    answers[names] = np.where(met, scores, np.nan)
    journey, practice = plain_journey(["t0", "t1", "t2", "t3"]), np.arange(3000) % 50
    model = fit_drivers(
        as_responses(journey, answers, practice, pd.DataFrame(met, columns=names)), cross_validate=False
    )
    columns = np.column_stack([met[:, 3], np.where(met, scores, 0)]).astype(float)
    theirs = sm.OLS(answers["ktv"], sm.add_constant(columns)).fit()
    assert model.design.met_names == ("t2",)
    np.testing.assert_allclose(of_drivers(model)["b_raw"], theirs.params[2:], rtol=1e-8)
    few = met.copy()
    few[:, 2:] = True
    few[:5, 3] = False
    model = fit_drivers(
        as_responses(
            journey,
            answers.assign(**dict(zip(names, np.where(few, scores, np.nan).T, strict=True))),
            practice,
            pd.DataFrame(few, columns=names),
        ),
        cross_validate=False,
    )
    assert (model.design.met_names, model.missing) == ((), "complete")


def test_touchpoints_that_exclude_each_other_are_both_drivers_when_not_met_is_known() -> None:
    scores, met, answers, _ = two_optional(n=6000)
    met[:, 2], met[:, 3] = np.arange(6000) % 3 == 0, np.arange(6000) % 3 != 0
    names = [f"t{i}_item" for i in range(4)]
    answers[names] = np.where(met, scores, np.nan)
    answers["ktv"] = ((scores - 60) * met) @ [0.04, 0.03, 0.03, 0.06] + np.random.default_rng(1).standard_normal(6000)
    responses = as_responses(
        plain_journey(["t0", "t1", "t2", "t3"]), answers, np.arange(6000) % 50, pd.DataFrame(met, columns=names)
    )
    table = of_drivers(fit_drivers(responses, cross_validate=False))
    np.testing.assert_allclose(table["b_raw"], [0.04, 0.03, 0.03, 0.06], atol=0.006)


def test_an_item_that_does_not_apply_is_not_missing() -> None:
    """b2 is "not applicable" to half of those who met b; by item that is an effect of its own, beside that of b."""
    journey = score_journey({"a": ["a1"], "b": ["b1", "b2"]})
    rng = np.random.default_rng(6)
    scores = 60 + 15 * rng.standard_normal((4000, 3))
    met = np.ones((4000, 3), dtype=bool)
    met[:, 1] = rng.random(4000) < 0.6
    met[:, 2] = met[:, 1] & (rng.random(4000) < 0.5)
    answers = pd.DataFrame(np.where(met, scores, np.nan), columns=["a1", "b1", "b2"])
    answers["ktv"] = ((scores - 60) * met) @ [0.03, 0.02, 0.04] + rng.standard_normal(4000)
    responses = as_responses(journey, answers, np.arange(4000) % 50, pd.DataFrame(met, columns=["a1", "b1", "b2"]))
    model = fit_drivers(responses, level="item", cross_validate=False)
    assert (model.missing, model.design.met_names) == ("complete", ("b", "b2"))
    np.testing.assert_allclose(of_drivers(model)["b_raw"], [0.03, 0.02, 0.04], atol=0.006)


def test_cross_validation_leaves_practices_out() -> None:
    """With 8 practices each fold is one practice; the same by hand with ordinary least squares."""
    answers, practice, responses = study(n=240, practices=8)
    model = fit_drivers(responses)
    squares = variance = 0.0
    design, outcome = sm.add_constant(items_of(answers)), answers["ktv"].to_numpy()
    for left_out in range(8):
        test = practice == left_out
        fit = sm.OLS(outcome[~test], design[~test]).fit()
        squares += ((outcome[test] - fit.predict(design[test])) ** 2).sum()
        variance += ((outcome[test] - outcome[~test].mean()) ** 2).sum()
    assert model.cv_r2 == pytest.approx(1 - squares / variance, abs=1e-9)
    assert model.cv_r2 < model.r2
    assert model.cv_note is None


def test_case_mix_enters_beside_the_drivers() -> None:
    rng = np.random.default_rng(9)
    answers, practice = linear_study()
    answers["age"] = rng.normal(50, 10, len(answers))
    answers["health"] = rng.choice(["poor", "good", "fair"], len(answers), p=[0.5, 0.25, 0.25])
    answers["ktv"] += 0.03 * answers["age"] + 0.5 * (answers["health"] == "good")
    text = {"nl": "x", "en": "x"}
    levels = [{"id": level, "label": text} for level in ("poor", "fair", "good", "never")]
    case_mix = [
        {"id": "age", "label": text, "type": "number"},
        {"id": "health", "label": text, "type": "category", "levels": levels},
    ]
    responses = as_responses(plain_journey(DRIVERS, case_mix=case_mix), answers, practice)
    model = fit_drivers(responses, case_mix=("age", "health"), cross_validate=False)
    dummies = np.column_stack([answers["health"] == "fair", answers["health"] == "good"])
    design = sm.add_constant(np.column_stack([answers["age"], dummies, items_of(answers)]).astype(float))
    theirs = sm.OLS(answers["ktv"], design).fit(cov_type="cluster", cov_kwds={"groups": practice}, use_t=True)
    table = model.tidy()
    assert table["term"].tolist() == ["age", "health=fair", "health=good", *DRIVERS]
    assert table["kind"].tolist() == ["covariate"] * 3 + ["driver"] * 3
    np.testing.assert_allclose(table["b_raw"], theirs.params[1:], rtol=1e-8)
    np.testing.assert_allclose(table["b_raw_error"], theirs.bse[1:], rtol=1e-8)
    with pytest.raises(AnalysisError, match="no variable 'income'; it has: age, health"):
        fit_drivers(responses, case_mix=("income",))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("n", "practices", "rare"), [(600, 25, 1), (600, 25, 5), (60, 5, 1), (60, 5, 9)])
@pytest.mark.parametrize("levels", ["abc", "cba"])
def test_a_level_of_few_patients_is_joined_and_said(n: int, practices: int, rare: int, levels: str) -> None:
    answers, practice, journey = rare_study(n, practices, rare, levels)
    answers.loc[3, "t0_item"] = np.nan
    model = fit_drivers(as_responses(journey, answers, practice), case_mix=("health",), n_bootstrap=200)
    rows = model.tidy().set_index("term")
    assert rows.index[rows["kind"] == "covariate"].tolist() == ["health=b"], "the commonest level is the reference"
    assert (rows["std_error"] < 0.3).all()
    assert -0.5 < model.cv_r2 < model.r2
    codes = [note.code for note in model.notes]
    assert "levels_joined" in codes
    assert not {"overlap", "samples_set_aside"} & set(codes)
    assert model.notes[0].plain()["n"] == 1


def test_errors_of_standardised_coefficients_allow_for_the_standardisation() -> None:
    answers, practice, _ = study(n=1500, practices=60)
    answers.loc[0, "t0_item"] = np.nan
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), cross_validate=False)
    spread = model.replicates.standardised[model.replicates.valid].std(axis=0, ddof=1) * np.sqrt(60 / 59)
    table = of_drivers(model)
    np.testing.assert_allclose(table["std_error"], spread, rtol=1e-3)
    assert not np.allclose(table["std_error"], table["b_raw_error"] * table["estimate"] / table["b_raw"], rtol=0.01)


def test_formula_errors_of_standardised_coefficients_are_those_of_the_bootstrap() -> None:
    """Patients of some practices differ more than of others, so that standard deviations hang on the practices drawn.

    The delta method against 1,000 samples of 80 practices; with known standard deviations it would be a third off.
    """
    rng = np.random.default_rng(8)
    practice = np.arange(4000) % 80
    unlike = rng.uniform(0.1, 2.0, 80)[practice]
    answers = pd.DataFrame({f"t{i}_item": 60 + 10 * unlike * rng.standard_normal(4000) for i in range(3)})
    answers["ktv"] = 2 + items_of(answers) @ [0.08, 0.02, 0.0] + unlike * rng.standard_normal(4000)
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), cross_validate=False)
    table, replicates = of_drivers(model), model.bootstrap(1000)
    assert model.errors == "CR1"
    spread = replicates.beta.std(axis=0, ddof=1) * np.sqrt(80 / 79)
    np.testing.assert_allclose(table["std_error"], spread, rtol=0.08)
    given = table["b_raw_error"] * table["estimate"] / table["b_raw"]
    assert abs(given["t0"] / spread[0] - 1) > 0.15


def test_levels_and_directions() -> None:
    journey = score_journey({"a": ["a1", "a2"], "b": ["b1"]}, ktv_direction="lower-is-better")
    answers, practice = linear_study(slopes=(0.05, 0.02, 0.03))
    answers.columns = ["a1", "a2", "b1", "ktv"]
    responses = as_responses(journey, answers.assign(ktv=11 - answers["ktv"]), practice)
    by_touchpoint = fit_drivers(responses, cross_validate=False)
    assert by_touchpoint.drivers == ("a", "b")
    assert (of_drivers(by_touchpoint)["b_raw"] > 0).all()
    assert fit_drivers(responses, level="item", cross_validate=False).drivers == ("a1", "a2", "b1")
    assert fit_drivers(responses, level="step", cross_validate=False).drivers == ("step_a", "step_b")
    assert by_touchpoint.design.groups == ("step_a", "step_b")


def test_logistic_drivers_equal_statsmodels_with_cluster_errors() -> None:
    answers, practice, _ = study(n=2000, practices=60)
    rng = np.random.default_rng(11)
    chance = 1 / (1 + np.exp(-0.8 * (answers["ktv"] - answers["ktv"].mean())))
    answers["returned"] = (rng.random(2000) < chance).astype(float)
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), "returned")
    design = sm.add_constant(items_of(answers))
    theirs = sm.Logit(answers["returned"], design).fit(disp=0, cov_type="cluster", cov_kwds={"groups": practice})
    table = of_drivers(model)
    assert (model.family, model.errors) == ("logistic", "CR1")
    np.testing.assert_allclose(table["b_raw"], theirs.params[1:], rtol=1e-6)
    # statsmodels' factor is J/(J-1)·(n-1)/(n-k), ours J/(J-1), as Stata has it for maximum likelihood.
    np.testing.assert_allclose(table["b_raw_error"], theirs.bse[1:] / np.sqrt(1999 / 1996), rtol=1e-6)
    latent = (design[:, 1:] @ theirs.params.to_numpy()[1:]).var()
    assert model.r2 == pytest.approx(latent / (latent + np.pi**2 / 3), rel=1e-6)
    assert 0 < model.cv_r2 < 1
    ordinal = fit_drivers(
        as_responses(plain_journey(DRIVERS), answers, practice), "returned", family="ordinal", cross_validate=False
    )
    np.testing.assert_allclose(of_drivers(ordinal)["b_raw"], table["b_raw"], rtol=1e-12)


def test_ordinal_model_finds_the_truth_with_few_practices_and_missing_answers() -> None:
    answers, practice, _ = study(n=3000, practices=20, slopes=(0.06, 0.03, 0.0))
    answers["ktv"] = answers["ktv"].round().clip(1, 10)
    rng = np.random.default_rng(15)
    answers["t2_item"] = answers["t2_item"].mask(rng.random(3000) < 0.3)
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), family="ordinal", cross_validate=False)
    table = of_drivers(model)
    assert (model.errors, model.missing) == ("CR2", "em")
    assert table.loc["t0", "estimate"] / table.loc["t1", "estimate"] == pytest.approx(2.0, abs=0.35)
    assert abs(table.loc["t2", "estimate"]) < 4 * table.loc["t2", "std_error"]


def test_fewer_rows_than_drivers_is_refused_with_what_is_needed() -> None:
    answers, practice = linear_study(n=12, practices=3, slopes=[0.01] * 14)
    responses = as_responses(plain_journey([f"t{i}" for i in range(14)]), answers, practice)
    with pytest.raises(NotEstimableError, match=r"12 responses cannot carry 14 drivers.*at least 16.*about 140"):
        fit_drivers(responses)


def test_constant_or_absent_outcome_is_refused() -> None:
    answers, practice, _ = study()
    journey = plain_journey(DRIVERS)
    with pytest.raises(NotEstimableError, match=r"outcome 'ktv' is constant \(every answer is 8\)"):
        fit_drivers(as_responses(journey, answers.assign(ktv=8.0), practice))
    with pytest.raises(NotEstimableError, match="none of 600 responses has both the outcome 'nps'"):
        fit_drivers(as_responses(journey, answers, practice), "nps")
    with pytest.raises(AnalysisError, match=r"no outcome 'mood'; it has: ktv, nps, returned"):
        fit_drivers(as_responses(journey, answers, practice), "mood")


def test_drivers_that_cannot_be_used_are_left_out_with_their_reason() -> None:
    answers, practice = linear_study(n=400, slopes=(0.05, 0.03, 0.0, 0.02, 0.02))
    answers["t1_item"] = np.nan
    answers["t2_item"] = 100.0
    answers.loc[np.arange(400) >= 5, "t3_item"] = np.nan
    model = fit_drivers(as_responses(plain_journey([f"t{i}" for i in range(5)]), answers, practice))
    reasons = of_drivers(model)["reason"].to_dict()
    assert reasons == {
        "t0": "",
        "t1": "nobody who gave the outcome answered it",
        "t2": "every answer is the same (100)",
        "t3": "answered by fewer than 10 people",
        "t4": "",
    }
    assert model.drivers == ("t0", "t4")
    answers[["t0_item", "t4_item"]] = np.nan
    answers["t1_item"] = 50.0
    with pytest.raises(NotEstimableError, match=r"no driver is left.*'t1': every answer is the same"):
        fit_drivers(as_responses(plain_journey([f"t{i}" for i in range(5)]), answers, practice))


def test_touchpoints_that_exclude_each_other_cannot_both_be_drivers() -> None:
    answers, practice = linear_study(n=400)
    by_phone = np.arange(400) % 3 == 0
    answers["t0_item"] = answers["t0_item"].where(by_phone)
    answers["t1_item"] = answers["t1_item"].where(~by_phone)
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), n_bootstrap=60, cross_validate=False)
    reason = of_drivers(model).loc["t0", "reason"]
    assert reason.startswith("answered together with 't1' by fewer than 10 people")
    assert model.drivers == ("t1", "t2")


def test_copied_drivers_are_refused_by_name() -> None:
    answers, practice = linear_study()
    answers["t2_item"] = 100 - answers["t0_item"]
    with pytest.raises(NotEstimableError, match=r"t0.*t2|t2.*t0"):
        fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice))


def test_perfect_separation_is_refused_by_name() -> None:
    answers, practice = linear_study()
    answers["returned"] = (answers["t1_item"] > 60).astype(float)
    with pytest.raises(NotEstimableError, match=r"'t1' separates the outcome's answers perfectly.*leave it out"):
        fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), "returned")
    answers["returned"] = (answers["t1_item"] + answers["t0_item"] > 120).astype(float)
    with pytest.raises(NotEstimableError, match="a combination of the drivers separates"):
        fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), "returned")


def test_listwise_with_no_complete_row_points_to_em() -> None:
    answers, practice = linear_study()
    answers["t0_item"] = answers["t0_item"].where(np.arange(600) % 2 == 0)
    answers["t1_item"] = answers["t1_item"].where((np.arange(600) % 2 == 1) | (np.arange(600) < 0))
    answers.loc[np.arange(600) < 24, "t0_item"] = 50 + np.arange(24)
    answers.loc[np.arange(600) < 24, "t1_item"] = 50 + (np.arange(24) * 7 % 24)
    answers.loc[np.arange(600) < 24, "t2_item"] = np.nan
    responses = as_responses(plain_journey(DRIVERS), answers, practice)
    with pytest.raises(NotEstimableError, match=r"none of 600 responses is complete.*use missing='em'"):
        fit_drivers(responses, missing="listwise")
    assert fit_drivers(responses, n_bootstrap=60, cross_validate=False).n_obs == 600


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": "page"}, "level: expected one of item, touchpoint, step"),
        ({"missing": "mean"}, "missing: expected 'em' or 'listwise'"),
        ({"family": "poisson"}, "family: expected one of linear, ordinal, logistic"),
        ({"family": "logistic"}, "needs an outcome with two answers.*use 'ordinal'"),
        ({"confidence": 95}, "confidence: expected a proportion"),
        ({"weights": [1.0, 2.0]}, "one weight per row"),
    ],
)
def test_wrong_options_are_explained(options: dict, message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        fit_drivers(study()[2], **options)


def test_one_huge_practice_among_many_small_ones_is_no_study_of_many_practices() -> None:
    """Of 400 rows 340 are of one practice of 16: (sum n)²/sum n² = 160000/115840, of which at least 2 are counted."""
    answers, _ = linear_study(n=400, practices=16)
    even, uneven = (np.repeat(np.arange(16), sizes) for sizes in ([25] * 16, [340] + [4] * 15))
    notes = {
        name: [str(note) for note in fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice)).notes]
        for name, practice in (("even", even), ("uneven", uneven))
    }
    said = "The 16 practices differ so much in size that they say as much as about 2 of equal size"
    assert any(note.startswith(said) for note in notes["uneven"])
    assert not any("differ so much in size" in note for note in notes["even"])


@pytest.mark.parametrize("chosen", [False, True])
def test_a_contact_that_the_discontented_call_not_applicable_is_remarked_on(chosen: bool) -> None:
    """The true slope of t2 is .06 for all; who had it bad says it does not apply, or three in ten at random do."""
    rng = np.random.default_rng(3)
    n, names = 4000, [f"t{i}_item" for i in range(3)]
    scores = 60 + 15 * rng.standard_normal((n, 3))
    ktv = 8 + (scores - 60) @ [0.02, 0.02, 0.06] + 0.5 * rng.standard_normal(n)
    met = np.ones((n, 3), dtype=bool)
    met[:, 2] = rng.random(n) < (1 / (1 + np.exp(-(0.9 + 2.5 * (scores[:, 2] - 60) / 15))) if chosen else 0.7)
    answers = pd.DataFrame(np.where(met, scores, np.nan), columns=names).assign(ktv=ktv)
    made = as_responses(plain_journey(DRIVERS), answers, np.arange(n) % 20, pd.DataFrame(met, columns=names))
    notes = [note.plain() for note in fit_drivers(made, cross_validate=False).notes]
    assert ({"code": "unmet_less_content", "touchpoint": "t2"} in notes) == chosen


def test_notes_say_what_to_be_careful_about() -> None:
    answers, practice = linear_study(n=25, practices=5)
    answers["t2_item"] = answers["t0_item"] + 0.05 * np.random.default_rng(1).standard_normal(25)
    notes = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice), cross_validate=False).notes
    assert [note.code for note in notes] == ["few_practices", "few_responses", "overlap", "measured_no_scale"]
    assert [str(note).split(":")[0] for note in notes[:2]] == ["Only 5 practices", "25 responses for 3 coefficients"]
    assert notes[2].code == "overlap"
    assert "overlap strongly" in str(notes[2])


def test_bootstrap_is_reused_only_when_it_matches() -> None:
    answers, practice, _ = study()
    answers.loc[3, "t0_item"] = np.nan
    model = fit_drivers(
        as_responses(plain_journey(DRIVERS), answers, practice), n_bootstrap=80, seed=4, cross_validate=False
    )
    assert model.bootstrap(80, seed=4) is model.replicates
    other = model.bootstrap(80, seed=5)
    assert other is not model.replicates
    assert other.b_raw.shape == (80, 3)
    assert other.labels == tuple(sorted({str(one) for one in practice}))
    assert (other.counts.sum(axis=1) == 50).all()


@pytest.mark.slow
def test_an_optional_touchpoint_in_a_logistic_model() -> None:
    """True log-odds: 0.06 per point of t0, 0.05 of t1 among the 6 in 10 who met it, 1.0 for having met it."""
    rng = np.random.default_rng(17)
    n, practice = 6000, np.arange(6000) % 60
    scores = 60 + 15 * rng.standard_normal((n, 2))
    met = rng.random(n) < 0.6
    odds = 0.06 * (scores[:, 0] - 60) + np.where(met, 0.05 * (scores[:, 1] - 60) + 1.0, 0.0)
    answers = pd.DataFrame({"a_item": scores[:, 0], "b_item": np.where(met, scores[:, 1], np.nan), "ktv": 8.0})
    answers["returned"] = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    responses = as_responses(plain_journey(["a", "b"]), answers, practice, pd.DataFrame({"b_item": met}))
    model = fit_drivers(responses, "returned")
    table = model.tidy().set_index("term")
    np.testing.assert_allclose(table.loc[["a", "b", "met:b"], "b_raw"], [0.06, 0.05, 1.0], rtol=0.12)
    total = model.covariance[-1, -1] + model.met_variance
    assert model.met_variance == pytest.approx(met.var() * table.loc["met:b", "b_raw"] ** 2, rel=0.05)
    assert model.r2 == pytest.approx(1 - np.pi**2 / 3 / total)
    replicates = model.bootstrap(60)
    assert replicates.r2.mean() == pytest.approx(model.r2, abs=0.02)
    assert replicates.b_raw.std(axis=0) == pytest.approx(table.loc[["a", "b"], "b_raw_error"].to_numpy(), rel=0.35)


def test_cross_validation_deals_responses_when_there_is_one_practice() -> None:
    _, _, responses = study(practices=1)
    model = fit_drivers(responses)
    assert model.cv_r2 == pytest.approx(model.r2, abs=0.05)


def test_cross_validation_that_fails_says_why() -> None:
    """All variation of t2 is in one practice: with that one left out, t2 is constant."""
    answers, practice = linear_study(n=300, practices=6)
    answers["t2_item"] = np.where(practice == 0, answers["t2_item"], 50.0)
    model = fit_drivers(as_responses(plain_journey(DRIVERS), answers, practice))
    assert np.isnan(model.cv_r2)
    assert str(model.cv_note).startswith("Cross-validation: with one part of the practices left out, column 't2'")
    assert np.isfinite(of_drivers(model)["estimate"]).all()


def test_many_rows_of_one_practice_are_drawn_in_bundles_also_for_an_ordinal_outcome() -> None:
    answers, _ = linear_study(n=21_000, practices=1)
    answers["ktv"] = answers["ktv"].clip(1, 10).round()
    responses = as_responses(plain_journey(DRIVERS), answers)
    model = fit_drivers(responses, family="ordinal", n_bootstrap=100, cross_validate=False)
    spread = model.bootstrap(100).slopes.std(axis=0)
    rows = model.tidy().set_index("term").loc[DRIVERS]
    np.testing.assert_allclose(spread, rows["b_raw_error"], rtol=0.3)
