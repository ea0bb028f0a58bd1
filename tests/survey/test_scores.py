"""Scores on 0-100: direction, halves answered, and their algebra."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pxanalysis.errors import AnalysisError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import Simulation
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses
from pxanalysis.survey.scores import find_unmet, mean_of_answered, rescale, score_items, score_responses

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


def _optional_journey() -> Journey:
    """``must`` (2 items), ``asked`` (2 items with "not applicable") and the optional ``extra`` (2 items without)."""
    text = {"nl": "x", "en": "x"}

    def touchpoint(name: str, scale: str, *, optional: bool = False) -> dict:
        items = [{"id": f"{name}{i}", "text": text, "scale": scale} for i in (1, 2)]
        return {"id": name, "label": text, "optional": optional, "items": items}

    def step(name: str, *touchpoints: dict) -> dict:
        return {"id": name, "label": text, "sentence": text, "provider": "p", "touchpoints": list(touchpoints)}

    return Journey.model_validate(
        {
            "id": "test",
            "title": text,
            "description": text,
            "providers": [{"id": "p", "label": text}],
            "scales": {"plain": {"min": 1, "max": 5}, "declines": {"min": 1, "max": 5, "not_applicable": [9]}},
            "steps": [
                step("first", touchpoint("must", "plain")),
                step("later", touchpoint("asked", "declines"), touchpoint("extra", "plain", optional=True)),
            ],
            "outcomes": [{"id": "ktv", "kind": "ktv", "label": text, "text": text, "scale": "plain"}],
        }
    )


def test_not_met_is_declined_on_all_items_or_an_optional_blank_beside_other_answers() -> None:
    journey = _optional_journey()
    answers = {  # must, asked (0: not applicable), extra; None is blank
        "all answered": (4, 4, 4, 4, 4, 4),
        "declined": (4, 4, 0, 0, 4, 4),
        "declined one": (4, 4, 0, 4, 4, 4),
        "blank asked": (4, 4, None, None, 4, 4),
        "blank extra": (4, 4, 4, 4, None, None),
        "half extra": (4, 4, 4, 4, 4, None),
        "blank must": (None, None, 4, 4, 4, 4),
        "neither": (4, 4, 0, 0, None, None),
        "nothing at all": (None,) * 6,
    }
    columns = list(zip(*answers.values(), strict=True))
    table = pl.DataFrame({"response_id": list(answers), "practice_id": ["p"] * len(answers), "simulated": True})
    for placed, values in zip(journey.items, columns, strict=True):
        known = [None if value == 0 else value for value in values]
        table = table.with_columns(pl.Series(placed.id, known, dtype=pl.Int64))
        if placed.scale.not_applicable:
            table = table.with_columns(pl.Series(NOT_APPLICABLE_PREFIX + placed.id, [value == 0 for value in values]))
    responses = Responses(journey, table, pl.DataFrame(schema=REJECTED_COLUMNS), {})
    by_touchpoint = find_unmet(responses).set_axis(list(answers))
    assert not by_touchpoint["must"].any()
    assert by_touchpoint.index[by_touchpoint["asked"]].tolist() == ["declined", "neither"]
    assert by_touchpoint.index[by_touchpoint["extra"]].tolist() == ["blank extra", "neither"]
    by_step = find_unmet(responses, "step").set_axis(list(answers))
    assert by_step.index[by_step["later"]].tolist() == ["neither"]
    by_item = find_unmet(responses, "item").set_axis(list(answers))
    assert by_item.index[by_item["asked1"]].tolist() == ["declined", "declined one", "neither"]
    assert by_item.index[by_item["asked2"]].tolist() == ["declined", "neither"]
    assert by_item.index[by_item["extra2"]].tolist() == ["blank extra", "neither"]
