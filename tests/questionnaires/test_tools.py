"""Each tool's file is taken by that tool's own checker, or by the joins and rules of its importer redone here."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from seldom import some_of

from pxanalysis.errors import JourneyError
from pxanalysis.journey import Journey, list_catalogue, read_journey
from pxanalysis.journey.form import build_form
from pxanalysis.journey.short_ids import make_codebook
from pxanalysis.questionnaires import write_questionnaire
from pxanalysis.questionnaires.fhir import find_fhir_problems
from pxanalysis.questionnaires.redcap import DICTIONARY_COLUMNS

EVERY = [*list_catalogue(), "hostile"]


@pytest.fixture
def journey(request: pytest.FixtureRequest, hostile: Journey) -> Journey:
    return hostile if request.param == "hostile" else read_journey(request.param)


@pytest.mark.parametrize("journey", EVERY, indirect=True)
def test_pyxform_converts_without_a_warning(journey: Journey, tmp_path: Path) -> None:
    from pyxform.xls2xform import convert

    path = write_questionnaire(journey, "xlsform", output=tmp_path).paths[0]
    result = convert(str(path))
    assert result.warnings == []
    for placed in journey.items:
        assert f"/{placed.id}" in result.xform
    assert "generated_" not in result.xform


def test_an_xlsform_asks_behind_its_filter_only(tmp_path: Path) -> None:
    from pyxform.xls2xform import convert

    path = write_questionnaire("dental-checkup", "xlsform", output=tmp_path).paths[0]
    xform = convert(str(path)).xform
    bind = re.search(r'<bind[^>]*nodeset="[^"]*/phone_answered"[^>]*>', xform)
    assert bind is not None
    assert "/met_booking_phone  = '1'" in bind[0]


def read_limesurvey(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig")), delimiter="\t"))


@pytest.mark.parametrize("journey", EVERY, indirect=True)
def test_limesurvey_joins_both_languages(journey: Journey, tmp_path: Path) -> None:
    rows = read_limesurvey(write_questionnaire(journey, "limesurvey", output=tmp_path).paths[0])
    tree = {
        language: [
            (row["class"], row["id"], row["type/scale"], "" if row["class"] == "G" else row["name"])
            for row in rows
            if row["language"] == language and row["class"] in {"G", "Q", "SQ", "A"}
        ]
        for language in ("nl", "en")
    }
    assert tree["nl"] == tree["en"]
    numbers = [row[1] for row in tree["nl"] if row[0] in {"Q", "SQ"}]
    assert len(numbers) == len(set(numbers))
    codes = [row[3] for row in tree["nl"] if row[0] in {"Q", "SQ"}]
    assert len({code.casefold() for code in codes}) == len(codes)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", code) for code in codes)
    assert all(re.fullmatch(r"[A-Za-z0-9]{1,5}", row[3]) for row in tree["nl"] if row[0] == "A")
    for row in rows:
        assert not re.search(r"[\t\n\r{}]|\\", row["text"] or ""), row["text"]


def test_a_limesurvey_file_has_only_columns_that_limesurvey_writes(real_data: Path, tmp_path: Path) -> None:
    real = real_data / "limesurvey" / "testing-multilingual-export.txt"
    with real.open(encoding="utf-8-sig", newline="") as handle:
        header = next(csv.reader(handle, delimiter="\t"))
    rows = read_limesurvey(write_questionnaire("dental-checkup", "limesurvey", output=tmp_path).paths[0])
    assert set(rows[0]) <= set(header)


@pytest.mark.parametrize("journey", EVERY, indirect=True)
def test_a_redcap_dictionary_obeys_redcaps_rules(journey: Journey, tmp_path: Path) -> None:
    book = make_codebook(build_form(journey), "redcap")
    for path in write_questionnaire(journey, "redcap", output=tmp_path).paths:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        names = [row[DICTIONARY_COLUMNS[0]] for row in rows]
        assert names[0] == "record_id"
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", name) for name in names)
        groups = [row["Matrix Group Name"] for row in rows if row["Matrix Group Name"]]
        assert groups == sorted(groups, key=groups.index)  # the rows of a matrix stand together
        for row in rows:
            if row["Field Type"] == "radio":
                parts = [choice.partition(", ") for choice in row[DICTIONARY_COLUMNS[5]].split(" | ")]
                own = next(id_ for id_, name in book.names.items() if name == row[DICTIONARY_COLUMNS[0]])
                assert [code for code, _, _ in parts] == list(book.codes[own].values())
                assert all(label.strip() for _, _, label in parts)
            for asked in re.findall(r"\[(\w+)\]", row[DICTIONARY_COLUMNS[11]]):
                assert asked in names


def test_a_redcap_dictionary_has_redcaps_own_header(real_data: Path, tmp_path: Path) -> None:
    for real in sorted((real_data / "redcap").glob("*__dictionary.csv")):
        with real.open(encoding="utf-8-sig", newline="") as handle:
            assert tuple(next(csv.reader(handle))) == DICTIONARY_COLUMNS, real.name


@pytest.mark.parametrize("journey", EVERY, indirect=True)
def test_a_qualtrics_text_parses_back_to_the_same_questions(journey: Journey, tmp_path: Path) -> None:
    form = build_form(journey)
    book = make_codebook(form, "qualtrics")
    *texts, by_hand = write_questionnaire(journey, "qualtrics", output=tmp_path).paths
    for path in texts:
        text = path.read_text(encoding="utf-8")
        tags = re.findall(r"^\[\[.*\]\]$", text, flags=re.MULTILINE)
        assert text.count("[[") == len(tags)  # no wording is taken for a tag
        assert re.findall(r"^\[\[ID:(\w+)\]\]$", text, flags=re.MULTILINE) == [book.names[q.id] for q in form.questions]
        codes = re.findall(r"^\[\[Choice:(\w+)\]\]$", text, flags=re.MULTILINE)
        assert codes == [book.codes[q.id][c.value] for q in form.questions for c in q.choices]
        assert "${" not in text
    listed = by_hand.read_text(encoding="utf-8")
    assert all(f"`{book.names[page.gate.id]}` is" in listed for page in form.pages if page.gate)


@pytest.mark.parametrize("journey", some_of(EVERY, every=4), indirect=True)
def test_a_fhir_questionnaire_is_valid_and_keeps_its_texts(journey: Journey, tmp_path: Path) -> None:
    from fhir.resources.R4B.questionnaire import Questionnaire

    path = write_questionnaire(journey, "fhir", output=tmp_path).paths[0]
    resource = json.loads(path.read_text(encoding="utf-8"))
    model = Questionnaire.model_validate(resource)
    assert json.loads(model.model_dump_json()) == json.loads(Questionnaire.model_validate(resource).model_dump_json())
    assert len(list(find_fhir_problems(resource))) == 0


def test_what_the_fhir_library_lets_pass_is_found(tmp_path: Path) -> None:
    path = write_questionnaire("dental-checkup", "fhir", output=tmp_path).paths[0]
    resource = json.loads(path.read_text(encoding="utf-8"))
    page = next(item for item in resource["item"] if item["linkId"] == "page_of_booking_phone")
    page["item"][0]["type"] = "blah"
    page["item"][1]["enableWhen"][0]["question"] = "nothing"
    resource["item"].append(dict(resource["item"][0]))
    found = "\n".join(find_fhir_problems(resource))
    assert "unknown type 'blah'" in found
    assert "shown after 'nothing', which is not asked" in found
    assert "linkId 'practice_id' stands twice" in found


@pytest.mark.parametrize("tool", ["xlsform", "limesurvey", "redcap", "qualtrics", "fhir", "html"])
def test_sixty_touchpoints_are_no_trouble(tool: str, tmp_path: Path) -> None:
    data = read_journey("dental-treatment").model_dump(mode="json")
    step, touchpoint = data["steps"][0], data["steps"][0]["touchpoints"][0]
    made = []
    for n in range(60):
        copy = json.loads(json.dumps(touchpoint))
        copy["id"] = f"a_touchpoint_with_quite_a_long_name_{n}"
        copy["optional"] = True
        copy["ideas"] = []
        for i, item in enumerate(copy["items"]):
            item["id"] = f"a_statement_with_quite_a_long_name_too_{n}_{i}"
        made.append(copy)
    data["steps"] = [step | {"touchpoints": made}]
    journey = Journey.model_validate(data)
    written = write_questionnaire(journey, tool, output=tmp_path)
    assert all(path.stat().st_size > 1000 for path in written.paths)
    names = make_codebook(build_form(journey), tool).names
    assert len({name.casefold() for name in names.values()}) == len(names)


def test_a_slider_is_refused_with_a_proposal() -> None:
    data = read_journey("dental-treatment").model_dump(mode="json")
    data["scales"]["grade10"] = {"min": 0, "max": 100}
    with pytest.raises(JourneyError, match=r"scales\.grade10: runs from 0 to 100.*Use min: 0 and max: 10\."):
        build_form(Journey.model_validate(data))


def test_a_language_that_is_not_there_is_refused(tmp_path: Path) -> None:
    data = read_journey("dental-treatment").model_dump(mode="json")
    journey = Journey.model_validate(data | {"languages": ["nl"]})
    with pytest.raises(JourneyError, match="is not written in 'en'; it has: nl"):
        write_questionnaire(journey, "html", languages=["en"], output=tmp_path)


def test_the_privacy_text_is_filled_in(tmp_path: Path) -> None:
    from pxanalysis.journey.parts import Introduction, Text

    open_ = write_questionnaire("dental-checkup", "html", languages=["nl"], output=tmp_path)
    assert "who, kept_months, contact" in open_.notes[0]
    facts = Introduction(who=Text({"nl": "Praktijk De Linde"}), kept_months=24, contact="info@example.nl")
    filled = write_questionnaire("dental-checkup", "html", languages=["nl"], output=tmp_path, facts=facts)
    text = filled.paths[0].read_text(encoding="utf-8")
    assert filled.notes == ()
    assert "Praktijk De Linde vraagt naar uw ervaringen" in text
    assert "na 24 maanden verwijderd" in text
    assert "[" not in re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)


def test_outcomes_can_come_first() -> None:
    journey = read_journey("dental-checkup")
    asked = [question.id for question in build_form(journey, outcomes_first=True).questions]
    usual = [question.id for question in build_form(journey).questions]
    assert asked.index("ktv") < asked.index("phone_answered")
    assert usual.index("ktv") > usual.index("leaving_next")
    assert sorted(asked) == sorted(usual)
    assert "returned" not in usual  # the records know it; patients are not asked


def test_one_file_name_for_several_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JourneyError, match="names one file, but there are 2"):
        write_questionnaire("dental-checkup", "redcap", output=tmp_path / "one.csv")
