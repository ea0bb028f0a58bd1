"""Comments stand under the question that they answer; none is dropped unsaid."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from page_words import words_of
from pages import make_report
from study_results_fixture import Example, Results, make_example

from pxanalysis.journey.parts import OpenQuestion


def with_comments(*, about: int, general: int, earlier: int) -> Example:
    """Comments under a question about one contact, one about the whole, and one that the journey no longer has."""
    example = make_example(comments=1)
    contact = example.journey.touchpoints[-1].id
    asked = [
        OpenQuestion(id="general", text={"nl": "Wat kan beter?", "en": "What could be better?"}),
        OpenQuestion(id="contact", text={"nl": "En hier?", "en": "And here?"}, touchpoint=contact),
    ]
    journey = example.journey.model_copy(update={"open_questions": tuple(asked)})
    counts = {"general": general, "contact": about, "gone": earlier}
    rows = [
        {"practice_id": example.practice_id, "question": name, "text": f"Opmerking {name} {place}."}
        for name, count in counts.items()
        for place in range(count)
    ]
    frames = {**example.results.frames, "comments": pd.DataFrame(rows)}
    return replace(example, journey=journey, results=Results(example.results.meta, frames))


def test_a_comment_stands_under_its_question_and_contact() -> None:
    example = with_comments(about=3, general=12, earlier=1)
    html = make_report(example).journey().html
    label = example.journey.touchpoints[-1].label["nl"]
    places = [html.index(f"{text}") for text in ("En hier?", "Opmerking contact 0", "Wat kan beter?")]
    places += [html.index(text) for text in ("Opmerking general 0", "eerdere vragenlijst", "Opmerking gone 0")]
    assert places == sorted(places)
    assert f"<strong><bdi>{label}</bdi></strong> <q><bdi>En hier?" in html
    assert html.count("Opmerking ") == 16


def test_how_many_comments_do_not_fit_is_said() -> None:
    text = words_of(make_report(with_comments(about=0, general=130, earlier=0)).journey().html)
    assert "Nog 10 opmerkingen passen niet in dit rapport" in text
    assert "passen niet in dit rapport" not in words_of(make_report(make_example(comments=20)).journey().html)
