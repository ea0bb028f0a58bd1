"""The programme's page and the actions of a report: every verdict has its words; without actions nothing changes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from pages import shown_action

from pxanalysis.analysis.action_effects.progress import estimate_progress
from pxanalysis.analysis.action_effects.shown import ShownAction, ShownActions, ShownMean
from pxanalysis.analysis.action_effects.verdicts import Verdict
from pxanalysis.errors import AnalysisError
from pxanalysis.reporting.programme_page import render_programme
from pxanalysis.reporting.sections.report import PracticeReport
from pxanalysis.study import Study
from pxanalysis.survey.action_list import Action

MEAN = ShownMean("explain", 4.2, 1.1, 7.4, 7, 9, 8.0, 100.0, "")
FEW = ShownMean("train", None, None, None, 3, 3, 8.0, None, "few")


WHOLE = replace(MEAN, kind="")


def shown(*actions: ShownAction, programme: ShownMean = WHOLE) -> ShownActions:
    return ShownActions("key", actions, (MEAN, FEW), programme)


def practice_of(made: Study) -> str:
    rows = made.results["practices"]
    return str(rows.loc[~rows["suppressed"], "practice_id"].iloc[-1])


def part(made: Study, found: ShownActions | None, language: str = "nl") -> str:
    report = PracticeReport(made.results, made.journey, practice_of(made), language, figures=False, shown_actions=found)
    return report.actions().html


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_verdict_has_its_words_on_the_page(made: Study, language: str) -> None:
    said = set()
    for verdict in get_args(Verdict):
        html = part(made, shown(shown_action(practice_of(made), verdict)), language)
        assert "<b>Greet" not in html
        said.add(re.sub(r"(?s).*?<p class=\"small\">.*?</p>\s*<p>(.*?)</p>.*", r"\1", html))
    assert len(said) == len(get_args(Verdict))


def test_an_action_shows_what_came_of_it_and_what_would_have_come_anyway(made: Study) -> None:
    html = part(made, shown(shown_action(practice_of(made), "improved")), "en")
    assert "Improved beyond chance and the general trend: about +7 points (+3 to +11)." in html
    assert "The score was 71 in the year before and 80 in the 6 months after: +9 points." in html
    assert "Without an action +1 was to be expected, because a low score is partly chance." in html
    assert "explain" in html.split("What kinds of action brought")[-1]
    assert "train" not in html  # three practices are too few
    assert "8.9" not in html  # whole points only


def test_a_high_score_is_expected_to_come_down(made: Study) -> None:
    """An action where the score was high by chance: what comes of itself is a loss, and no low score explains it."""
    own = shown_action(practice_of(made), "not_clear", score_before=90.0, score_after=86.0, regression=-2.4)
    html = part(made, shown(own), "en")
    assert "Without an action −2 was to be expected, because a high score is partly chance." in html


def test_once_an_action_is_recorded_there_is_a_line_for_the_next(made: Study) -> None:
    rows = made.results["priorities"]
    practice_id = str(rows.loc[rows["status"] == "act", "practice_id"].iloc[0])
    first, next_ = (
        PracticeReport(made.results, made.journey, practice_id, "nl", shown_actions=one).priorities().html
        for one in (None, shown(shown_action(practice_id, "improved")))
    )
    assert "Kies met uw team één punt." in first
    assert "Schrijf op wat u daarna anders doet" in next_
    assert first.count("Wij gaan") == next_.count("Wij gaan") == 1


def test_a_card_says_that_an_action_runs_and_that_its_score_is_of_before_as_well_where_it_is(made: Study) -> None:
    rows = made.results["priorities"]
    first = rows[rows["status"] == "act"].iloc[0]
    practice_id, touchpoint = str(first["practice_id"]), str(first["touchpoint"])

    def cards(**changes: object) -> str:
        own = shown(shown_action(practice_id, "improved", touchpoint=touchpoint, **changes))
        return PracticeReport(made.results, made.journey, practice_id, "nl", shown_actions=own).priorities().html

    late = cards(decided_on="2026-01-01", in_place_on="2026-02-01")
    assert "Hieraan werkt u al sinds 1 februari 2026" in late
    assert "dus ook van ervoor" in late
    early = cards(decided_on="2001-01-01", in_place_on="2001-02-01")
    assert "Hieraan werkt u al" in early
    assert "dus ook van ervoor" not in early
    assert "Hieraan werkt u al" not in cards(decided_on=None, in_place_on=None, status="idea")
    assert "Kies met uw team één punt." in cards(decided_on=None, in_place_on=None, status="idea")


def test_a_report_without_actions_is_as_it_was(made: Study) -> None:
    other = shown(shown_action("somebody else", "improved"))
    assert part(made, other) == part(made, None)
    assert "Nog geen verbeteractie vastgelegd" in part(made, None)


def test_priorities_say_what_was_tried_elsewhere_brought(made: Study) -> None:
    rows = made.results["priorities"]
    practice_id = str(rows.loc[rows["status"] == "act", "practice_id"].iloc[0])
    found = [
        shown_action("elsewhere", "improved", touchpoint=touchpoint, kind=kind)
        for touchpoint in rows["touchpoint"].unique()
        for kind in ("Explain", "train")
    ]
    html, before = (
        PracticeReport(made.results, made.journey, practice_id, "en", shown_actions=one).priorities().html
        for one in (shown(*found), None)
    )
    sentence = (
        "“explain”: in 7 practices that did this the score of the contact changed by about +4 points (+1 to +7), "
        "compared with practices without an action. Those who wrote it down spent about 8 hours and € 100 on it."
    )
    assert "todo" in before
    assert html.count(sentence) == before.count("<h3>")
    assert "train" not in html
    assert html.replace(f'<p class="idea">{sentence}</p>\n', "") == before


def test_only_ideas_are_counted_as_ideas(made: Study) -> None:
    idea = shown_action(practice_of(made), "not_in_place", decided_on=None, in_place_on=None, status="idea")
    html = part(made, shown(idea, replace(idea, action_id="a2")), "en")
    assert "There are 2 more ideas that were not chosen." in html
    assert "todo" not in html


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_of_a_programme(made: Study, language: str) -> None:
    day = date(2026, 6, 30)
    ideas = [
        Action(f"a{k}", f"p{k}", "staff", "idea", idea_on=day - timedelta(days=100), decided_on=done, in_place_on=done)
        for k, done in enumerate([day - timedelta(days=70), day - timedelta(days=60), None])
    ]
    progress = estimate_progress(ideas, today=day)
    names, pages = {"p0": "De Linde <1>", "p1": "b"}, {"p0": "p 0.html"}
    page = render_programme(progress, shown(), names, made.results.meta, language, pages=pages, call_backs=(3, 12))
    assert '<a href="p%200.html"><bdi>De Linde &lt;1&gt;</bdi></a>' in page
    assert page.count("<a href") == 2
    assert '<a href="index.html">' in page
    assert {"nl": "2 van 2", "en": "2 of 2"}[language] in page
    assert {"nl": "van 12 patiënten die dat vroegen", "en": "of 12 patients who asked for it"}[language] in page
    assert "67%" in page
    assert "De Linde &lt;1&gt;" in page
    assert "+4" in page
    assert "nan" not in page.casefold()
    empty = shown(programme=replace(MEAN, estimate=None, low=None, high=None, n_practices=3, reason="few"))
    page = render_programme(estimate_progress([], today=day), empty, {}, made.results.meta, language)
    assert "nan" not in page.casefold()


def test_every_idea_says_whose_it_is_when_it_came_up_and_why_it_is_late(made: Study) -> None:
    day = date(2026, 6, 30)

    def idea(name: str, old: int, **changes: Any) -> Action:
        return Action(name, "p0", "staff", f"<i>{name}</i>", idea_on=day - timedelta(days=old), **changes)

    there = day - timedelta(days=10)
    ideas = [
        idea("quick", 50, owner_role="reception", decided_on=there, in_place_on=there),
        idea("slow", 100, decided_on=there, in_place_on=there),
        idea("open", 60, decided_on=there),
        idea("old", 62),
        idea("dropped", 70, dropped_on=there),
    ]
    names = {"p0": "De Linde", "p1": "<b>Zonder</b>"}
    progress, facts, labels = estimate_progress(ideas, today=day), made.results.meta, {"staff": "Receptie"}
    page = render_programme(progress, shown(), names, facts, "nl", actions=ideas, labels=labels)
    rows = re.findall(r"<tr[^>]*>(?:(?!</tr>).)*&lt;i&gt;.*?</tr>", page, re.DOTALL)
    said = {re.search(r"&lt;i&gt;(\w+)", row)[1]: re.sub(r"\s*<[^>]+>\s*", "|", row) for row in rows}  # type: ignore[index]
    assert "|reception|" in said["quick"]
    assert "|Receptie|" in said["quick"]
    assert "|11 mei 2026|" in said["quick"]
    assert "|ingevoerd op 20 juni 2026|" in said["quick"]
    assert "|ja, in 40 dagen|" in said["quick"]
    assert "|nee, het duurde 90 dagen|" in said["slow"]
    assert "|gekozen op 20 juni 2026|" in said["open"]
    assert "|nog 1 dag de tijd|" in said["open"]
    assert "|nee, al 62 dagen oud|" in said["old"]
    assert "|nee, losgelaten|" in said["dropped"]
    brought = shown(
        shown_action("p0", "improved", action_id="slow"), shown_action("p0", "first_look", action_id="open")
    )
    told = render_programme(progress, brought, names, facts, "nl", actions=ideas, labels=labels)
    assert told.count(">verbeterd</td>") == 1
    assert "Zonder vastgelegd idee: &lt;b&gt;Zonder&lt;/b&gt;." in page
    many = names | {f"p{k}": f"P{k}" for k in range(2, 14)}
    assert "13 praktijken hebben nog geen idee" in render_programme(progress, shown(), many, facts, "nl")


def test_what_is_kept_reads_back(made: Study) -> None:
    found = shown(shown_action("p", "improved"))
    assert ShownActions.from_json(found.to_json()) == found
    with pytest.raises(AnalysisError, match="damaged"):
        ShownActions.from_json("{}")


def test_figures_of_a_practice_with_a_withdrawn_answer_stay_and_so_does_what_is_pooled() -> None:
    before = shown(shown_action("p", "improved"), shown_action("q", "improved", action_id="a2"))
    moved = [replace(one, estimate=6.0) for one in before.actions]
    new = ShownActions("new", (*moved, shown_action("p", "too_few", action_id="a3")), (FEW,), FEW)
    kept = new.keep_frozen(before, ["p"])
    assert [one.estimate for one in kept.actions] == [7.0, 6.0, 7.0]
    assert (kept.key, kept.kinds, kept.programme) == ("new", before.kinds, before.programme)
    assert new.keep_frozen(before, []) == new
