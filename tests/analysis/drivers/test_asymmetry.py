"""Penalty-reward contrasts against statsmodels, and against simulated must-be and attractive touchpoints."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from driver_data import as_responses, plain_journey

from pxanalysis.analysis.drivers.asymmetry import AsymmetryResult, estimate_asymmetry
from pxanalysis.analysis.drivers.design import build_design
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.survey.responses import Responses

NAMES = ["basic", "linear", "delight", "nothing"]


def asymmetry_of(responses: Responses, **options: object) -> AsymmetryResult:
    """What ``fit_drivers(responses).asymmetry(...)`` gives, without the fit."""
    return estimate_asymmetry(build_design(responses), **options)


def kano_answers(n: int = 4000, practices: int = 50, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Below 50 ``basic`` costs and above it nothing is won; ``delight`` the other way round; ``linear`` both."""
    rng = np.random.default_rng(seed)
    practice = np.arange(n) % practices
    scores = np.clip(60 + 10 * rng.standard_normal((n, 1)) + 20 * rng.standard_normal((n, 4)), 0, 100)
    basic, linear, delight = scores[:, 0], scores[:, 1], scores[:, 2]
    ktv = 7 - 0.05 * np.clip(60 - basic, 0, None) + 0.02 * linear + 0.05 * np.clip(delight - 60, 0, None)
    ktv += 0.8 * rng.standard_normal(n) + 0.2 * rng.standard_normal(practices)[practice]
    return pd.DataFrame(scores, columns=[f"{name}_item" for name in NAMES]).assign(ktv=ktv), practice


def responses_of(answers: pd.DataFrame, practice: np.ndarray, **options):
    return as_responses(plain_journey(NAMES), answers, practice, **options)


@pytest.mark.parametrize("cuts", [(50.0, 70.0), None])
def test_each_touchpoint_gets_its_kano_class(cuts: tuple[float, float] | None) -> None:
    table = asymmetry_of(responses_of(*kano_answers()), cuts=cuts).terms.set_index("touchpoint")
    assert table["kano"].to_dict() == {
        "basic": "must-be",
        "linear": "performance",
        "delight": "attractive",
        "nothing": "indifferent",
    }
    assert table.loc["linear", "penalty_slope"] == pytest.approx(0.2, abs=0.05)
    assert table.loc["linear", "reward_slope"] == pytest.approx(0.2, abs=0.05)
    assert (table["penalty_low"] < table["penalty"]).all()
    assert (table["reward"] < table["reward_high"]).all()
    assert table.loc["basic", "penalty"] < 0 < table.loc["delight", "reward"]


def test_contrasts_equal_dummy_regression_in_statsmodels() -> None:
    answers, practice = kano_answers(n=1500)
    found = asymmetry_of(responses_of(answers, practice), cuts=(50, 70))
    scores = answers[[f"{name}_item" for name in NAMES]].to_numpy()
    below, above = np.clip(50 - scores, 0, None), np.clip(scores - 70, 0, None)
    table = found.terms
    for j in range(4):
        low, high = scores[:, j] < 50, scores[:, j] >= 70
        others = [part[:, [k for k in range(4) if k != j]] for part in (scores, below, above)]
        design = sm.add_constant(np.column_stack([low, high, *others]).astype(float))
        theirs = sm.OLS(answers["ktv"], design).fit(cov_type="cluster", cov_kwds={"groups": practice}, use_t=True)
        assert table.loc[j, "penalty"] == pytest.approx(theirs.params.iloc[1], rel=1e-8)
        assert table.loc[j, "reward_low"] == pytest.approx(theirs.conf_int().iloc[2, 0], rel=1e-7)
        means = [scores[band, j].mean() for band in (low, ~low & ~high, high)]
        contrast = np.zeros(design.shape[1])
        contrast[1:3] = -10 / (means[1] - means[0]), -10 / (means[2] - means[1])
        test = theirs.t_test(contrast)
        assert table.loc[j, "asymmetry"] == pytest.approx(test.effect[0], rel=1e-7)
        assert table.loc[j, "p_value"] == pytest.approx(float(test.pvalue), rel=1e-5)
    ordered = np.sort(table["p_value"])
    holm = np.minimum(np.maximum.accumulate(ordered * [4, 3, 2, 1]), 1)
    np.testing.assert_allclose(np.sort(table["p_holm"]), holm, rtol=1e-9)
    assert found.errors == "CR1"


def test_somebody_without_a_score_stays_in_the_rest() -> None:
    """Whoever did not meet ``basic`` (with an effect of its own) still informs the others, and basic stays must-be."""
    answers, practice = kano_answers()
    met = np.random.default_rng(2).random(len(answers)) < 0.6
    answers["basic_item"] = answers["basic_item"].where(met)
    answers["ktv"] += np.where(met, 0, -1.5)
    responses = responses_of(answers, practice, met=pd.DataFrame({"basic_item": met}))
    found = asymmetry_of(responses, cuts=(50, 70))
    table = found.terms.set_index("touchpoint")
    assert found.n_obs == len(answers)
    assert table.loc["basic", "n"] == met.sum()
    assert table.loc["basic", "kano"] == "must-be"
    assert table.loc["linear", "penalty_slope"] == pytest.approx(0.2, abs=0.05)


def test_too_few_bad_scores_carry_the_reason_and_the_others_stand() -> None:
    answers, practice = kano_answers()
    answers["basic_item"] = answers["basic_item"].clip(lower=52)
    answers["delight_item"] = np.nan
    table = asymmetry_of(responses_of(answers, practice), cuts=(50, 70)).terms.set_index("touchpoint")
    assert table.index.tolist() == NAMES
    assert table.loc["basic", "reason"] == "0 people had a bad score; at least 10 are needed"
    assert table.loc["delight", "reason"] == "nobody who gave the outcome answered it"
    assert table.loc[["basic", "delight"], "penalty"].isna().all()
    assert table.loc[["basic", "delight"], "kano"].eq("").all()
    assert table.loc["linear", "kano"] == "performance"


def test_no_contrast_at_all_is_a_table_of_reasons() -> None:
    answers, practice = kano_answers(n=300)
    answers[[f"{name}_item" for name in NAMES]] /= 4
    table = asymmetry_of(responses_of(answers, practice)).terms
    assert table["penalty"].isna().all()
    assert (table["reason"] != "").all()


@pytest.mark.slow
def test_a_ceiling_in_the_outcome_is_pointed_out() -> None:
    answers, practice = kano_answers()
    found = asymmetry_of(responses_of(answers.assign(ktv=answers["ktv"].clip(upper=8)), practice))
    assert "gave the highest answer" in found.notes[0]
    assert "highest answer" in found.glance().loc[0, "notes"]
    assert asymmetry_of(responses_of(answers, practice)).notes == ()


@pytest.mark.slow
def test_interval_of_the_asymmetry_covers_a_true_zero() -> None:
    """80 studies with a linear effect: 95 % intervals should miss zero about 4 times, at most 10."""
    missed = 0
    for seed in range(80):
        table = asymmetry_of(responses_of(*kano_answers(n=500, seed=seed)), cuts=(50, 70)).terms
        row = table.set_index("touchpoint").loc["linear"]
        missed += not row["asymmetry_low"] <= 0 <= row["asymmetry_high"]
    assert missed <= 10


@pytest.mark.parametrize("cuts", [(90.0, 50.0), (0.0, 50.0), (50.0, 120.0)])
def test_cuts_have_to_make_sense(cuts: tuple[float, float]) -> None:
    with pytest.raises(AnalysisError, match="cuts: expected two increasing scores"):
        asymmetry_of(responses_of(*kano_answers(n=200)), cuts=cuts)


def test_constant_outcome_is_refused() -> None:
    answers, practice = kano_answers(n=200)
    with pytest.raises(NotEstimableError, match="constant"):
        asymmetry_of(responses_of(answers.assign(ktv=9.0), practice))
