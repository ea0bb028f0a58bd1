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
from pxanalysis.survey.reading import read_survey
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


def test_a_file_read_outside_a_study_says_so_too(
    answers: pl.DataFrame, treatment: Journey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = pl.col("completed_on") < CHANGED
    table = without(answers, treatment, "anaesthesia", BEFORE)
    table = table.with_columns(pl.when(old).then(None).otherwise("appointment_soon").alias("appointment_soon"))
    table.write_csv(tmp_path / "export.csv")
    found = read_survey(tmp_path / "export.csv", journey=treatment)
    assert found.uncommon_items == {"appointment_soon"}
    said = " ".join(caplog.messages)
    assert "'appointment_soon'" in said
    assert "nobody before" in said


def test_a_file_without_gaps_logs_nothing(
    answers: pl.DataFrame, treatment: Journey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers.write_csv(tmp_path / "export.csv")
    assert read_survey(tmp_path / "export.csv", journey=treatment).uncommon_items == frozenset()
    assert caplog.messages == []


def test_check_lists_every_column(answers: pl.DataFrame, tmp_path: Path) -> None:
    """Messages name the first dozen and where the whole list stands; the table and the JSON have it."""
    extra = [f"extra_{i:02d}" for i in range(60)]
    table = answers.with_columns(pl.lit("x").alias(name) for name in extra).drop(
        [name for name in answers.columns if name.startswith(("staff_", "costs_", "treatment_", "waiting_"))]
    )
    study = study_of(tmp_path, table)
    told = CliRunner().invoke(app, ["check", "--study", str(study.root)])
    assert all(name in told.stdout for name in extra)
    found = json.loads(CliRunner().invoke(app, ["check", "--study", str(study.root), "--json"]).stdout)["files"][0]
    assert found["left_out"] == extra
    assert "costs_fair" in found["absent"]
    assert len(found["header"]) == len(table.columns)
    assert any("and 48 more ('pxanalysis check' lists them all)" in note for note in found["notes"])


def test_check_lists_the_columns_of_a_file_that_cannot_be_used(tmp_path: Path) -> None:
    study = study_of(tmp_path, pl.DataFrame({f"q{i}": [1, 2] for i in range(80)}))
    result = CliRunner().invoke(app, ["check", "--study", str(study.root)])
    assert result.exit_code == 4
    assert "q79" in result.stdout
    assert "appointment_easy" in result.stdout
