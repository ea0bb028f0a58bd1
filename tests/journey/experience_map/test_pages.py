"""The map, the form and the guide in a browser: read by all, filled in on a tablet, printed on the right paper."""

from __future__ import annotations

import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import open_page, pages_of
from seldom import some_of

from pxanalysis.analysis.observations import read_observations
from pxanalysis.analysis.observations.reading import list_observed, read_shipped
from pxanalysis.errors import JourneyError
from pxanalysis.journey import list_catalogue, read_journey
from pxanalysis.journey.experience_map.content import Measured
from pxanalysis.journey.experience_map.form import make_form
from pxanalysis.journey.experience_map.guide import make_guide
from pxanalysis.journey.experience_map.page import map_page, write_map
from pxanalysis.reporting.making.pdf import render_pdf

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def make_map(journey_id: str, language: str) -> str:
    found = read_shipped(journey_id)
    measured = {one.id: Measured(60.0 + 3 * i, 300 + i) for i, one in enumerate(found.journey.touchpoints)}
    return map_page(found.draw_experience_map(language, measured=measured), language)


MAKERS = {
    "map": make_map,
    "form": lambda journey_id, language: make_form(read_journey(journey_id), language),
    "guide": lambda journey_id, language: make_guide(read_journey(journey_id), language),
}
CASES = list(product(MAKERS, list_observed(), ("nl", "en"), (390, 1100)))


@pytest.mark.browser
@pytest.mark.parametrize(("kind", "journey_id", "language", "width"), some_of(CASES, every=len(CASES)))
@pytest.mark.slow
def test_axe_finds_nothing(
    chromium: Browser, tmp_path: Path, kind: str, journey_id: str, language: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    html = MAKERS[kind](journey_id, language)
    page = open_page(chromium, tmp_path, html, viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
    assert found["passes"], "axe ran no rule"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.browser
def test_who_does_not_see_the_picture_is_told_all_of_it(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(chromium, tmp_path, make_map("knee-first-steps", "nl"), viewport={"width": 1100, "height": 900})
    page.click("summary")
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    seen = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    pictures = [name for role, name in seen if role == "image"]
    assert len(pictures) == 2, "two strips, and not the drawings for other widths"
    assert all(name.endswith("De kaart als tekst") for name in pictures)
    text = page.inner_text(".map-text")
    for words in ("Niet loslaten, hoor.", "Patiënt −0,7 (n=3; van −2 tot +1)", "Zet een stoel voor de naaste"):
        assert words in text
    page.close()


@pytest.mark.browser
def test_the_form_hands_over_what_is_read(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(chromium, tmp_path, make_form(read_journey("knee-first-steps"), "nl"))
    page.click("text=Zet op de lijst")
    assert page.inner_text("#say") == "Kies een contactmoment en een bron."
    page.select_option("#touchpoint", "knee_edge")
    page.select_option("#source", "shadowing")
    page.select_option("#role", "patient")
    page.click("text=Zet op de lijst")
    assert page.inner_text("#say") == "Vul een gevoel of een tekst in."
    page.check("input[name=feels][value='-2']")
    page.fill("#quote", 'Zij zei: "ga maar, <b>Henk</b>", en ik viel')
    page.fill("#idea", "=SOM(1) is geen idee")
    page.select_option("#effort", "S")
    page.fill("#votes", "3")
    page.click("text=Zet op de lijst")
    page.fill("#does", "Schuift naar de rand")
    page.click("text=Zet op de lijst")
    assert page.inner_text("#count") == "2"
    assert page.locator("#rows b").count() == 0
    with page.expect_download() as waiting:
        page.click("#save")
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    page.close()
    found = read_observations(file, "knee-first-steps")
    assert found.rejected.empty
    first, second = found.observations
    assert (first.feels, first.role, first.effort, first.votes) == (-2, "patient", "S", 3)
    assert first.text("quote", "nl") == 'Zij zei: "ga maar, <b>[naam]</b>", en ik viel'
    assert (second.feels, second.touchpoint) == (None, "knee_edge"), "the place stays for the next one"


def sizes_of(file: Path) -> list[str]:
    said = subprocess.run(["pdfinfo", "-l", "9", file], capture_output=True, text=True, check=True).stdout
    return [line.split("(")[-1].rstrip(")") for line in said.splitlines() if " size:" in line and "Page" in line]


GUIDES = [(name, language) for name in list_catalogue() for language in ("nl", "en")]


@pytest.mark.browser
@pytest.mark.parametrize(("journey_id", "language"), some_of(GUIDES, every=26))
def test_the_guide_is_two_pages_and_an_empty_map_on_a3(tmp_path: Path, journey_id: str, language: str) -> None:
    if not shutil.which("pdfinfo"):
        pytest.skip("needs poppler-utils (Debian: apt install poppler-utils)")
    journey = read_journey(journey_id)
    file = tmp_path / "guide.html"
    file.write_text(make_guide(journey, language), encoding="utf-8")
    printed = render_pdf(file)
    assert sizes_of(printed) == ["A4", "A4", "A3"]
    pages = pages_of(printed)
    assert journey.title[language].split()[0] in pages[0]
    for step in journey.steps:
        assert step.label[language].split()[0] in pages[2]


@pytest.mark.browser
@pytest.mark.parametrize("journey_id", some_of(list_observed(), every=2))
def test_a_map_prints_on_one_sheet_of_a3(tmp_path: Path, journey_id: str) -> None:
    if not shutil.which("pdfinfo"):
        pytest.skip("needs poppler-utils (Debian: apt install poppler-utils)")
    file = tmp_path / "map.html"
    write_map(read_shipped(journey_id).draw_experience_map("nl"), file, "nl")
    printed = render_pdf(file)
    assert sizes_of(printed) == ["A3"]
    assert "De kaart als tekst" not in pages_of(printed)[0]


def test_texts_of_a_journey_cannot_become_markup() -> None:
    journey = read_journey("dental-checkup")
    bad = type(journey.title)({"nl": '</title><script>x()</script>"', "en": "x"})
    spoilt = journey.model_copy(update={"title": bad})
    for html in (make_form(spoilt, "nl"), make_guide(spoilt, "nl")):
        assert "<script>x()" not in html


def test_a_language_or_role_that_is_not_there_is_refused() -> None:
    journey = read_journey("dental-checkup")
    for make in (make_form, make_guide):
        with pytest.raises(JourneyError, match="has words in nl and en"):
            make(journey, "de")
    with pytest.raises(JourneyError, match="it has: patient, parent"):
        read_shipped("dental-checkup").draw_experience_map("nl", role="nurse")


def test_of_one_role_only_its_observations_are_drawn() -> None:
    found = read_shipped("knee-first-steps")
    drawing = found.draw_experience_map("nl", role="informal_carer")
    assert "(Mantelzorger, verzonnen" in drawing.title
    assert "Sta" in drawing.as_text
    assert "Niet loslaten" not in drawing.as_text
    assert "Ik hoor hem kreunen" in drawing.as_text
