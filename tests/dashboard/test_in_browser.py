"""The live picture in a real browser: no axe finding, by keyboard, on a phone, in the dark, and following a study."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest
from dashboards import Served, Visitor, serve
from study_copies import copy_study

from pxanalysis.study.calling_back import contact_store
from pxanalysis.study.contacts import KEY, Wanted, make_key
from pxanalysis.survey.action_list import Action
from pxanalysis.survey.contacts import ContactDetails

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from pxanalysis.study import Study

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def practice_id(made: Study) -> str:
    return sorted(made.results["practices"].query("~suppressed")["practice_id"])[-1]


@pytest.fixture(scope="module")
def served(made: Study, practice_id: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A study with a request to be called back, and with actions in several states."""
    study = copy_study(made, tmp_path_factory.mktemp("seen"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY, make_key())
        details = ContactDetails("somebody", {"tel": "+31 20 555 01 23"}, "Over de rekening <b>")
        contact_store(study).add([Wanted(details, practice_id, None)], study.today)
        day = date(2026, 3, 1)
        study.add_action(Action("", practice_id, "waiting_room", "Bel vooraf bij uitloop", idea_on=day))
        chosen = Action("", practice_id, "staff", "Groet bij naam", "groeten", "balie", idea_on=day, decided_on=day)
        study.move_action(study.add_action(chosen).action_id, "start", day)
        with serve(study, every=1.0) as found:
            yield found


def open_page(chromium: Browser, visitor: Visitor, path: str, **options: object) -> Page:
    page = chromium.new_page(**options)  # type: ignore[arg-type]
    name, _, value = visitor.cookie.partition("=")
    if value:
        page.context.add_cookies([{"name": name, "value": value, "url": f"http://{visitor.address}/"}])
    page.goto(f"http://{visitor.address}{path}")
    return page


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", ["practice", "programme", "entrance", "refused"])
def test_axe_finds_nothing(
    chromium: Browser, served: Served, practice_id: str, kind: str, language: str, scheme: str, width: int
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visitor, path = {
        "practice": (served.visitor(practice_id), f"/practice/{practice_id}?"),
        "programme": (
            served.programme(),
            f"/?compare={practice_id}&compare={sorted(served.made.watcher.now.names)[-2]}&",
        ),
        "entrance": (served.visitor(), f"/enter?link={served.made.book.issue(practice_id)}&"),
        "refused": (served.visitor(), "/enter?link=x&"),
    }[kind]
    size = {"width": width, "height": 900}
    page = open_page(chromium, visitor, f"{path}lang={language}", color_scheme=scheme, viewport=size)
    if visitor.cookie:
        page.wait_for_selector("#live > *", state="attached")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
    assert found["passes"], "axe ran no rule"
    assert page.evaluate("document.documentElement.lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_an_action_is_recorded_and_moved_by_keyboard_alone(chromium: Browser, served: Served, practice_id: str) -> None:
    page = open_page(chromium, served.visitor(practice_id), f"/practice/{practice_id}?lang=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#touchpoint")
    page.keyboard.type("W")  # the first contact that begins with it
    page.keyboard.press("Tab")
    page.keyboard.type("Chairs by the window")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**said=recorded**")
    assert "The action is recorded." in page.inner_text(".told")
    item = page.locator("#actions li", has_text="Chairs by the window")
    item.locator("summary").focus()
    page.keyboard.press("Enter")
    item.locator("button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**said=moved**")
    item = page.locator("#actions li", has_text="Chairs by the window")
    assert "Chosen on" in item.inner_text()
    page.close()


def test_a_mistake_is_said_and_what_was_typed_stays(chromium: Browser, served: Served, practice_id: str) -> None:
    page = open_page(chromium, served.visitor(practice_id), f"/practice/{practice_id}?lang=nl")
    page.evaluate("document.querySelectorAll('form').forEach(one => { one.noValidate = true; })")
    page.fill("#idea", "Koffie in de wachtkamer")
    page.click("section#actions form.wide button")
    page.wait_for_selector("[role=alert]")
    assert "Contactmoment" in page.inner_text("[role=alert]")
    assert page.input_value("#idea") == "Koffie in de wachtkamer"
    page.close()


def test_a_call_back_is_seen_to(chromium: Browser, served: Served, practice_id: str) -> None:
    page = open_page(chromium, served.visitor(practice_id), f"/practice/{practice_id}?lang=nl")
    part = page.locator("#call-backs li").first
    assert "+31 20 555 01 23" in part.inner_text()
    assert "Over de rekening <b>" in part.inner_text()
    part.locator("summary").click()
    part.locator("select").select_option("done")
    part.locator("input[name=note]").fill("Uitgelegd")
    part.locator("button").click()
    page.wait_for_url("**said=call**")
    assert "teruggebeld · Uitgelegd" in page.inner_text("#call-backs li")
    assert "+31 20" not in open_page(chromium, served.programme(), f"/practice/{practice_id}").content()
    page.close()


def test_new_answers_show_without_loading_the_page_again(chromium: Browser, served: Served, practice_id: str) -> None:
    """Within a minute of 'ingest' the count is there, and no figure has changed."""
    study = served.made.watcher.now.study
    page = open_page(chromium, served.visitor(practice_id), f"/practice/{practice_id}?lang=en")
    page.wait_for_selector("#live > *", state="attached")
    before = served.made.watcher.now.arrivals.of(practice_id).all.total
    figures = page.inner_html("#outcomes")
    with (study.raw_folder / "answers.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["practice_id"] == practice_id][:3]
    for row in rows:
        row["response_id"] += "-new"
    with (study.raw_folder / "new.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    study.ingest()
    page.locator("#live").get_by_text(str(before + 3), exact=True).wait_for(timeout=60_000)
    assert page.inner_html("#outcomes") == figures
    page.close()


def test_the_page_reads_without_a_script(chromium: Browser, served: Served, practice_id: str) -> None:
    page = open_page(
        chromium, served.visitor(practice_id), f"/practice/{practice_id}?lang=nl", java_script_enabled=False
    )
    assert page.locator(".first .value").count() == 3
    assert page.locator(".first").is_visible()
    page.close()


def test_counts_go_when_a_link_is_taken_back(chromium: Browser, served: Served, practice_id: str) -> None:
    page = open_page(chromium, served.visitor(practice_id), f"/practice/{practice_id}?lang=en")
    page.wait_for_selector("#live > *", state="attached")
    served.made.book.revoke(practice_id)
    page.locator("#live").get_by_text("Your access has ended").wait_for(timeout=30_000)
    assert page.locator("#live .value").count() == 0
    page.close()
