"""Emotion as seen beside emotion as answered: the scores are those of the reports, and nobody can be worked out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.observations import Observations
from pxanalysis.analysis.observations.measuring import ROLES_TOO_FEW, measure_touchpoints
from pxanalysis.analysis.observations.reading import read_shipped
from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.analysis.whole_study.touchpoints import tabulate_touchpoints
from pxanalysis.errors import AnalysisError, JourneyError
from pxanalysis.journey.experience_map.content import Measured
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import Responses


@pytest.fixture(scope="module")
def seen() -> Observations:
    return read_shipped("dental-checkup")


@pytest.fixture(scope="module")
def answers(seen: Observations, tmp_path_factory: pytest.TempPathFactory) -> Responses:
    folder = tmp_path_factory.mktemp("answers")
    simulate_survey(seen.journey, practices=5, responses=(25, 45), seed=11).write(folder)
    return read_survey(folder / "simulated.csv", journey=seen.journey)


def with_roles(answers: Responses, parents: int) -> Responses:
    """The first so many answers of every practice are of parents, the others of patients."""
    rank = pl.int_range(pl.len()).over("practice_id")
    role = pl.when(rank < parents).then(pl.lit("parent")).otherwise(pl.lit("patient"))
    return replace(answers, table=answers.table.with_columns(role=role))


def test_scores_are_those_of_the_reports(answers: Responses) -> None:
    pooled = tabulate_touchpoints(answers, FitSettings()).query("practice_id == ''").set_index("touchpoint")
    measured = measure_touchpoints(answers)
    assert set(measured) == set(pooled.index)
    for name, one in measured.items():
        assert one.score == pytest.approx(pooled.loc[name, "mean"], rel=1e-12)
        assert one.feels == pytest.approx(pooled.loc[name, "feels"], rel=1e-12)
        assert (one.n, one.ci_low) == (pooled.loc[name, "n"], pytest.approx(pooled.loc[name, "ci_low"], rel=1e-12))


def test_roles_share_out_the_same_people(answers: Responses) -> None:
    split = with_roles(answers, 8)
    whole = measure_touchpoints(split)["reception"]
    parts = [measure_touchpoints(split, role=role)["reception"] for role in ("patient", "parent")]
    assert all(part.score is not None for part in parts)
    assert sum(part.n or 0 for part in parts) == whole.n
    together = sum((part.score or 0) * (part.n or 0) for part in parts) / (whole.n or 1)
    assert together == pytest.approx(whole.score, rel=1e-12)


def test_no_role_is_shown_that_tells_what_a_few_others_said(answers: Responses) -> None:
    split = with_roles(answers, 1)
    assert measure_touchpoints(split, role="parent")["reception"].reason == "fewer than 10 answers"
    patients = measure_touchpoints(split, role="patient")["reception"]
    assert (patients.score, patients.reason) == (None, ROLES_TOO_FEW)
    assert measure_touchpoints(split)["reception"].score is not None


def test_weights_count_as_in_the_reports(answers: Responses) -> None:
    heavy = pl.when(pl.int_range(pl.len()) % 3 == 0).then(3.0).otherwise(1.0)
    weighed = replace(answers, table=answers.table.with_columns(weight=heavy))
    rows = tabulate_touchpoints(weighed, FitSettings(weights="weight")).query("practice_id == ''")
    pooled = rows.set_index("touchpoint")
    measured = measure_touchpoints(weighed, weights="weight")
    for name, one in measured.items():
        assert one.score == pytest.approx(pooled.loc[name, "mean"], rel=1e-12)
        assert one.ci_low == pytest.approx(pooled.loc[name, "ci_low"], rel=1e-12)
    assert measured["reception"].score != measure_touchpoints(weighed)["reception"].score


def test_few_answers_give_no_score(answers: Responses, seen: Observations) -> None:
    few = answers.where(pl.int_range(pl.len()).over("practice_id") < 5)
    compared = seen.compare(few)
    assert set(compared.rows["verdict"]) == {"not_measured"}
    assert compared.rows["reason"].str.len().min() > 10
    assert "score: te weinig antwoorden" in seen.draw_experience_map("nl", measured=compared).as_text


def test_a_good_score_where_people_were_seen_afraid_is_said(seen: Observations) -> None:
    measured = {"waiting_room": Measured(84.0, 310, 80.0, 88.0), "leaving": Measured(65.0, 300)}
    compared = seen.compare(measured)
    rows = compared.rows.set_index("term")
    assert rows.loc["waiting_room", "verdict"] == "seen_lower"
    assert rows.loc["leaving", "verdict"] == "alike"
    assert rows.loc["reception", "verdict"] == "not_measured"
    (said,) = compared.sentences("en")
    assert said.startswith("Waiting room: the score is 84 (+1.4), but those who were observed felt −1 (2 of 3 below 0)")
    assert compared.sentences("nl")[0].startswith("Wachtkamer: de score is 84 (+1,4)")
    tidy = compared.tidy().set_index("term")
    assert tidy.loc["waiting_room", "estimate"] == pytest.approx(-1 - (84 - 50) / 25)
    assert np.isnan(tidy.loc["waiting_room", "std_error"])
    assert compared.glance().loc[0, "n_differ"] == 1


def test_of_one_role_both_sides_are_of_that_role(seen: Observations, answers: Responses) -> None:
    compared = seen.compare(with_roles(answers, 8), role="parent")
    row = compared.rows.set_index("term").loc["waiting_room"]
    assert (row["seen"], row["n_seen"], row["n_score"]) == (0.0, 1, 40)
    with pytest.raises(JourneyError, match="has no role 'nurse'"):
        seen.compare(answers, role="nurse")


def test_answers_on_another_journey_are_refused(seen: Observations, answers: Responses) -> None:
    with pytest.raises(AnalysisError, match="on journey 'dental-checkup'"):
        read_shipped("knee-first-steps").compare(answers)
    with pytest.raises(AnalysisError, match="expected Responses"):
        seen.compare(answers.table)  # type: ignore[arg-type]


def test_the_chart_has_a_curve_for_each_role_and_the_scores(seen: Observations) -> None:
    ax = seen.compare({"waiting_room": Measured(84.0, 310)}).plot(language="en")
    labels = ax.get_legend_handles_labels()[1]
    assert labels == ["seen: mean feeling, Patient", "seen: mean feeling, Parent of a patient", "score from answers"]
    felt = np.asarray(ax.lines[0].get_ydata(), dtype=float)
    assert felt[4] == -1.5
    assert np.asarray(ax.lines[2].get_ydata(), dtype=float)[4] == pytest.approx(1.36)


def test_what_is_made_up_is_said_in_the_title_and_the_file(seen: Observations, answers: Responses) -> None:
    compared = seen.compare(answers)
    drawing = seen.draw_experience_map("en", measured=compared)
    assert drawing.title.endswith("(invented observations, simulated answers)")
    assert drawing.title in drawing._repr_html_()
    assert '"invented":true' in seen.to_json().replace(" ", "")
    assert bool(compared.glance().loc[0, "simulated"])
    real = replace(seen, invented=False)
    assert real.draw_experience_map("en").title == "Experience map: A check-up at the dentist"
