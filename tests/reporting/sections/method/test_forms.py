"""What a page says of versions of the questionnaire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from page_words import words_of
from pages import make_report
from study_results_fixture import Example, know, make_example


def with_meta(example: Example, **meta: Any) -> str:
    return words_of(make_report(know(example, **meta)).method().html)


def form(name: str, not_asked: list[str], first: str | None = "2025-01-01") -> dict[str, Any]:
    return {"name": name, "n": 40, "first": first, "last": "2025-06-30" if first else None, "not_asked": not_asked}


def test_versions_are_named_with_what_they_did_not_ask() -> None:
    example = make_example()
    item = example.journey.items[0]
    html = with_meta(example, forms=[form("oud", [item.id]), form("nieuw", [])], uncommon_items=[item.id])
    assert "De vragenlijst had 2 versies" in html
    assert f"Versie oud (40 patiënten, 1 januari – 30 juni 2025) had deze vragen niet: ‘{item.item.text['nl']}’" in html
    assert "Versie nieuw (40 patiënten, 1 januari – 30 juni 2025) vroeg alles." in html


def test_what_was_found_from_missing_answers_is_said() -> None:
    example = make_example()
    item = example.journey.items[0]
    html = with_meta(example, forms=[], uncommon_items=[item.id])
    assert "Niet iedereen kreeg alle vragen" in html
    assert item.item.text["nl"] in html


def test_over_whom_the_means_of_questions_are_is_said() -> None:
    example = make_example()
    assert "maximum likelihood, EM" not in with_meta(example)
    items = example.results.frames["items"]
    partly = items.assign(mean_over=items["mean_over"].mask(~items["suppressed"], "estimated"))
    frames = example.results.frames | {"items": partly}
    found = replace(example, results=replace(example.results, frames=frames))
    assert "Zo worden vragen over één contactmoment over dezelfde patiënten vergeleken" in with_meta(found)


def test_a_version_without_name_or_dates() -> None:
    example = make_example()
    html = with_meta(example, forms=[form("", [example.journey.items[0].id], None), form("2", [])])
    assert "Versie onbekend (40 patiënten, niet bekend: de gegevens hebben geen datums)" in html


@pytest.mark.parametrize("forms", [[], [form("a", [])], [form("a", []), form("b", [])]])
def test_no_word_where_all_were_asked_the_same(forms: list[dict[str, Any]]) -> None:
    html = with_meta(make_example(), forms=forms)
    assert "De vragenlijst had" not in html
    assert "Niet iedereen kreeg" not in html


def test_the_share_of_questions_that_is_needed_is_that_of_the_study() -> None:
    assert "als ten minste 75% ervan is beantwoord" in with_meta(make_example(), items_needed=0.75)


def compared(**facts: Any) -> dict[str, Any]:
    return {"by": "language", "groups": ["en", "nl"], "complete": True, **facts}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (compared(holds_up_to="scalar", comparable=True), "naast elkaar mogen: ja"),
        (compared(holds_up_to=None, comparable=False), "meetinvariantie houdt op geen enkel niveau"),
        (
            compared(groups=["nl"], complete=False, reason="few"),
            "zijn er in ten minste twee talen 100 antwoorden nodig",
        ),
        (compared(reason="not estimable"), "het meetmodel was met deze antwoorden niet te schatten"),
        (
            compared(by="form", groups=["1", "2"], holds_up_to="strict", comparable=True),
            "Of scores van de versies 1 en 2",
        ),
    ],
)
def test_whether_scores_of_languages_or_versions_may_be_compared_is_said(found: dict[str, Any], said: str) -> None:
    assert said in with_meta(make_example(), comparability=[found])


def test_a_warning_stands_beside_the_comparison_only_where_scores_may_not_be_compared() -> None:
    apart = know(make_example(), comparability=[compared(holds_up_to="metric", comparable=False)])
    alike = know(make_example(), comparability=[compared(holds_up_to="scalar", comparable=True)])
    assert "wordt in die talen anders beantwoord" in words_of(make_report(apart).comparison().html)
    assert "wordt in die talen anders beantwoord" not in words_of(make_report(alike).comparison().html)


def test_the_number_of_a_small_version_is_withheld() -> None:
    example = make_example()
    html = with_meta(
        example,
        forms=[form("oud", [example.journey.items[0].id]) | {"n": None, "first": None, "last": None}, form("b", [])],
    )
    assert "Versie oud (afgeschermd, " in html
