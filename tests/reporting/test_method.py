"""The researcher's part: what is defined, what was missing, how practices were compared, and what made the numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from page_words import cells_of, words_of
from pages import make_report
from study_results_fixture import PRACTICE_ID, make_example

from pxanalysis.reporting.notebooks import hash_notebook
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


def test_remarks_on_the_model_are_in_the_language_of_the_reader() -> None:
    example = make_example()
    assert "Er zijn 54 antwoorden voor 8 coëfficiënten" in make_report(example).method().html
    assert "There are 54 responses for 8 coefficients" in make_report(example, "en").method().html
    example.results.meta.update(driver_notes=[], priority_notes=["a sentence of an older version"])
    assert "geen bijzonderheden" in make_report(example).method().html


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
    example.results.frames["practices"] = example.results.frames["practices"].drop(columns="n_invited")
    assert "niet opgegeven" in make_report(example).method().html


def test_a_practice_with_too_few_answers_has_no_response_rate() -> None:
    report = make_report(make_example(n=7, invited=40))
    assert "respons" not in words_of(report.opening().html + report.method().html).lower()


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
