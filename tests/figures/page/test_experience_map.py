"""The map as a picture, measured in Chromium: no two texts overlap, on A3, on a screen and on a phone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from xml.etree import ElementTree

import pytest
from seldom import some_of

from pxanalysis.figures.page.experience_map import (
    Feeling,
    MapDrawing,
    MapPhase,
    MapTouchpoint,
    Survey,
    Telling,
    draw_map,
)
from pxanalysis.figures.page.experience_map.drawing import A3
from pxanalysis.figures.page.experience_map.parts import dips
from pxanalysis.journey.experience_map.page import map_page
from pxanalysis.journey.experience_map.words import WORDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NL = WORDS["nl"]
SENTENCE = "Ik vraag mij af of de verpleegkundige straks nog terugkomt om de behandelkamerinstructies uit te leggen, "
LONG = (SENTENCE * 3)[:180]
MEASURE = """() => {
  const found = [];
  let seen = 0, smallest = 99;
  for (const svg of document.querySelectorAll('svg')) {
    const sheet = svg.getBoundingClientRect();
    if (!sheet.width) continue;
    const texts = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()]);
    seen += texts.length;
    texts.forEach(([text, box], i) => {
      if (box.left < sheet.left - 1 || box.right > sheet.right + 1 || box.bottom > sheet.bottom + 1)
        found.push(`${text} leaves the drawing`);
      for (const [other, place] of texts.slice(i + 1))
        if (box.left < place.right && place.left < box.right
            && box.top + .5 < place.bottom && place.top + .5 < box.bottom)
          found.push(`${text} / ${other}`);
    });
    const scale = sheet.width / svg.viewBox.baseVal.width;
    for (const one of svg.querySelectorAll('text'))
      smallest = Math.min(smallest, parseFloat(one.getAttribute('font-size')) * scale);
  }
  return [found, seen, smallest];
}"""
PAPER = 1511
"""Pixels across A3 between margins of 10 mm."""


def make_map(n: int, roles: int = 2, texts: int = 3) -> MapDrawing:
    """A map of ``n`` touchpoints on which every text is a Dutch sentence of 180 characters."""
    names = ["Patiënt", "Mantelzorger van een patiënt", "Ouder", "Begeleider", "Vrijwilliger"][:roles]
    points = []
    for i in range(n):
        felt = tuple(Feeling(name, ((i * 3 + k) % 9 - 4) / 2, -2, 2, 12 + k) for k, name in enumerate(names))
        kinds = ("does", "thinks", "positive", "dilemma", "quote", "idea")
        telling = {kind: Telling((LONG,) * texts, more=2) for kind in kinds}
        survey = Survey(81.0, 1.24, 1310) if i % 3 else Survey(None, None, None)
        mean = sum(one.mean for one in felt) / max(1, len(felt)) if felt else None
        points.append(MapTouchpoint(f"Contactmoment nummer {i}", "telefoon, website, app", i % 2 == 0, 24, mean, felt,
                                    telling, survey))  # fmt: skip
    phases, at = [], 0
    while at < n:
        size = 1 + len(phases) % 3
        phases.append(MapPhase(f"Fase met een lange naam {len(phases)}", "Ik wacht", tuple(points[at : at + size])))
        at += size
    return draw_map(phases, "Klantreis visueel: een lange reis", NL, "nl")


def assert_clean(chromium: Browser, html: str, width: int, media: Media, least: float) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_content(html)
    page.emulate_media(media=media)
    found, seen, smallest = page.evaluate(MEASURE)
    assert found == []
    assert seen > 40
    assert smallest >= least
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


Media = Literal["screen", "print"]
PLACES: list[tuple[int, Media, float]] = [
    (390, "screen", 11), (PAPER, "print", 8), (1100, "screen", 10.9), (718, "screen", 10.9)
]  # fmt: skip
"""Pixels, screen or paper, and the least type size there."""
CASES = [(n, *place) for n in (9, 4, 14) for place in PLACES]


@pytest.mark.browser
@pytest.mark.parametrize(("n", "width", "media", "least"), some_of(CASES, every=5))
def test_no_two_texts_overlap_with_sentences_of_180_characters(
    chromium: Browser, n: int, width: int, media: Media, least: float
) -> None:
    assert len(LONG) == 180
    assert_clean(chromium, page_of(n), width, media, least)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("roles", [0, 1, 5])
def test_no_two_texts_overlap_with_other_numbers_of_roles(chromium: Browser, roles: int) -> None:
    for place in PLACES:
        assert_clean(chromium, page_of(9, roles), *place)


@cache
def page_of(n: int, roles: int = 2) -> str:
    return map_page(make_map(n, roles=roles), "nl")


def texts_in(svg: str) -> str:
    return " ".join(text.text or "" for text in ElementTree.fromstring(svg).iter() if text.tag.endswith("text"))


@pytest.mark.parametrize("n", [4, 9, 14])
def test_every_text_is_whole_and_every_touchpoint_there(n: int) -> None:
    drawing = make_map(n, texts=1)
    sheets = ElementTree.fromstring(f"<a>{''.join(drawing.a3)}</a>")
    assert all(float(one.attrib["viewBox"].split()[3]) <= A3[1] for one in sheets)
    for svg in (f"<a>{''.join(drawing.a3)}</a>", f"<a>{drawing.wide}</a>", drawing.narrow):
        words = texts_in(svg)
        assert "…" not in words
        assert all(f"nummer {i}" in words for i in range(n))
    assert drawing.as_text.count(LONG) == 6 * n


def test_a_dip_is_where_a_role_felt_bad_or_all_felt_worse_than_around() -> None:
    felt = [1.0, 0.5, 1.5, None, 2.0, 1.0]
    points = [MapTouchpoint("a", feels=one) for one in felt]
    points[4] = MapTouchpoint("a", feels=0.5, feelings=(Feeling("x", 2.0, 2, 2, 1), Feeling("y", -1.0, -1, -1, 1)))
    assert dips(points) == [False, True, False, False, True, False]


def test_marks_that_would_cover_each_other_stand_side_by_side() -> None:
    same = tuple(Feeling(name, 1.0, 1, 1, 3) for name in ("a", "b"))
    point = MapTouchpoint("Balie", n=6, feels=1.0, feelings=same, survey=Survey(75.0, 1.0, 40))
    drawing = draw_map([MapPhase("Aankomst", "Ik kom aan", (point,))], "Kaart", NL, "nl")
    root: Any = ElementTree.fromstring(drawing.wide)
    circle = next(one for one in root.iter() if one.tag.endswith("circle"))
    side = 8.5
    square = next(one for one in root.iter() if one.tag.endswith("rect") and one.get("width") == f"{side:g}")
    diamond = next(one for one in root.iter() if one.tag.endswith("polygon") and one.get("stroke"))
    centres = [
        float(circle.get("cx")),
        float(square.get("x")) + side / 2,
        float(diamond.get("points").split()[0].split(",")[0]),
    ]
    gaps = [abs(one - other) for i, one in enumerate(centres) for other in centres[i + 1 :]]
    assert min(gaps) > 11


def test_texts_cannot_become_markup() -> None:
    bad = '</dd><script>alert("x")</script><b>'
    telling = {kind: Telling((bad,)) for kind in ("does", "thinks", "idea", "quote")}
    point = MapTouchpoint(bad, bad, feels=0.0, n=1, telling=telling)
    drawing = draw_map([MapPhase(bad, bad, (point,))], bad, NL, "nl")
    page = map_page(drawing, "nl", (bad,))
    assert "<script" not in page
    assert "<b>" not in page
    root: Any = ElementTree.fromstring(drawing.wide)
    assert not [one for one in root.iter() if one.tag.endswith(("script", "}b"))]


def test_a_file_has_plain_colours() -> None:
    drawing = make_map(4, texts=1)
    assert "var(" in drawing.a3[0]
    assert "var(" not in drawing.to_svg()
    assert drawing.to_svg("narrow").startswith("<svg")
