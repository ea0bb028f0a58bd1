"""The journey part: what was described beforehand stands apart from what was measured, and nothing breaks it up."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from pages import make_page, make_report
from study_results_fixture import Example, Results, make_example

from pxanalysis.journey.model import Journey

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def without_descriptions(example: Example) -> Example:
    content = example.journey.model_dump(mode="json")
    for step in content["steps"]:
        for touchpoint in step["touchpoints"]:
            touchpoint |= {"does": None, "thinks": None, "dilemma": None}
    return Example(example.results, Journey.model_validate(content))


def steps_of(html: str) -> str:
    found = re.search(r'<ol class="steps.*?</ol>', html, re.DOTALL)
    assert found is not None
    return found[0]


@pytest.mark.parametrize(("language", "labels"), [("nl", "Doet Denkt Dilemma"), ("en", "Does Thinks Dilemma")])
def test_what_patients_do_think_and_weigh_stands_under_its_word(language: str, labels: str) -> None:
    example = make_example()
    steps = steps_of(make_report(example, language).journey().html)
    for touchpoint in example.journey.touchpoints:
        texts = [text[language] for text in (touchpoint.does, touchpoint.thinks, touchpoint.dilemma) if text]
        for label, text in zip(labels.split(), texts, strict=True):
            assert f"<dt>{label}</dt><dd><bdi>{text}</bdi></dd>" in steps
        assert touchpoint.sentence is not None
        assert touchpoint.sentence[language] not in texts


def test_it_is_said_that_this_was_not_measured_and_what_was() -> None:
    html = make_report(make_example()).journey().html
    assert "is vooraf beschreven en niet gemeten" in html
    described = re.findall(r"<dl>.*?</dl>", html, re.DOTALL)
    assert len(described) == 6
    assert not any("gemeten" in one for one in described)
    assert len(re.findall(r"gemeten: score \d+ van 100", steps_of(html))) == 6


def test_the_lowest_question_is_said_where_there_is_more_than_one() -> None:
    example = make_example()
    assert "laagst: " in steps_of(make_report(example).journey().html)
    content = example.journey.model_dump(mode="json")
    for step in content["steps"]:
        for touchpoint in step["touchpoints"]:
            touchpoint |= {"items": touchpoint["items"][:1], "ideas": []}
    single = Example(example.results, Journey.model_validate(content))
    assert "laagst: " not in steps_of(make_report(single).journey().html)


def test_a_contact_without_a_dilemma_has_none() -> None:
    example = make_example(k=14)
    dilemmas = [touchpoint for touchpoint in example.journey.touchpoints if touchpoint.dilemma]
    assert 0 < len(dilemmas) < 14
    assert make_report(example).journey().html.count("<dt>Dilemma</dt>") == len(dilemmas)


def test_a_hidden_score_is_not_shown_beside_what_was_described() -> None:
    example = make_example()
    frame = example.results.frames["touchpoints"].copy()
    hidden = frame["touchpoint"] == "costs"
    frame.loc[hidden, "suppressed"] = True
    frame.loc[hidden, "mean"] = float("nan")
    frames = example.results.frames | {"touchpoints": frame}
    steps = steps_of(make_report(Example(Results(example.results.meta, frames), example.journey)).journey().html)
    assert "gemeten: te weinig antwoorden om te tonen" in steps
    assert "Ik krijg de rekening" in steps
    assert len(re.findall(r"gemeten: score", steps)) == 5


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_journey_that_says_nothing_beforehand_says_who_can_add_it(language: str) -> None:
    example = without_descriptions(make_example())
    html = make_report(example, language).journey().html
    expected = {
        "nl": "vraag wie het onderzoek beheert om dat toe te voegen",
        "en": "ask whoever runs the survey to add it",
    }
    assert expected[language] in html
    assert "<dl>" not in html
    for touchpoint in example.journey.touchpoints:
        assert touchpoint.sentence is not None
        assert touchpoint.sentence[language] in html


@pytest.mark.browser
@pytest.mark.parametrize(("width", "columns"), [(1100, 3), (390, 1)])
@pytest.mark.parametrize("k", [3, 14])
def test_three_columns_on_a_desk_and_one_in_the_hand(
    chromium: Browser, tmp_path: Path, width: int, columns: int, k: int
) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    path = tmp_path / "page.html"
    path.write_text(make_page(make_example(k=k, n=60)), encoding="utf-8")
    page.goto(path.as_uri())
    found = page.evaluate(
        """() => ({
            wide: document.documentElement.scrollWidth,
            lefts: Array.from(document.querySelectorAll('.map dl > div'), e => Math.round(e.offsetLeft)),
            narrowest: Math.min(...Array.from(document.querySelectorAll('.map dd'), e => e.clientWidth)),
        })"""
    )
    page.close()
    assert found["wide"] <= width
    assert len(set(found["lefts"])) == columns
    assert found["narrowest"] >= 150


@pytest.mark.browser
@pytest.mark.slow
def test_no_contact_is_broken_over_two_printed_pages(chromium: Browser, tmp_path: Path) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext reads the printed pages; install poppler-utils")
    page = chromium.new_page()
    path = tmp_path / "page.html"
    path.write_text(make_page(make_example(k=14, n=400)), encoding="utf-8")
    page.goto(f"{path.as_uri()}#content")  # all of it, not the two sheets only
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    page.close()
    command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
    sheets = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")
    for text in sheets:
        assert text.count("Doet") == text.count("Ik bel, wacht") == text.count("nodig heb.")
    described = [touchpoint for touchpoint in make_example(k=14).journey.touchpoints if touchpoint.does]
    assert sum(text.count("Doet") for text in sheets) == len(described)
    assert sum("Doet" in text for text in sheets) > 1, "the list is long enough to be broken"
