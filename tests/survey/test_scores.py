"""Scores on 0-100: direction, halves answered, and their algebra."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pxanalysis.errors import AnalysisError
from pxanalysis.journey import Journey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.scores import mean_of_answered, rescale, score_items, score_responses
from pxanalysis.survey.simulate import Simulation

answers = hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(1, 5).map(float))


@given(answers)
def test_reverse_coding_is_its_own_inverse(values: np.ndarray) -> None:
    mirrored = 6 - values
    np.testing.assert_allclose(rescale(mirrored, 1, 5, reverse=True), rescale(values, 1, 5))


@given(answers, st.booleans())
def test_scores_lie_within_0_and_100_and_keep_order(values: np.ndarray, reverse: bool) -> None:
    scores = rescale(values, 1, 5, reverse=reverse)
    assert scores.min() >= 0
    assert scores.max() <= 100
    steps = np.diff(scores[np.argsort(values)])
    assert (steps <= 0).all() if reverse else (steps >= 0).all()


@given(hnp.arrays(np.float64, (8, 4), elements=st.one_of(st.just(np.nan), st.floats(0, 100))))
def test_mean_of_answered_is_the_mean_of_what_was_answered(scores: np.ndarray) -> None:
    found = mean_of_answered(scores, 0.5)
    for row, value in zip(scores, found, strict=True):
        answered = row[np.isfinite(row)]
        if answered.size >= 2:
            assert value == pytest.approx(answered.mean())
        else:
            assert np.isnan(value)


def test_half_of_three_items_is_two() -> None:
    found = mean_of_answered(np.array([[100.0, np.nan, np.nan], [100.0, 0.0, np.nan]]), 0.5)
    assert np.isnan(found[0])
    assert found[1] == 50.0


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5])
def test_a_share_that_makes_no_sense_is_refused(share: float) -> None:
    with pytest.raises(AnalysisError, match="min_share"):
        mean_of_answered(np.ones((2, 2)), share)


def test_touchpoint_is_the_mean_of_its_items_in_journey_order(
    treatment: Journey, simulation: Simulation, tmp_path
) -> None:
    simulation.answers.write_csv(tmp_path / "a.csv")
    responses = read_survey(tmp_path / "a.csv", journey=treatment)
    items, touchpoints = score_items(responses), score_responses(responses)
    assert list(touchpoints.columns) == [touchpoint.id for touchpoint in treatment.touchpoints]
    waiting = items[["waiting_short", "waiting_informed", "waiting_unpleasant"]]
    complete = waiting.notna().all(axis=1)
    np.testing.assert_allclose(touchpoints["waiting_room"][complete], waiting[complete].mean(axis=1))
    # waiting_unpleasant is worded the other way round: 1 ("did not make me uneasy") is the best answer
    raw = responses.items["waiting_unpleasant"]
    assert set(items["waiting_unpleasant"][raw == 1]) == {100.0}
    # a patient without anaesthesia has no anaesthesia score, by design
    unmet = responses.not_applicable[["anaesthesia_explained", "anaesthesia_gentle", "anaesthesia_worked"]].all(axis=1)
    assert unmet.any()
    assert touchpoints["anaesthesia"][unmet].isna().all()
    steps = score_responses(responses, "step")
    assert list(steps.columns) == [step.id for step in treatment.steps]
