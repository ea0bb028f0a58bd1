"""Which question of a contact is the lowest: among the same people, not among whoever answered each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from cost_answers import answers_of
from scipy.stats import ttest_rel

from pxanalysis.analysis.whole_study.settings import FitSettings
from pxanalysis.analysis.whole_study.touchpoints import tabulate_items
from pxanalysis.journey import Journey
from pxanalysis.survey.responses import Responses


def lowest_of(responses: Responses) -> tuple[list[str], list[str]]:
    frame = tabulate_items(responses, FitSettings()).query("practice_id != '' and touchpoint == 'costs'")
    return frame.loc[frame["lowest"], "item"].tolist(), frame.loc[frame["clearly_lowest"], "item"].tolist()


def test_the_lowest_is_found_among_people_who_answered_all(treatment: Journey) -> None:
    """The first question is the highest for everybody who answered all; the discontented answered only that one."""
    content, discontented = [(5, 4, 3)] * 15, [(1, None, None)] * 25
    responses = answers_of(treatment, [*content, *discontented])
    means = tabulate_items(responses, FitSettings()).query("practice_id != ''").set_index("item")["mean"]
    assert means["costs_beforehand"] < means["costs_fair"], "by whoever answered it is the lowest"
    assert lowest_of(responses) == (["costs_fair"], ["costs_fair"])


def test_fewer_than_ten_who_answered_all_say_nothing(treatment: Journey) -> None:
    assert lowest_of(answers_of(treatment, [(5, 4, 3)] * 9 + [(1, None, None)] * 20)) == ([], [])


def test_where_a_form_lacks_a_question_the_others_are_compared(treatment: Journey) -> None:
    responses = answers_of(treatment, [(3, 5, None)] * 30)
    assert lowest_of(responses) == ([], []), "nobody answered all"
    known = replace(responses, uncommon_items=frozenset({"costs_fair"}))
    assert lowest_of(known) == (["costs_beforehand"], ["costs_beforehand"])


@pytest.mark.parametrize("size", [50, 51])
def test_a_difference_below_two_points_is_not_clear(size: int, treatment: Journey) -> None:
    rows = [(4, 4, 4)] * (size - 1) + [(4, 4, 3)]
    assert lowest_of(answers_of(treatment, rows)) == (["costs_fair"], [])


@pytest.mark.parametrize(("lower", "few", "many"), [(0.0, 0, 2), (1.2, 17, 20)])
def test_equal_questions_are_seldom_called_clearly_lowest(
    lower: float, few: int, many: int, treatment: Journey
) -> None:
    """Twenty practices of 15: of equal questions one lay two points below the next in half of them, by chance."""
    found, rng = 0, np.random.default_rng(1)
    for _ in range(20):
        drawn = 4.0 + rng.standard_normal((15, 1)) + 0.6 * rng.standard_normal((15, 3)) - [0.0, 0.0, lower]
        rows = [tuple(row) for row in np.clip(np.rint(drawn), 1, 5).astype(int).tolist()]
        found += bool(lowest_of(answers_of(treatment, rows))[1])
    assert few <= found <= many


def test_clearly_the_lowest_is_beyond_chance_of_a_paired_test(treatment: Journey) -> None:
    """scipy's paired t on the two lowest questions, and two points."""
    rng = np.random.default_rng(2)
    for size in (12, 20, 40, 80):
        drawn = 4.0 + rng.standard_normal((size, 1)) + 0.6 * rng.standard_normal((size, 3)) - [0.0, 0.15, 0.35]
        ratings = np.clip(np.rint(drawn), 1, 5)
        first, second = np.argsort(ratings.mean(axis=0), kind="stable")[:2]
        gap = 25.0 * (ratings[:, second] - ratings[:, first]).mean()
        surely = ttest_rel(ratings[:, second], ratings[:, first]).pvalue <= 0.05 and gap >= 2.0
        rows = [tuple(row) for row in ratings.astype(int).tolist()]
        assert bool(lowest_of(answers_of(treatment, rows))[1]) == surely, size
