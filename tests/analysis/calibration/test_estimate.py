"""A small calibration study: what the intervals, probabilities and advice promise is what simulated truth gives.

The full study is benchmarks/calibration.py; its tolerances here are three standard errors of 20 studies.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pxanalysis.analysis.calibration.estimate import CalibrationResult, calibrate_priorities
from pxanalysis.analysis.calibration.truth import draw_study, make_settings
from pxanalysis.simulation.study import SimulationDesign
from pxanalysis.survey.scores import score_responses


@pytest.fixture(scope="module")
def calibrated(treatment) -> CalibrationResult:
    return calibrate_priorities(treatment, studies=20, settings=4, practices=20, n_bootstrap=200, seed=11)


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["beta", "importance", "effect", "performance", "gain", "gain_below_target"])
def test_intervals_hold_the_truth_as_often_as_they_say(calibrated, quantity):
    coverage = calibrated.tidy().set_index("term").loc[quantity]
    assert coverage["estimate"] == pytest.approx(0.95, abs=0.02 + 3 * coverage["std_error"])
    assert coverage["too_low"] + coverage["too_high"] == pytest.approx(1 - coverage["estimate"])


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["beta", "importance", "effect", "performance"])
def test_estimates_are_not_biased(calibrated, quantity):
    bias = calibrated.tidy().set_index("term").loc[quantity, "bias"]
    assert abs(bias) < 0.1


@pytest.mark.slow
def test_chances_of_the_first_three_come_true_as_often_as_they_say(calibrated):
    table = calibrated.probabilities(bins=5)
    assert table["n"].sum() == len(calibrated.cells)
    assert (table["difference"].abs() < 0.05 + 3 * np.sqrt(0.25 / table["n"])).all()


@pytest.mark.slow
def test_what_is_named_first_is_truly_among_the_best_three(calibrated):
    whole = calibrated.advice().iloc[-1]
    assert whole["practices"] == 400
    assert whole["first_right"] >= 0.90
    assert whole["acts"] + whole["abstains"] + whole["keeps"] == pytest.approx(1)
    by_size = calibrated.advice().iloc[:-1]
    assert by_size["abstains"].iloc[0] > by_size["abstains"].iloc[-1], "small practices abstain more often"
    assert calibrated.glance()["studies"].iloc[0] == 20


@pytest.mark.slow
def test_true_mean_scores_are_those_of_many_patients(treatment):
    """The curve of mean scores against a draw of 40,000 patients of two practices; 0.35 is three standard errors."""
    rng = np.random.default_rng(3)
    setting = make_settings(treatment, 1, SimulationDesign(), rng)[0]
    responses, means = draw_study(setting, np.array([20_000, 20_000]), rng)
    scores = score_responses(responses)
    observed = scores.groupby(responses.practice_ids).mean().to_numpy()
    np.testing.assert_allclose(means, observed, atol=0.45)
    assert setting.importance.sum() == pytest.approx(0.5, abs=0.25)
    assert setting.met.tolist() == [0.6 if touchpoint.optional else 1.0 for touchpoint in treatment.touchpoints]


@pytest.mark.slow
def test_progress_is_told_and_the_seed_decides(treatment):
    told: list[int] = []
    options = {"studies": 2, "settings": 1, "practices": 6, "n_bootstrap": 60, "seed": 5}
    one = calibrate_priorities(treatment, progress=told.append, **options)
    other = calibrate_priorities(treatment, **options)
    assert told == [1, 2]
    pd.testing.assert_frame_equal(one.cells, other.cells)
