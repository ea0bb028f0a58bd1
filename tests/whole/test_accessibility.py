"""No WCAG 2.2 AA finding of axe-core in a real browser, in any theme, width and kind of page; and readable on paper."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from browsing import open_page, pages_of
from hostile_pages import spoil
from pages import make_dentist_page, make_index, make_page
from seldom import some_of
from study_results_fixture import make_example

from pxanalysis.errors import ReportError
from pxanalysis.reporting.making import pdf
from pxanalysis.reporting.making.pdf import render_pdf

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
    "a dentist's page": lambda: make_dentist_page(make_example()),
}
EVERY_TIME = [("ordinary", "light")]
CASES = [
    pytest.param(kind, scheme, marks=[] if (kind, scheme) in EVERY_TIME else [pytest.mark.slow])
    for kind in PAGES
    for scheme in ("light", "dark")
]


@pytest.mark.parametrize("width", some_of([390, 1100], every=2))
@pytest.mark.parametrize(("kind", "scheme"), CASES)
def test_axe_finds_nothing(chromium: Browser, tmp_path: Path, kind: str, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = open_page(chromium, tmp_path, PAGES[kind](), color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
    assert found["passes"], "axe ran no rule"
    page.close()


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(wide, marks=pytest.mark.slow) for wide in (390, 768, 1100, 1600))]
)
def test_nothing_is_cut_off_sideways(chromium: Browser, tmp_path: Path, width: int) -> None:
    """WCAG 1.4.10: at 320 pixels a page is read without scrolling sideways; only wide tables scroll, by themselves."""
    html = make_page(make_example(k=14), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


CUT = """() => {
    document.querySelectorAll('details').forEach(one => { one.open = true; });
    const cells = Array.from(document.querySelectorAll('tbody :is(th, td)'));
    const range = document.createRange();
    return cells.filter(cell => {
        range.selectNodeContents(cell);
        const text = range.getBoundingClientRect();
        const box = cell.closest('.scroll');
        const [left, right] = [box.getBoundingClientRect().left, box.getBoundingClientRect().right];
        return text.left < left - 1 || text.right > right + 1 || cell.scrollWidth > cell.clientWidth + 1;
    }).map(cell => cell.textContent);
}"""


@pytest.mark.parametrize("width", [pytest.param(360, marks=pytest.mark.slow), 390])
@pytest.mark.parametrize("k", [3, pytest.param(14, marks=pytest.mark.slow)])
def test_on_a_phone_every_table_is_read_without_scrolling(
    chromium: Browser, tmp_path: Path, width: int, k: int
) -> None:
    html = make_page(make_example(k=k), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": width, "height": 900})
    assert page.evaluate(CUT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    scrolls = "Array.from(document.querySelectorAll('.scroll')).filter(one => one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(scrolls) == 0
    labels = """Array.from(document.querySelectorAll('table.columns-5 td, table.columns-7 td'),
        cell => [getComputedStyle(cell, '::before').content.split('"')[1], cell.dataset.label])"""
    shown = page.evaluate(labels)
    assert len(shown) > 50
    assert all(seen == label for seen, label in shown)
    page.close()


def read_out(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything in the browser's accessibility tree."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")]


@pytest.mark.slow
def test_a_stacked_table_is_still_a_table_to_a_screen_reader(chromium: Browser, tmp_path: Path) -> None:
    html = make_page(make_example())
    wide = open_page(chromium, tmp_path, html, viewport={"width": 1100, "height": 900})
    phone = open_page(chromium, tmp_path, html, viewport={"width": 390, "height": 900})
    # Only what a phone folds and a desk does not: figures' data and the appendix are folded on both.
    phone.evaluate("document.querySelectorAll('details.phone').forEach(one => { one.open = true; })")
    for role in ("table", "row", "columnheader", "rowheader", "cell"):
        # Names too: a label is for the eye, the head of its column is read out already.
        expected = [one for one in read_out(wide) if one[0] == role]
        assert len(expected) >= 3
        assert [one for one in read_out(phone) if one[0] == role] == expected
    wide.close()
    phone.close()


def test_three_figures_stand_in_a_row_and_are_read(chromium: Browser, tmp_path: Path) -> None:
    html = make_page(make_example(), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": 1100, "height": 900})
    tops, sizes = page.evaluate(
        """() => {
            const row = document.querySelector('.three');
            const drawn = Array.from(row.querySelectorAll('svg')).filter(one => one.getBoundingClientRect().width > 0);
            const sizes = drawn.flatMap(one => {
                const scale = one.getBoundingClientRect().width / one.viewBox.baseVal.width;
                const texts = Array.from(one.querySelectorAll('text'));
                return texts.map(text => scale * parseFloat(getComputedStyle(text).fontSize));
            });
            return [Array.from(row.children, one => one.getBoundingClientRect().top), sizes];
        }"""
    )
    assert len(tops) == 3
    assert len(set(tops)) == 1
    assert min(sizes) >= 11
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


APPENDIX = ("questionnaire", "reliability", "missing", "model", "comparison", "terms", "privacy", "data", "sources")


def test_a_link_to_a_folded_part_of_the_appendix_lands_there_and_the_keyboard_opens_it(
    chromium: Browser, tmp_path: Path
) -> None:
    page = open_page(chromium, tmp_path, make_page(make_example()), viewport={"width": 390, "height": 700})
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    for name in APPENDIX:
        part = page.locator(f"#method-{name}")
        page.evaluate(f"location.hash = 'method-{name}'")
        assert not part.evaluate("one => one.open")
        heading = part.locator("h3").bounding_box()
        assert heading is not None
        assert 0 <= heading["y"] < 700, name
    part.locator("summary").focus()
    page.keyboard.press("Enter")
    assert part.evaluate("one => one.open")
    named = {name for role, name in read_out(page) if role == "heading"}
    assert {"Vragenlijst", "Betrouwbaarheid van de schalen", "Privacy", "Bronnen"} <= named
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


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (shutil.which("pdftotext") and shutil.which("pdfinfo")):
        pytest.skip("needs poppler-utils (Debian: apt install poppler-utils)")
    file = tmp_path_factory.mktemp("paper") / "report.html"
    file.write_text(make_page(make_example(), figures=True), encoding="utf-8")
    made = render_pdf(file, full=True)
    assert made == file.with_suffix(".pdf")
    return made


@pytest.mark.slow
def test_paper_is_a4_with_the_name_and_number_of_every_page(printed: Path) -> None:
    info = subprocess.run(["pdfinfo", printed], capture_output=True, text=True, check=True).stdout
    assert "A4" in info
    pages = pages_of(printed)
    assert 4 <= len(pages) <= 15
    for count, page in enumerate(pages, start=1):
        foot = rf"Tandartspraktijk De Linde – Patiëntbeleving\s+{count} ?/ ?{len(pages)}\s*$"
        assert re.search(foot, page), f"no name and number on page {count}"
        assert count == len(pages) or len(page.split()) > 40, f"page {count} is next to empty"
    for words in ("Tandartspraktijk De Linde", "8,2", "Kosten: laat zien", "Verdoving: ", "Wachtruimte: "):
        assert words in pages[0], words


def test_a_pdf_has_structure_language_title_and_outline(printed: Path) -> None:
    info = subprocess.run(["pdfinfo", printed], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Tagged: +yes", info)
    assert re.search(r"Title: +Tandartspraktijk De Linde – Patiëntbeleving", info)
    raw = printed.read_bytes()
    assert b"/Lang (nl)" in raw
    assert b"/Outlines" in raw


def test_paper_has_the_tables_that_are_folded_on_a_screen(printed: Path) -> None:
    text = "".join(pages_of(printed))
    assert "Cijfers bij deze figuur" not in text
    example = make_example()
    for item in example.journey.items:
        words = item.item.text["nl"].split()
        assert re.search(r"\s+".join(map(re.escape, words[:4])), text), item.id
    assert "Alle uitkomsten in cijfers" in text
    assert re.search(r"Aanbeveling \(NPS\): gemiddel", text)
    for words in ("Nunnally & Bernstein", "conditie-index", "F(24; 3.000)", "startgetal", "Adams (2009). RAND"):
        assert words in text, f"the appendix is open on paper: {words}"


@pytest.mark.slow
def test_paper_shows_the_journey_across_and_other_figures_for_a_column(
    chromium: Browser, tmp_path: Path, printed: Path
) -> None:
    labels = [touchpoint.label["nl"] for touchpoint in make_example().journey.touchpoints]
    lines = [line for page in pages_of(printed) for line in page.splitlines()]
    assert any(sum(label.split()[0] in line for label in labels) >= 3 for line in lines), "the journey goes down"
    # The text of an A4 page is 180 mm wide: 680 pixels.
    html = make_page(make_example(), figures=True)
    page = open_page(chromium, tmp_path, html, viewport={"width": 680, "height": 1000})
    page.evaluate("location.hash = 'content'")  # all of it, not the two sheets only
    page.emulate_media(media="print")
    drawn = page.evaluate(
        """Array.from(document.querySelectorAll('figure svg')).map(one => [
            one.getBoundingClientRect().width, one.viewBox.baseVal.width]).filter(([shown]) => shown > 0)"""
    )
    assert len(drawn) >= 8
    for shown, made in drawn:
        # Text is at least 12 pixels in a drawing, and 8 points on paper are 10.7.
        assert 10.7 / 12 <= shown / made <= 1.3, (shown, made)
    page.close()


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
