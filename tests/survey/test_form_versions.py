"""Versions of the questionnaire that a column or a day tells: what each asked, and how its columns are coded."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import StudyError, SurveyError
from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.study import Study, init_study, taking_in
from pxanalysis.survey.form_rule import FormRule, name_forms
from pxanalysis.survey.form_versions import find_uneven_items, list_versions
from pxanalysis.survey.reading import read_survey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses
from pxanalysis.survey.scores import find_unmet

CHANGED = date(2025, 5, 1)


@pytest.fixture(scope="module")
def answers(treatment: Journey) -> pl.DataFrame:
    """The old form lacks a question of one contact and the whole of another; its yes and no are 1 and 2."""
    table = simulate_survey(treatment, practices=5, responses=60, seed=21).answers
    old = pl.col("completed_on") < CHANGED
    waiting = [name for name in table.columns if name.startswith("waiting_")]
    return table.with_columns(
        pl.when(old).then(pl.lit("oud")).otherwise(pl.lit("nieuw")).alias("versie"),
        pl.when(old).then(None).otherwise("staff_privacy").alias("staff_privacy"),
        *(pl.when(old).then(None).otherwise(name).alias(name) for name in waiting),
        pl.when(old).then(2 - pl.col("returned")).otherwise("returned").alias("returned"),
    )


def study_of(answers: pl.DataFrame, folder: Path, forms: str) -> Study:
    study = init_study(folder / "study", "dental-treatment")
    answers.write_csv(study.raw_folder / "export.csv")
    with (study.root / "study.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[forms]\n{forms}\n")
    return Study(study.root)


@pytest.mark.parametrize(("forms", "old"), [('column = "versie"', "oud"), ("changed_on = [2025-05-01]", "1")])
def test_what_each_version_asked(
    forms: str, old: str, answers: pl.DataFrame, tmp_path: Path, treatment: Journey
) -> None:
    study = study_of(answers, tmp_path, f'{forms}\n[readings."form={old}"]\nreturned = "1=yes, 2=no"')
    study.ingest(today=date(2026, 11, 28))
    assert study.questions == []
    responses = study.responses
    versions = {version.name: version for version in list_versions(responses.table, treatment)}
    assert len(versions) == 2
    waiting = {"waiting_short", "waiting_informed", "waiting_unpleasant"}
    assert set(versions[old].not_asked) == {"staff_privacy", *waiting}
    assert versions[old].n == answers.filter(pl.col("completed_on") < CHANGED).height
    assert responses.uncommon_items == {"staff_privacy"}, "a contact that was not asked at all has no score to compare"
    truth = simulate_survey(treatment, practices=5, responses=60, seed=21).answers.sort("response_id")
    assert responses.table["returned"].to_list() == truth["returned"].to_list()


@pytest.mark.parametrize("forms", ['column = "versie"', "changed_on = [2025-05-01]", 'column = "elders"'])
def test_of_a_long_file_the_same_is_said_of_versions(
    forms: str, answers: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(answers, tmp_path, forms)
    held = study.check(today=date(2026, 11, 28))[0]
    monkeypatch.setattr(taking_in, "LONG", 0)
    found = study.check(today=date(2026, 11, 28))[0]
    assert found.table is None
    assert found.record() == held.record()
    assert any("there is no column 'elders'" in note for note in found.notes) == ("elders" in forms)


def test_a_version_that_codes_otherwise_is_asked_about_by_its_name(answers: pl.DataFrame, tmp_path: Path) -> None:
    study = study_of(answers, tmp_path, 'column = "versie"')
    study.ingest(today=date(2026, 11, 28))
    assert len(study.questions) == 1
    assert "form oud, column 'returned'" in study.questions[0]
    assert '[readings."form=oud"]' in study.questions[0]
    new = study.responses.table.filter(pl.col("form_version") == "nieuw")
    assert new["returned"].null_count() < new.height, "the other version is read"


def test_without_the_column_a_mixture_is_asked_about(answers: pl.DataFrame, tmp_path: Path, treatment: Journey) -> None:
    answers.write_csv(tmp_path / "export.csv")
    with pytest.raises(SurveyError, match="column 'returned'"):
        read_survey(tmp_path / "export.csv", journey=treatment)


def test_a_column_that_is_not_there(answers: pl.DataFrame, tmp_path: Path) -> None:
    study = study_of(answers.drop("returned"), tmp_path, 'column = "version"')
    study.ingest(today=date(2026, 11, 28))
    with pytest.raises(StudyError, match=r"\[forms\] column.*'version'"):
        _ = study.responses


def test_one_of_column_and_days() -> None:
    from pxanalysis.study.settings import StudySettings

    part = {"study": {"title": "x", "journey": "y"}, "forms": {"column": "v", "changed_on": ["2025-01-01"]}}
    with pytest.raises(ValueError, match="not both"):
        StudySettings.model_validate(part)


def test_who_has_no_date_has_no_version() -> None:
    days = pl.Series([date(2025, 1, 1), None, date(2026, 1, 1), date(2025, 7, 1)])
    rule = FormRule(changed_on=(date(2025, 7, 1), date(2025, 10, 1)))
    assert name_forms(rule, None, days).to_list() == ["1", "", "3", "2"]


def test_few_people_of_a_version_show_nothing(treatment: Journey) -> None:
    """Three people without an answer to a question that a third meets are no version that lacks it."""
    table = simulate_survey(treatment, practices=2, responses=50, seed=2).answers
    few = pl.int_range(pl.len()) < 3
    table = table.with_columns(
        pl.when(few).then(None).otherwise("staff_privacy").alias("staff_privacy"),
        pl.when(few).then(pl.lit("a")).otherwise(pl.lit("b")).alias("form_version"),
    )
    versions = list_versions(table, treatment)
    assert [version.not_asked for version in versions] == [(), ()]
    assert find_uneven_items(versions, treatment) == frozenset()


def test_who_was_not_asked_about_a_contact_did_not_decline_it(treatment: Journey) -> None:
    """An optional contact, all blank: not met, unless the version of the questionnaire lacked it."""
    table = simulate_survey(treatment, practices=4, responses=60, seed=5).answers
    optional = next(one for one in treatment.touchpoints if one.optional)
    scales = {name: scale.model_copy(update={"not_applicable": ()}) for name, scale in treatment.scales.items()}
    journey = treatment.model_copy(update={"scales": scales})
    old = pl.int_range(pl.len()) < 100
    blank = table.with_columns(
        *(pl.when(old).then(None).otherwise(item.id).alias(item.id) for item in optional.items),
        pl.when(old).then(pl.lit("1")).otherwise(pl.lit("2")).alias("form_version"),
    )
    known = Responses(journey, blank, pl.DataFrame(schema=REJECTED_COLUMNS))
    assert not find_unmet(known)[optional.id][:100].any()
    unknown = Responses(journey, blank.drop("form_version"), pl.DataFrame(schema=REJECTED_COLUMNS))
    assert find_unmet(unknown)[optional.id][:100].all()


def test_a_file_without_the_column_is_said(answers: pl.DataFrame, tmp_path: Path) -> None:
    study = study_of(answers.drop("versie", "returned"), tmp_path, 'column = "versie"')
    found = study.check(today=date(2026, 11, 28))[0]
    assert any("no column 'versie'" in note for note in found.notes)
