"""The journeys that ship: each holds the contacts it is named for, in Dutch and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from pxanalysis.journey import Journey, list_catalogue, read_journey
from pxanalysis.journey.model import Text

CATALOGUE = [
    "cataract-surgery",
    "dental-checkup",
    "dental-practice",
    "dental-treatment",
    "general-practice",
    "health-insurer",
    "hospital-outpatient",
    "hospital-stay",
    "knee-first-steps",
    "pharmacy-visit",
    "physiotherapy",
    "repeat-prescription",
    "social-services",
]

# Touchpoints in order; an asterisk: not every patient meets it.
CHAINS = {
    "dental-practice": "finding registering checkup_appointment checkup question* treatment* aftercare* invoice "
    "complaint* switching*",
    "dental-checkup": "booking_phone* booking_online* reminder* reception waiting_room being_fetched first_checks "
    "cleaning* dentist_check leaving",
    "dental-treatment": "appointment staff waiting_room anaesthesia* treatment costs",
    "cataract-surgery": "orientation measurement_appointment questionnaire_invitation questionnaire_filling "
    "measurement_arrival meeting_optometrist questionnaire_discussed measurement_done lenses_discussed planning "
    "surgery",
    "repeat-prescription": "gp_call gp_request pharmacy_waiting pharmacy_counter pharmacy_medicines",
    "health-insurer": "comparing signing_up premium question* claim* permission* care_mediation* renewal complaint* "
    "cancelling*",
    "social-services": "finding_help applying intake decision social_worker support other_organisations* question* "
    "complaint* closing*",
    "general-practice": "gp_phone* gp_online* gp_desk gp_waiting gp_talk gp_advice gp_result*",
    "pharmacy-visit": "order_line* order_ready* ph_queue ph_counter ph_explained ph_afterwards*",
    "physiotherapy": "physio_booking physio_intake physio_session physio_home physio_progress physio_ending",
    "hospital-outpatient": "opd_booking opd_letter opd_route opd_desk opd_doctor opd_tests* opd_news",
    "hospital-stay": "stay_called* stay_welcome stay_nurses stay_room stay_visit stay_doctors stay_surgery* "
    "stay_discharge stay_home*",
    "knee-first-steps": "knee_waking knee_pain knee_told knee_edge knee_standing knee_walking* knee_resting "
    "knee_practice",
}


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


ENGLISH = words_of(
    "the and with your you my patient patients were are have how what when this they not for from to it by at staff "
    "which would could should i that there their can appointment practice treatment as be been his her our or who"
)
DUTCH = words_of(
    "de het een ik mij mijn niet voor van zijn werd wordt naar bij ook maar uw patiënt tandarts moest wist en u dat "
    "wie waar hoe geen deze dit ons wij praktijk"
)


@pytest.fixture(params=CATALOGUE)
def journey(request: pytest.FixtureRequest) -> Journey:
    return read_journey(request.param)


def texts_of(value: Any) -> Iterator[Text]:
    """Every text in a journey."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from texts_of(getattr(value, name))
    elif isinstance(value, (tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_of(part)


def test_catalogue_lists_these() -> None:
    assert list_catalogue() == CATALOGUE
    assert sorted(CHAINS) == CATALOGUE


def test_journey_is_called_as_its_file(journey: Journey) -> None:
    assert journey.id in CATALOGUE
    assert [touchpoint.id + "*" * touchpoint.optional for touchpoint in journey.touchpoints] == CHAINS[
        journey.id
    ].split()


def test_overall_chains_are_marked() -> None:
    kinds = {name: read_journey(name).kind for name in CATALOGUE}
    chains = {name for name, kind in kinds.items() if kind == "chain"}
    assert chains == {"dental-practice", "health-insurer", "social-services"}


def test_items_per_touchpoint(journey: Journey) -> None:
    counts = {touchpoint.id: len(touchpoint.items) for touchpoint in journey.touchpoints}
    low, high = (3, 6) if journey.kind == "questionnaire" else (2, 4)
    assert {name: count for name, count in counts.items() if not low <= count <= high} == {}


def test_repeat_prescription_has_two_providers_with_6_and_10_items() -> None:
    journey = read_journey("repeat-prescription")
    assert [provider.id for provider in journey.providers] == ["gp_practice", "pharmacy"]
    providers = [placed.step.provider for placed in journey.items]
    assert providers == ["gp_practice"] * 6 + ["pharmacy"] * 10
    channels = {placed.step.provider: placed.touchpoint.channels for placed in journey.items}
    assert channels == {"gp_practice": ("phone",), "pharmacy": ("in-person",)}


def test_cataract_surgery_runs_over_days_1_3_and_x() -> None:
    journey = read_journey("cataract-surgery")
    days = {
        touchpoint.id: (step.day["nl"], step.day["en"])
        for step in journey.steps
        for touchpoint in step.touchpoints
        if step.day is not None
    }
    first, third, last = ("Dag 1", "Day 1"), ("Dag 3", "Day 3"), ("Dag X", "Day X")
    assert list(days.values()) == [first] * 4 + [third] * 6 + [last]
    assert list(days) == [touchpoint.id for touchpoint in journey.touchpoints]


def test_checkup_is_booked_by_phone_or_online() -> None:
    journey = read_journey("dental-checkup")
    assert journey.touchpoint("booking_phone").channels == ("phone",)
    assert set(journey.touchpoint("booking_online").channels) == {"web", "app"}


def test_chains_run_from_beginning_to_end() -> None:
    assert [step.id for step in read_journey("dental-practice").steps] == [
        "choosing",
        "going_for_checkups",
        "asking",
        "being_treated",
        "paying",
        "complaining",
        "leaving_practice",
    ]
    for name in ("health-insurer", "social-services"):
        steps = [step.id for step in read_journey(name).steps]
        assert steps[0] == "becoming_client"
        assert steps[-2:] == ["complaining", "ending"]


def test_patients_can_say_they_did_not_meet_it(journey: Journey) -> None:
    optional = [placed for placed in journey.items if placed.touchpoint.optional]
    assert all(9 in placed.scale.not_applicable for placed in optional)
    assert bool(optional) == ("*" in CHAINS[journey.id])


def test_some_items_are_worded_the_other_way_round(journey: Journey) -> None:
    reverse = [placed for placed in journey.items if placed.item.direction == "lower-is-better"]
    assert 2 <= len(reverse) <= len(journey.items) / 3


def test_rated_outcomes(journey: Journey) -> None:
    scales = {
        outcome.kind: (journey.scales[outcome.scale].min, journey.scales[outcome.scale].max, outcome.direction)
        for outcome in journey.rated_outcomes
        if outcome.scale is not None
    }
    assert scales == {
        "ktv": (1, 10, "higher-is-better"),
        "nps": (0, 10, "higher-is-better"),
        "ces": (1, 5, "higher-is-better"),
    }
    effort = journey.scales[journey.outcome("ces").scale or ""].labels
    assert (effort[1]["nl"], effort[5]["nl"]) == ("heel veel moeite", "heel weinig moeite")


def test_behaviours(journey: Journey) -> None:
    directions = {outcome.id: outcome.direction for outcome in journey.behaviours}
    assert "recommended" in directions
    assert ("completed" if journey.id == "social-services" else "returned") in directions
    assert directions.pop("complained", "lower-is-better") == "lower-is-better"
    assert set(directions.values()) == {"higher-is-better"}


def test_who_answers_is_asked(journey: Journey) -> None:
    assert len(journey.roles) >= 2
    assert {"age", "health"} <= {variable.id for variable in journey.case_mix}
    assert [question.id for question in journey.open_questions] == ["comment"]


def test_at_least_two_concrete_ideas_per_touchpoint(journey: Journey) -> None:
    assert {
        touchpoint.id: len(touchpoint.ideas) for touchpoint in journey.touchpoints if len(touchpoint.ideas) < 2
    } == {}
    for idea in (idea for touchpoint in journey.touchpoints for idea in touchpoint.ideas):
        for language in journey.languages:
            title, text = idea.title[language], idea.text[language]
            assert title[0].islower(), title  # it follows "Kosten: "
            assert title[-1] not in ".!?", title
            assert text[0].isupper(), text
            assert text.count(".") == 1, text
            assert text.endswith("."), text


def test_every_step_and_touchpoint_has_a_patients_sentence(journey: Journey) -> None:
    sentences = [part.sentence for step in journey.steps for part in (step, *step.touchpoints)]
    for sentence in sentences:
        assert sentence is not None
        assert sentence["nl"][-1] not in ".!?"
        assert words_of(sentence["nl"]) & {"ik", "mij", "mijn", "wij", "hulp"}, sentence
    assert len({sentence["nl"] for sentence in sentences if sentence is not None}) >= len(sentences) - 2


def test_items_are_single_statements(journey: Journey) -> None:
    for placed in journey.items:
        for language in journey.languages:
            text = placed.item.text[language]
            assert re.fullmatch(r"[A-Z][^.!?]{10,110}\.", text), text
    assert len({placed.item.text["nl"] for placed in journey.items}) == len(journey.items)


def test_questions_address_people_formally(journey: Journey) -> None:
    informal = {"je", "jij", "jou", "jouw", "jullie"}
    assert [text["nl"] for text in texts_of(journey) if words_of(text["nl"]) & informal] == []


def test_both_languages_are_written(journey: Journey) -> None:
    texts = list(texts_of(journey))
    assert len(texts) > 90
    assert [text.root for text in texts if text.languages != {"nl", "en"}] == []
    assert [text.root for text in texts if text["nl"].lower() == text["en"].lower()] == []


def test_no_word_of_the_other_language(journey: Journey) -> None:
    for text in texts_of(journey):
        assert words_of(text["nl"]) & ENGLISH == set(), text["nl"]
        assert words_of(text["en"]) & DUTCH == set(), text["en"]


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Ik kon de dentist for een vraag bellen.", ENGLISH, {"for"}),
        ("De patient wacht.", ENGLISH, {"patient"}),
        ("I could reach de practice.", DUTCH, {"de"}),
    ],
)
def test_words_of_the_other_language_would_be_found(text: str, words: set[str], found: set[str]) -> None:
    assert words_of(text) & words == found


def test_the_experience_map_says_what_patients_do_think_and_weigh(journey: Journey) -> None:
    for touchpoint in journey.touchpoints:
        does, thinks, dilemma = touchpoint.does, touchpoint.thinks, touchpoint.dilemma
        assert does is not None, touchpoint.id
        assert thinks is not None, touchpoint.id
        assert does["nl"].startswith("Ik ")
        assert re.search(r"\b(I|my)\b", does["en"]), does["en"]
        for text in (does, thinks, *([dilemma] if dilemma else [])):
            for language in journey.languages:
                assert re.fullmatch(r"[A-Z].{3,108}[.?]", text[language]), text[language]
        if dilemma is not None:  # two ways to go
            assert re.fullmatch(r"[^?]*, of [^?]*\?", dilemma["nl"]), dilemma["nl"]
            assert re.fullmatch(r"Do I .*|Will I .*", dilemma["en"]), dilemma["en"]
            assert " or " in dilemma["en"]


def test_most_touchpoints_hold_a_dilemma_and_none_is_said_twice(journey: Journey) -> None:
    dilemmas = [touchpoint.dilemma["nl"] for touchpoint in journey.touchpoints if touchpoint.dilemma]
    assert len(dilemmas) > len(journey.touchpoints) / 2
    said = [text["nl"] for touchpoint in journey.touchpoints for text in (touchpoint.does, touchpoint.thinks) if text]
    assert len(set(said + dilemmas)) == len(said + dilemmas)


def test_who_is_reported_on() -> None:
    kinds = {name: read_journey(name).reported_on for name in CATALOGUE}
    others = {name: kind for name, kind in kinds.items() if kind != "practice"}
    organisations = ["cataract-surgery", "health-insurer", "pharmacy-visit", "social-services"]
    hospitals = ["hospital-outpatient", "hospital-stay", "knee-first-steps"]
    assert others == dict.fromkeys(organisations, "organisation") | dict.fromkeys(hospitals, "hospital")


def test_most_questions_have_an_idea_of_their_own(journey: Journey) -> None:
    """So that the advice on a report answers the question that scores lowest."""
    served = {name for touchpoint in journey.touchpoints for idea in touchpoint.ideas for name in idea.items}
    assert len(served) >= 0.6 * len(journey.items)


def test_every_question_of_the_demo_journey_has_an_idea_of_its_own() -> None:
    """So that the advice on a report answers the question that scores lowest."""
    for touchpoint in read_journey("dental-treatment").touchpoints:
        served = {name for idea in touchpoint.ideas for name in idea.items}
        assert served == {item.id for item in touchpoint.items}
