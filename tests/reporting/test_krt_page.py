"""A dentist's page says what may be told, what may not, and what is still needed, in the reader's language."""

from __future__ import annotations

import pytest
from page_words import words_of
from pages import make_dentist_page
from study_results_fixture import make_example


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "nl",
            [
                "44 ervaringen. Het register vraagt er meer dan 50: er zijn er nog 7 nodig.",
                "maart 2025 tot en met februari 2026",
                "40%: 120 van de 300 uitgenodigde patiënten",
                "‘Afgeschermd’: minder dan 10 antwoorden",
                "Wat valt mij op in deze ervaringen?",
                "Vooraf.",
            ],
        ),
        (
            "en",
            [
                "44 experiences. The register asks for more than 50: 7 more are needed.",
                "March 2025 to February 2026",
                "40%: 120 of 300 invited patients",
                "“Withheld”: fewer than 10 answers",
                "What strikes me in these experiences?",
            ],
        ),
    ],
)
def test_the_page_says_what_the_register_asks(language: str, said: list[str]) -> None:
    words = words_of(make_dentist_page(make_example(), language))
    assert [one for one in said if one not in words] == []


def test_a_hidden_figure_is_named_and_explained_and_else_it_is_not() -> None:
    hidden, shown = (words_of(make_dentist_page(make_example(), hidden=n)) for n in (2, 0))
    assert hidden.count("afgeschermd") == 2
    assert "fgeschermd" not in shown


def test_contacts_without_a_topic_come_last_and_an_unknown_topic_stays_itself() -> None:
    """Another journey has topics of its own, or none."""
    words = words_of(make_dentist_page(make_example(k=8)))
    assert "Onderwerp" in words
    assert "Bereikbaarheid" not in words
