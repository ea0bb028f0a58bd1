"""No WCAG 2.2 AA finding of axe-core in a real browser, in any theme, width and kind of page; and readable on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from pages import make_page
from study_results_fixture import make_example
from test_hostile import spoil
from test_index_page import make_index

from pxanalysis.errors import ReportError
from pxanalysis.reporting import pdf
from pxanalysis.reporting.pdf import render_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

# The success criteria of WCAG 2.2, levels A and AA; and what axe calls best practice beside them.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "ordinary": lambda: make_page(make_example(), figures=True),
    "large, English": lambda: make_page(make_example(k=14, n=4000), "en", figures=True),
    "n = 12": lambda: make_page(make_example(k=3, n=12), figures=True),
    "suppressed": lambda: make_page(make_example(n=7)),
    "no drivers": lambda: make_page(make_example(drivers=False)),
    "hostile": lambda: make_page(spoil(make_example(k=3, n=60, comments=2), f" <b> & {'lang ' * 60}"), figures=True),
    "index": make_index,
}
KINDS = [pytest.param(kind, marks=pytest.mark.slow) if kind == "large, English" else kind for kind in PAGES]


def open_page(browser: Browser, folder: Path, html: str, **options: Any) -> Page:
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    page = browser.new_page(**options)
    page.goto(file.as_uri())
    return page


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium: Browser, tmp_path: Path, kind: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    html = PAGES[kind]()
    for width in (1100, 390):
        page = open_page(chromium, tmp_path, html, color_scheme=scheme, viewport={"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
        assert found["passes"], "axe ran no rule"
        page.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1100, 1600])
def test_nothing_is_cut_off_sideways(chromium: Browser, tmp_path: Path, width: int) -> None:
    """WCAG 1.4.10: at 320 pixels a page is read without scrolling sideways; only wide tables scroll, by themselves."""
    html = make_page(make_example(k=14), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_headings_make_an_outline(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(chromium, tmp_path, make_page(make_example(), figures=True))
    levels = page.evaluate("Array.from(document.querySelectorAll('h1,h2,h3,h4,h5,h6'), e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    page.close()


def test_the_keyboard_reaches_the_content_first(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(chromium, tmp_path, make_page(make_example()))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.close()


def test_every_figure_has_a_text_and_its_data(chromium: Browser, tmp_path: Path) -> None:
    page = open_page(
        chromium, tmp_path, make_page(make_example(), figures=True), viewport={"width": 1100, "height": 900}
    )
    figures = page.evaluate(
        """() => Array.from(document.querySelectorAll('figure'), figure => ({
            texts: Array.from(figure.querySelectorAll('svg[role=img] desc'), e => e.textContent),
            shown: Array.from(figure.querySelectorAll('svg')).filter(e => e.getBoundingClientRect().width > 0).length,
            rows: figure.querySelectorAll('details tbody tr').length,
        }))"""
    )
    assert len(figures) >= 8
    for figure in figures:
        assert figure["shown"] == 1
        assert all(len(text) > 20 for text in figure["texts"])
    assert sum(figure["rows"] > 0 for figure in figures) >= len(figures) - 1
    ids = page.evaluate("Array.from(document.querySelectorAll('[id]'), e => e.id)")
    assert len(ids) == len(set(ids))
    page.close()


def test_paper_is_a4_with_page_numbers_and_whole_figures(tmp_path: Path) -> None:
    if not (shutil.which("pdftotext") and shutil.which("pdfinfo")):
        pytest.skip("needs poppler-utils (Debian: apt install poppler-utils)")
    file = tmp_path / "report.html"
    file.write_text(make_page(make_example(), figures=True), encoding="utf-8")
    made = render_pdf(file)
    assert made == tmp_path / "report.pdf"
    info = subprocess.run(["pdfinfo", made], capture_output=True, text=True, check=True).stdout
    assert "A4" in info
    text = subprocess.run(["pdftotext", "-layout", made, "-"], capture_output=True, text=True, check=True).stdout
    pages = text.removesuffix("\f").split("\f")
    assert 4 <= len(pages) <= 10
    for count, page in enumerate(pages, start=1):
        assert re.search(rf"\b{count} ?/ ?{len(pages)}\s*$", page), f"no number on page {count}"
    first = pages[0]
    for words in (
        "Tandartspraktijk De Linde",
        "8,2",
        "Kosten: laat zien",
        "Verdoving: ",
        "Wachtruimte: ",
    ):
        assert words in first, words
    assert "Cijfers bij deze figuur" not in text


def test_no_browser_is_a_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    file.write_text("<p>x</p>", encoding="utf-8")
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(ReportError, match=r"no Chromium found.*apt install chromium"):
        render_pdf(file)


def test_no_page_is_a_clear_message(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="there is no such report"):
        render_pdf(tmp_path / "none.html")


def test_a_browser_that_fails_is_a_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    file.write_text("<p>x</p>", encoding="utf-8")
    broken = shutil.which("false")
    monkeypatch.setattr(pdf.shutil, "which", lambda name: broken)
    with pytest.raises(ReportError, match=r"false made no PDF"):
        render_pdf(file)
