"""Each kind of file is read by its content; counts are those of independent readers (R, Python's csv)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.read import read_source

DATA = Path(__file__).parents[4] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data, real exports that are not shipped")

COUNTS = {
    "excel/synthetic_merged_header_serial_dates.xlsx": (25, 7),
    "excel/deaths.xlsx": (28, 6),  # two sheets of 14 with one header
    "fhir/qr-with-answerValueSet-matrix.json": (1, 17),
    "google_forms/synthetic_direct_download_en.csv": (40, 9),
    "google_forms/synthetic_sheet_us.csv": (40, 9),
    "limesurvey/results-survey.csv": (70, 146),
    "limesurvey/survey_998192_R_data_file.csv": (7, 71),
    "ms_forms/synthetic_en.xlsx": (35, 13),
    "qualtrics/excluder_qualtrics_raw.csv": (98, 16),
    "qualtrics/norms_data.tsv": (200, 82),
    "qualtrics/qualtRics_sample.csv": (1, 20),
    "redcap/blank-for-gray-status__data.csv": (6, 26),
    "redcap/checkboxes-1__data.csv": (4, 13),
    "redcap/longitudinal__data.csv": (18, 125),
    "redcap/repeating-instruments__data.csv": (6, 15),
    "redcap/simple__data.csv": (5, 24),
    "redcap/validation-types-1__data.csv": (1, 52),
    "spss/bes_like_0_10_dk9999.sav": (800, 10),
    "spss/foreign_electric.sav": (240, 13),
    "spss/sample.zsav": (5, 7),
    "spss/sample_missing.sav": (7, 7),
    "stata/iris.dta": (150, 5),
    "stata/tagged-na-int.dta": (8, 1),
    "surveymonkey/StarWars_first500.csv": (500, 38),
    "surveymonkey/comma-survey.csv": (1129, 13),
    "surveymonkey/food-world-cup-data.csv": (1373, 48),
    "surveymonkey/synthetic_two_header.xlsx": (30, 18),
    "xlsform_kobo_odk/kobo_dietary_needs__select_multiple_both.csv": (3, 16),
    "xlsform_kobo_odk/kobo_grouped_repeatable__repeats.xlsx": (6, 13),
    "xlsform_kobo_odk/kobo_site_inspection__xml_6versions.csv": (10, 19),
    "xlsform_kobo_odk/kobo_site_inspection__xml_6versions.xlsx": (10, 19),
}
"""Responses and columns by the README of each folder; Qualtrics' two previews are no responses."""


@needs_data
@pytest.mark.parametrize("file", COUNTS)
def test_real_exports_have_the_counts_of_independent_readers(file: str) -> None:
    assert read_source(DATA / file).cells.shape == COUNTS[file]


@needs_data
@pytest.mark.parametrize(
    ("file", "column", "values"),
    [
        ("spss/foreign_electric.sav", "DAYOFWK", {"1": 19, "2": 11, "3": 19, "4": 17, "5": 15, "6": 13, "7": 16}),
        ("surveymonkey/comma-survey.csv", 3, {"Some": 414, "A lot": 291, "Not much": 268, "Not at all": 126}),
        ("limesurvey/results-survey.csv", 12, {"extremely important": 40, "very": 21, "moderately": 8}),
        ("google_forms/synthetic_direct_download_en.csv", 1, {"Helemaal eens": 9, "Neutraal": 9, "Eens": 4}),
    ],
)
def test_values_have_the_counts_of_independent_readers(file: str, column: str | int, values: dict[str, int]) -> None:
    cells = read_source(DATA / file).cells
    name = column if isinstance(column, str) else cells.columns[column]
    counted = dict(cells[name].cast(pl.String).value_counts().iter_rows())
    assert {value: counted.get(value) for value in values} == values


@needs_data
@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("qualtrics/excluder_qualtrics_raw.csv", "2 previews of the survey are no responses"),
        ("qualtrics/excluder_qualtrics_raw.csv", "responses in this Qualtrics export were not sent in"),
        ("limesurvey/results-survey.csv", "70 responses have no date"),
        ("limesurvey/survey_998192_R_data_file.csv", "responses in this LimeSurvey export were not sent in"),
        ("redcap/longitudinal__data.csv", "rows are events, not respondents"),
        ("xlsform_kobo_odk/kobo_site_inspection__xml_6versions.csv", "several versions of the form"),
        ("spss/bes_like_0_10_dk9999.sav", "36 answers of likeLD are 9999 ('Don't know')"),
        ("spss/foreign_electric.sav", "130 answers of DAYOFWK are user-missing"),
        ("spss/simple_alltypes.sav", "one question with several answers"),
        ("stata/tagged-na-int.dta", ".a 1, .h 1, .z 1"),
        ("excel/synthetic_merged_header_serial_dates.xlsx", "days as Excel counts them"),
        ("excel/synthetic_merged_header_serial_dates.xlsx", "sheet 'Codeboek' (4 rows) was not read"),
    ],
)
def test_what_was_understood_is_said(file: str, said: str) -> None:
    assert said in " ".join(read_source(DATA / file).notes)


@needs_data
@pytest.mark.parametrize(
    ("file", "seems"),
    [
        ("limesurvey/citric_survey.lss", "structure of a LimeSurvey survey"),
        ("qualtrics/automation_survey.qsf", "structure of a Qualtrics survey"),
        ("redcap/simple__dictionary.csv", "data dictionary of a REDCap project"),
        ("redcap/test_simple_project.xml", "REDCap project"),
        ("fhir/phq9.json", "FHIR questionnaire"),
        ("xlsform_kobo_odk/choice_filter_test.xlsx", "a questionnaire"),
        ("limesurvey/survey_998192_R_syntax_file.R", "text without columns"),
    ],
)
def test_a_file_without_answers_is_named_for_what_it_seems(file: str, seems: str) -> None:
    with pytest.raises(SourceError, match=seems):
        read_source(DATA / file)


@needs_data
@pytest.mark.parametrize("file", ["spss/iris.sav", "excel/deaths.xlsx", "stata/iris.dta"])
def test_the_content_counts_and_not_the_name(file: str, tmp_path: Path) -> None:
    renamed = tmp_path / "answers.csv"
    shutil.copy(DATA / file, renamed)
    assert read_source(renamed).cells.equals(read_source(DATA / file).cells)


@needs_data
@pytest.mark.parametrize("file", ["spss/bes_like_0_10_dk9999.sav", "stata/iris.dta", "excel/deaths.xlsx"])
def test_a_file_cut_in_half_is_refused_with_what_to_do(file: str, tmp_path: Path) -> None:
    half = tmp_path / Path(file).name
    data = (DATA / file).read_bytes()
    half.write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="cut off or damaged"):
        read_source(half)


@needs_data
def test_stata_and_spss_missing_values_are_empty() -> None:
    assert read_source(DATA / "stata/tagged-na-int.dta").cells["x"].to_list() == ["1", "2", "3", "4", "5"] + [None] * 3
    missing = read_source(DATA / "spss/sample_missing.sav").cells
    assert missing["myord"].value_counts().sort("myord").to_dicts() == [
        {"myord": None, "count": 2}, {"myord": "1", "count": 3}, {"myord": "2", "count": 1}, {"myord": "3", "count": 1},
    ]  # fmt: skip


def test_an_unsent_response_without_a_date_is_no_heading(tmp_path: Path) -> None:
    """Of Qualtrics: a second header row has words where dates stand; a response that was not sent in has nothing."""
    header = "StartDate,EndDate,Status,Progress,Finished,RecordedDate,ResponseId,Q1"
    rows = ["2025-01-01 10:00,,0,40,0,,R_1,3", "2025-01-02 10:00,2025-01-02 10:05,0,100,1,2025-01-02 10:05,R_2,4"]
    plain, headed = tmp_path / "plain.csv", tmp_path / "headed.csv"
    plain.write_text("\n".join([header, *rows]) + "\n")
    heading = "Start Date,End Date,Response Type,Progress,Finished,Recorded Date,Response ID,How was it?"
    headed.write_text("\n".join([header, heading, *rows]) + "\n")
    for path in (plain, headed):
        assert read_source(path).cells["ResponseId"].to_list() == ["R_1", "R_2"]


def test_fhir_is_read_line_by_line_whatever_stands_in_a_text_or_on_the_first_line(tmp_path: Path) -> None:
    """A line separator of Unicode within a text ends no line; a first line that is torn hides none of the others."""
    response = {"resourceType": "QuestionnaireResponse", "id": "a", "item": []}
    item = {"linkId": "remark", "answer": [{"valueString": "twee\u2028regels"}]}
    lines = [
        json.dumps(one, ensure_ascii=False)
        for one in (response | {"item": [item]}, response | {"id": "b"}, response | {"id": "c"})
    ]
    path = tmp_path / "export.ndjson"
    for torn in ("", '{"resourceType": "Questionnaire\n'):
        path.write_text(torn + "\n".join(lines) + "\n", encoding="utf-8")
        raw = read_source(path)
        assert raw.cells["fhir:id"].to_list() == ["a", "b", "c"]
        assert raw.cells["remark"].to_list() == ["twee\u2028regels", None, None]
        assert raw.rows.to_list() == [row + bool(torn) for row in (1, 2, 3)]
        assert len(raw.bad_lines) == bool(torn)


def make_response(answers: list[dict[str, object]], **facts: object) -> str:
    items = [{"linkId": f"q{i}", "answer": [answer]} for i, answer in enumerate(answers)]
    whole = {"resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "q", "item": items}
    return json.dumps(whole | facts)


def test_fhir_answers_keep_their_number_and_what_was_entered_in_error_is_left_out(tmp_path: Path) -> None:
    ordinal = [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3}]
    answers: list[dict[str, object]] = [
        {"valueQuantity": {"value": 0, "unit": "points", "code": "{score}"}},
        {"valueCoding": {"code": "LA6570-1", "display": "Vaak", "extension": ordinal}},
        {"valueCoding": {"code": "4", "display": "Eens", "extension": ordinal}},
    ]
    path = tmp_path / "answers.ndjson"
    wrong, partial = (make_response(answers, status=status) for status in ("entered-in-error", "stopped"))
    path.write_text("\n".join([make_response(answers), wrong, partial]))
    found = read_source(path)
    assert found.cells.height == 2
    assert [found.cells[name][0] for name in ("q0", "q1", "q2")] == ["0", "3", "4"]
    assert found.labels == {"q1": {"3": "Vaak"}, "q2": {"4": "Eens"}}
    assert any("1 responses were entered-in-error" in note for note in found.notes)
    assert any("1 responses in this FHIR export were not sent in" in note for note in found.notes)


def test_a_fhir_question_that_stands_there_twice_has_both_answers(tmp_path: Path) -> None:
    items = [{"linkId": "q", "answer": [{"valueInteger": value}]} for value in (4, 1)]
    path = tmp_path / "answers.ndjson"
    path.write_text(make_response([], item=items) + "\n" + make_response([], item=[items[0], items[0]]))
    assert read_source(path).cells["q"].to_list() == ["4 1", "4"]


_QUALTRICS = "StartDate,EndDate,Status,Progress,Finished,RecordedDate,q"
_KOBO = "_uuid,_submission_time,_validation_status,a,b,c,q"


@pytest.mark.parametrize(
    ("header", "kept", "left"),
    [
        (_QUALTRICS, ("0", "4", "16", "IP Address"), ("1", "9", "17")),
        (_QUALTRICS, ("Offline",), ("Offline Survey Preview", "Survey Test")),
        (_KOBO, ("", "Approved"), ("validation_status_not_approved", "Not approved")),
        ("KEY,SubmissionDate,ReviewState,a,b,c,q", ("", "approved", "hasIssues"), ("rejected",)),
    ],
)
def test_try_outs_and_what_was_not_approved_are_left_out(
    header: str, kept: tuple[str, ...], left: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    rows = [f"2026-01-0{i},2026-01-0{i},{status},1,1,1,{i}" for i, status in enumerate((*kept, *left), start=1)]
    path.write_text("\n".join([header, *rows]) + "\n")
    found = read_source(path)
    assert found.cells["q"].to_list() == [str(i) for i in range(1, len(kept) + 1)]
    assert any("left out" in note for note in found.notes)
