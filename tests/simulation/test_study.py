"""The simulation is what it says: repeatable, near the ceiling, with planned missingness and the stated drivers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pxanalysis.errors import AnalysisError
from pxanalysis.journey import Journey, list_catalogue, read_journey
from pxanalysis.simulation.study import SimulationDesign, simulate_survey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.scores import score_responses


@pytest.mark.parametrize("name", list_catalogue())
def test_every_journey_of_the_catalogue_can_be_simulated_and_passes_its_own_checks(name: str, tmp_path: Path) -> None:
    journey = read_journey(name)
    simulate_survey(journey, practices=3, responses=30, seed=2).write(tmp_path)
    responses = read_survey(tmp_path / "simulated.csv", journey=journey)
    assert responses.n == 90
    assert responses.rejected.height == 0
    assert responses.simulated


def test_the_same_seed_makes_the_same_study(treatment: Journey) -> None:
    one, two = (simulate_survey(treatment, practices=4, responses=(10, 50), seed=9) for _ in range(2))
    assert one.answers.equals(two.answers)
    assert not one.answers.equals(simulate_survey(treatment, practices=4, responses=(10, 50), seed=10).answers)


def test_answers_look_like_dental_answers(treatment: Journey) -> None:
    answers = simulate_survey(treatment, practices=40, responses=200, seed=1).answers
    assert 8.0 < answers["ktv"].mean() < 9.0
    assert (answers["ktv"] >= 9).mean() > 0.4
    days = answers["completed_on"]
    assert date(2024, 12, 1) < days.min() < days.max() <= date(2026, 6, 30)
    assert 0.3 < (answers["anaesthesia_worked"] == 9).mean() < 0.5
    # whether somebody came back within a year is not known of the last year
    assert answers.filter(pl.col("completed_on") > date(2025, 7, 1))["returned"].null_count() > 0
    assert set(answers.filter(pl.col("completed_on") > date(2025, 7, 1))["returned"].unique()) == {None}
    assert answers["comment"].null_count() > 0


def test_the_stated_driver_is_the_driver(treatment: Journey, tmp_path: Path) -> None:
    design = SimulationDesign(weights={"costs": 0.7, "staff": 0.3})
    study = simulate_survey(treatment, practices=30, responses=200, seed=4, design=design)
    study.write(tmp_path)
    responses = read_survey(tmp_path / "simulated.csv", journey=treatment)
    scores = score_responses(responses)[["appointment", "staff", "waiting_room", "treatment", "costs"]]
    complete = scores.notna().all(axis=1) & responses.numbers(["ktv"])["ktv"].notna()
    design_matrix = np.column_stack([np.ones(complete.sum()), scores[complete]])
    beta, *_ = np.linalg.lstsq(design_matrix, responses.numbers(["ktv"])["ktv"][complete], rcond=None)
    order = scores.columns[np.argsort(-beta[1:])]
    assert list(order[:2]) == ["costs", "staff"]
    truth = json.loads((tmp_path / "simulated_truth.json").read_text())
    assert truth["weights"]["costs"] == pytest.approx(0.7)
    assert truth["simulated"] is True


@pytest.mark.parametrize(
    ("practices", "responses"), [(0, 10), (3, 0), (3, (20, 10))], ids=["no practice", "nobody", "upside down"]
)
def test_numbers_that_make_no_sense_are_refused(treatment: Journey, practices: int, responses: object) -> None:
    with pytest.raises(AnalysisError, match="expected at least 1 practice"):
        simulate_survey(treatment, practices=practices, responses=responses)


def test_an_unknown_weight_is_named(treatment: Journey) -> None:
    with pytest.raises(AnalysisError, match="no touchpoint 'parking'"):
        simulate_survey(treatment, design=SimulationDesign(weights={"parking": 1.0}))
