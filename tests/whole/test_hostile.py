"""Whatever stands in a study, no script runs in its pages, no request leaves them, and they still read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hostile_pages import spoil
from hostile_strings import HOSTILE
from pages import make_page
from study_results_fixture import PRACTICE_ID, Example, Results, make_example

from pxanalysis.reporting.index_page import render_index
from pxanalysis.reporting.page.fragments import display_text
from pxanalysis.reporting.practice_list import index_rows

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

TRAP = """
window.__hits = [];
window.hit = (...a) => { window.__hits.push('hit'); };
for (const name of ['alert', 'confirm', 'prompt', 'open', 'fetch']) window[name] = () => window.__hits.push(name);
"""
# A policy is the last wall; pages have to hold without it.
POLICY = '<meta http-equiv="Content-Security-Policy"'


def test_the_corpus_is_large_and_has_no_doubles() -> None:
    assert len(HOSTILE) >= 300
    assert len(set(HOSTILE)) == len(HOSTILE)


def index_page(example: Example, hostile: str) -> str:
    reports = {PRACTICE_ID: ("failed", f"{hostile[:200]}.html", hostile)}
    reports |= {
        str(i): ("made", f"{hostile[:200]}.html", "") for i in example.results.frames["practices"]["practice_id"][1:]
    }
    return render_index(
        index_rows(example.results, example.journey, reports), example.results.meta, "nl", satisfaction="Cijfer"
    )


class Reader:
    """Opens pages and tells what ran, what was asked for, and what can be read."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.page = browser.new_page(viewport={"width": 900, "height": 900})
        self.page.add_init_script(TRAP)
        self.asked: list[str] = []
        self.failed: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.failed.append("dialog"), dialog.dismiss()))
        self.file = folder / "page.html"

    def read(self, html: str, *, policy: bool = True) -> dict[str, Any]:
        shown = html if policy else html.replace(POLICY, "<meta http-equiv='X-None'")
        self.file.write_text(shown, encoding="utf-8", errors="surrogateescape")
        self.asked.clear()
        self.failed.clear()
        self.page.goto(self.file.as_uri())
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found = self.page.evaluate(
            """() => ({
                hits: window.__hits,
                elements: Array.from(document.querySelectorAll('*'), e => e.tagName).join(' '),
                handlers: Array.from(document.querySelectorAll('*')).flatMap(e => Array.from(e.attributes))
                    .filter(a => /^on|^style$|^srcdoc$/i.test(a.name)).map(a => a.name),
                links: Array.from(document.querySelectorAll('[href]'), e => e.getAttribute('href')),
                protocols: Array.from(document.links, e => e.protocol),
                headings: document.querySelectorAll('h1, h2').length,
                width: document.documentElement.scrollWidth,
                text: document.querySelector('main').innerText,
            })"""
        )
        found["requests"] = [url for url in self.asked if url != self.file.as_uri()] + self.failed
        return dict(found)


@pytest.fixture(scope="module")
def example() -> Example:
    return make_example(k=3, n=60, practices=6, comments=3)


@pytest.fixture
def reader(chromium: Browser, tmp_path: Path) -> Any:
    one = Reader(chromium, tmp_path)
    yield one
    one.page.close()


def check(reader: Reader, html: str, expected: dict[str, Any], *, policy: bool) -> None:
    found = reader.read(html, policy=policy)
    assert found["hits"] == []
    assert found["requests"] == []
    assert found["handlers"] == []
    assert all(link.startswith("#") for link in found["links"])
    assert found["elements"] == expected["elements"], "the text changed the structure of the page"
    assert found["headings"] == expected["headings"]
    assert found["width"] <= 900, "the page has to be scrolled sideways"
    for words in ("Wat u het eerst kunt doen", "De reis van uw patiënt", "8,", "Hoe dit rapport is gemaakt"):
        assert words in found["text"]


def run_corpus(reader: Reader, example: Example, strings: list[str], *, figures: bool) -> None:
    expected = reader.read(make_page(spoil(example, "gewoon"), figures=figures))
    for hostile in strings:
        page = make_page(spoil(example, hostile), figures=figures)
        assert len(page) < 350_000
        if figures:
            # A figure's layout follows its labels, so that only its behaviour can be compared.
            expected = reader.read(page)
        try:
            for policy in (True, False):
                check(reader, page, expected, policy=policy)
        except AssertionError as error:
            error.add_note(f"the string was {hostile[:200]!r}, policy {policy}")
            raise


def test_some_strings_in_every_text(reader: Reader, example: Example) -> None:
    run_corpus(reader, example, HOSTILE[::70], figures=False)


@pytest.mark.slow
def test_every_string_in_every_text(reader: Reader, example: Example) -> None:
    run_corpus(reader, example, HOSTILE, figures=False)


@pytest.mark.slow
def test_strings_in_figures(reader: Reader, example: Example) -> None:
    run_corpus(reader, example, HOSTILE[::12], figures=True)


def run_index(reader: Reader, example: Example, strings: list[str], *, policy: bool) -> None:
    def structure(found: dict[str, Any]) -> list[str]:
        return [tag for tag in found["elements"].split() if tag not in {"SPAN", "BDI", "A"}]

    expected = structure(reader.read(index_page(spoil(example, "gewoon"), "gewoon"), policy=policy))
    for hostile in strings:
        found = reader.read(index_page(spoil(example, hostile), hostile), policy=policy)
        assert (found["hits"], found["requests"], found["handlers"]) == ([], [], []), hostile[:200]
        assert structure(found) == expected, hostile[:200]
        assert set(found["protocols"]) <= {"file:"}, hostile[:200]


@pytest.mark.parametrize(
    "policy", [True, pytest.param(False, marks=[pytest.mark.slow])], ids=["with policy", "without policy"]
)
def test_some_strings_on_the_index_page(reader: Reader, example: Example, policy: bool) -> None:
    run_index(reader, example, HOSTILE[::40], policy=policy)


@pytest.mark.slow
def test_every_string_on_the_index_page(reader: Reader, example: Example) -> None:
    run_index(reader, example, HOSTILE, policy=False)


def test_what_is_shown_says_the_same(reader: Reader, example: Example) -> None:
    """Nothing is lost that could be read: a label with markup stands there as text."""
    found = reader.read(make_page(spoil(example, " <b>&amp;</b> {{ 7 * 7 }}")))
    assert "x <b>&amp;</b> {{ 7 * 7 }}" in found["text"]


def test_what_patients_do_think_and_weigh_is_among_the_texts(example: Example) -> None:
    page = make_page(spoil(example, "<i>"))
    for key in ("does", "thinks", "dilemma"):
        assert re.search(rf'<div class="{key}"><dt>\w+</dt><dd><bdi>x&lt;i&gt;</bdi></dd>', page), key


def test_invisible_characters_leave_no_trace(example: Example) -> None:
    html = make_page(spoil(example, "\u202egnudnaheb\u200b\u2066"))
    assert not set(html) & set("\u202e\u200b\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\ufeff\u0000")
    assert display_text("x\u202egnud", 80) in html


def test_frames_may_hold_other_types_of_text(example: Example) -> None:
    frames = {name: frame.copy() for name, frame in example.results.frames.items()}
    frames["practices"]["name"] = pd.array(["<b>x</b>"] * len(frames["practices"]), dtype="string[pyarrow]")
    page = make_page(Example(Results(example.results.meta, frames), example.journey))
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "<b>" not in page
