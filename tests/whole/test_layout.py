"""What is folded where: on a phone what can wait, on a desk and on paper nothing that a reader would miss."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import pytest
from browsing import open_page, pages_of
from pages import make_page
from study_results_fixture import make_example

from pxanalysis.reporting.making.pdf import render_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

FOLDED = """Array.from(document.querySelectorAll('details.phone'), one => ({
    summary: one.firstElementChild.getBoundingClientRect().height,
    inside: one.querySelector('table, ol, ul').getBoundingClientRect().height,
    checked: one.querySelector('table, ol, ul').checkVisibility({contentVisibilityAuto: true}),
}))"""
LONGEST = 13_000
"""Pixels of all parts but the last at 390 pixels: some 16 screens; the last is for researchers."""
LONGEST_FIRST = {390: 4_000, 1100: 2_500}
"""Pixels of what everybody reads, before the list of what else there is."""


@pytest.mark.parametrize(("width", "folded"), [(390, True), (680, True), (720, False), (1100, False)])
@pytest.mark.slow
def test_long_parts_are_folded_on_a_phone_only(chromium: Browser, tmp_path: Path, width: int, folded: bool) -> None:
    page = open_page(chromium, tmp_path, make_page(make_example()), viewport={"width": width, "height": 900})
    parts = page.evaluate(FOLDED)
    assert len(parts) == 4
    for part in parts:
        assert (part["summary"] > 20) == folded, "the summary stands only where there is something to unfold"
        assert part["checked"] != folded
    page.click("details.phone summary") if folded else None
    assert page.evaluate(FOLDED)[0]["checked"]
    page.close()


def test_what_stands_open_without_its_summary_is_read_out(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(chromium, tmp_path, make_page(make_example()), viewport={"width": 1100, "height": 900})
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    seen = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    assert ("columnheader", "Advies") in seen
    assert not any(name == "Toon de tabel" for _, name in seen)
    page.close()


def test_a_page_is_not_endless_on_a_phone(chromium: Browser, tmp_path: Path) -> None:
    html = make_page(make_example(), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": 390, "height": 900})
    parts = "Array.from(document.querySelectorAll('.part:not(#method)'), one => one.getBoundingClientRect().height)"
    assert sum(page.evaluate(parts)) <= LONGEST
    page.close()


@pytest.mark.parametrize("width", LONGEST_FIRST)
def test_what_everybody_reads_is_short_and_starts_with_what_to_do(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    html = make_page(make_example(k=11), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": width, "height": 844})
    top = "name => document.querySelector(name).getBoundingClientRect().top"
    assert page.evaluate(top, ".contents") <= LONGEST_FIRST[width]
    assert page.evaluate(top, ".summary") < page.evaluate(top, ".todo") < page.evaluate(top, ".cards")
    assert page.evaluate(top, ".todo>li") <= 500, "on the first screen"
    page.close()


PaperOf = Callable[[int], list[str]]
"""Pages of a printed report on so many contacts."""


@pytest.fixture(scope="module")
def paper_of(tmp_path_factory: pytest.TempPathFactory) -> PaperOf:
    if not shutil.which("pdftotext"):
        pytest.skip("needs poppler-utils (Debian: apt install poppler-utils)")

    @cache
    def print_pages(k: int) -> list[str]:
        file = tmp_path_factory.mktemp("paper") / "report.html"
        file.write_text(make_page(make_example(k=k, comments=20), figures=True), encoding="utf-8")
        return pages_of(render_pdf(file, full=True))

    return print_pages


@pytest.fixture(scope="module")
def paper(paper_of: PaperOf) -> list[str]:
    return paper_of(6)


@pytest.mark.slow
def test_paper_is_two_sheets_unless_all_is_asked_for(tmp_path: Path, paper: list[str]) -> None:
    file = tmp_path / "report.html"
    file.write_text(make_page(make_example(comments=20)), encoding="utf-8")
    sheets = pages_of(render_pdf(file))
    assert len(sheets) == 2 < len(paper)
    assert "Wij gaan" in sheets[0]
    assert "Hoe uw patiënten u beoordelen" in sheets[1]
    assert "De reis van uw patiënt" in sheets[1]  # its picture, no more
    assert not re.search("Score per contactmoment|De hele rangorde|Zo verloopt", " ".join(sheets))


@pytest.mark.slow
def test_paper_has_every_comment_and_no_fold(paper: list[str]) -> None:
    text = re.sub(r"\s+", " ", " ".join(paper))
    html = make_page(make_example(comments=20))
    quotes = re.findall(r"<blockquote[^>]*><p>([^<]+)</p>", html)
    assert len(quotes) > 10
    assert not re.search(r"Nog \d+ opmerkingen|Toon de tabel|Toon de stappen", text)
    for quote in quotes:
        assert " ".join(quote.split()[:3]) in text, quote


def test_the_first_sheet_says_what_to_do_and_the_second_has_the_figures(paper: list[str]) -> None:
    assert "Begin met ‘Kosten’" in " ".join(paper[0].split())
    assert "Wij gaan" in paper[0]
    assert "Hoe uw patiënten u beoordelen" in paper[1]
    assert "De reis van uw patiënt" not in paper[1]
    assert "De reis van uw patiënt" in paper[2]


def test_the_three_trends_stand_side_by_side_on_paper(paper: list[str]) -> None:
    titles = ("Tevredenheid (KTV) in de tijd", "Aanbeveling (NPS) in de tijd", "Gemak (CES) in de tijd")
    page = next(page for page in paper if titles[0] in page)
    assert any(all(title.split(" in ")[0] in line for title in titles) for line in page.splitlines())


@pytest.mark.parametrize("k", [6, 11])
@pytest.mark.slow
def test_the_ranking_stands_on_one_sheet_with_its_heading_and_its_notes(paper_of: PaperOf, k: int) -> None:
    page = next(page for page in paper_of(k) if "De hele rangorde" in page)
    text = re.sub(r"\s+", " ", page[page.index("De hele rangorde") :])
    assert "staat de volgorde niet vast" in text
    assert "Waar niets te winnen is, staat geen plaats." in text


def test_the_ranking_keeps_its_columns_apart_on_paper(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(chromium, tmp_path, make_page(make_example()), viewport={"width": 680, "height": 1000})
    page.emulate_media(media="print")
    page.evaluate("location.hash = 'content'")
    gaps = page.evaluate(
        """Array.from(document.querySelectorAll('#matrix thead th:last-child, #matrix td:last-child'), cell => {
            const range = document.createRange(), before = cell.previousElementSibling;
            range.selectNodeContents(before);
            const end = range.getBoundingClientRect().right;
            range.selectNodeContents(cell);
            return range.getBoundingClientRect().left - end;
        })"""
    )
    assert min(gaps) >= 10
    page.close()
