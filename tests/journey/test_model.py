"""The journey's parts: what they refuse, how they are looked up, that they cannot be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pxanalysis.journey import Journey, read_journey
from pxanalysis.journey.authoring.from_workbook import read_workbook
from pxanalysis.journey.authoring.workbook import write_workbook
from pxanalysis.journey.model import RESERVED_IDS, CaseMixVariable, Scale, Text, find_problems

Content = dict[str, Any]


def problems_of(content: Content) -> list[tuple[tuple[str | int, ...], str]]:
    """Where in the journey something is inconsistent, with the message."""
    with pytest.raises(ValidationError) as caught:
        Journey.model_validate(content)
    return [
        ((*detail["loc"], *problem.path), problem.message)
        for detail in caught.value.errors()
        for problem in detail["ctx"]["problems"]
    ]


def test_smallest_journey_is_valid(content: Content) -> None:
    journey = Journey.model_validate(content)
    assert journey.kind == "questionnaire"
    assert journey.languages == ("nl", "en")
    assert list(find_problems(journey)) == []


def test_items_know_their_place(content: Content) -> None:
    placed = Journey.model_validate(content).items
    assert [part.id for part in placed] == ["desk_kind", "desk_slow"]
    assert {part.touchpoint.id for part in placed} == {"desk"}
    assert {part.step.id for part in placed} == {"arriving"}
    assert {(part.scale.min, part.scale.max, part.scale.not_applicable) for part in placed} == {(1, 5, (9,))}


def test_outcomes_split_in_rated_and_behaviours(content: Content) -> None:
    journey = Journey.model_validate(content)
    assert [outcome.id for outcome in journey.rated_outcomes] == ["grade"]
    assert [outcome.id for outcome in journey.behaviours] == ["returned"]


def test_outcome_is_found_by_id_or_kind(content: Content) -> None:
    journey = Journey.model_validate(content)
    assert journey.outcome("grade") is journey.outcomes[0]
    assert journey.outcome("ktv") is journey.outcomes[0]
    assert journey.outcome("returned") is journey.outcomes[1]


@pytest.mark.parametrize("name", ["nps", "behaviour", "grad", ""])
def test_outcome_that_is_not_there_lists_those_that_are(content: Content, name: str) -> None:
    with pytest.raises(KeyError, match=f"'small' has no outcome '{name}'; it has: grade, returned"):
        Journey.model_validate(content).outcome(name)


def test_touchpoint_is_found_by_id(content: Content) -> None:
    journey = Journey.model_validate(content)
    assert journey.touchpoint("desk") is journey.touchpoints[0]
    with pytest.raises(KeyError, match="'small' has no touchpoint 'arriving'; it has: desk"):
        journey.touchpoint("arriving")


def test_nothing_can_be_assigned(content: Content) -> None:
    journey = Journey.model_validate(content)
    parts = (journey, journey.steps[0], journey.touchpoints[0], journey.items[0].item, journey.scales["agree"])
    for part in parts:
        with pytest.raises(ValidationError, match="frozen"):
            part.id = "other"  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="frozen"):
        journey.title.root = {}
    with pytest.raises(ValidationError, match="frozen"):
        journey.items[0].scale = Scale(min=0, max=1)


def test_text_gives_its_languages() -> None:
    text = Text({"nl": " Balie ", "en": "Desk"})
    assert text["nl"] == "Balie"
    assert text.languages == {"nl", "en"}


@pytest.mark.parametrize("wording", [{"nl": ""}, {"nl": "   "}, {"NL": "Balie"}, {"nld": "Balie"}, "Balie", {"nl": 5}])
def test_text_refuses_empty_and_unknown_languages(wording: object) -> None:
    with pytest.raises(ValidationError):
        Text.model_validate(wording)


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"min": 5}, ("max",), "expected max above min, found min 5 and max 5"),
        ({"not_applicable": [9, 3]}, ("not_applicable", 1), "not-applicable code 3 is also an answer"),
        ({"labels": {6: {"nl": "x"}}}, ("labels", 6), "label for 6, which is not an answer"),
    ],
)
def test_scale_refuses(change: Content, where: tuple[str | int, ...], message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        Scale.model_validate({"min": 1, "max": 5} | change)
    assert [problem.path for problem in caught.value.errors()[0]["ctx"]["problems"]] == [where]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "number", "levels": [{"id": "a", "label": {"nl": "a"}}]}, "a number has a range, not levels"),
        ({"type": "category", "range": [0, 1]}, "a category has levels, not a range"),
        ({"type": "number", "range": [5, 5]}, "lowest below highest"),
        ({"type": "number", "range": [0, float("nan")]}, "finite number"),
        ({"type": "category", "levels": [{"id": "a", "label": {"nl": "a"}}] * 2}, "id 'a' is used twice"),
    ],
)
def test_case_mix_refuses(change: Content, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        CaseMixVariable.model_validate({"id": "x", "label": {"nl": "x"}} | change)


@pytest.mark.parametrize("name", ["Desk", "9desk", "desk-kind", "desk kind", "", "x" * 49, "désk", "_desk"])
def test_ids_are_plain(content: Content, name: str) -> None:
    content["steps"][0]["touchpoints"][0]["items"][0]["id"] = name
    with pytest.raises(ValidationError, match="expected an id of lower-case letters"):
        Journey.model_validate(content)


def test_journey_id_allows_dashes_only(content: Content) -> None:
    assert Journey.model_validate(content | {"id": "small-one"}).id == "small-one"
    with pytest.raises(ValidationError, match="expected a journey id"):
        Journey.model_validate(content | {"id": "small_one"})


@pytest.mark.parametrize("name", sorted(RESERVED_IDS))
def test_reserved_ids_are_refused_everywhere(content: Content, name: str) -> None:
    content["case_mix"][0]["id"] = name
    content["steps"][0]["touchpoints"][0]["items"][1]["id"] = name
    assert [path for path, _ in problems_of(content)] == [
        ("steps", 0, "touchpoints", 0, "items", 1, "id"),
        ("case_mix", 0, "id"),
    ]


def test_all_problems_are_named_at_once(content: Content) -> None:
    content["steps"][0]["provider"] = "pharmacy"
    content["steps"][0]["touchpoints"][0]["items"][0]["scale"] = "agre"
    content["outcomes"][0]["scale"] = "grades"
    content["outcomes"][1]["scale"] = "grade"
    del content["title"]["en"]
    assert problems_of(content) == [
        (("steps", 0, "provider"), "provider 'pharmacy' is not listed; listed are: practice"),
        (
            ("steps", 0, "touchpoints", 0, "items", 0, "scale"),
            "scale 'agre' is not defined; defined are: agree, grade",
        ),
        (("outcomes", 0, "scale"), "scale 'grades' is not defined; defined are: agree, grade"),
        (("outcomes", 1, "scale"), "a behaviour is 0/1 and has no scale; leave 'scale' out"),
        (("title",), "wording is missing in 'en'; the journey's languages are nl, en"),
    ]


def test_rated_outcome_needs_a_scale(content: Content) -> None:
    del content["outcomes"][0]["scale"]
    assert problems_of(content) == [
        (("outcomes", 0, "scale"), "a ktv is answered on a scale; add 'scale', one of: agree, grade")
    ]


@pytest.mark.parametrize("group", ["providers", "roles"])
def test_providers_and_roles_are_unique_among_themselves(content: Content, group: str) -> None:
    part = {"id": "practice", "label": {"nl": "a", "en": "b"}}
    content[group] = [part, part]
    assert [path for path, _ in problems_of(content)] == [(group, 1, "id")]


@pytest.mark.parametrize("key", ["steps", "outcomes", "providers", "languages"])
def test_at_least_one(content: Content, key: str) -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        Journey.model_validate(content | {key: []})


def id_places(value: Any) -> list[dict[str, Any]]:
    """Every part of a dumped journey whose id shares the one namespace, in journey order."""
    touchpoints = [(step, touchpoint) for step in value["steps"] for touchpoint in step["touchpoints"]]
    within = [
        part
        for step, touchpoint in touchpoints
        for part in (step, touchpoint, *touchpoint["items"], *touchpoint["ideas"])
    ]
    unique = {id(part): part for part in within}
    return [*unique.values(), *value["outcomes"], *value["case_mix"], *value["open_questions"]]


@given(data=st.data())
def test_an_id_used_twice_is_always_caught(data: st.DataObject) -> None:
    content = read_journey("dental-treatment").model_dump()
    parts = id_places(content)
    first, second = data.draw(st.lists(st.integers(0, len(parts) - 1), min_size=2, max_size=2, unique=True))
    parts[first]["id"] = parts[second]["id"]
    found = problems_of(content)
    assert len(found) == 1
    assert f"id '{parts[second]['id']}' is used twice" in found[0][1]


def test_dumping_and_reading_back_changes_nothing() -> None:
    journey = read_journey("cataract-surgery")
    assert Journey.model_validate(journey.model_dump(mode="json")) == journey


def test_what_is_known_of_a_scale_survives_a_workbook(treatment: Journey, tmp_path: Path) -> None:
    """Stated scale and reliability of a touchpoint, and a marker among the patient characteristics."""
    raw = treatment.model_dump(mode="json", exclude_none=True)
    raw["steps"][0]["touchpoints"][0] |= {"scale": "formative", "reliability": 0.7}
    raw["case_mix"] = [
        {"id": "mood", "label": {"nl": "Het weer", "en": "The weather"}, "type": "number", "range": [0, 10]}
        | {"marker": True, "reliability": 0.6}
    ]
    journey = Journey.model_validate(raw)
    write_workbook(journey, tmp_path / "journey.xlsx")
    back = read_workbook(tmp_path / "journey.xlsx")
    assert back.touchpoints[0].scale == "formative"
    assert back.touchpoints[0].reliability == 0.7
    assert (back.case_mix[0].marker, back.case_mix[0].reliability) == (True, 0.6)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"type": "category", "range": None}, "a marker is answered with a number"), ({"marker": False}, "only a marker")],
)
def test_a_marker_that_makes_no_sense_is_refused(treatment: Journey, change: dict, message: str) -> None:
    raw = treatment.model_dump(mode="json", exclude_none=True)
    marker = {"id": "mood", "label": {"nl": "Weer", "en": "Weather"}, "type": "number", "range": [0, 10]}
    raw["case_mix"] = [marker | {"marker": True, "reliability": 0.6} | change]
    with pytest.raises(ValidationError, match=message):
        Journey.model_validate(raw)
