"""What is asked, page by page, before any tool."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from pxanalysis.errors import JourneyError
from pxanalysis.journey import Journey, read_journey
from pxanalysis.journey.form import build_form
from pxanalysis.questionnaires import write_questionnaire


@pytest.fixture
def data() -> dict[str, Any]:
    return read_journey("dental-treatment").model_dump(mode="json")


def ids_of(journey: Journey, page_id: str) -> list[str]:
    page = next(page for page in build_form(journey).pages if page.id == page_id)
    return [question.id for block in page.blocks for question in block.questions]


def test_an_open_question_can_stand_at_a_touchpoint(data: dict[str, Any]) -> None:
    question = {"id": "waiting_why", "text": {"nl": "Waardoor kwam dat?", "en": "Why?"}, "touchpoint": "waiting_room"}
    data["open_questions"] = [question, *data["open_questions"]]
    journey = Journey.model_validate(data)
    assert ids_of(journey, "waiting_room")[-1] == "waiting_why"
    assert ids_of(journey, "page_open") == ["comment"]
    data["open_questions"][0]["touchpoint"] = "nowhere"
    with pytest.raises(ValidationError, match="there is no touchpoint 'nowhere'"):
        Journey.model_validate(data)


def test_statements_on_another_scale_are_a_block_of_their_own(data: dict[str, Any]) -> None:
    data["steps"][0]["touchpoints"][0]["items"][-1]["scale"] = "grade10"
    page = next(page for page in build_form(Journey.model_validate(data)).pages if page.id == "appointment")
    assert [len(block.questions) for block in page.blocks[:2]] == [2, 1]
    assert [block.is_matrix for block in page.blocks[:2]] == [True, False]


def test_not_applicable_and_dont_know_are_apart() -> None:
    form = build_form(read_journey("dental-checkup"))
    rating = next(question for question in form.questions if question.id == "reception_quick")
    assert [choice.kind for choice in rating.choices] == ["answer"] * 5 + ["not-applicable", "dont-know"]
    outcome = next(question for question in form.questions if question.id == "ktv")
    assert {choice.kind for choice in outcome.choices} == {"answer"}


def test_a_filter_question_that_clashes_is_refused(data: dict[str, Any]) -> None:
    data["open_questions"][0]["id"] = "met_anaesthesia"
    with pytest.raises(JourneyError, match="'met_anaesthesia' would name two questions"):
        build_form(Journey.model_validate(data))


def test_an_id_that_the_form_uses_itself_is_refused_for_xlsform(data: dict[str, Any], tmp_path: Any) -> None:
    data["open_questions"][0]["id"] = "lead_staff"
    with pytest.raises(JourneyError, match="the id 'lead_staff' is also what the form calls"):
        write_questionnaire(Journey.model_validate(data), "xlsform", output=tmp_path)


def test_the_same_form_is_the_same_file(tmp_path: Any) -> None:
    for tool in ("xlsform", "limesurvey", "redcap", "qualtrics", "fhir", "html"):
        made = [write_questionnaire("dental-checkup", tool, output=tmp_path / str(n)).paths for n in range(2)]
        assert [path.read_bytes() for path in made[0]] == [path.read_bytes() for path in made[1]], tool


@pytest.mark.parametrize(
    ("tool", "wanted"),
    [
        ("limesurvey", "newtest=Y&lang=nl&practiceid={practice_id}&pxtoken={token}"),
        ("xlsform", "d[/dental-checkup/practice_id]={practice_id}&d[/dental-checkup/token]={token}"),
        ("html", "dental-checkup-form-nl.html?practice_id={practice_id}&token={token}"),
    ],
)
def test_the_link_carries_practice_and_token(tool: str, wanted: str, tmp_path: Any) -> None:
    assert wanted in write_questionnaire("dental-checkup", tool, output=tmp_path).link
