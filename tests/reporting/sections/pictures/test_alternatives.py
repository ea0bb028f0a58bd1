"""What a figure says in words agrees with what its table and its drawing show."""

from __future__ import annotations

import html
import re

import pytest
from page_words import cells_of
from pages import make_report
from study_results_fixture import PRACTICE_ID, Example, make_example


def said(page: str, figure: str) -> str:
    """The words of a figure."""
    found = re.search(rf'<desc id="figure-{figure}-desc">(.*?)</desc>', page, re.DOTALL)
    assert found is not None
    return " ".join(html.unescape(found[1]).split())


@pytest.mark.parametrize(
    ("high", "written", "words"),
    [
        (-0.3, "−8,3 tot −0,3", "duidelijk onder het beste kwart van de praktijken: Behandeling"),
        (0.3, "−8,3 tot +0,3", "ongeveer gelijk met het beste kwart van de praktijken (het verschil kan toeval zijn)"),
        (-0.04, "−8,30 tot −0,04", "duidelijk onder het beste kwart van de praktijken: Behandeling"),
    ],
)
def test_an_interval_that_ends_near_zero_is_written_on_the_side_the_words_say(
    high: float, written: str, words: str
) -> None:
    example = make_example()
    frame = example.results.frames["priorities"]
    own = (frame["practice_id"] == PRACTICE_ID) & (frame["touchpoint"] == "treatment")
    target = frame.loc[own, "target"]
    frame.loc[own, "performance"] = target - 4.1
    frame.loc[own, "performance_low"] = target - 8.3
    frame.loc[own, "performance_high"] = target + high
    page = make_report(example, figures=True).matrix().html
    assert cells_of(page, "Behandeling")[-1] == written
    assert words in said(page, "matrix")


def _on_the_limit(estimate: float) -> Example:
    example = make_example()
    frame = example.results.frames["funnel"]
    grades = frame["outcome"] == "ktv"
    frame.loc[grades, "estimate"] = 8.5
    frame.loc[grades & (frame["practice_id"] == "20000000"), "estimate"] = 9.5
    own = grades & (frame["practice_id"] == PRACTICE_ID)
    frame.loc[own, "high95"] = 8.996
    frame.loc[own, "estimate"] = estimate
    return example


@pytest.mark.parametrize(
    ("estimate", "words"),
    [(8.997, "op de grens van .* valt er 1 buiten"), (9.2, "vallen er 2 buiten"), (8.6, "valt er 1 buiten")],
)
def test_a_practice_on_a_limit_is_not_counted_outside(estimate: float, words: str) -> None:
    page = make_report(_on_the_limit(estimate), figures=True).comparison().html
    assert re.search(words, said(page, "funnel-ktv"))


def test_the_order_names_every_contact() -> None:
    page = make_report(make_example(), figures=True).matrix().html
    assert "Nu niet eerst: Afspraak maken (15%) en Vriendelijkheid (2%)." in said(page, "ranks")


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", r"ging van \d,\d in \w+ \d{4} naar \d,\d in \w+ \d{4}\."), ("en", r"from \d\.\d in [A-Z]\w+ \d{4} to")],
)
def test_a_course_says_in_which_month(language: str, words: str) -> None:
    assert re.search(words, said(make_report(make_example(), language, figures=True).journey().html, "trend-ktv"))


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "in het 2e kwartaal van 2025"), ("en", "in the 2nd quarter of 2025")]
)
def test_a_course_says_in_which_quarter(language: str, words: str) -> None:
    example = make_example()
    frame = example.results.frames["trend"]
    months = sorted(frame["period"].unique())
    starts = [f"{2025 + number // 4}-{3 * (number % 4) + 1:02d}-01" for number in range(1, len(months) + 1)]
    frame["period"] = frame["period"].map(dict(zip(months, starts, strict=True)))
    assert words in said(make_report(example, language, figures=True).journey().html, "trend-ktv")


def test_a_course_on_a_part_of_the_answers_says_so() -> None:
    example = make_example()
    whole = said(make_report(example, figures=True).journey().html, "trend-ktv")
    assert "Dit rust op" not in whole, "all answers are in its periods"
    frame = example.results.frames["trend"]
    own = frame["practice_id"] == PRACTICE_ID
    frame.loc[own & (frame["period"] == frame["period"].min()), "n"] -= 4
    count = int(frame.loc[own & (frame["outcome"] == "ktv"), "n"].sum())
    told = said(make_report(example, figures=True).journey().html, "trend-ktv")
    assert f"Dit rust op {count} van de {count + 4} antwoorden" in told
