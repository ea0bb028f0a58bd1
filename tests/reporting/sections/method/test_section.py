"""The researcher's part: what is defined, what was missing, how practices were compared, and what made the numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from page_words import cells_of, words_of
from pages import PARTS, make_report
from study_results_fixture import PRACTICE_ID, Example, know, make_example

from pxanalysis.reporting.making.notebooks import hash_notebook
from pxanalysis.reporting.sections import PracticeReport


def test_the_appendix_says_what_is_missing_and_what_does_not_apply() -> None:
    example = make_example()
    html = make_report(example).method().html
    row = example.results.frames["touchpoints"].query("practice_id == '' and touchpoint == 'anaesthesia'").iloc[0]
    answered, missing, absent = cells_of(html.partition("Niet van toepassing</th>")[2], "Verdoving")
    assert answered.replace(".", "") == str(row["n"])
    assert missing == "0"
    assert absent.partition(" ")[0].replace(".", "") == str(row["n_not_applicable"])
    assert "eigen indicator" in html


def test_the_appendix_has_the_comparison_and_the_case_mix_it_rests_on() -> None:
    html = make_report(make_example()).method().html
    compared = cells_of(html.partition("φ trechter")[2], "Tevredenheid (KTV)")
    assert compared[2:] == [
        "0,20",
        "1,10",
        "0,032",
        "0,22",
        "3,20",
        "0,14",
        "F(24; 3.000) = 5,40; p < 0,001".replace("<", "&lt;"),
    ]
    net = cells_of(html.partition("φ trechter")[2], "Aanbeveling (NPS)")
    assert net[2:4] == ["20,0", "109,5"], "in points of a hundred, as elsewhere on the page"
    assert cells_of(html, "Leeftijd") == ["0,012 (0,004)", "1,2 (0,4)", "0,012 (0,004)", "14"]
    assert cells_of(html, "Ervaren gezondheid: uitstekend")[0] == "te weinig"


def test_without_comparison_or_case_mix_the_appendix_says_what_would_bring_it() -> None:
    assert "Er is niet voor patiëntkenmerken gecorrigeerd" in make_report(make_example(case_mix=False)).method().html
    assert "Praktijken zijn niet vergeleken" in make_report(make_example(practices=1)).method().html
    example = make_example()
    for name in ("comparisons", "case_mix", "practice_variance", "touchpoints"):
        del example.results.frames[name]
    html = make_report(example).method().html
    for words in ("Praktijken zijn niet vergeleken", "Hoe betrouwbaar praktijken", "Hoeveel antwoorden ontbreken"):
        assert words in html


@pytest.mark.parametrize("language", ["nl", "en"])
def test_terms_are_defined_with_their_sources(language: str) -> None:
    html = make_report(make_example(), language).method().html
    assert html.count("<dt>") > 25
    for words in ("75", "Spiegelhalter", "80%", "σ²_b"):
        assert words in html


def test_how_many_items_a_score_needs_is_said_as_the_study_sets_it() -> None:
    text = words_of(make_report(know(make_example(), items_needed=0.75)).method().html)
    assert text.count("als ten minste 75%") == 2
    assert "de helft van de vragen" not in text


def test_the_letters_of_an_outcome_are_spelled_out() -> None:
    text = words_of(make_report(make_example()).method().html)
    for said in ("KTV Klanttevredenheid", "NPS Net Promoter Score", "CES Customer Effort Score"):
        assert said in text


def test_remarks_on_the_model_are_in_the_language_of_the_reader() -> None:
    example = make_example()
    assert "Er zijn 54 antwoorden voor 8 coëfficiënten" in make_report(example).method().html
    assert "There are 54 responses for 8 coefficients" in make_report(example, "en").method().html
    example = know(example, driver_notes=[], priority_notes=[])
    text = words_of(make_report(example).method().html)
    assert "Geen van deze punten gaf reden tot een opmerking." in text
    assert "Opmerkingen bij het model" not in text


def test_what_the_model_was_checked_for_is_said_with_its_limits() -> None:
    example = make_example()
    text = words_of(make_report(example).method().html)
    for words in (
        "aantal praktijken: 25 (onder 10 ",
        f"antwoorden per coëfficiënt: {example.results.meta.n_obs // 8}, bij 8 coëfficiënten (onder 10 ",
        "conditie-index 4,2 (boven 30 ",
        "niet te gebruiken waren: 3 van 1.000",
        "met andere zijn samengevoegd: 0",
    ):
        assert words in text, words
    note = {"code": "levels_joined", "n": 23, "minimum": 10, "practices": 3}
    example = know(example, driver_notes=[note])
    assert "met andere zijn samengevoegd: 23" in words_of(make_report(example).method().html)
    example = know(example, n_practices_model=None, n_terms=None, condition_index=None, n_samples_failed=None)
    older = words_of(make_report(example).method().html)
    assert "Wat over het model is nagegaan, is niet vastgelegd" in older
    assert "Geen van deze punten" not in older


def test_how_the_numbers_were_made_is_recorded() -> None:
    example = make_example()
    report = PracticeReport(example.results, example.journey, PRACTICE_ID, figures=False, notebook_hash="abc123")
    text = words_of(report.method().html)
    for words in (
        "numpy 2.4.6; pandas 3.1.1; python 3.11.7",
        "startgetal 20260101",
        "abc123",
        "bootstrap over praktijken",
    ):
        assert words in text, words
    assert "notebook (inhoud van de cellen) niet vastgelegd" in words_of(make_report(example).method().html)


def test_the_response_rate_is_on_the_first_screen_when_it_is_known() -> None:
    report = make_report(make_example(invited=563))
    assert "214 patiënten (respons 38%)" in report.opening().html
    assert "38%: 214 van 563 uitgenodigde patiënten" in report.method().html


@pytest.mark.parametrize(
    ("invited", "words"),
    [(None, "het aantal uitgenodigde patiënten is niet opgegeven"), (100, "meer antwoorden (214) dan opgegeven")],
)
def test_a_response_rate_that_is_not_known_says_what_would_bring_it(invited: int | None, words: str) -> None:
    example = make_example(invited=invited)
    assert "· 214 patiënten ·" in make_report(example).opening().html
    assert words in make_report(example).method().html


def test_a_practice_with_too_few_answers_has_no_response_rate() -> None:
    report = make_report(make_example(n=7, invited=40))
    assert "respons" not in words_of(report.opening().html + report.method().html).lower()


CITED = re.compile(
    r"((?:[A-Z][\w-]+, )*(?:[A-Z][\w-]+ (?:&|en|and) )?(?:[A-Z]\w+ et al\.|[A-Z][\w-]+)),? \(?((?:19|20[01])\d+)\b"
)
"""Author and year, as ``Adams (2009)`` or ``(Lindeman, Merenda & Gold, 1980)``; no study is of before 2020."""


def cited_in(text: str) -> set[tuple[str, str]]:
    return {(re.sub(" (en|and) ", " & ", authors), year) for authors, year in CITED.findall(text)}


def of_hospitals(example: Example) -> Example:
    return replace(example, journey=example.journey.model_copy(update={"reported_on": "hospital"}))


def with_errors(example: Example, errors: str) -> Example:
    return know(example, driver_errors=errors)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(
    ("make", "some", "others"),
    [
        (lambda: make_example(), {"Gelman", "Paule & Mandel", "Belsley, Kuh & Welsch"}, {"Bell & McCaffrey"}),
        (lambda: make_example(drivers=False), {"Cohen", "Wilson"}, {"Gelman", "Lindeman, Merenda & Gold"}),
        (lambda: make_example(case_mix=False), {"Searle, Casella & McCulloch"}, set()),
        (lambda: of_hospitals(make_example(k=14)), {"Evers et al."}, set()),
        (lambda: with_errors(make_example(), "CR2"), {"Bell & McCaffrey"}, set()),
        (lambda: make_example(practices=1), {"Adams"}, {"Paule & Mandel", "Cohen"}),
        (lambda: make_example(n=7), set(), {"Adams", "Wilson"}),
    ],
    ids=["full", "no drivers", "no case mix", "hospital", "CR2", "one practice", "suppressed"],
)
def test_what_is_cited_is_listed_and_what_is_listed_is_cited(
    make: Callable[[], Example], some: set[str], others: set[str], language: str
) -> None:
    report = make_report(make(), language)
    whole = " ".join(getattr(report, part)().html for part in PARTS)
    before, _, listed = whole.partition('id="method-sources"')
    entries = [words_of(entry) for entry in re.findall(r"<li>(.*?)</li>", listed)]
    found = {pair for entry in entries for pair in cited_in(entry.partition(").")[0])}
    assert found == cited_in(words_of(before))
    assert len(found) + sum(entry.startswith("AHRQ") for entry in entries) == len(entries)
    assert ("AHRQ" in before) == any(entry.startswith("AHRQ") for entry in entries)
    assert some <= {authors for authors, _ in found}
    assert not others & {authors for authors, _ in found}


def test_the_appendix_is_folded_under_headings_that_a_link_lands_on() -> None:
    html = make_report(make_example()).method().html
    folds = re.findall(r'<details class="paper fold" id="(method-[a-z]+)"><summary><h3>([^<]+)</h3></summary>', html)
    assert [name for name, _ in folds] == [
        f"method-{name}"
        for name in (
            *("questionnaire", "reliability", "missing", "model", "comparison", "terms", "privacy", "data", "sources"),
        )
    ]
    assert html.count("<h3") == html.count("<details") == len(folds)
    assert "<details open" not in html


def test_the_words_for_agreement_have_their_limits_and_sources() -> None:
    text = words_of(make_report(make_example()).method().html)
    for words in ("‘matig’ vanaf 0,60", "‘voldoende’ vanaf 0,70", "‘sterk’ vanaf 0,80", "‘zeer sterk’ vanaf 0,90"):
        assert words in text, words
    assert "daaronder ‘zwak’ (Nunnally & Bernstein, 1994; Evers et al., 2010)" in text


def test_alphas_interval_says_whether_it_allows_for_practices() -> None:
    example = make_example()
    assert "bootstrap over praktijken, want patiënten van een praktijk lijken" in make_report(example).method().html
    example.results.frames["reliability"]["alpha_interval"] = "Feldt"
    assert "het te smal. Vanaf 5 praktijken" in make_report(example).method().html
    assert "het interval van Feldt (Feldt," in words_of(make_report(example).method().html)


def test_both_standard_deviations_between_practices_say_which_they_are() -> None:
    html = make_report(make_example()).method().html
    assert html.count("SD tussen praktijken, zonder correctie</th>") == 1
    assert html.count("SD tussen praktijken, na correctie</th>") == 1
    assert "Alleen die correctie maakt het verschil" in html
    without = make_report(make_example(case_mix=False)).method().html
    assert without.count("SD tussen praktijken, zonder correctie</th>") == 2
    for words in ("na correctie voor patiëntkenmerken (NPS", "Alleen die correctie", "is hier aangevuld"):
        assert words not in without, words


def with_outcome_of(example: Example, answered: int) -> Example:
    rows = example.results.frames["outcomes"]
    pooled = (rows["practice_id"] == "") & (rows["outcome"] == "ktv") & (rows["metric"] == "mean")
    rows.loc[pooled, "n"] = answered
    return example


def test_answers_that_are_not_used_have_the_rule_that_dropped_them() -> None:
    example = make_example()
    total = example.results.meta.n_responses
    text = words_of(make_report(with_outcome_of(example, total - 17)).method().html)
    assert "17 antwoorden zijn niet gebruikt: er is geen antwoord op Tevredenheid (KTV)." in text
    text = words_of(make_report(with_outcome_of(example, total - 5)).method().html)
    assert "Tevredenheid (KTV), of geen score op enig contactmoment." in text
    example = know(example, n_dropped=1)
    assert "1 antwoord is niet gebruikt:" in make_report(example).method().html
    hidden = words_of(make_report(make_example(n=7)).method().html)
    assert "17 antwoorden zijn niet gebruikt: zij zijn van praktijken met minder dan 10 antwoorden, of" in hidden
    example = know(example, n_dropped=0)
    assert "niet gebruikt:" not in words_of(make_report(example).method().html)


@pytest.mark.parametrize(
    ("practices", "words"),
    [
        (25, "De 25 praktijken zijn door loting verdeeld over 10 groepen;"),
        (8, "De 8 praktijken zijn door loting verdeeld over 8 groepen;"),
        (1, "Er is één praktijk; de patiënten zijn door loting verdeeld over 10 groepen;"),
    ],
)
def test_what_was_left_out_to_validate_the_model_is_said(practices: int, words: str) -> None:
    example = make_example(practices=practices)
    assert words in words_of(make_report(example).method().html)
    example = know(example, cv_r2=None)
    others = "praktijken" if practices > 1 else "patiënten"
    assert f"R² bij andere {others} niet berekend" in words_of(make_report(example).method().html)


def test_who_did_not_answer_is_said_for_the_whole_study() -> None:
    example = make_example()
    text = words_of(make_report(example).method().html)
    assert "De respons van alle praktijken samen is niet bekend. Er is niet gewogen" in text
    answered = example.results.meta.n_responses
    example = know(example, n_invited=4 * answered)
    assert "Respons van alle praktijken samen: 25% (" in words_of(make_report(example).method().html)
    example = know(example, n_effective=answered / 2)
    text = words_of(make_report(example).method().html)
    assert "niet gewogen" not in text
    assert "De antwoorden zijn gewogen" in text


def test_verdicts_say_how_many_come_by_chance() -> None:
    example = make_example()
    example.results.frames["comparisons"]["n_practices"] = 40
    text = words_of(make_report(example).method().html)
    assert "Verschilt geen enkele van deze 40 praktijken werkelijk" in text
    assert "2,0 lager of hoger (5%)" in text
    example.results.frames["comparisons"] = example.results.frames["comparisons"].iloc[:0]
    assert "door toeval gemiddeld" not in words_of(make_report(example).method().html)


def test_privacy_says_what_is_hidden_beside_small_groups_and_what_masking_misses() -> None:
    example = make_example()
    text = words_of(make_report(example).method().html)
    for words in (
        "groep van minder dan 10 patiënten",
        "zodat het ook in geen ander cijfer zit",
        "Wat kan blijven staan",
    ):
        assert words in text, words
    closed = replace(example, journey=example.journey.model_copy(update={"open_questions": ()}))
    assert "Wat kan blijven staan" not in words_of(make_report(closed).method().html)


def test_the_middle_half_is_said_to_be_that_of_measured_means() -> None:
    assert "Middelste helft van de praktijken" in make_report(make_example()).method().html
    assert "Middelste helft" not in make_report(make_example(practices=3)).method().html


def test_counts_of_one_are_singular() -> None:
    example = make_example()
    example = know(example, n_rejected_rows=1, n_rejected_cells=1)
    assert "1 rij, 1 los antwoord" in words_of(make_report(example).method().html)
    assert "1 row, 1 single answer" in words_of(make_report(example, "en").method().html)


def write_notebook(path: Path, source: str, **more: object) -> Path:
    cell = {"cell_type": "code", "source": [source], "metadata": {}, "outputs": [], "execution_count": None, **more}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_notebook_that_was_run_is_the_same_notebook(tmp_path: Path) -> None:
    clean = hash_notebook(write_notebook(tmp_path / "a.ipynb", "report.method()"))
    output = {"output_type": "stream", "name": "stdout", "text": "hello"}
    run = hash_notebook(write_notebook(tmp_path / "b.ipynb", "report.method()", outputs=[output], execution_count=3))
    other = hash_notebook(write_notebook(tmp_path / "c.ipynb", "report.opening()"))
    assert clean == run
    assert clean != other
    assert len(clean) == 64
    assert hash_notebook(tmp_path / "none.ipynb") == ""
