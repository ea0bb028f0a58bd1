"""What is said of a figure to who cannot see it never contradicts what the page says beside it."""

from __future__ import annotations

import re

import pytest
from page_words import cells_of, words_of
from pages import change, make_report
from study_results_fixture import PRACTICE_ID, know, make_example


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
        ("undecided", 0.001, "Nog onzeker"),
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
    html = report.matrix().html
    table = cells_of(html[html.index("De hele rangorde") :], "Kosten")
    written = {0.999: "&gt;99%", 0.001: "&lt;1%"}.get(chance, f"{100 * chance:.0f}%")
    assert written in table
    assert f"Kosten ({written})" in alternative
    others = {"Zo goed als zeker", "Waarschijnlijk", "Onzeker", "Nog onzeker"} - {word}
    if word == "Zo goed als zeker":  # which nothing is called that rests on too few answers or a weak scale
        others -= {"Waarschijnlijk"}
    assert not any(f"{other}:" in alternative for other in others), alternative


def test_the_matrix_and_the_ranking_call_what_is_open_the_same() -> None:
    html = make_report(change(make_example(), "priorities", status="undecided"), figures=True).matrix().html
    in_table = re.search(r'data-label="Advies"[^>]*>([^<]+)<', html)
    assert in_table
    assert f">{in_table[1]}</text>" in html


def test_where_nothing_is_to_be_won_neither_the_table_nor_the_figure_gives_a_place() -> None:
    example = make_example()
    rows = example.results.frames["priorities"]
    own = rows["practice_id"] == PRACTICE_ID
    rows.loc[own & (rows["touchpoint"] == rows.loc[own, "touchpoint"].iloc[0]), "reason_code"] = "at_target"
    label = next(iter(example.journey.touchpoints)).label["nl"]
    html = make_report(example, figures=True).matrix().html
    alternative = description(html, "ranks")
    assert f"Niets te winnen: {label}." in alternative
    assert f"{label} (" not in alternative
    drawn = html[html.index("figure-ranks") :]
    assert ">niets te winnen</text>" in drawn
    table = html[html.index("De hele rangorde") :]
    assert cells_of(table, label).count("–") >= 3, "no place, no places and no chance"


def test_the_path_picture_and_its_lead_give_one_share_of_one_thing() -> None:
    example = make_example()
    example = know(example, r2=0.66, r2_drivers=0.604, r2_drivers_low=0.58, r2_drivers_high=0.628)
    html = make_report(example, figures=True).drivers().html
    assert "Samen verklaren de contactmomenten 60% van de verschillen in tevredenheid" in words_of(html)
    assert "Samen verklaren de contactmomenten 60%" in description(html, "paths")
    for words in (
        "Samen verklaren deze contactmomenten 60% van de",
        "58% en 63%",
        ">60%</text>",
        ">verklaard<",
    ):
        assert words in re.sub(r"</text><text[^>]*>", " ", html) or words in html, words
    assert "66%" not in html
    assert "R²" not in html


def test_figures_name_the_outcome_that_was_explained() -> None:
    example = make_example()
    example = know(example, outcome=next(one.id for one in example.journey.outcomes if one.kind == "nps"))
    html = make_report(example, figures=True).drivers().html
    assert ">NPS</text>" in html
    assert "Samenhang met aanbeveling" in html
    assert "tevredenheid" not in description(html, "paths") + description(html, "importance")


def test_the_ranks_and_the_table_say_one_thing_of_what_has_no_place_in_one_order() -> None:
    example = make_example()
    rows = example.results.frames["priorities"]
    own = rows.index[rows["practice_id"] == PRACTICE_ID]
    rows.loc[own[:2], "reason_code"] = ["no_effect", "at_target"]
    first, second = (one.label["nl"] for one in list(example.journey.touchpoints)[:2])
    html = make_report(example, figures=True).matrix().html
    assert f"Geen eigen verband: {first}." in description(html, "ranks")
    assert f"Niets te winnen: {second}." in description(html, "ranks")
    ranks, table = html[html.index('id="figure-ranks-title"') :], html[html.index("De hele rangorde") :]
    assert ">geen eigen verband</text>" in ranks
    assert "geen eigen verband" in cells_of(table, first)
    labels = {one.label["nl"] for one in example.journey.touchpoints}
    drawn = [text for text in re.findall(r">([^<]+)</text>", ranks[: ranks.index("</svg>")]) if text in labels]
    listed = [text for text in re.findall(r'<th[^>]*scope="row"[^>]*>([^<]+)<', table) if text in labels]
    assert drawn == listed


def test_the_matrix_calls_nothing_below_the_line_that_may_be_on_it() -> None:
    example = make_example()
    rows = example.results.frames["priorities"]
    own = rows["practice_id"] == PRACTICE_ID
    rows.loc[own, "performance"] = rows.loc[own, "target"] - 1.0
    rows.loc[own, "performance_low"] = rows.loc[own, "target"] - 3.0
    rows.loc[own, "performance_high"] = rows.loc[own, "target"] + 1.0
    alternative = description(make_report(example, figures=True).matrix().html, "matrix")
    assert "ligt ongeveer gelijk met het beste kwart" in alternative
    assert "Niets dat zwaar telt, ligt duidelijk onder" in alternative
    assert "Telt zwaar en ligt duidelijk" not in alternative


def test_answers_whose_shares_are_written_alike_are_named_together() -> None:
    example = make_example()
    frame = example.results.frames["distributions"]
    own = frame.index[(frame["practice_id"] == PRACTICE_ID) & (frame["outcome"] == "ktv")]
    frame.loc[own, "share"] = 0.0
    frame.loc[own[frame.loc[own, "value"].isin([8, 9, 10])], "share"] = [0.331, 0.334, 0.335]
    html = make_report(example, figures=True).comparison().html
    assert "8 en 9 zijn het meest gegeven" not in description(html, "distribution-ktv")
    frame.loc[own[frame.loc[own, "value"] == 10], "share"] = 0.334
    html = make_report(example, figures=True).comparison().html
    assert "8, 9 en 10 zijn het meest gegeven (elk 33%)" in description(html, "distribution-ktv")


def test_an_interval_of_importance_holds_its_estimate_as_written() -> None:
    example = make_example()
    example.results.frames["drivers"][["importance", "importance_low", "importance_high"]] = [0.007, 0.0052, 0.0094]
    html = make_report(example, figures=True).drivers().html
    assert "<td>0,7%</td><td>0,5% tot 0,9%</td>" in html[html.index("figure-importance-title") :]
