"""What a report says, for every kind of practice: large, small, suppressed, and with parts missing."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from page_words import cells_of, words_of
from pages import PARTS, change, make_page, make_report
from seldom import some_of
from study_results_fixture import PRACTICE_ID, Results, know, make_example

from pxanalysis.errors import ReportError
from pxanalysis.journey import Journey
from pxanalysis.reporting.sections import PracticeReport

KINDS = {
    "large": {"k": 14, "n": 4000},
    "ordinary": {},
    "n = 12": {"k": 3, "n": 12},
    "suppressed": {"n": 7},
    "no drivers": {"drivers": False},
    "one wave": {"waves": 1},
    "no case mix": {"case_mix": False},
    "no comments": {"comments": 0},
    "alone": {"practices": 1},
}
ENGLISH = re.compile(
    r"\b(the|and|with|your|for|patients?|practices?|responses?|too few|between|probably|satisfaction|"
    r"journey|nan|none|null|undefined|inf)\b",
    re.IGNORECASE,
)
DUTCH = re.compile(r"\b(de|het|een|uw|van|voor|patiënten|praktijk|tussen|waarschijnlijk|tevredenheid|niet|zijn)\b")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["nl", pytest.param("en", marks=pytest.mark.slow)])
def test_every_kind_of_practice_has_a_whole_page(kind: str, language: str) -> None:
    html = make_page(make_example(**KINDS[kind]), language, figures=kind in {"large", "n = 12"})
    text = words_of(html)
    assert re.search(r"\b(nan|None|null|undefined|NaT|<NA>)\b", text) is None
    assert not re.search(r"<(p|h\d|li|td|figcaption|blockquote|ul|ol)[^>]*>\s*</\1>", html), "an empty element"
    assert not re.search(r"</h([23])>\s*(<h\1|</section>)", html), "a heading without anything under it"
    assert len(html.encode()) <= 350 * 1024
    assert f'<html lang="{language}">' in html
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("kind", some_of(KINDS, every=3))
def test_a_dutch_page_is_dutch(kind: str) -> None:
    text = words_of(make_page(make_example(**KINDS[kind]), figures=kind == "ordinary"))
    # Kept as they are in Dutch research language, and the version of a study.
    text = re.sub(r"maximum likelihood|Shapley|case mix", "", text)
    assert ENGLISH.findall(text) == []


def test_an_english_page_is_english() -> None:
    example = make_example()
    text = words_of(make_page(example, "en"))
    assert DUTCH.findall(text.replace("Tandartspraktijk De Linde", "")) == []


def test_the_first_screen_says_who_when_and_how_many() -> None:
    text = words_of(make_report(make_example()).opening().html)
    for words in (
        "Tandartspraktijk De Linde",
        "1 januari – 30 juni 2026 · 214 patiënten · 1,4% van de antwoorden was niet bruikbaar",
        "Een behandeling bij de tandarts",
        "Uw patiënten geven een 8,2; dat is lager dan elders.",
        "Begin met ‘Kosten’: dat levert naar schatting het meest op.",
        "Gesimuleerde gegevens",
    ):
        assert words in text, words


def test_an_outcome_is_one_figure_one_comparison_and_one_direction() -> None:
    text = words_of(make_report(make_example()).outcomes().html)
    for words in ("Tevredenheid (KTV)", "8,2 lager dan elders Elders, bij zulke patiënten: 8,5", "+27"):
        assert words in text, words


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ({"n": 44}, "dat verschilt niet duidelijk van elders."),
        ({"practices": 1}, "Uw patiënten geven een 8,2."),
        ({"drivers": False}, "Waar u het best kunt beginnen, is nog niet te zeggen."),
    ],
)
def test_the_summary_is_as_sure_as_what_follows(kind: dict[str, int | bool], words: str) -> None:
    assert words in words_of(make_report(make_example(**kind)).opening().html)


def test_real_answers_are_not_called_simulated() -> None:
    assert "esimuleerd" not in make_page(make_example(simulated=False))


def test_priorities_say_why_what_it_brings_and_how_sure() -> None:
    html = make_report(make_example()).priorities().html
    text = words_of(html)
    assert html.count('class="act"') == 2
    assert html.count('class="open"') == 1
    for words in (
        "Kosten : laat zien wat er gedaan is",
        "Van uw patiënten geeft 35% hier minder dan 50 van de 100 (alle praktijken: 13%)",
        "Van alle contactmomenten samen weegt dit voor 25% mee.",
        "+0,21 punt mogelijke winst",
        "Mogelijke winst in tevredenheid: tussen +0,08 en +0,34.",
        "Zo goed als zeker : dit is een van de drie punten waar u het meest kunt winnen.",
        "De kans dat dit bij uw eerste drie hoort én genoeg oplevert, is 95%.",
        "Toon na de behandeling een foto van voor en na",
        "is met 214 antwoorden niet te zeggen. Daarvoor zijn er nog ongeveer 110 antwoorden nodig.",
        "In het tempo van nu duurt dat ongeveer 3 maanden. Wacht daar niet op",
        "Haalt u op deze 3 punten het doel, dan wordt uw 8,15 naar schatting een 8,53.",
        "tussen een praktijk in het midden en het beste kwart zit 0,17 punt.",
    ):
        assert words in text, words


def test_few_answers_make_nothing_almost_certain() -> None:
    """No "almost certain" on a page that says elsewhere that there are too few answers to compare."""
    few, many = (words_of(make_page(make_example(n=n), figures=True)) for n in (44, 214))
    assert "zijn ongeveer 45 antwoorden nodig; u heeft er 44" in few
    assert "o goed als zeker" not in few
    assert "o goed als zeker" in many


def test_what_patients_wrote_about_a_contact_stands_beside_it() -> None:
    example = make_example()
    content = example.journey.model_dump(mode="json")
    content["open_questions"][0]["touchpoint"] = next(
        one.id for one in example.journey.touchpoints if one.label["nl"] == "Kosten"
    )
    asked = replace(example, journey=Journey.model_validate(content))
    assert "blockquote" not in make_report(example).priorities().html
    first, *others = make_report(asked).priorities().html.split("<li class")[1:]
    assert first.count("<blockquote") == 3
    assert not any("<blockquote" in one for one in others)


def test_priorities_abstain_when_nothing_is_certain() -> None:
    example = change(make_example(), "priorities", status="undecided", needed_n=156)
    html = make_report(example).priorities().html
    assert "Er is nog te weinig bekend om een volgorde te geven" in html
    assert "Met nog ongeveer 160 antwoorden erbij is naar verwachting een volgorde te geven." in html
    assert '<ul class="todo">' in html
    assert 'class="act"' not in html


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("too_close", "Kies wat voor u het makkelijkst is."),
        ("more_everywhere", "meer antwoorden van alle praktijken wel."),
        ("more_responses", "nog ongeveer 1 antwoord nodig"),
    ],
)
def test_what_would_settle_it_is_said(code: str, words: str) -> None:
    example = change(make_example(), "priorities", status="undecided", needed_n=1)
    frame = example.results.frames["priorities"]
    frame["reason_code"] = code
    assert words in make_report(example).priorities().html


def test_nothing_to_improve_is_good_news() -> None:
    html = make_report(change(make_example(), "priorities", status="keep")).priorities().html
    assert "Houd vast wat u doet." in html
    assert "todo" not in html


def test_without_drivers_the_low_points_are_named_and_what_would_help() -> None:
    report = make_report(make_example(drivers=False))
    assert "staat bij ‘Aan welke knoppen draait u?’" in report.priorities().html
    assert "laagste scores in de reis" in report.priorities().html
    assert "niet te berekenen" in report.drivers().html
    assert "<table" not in report.drivers().html
    assert "Zodra dat te berekenen is" in report.matrix().html


@pytest.mark.parametrize(
    ("code", "why", "remedy"),
    [
        ("too_few", "te weinig vragenlijsten", "liever honderd"),
        ("constant_outcome", "gaven hetzelfde cijfer", "cijfers bij komen die verschillen"),
        ("singular", "hangen zo sterk samen", "indeling in contactmomenten na te kijken"),
        ("bootstrap_failed", "hoe zeker de uitkomst is", "meer praktijken"),
        ("other", "met de antwoorden tot nu toe", "Vraag wie het onderzoek beheert"),
    ],
)
def test_why_there_are_no_drivers_is_said_as_it_is(code: str, why: str, remedy: str) -> None:
    example = make_example(drivers=False)
    report = make_report(know(example, drivers_reason_code=code))
    for part in (report.drivers(), report.method()):
        assert why in part.html
        assert remedy in part.html


def test_a_period_hidden_for_anothers_sake_is_not_called_too_few() -> None:
    example = make_example(waves=4)
    codes = pd.Series("", index=example.results.frames["trend"].index)
    rows = example.results.frames["trend"]["period"] == "2026-02"
    frame = example.results.frames["trend"].assign(reason_code=codes.mask(rows, "protects_others"))
    frame.loc[rows, ["n", "estimate", "ci_low", "ci_high"]] = np.nan
    frame.loc[rows, "suppressed"] = True
    example = replace(example, results=Results(example.results.meta, {**example.results.frames, "trend": frame}))
    text = words_of(make_page(example, "nl", figures=True))
    assert "of om een ander cijfer te beschermen" in text
    assert "feb 2026 afgeschermd" in " ".join(text.split())


def test_without_a_target_what_stands_out_is_named() -> None:
    gone = dict.fromkeys(("rank", "rank_low", "rank_high", "gain", "gain_low", "gain_high", "p_top3", "target"), np.nan)
    example = change(make_example(), "priorities", status="", **gone)
    example.results.frames["priorities"]["reason_code"] = "no_target"
    report = make_report(example)
    assert "vanaf vijf praktijken" in report.priorities().html
    assert "Gewicht en negatieve antwoorden samen zijn het grootst bij: Kosten" in report.priorities().html
    assert "Een rangorde is nog niet te maken" in report.matrix().html
    assert "<table" not in report.matrix().html
    nobody = make_report(change(example, "priorities", improvement_score=0.0)).priorities().html
    assert "negatieve antwoorden" not in nobody, "nobody is negative"


def test_few_respondents_get_a_short_honest_page() -> None:
    report = make_report(make_example(n=7))
    text = words_of(report.opening().html)
    assert "Er zijn 7 antwoorden van uw patiënten binnen." in text
    assert "Er zijn nog ten minste 3 antwoorden nodig." in text
    assert "ongeveer 45 antwoorden" in text
    assert all(getattr(report, part)().html == "" for part in PARTS if part not in {"opening", "method"})
    assert re.search(r"[678],\d", text) is None, "a figure on seven people"


def test_suppressed_cells_are_said_not_hidden() -> None:
    html = make_report(make_example(n=12)).journey().html
    assert "Van 1 contactmoment tonen wij niets: daar gaven minder dan 10 patiënten antwoord (Verdoving)." in html
    assert "<td" in html
    assert "te weinig" in html


def test_one_wave_says_what_would_bring_a_trend() -> None:
    report = make_report(make_example(waves=1))
    assert "Er is nog maar één meetperiode" in report.journey().html
    assert "jun 2026" not in report.outcomes().html, "nothing to hold the last period against"


@pytest.mark.parametrize(
    ("shift", "words"),
    [(3, "jun 2026: hoger dan"), (-3, "jun 2026: lager dan"), (0, "jun 2026: geen duidelijk verschil")],
)
def test_a_change_counts_when_the_interval_of_the_difference_leaves_out_0(shift: float, words: str) -> None:
    example = make_example()
    trend = example.results.frames["trend"]
    last = (
        (trend["practice_id"] == PRACTICE_ID) & (trend["period"] == trend["period"].max()) & (trend["outcome"] == "ktv")
    )
    trend.loc[last, ["estimate", "ci_low", "ci_high", "difference", "difference_low", "difference_high"]] += shift
    assert words in make_report(example).outcomes().html


def test_no_comments_says_what_would_bring_them() -> None:
    html = make_report(make_example(comments=0)).journey().html
    assert "Minder dan 10 patiënten schreven iets" in html
    assert "blockquote" not in html


def test_comments_are_quoted_in_their_own_language() -> None:
    html = make_report(make_example(), "en").journey().html
    assert html.count('<blockquote lang="nl" dir="auto">') == 12
    assert "6 more comments" in html


def test_an_outcome_has_its_three_figures_side_by_side() -> None:
    example = make_example()
    html = make_report(example).comparison().html
    measured, adjusted, shrunk, usual, verdict = cells_of(html, "Tevredenheid (KTV)")
    assert measured == "8,2", "the figure of the first screen"
    assert measured in words_of(make_report(example).outcomes().html)
    funnel = example.results.frames["funnel"].query("outcome == 'ktv' and practice_id == @PRACTICE_ID").iloc[0]
    assert adjusted == f"{funnel['estimate']:.1f}".replace(".", ",")
    assert shrunk == "8,1"
    assert usual.endswith("(214 antwoorden)")
    assert verdict == "nee, eronder"
    assert "leeftijd en ervaren gezondheid" in html
    assert "in de figuren hieronder" not in html, "without figures"
    drawn = make_report(example, figures=True).comparison().html
    assert "Dit cijfer staat in de figuren hieronder, behalve dat van Gemak (CES)." in drawn


@pytest.mark.parametrize(
    ("verdict", "place", "words"),
    [
        ("lower", 8.3, "lager scoren dan gemiddeld en toch binnen"),
        ("higher", 8.3, "hoger scoren dan gemiddeld en toch binnen"),
        ("no difference", 8.3, ""),
        ("lower", 1.0, ""),
    ],
)
@pytest.mark.parametrize("case_mix", [True, False])
def test_a_verdict_within_the_usual_differences_is_explained(
    verdict: str, place: float, words: str, case_mix: bool
) -> None:
    example = change(make_example(case_mix=case_mix), "outcomes", verdict="no difference")
    outcomes, funnel = (example.results.frames[name] for name in ("outcomes", "funnel"))
    own = (outcomes["practice_id"] == PRACTICE_ID) & (outcomes["outcome"] == "ktv") & (outcomes["metric"] == "mean")
    outcomes.loc[own, "verdict"] = verdict
    here = (funnel["practice_id"] == PRACTICE_ID) & (funnel["outcome"] == "ktv")
    funnel.loc[here, ["estimate", "low95", "high95"]] = place, 8.0, 9.0
    html = make_report(example).comparison().html
    assert words in html
    assert ("en toch binnen de gewone verschillen" in html) == bool(words)


def test_a_figure_that_is_written_as_its_limit_is_on_it() -> None:
    example = make_example()
    funnel = example.results.frames["funnel"]
    here = (funnel["practice_id"] == PRACTICE_ID) & (funnel["outcome"] == "ktv")
    funnel.loc[here, ["estimate", "low95", "high95", "flag"]] = 8.997, 7.985, 8.996, "high95"
    html = make_report(example, figures=True).comparison().html
    _, adjusted, _, usual, verdict = cells_of(html, "Tevredenheid (KTV)")
    assert (adjusted, usual[:13], verdict) == ("9,00", "7,99 tot 9,00", "op de grens")
    assert html.count("9,00.\nDat ligt op de grens van de gewone verschillen") == 1
    assert "8,997" not in html


def test_an_english_page_says_ktv_only_where_the_journey_does() -> None:
    example = make_example()
    report = make_report(example, "en", figures=True)
    label = example.journey.outcome("ktv").label["en"]
    for part in (report.outcomes(), report.drivers(), report.comparison(), report.method()):
        assert "KTV" not in words_of(part.html).replace(label, "").replace("KTV Client satisfaction", "")


def test_without_case_mix_its_column_is_not_there_and_that_is_said() -> None:
    html = make_report(make_example(case_mix=False)).comparison().html
    assert "Er is niet gecorrigeerd" in html
    assert len(cells_of(html, "Tevredenheid (KTV)")) == 4


def test_only_an_outcome_that_was_corrected_is_called_so() -> None:
    """As the comparison itself says, whatever the driver model corrects for."""
    example = make_example()
    effects = example.results.frames["case_mix"]
    example.results.frames["case_mix"] = effects.assign(used=effects["outcome"] == "ktv")
    html = make_report(example, figures=True).comparison().html
    assert "Tevredenheid (KTV), na correctie voor patiënten" in html
    assert "Aanbeveling (NPS), na correctie" not in html
    assert cells_of(html, "Aanbeveling (NPS)")[:2] == ["+27", "–"]
    results = Results(example.results.meta.with_facts(case_mix=()), {**example.results.frames, "case_mix": effects})
    html = make_report(replace(example, results=results), figures=True).comparison().html
    assert "Aanbeveling (NPS), na correctie" in html


def test_an_outcome_that_cannot_be_compared_says_so() -> None:
    example = make_example()
    example.results.frames["funnel"] = example.results.frames["funnel"].query("outcome != 'nps'")
    example = change(example, "outcomes", adjusted=np.nan)
    measured, adjusted, shrunk, usual, verdict = cells_of(make_report(example).comparison().html, "Aanbeveling (NPS)")
    assert measured == "+27"
    assert (adjusted, usual) == ("–", "–")
    assert shrunk == verdict == "niet te berekenen"


def test_a_practice_without_any_comparable_outcome_is_told_what_it_takes() -> None:
    example = make_example(n=12)
    example.results.frames["funnel"] = example.results.frames["funnel"].query("practice_id != @PRACTICE_ID")
    assert "Vanaf 10 antwoorden op een uitkomst" in make_report(example).comparison().html


def test_the_ranking_says_why_its_score_is_another_one() -> None:
    assert "anders dan de gemeten score" in make_report(make_example()).matrix().html


def test_a_practice_alone_is_compared_with_nobody() -> None:
    report = make_report(make_example(practices=1))
    assert "te weinig praktijken" in report.comparison().html


def test_no_other_practice_is_named() -> None:
    html = make_page(make_example(), figures=True)
    assert re.search(r"Praktijk \d", html) is None
    assert "2000000" not in html


def test_parts_that_are_still_to_come_say_so() -> None:
    report = make_report(make_example())
    assert "Geef aan wie het onderzoek beheert door bij welk contactmoment uw actie hoort" in report.actions().html
    assert "SEM" in report.method().html
    assert "terugkeer naar het gemiddelde" in report.method().html


def test_missing_cells_may_be_of_any_type() -> None:
    """Parquet gives missing whole numbers back as ``pd.NA``."""
    example = make_example(n=12)
    frame = example.results.frames["touchpoints"]
    frame["n"] = frame["n"].astype("Int64").mask(frame["suppressed"])
    assert "te weinig" in make_report(example).journey().html


def test_without_a_target_the_matrix_does_not_say_what_can_be_gained() -> None:
    assert (
        "Hoe verder naar links, hoe verder u van het doel" in make_report(make_example(k=3), figures=True).matrix().html
    )
    html = make_report(make_example(k=3, practices=3), figures=True).matrix().html
    assert "Hoe verder naar links, hoe lager uw score daar is" in html


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ({"performance": 95.0, "target": 80.0}, "Toch scoort u ook daar al zo goed als het doel vraagt."),
        ({"performance": 78.0, "target": 80.0}, "u bent er dichter bij het doel dan bij ‘Kosten’"),
        ({"performance": 60.0, "target": 80.0, "effect": 1e-4}, "het telt minder zwaar dan ‘Kosten’"),
        (
            {"performance": 60.0, "target": 80.0, "met_share": 0.05},
            "minder van uw patiënten maken het mee dan ‘Kosten’",
        ),
        ({"performance": 60.0, "target": 80.0, "reason_code": "no_effect"}, "is niet gevonden"),
    ],
)
def test_the_lowest_point_that_is_not_a_priority_says_the_reason_that_holds(
    factors: dict[str, object], words: str
) -> None:
    example = make_example()
    frames = example.results.frames
    ranked = frames["priorities"].query("practice_id == @PRACTICE_ID").sort_values("rank")
    last = ranked["touchpoint"].iloc[-1]
    scores, own = frames["touchpoints"], frames["priorities"]
    scores.loc[(scores["practice_id"] == PRACTICE_ID) & (scores["touchpoint"] == last), "mean"] = 30.0
    row = (own["practice_id"] == PRACTICE_ID) & (own["touchpoint"] == last)
    for column, value in factors.items():
        own.loc[row, column] = value
    said = words_of(make_report(example).journey().html)
    assert words in said
    assert said.count("Toch") == 1


def test_the_lowest_point_that_comes_first_needs_no_reason() -> None:
    assert "Toch" not in words_of(make_report(make_example()).journey().html)


def test_little_to_win_where_most_is_well_is_not_called_something_to_do() -> None:
    example = change(make_example(), "priorities", status="undecided", reason_code="too_close", performance=90.0)
    example = change(example, "priorities", gain=0.02, gain_low=0.0, gain_high=0.05)
    example = know(example, smallest_gain=0.02)
    html = make_report(example).priorities().html
    assert "Geen contactmoment springt eruit" in html
    assert "meer dan ongeveer 0,02" in html
    example = change(example, "priorities", gain=0.3)
    assert "Waar waarschijnlijk winst zit" in make_report(example).priorities().html


@pytest.mark.parametrize(("gain", "words"), [(0.0246, "+0,025 punt"), (0.0154, "+0,015 punt"), (0.0301, "+0,03 punt")])
def test_a_gain_that_reads_as_just_enough_says_on_which_side_it_is(gain: float, words: str) -> None:
    example = change(make_example(), "priorities", gain=gain)
    example = know(example, smallest_gain=0.02)
    report = make_report(example)
    assert words in words_of(report.priorities().html)
    assert words.removesuffix(" punt") in cells_of(report.matrix().html, "Kosten")


def test_words_are_explained_where_a_card_uses_them() -> None:
    report = make_report(make_example())
    assert "niet met uw gemeten score" not in report.priorities().html
    adjusted = make_report(change(make_example(), "priorities", performance=71.0)).priorities().html
    assert "Wij rekenen niet met uw gemeten score maar met 71." in adjusted


def test_what_is_known_of_some_patients_only_is_said_to_be() -> None:
    text = words_of(make_report(make_example()).comparison().html)
    asked = [outcome.label["nl"] for outcome in make_example().journey.outcomes if outcome.kind == "behaviour"]
    assert all(label in text for label in asked)
    assert "dit is niet van elke patiënt bekend" in text


def test_a_score_that_reads_as_the_target_has_decimals() -> None:
    example = change(make_example(), "touchpoints", mean=79.6)
    example = change(example, "priorities", performance=79.6, target=80.2)
    text = words_of(make_report(example).priorities().html)
    assert "Uw score is 79,6, het doel 80,2." in text


def test_an_idea_about_another_question_than_the_lowest_is_not_given() -> None:
    example = make_example()
    touchpoint = next(one for one in example.journey.touchpoints if one.label["nl"] == "Kosten")
    lowest, items = touchpoint.items[0].id, example.results.frames["items"]
    mine = (items["practice_id"] == PRACTICE_ID) & (items["touchpoint"] == touchpoint.id)
    items.loc[mine, "mean"] = 80.0
    items.loc[mine & (items["item"] == lowest), "mean"] = 10.0
    items.loc[mine, ["lowest", "clearly_lowest"]] = False
    items.loc[mine & (items["item"] == lowest), ["lowest", "clearly_lowest"]] = True
    others = [idea for idea in touchpoint.ideas if lowest not in idea.items]
    assert "Bespreek met uw team wat erachter zit" not in make_report(example).priorities().html
    content = example.journey.model_dump(mode="json")
    for step in content["steps"]:
        for one in step["touchpoints"]:
            one["ideas"] = [idea for idea in one["ideas"] if lowest not in idea["items"]]
    html = make_report(replace(example, journey=Journey.model_validate(content))).priorities().html
    assert "Bespreek met uw team wat erachter zit" in html
    assert others
    assert all(idea.title["nl"] not in html for idea in others)


def test_certainty_is_said_to_be_about_chance_and_not_about_causes() -> None:
    """In a world without any effect, where mood colours all answers, cards still say "almost certain"."""
    words = "gaat over toeval in de antwoorden, niet over de vraag of het de oorzaak is."
    sure, unsure = (
        words_of(make_report(change(make_example(), "priorities", status=status, p_top3=0.99)).priorities().html)
        for status in ("act", "undecided")
    )
    assert "Zo goed als zeker" in sure
    assert words in sure
    assert words not in unsure


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("negative_effect", "geen advies"),
        ("no_effect", "geen eigen verband"),
        ("small_gain", "levert weinig op"),
        ("not_first", "later oppakken"),
    ],
)
def test_advice_agrees_with_why_a_point_is_not_first(code: str, words: str) -> None:
    example = change(make_example(), "priorities", status="keep", reason_code=code, performance=40.0)
    html = make_report(example).matrix().html
    assert cells_of(html, "Kosten")[-1] == words


def test_metadata_that_was_not_recorded_is_said() -> None:
    example = make_example()
    example = know(example, data_hash=None)
    assert "niet vastgelegd" in make_report(example).method().html


def test_an_unknown_practice_is_an_error_that_helps() -> None:
    example = make_example()
    with pytest.raises(ReportError, match=r"'1012345' is not in the results.*with its zeros"):
        PracticeReport(example.results, example.journey, "1012345")


def test_a_language_the_journey_lacks_is_an_error_that_helps() -> None:
    example = make_example()
    with pytest.raises(ReportError, match="written in nl, en, not in 'de'"):
        PracticeReport(example.results, example.journey, PRACTICE_ID, "de")


@pytest.mark.parametrize(
    ("kind", "language", "name"),
    [("hospital", "nl", "ziekenhuis"), ("hospital", "en", "hospital"), ("organisation", "nl", "organisatie")],
)
def test_a_hospital_is_nowhere_called_a_practice(kind: str, language: str, name: str) -> None:
    example = make_example(k=3, n=60)
    journey = example.journey.model_copy(update={"reported_on": kind})
    text = words_of(make_page(replace(example, journey=journey), language, figures=True))
    # Named so in the journey, or the name of this very practice.
    providers = (provider.label[language] for provider in journey.providers)
    for own in ("Tandartspraktijk De Linde", *(outcome.label[language] for outcome in journey.outcomes), *providers):
        text = text.replace(own, "")
    assert text.lower().count(name) > 20
    assert re.findall(r"\w*(?:praktijk|practice)\w*", text, flags=re.IGNORECASE) == []


def test_results_are_not_changed() -> None:
    example = make_example()
    before = {name: frame.copy() for name, frame in example.results.frames.items()}
    make_page(example)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(example.results.frames[name], frame)


def test_sections_take_a_fraction_of_a_second() -> None:
    example = make_example(k=14, n=4000)
    make_page(example)
    started = time.process_time()
    report = make_report(example)
    for part in PARTS:
        getattr(report, part)()
    # 0.2 s was measured; the limit allows for a busy machine, and catches what grows with the study.
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize("waiting", [1, 4])
def test_answers_that_wait_are_said_and_why(waiting: int) -> None:
    example = make_example()
    waits = know(example, waiting={PRACTICE_ID: waiting, "another": 9})
    text = words_of(make_page(waits, "nl", figures=False))
    assert f"{waiting} nieuw antwoord telt" in text or f"{waiting} nieuwe antwoorden tellen" in text
    assert "zodra er 10 nieuwe zijn" in text
    assert "nieuwe antwoord" not in words_of(make_report(example).opening().html)


def test_a_practice_that_is_good_already_is_told_so_before_the_rest() -> None:
    example = change(make_example(), "priorities", status="undecided", performance=90.0, target=80.0)
    html = make_report(example).priorities().html
    k = len(example.journey.touchpoints)
    assert f"Op {k} van de {k} contactmomenten scoort u al zo goed als het beste kwart" in html
    low = change(make_example(), "priorities", status="undecided", performance=60.0, target=80.0)
    assert "al zo goed als" not in make_report(low).priorities().html
