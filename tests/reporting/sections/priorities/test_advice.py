"""What the priorities come down to, on the page and on the list of practices, and what an action can show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from page_words import words_of
from pages import make_report
from rows import row_of
from statsmodels.stats.power import NormalIndPower
from study_results_fixture import PRACTICE_ID, know, make_example

from pxanalysis.analysis.whole_study.frames import PriorityRow
from pxanalysis.journey.model import Journey
from pxanalysis.reporting.practice_list import index_rows
from pxanalysis.reporting.sections.actions import visible_difference
from pxanalysis.reporting.sections.priorities.advice import candidates, standing


def make_row(touchpoint: str, rank: float, status: str, gain: float, *, score: float = 70.0) -> PriorityRow:
    placed = {"touchpoint": touchpoint, "rank": rank, "status": status}
    return row_of(PriorityRow, **placed, gain=gain, performance=score, target=80.0)


def test_what_is_certain_stands_before_what_is_not() -> None:
    rows = [make_row("a", 1, "undecided", 0.3), make_row("b", 2, "act", 0.2), make_row("c", 3, "keep", 0.1)]
    assert [row.touchpoint for row in candidates(rows, 0.02)] == ["b", "a"]


def test_an_open_point_that_brings_too_little_is_not_offered() -> None:
    rows = [make_row("a", 1, "undecided", 0.0196), make_row("b", 2, "undecided", 0.0149)]
    assert [row.touchpoint for row in candidates(rows, 0.02)] == ["a"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "unknown"),
        ([make_row("a", np.nan, "", np.nan)], "unknown"),
        ([make_row("a", 1, "act", 0.03), make_row("b", 2, "keep", 0.0, score=90)], "first"),
        ([make_row("a", 1, "undecided", 0.3), make_row("b", 2, "keep", 0.0, score=90)], "open"),
        ([make_row("a", 1, "undecided", 0.04), make_row("b", 2, "keep", 0.0, score=90)], "nothing"),
        ([make_row("a", 1, "undecided", 0.06), make_row("b", 2, "keep", 0.01)], "open"),
        ([make_row("a", 1, "undecided", 0.01), make_row("b", 2, "keep", 0.01)], "nothing"),
    ],
)
def test_standing(rows: list[PriorityRow], said: str) -> None:
    assert standing(rows, 0.02) == said


def test_the_visible_difference_is_the_one_that_a_power_analysis_asks_for() -> None:
    n, sd = 84, 21.0
    half = 1.959964 * sd / np.sqrt(n)
    effect = NormalIndPower().solve_power(nobs1=n, alpha=0.05, power=0.8, alternative="two-sided")
    assert visible_difference(60 - half, 60 + half) == pytest.approx(effect * sd, rel=1e-4)


def test_the_visible_difference_shows_four_times_out_of_five() -> None:
    rng, n, sd = np.random.default_rng(3), 84, 21.0
    se = sd / np.sqrt(n)
    shift = visible_difference(60 - 1.959964 * se, 60 + 1.959964 * se)
    before, after = rng.normal(60, sd, (4000, n)), rng.normal(60 + shift, sd, (4000, n))
    z = (after.mean(1) - before.mean(1)) / np.sqrt(before.var(1, ddof=1) / n + after.var(1, ddof=1) / n)
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(0.8, abs=0.02)


def test_actions_say_how_large_a_result_has_to_be_to_show() -> None:
    text = words_of(make_report(make_example()).actions().html)
    assert "punten (van 100) goed te zien" in text
    assert "In tevredenheid valt" in text


def test_a_provider_is_advised_on_its_own_contacts_and_told_of_the_others() -> None:
    """Each of two providers has its own report: what the other could do is named, and is no advice."""
    example = make_example()
    content = example.journey.model_dump(mode="json")
    content["providers"].append({"id": "insurer", "label": {"nl": "Verzekeraar", "en": "Insurer"}})
    content["steps"][-1]["provider"] = "insurer"
    journey = Journey.model_validate(content)
    own = know(replace(example, journey=journey), provider="dental_practice")
    text = words_of(make_report(own).priorities().html)
    assert "Kosten :" not in text
    assert "Er valt ook veel te winnen bij een ander (Verzekeraar): Kosten. Dat kunt u niet zelf doen" in text
    theirs = words_of(make_report(know(own, provider="insurer")).priorities().html)
    assert "Kosten" in theirs
    assert "Verdoving" not in theirs.split("bij een ander (")[0]
    (row,) = [one for one in index_rows(own.results, journey, {}) if one.practice_id == PRACTICE_ID]
    assert row.first["nl"] != "Kosten"
    everything = words_of(make_report(replace(example, journey=journey)).priorities().html)
    assert "Kosten" in everything.split("bij een ander (")[0]
