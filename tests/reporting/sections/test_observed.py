"""The part of a report on what was observed: there where it is configured, with what the report shows and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest
from browsing import open_page
from pages import make_page, make_report
from study_results_fixture import Example, know, make_example

from pxanalysis.journey.experience_map.exchange import export_map
from pxanalysis.journey.experience_map.observation import Observation

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def with_observations(example: Example) -> Example:
    touchpoints = [one.id for one in example.journey.touchpoints]
    words = {"nl": "Ik durf <b>niet</b>", "en": "I <b>dare</b> not"}
    seen = [
        Observation(name, "shadowing", "", feels, {"thinks": words})
        for name in touchpoints[:3]
        for feels in (-2, -1, 0)
    ]
    return know(example, observations=export_map(example.journey, seen))


@pytest.fixture(scope="module")
def observed() -> Example:
    return with_observations(make_example())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_was_observed_stands_after_the_journey(observed: Example, language: str) -> None:
    html = make_report(observed, language).journey().html
    journey, part = html.split('<section class="part" id="observed"')
    assert 'id="journey"' in journey
    assert {"nl": "9 keer is opgeschreven", "en": "9 times it was written"}[language] in part
    assert {"nl": "maar wie gezien werd", "en": "but those who were observed"}[language] in part
    assert "&lt;b&gt;" in part
    assert "<svg" not in part, "without figures the text stands alone"


def test_scores_are_those_that_the_report_shows(observed: Example) -> None:
    own = observed.results.frames["touchpoints"]
    own = own[own["practice_id"] == observed.practice_id].set_index("touchpoint")
    first = observed.journey.touchpoints[0].id
    html = make_report(observed).journey().html
    assert f"score {own.loc[first, 'mean']:.0f}: " in html
    assert f"(n={int(own.loc[first, 'n'])})" in html


def test_a_hidden_score_is_hidden_here_too() -> None:
    example = with_observations(make_example())
    touchpoints = example.results.frames["touchpoints"]
    first = example.journey.touchpoints[0].id
    mine = (touchpoints["practice_id"] == example.practice_id) & (touchpoints["touchpoint"] == first)
    touchpoints.loc[mine, "suppressed"] = True
    part = make_report(example).journey().html.split('id="observed"')[1]
    assert part.count("score: te weinig antwoorden") == 1


def test_the_drawing_has_the_colours_of_the_page(observed: Example) -> None:
    html = make_page(observed, figures=True)
    assert 'href="#observed-heading"' in html
    part = html.split('id="observed"')[1].split("</section>")[0]
    assert part.count("<svg") >= 3
    assert "var(--cool)" in part


def test_without_observations_there_is_no_such_part() -> None:
    assert "observed" not in make_page(make_example())
    assert make_report(with_observations(make_example(n=7))).journey().html == "", (
        "a suppressed practice has no journey"
    )


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_page_with_what_was_observed(
    chromium: Browser, tmp_path: Path, observed: Example, scheme: Literal["light", "dark"]
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    html = make_page(observed, figures=True)
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    for width in (1100, 390):
        page = open_page(chromium, tmp_path, html, color_scheme=scheme, viewport={"width": width, "height": 900})
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": rules}}).response
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
