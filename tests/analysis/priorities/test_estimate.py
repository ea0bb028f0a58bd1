"""Tests of: Where a practice wins most satisfaction: effect of a touchpoint x room for improvement, with its
uncertainty.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from driver_data import as_responses, linear_study, plain_journey
from priorities_data import DRIVERS, alike, found, responses, rows, study  # noqa: F401

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.priorities import estimate_priorities
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey import Journey
from pxanalysis.survey.responses import Responses


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


def test_abstains_with_the_responses_still_needed(alike):
    result = estimate_priorities(alike, n_bootstrap=300)
    frame = result.frame
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
    assert np.isnan(result.what_if({"t0": 5}, "3").frame["estimate"].iloc[0])


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
    frame = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=200).frame
    negative = frame[frame["touchpoint"] == "t3"]
    assert (negative["effect"] < 0).all()
    assert (negative["gain"] <= 0).all()
    assert (negative["gain"] < 0).any()
    assert (negative["status"] == "keep").all()
    assert (negative["rank"] == 4).all()
    assert (negative["reason_code"] == "negative_effect").all()
    assert negative["note"].str.contains("not advised").all()
    assert (negative["importance"] > 0).all()


@pytest.mark.slow
def test_an_effect_below_zero_that_can_be_chance_is_not_called_negative():
    """Without any effect about half of the estimates are below zero, and 2.5 % have their whole interval there."""
    codes = []
    for seed in range(12):
        journey, answers, practice = study(600, slopes=(0.06, 0.04, 0.02, 0.0), seed=seed)
        frame = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=100).frame
        none = frame[(frame["touchpoint"] == "t3") & (frame["effect"] <= 0)]
        assert ((none["effect_high"] < 0) == (none["reason_code"] == "negative_effect")).all()
        codes += none["reason_code"].unique().tolist()
    assert codes.count("no_effect") > codes.count("negative_effect")


def test_a_driver_that_nobody_answered_has_a_row_with_the_reason():
    journey, answers, practice = study()
    answers["t2_item"] = np.nan
    result = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=100)
    left_out = result.frame.query("touchpoint == 't2'")
    assert len(left_out) == 12
    assert left_out["reason"].str.contains("nobody").all()
    assert left_out["gain"].isna().all()
    with pytest.raises(AnalysisError, match="not in the model: nobody"):
        result.what_if({"t2": 5})


def test_one_respondent_per_practice_shows_nothing():
    journey, answers, _ = study(200)
    result = estimate_priorities(as_responses(journey, answers, np.arange(200)), n_bootstrap=100)
    assert result.frame["suppressed"].all()
    assert result.glance()["n_suppressed"].iloc[0] == 200


def test_without_a_recommendation_there_is_no_gain_in_nps():
    journey, answers, practice = study(600)
    content = journey.model_dump(mode="json")
    content["outcomes"] = [outcome for outcome in content["outcomes"] if outcome["kind"] != "nps"]
    result = estimate_priorities(
        as_responses(Journey.model_validate(content), answers.drop(columns="nps"), practice), n_bootstrap=100
    )
    assert result.frame["gain_nps"].isna().all()
    assert "no gain in NPS" in " ".join(map(str, result.notes))
    answers["nps"] = 9
    same = estimate_priorities(as_responses(journey, answers, practice), n_bootstrap=100)
    assert same.frame["gain_nps"].isna().all()
    assert "constant" in " ".join(map(str, same.notes))


def test_a_behaviour_is_won_in_proportions():
    journey, answers, practice = study(2000)
    chance = np.clip(0.05 + 0.012 * (answers["t0_item"] - 20), 0.05, 0.95)
    answers["returned"] = (np.random.default_rng(1).random(2000) < chance).astype(float)
    frame = estimate_priorities(as_responses(journey, answers, practice), outcome="returned", n_bootstrap=100).frame
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


def test_too_few_rows_for_the_drivers_say_so():
    journey, answers, practice = study(5)
    with pytest.raises(NotEstimableError):
        estimate_priorities(as_responses(journey, answers, practice))


def test_same_seed_same_answer_and_another_seed_nearly(responses, found):
    again = estimate_priorities(responses, n_bootstrap=400)
    pd.testing.assert_frame_equal(again.frame, found.frame)
    other = estimate_priorities(responses, n_bootstrap=400, seed=2).frame
    assert (other["p_top3"] - found.frame["p_top3"]).abs().max() < 0.15
    assert (other["gain_low"] - found.frame["gain_low"]).abs().max() > 0


def test_stated_targets_stand_beside_the_75th_percentile(responses, found):
    stated = estimate_priorities(responses, n_bootstrap=400, target={"t0": 75.0}).frame
    first = stated["touchpoint"] == "t0"
    assert (stated.loc[first, "target"] == 75).all()
    np.testing.assert_allclose(stated.loc[first, "gain"], stated.loc[first, "gain_stated"])
    np.testing.assert_allclose(stated["gain_p75"], found.frame["gain"])
    assert stated.loc[~first, "gain_stated"].isna().all()
    np.testing.assert_allclose(stated.loc[~first, "gain"], found.frame.loc[~first, "gain"])


def test_everything_at_target_is_kept(responses):
    frame = estimate_priorities(responses, n_bootstrap=100, target=0).frame
    assert (frame["gain"] == 0).all()
    assert (frame["gain_high"] == 0).all()
    assert (frame["status"] == "keep").all()
    assert (frame["reason_code"] == "at_target").all()


def test_higher_certainty_advises_less(responses):
    advised = [
        (estimate_priorities(responses, n_bootstrap=200, certainty=level).frame["status"] == "act").sum()
        for level in (0.6, 0.8, 0.99)
    ]
    assert advised[0] >= advised[1] >= advised[2]
    assert advised[0] > advised[2]


@pytest.mark.slow
def test_not_among_the_first_is_said_as_surely_as_it_is():
    """Ten touchpoints, so that some are kept for want of rank and not of gain."""
    answers, practice = linear_study(n=1500, practices=15, slopes=[0.02] * 10, practice_sd=6)
    found = estimate_priorities(as_responses(plain_journey([f"t{i}" for i in range(10)]), answers, practice))
    kept = found.frame.query("status == 'keep'")
    never, perhaps = kept.query("reason_code == 'not_first'"), kept.query("reason_code == 'probably_not_first'")
    assert len(never)
    assert len(perhaps)
    assert never["p_top3"].max() < 0.05 <= perhaps["p_top3"].min()
    assert perhaps["note"].str.startswith("Probably not").all()


def test_a_gain_too_small_to_matter_is_not_advised(responses):
    loose, strict = (estimate_priorities(responses, n_bootstrap=200, smallest_gain=level).frame for level in (0.0, 0.3))
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
    acting = result.frame.query("status in ['act', 'undecided'] and rank <= 3")
    practice = str(acting["practice_id"].iloc[0])
    ideas = result.ideas(practice)
    expected = acting[acting["practice_id"] == practice].sort_values("rank")["touchpoint"].tolist()
    assert list(dict.fromkeys(ideas["touchpoint"])) == expected
    first = treatment.touchpoint(expected[0]).ideas[0]
    assert ideas["idea"].iloc[0] == first.id
    assert ideas["title_nl"].iloc[0] == first.title["nl"]
    with pytest.raises(AnalysisError, match="no practice 'nowhere'"):
        result.ideas("nowhere")


def test_another_outcome_than_that_of_the_drivers_is_refused(responses):
    model = fit_drivers(responses, "nps", cross_validate=False)
    assert estimate_priorities(responses, model, n_bootstrap=100).outcome == "nps"
    with pytest.raises(AnalysisError, match="fitted to 'nps'"):
        estimate_priorities(responses, model, outcome="ktv")
