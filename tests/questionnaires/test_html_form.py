"""Our own page in a real browser: by keyboard, on a phone, offline, with nothing left behind; its CSV is read back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pxanalysis.journey import Journey, read_journey
from pxanalysis.questionnaires import write_questionnaire
from pxanalysis.survey.reading import read_survey

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def open_form(chromium: Browser, path: Path, width: int = 390, query: str = "?practice_id=P001&token=abc") -> Page:
    page = chromium.new_page(viewport={"width": width, "height": 844})
    page.context.set_offline(True)
    page.goto(path.as_uri() + query)
    return page


def choose(page: Page, name: str, value: str) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def next_until(page: Page, selector: str) -> None:
    for _ in range(40):
        if page.locator(selector).first.is_visible():
            return
        page.click("#next")
    raise AssertionError(f"{selector} never came")


def test_answers_come_back_as_given(chromium: Browser, tmp_path: Path) -> None:
    path = write_questionnaire("dental-checkup", "html", languages=["nl"], output=tmp_path).paths[0]
    page = open_form(chromium, path)
    next_until(page, '[name="role"]')
    choose(page, "role", "parent")
    next_until(page, '[name="met_booking_phone"]')
    assert not page.locator('[name="phone_answered"]').first.is_visible()
    choose(page, "met_booking_phone", "1")
    choose(page, "phone_answered", "5")
    choose(page, "phone_helpful", "na")
    choose(page, "phone_time", "dk")
    next_until(page, '[name="met_booking_online"]')
    choose(page, "met_booking_online", "0")
    next_until(page, '[name="ktv"]')
    choose(page, "ktv", "8")
    next_until(page, '[name="age"]')
    page.fill('[name="age"]', "200")
    page.click("#next")
    assert "0 tot en met 110" in page.inner_text("#e-age")
    page.fill('[name="age"]', "41")
    choose(page, "health", "very_good")
    next_until(page, '[name="comment"]')
    page.fill('[name="comment"]', 'Zei: "goed",\nregel twee; <b>')
    page.click("#finish")
    with page.expect_download() as download:
        page.click("#save")
    saved = tmp_path / "answer.csv"
    download.value.save_as(saved)
    responses = read_survey(saved, journey="dental-checkup")
    row = responses.table.row(0, named=True)
    wanted = {
        "practice_id": "P001", "role": "parent", "channel": "web", "phone_answered": 5, "phone_helpful": None,
        "na:phone_helpful": True, "phone_time": None, "na:phone_time": False, "na:online_easy": True, "ktv": 8,
        "nps": None, "age": 41.0, "health": "very_good", "comment": 'Zei: "goed",\nregel twee; <b>',
        "na:reception_quick": False,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    page.click("#again")
    assert page.input_value('[name="comment"]') == ""
    assert page.locator("input:checked").count() == 0
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.length]")
    assert kept == [0, 0, 0]


@pytest.mark.parametrize("width", [390, pytest.param(1100, marks=pytest.mark.slow)])
@pytest.mark.parametrize("spoiled", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    chromium: Browser, tmp_path: Path, hostile: Journey, width: int, spoiled: bool
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    journey = hostile if spoiled else read_journey("dental-checkup")
    for path in write_questionnaire(journey, "html", output=tmp_path).paths:
        page = open_form(chromium, path, width)
        problems: list[str] = []
        page.on("pageerror", lambda error, found=problems: found.append(str(error)))
        for _ in range(3):
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
            assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.click("#next")
        assert problems == []
        assert page.locator("b").count() == 0  # no wording became markup
        page.close()


@pytest.mark.slow
def test_the_keyboard_alone_is_enough(chromium: Browser, tmp_path: Path) -> None:
    path = write_questionnaire("dental-treatment", "html", languages=["en"], output=tmp_path).paths[0]
    page = open_form(chromium, path, 1100)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(40):
        if page.locator("#finish").is_visible():
            break
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "next":
                page.keyboard.press("Enter")
                break
            if page.evaluate("document.activeElement.id") == "finish":
                break
    page.locator("#finish").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "h-result"
    assert page.input_value("#csv").count("\n") == 2


@pytest.mark.slow
def test_paper_holds_every_question(chromium: Browser, tmp_path: Path) -> None:
    path = write_questionnaire("dental-checkup", "html", languages=["nl"], output=tmp_path).paths[0]
    page = open_form(chromium, path, 718)
    page.emulate_media(media="print")
    journey = read_journey("dental-checkup")
    for placed in journey.items:
        assert page.get_by_text(placed.item.text["nl"], exact=True).first.is_visible()
    assert page.locator(".picture svg").is_visible()
    assert not page.locator("#next").is_visible()
    assert page.evaluate("document.documentElement.lang") == "nl"
