"""The chain as a picture, measured in Chromium: no two texts overlap, none leaves its drawing, none is too small."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from seldom import some_of

from pxanalysis.errors import JourneyError
from pxanalysis.figures.page.chain import ChainDrawing, ChainStep, ChainTouchpoint, draw_chain
from pxanalysis.journey import list_catalogue, read_journey

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (390, 718, 1100)
MEASURE = """() => {
  const found = [];
  let smallest = 99;
  for (const svg of document.querySelectorAll('svg')) {
    const sheet = svg.getBoundingClientRect();
    if (!sheet.width) continue;
    const texts = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()]);
    const within = (card, box) => card.left <= box.left && card.right >= box.right
      && card.top <= box.top + 1 && card.bottom >= box.bottom - 1;
    const cards = [...svg.querySelectorAll('rect,polygon')].map(one => one.getBoundingClientRect());
    texts.forEach(([text, box], i) => {
      if (!cards.some(card => within(card, box))) found.push(`${text} is in no card`);
      for (const [other, place] of texts.slice(i + 1))
        if (box.left < place.right && place.left < box.right && box.top < place.bottom && place.top < box.bottom)
          found.push(`${text} / ${other}`);
    });
    const scale = sheet.width / svg.viewBox.baseVal.width;
    for (const one of svg.querySelectorAll('text'))
      smallest = Math.min(smallest, parseFloat(one.getAttribute('font-size')) * scale);
  }
  return [found, smallest];
}"""


def assert_clean(chromium: Browser, drawing: ChainDrawing) -> None:
    for width in WIDTHS:
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.set_content(f"<body style='margin:8px'>{drawing._repr_html_()}</body>")
        found, smallest = page.evaluate(MEASURE)
        assert found == [], width
        assert smallest >= 11, width
        shown = page.evaluate(
            "[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().width).length"
        )
        assert shown == 1
        page.close()


@pytest.mark.browser
@pytest.mark.parametrize(("journey_id", "language"), some_of(product(list_catalogue(), ("nl", "en")), every=9))
def test_no_two_texts_overlap_in_what_ships(chromium: Browser, journey_id: str, language: str) -> None:
    assert_clean(chromium, read_journey(journey_id).plot(language))


def make_chain(n: int, providers: int) -> ChainDrawing:
    """A chain of ``n`` touchpoints with sentences of 180 characters, in steps of one, two and three."""
    sentence = ("Ik wacht bij de verpleegkundige tot de behandelkamer vrijkomt " * 4)[:180]
    cards = [
        ChainTouchpoint(f"Contactmoment nummer {i}", sentence, "telefoon, website, app", i % 2 == 0) for i in range(n)
    ]
    steps, at = [], 0
    while at < n:
        size = 1 + len(steps) % 3
        name, provider = f"Stap met een tamelijk lange naam {len(steps)}", f"Aanbieder {len(steps) % providers}"
        steps.append(ChainStep(name, provider, tuple(cards[at : at + size]), f"Dag {len(steps)}", "KTV 8,4 (8,2-8,6)"))
        at += size
    return draw_chain(steps, title="Keten", words={"optional": "niet voor iedereen"})


@pytest.mark.browser
@pytest.mark.parametrize(("n", "providers"), some_of(product((4, 9, 14), (1, 2, 4)), every=8))
@pytest.mark.slow
def test_no_two_texts_overlap_with_long_sentences(chromium: Browser, n: int, providers: int) -> None:
    assert_clean(chromium, make_chain(n, providers))


def test_every_text_is_whole() -> None:
    drawing = make_chain(14, 2)
    for svg in (drawing.wide, drawing.middle, drawing.narrow):
        words = " ".join(text.text or "" for text in ElementTree.fromstring(svg).iter() if text.tag.endswith("text"))
        assert "…" not in words
        assert words.count("Contactmoment nummer") == 14 or "nummer 13" in words


def test_rows_are_of_even_length() -> None:
    """Six contacts stand as three and three, not as five and one that seems to be forgotten."""
    svg = ElementTree.fromstring(read_journey("dental-treatment").plot("nl").wide)
    cards = [one for one in svg.iter() if one.tag.endswith("rect") and "paper" in (one.get("fill") or "")]
    rows = Counter(one.get("y") for one in cards)
    assert list(rows.values()) == [3, 3]
    assert len({one.get("width") for one in cards}) == 1


def test_two_providers_are_two_bands() -> None:
    svg = read_journey("repeat-prescription").plot("nl").wide
    texts = [one.text for one in ElementTree.fromstring(svg).iter() if one.get("font-size") == "11.5"]
    assert texts.count("Huisartsenpraktijk") == 1
    assert texts.count("Apotheek") == 1


def test_texts_cannot_become_markup() -> None:
    card = ChainTouchpoint("<script>x</script>", 'a & "b" <b>', "telefoon")
    drawing = draw_chain([ChainStep("<i>", "<p>", (card,))], title='"<x>', words={"optional": ""})
    root: Any = ElementTree.fromstring(drawing.wide)
    assert not [one for one in root.iter() if one.tag.endswith(("script", "}b", "}i"))]


def test_a_file_has_plain_colours() -> None:
    drawing = make_chain(4, 1)
    assert "var(" in drawing.wide
    assert "var(" not in drawing.to_svg()


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(JourneyError, match="is not written in 'de'"):
        read_journey("dental-checkup").plot("de")
