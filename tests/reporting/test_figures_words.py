"""What is said of a figure to who cannot see it never contradicts what the page says beside it."""

from __future__ import annotations

import re

import pytest
from page_words import words_of
from pages import make_report
from study_results_fixture import make_example
from test_sections import change


def description(html: str, figure: str) -> str:
    """The text alternative of a figure."""
    found = re.search(rf'<desc id="figure-{figure}-desc">([^<]*)</desc>', html)
    assert found, figure
    return " ".join(found[1].split())


@pytest.mark.parametrize(
    ("status", "chance", "word"),
    [
        ("act", 0.999, "Zo goed als zeker"),
        ("act", 0.95, "Zo goed als zeker"),
        ("act", 0.949, "Waarschijnlijk"),
        ("act", 0.7, "Waarschijnlijk"),
        ("act", 0.69, "Onzeker"),
        ("undecided", 0.97, "Nog onzeker"),
    ],
)
def test_cards_and_the_text_of_the_ranks_use_one_word_for_one_chance(status: str, chance: float, word: str) -> None:
    example = change(make_example(), "priorities", status=status, p_top3=chance)
    report = make_report(example, figures=True)
    cards = words_of(report.priorities().html)
    alternative = description(report.matrix().html, "ranks")
    assert re.search(rf"\b{word} ?:", cards), word
    assert re.search(rf"\b{word}: [A-Z]", alternative), alternative
    assert ("staat vast" in alternative) == (status == "undecided")
    others = {"Zo goed als zeker", "Waarschijnlijk", "Onzeker", "Nog onzeker"} - {word}
    assert not any(f"{other}:" in alternative for other in others), alternative


def test_the_matrix_and_the_ranking_call_what_is_open_the_same() -> None:
    html = make_report(change(make_example(), "priorities", status="undecided"), figures=True).matrix().html
    in_table = re.search(r'data-label="Advies"[^>]*>([^<]+)<', html)
    assert in_table
    assert f">{in_table[1]}</text>" in html
