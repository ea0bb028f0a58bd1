"""Figures as part of a page: safe, small, the same every time, and readable in a real browser."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from xml.etree import ElementTree

import matplotlib as mpl
import pytest
from figure_examples import (
    LONG,
    SHORT,
    every_figure,
    funnel,
)
from figures_data import NL
from places import TESTS
from seldom import some_of

from pxanalysis.errors import ReportError
from pxanalysis.figures.kit.canvas import HALO
from pxanalysis.figures.kit.embedding import COLUMN, FIGURE_CSS, MIDDLE, NARROW, WIDE, embed
from pxanalysis.figures.kit.palette import DARK, LIGHT, css_variables
from pxanalysis.figures.kit.svg import to_svg
from pxanalysis.figures.page import (
    plot_funnel,
)
from pxanalysis.reporting.page.wording import Wording

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NL = Wording("nl")
NAMES = tuple(every_figure(SHORT, NL))

HOSTILE = [
    "</text><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</svg><style>*{display:none}</style>",
    "]]><!-- --> &amp; &lt;b&gt;",
    r"$\alpha^{2}$ and $\frac{1}{0}$",
    "$unbalanced \\textbf{",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "first\nsecond\r\n\x00\x07third",
    "\u202eevil\u2066\u200b\u200d\ufeff",
    "Z\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo",
    "x" * 500,
    "woord " * 200,
    "漢字かな交じり文 عربى 🦷🦷",
    "\ud800 lone surrogate",
    "",
]


def svg_of(name: str, labels: dict[str, str] = SHORT, width: int = COLUMN, prefix: str = "fig") -> str:
    draw = every_figure(labels, NL)[name]
    return to_svg(draw(width), id_prefix=prefix, title=name, description="Wat er te zien is.")


# --- bytes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_same_figure_is_the_same_bytes(name: str) -> None:
    first = svg_of(name)
    settings = {"font.size": 30, "lines.linewidth": 9, "savefig.bbox": "tight", "savefig.dpi": 200}
    with mpl.rc_context({**settings, "text.usetex": True, "lines.color": "red", "axes.grid": True}):
        assert svg_of(name) == first, "a reader's own matplotlib settings do not change a report"


def test_global_settings_are_left_alone() -> None:
    before = dict(mpl.rcParams)
    for name in NAMES:
        svg_of(name)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("width", some_of([COLUMN, WIDE, NARROW], every=3))
@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_small(name: str, width: int) -> None:
    assert len(svg_of(name, LONG, width).encode()) < 25_000


def test_a_funnel_of_a_thousand_practices_is_small() -> None:
    figure = plot_funnel(funnel(1000, largest=4000), NL, own="practice-4", unit="grade", outcome="KTV")
    assert len(to_svg(figure, id_prefix="f", title="t", description="d").encode()) < 25_000


# --- what the page's policy and other figures ask ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_style_no_link_no_address_and_only_the_palette(name: str) -> None:
    svg = svg_of(name, LONG)
    root = ElementTree.fromstring(svg)
    assert {part.tag for part in root.iter()} <= {"svg", "title", "desc", "path", "circle", "text"}
    attributes = {attribute for part in root.iter() for attribute in part.attrib}
    assert {part.get("class") for part in root.iter()} <= {None, HALO}
    assert not attributes & {"style", "href", "onload", "font-family", "transform"}
    assert "http" not in svg
    assert "url(" not in svg
    known = {f"var(--{role.replace('_', '-')},{getattr(LIGHT, role)})" for role in LIGHT.__slots__}
    used = {part.get(paint) for part in root.iter() for paint in ("fill", "stroke") if part.get(paint)}
    assert used <= known | {"none"}


def test_ids_are_unique_on_a_page() -> None:
    page = "".join(
        embed(draw, id_prefix=f"{name}-{turn}", title="t", description="d", widths=(COLUMN, NARROW))
        for turn in "ab"
        for name, draw in every_figure(SHORT, NL).items()
    )
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == 2 * 2 * len(NAMES), "the words of a figure stand once, whatever its widths"
    assert len(set(ids)) == len(ids)
    referred = {part for value in re.findall(r'aria-labelledby="([^"]+)"', page) for part in value.split()}
    assert referred == set(ids)


def test_the_title_and_the_finding_are_its_text_alternative() -> None:
    svg = to_svg(
        every_figure(SHORT, NL)["ranks"](COLUMN),
        id_prefix="r",
        title="Plaats <1>",
        description="Eerste zin. Tweede & laatste.",
    )
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.findtext("title") == "Plaats <1>"
    assert root.findtext("desc") == "Eerste zin.\nTweede & laatste."


@pytest.mark.parametrize("prefix", ["", "1a", "a b", 'a"onload="x', "é"])
def test_an_id_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ReportError, match="id_prefix"):
        svg_of("ranks", prefix=prefix)


# --- hostile words ------------------------------------------------------------------------------------------------


def hostile_labels() -> dict[str, str]:
    return dict(zip(LONG, HOSTILE, strict=False))


@pytest.mark.parametrize("width", some_of([COLUMN, WIDE, NARROW], every=3))
@pytest.mark.parametrize("name", NAMES)
def test_hostile_labels_are_plain_text(name: str, width: int) -> None:
    for svg in (svg_of(name, hostile_labels(), width), svg_of(name, dict.fromkeys(SHORT, HOSTILE[-3]), width)):
        root = ElementTree.fromstring(svg)
        assert {part.tag for part in root.iter()} <= {"svg", "title", "desc", "path", "circle", "text"}
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00-\x09]", svg)
        assert max(len(part.text or "") for part in root.iter("text")) <= 300


def test_formulas_are_not_typeset() -> None:
    labels = {**SHORT, "book": r"$\alpha$", "desk": "$unbalanced"}
    texts = [part.text for part in ElementTree.fromstring(svg_of("importance", labels)).iter("text")]
    assert r"$\alpha$" in texts
    assert "$unbalanced" in texts


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_titles_are_plain_text(text: str) -> None:
    svg = to_svg(every_figure(SHORT, NL)["ranks"](COLUMN), id_prefix="a", title=text, description=text * 3)
    root = ElementTree.fromstring(svg)
    assert {part.tag for part in root.iter()} == {"svg", "title", "desc", "path", "circle", "text"}


# --- a real browser -------------------------------------------------------------------------------------------------

OVERLAPS = """() => {
  const seen = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (!frame.width) continue;
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    const name = document.getElementById(svg.getAttribute('aria-labelledby').split(' ')[0]).textContent;
    boxes.forEach(([a, p], i) => {
      if (p.left < frame.left - 2 || p.right > frame.right + 2) seen.push(`${name}: '${a}' is cut`);
      boxes.slice(i + 1).forEach(([b, q]) => {
        const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (wide > 2 && high > 4) seen.push(`${name}: '${a}' on '${b}'`);
      });
    });
  }
  return seen;
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg text')]
  .filter(t => t.getBoundingClientRect().width)
  .map(t => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a))"""
INK = "() => getComputedStyle(document.querySelector('.figure-wide text')).fill"


def write_page(folder: Path, labels: dict[str, str]) -> Path:
    css = f"{css_variables()}{FIGURE_CSS}body{{margin:0;background:var(--paper)}}main{{margin:0 20px}}"
    css += f".half{{max-width:{COLUMN}px}}"
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    figures = []
    for name, draw in every_figure(labels, NL).items():
        page_wide = name in {"experience", "trend"}
        widths = (WIDE, MIDDLE, NARROW) if page_wide else (COLUMN, NARROW)
        svg = embed(draw, id_prefix=name, title=name, description="d", widths=widths)
        figures.append(f"<div{'' if page_wide else ' class=half'}>{svg}</div>")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    path = folder / "page.html"
    path.write_text(
        '<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>figures</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{css}</style></head><body><main>{''.join(figures)}</main></body></html>",
        encoding="utf-8",
    )
    return path


def opened(chromium: Browser, path: Path, **settings: Any) -> tuple[Page, list[str]]:
    page = chromium.new_page(**settings)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(path.as_uri())
    return page, complaints


@pytest.mark.browser
@pytest.mark.parametrize("width", some_of([390, 1040], every=2))
@pytest.mark.parametrize(
    "labels",
    [LONG, *(pytest.param(labels, marks=[pytest.mark.slow]) for labels in (SHORT, hostile_labels()))],
    ids=["14 long", "7", "hostile"],
)
def test_in_a_browser_texts_do_not_overlap(
    chromium: Browser, tmp_path: Path, labels: dict[str, str], width: int
) -> None:
    page, complaints = opened(chromium, write_page(tmp_path, labels), viewport={"width": width, "height": 800})
    assert complaints == []
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(SMALLEST) >= 11.5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.mark.browser
def test_in_a_browser_one_drawing_of_each_figure_is_shown_and_large_enough_to_read(
    chromium: Browser, tmp_path: Path
) -> None:
    page, _ = opened(chromium, write_page(tmp_path, SHORT))
    seen = "[...document.querySelectorAll('svg')].filter(e => e.getBoundingClientRect().width).length"
    for width in (375, 390, 480, 500, 600, 640, 700, 900, 930, 1040, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(seen) == len(NAMES), width
        assert page.evaluate(SMALLEST) >= 11, width
    page.close()


@pytest.mark.browser
@pytest.mark.slow
def test_in_a_browser_themes_and_paper_colour_the_figures(chromium: Browser, tmp_path: Path) -> None:
    def rgb(colour: str) -> str:
        return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))

    path = write_page(tmp_path, SHORT)
    page, _ = opened(chromium, path, color_scheme="light")
    assert page.evaluate(INK) in {rgb(LIGHT.soft), rgb(LIGHT.ink)}
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(INK) in {rgb(DARK.soft), rgb(DARK.ink)}
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(INK) in {rgb(LIGHT.soft), rgb(LIGHT.ink)}
    shown = "[...document.querySelectorAll('.figure-narrow')].filter(e => e.getBoundingClientRect().width).length"
    assert page.evaluate(shown) == 0
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate(shown) == len(NAMES)
    wide = shown.replace("narrow", "wide")
    assert page.evaluate(wide) == 0
    page.close()


def matrix_words() -> set[str]:
    from pxanalysis.figures.page.matrix.plot import Against

    corners = {f"{weight}_{place}" for weight in ("heavy", "light") for place in ("below", "above")}
    lines = {f"{part}_{against}" for part in ("across", "line") for against in get_args(Against)}
    return corners | {f"plain_{corner}" for corner in corners} | lines


def test_every_word_of_figures_is_used() -> None:
    sources = TESTS.parent / "src" / "pxanalysis"
    code = "".join(path.read_text(encoding="utf-8") for path in sources.rglob("*.py"))
    built = {"figure.very_positive", "figure.very_negative", "figure.insufficient", "figure.sufficient", "figure.high"}
    built |= {f"figure.matrix_{part}" for part in matrix_words()}
    built |= {"figure.detractors", "figure.passives", "figure.promoters"}
    keys = {key for key in NL.keys if key.startswith("figure.")}
    assert keys == {key for key in Wording("en").keys if key.startswith("figure.")}
    assert {key for key in keys - built if not re.search(f"[\"']{key}[\"']", code)} == set()


def test_the_funnel_names_no_other_practice_and_hides_the_order_of_the_file() -> None:
    frame = funnel(40)
    draw = lambda rows: to_svg(  # noqa: E731
        plot_funnel(rows, NL, own="practice-4", unit="grade", outcome="KTV"),
        id_prefix="funnel", title="t", description="d",
    )  # fmt: skip
    svg = draw(frame)
    assert "practice-" not in svg
    assert draw(frame.sample(frac=1, random_state=5)) == svg
