"""A code of SPSS or Stata that only its label calls "don't know": asked about where the journey's scale has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pyreadstat
import pytest
from study_copies import init_quick

from pxanalysis.journey.model import Journey, Scale
from pxanalysis.study import Study
from pxanalysis.study.taking_in import FileCheck
from pxanalysis.survey.checking.parsing import parse_numbers
from pxanalysis.survey.columns.cells import recode
from pxanalysis.survey.columns.flags import judge_flags
from pxanalysis.survey.columns.judge import judge_columns
from pxanalysis.survey.columns.readings import parse_reading
from pxanalysis.survey.columns.verdict import JudgedColumn
from pxanalysis.survey.sources.raw import RawTable

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


REVERSED = {1: "Zeer tevreden", 2: "Tevreden", 3: "Neutraal", 4: "Ontevreden", 5: "Zeer ontevreden"}
ENDS = {1: "Helemaal eens", 5: "Helemaal oneens"}
KNOWN = {1: {"nl": "helemaal oneens"}, 5: {"nl": "helemaal eens"}}


def judge(cells: list[object], *, words: dict[str, str] | None = None, **changes: object) -> JudgedColumn:
    """One column of a file, judged as all of its rows are."""
    item = {"id": "q", "text": {"nl": "Vraag"}, "scale": "s"} | {k: v for k, v in changes.items() if k == "direction"}
    scale = {"min": 1, "max": 5} | {k: v for k, v in changes.items() if k != "direction"}
    raw = RawTable(
        "a.sav",
        "",
        pl.DataFrame({"practice_id": ["P1"] * len(cells), "q": cells}),
        pl.int_range(2, len(cells) + 2, dtype=pl.UInt32, eager=True),
        labels={"q": words or {}},
    )
    found = judge_columns(raw, tiny_journey(scale, item))
    (verdict,) = (one for one in found.verdicts if one.name == "q")
    return JudgedColumn(found.table.cells["q"], verdict)


def tiny_journey(scale: dict[str, object], item: dict[str, object]) -> Journey:
    text = {"nl": "x"}
    return Journey.model_validate(
        {
            "id": "tiny",
            "languages": ["nl"],
            "title": text,
            "description": text,
            "providers": [{"id": "p", "label": text}],
            "scales": {"s": scale, "g": {"min": 1, "max": 10}},
            "steps": [
                {"id": "s", "label": text, "sentence": text, "provider": "p", "touchpoints": [
                    {"id": "t", "label": text, "items": [item]}]}
            ],
            "outcomes": [
                {"id": "ktv", "kind": "ktv", "scale": "g", "label": text, "text": text},
                {"id": "returned", "kind": "behaviour", "label": text, "text": text},
            ],
        }
    )  # fmt: skip


CODES = [1, 2, 3, 4, 5, 1, 2, 1, 2, 1] * 4


@pytest.mark.parametrize("words", [REVERSED, ENDS])
@pytest.mark.parametrize("labels", [{}, {"labels": KNOWN}])
def test_a_scale_that_runs_the_other_way_by_the_files_own_words_is_asked_about(
    words: dict[int, str], labels: dict[str, object]
) -> None:
    """All questions of a file may be reversed together, and then no answer shows it."""
    found = judge(list(CODES), words={str(code): word for code, word in words.items()}, **labels)
    assert found.verdict.decision == "ask"
    assert found.verdict.lines[0] == 'q = "5-1"'
    assert found.cells.null_count() == len(CODES)


def test_words_behind_the_codes_of_cells_tell_the_same() -> None:
    cells = [f"{code} - {REVERSED[code]}" for code in CODES]
    assert judge(cells).verdict.lines == ('q = "5-1"', 'q = "as-it-stands"')
    assert judge([f"{code} ({REVERSED[6 - code]})" for code in CODES]).verdict.decision == "read"


def test_words_in_another_order_than_the_journeys_labels_are_named_one_by_one() -> None:
    own = {1: {"nl": "Matig"}, 2: {"nl": "Goed"}, 3: {"nl": "Heel goed"}}
    found = judge(list(CODES), words={"1": "Goed", "2": "Matig", "3": "Heel goed"}, labels=own)
    assert found.verdict.lines[0] == 'q = "1=2, 2=1, 3=3"'


@pytest.mark.parametrize(
    "words",
    [
        {6 - code: word for code, word in REVERSED.items()},
        {1: "Altijd rood", 5: "Nooit groen"},
        {1: "Zeer tevreden"},
    ],
)
def test_words_that_go_up_or_tell_nothing_ask_nothing(words: dict[int, str]) -> None:
    assert judge(list(CODES), words={str(code): word for code, word in words.items()}).verdict.decision == "read"


def test_where_low_is_good_the_words_cannot_tell() -> None:
    words = {str(code): word for code, word in REVERSED.items()}
    assert judge(list(CODES), words=words, direction="lower-is-better").verdict.decision == "read"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"0": "Ja", "1": "Nee"}, [1.0, 0.0, None]),
        ({"0": "Nee, nooit", "1": "Ja, zeker"}, [0, 1, None]),
        ({"1": "Yes", "2": "No", "9": "n.v.t."}, [0.0, None, None]),
    ],
)
def test_yes_and_no_are_read_by_the_files_own_words(words: dict[str, str], expected: list[float | None]) -> None:
    cells = pl.Series("f", [*("0" if "0" in words else "2", "1" if "0" in words else "9"), None])
    found = judge_flags(cells, "a.sav", "returned", None, labels=words)
    assert found.verdict.decision == "read"
    assert parse_numbers(found.cells)[0].to_list() == expected


def test_a_range_takes_codes_with_words_and_words_for_no_answer() -> None:
    scale = Scale.model_validate({"min": 1, "max": 5, "not_applicable": [9], "dont_know": [8]})
    cells = pl.Series("q", ["1 - Zeer tevreden", "4", "n.v.t.", "Weet niet", "8", "9", "7", "oeps"])
    found, problems = recode(cells, "q", scale, parse_reading("5-1", "q"))
    assert parse_numbers(found)[0].to_list() == [5, 2, 9, 8, 8, 9, None, None]
    assert problems["index"].to_list() == [6, 7]


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (["x", None] * 20, ('f = "x=yes, missing=no"', 'f = "x=yes"')),
        (["Ja", "Nee", "Misschien"] * 20, ('f = "Ja=yes, Misschien=…, Nee=no"',)),
        (["Ja", "Nee", "Weet ik niet"] * 20, ()),
    ],
)
def test_what_is_proposed_for_yes_and_no_is_what_the_words_say(cells: list[str | None], lines: tuple[str, ...]) -> None:
    assert judge_flags(pl.Series("f", cells), "a.csv", "f", None).verdict.lines == lines


def test_who_does_not_know_says_neither_yes_nor_no() -> None:
    found = judge_flags(pl.Series("f", ["Ja", "Weet ik niet", "Nee", "n.v.t."]), "a.csv", "f", None)
    assert parse_numbers(found.cells)[0].to_list() == [1, None, 0, None]
    assert "2 cells say" in found.verdict.evidence
