"""Priorities against statsmodels, hand calculation and simulated truth; what must hold whatever the data."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm
from driver_data import as_responses, linear_study, plain_journey
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm, t

from pxanalysis.analysis.few_practices import bootstrap_expansion, effective_practices, expanded_tail
from pxanalysis.analysis.practices import PracticeStats
from pxanalysis.analysis.priorities import PrioritiesResult, estimate_priorities
from pxanalysis.analysis.priorities.centres import draw_centres
from pxanalysis.analysis.priorities.performance import (
    PracticePerformance,
    draw_performance,
    estimate_performance,
    grown_sd,
)
from pxanalysis.analysis.priorities.ranking import GainDraws, gain_intervals, gain_of, rank_gains, rank_within
from pxanalysis.analysis.regression import fit_drivers
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey import Journey
from pxanalysis.survey.responses import Responses

CONTRACT = ["practice_id", "touchpoint", "importance", "performance", "performance_low", "performance_high"]
CONTRACT += ["share_negative", "improvement_score", "target", "gain", "gain_low", "gain_high", "gain_nps"]
CONTRACT += ["rank", "rank_low", "rank_high", "p_top3", "status", "needed_n", "suppressed", "reason"]
DRIVERS = ["t0", "t1", "t2", "t3"]
SLOPES = (0.06, 0.04, 0.02, 0.01)


def study(n: int = 1200, practices: int = 12, slopes=SLOPES, **options) -> tuple[Journey, pd.DataFrame, np.ndarray]:
    """Four touchpoints of known slopes; an NPS answer follows the grade."""
    answers, practice = linear_study(n, practices, slopes, practice_sd=5.0, **options)
    answers["nps"] = np.clip(np.rint(answers["ktv"] + 0.5), 0, 10)
    return plain_journey([f"t{i}" for i in range(len(slopes))]), answers, practice


@pytest.fixture(scope="module")
def responses() -> Responses:
    journey, answers, practice = study()
    return as_responses(journey, answers, practice)


@pytest.fixture(scope="module")
def found(responses: Responses) -> PrioritiesResult:
    return estimate_priorities(responses, n_bootstrap=400)


def rows(result: PrioritiesResult, practice: str = "0") -> pd.DataFrame:
    frame = result.tidy()
    return frame[frame["practice_id"] == practice].set_index("touchpoint")


# --- against outside values -------------------------------------------------------------------------------------


def test_effect_is_the_least_squares_slope_of_statsmodels(responses, found):
    """statsmodels OLS on the same complete rows; 1e-8, both are direct solutions."""
    frame = responses.numbers([*(f"{name}_item" for name in DRIVERS), "ktv"])
    expected = sm.OLS(frame["ktv"], sm.add_constant(frame.drop(columns="ktv"))).fit().params.iloc[1:]
    np.testing.assert_allclose(rows(found)["effect"], expected, rtol=1e-8)


def test_gain_in_nps_is_the_slope_on_promoters_less_detractors(responses, found):
    frame = responses.numbers([*(f"{name}_item" for name in DRIVERS), "nps"])
    net = (frame["nps"] >= 9).astype(float) - (frame["nps"] <= 6)
    slopes = sm.OLS(net, sm.add_constant(frame.drop(columns="nps"))).fit().params.iloc[1:]
    mine = rows(found)
    gap = (mine["target"] - mine["performance"]).clip(lower=0)
    np.testing.assert_allclose(mine["gain_nps"], slopes.to_numpy() * gap, rtol=1e-8, atol=1e-12)


def test_performance_is_the_mean_drawn_to_the_centre_by_its_reliability(responses, found):
    """mu + R (mean - mu), with the variance components of a balanced one-way analysis of variance by hand."""
    scores = responses.numbers(["t1_item"])["t1_item"]
    groups = scores.groupby(responses.practice_ids)
    n, means = groups.size().iloc[0], groups.mean()
    within = groups.var(ddof=1).mean()
    between = means.var(ddof=1) - within / n
    reliability = between / (between + within / n)
    expected = means.mean() + reliability * (means - means.mean())
    mine = found.tidy().query("touchpoint == 't1'").set_index("practice_id")["performance"]
    np.testing.assert_allclose(mine, expected[mine.index], rtol=1e-10)


def test_gain_is_effect_times_gap_and_ipma_times_what_is_missing_to_100(found):
    frame = found.tidy()
    gap = (frame["target"] - frame["performance"]).clip(lower=0)
    np.testing.assert_allclose(frame["gain"], frame["effect"] * gap * frame["met_share"], rtol=1e-12)
    np.testing.assert_allclose(frame["ipma"], frame["effect"] * (100 - frame["performance"]), rtol=1e-12)


def test_share_negative_and_improvement_score_by_hand(responses, found):
    scores = responses.numbers([f"{name}_item" for name in DRIVERS])
    mine = scores[responses.practice_ids == "0"]
    share = (mine < 50).mean().to_numpy()
    importance = rows(found)["importance"].to_numpy()
    np.testing.assert_allclose(rows(found)["share_negative"], share)
    np.testing.assert_allclose(
        rows(found)["improvement_score"], (1 + 3 * importance / importance.max()) * share, rtol=1e-12
    )


def test_sampling_uncertainty_without_shrinkage_is_the_standard_error_of_correlated_means():
    """Four practices are not shrunk: draws have the variance s²/n and the correlation of overlapping patients."""
    rng = np.random.default_rng(1)
    scores = 60 + 10 * rng.standard_normal((4000, 1)) + 10 * rng.standard_normal((4000, 2))
    scores[1::2, 1] = np.nan
    codes = np.arange(4000) // 2 % 4
    performance = estimate_performance(scores, codes, 4, 50, np.random.default_rng(2))
    draws = draw_performance(performance, 40_000, np.random.default_rng(3))
    within = np.sqrt([np.nanvar(scores[:, t] - performance.mean[codes, t]) for t in (0, 1)])
    np.testing.assert_allclose(draws[:, 0].std(axis=0), within / np.sqrt([1000, 500]), rtol=0.02)
    # half of the patients rated both: r n_both / sqrt(n_1 n_2) = 0.5 * 500 / sqrt(1000 * 500)
    assert np.corrcoef(draws[:, 0].T)[0, 1] == pytest.approx(0.5 / np.sqrt(2), abs=0.03)
    np.testing.assert_allclose(performance.shrunk, performance.mean)


def test_replicates_of_few_practices_are_spread_out_to_a_t_interval():
    """The interval of a mean from expanded deviations is the t interval, for equal practices; 3 % of noise."""
    rng = np.random.default_rng(1)
    practices = rng.normal(0, 1, 8)
    means = practices[rng.integers(0, 8, (200_000, 8))].mean(axis=1)
    reach = np.diff(np.quantile(bootstrap_expansion(8) * (means - practices.mean()), [0.025, 0.975]))[0] / 2
    assert reach == pytest.approx(t.ppf(0.975, 7) * practices.std(ddof=1) / np.sqrt(8), rel=0.03)
    assert effective_practices(np.array([20, 400])) < 1.2
    assert norm.ppf(expanded_tail(8)) == pytest.approx(norm.ppf(0.025) * bootstrap_expansion(8))


EIGHT_SCHOOLS = np.array([[28, 15], [8, 10], [-3, 16], [7, 11], [-1, 9], [1, 11], [18, 10], [12, 18]], dtype=float)


def test_centre_and_spread_are_drawn_from_the_posterior_of_the_eight_schools():
    """Gelman et al., Bayesian Data Analysis (3rd ed.), section 5.5 and table 5.3, and the same model in the manual of
    RStan ("getting started"): mean of mu 8.0 (sd 5.1); tau with quartiles 2.6, 5.4, 9.1 and 97.5th percentile 20.6;
    tolerance their Monte Carlo error and the last digit."""
    estimates, errors = EIGHT_SCHOOLS.T[:, :, None]
    stats = PracticeStats(n=np.ones((8, 1)), mean=estimates, ss=np.zeros((8, 1)))
    centre, between = draw_centres(stats, errors**2, np.ones((1, 1)), 40_000, np.random.default_rng(1))
    assert centre.mean() == pytest.approx(8.0, abs=0.25)
    assert centre.std() == pytest.approx(5.1, abs=0.25)
    np.testing.assert_allclose(np.quantile(np.sqrt(between), [0.25, 0.5, 0.75, 0.975]), [2.6, 5.4, 9.1, 20.6], atol=0.6)


def test_practice_means_of_the_eight_schools_have_their_published_quantiles():
    """Table 5.3 of Bayesian Data Analysis, schools A, C and G: 2.5, 50 and 97.5 %, from 200 draws (error about 1.5).

    A school stands for a practice of n patients with error²·n of variance between patients."""
    rng = np.random.default_rng(2)
    n = 400.0 / EIGHT_SCHOOLS[:, 1:] ** 2 * 100
    estimates = EIGHT_SCHOOLS[:, :1]
    stats = PracticeStats(n=n, mean=estimates, ss=np.zeros((8, 1)))
    within = np.array([40_000.0])
    centre, between = draw_centres(stats, within / n, np.ones((1, 1)), 20_000, rng)
    performance = PracticePerformance(
        n=n,
        mean=estimates,
        shrunk=estimates,
        sd=np.ones((8, 1)),
        factor=np.ones((8, 1, 1)),
        unevenness=np.ones((8, 1)),
        centre=centre,
        between=between,
        within=within,
    )
    drawn = draw_performance(performance, 20_000, rng)[:, [0, 2, 6], 0]
    expected = [[-2, 10, 31], [-11, 7, 19], [-1, 10, 26]]
    np.testing.assert_allclose(np.quantile(drawn, [0.025, 0.5, 0.975], axis=0).T, expected, atol=2.0)


# --- against known truth ----------------------------------------------------------------------------------------


def test_target_is_the_true_mean_of_the_75th_percentile_practice():
    """Raw means of small practices spread too far and shrunken ones too little; the target does neither."""
    rng = np.random.default_rng(5)
    errors, naive = [], []
    for _ in range(12):
        truth = 60 + 4 * rng.standard_normal(60)
        codes = np.repeat(np.arange(60), 15)
        scores = truth[codes, None] + 18 * rng.standard_normal((900, 1))
        performance = estimate_performance(scores, codes, 60, 200, rng)
        drawn = np.quantile(draw_performance(performance, 200, rng)[:, :, 0], 0.75, axis=1).mean()
        errors.append(drawn - np.quantile(truth, 0.75))
        naive.append(np.quantile(performance.mean, 0.75) - np.quantile(truth, 0.75))
    assert abs(np.mean(errors)) < 0.4
    assert np.mean(naive) > 0.8


def test_first_named_is_what_truly_wins_most():
    """Practice 0 scores 15 points lower on t1; t1 and t0 have the large slopes."""
    journey, answers, practice = study(seed=4)
    answers.loc[practice == 0, "t1_item"] -= 15
    answers.loc[practice == 0, "ktv"] -= 15 * 0.04
    result = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=400)
    mine = rows(result)
    assert mine.loc["t1", "status"] == "act"
    assert mine.loc["t1", "rank"] == 1
    assert mine.loc["t1", "gain_low"] < 0.04 * (mine.loc["t1", "target"] - 45) < mine.loc["t1", "gain_high"] + 0.5
    assert result.ideas("0").empty


def test_case_mix_takes_out_what_practices_do_not_choose():
    rng = np.random.default_rng(6)
    n, practices = 2000, 10
    practice = np.arange(n) % practices
    age = rng.normal(50, 8, n) + np.where(practice == 0, 15, 0)
    scores = 70 - 0.6 * (age - 50) + 10 * rng.standard_normal(n)
    answers = pd.DataFrame({"t0_item": scores, "t1_item": 60 + 10 * rng.standard_normal(n)})
    answers["ktv"] = 0.05 * answers["t0_item"] + 0.02 * answers["t1_item"] + rng.standard_normal(n)
    answers["age"] = age
    variable = {"id": "age", "label": {"nl": "leeftijd", "en": "age"}, "type": "number", "range": [0, 120]}
    sample = as_responses(plain_journey(["t0", "t1"], case_mix=[variable]), answers, practice)
    bare = rows(estimate_priorities(sample, n_bootstrap=100))
    fair = rows(estimate_priorities(sample, n_bootstrap=100, case_mix=("age",)))
    assert bare.loc["t0", "gain"] > 0.2
    assert fair.loc["t0", "gain"] < 0.06
    assert fair.loc["t0", "performance"] - bare.loc["t0", "performance"] == pytest.approx(8.1, abs=1.5)


def test_optional_touchpoint_counts_for_the_patients_who_meet_it():
    journey, answers, practice = study(2400, slopes=(0.06, 0.04, 0.02, 0.04))
    met = pd.DataFrame(True, index=answers.index, columns=[f"{name}_item" for name in DRIVERS])
    met["t3_item"] = np.random.default_rng(7).random(len(answers)) < np.where(practice == 0, 0.25, 0.8)
    answers = answers.mask(~met.reindex(columns=answers.columns, fill_value=True))
    result = estimate_priorities(as_responses(journey, answers, practice, met), n_bootstrap=200, target=90)
    mine = rows(result)
    share = met["t3_item"][practice == 0].mean()
    assert mine.loc["t3", "met_share"] == pytest.approx(share)
    assert mine.loc["t3", "gain"] == pytest.approx(
        mine.loc["t3", "effect"] * (90 - mine.loc["t3", "performance"]) * share
    )
    assert (mine.loc[["t0", "t1", "t2"], "met_share"] == 1).all()
    relative = (mine["gain_high"] - mine["gain_low"]) / mine["gain"]
    assert relative["t3"] > relative["t0"], "who meets it is uncertain too"


def test_more_responses_narrow_the_intervals_and_settle_the_order():
    journey, answers, practice = study(4000, practices=10, seed=8)
    everybody = as_responses(journey, answers, practice)
    few = as_responses(
        journey, answers[(practice != 0) | (np.arange(4000) < 200)], practice[(practice != 0) | (np.arange(4000) < 200)]
    )
    small, large = (rows(estimate_priorities(one, n_bootstrap=300, target=90)) for one in (few, everybody))
    assert small["n"].iloc[0] == 20
    assert large["n"].iloc[0] == 400
    for name in ("performance", "gain"):
        width = [frame[f"{name}_high"] - frame[f"{name}_low"] for frame in (small, large)]
        assert (width[1] < width[0]).all()


# --- abstaining -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alike() -> Responses:
    """Six touchpoints that count alike, in practices of 15 to 60: nobody can order them."""
    rng = np.random.default_rng(9)
    sizes = np.array([15, 20, 25, 30, 60] * 3)
    practice = np.repeat(np.arange(15), sizes)
    latent = 3 * rng.standard_normal((15, 6))[practice]
    scores = 65 + latent + 12 * rng.standard_normal((practice.size, 1)) + 12 * rng.standard_normal((practice.size, 6))
    answers = pd.DataFrame({f"t{i}_item": scores[:, i] for i in range(6)})
    answers["ktv"] = scores @ np.full(6, 0.015) + rng.standard_normal(practice.size)
    return as_responses(plain_journey([f"t{i}" for i in range(6)]), answers, practice)


def test_abstains_with_the_responses_still_needed(alike):
    result = estimate_priorities(alike, n_bootstrap=300)
    frame = result.tidy()
    per_practice = frame.groupby("practice_id")["status"].agg(set)
    waiting = per_practice.index[per_practice.map(lambda found: "act" not in found and "undecided" in found)]
    assert len(waiting) >= 5
    assert result.glance()["n_abstain"].iloc[0] == len(waiting)
    open_rows = frame[frame["practice_id"].isin(waiting) & (frame["status"] == "undecided")]
    known = open_rows["needed_n"].dropna()
    assert (known > 0).all()
    assert len(known) > 0
    spread = open_rows.fillna({"needed_n": -1}).groupby("practice_id")["needed_n"]
    assert (spread.max() == spread.min()).all(), "one number per practice"
    assert set(open_rows["reason_code"]) <= {"more_responses", "more_everywhere", "too_close"}
    assert (open_rows["needed_n"].isna() == (open_rows["reason_code"] == "too_close")).all()
    assert (frame.loc[frame["status"] != "undecided", "needed_n"] == 0).all()


def test_uncertainty_shrinks_with_the_responses_as_the_variance_components_say(alike):
    codes = np.unique(alike.practice_ids, return_inverse=True)[1]
    scores = alike.numbers([f"t{i}_item" for i in range(6)]).to_numpy()
    performance = estimate_performance(scores, codes, 15, 100, np.random.default_rng(1))
    shrinking = grown_sd(performance, (1.0, 2.0, 4.0))
    np.testing.assert_allclose(shrinking[0], 1.0)
    assert (np.diff(shrinking, axis=0) < 0).all()
    assert (shrinking[2] >= 0.5 - 1e-9).all(), "shrunken means gain less than the root of n"


# --- what cannot be shown or said -------------------------------------------------------------------------------


def test_too_few_respondents_are_suppressed_with_the_reason():
    journey, answers, practice = study(600)
    keep = (practice != 3) | (np.arange(600) < 100)
    result = estimate_priorities(as_responses(journey, answers[keep], practice[keep]), n_bootstrap=100)
    hidden = rows(result, "3")
    assert (hidden["suppressed"]).all()
    assert (hidden["reason"] == "fewer than 10 respondents").all()
    assert (
        hidden.drop(columns=["practice_id", "suppressed", "reason", "reason_code", "status", "note", "needed_from"])
        .isna()
        .all(axis=None)
    )
    assert not rows(result, "0")["suppressed"].any()
    assert np.isnan(result.what_if({"t0": 5}, "3").tidy()["estimate"].iloc[0])


def test_a_touchpoint_that_few_met_is_suppressed_and_the_others_are_ranked():
    journey, answers, practice = study()
    met = pd.DataFrame(True, index=answers.index, columns=[f"{name}_item" for name in DRIVERS])
    met["t3_item"] = (practice != 0) | (np.arange(len(answers)) < 60)
    answers = answers.mask(~met.reindex(columns=answers.columns, fill_value=True))
    mine = rows(estimate_priorities(as_responses(journey, answers, practice, met), n_bootstrap=100))
    assert mine["suppressed"].tolist() == [False, False, False, True]
    assert sorted(mine["rank"].dropna()) == [1, 2, 3]
    assert mine["p_rank3"].sum() == pytest.approx(3)


def test_one_practice_has_no_benchmark_but_a_stated_target_does():
    journey, answers, _ = study(300)
    alone = as_responses(journey, answers)
    bare = estimate_priorities(alone, n_bootstrap=100)
    mine = rows(bare, "p")
    assert bare.target == "none"
    assert mine["gain"].isna().all()
    assert (mine["reason_code"] == "no_target").all()
    assert mine["reason"].str.contains("state a target").all()
    assert mine["performance"].notna().all()
    np.testing.assert_allclose(mine["performance"], answers[[f"{name}_item" for name in DRIVERS]].mean())
    stated = rows(estimate_priorities(alone, n_bootstrap=100, target={"t0": 80, "t1": 80}), "p")
    assert sorted(stated["rank"].dropna()) == [1, 2]
    assert stated.loc[["t2", "t3"], "reason"].str.contains("state a target").all()


def test_a_negative_effect_is_explained_and_never_advised():
    journey, answers, practice = study(3000, slopes=(0.06, 0.04, 0.02, -0.03))
    frame = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=200).tidy()
    negative = frame[frame["touchpoint"] == "t3"]
    assert (negative["effect"] < 0).all()
    assert (negative["gain"] <= 0).all()
    assert (negative["gain"] < 0).any()
    assert (negative["status"] == "keep").all()
    assert (negative["rank"] == 4).all()
    assert (negative["reason_code"] == "negative_effect").all()
    assert negative["note"].str.contains("not advised").all()
    assert (negative["importance"] > 0).all()


def test_an_effect_below_zero_that_can_be_chance_is_not_called_negative():
    """Without any effect about half of the estimates are below zero, and 2.5 % have their whole interval there."""
    codes = []
    for seed in range(12):
        journey, answers, practice = study(600, slopes=(0.06, 0.04, 0.02, 0.0), seed=seed)
        frame = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=100).tidy()
        none = frame[(frame["touchpoint"] == "t3") & (frame["effect"] <= 0)]
        assert ((none["effect_high"] < 0) == (none["reason_code"] == "negative_effect")).all()
        codes += none["reason_code"].unique().tolist()
    assert codes.count("no_effect") > codes.count("negative_effect")


def test_a_driver_that_nobody_answered_has_a_row_with_the_reason():
    journey, answers, practice = study()
    answers["t2_item"] = np.nan
    result = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=100)
    left_out = result.tidy().query("touchpoint == 't2'")
    assert len(left_out) == 12
    assert left_out["reason"].str.contains("nobody").all()
    assert left_out["gain"].isna().all()
    with pytest.raises(AnalysisError, match="not in the model: nobody"):
        result.what_if({"t2": 5})


def test_one_respondent_per_practice_shows_nothing():
    journey, answers, _ = study(200)
    result = estimate_priorities(as_responses(journey, answers, np.arange(200)), n_bootstrap=100)
    assert result.tidy()["suppressed"].all()
    assert result.glance()["n_suppressed"].iloc[0] == 200


def test_without_a_recommendation_there_is_no_gain_in_nps():
    journey, answers, practice = study(600)
    content = journey.model_dump(mode="json")
    content["outcomes"] = [outcome for outcome in content["outcomes"] if outcome["kind"] != "nps"]
    result = estimate_priorities(
        as_responses(Journey.model_validate(content), answers.drop(columns="nps"), practice), n_bootstrap=100
    )
    assert result.tidy()["gain_nps"].isna().all()
    assert "no gain in NPS" in " ".join(map(str, result.notes))
    answers["nps"] = 9
    same = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=100)
    assert same.tidy()["gain_nps"].isna().all()
    assert "constant" in " ".join(map(str, same.notes))


def test_a_behaviour_is_won_in_proportions():
    journey, answers, practice = study(2000)
    chance = np.clip(0.05 + 0.012 * (answers["t0_item"] - 20), 0.05, 0.95)
    answers["returned"] = (np.random.default_rng(1).random(2000) < chance).astype(float)
    frame = estimate_priorities(as_responses(journey, answers, practice), outcome="returned", n_bootstrap=100).tidy()
    assert frame["effect"].iloc[0] == pytest.approx(0.012, abs=0.003)
    assert frame["gain"].max() < 0.3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"certainty": 0.4}, "certainty"),
        ({"minimum_n": 0}, "minimum_n"),
        ({"target": 120}, "0-100"),
        ({"target": {"nowhere": 80}}, "no touchpoint 'nowhere'"),
        ({"confidence": 95}, "confidence"),
        ({"outcome": "happiness"}, "happiness"),
        ({"case_mix": ("age",)}, "age"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(responses, options, message):
    with pytest.raises(AnalysisError, match=message):
        estimate_priorities(responses, n_bootstrap=100, **options)


def test_another_outcome_than_that_of_the_drivers_is_refused(responses):
    model = fit_drivers(responses, "nps", cross_validate=False)
    assert estimate_priorities(responses, model, n_bootstrap=100).outcome == "nps"
    with pytest.raises(AnalysisError, match="fitted to 'nps'"):
        estimate_priorities(responses, model, outcome="ktv")


def test_too_few_rows_for_the_drivers_say_so():
    journey, answers, practice = study(5)
    with pytest.raises(NotEstimableError):
        estimate_priorities(as_responses(journey, answers, practice))


# --- the contract -----------------------------------------------------------------------------------------------


def test_frame_keeps_the_contract(found):
    frame = found.tidy()
    assert list(frame.columns[: len(CONTRACT)]) == CONTRACT
    assert len(frame) == 12 * 4
    assert set(frame["status"]) <= {"act", "undecided", "keep"}
    assert frame["suppressed"].dtype == bool
    assert (frame.groupby("practice_id")["p_rank3"].sum().round(9) == 3).all()
    assert (frame["p_top3"] <= frame["p_rank3"] + 1e-12).all()
    assert all(sorted(ranks) == [1, 2, 3, 4] for _, ranks in frame.groupby("practice_id")["rank"])
    for name in ("performance", "gain", "rank", "effect", "gain_nps"):
        assert (frame[f"{name}_low"] <= frame[name] + 1e-9).all()
        assert (frame[name] <= frame[f"{name}_high"] + 1e-9).all()
    assert frame["performance_high"].max() <= 100
    assert frame["performance_low"].min() >= 0


def test_same_seed_same_answer_and_another_seed_nearly(responses, found):
    again = estimate_priorities(responses, n_bootstrap=400)
    pd.testing.assert_frame_equal(again.tidy(), found.tidy())
    other = estimate_priorities(responses, n_bootstrap=400, seed=2).tidy()
    assert (other["p_top3"] - found.tidy()["p_top3"]).abs().max() < 0.15
    assert (other["gain_low"] - found.tidy()["gain_low"]).abs().max() > 0


def test_stated_targets_stand_beside_the_75th_percentile(responses, found):
    stated = estimate_priorities(responses, n_bootstrap=400, target={"t0": 75.0}).tidy()
    first = stated["touchpoint"] == "t0"
    assert (stated.loc[first, "target"] == 75).all()
    np.testing.assert_allclose(stated.loc[first, "gain"], stated.loc[first, "gain_stated"])
    np.testing.assert_allclose(stated["gain_p75"], found.tidy()["gain"])
    assert stated.loc[~first, "gain_stated"].isna().all()
    np.testing.assert_allclose(stated.loc[~first, "gain"], found.tidy().loc[~first, "gain"])


def test_everything_at_target_is_kept(responses):
    frame = estimate_priorities(responses, n_bootstrap=100, target=0).tidy()
    assert (frame["gain"] == 0).all()
    assert (frame["gain_high"] == 0).all()
    assert (frame["status"] == "keep").all()
    assert (frame["reason_code"] == "at_target").all()


def test_higher_certainty_advises_less(responses):
    advised = [
        (estimate_priorities(responses, n_bootstrap=200, certainty=level).tidy()["status"] == "act").sum()
        for level in (0.6, 0.8, 0.99)
    ]
    assert advised[0] >= advised[1] >= advised[2]
    assert advised[0] > advised[2]


def test_a_repr_shows_both_tables_and_no_clock(found):
    page = found._repr_html_()
    assert "n_abstain" in page
    assert page == found._repr_html_()


def test_pictures_show_the_gains_of_a_practice_and_the_advice_to_all(found):
    axes = found.plot("0").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == rows(found).sort_values("gain").index.tolist()
    drawn = np.asarray(axes.lines[0].get_xdata(), dtype=float)
    np.testing.assert_allclose(drawn, rows(found)["gain"].sort_values())
    everybody = found.plot().axes[0]
    widths = sum(patch.get_width() for patch in everybody.patches)
    assert widths == pytest.approx(4), "the shares of each touchpoint add up to 1"
    with pytest.raises(AnalysisError, match="nowhere"):
        found.plot("nowhere")


def test_not_among_the_first_is_said_as_surely_as_it_is():
    """Ten touchpoints, so that some are kept for want of rank and not of gain."""
    answers, practice = linear_study(n=1500, practices=15, slopes=[0.02] * 10, practice_sd=6)
    found = estimate_priorities(as_responses(plain_journey([f"t{i}" for i in range(10)]), answers, practice))
    kept = found.tidy().query("status == 'keep'")
    never, perhaps = kept.query("reason_code == 'not_first'"), kept.query("reason_code == 'probably_not_first'")
    assert len(never)
    assert len(perhaps)
    assert never["p_top3"].max() < 0.05 <= perhaps["p_top3"].min()
    assert perhaps["note"].str.startswith("Probably not").all()


def test_a_gain_too_small_to_matter_is_not_advised(responses):
    loose, strict = (
        estimate_priorities(responses, n_bootstrap=200, smallest_gain=level).tidy() for level in (0.0, 0.3)
    )
    assert (loose["status"] == "act").sum() > (strict["status"] == "act").sum()
    assert (strict.loc[strict["status"] == "act", "gain"] > 0.3).all()
    assert (strict["p_top3"] <= loose["p_top3"] + 1e-12).all()
    pd.testing.assert_series_equal(strict["p_rank3"], loose["p_rank3"])
    small_p = strict.query("gain < 0.1 and status == 'keep' and effect > 0")
    assert small_p["p_rank3"].max() > 0.5, "one of few touchpoints is soon among the first three"
    assert small_p["p_top3"].max() < 0.2, "but hardly with a gain worth having"
    small = strict.query("0 < gain < 0.2 and status == 'keep'")
    assert (small["reason_code"] == "small_gain").all()
    assert len(small) > 0


def test_ideas_come_from_the_journey_in_order_of_rank(treatment, simulation):
    codes = {placed.id: list(placed.scale.not_applicable) for placed in treatment.items}
    table = simulation.answers.with_columns(
        *(pl.col(name).is_in(found).fill_null(value=False).alias(f"na:{name}") for name, found in codes.items()),
        *(
            pl.when(pl.col(name).is_in(found)).then(None).otherwise(pl.col(name)).alias(name)
            for name, found in codes.items()
        ),
        pl.lit(value=True).alias("simulated"),
    )
    sample = Responses(treatment, table, pl.DataFrame(), {})
    result = estimate_priorities(sample, n_bootstrap=200)
    acting = result.tidy().query("status in ['act', 'undecided'] and rank <= 3")
    practice = str(acting["practice_id"].iloc[0])
    ideas = result.ideas(practice)
    expected = acting[acting["practice_id"] == practice].sort_values("rank")["touchpoint"].tolist()
    assert list(dict.fromkeys(ideas["touchpoint"])) == expected
    first = treatment.touchpoint(expected[0]).ideas[0]
    assert ideas["idea"].iloc[0] == first.id
    assert ideas["title_nl"].iloc[0] == first.title["nl"]
    with pytest.raises(AnalysisError, match="no practice 'nowhere'"):
        result.ideas("nowhere")


# --- what if ----------------------------------------------------------------------------------------------------


def test_what_if_is_effect_times_change(found):
    frame = found.what_if({"t0": 10, "t1": -5}).tidy()
    effect = rows(found)["effect"]
    np.testing.assert_allclose(frame["estimate"], 10 * effect["t0"] - 5 * effect["t1"])
    assert len(frame) == 12
    assert (frame["ci_low"] < frame["estimate"]).all()
    assert (frame["estimate"] < frame["ci_high"]).all()
    assert found.what_if({"t0": 10}, "3").tidy()["practice_id"].tolist() == ["3"]
    assert "t0 +10" in found.what_if({"t0": 10}).glance()["changes"].iloc[0]


def test_what_if_stops_at_100(found):
    best = rows(found).loc["t0", "performance"]
    most = found.what_if({"t0": 90}, "0").tidy()["estimate"].iloc[0]
    assert most == pytest.approx((100 - best) * rows(found).loc["t0", "effect"])


@given(st.floats(0, 60), st.floats(0, 60))
def test_what_if_is_monotone_and_nothing_changes_nothing(found, one, other):
    low, high = sorted([one, other])
    gains = [found.what_if({"t0": points}, "1").tidy()["estimate"].iloc[0] for points in (0.0, low, high)]
    assert gains[0] == 0
    assert all(first <= second + 1e-12 for first, second in pairwise(gains))


@pytest.mark.parametrize(("changes", "message"), [({"nowhere": 5}, "nowhere"), ({"t0": np.nan}, "finite")])
def test_what_if_refuses_what_it_does_not_know(found, changes, message):
    with pytest.raises(AnalysisError, match=message):
        found.what_if(changes)


# --- kernels ----------------------------------------------------------------------------------------------------

FINITE = {"allow_nan": False, "allow_infinity": False}


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 8)), elements=st.floats(-10, 10, **FINITE)))
def test_ranks_are_a_permutation_that_follows_the_values(values):
    ranks = rank_within(values)
    assert (np.sort(ranks, axis=-1) == np.arange(1, values.shape[-1] + 1)).all()
    ordered = np.take_along_axis(values, np.argsort(ranks, axis=-1), axis=-1)
    assert (np.diff(ordered, axis=-1) <= 0).all()


@given(st.floats(-1, 1, **FINITE), st.floats(-100, 100, **FINITE), st.floats(0, 1, **FINITE))
def test_no_gain_at_or_above_the_target(effect, gap, met):
    gain = float(gain_of(effect, gap, met))
    assert gain == (effect * gap * met if gap > 0 else 0)


def draws_of(seed: int, p: int, practices: int = 3, draws: int = 60) -> tuple[GainDraws, GainDraws]:
    rng = np.random.default_rng(seed)
    effect = rng.normal(0.03, 0.03, (1, p))
    performance = rng.normal(70, 8, (1, practices, p))
    point = GainDraws(effect, np.full((1, p), 75.0), performance, rng.uniform(0.3, 1, (1, practices, p)))
    noise = rng.standard_normal((draws, practices, p))
    made = replace(
        point,
        effect=effect + 0.01 * rng.standard_normal((draws, p)),
        target=np.full((draws, p), 75.0),
        performance=performance + 3 * noise,
    )
    return made, point


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_chances_add_up_and_rank_intervals_hold_the_median_rank(seed, p):
    draws, point = draws_of(seed, p)
    ranked = np.random.default_rng(seed).random((3, p)) < 0.8
    found = rank_gains(draws, point, ranked, 0.95)
    counts = ranked.sum(axis=1)
    np.testing.assert_allclose(np.nansum(found.p_top, axis=1), np.minimum(counts, 3), atol=1e-9)
    assert (np.isnan(found.rank) == ~ranked).all()
    assert (found.rank_low <= found.rank_high)[ranked].all()
    assert (found.p_act <= found.p_top + 1e-12)[ranked].all()
    assert np.nanmax(found.rank_high, initial=0) <= counts.max()


@given(st.integers(0, 10_000), st.floats(0.1, 50))
def test_ranks_do_not_depend_on_the_unit_of_the_outcome(seed, factor):
    draws, point = draws_of(seed, 5)
    ranked = np.ones((3, 5), dtype=bool)
    other = rank_gains(
        replace(draws, effect=draws.effect * factor), replace(point, effect=point.effect * factor), ranked, 0.95
    )
    found = rank_gains(draws, point, ranked, 0.95)
    np.testing.assert_array_equal(other.rank, found.rank)
    np.testing.assert_allclose(other.p_top, found.p_top, atol=0.02)


@given(st.integers(0, 10_000))
def test_wider_confidence_wider_intervals(seed):
    draws, _ = draws_of(seed, 4)
    inner, outer = gain_intervals(draws, 0.8), gain_intervals(draws, 0.95)
    assert (outer[0] <= inner[0] + 1e-12).all()
    assert (inner[1] <= outer[1] + 1e-12).all()
