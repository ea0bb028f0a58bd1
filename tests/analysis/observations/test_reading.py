"""Files with observations: good rows are kept, bad ones said with what to do, and nobody is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

import pxanalysis as pxa
from pxanalysis.analysis.observations import Observations
from pxanalysis.analysis.observations.reading import list_observed, read_map, read_shipped
from pxanalysis.errors import PrivacyError, SurveyError
from pxanalysis.journey import read_journey
from pxanalysis.journey.experience_map.exchange import export_map_schema
from pxanalysis.journey.experience_map.observation import OBSERVATION_COLUMNS, TEXTS
from pxanalysis.journey.experience_map.sheet import SHEET, write_sheet

JOURNEY = read_journey("dental-checkup")


def read(folder: Path, *rows: str, name: str = "seen.csv") -> Observations:
    head = "touchpoint,role,source,feels,thinks,quote,idea,effort,cost,votes,date"
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return pxa.read_observations(path, JOURNEY)


def test_a_good_row_is_read_whole(tmp_path: Path) -> None:
    found = read(tmp_path, "Wachtkamer,patient,meegelopen,−2,Ik wil weg,Au,Draai muziek,s,€ 80,9,31-03-2026")
    (one,) = found.observations
    assert (one.touchpoint, one.role, one.source, one.feels) == ("waiting_room", "patient", "shadowing", -2)
    assert one.texts == {"thinks": {"nl": "Ik wil weg"}, "quote": {"nl": "Au"}, "idea": {"nl": "Draai muziek"}}
    assert (one.effort, one.cost, one.votes, str(one.date)) == ("S", 80.0, 9, "2026-03-31")
    assert found.rejected.empty


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("waitingroom,patient,interview,1,,,,,,,", "touchpoint", "Did you mean 'waiting_room'"),
        ("waiting_room,patiënte,interview,1,,,,,,,", "role", "Did you mean 'patient'"),
        ("waiting_room,nurse,interview,1,,,,,,,", "role", "none of this name. It has: patient, parent"),
        ("waiting_room,patient,interview,3,,,,,,,", "feels", "from -2 (very bad) to +2"),
        ("waiting_room,patient,interview,0.5,,,,,,,", "feels", "whole number"),
        ("waiting_room,patient,gossip,1,,,,,,,", "source", "shadowing, interview, workshop, comment"),
        (",patient,interview,1,,,,,,,", "touchpoint", "empty"),
        ("waiting_room,patient,,1,,,,,,,", "source", "empty"),
        ("waiting_room,patient,interview,,,,,,,,", "", "nothing was observed"),
    ],
)
def test_a_bad_row_is_left_out_and_said(tmp_path: Path, row: str, column: str, expected: str) -> None:
    found = read(tmp_path, "reception,parent,interview,1,,,,,,,", row)
    assert len(found.observations) == 1
    (refused,) = found.rejected.to_dict("records")
    assert (refused["place"], refused["column"], refused["action"]) == ("row 3", column, "row left out")
    assert expected in refused["reason"]


@pytest.mark.parametrize(
    ("row", "column", "expected"),
    [
        ("reception,patient,interview,1,,,Groet,XL,,,", "effort", "S (a day)"),
        ("reception,patient,interview,1,,,Groet,,1.500,,", "cost", "two ways"),
        ("reception,patient,interview,1,,,Groet,,veel,,", "cost", "euros"),
        ("reception,patient,interview,1,,,Groet,,,-1,", "votes", "0 or more"),
        ("reception,patient,interview,1,,,Groet,,,,03/31/26", "date", "2026-03-31"),
    ],
)
def test_a_bad_cell_of_an_idea_leaves_the_row(tmp_path: Path, row: str, column: str, expected: str) -> None:
    found = read(tmp_path, row)
    assert found.observations[0].text("idea", "nl") == "Groet"
    (refused,) = found.rejected.to_dict("records")
    assert (refused["column"], refused["action"]) == (column, "cell left out")
    assert expected in refused["reason"]


def test_names_and_numbers_are_masked_also_in_what_was_refused(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "reception,patient,comment,1,,Mevrouw Jansen belde mij op 06-12345678,,,,,",
        "reception,Henk de Vries,comment,1,,,,,,,",
    )
    assert found.observations[0].text("quote", "nl") == "Mevrouw [naam] belde mij op [telefoonnummer]"
    assert found.masked == {"quote": 1}
    told = found.rejected.to_csv() + found.to_json() + found.table.to_csv()
    assert "Jansen" not in told
    assert "12345678" not in told
    assert "Vries" not in told


def test_a_text_in_a_script_without_capitals_is_not_shown(tmp_path: Path) -> None:
    found = read(tmp_path, "reception,patient,comment,1,,ד״ר כהן היה נחמד,,,,,")
    assert found.observations[0].texts == {}
    assert "translate" in found.rejected["reason"][0]
    assert "כהן" not in found.rejected.to_csv()


def test_400_observations_on_one_touchpoint_are_kept_and_said(tmp_path: Path) -> None:
    rows = [f"waiting_room,patient,comment,{i % 5 - 2},Ik dacht aan nummer {i},,,,,," for i in range(400)]
    found = read(tmp_path, *rows, "reception,patient,comment,1,,,,,,,")
    assert len(found.observations) == 401
    assert "'waiting_room' has 400 of the 401" in found.notes[0]
    drawing = found.draw_experience_map("nl")
    assert "en nog 398" in drawing.wide
    assert len(drawing.as_text) < 40_000


def test_two_languages_are_said_with_their_rows_and_shown_apart(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "reception,patient,comment,1,Ik weet niet of zij mij ziet,,,,,,",
        "reception,patient,comment,1,I do not know whether she sees me,,,,,,",
        "reception,patient,comment,1,Dit is voor mij nog een vraag,,,,,,",
    )
    assert [next(iter(one.texts["thinks"])) for one in found.observations] == ["nl", "en", "nl"]
    assert found.notes[0].startswith("two languages are mixed: 2 rows in 'nl', 1 in 'en' (row 3)")
    assert '<dd dir="auto" lang="nl">Ik weet' in found.draw_experience_map("en").as_text
    assert '<dd dir="auto">I do not' in found.draw_experience_map("en").as_text
    assert found.draw_experience_map("en").as_text.index("I do not") < found.draw_experience_map("en").as_text.index(
        "Ik weet"
    )


def test_the_same_row_twice_is_counted_once(tmp_path: Path) -> None:
    row = "reception,patient,comment,1,Ik dacht iets,,,,,,"
    found = read(tmp_path, row, row, "reception,patient,comment,1,,,,,,,", "reception,patient,comment,1,,,,,,,")
    assert len(found.observations) == 3, "feelings alone may be alike"
    assert "the same as row 2" in found.rejected["reason"][0]


def test_markup_stays_text(tmp_path: Path) -> None:
    found = read(tmp_path, "reception,patient,comment,1,<script>alert(1)</script>,,=1+1,,,,")
    drawing = found.draw_experience_map("nl")
    assert "<script" not in drawing.html + drawing.paper + drawing.to_svg()
    assert "&lt;script&gt;" in drawing.as_text


@pytest.mark.parametrize(
    ("text", "error", "expected"),
    [
        ("touchpoint,source,response_id\na,b,c\n", PrivacyError, "'response_id' tells whose"),
        ("touchpoint,source,Naam\na,b,c\n", PrivacyError, "'Naam' tells whose"),
        ("touchpoint,source,feel\na,b,c\n", SurveyError, "Did you mean 'feels'"),
        ("touchpoint,gevoel,feels,source\na,1,1,b\n", SurveyError, "twice"),
        ("touchpoint,feels\na,1\n", SurveyError, "no column 'source'"),
        ("touchpoint,source\n", SurveyError, "no answers below it"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(
    tmp_path: Path, text: str, error: type[Exception], expected: str
) -> None:
    (tmp_path / "seen.csv").write_text(text)
    with pytest.raises(error, match=expected):
        pxa.read_observations(tmp_path / "seen.csv", JOURNEY)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.yaml", "journey: dental-treatment\nobservations: []\n", "not on 'dental-checkup'"),
        ("a.yaml", "observations: 3\n", "with a list under it"),
        ("a.yaml", "observations: [1]\n", "expected keys"),
        ("a.yaml", "a: [", "not valid YAML"),
        ("a.yaml", "observations: []\n", "no observations in it"),
        ("a.json", "{", "not valid JSON"),
        ("a.json", "{}", "expected an experience map"),
        ("a.json", '{"format": "pxanalysis-experience-map", "journey": "x"}', "of journey 'x'"),
        ("a.json", '{"format": "pxanalysis-experience-map", "journey": "dental-checkup", "phases": 1}', "phases: exp"),
        ("a.xlsx", "no workbook", "not an Excel workbook"),
        ("a.docx", "no", "no answers that can be read"),
    ],
)
def test_other_kinds_of_files_are_refused_with_what_to_do(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SurveyError, match=expected):
        pxa.read_observations(tmp_path / name, JOURNEY)


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SurveyError, match="journeys observations dental-checkup --xlsx"):
        pxa.read_observations(tmp_path / "none.csv", "dental-checkup")


def test_the_sheet_has_drop_downs_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "seen.xlsx"
    write_sheet(JOURNEY, path, "nl")
    book = load_workbook(path)
    sheet = book[SHEET]
    assert [cell.value for cell in sheet[1]] == list(OBSERVATION_COLUMNS)
    offered = {str(one.sqref).split(":")[0]: one.formula1 for one in sheet.data_validations.dataValidation}
    assert offered["A3"] == "lists!$A$2:$A$11"
    assert '"-2,-1,0,1,2"' in offered.values()
    for column, value in (("touchpoint", "leaving"), ("source", "workshop"), ("feels", 2), ("idea", "Zwaai")):
        sheet.cell(3, OBSERVATION_COLUMNS.index(column) + 1, value)
    book.save(path)
    found = pxa.read_observations(path, JOURNEY)
    assert found.rejected.empty, "the row with help is not read"
    assert found.ideas().to_dict("records")[0]["touchpoint"] == "leaving"


@pytest.mark.parametrize("journey_id", list_observed())
def test_what_ships_is_read_whole_in_both_languages(journey_id: str) -> None:
    found = read_shipped(journey_id)
    assert found.rejected.empty
    assert found.masked == {}
    assert {one.touchpoint for one in found.observations} == {one.id for one in found.journey.touchpoints}
    assert all(set(words) == {"nl", "en"} for one in found.observations for words in one.texts.values())
    assert all(len(words["nl"]) <= 180 for one in found.observations for words in one.texts.values())
    assert len(found.ideas("en")) >= 8


def test_two_journeys_ship_with_observations() -> None:
    assert list_observed() == ["dental-checkup", "knee-first-steps"]
    with pytest.raises(SurveyError, match="no observations ship with journey 'physiotherapy'"):
        read_shipped("physiotherapy")


@pytest.mark.parametrize("journey_id", list_observed())
def test_a_map_goes_out_as_json_and_comes_back_the_same(journey_id: str) -> None:
    found = read_shipped(journey_id)
    text = found.to_json()
    schema = json.loads(export_map_schema())
    import jsonschema  # seconds of grammars when imported: not at collection

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(text), schema)
    again = read_map(text, found.journey)
    in_order = [one.id for one in found.journey.touchpoints]
    assert sorted(again.observations, key=lambda one: in_order.index(one.touchpoint)) == list(again.observations)
    assert sorted(map(repr, again.observations)) == sorted(map(repr, found.observations))
    assert again.to_json() == text


@pytest.mark.parametrize("wrong", [{"emotion": 3}, {"source": "gossip"}, {"name": "Jansen"}])
def test_the_schema_refuses_what_is_no_map(wrong: dict[str, object]) -> None:
    import jsonschema

    map_ = json.loads(read_shipped("dental-checkup").to_json())
    map_["phases"][0]["touchpoints"][0]["observations"][0].update(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(map_, json.loads(export_map_schema()))


def test_a_feeling_of_3_in_a_map_leaves_out_that_observation_only() -> None:
    shipped = read_shipped("dental-checkup")
    map_ = json.loads(shipped.to_json())
    map_["phases"][0]["touchpoints"][0]["observations"][0]["emotion"] = 3
    found = read_map(json.dumps(map_), shipped.journey)
    assert len(found.observations) == len(shipped.observations) - 1
    assert found.rejected["place"][0] == "phases[0].touchpoints[0].observations[0]"


def test_ideas_are_a_list_for_actions_most_votes_first() -> None:
    ideas = read_shipped("dental-checkup").ideas("nl")
    assert list(ideas.columns) == ["idea", "touchpoint", "effort", "cost", "role", "votes", "date"]
    assert ideas["votes"].is_monotonic_decreasing
    assert ideas.iloc[0].to_dict() | {"date": None} == {
        "idea": "Draai muziek, zodat niemand de boor hoort.", "touchpoint": "waiting_room", "effort": "S",
        "cost": 80.0, "role": "patient", "votes": 9, "date": None,
    }  # fmt: skip
    assert set(ideas["role"]) <= {"patient", "parent"}


def test_the_result_says_what_it_rests_on() -> None:
    found = read_shipped("knee-first-steps")
    rows = found.tidy()
    assert list(rows.columns[:6]) == ["group", "term", "estimate", "std_error", "ci_low", "ci_high"]
    of_all = rows[(rows["term"] == "knee_standing") & (rows["group"] == "")].iloc[0]
    assert (of_all["estimate"], of_all["n"], of_all["low"], of_all["high"]) == (-0.75, 4, -2, 1)
    assert of_all["share_negative"] == 0.75
    assert "not sampled" in of_all["reason"]
    assert rows["std_error"].isna().all()
    assert set(TEXTS) <= set(found.table.columns)
    assert len(repr(found).splitlines()) <= 10
    assert "knee-first-steps" in found.summary().as_text()


@pytest.mark.parametrize(
    ("cell", "column"),
    [
        ("thinks: [Ik, wil, weg]", "thinks"),
        ("thinks: {Dutch: Ik wil weg}", "thinks"),
        ("thinks: {nl: [Ik]}", "thinks"),
        ("feels: {nl: 1}", "feels"),
        ("touchpoint: [reception]", "touchpoint"),
    ],
)
def test_a_list_where_a_text_should_be_leaves_out_that_row(tmp_path: Path, cell: str, column: str) -> None:
    name = cell.split(":")[0]
    bad = {"touchpoint": "reception", "source": "comment", "feels": "1"} | {name: cell.split(": ", 1)[1]}
    rows = "".join(f"    {key}: {value}\n" for key, value in bad.items())
    good = "  - {touchpoint: reception, source: comment, feels: 1}\n"
    (tmp_path / "seen.yaml").write_text(f"observations:\n{good}  -\n{rows}")
    found = pxa.read_observations(tmp_path / "seen.yaml", JOURNEY)
    assert len(found.observations) == 1
    assert found.rejected[["place", "column"]].to_numpy().tolist() == [["observation 2", column]]


def test_only_a_touchpoint_that_begins_with_a_hash_is_help(tmp_path: Path) -> None:
    path = tmp_path / "seen.xlsx"
    write_sheet(JOURNEY, path, "en")
    book = load_workbook(path)
    for column, value in (("touchpoint", "leaving"), ("source", "workshop"), ("quote", "# one, not two")):
        book[SHEET].cell(3, OBSERVATION_COLUMNS.index(column) + 1, value)
    book[SHEET].move_range("A1:A3", cols=20)
    book.save(path)
    found = pxa.read_observations(path, JOURNEY)
    assert [one.text("quote", "nl") for one in found.observations] == ["# one, not two"]
