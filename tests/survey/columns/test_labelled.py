"""A code of SPSS or Stata that only its label calls "don't know": asked about where the journey's scale has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from study_copies import init_quick

from pxanalysis.study import Study
from pxanalysis.study.taking_in import FileCheck

TODAY = date(2026, 12, 31)
LABELS = {1: "Helemaal oneens", 2: "Oneens", 3: "Eens", 4: "Helemaal eens", 5: "Weet niet, geen ervaring"}


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return init_quick(tmp_path / "study")


def write(study: Study, writer: Callable[..., None], suffix: str, labels: dict[int, str]) -> None:
    rows = range(40)
    answers = pd.DataFrame(
        {
            "practice_id": ["P1"] * 40,
            "response_id": [f"r{i}" for i in rows],
            "completed_on": ["2026-01-01"] * 40,
            "appointment_easy": [1 + i % 5 for i in rows],
            "staff_friendly": [1 + (i * 3) % 5 for i in rows],
            "ktv": [5 + i % 6 for i in rows],
        }
    )
    named = {"appointment_easy": labels}
    writer(answers, str(study.raw_folder / f"answers{suffix}"), variable_value_labels=named)


def check(study: Study) -> FileCheck:
    (found,) = study.check(today=TODAY)
    return found


@pytest.mark.parametrize(("writer", "suffix"), [(pyreadstat.write_sav, ".sav"), (pyreadstat.write_dta, ".dta")])
def test_a_dont_know_inside_the_scale_is_asked_about_and_never_counted(
    writer: Callable[..., None], suffix: str, study: Study
) -> None:
    write(study, writer, suffix, LABELS)
    found = check(study)
    (asked,) = found.asked
    assert "8 of 40 answers are 5, which the file calls 'Weet niet, geen ervaring'" in asked
    assert 'appointment_easy = "1-4, 5=dk"   or: appointment_easy = "1-5, 5=dk"' in asked
    assert found.table is not None
    assert found.table.accepted["appointment_easy"].null_count() == 40
    assert found.table.accepted["staff_friendly"].null_count() == 0


@pytest.mark.parametrize(("reading", "total"), [('"1-5, 5=dk"', 80), ('"as-it-stands"', 120), ('"1-5, 5=missing"', 80)])
def test_the_answer_in_study_toml_is_obeyed(reading: str, total: int, study: Study) -> None:
    write(study, pyreadstat.write_sav, ".sav", LABELS)
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text() + f"\n[readings]\nappointment_easy = {reading}\n")
    found = check(Study(study.root))
    assert found.asked == ()
    assert found.table is not None
    assert found.table.accepted["appointment_easy"].sum() == total


@pytest.mark.parametrize(
    "labels",
    [LABELS | {5: "Zeer eens"}, {5: "Weet heel zeker"}, LABELS | {5: "Zeer eens", 9: "Weet niet"}],
)
def test_labels_of_answers_and_of_codes_nobody_gave_ask_nothing(labels: dict[int, str], study: Study) -> None:
    write(study, pyreadstat.write_sav, ".sav", labels)
    assert check(study).asked == ()


def test_a_code_that_study_toml_calls_missing_is_asked_about_all_the_same(study: Study) -> None:
    """Missing codes are those outside a scale: inside it, 5 is an answer to other questions."""
    write(study, pyreadstat.write_sav, ".sav", LABELS)
    toml = study.root / "study.toml"
    toml.write_text(toml.read_text().replace("[columns]", 'missing = ["5"]\n[columns]', 1))
    found = check(Study(study.root))
    assert len(found.asked) == 1
    assert found.table is not None
    assert found.table.accepted["appointment_easy"].null_count() == 40


def test_a_draft_leaves_it_out_of_the_scale(study: Study) -> None:
    write(study, pyreadstat.write_sav, ".sav", LABELS)
    drafted = study.draft_journey(study.raw_folder / "answers.sav")
    (item,) = (one for one in drafted.journey.items if one.id == "appointment_easy")
    assert (item.scale.min, item.scale.max) == (1, 4)
    assert 5 in (*item.scale.dont_know, *item.scale.not_applicable)
