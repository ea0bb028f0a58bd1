"""Whole touchpoints that a form did not ask: found by day or practice, kept apart, and asked to be confirmed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pxanalysis.cli.command import app
from pxanalysis.journey import Journey
from pxanalysis.journey.reading import read_journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study
from pxanalysis.survey.form_changes import ask_about_changes, find_touchpoint_gaps
from pxanalysis.survey.form_versions import FORM
from pxanalysis.survey.policy import NOT_APPLICABLE_PREFIX
from pxanalysis.survey.scores import find_unmet

CHANGED = date(2025, 7, 1)
BEFORE = pl.col("completed_on") < CHANGED
TODAY = date(2026, 11, 28)


def without(answers: pl.DataFrame, journey: Journey, touchpoint: str, rows: pl.Expr) -> pl.DataFrame:
    names = [item.id for item in journey.touchpoint(touchpoint).items]
    flags = [NOT_APPLICABLE_PREFIX + name for name in names if NOT_APPLICABLE_PREFIX + name in answers.columns]
    return answers.with_columns(pl.when(rows).then(None).otherwise(name).alias(name) for name in [*names, *flags])


@pytest.fixture(scope="module")
def answers(treatment: Journey) -> pl.DataFrame:
    return simulate_survey(treatment, practices=5, responses=60, seed=21).answers


@pytest.mark.parametrize("touchpoint", ["waiting_room", "anaesthesia"])
@pytest.mark.parametrize("came", [True, False])
def test_a_contact_that_came_or_went_is_found(
    touchpoint: str, came: bool, answers: pl.DataFrame, treatment: Journey
) -> None:
    table = without(answers, treatment, touchpoint, BEFORE if came else ~BEFORE)
    (gap,) = find_touchpoint_gaps(table, treatment)
    assert (gap.touchpoint, gap.came) == (touchpoint, came)
    assert gap.changed_on is not None
    assert abs((gap.changed_on - CHANGED).days) < 21, "the first answer from then on"
    assert f"changed_on = [{gap.changed_on}]" in ask_about_changes((gap,))[0]


def test_a_contact_that_one_practice_did_not_ask(answers: pl.DataFrame, treatment: Journey) -> None:
    first = answers["practice_id"].min()
    (gap,) = find_touchpoint_gaps(
        without(answers, treatment, "waiting_room", pl.col("practice_id") == first), treatment
    )
    assert (gap.touchpoint, gap.practices) == ("waiting_room", (first,))
    assert "one_form = false" in ask_about_changes((gap,))[0]


@pytest.mark.parametrize("name", ["dental-treatment", "hospital-stay", "physiotherapy", "cataract-surgery"])
def test_nothing_is_found_where_all_were_asked_the_same(name: str) -> None:
    journey = read_journey(name)
    for seed in range(3):
        table = simulate_survey(journey, practices=6, responses=40, seed=seed).answers
        assert find_touchpoint_gaps(table, journey) == ()


def study_of(folder: Path, table: pl.DataFrame) -> Study:
    study = init_study(folder / "study", "dental-treatment")
    table.write_csv(study.raw_folder / "export.csv")
    return study


def set_forms(study: Study, line: str) -> Study:
    path = study.root / "study.toml"
    path.write_text(path.read_text().replace("[analysis]", line if "[forms]" in line else f"[analysis]\n{line}", 1))
    return Study(study.root)


def test_who_was_not_asked_is_not_said_to_have_met_nothing(
    answers: pl.DataFrame, treatment: Journey, tmp_path: Path
) -> None:
    """Until study.toml answers it is asked, and blanks from before are "not known"; then as it says."""
    study = study_of(tmp_path, without(answers, treatment, "anaesthesia", BEFORE))
    study.ingest(today=TODAY)
    (question,) = study.questions
    assert "'anaesthesia'" in question
    found = study.responses
    assert found.table[FORM].n_unique() == 2
    before = found.table.select(pl.col("completed_on") < CHANGED).to_series().to_numpy()
    assert not find_unmet(found)["anaesthesia"][before].any()
    day = question.split("changed_on = ")[1].split(";")[0]
    confirmed = set_forms(study, f"[forms]\nchanged_on = {day}\n[analysis]")
    confirmed.ingest(today=TODAY)
    assert confirmed.questions == []
    assert not find_unmet(confirmed.responses)["anaesthesia"][before].any()


def test_one_form_is_believed(answers: pl.DataFrame, treatment: Journey, tmp_path: Path) -> None:
    study = set_forms(study_of(tmp_path, without(answers, treatment, "anaesthesia", BEFORE)), "one_form = true")
    study.ingest(today=TODAY)
    assert study.questions == []
    assert FORM not in study.responses.table.columns


def test_check_asks_too(answers: pl.DataFrame, treatment: Journey, tmp_path: Path) -> None:
    study = study_of(tmp_path, without(answers, treatment, "waiting_room", BEFORE))
    result = CliRunner().invoke(app, ["check", "--study", str(study.root), "--json"])
    assert result.exit_code == 4
    (question,) = json.loads(result.stdout)["asked"]
    assert "'waiting_room'" in question
