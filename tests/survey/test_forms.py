"""Forms of the questionnaire: found by what is missing, and no practice better or worse for its form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pxanalysis.journey import Journey
from pxanalysis.simulation.study import simulate_survey
from pxanalysis.survey.forms import describe_forms, find_form_gaps
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses
from pxanalysis.survey.scores import score_responses


def two_forms(journey: Journey, item: str, share: float) -> pl.DataFrame:
    """Answers in which the first practices had a form without one item."""
    answers = simulate_survey(journey, practices=6, responses=60, seed=8).answers
    practices = answers["practice_id"].unique().sort()
    old = answers["practice_id"].is_in(practices.head(round(share * 6)).implode())
    return answers.with_columns(pl.when(old).then(None).otherwise(item).alias(item))


def test_a_question_that_a_form_lacks_is_found(treatment: Journey) -> None:
    gaps = find_form_gaps(two_forms(treatment, "appointment_soon", 0.5), treatment)
    assert [gap.item for gap in gaps] == ["appointment_soon"]
    assert gaps[0].absent == pytest.approx(180, abs=30)
    assert "'appointment_soon'" in describe_forms(gaps)[0]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 0.6])
def test_a_question_that_people_skip_is_no_form(share: float, treatment: Journey) -> None:
    answers = simulate_survey(treatment, practices=6, responses=60, seed=8).answers
    skipped = pl.Series(np.random.default_rng(1).random(answers.height) < share)
    table = answers.with_columns(pl.when(skipped).then(None).otherwise("appointment_soon").alias("appointment_soon"))
    assert find_form_gaps(table, treatment) == ()
    assert describe_forms(()) == []


def test_a_form_that_was_replaced_in_time_is_found(treatment: Journey) -> None:
    answers = simulate_survey(treatment, practices=6, responses=60, seed=8).answers.sort("completed_on")
    old = pl.int_range(pl.len()) < 150
    table = answers.with_columns(pl.when(old).then(None).otherwise("appointment_soon").alias("appointment_soon"))
    assert [gap.item for gap in find_form_gaps(table, treatment)] == ["appointment_soon"]


def test_scores_rest_on_what_all_were_asked(treatment: Journey) -> None:
    """The item that the old form lacks is 1 everywhere: with it, who had the new form would seem worse."""
    table = simulate_survey(treatment, practices=6, responses=60, seed=8).answers
    old = pl.Series(np.random.default_rng(1).random(table.height) < 0.5)
    table = table.with_columns(pl.when(old).then(None).otherwise("appointment_soon").alias("appointment_soon"))
    low = table.with_columns(pl.when(pl.col("appointment_soon").is_not_null()).then(1).alias("appointment_soon"))
    responses = Responses(treatment, low, pl.DataFrame(schema=REJECTED_COLUMNS))
    new = low["appointment_soon"].is_not_null().to_numpy()
    unfair = score_responses(responses)["appointment"]
    fair = score_responses(replace(responses, uncommon_items=frozenset({"appointment_soon"})))["appointment"]
    assert unfair[~new].mean() - unfair[new].mean() > 15
    assert abs(fair[~new].mean() - fair[new].mean()) < 5


def test_too_few_common_questions_are_no_score(treatment: Journey) -> None:
    answers = simulate_survey(treatment, practices=2, responses=30, seed=8).answers
    responses = Responses(treatment, answers, pl.DataFrame(schema=REJECTED_COLUMNS))
    most = frozenset({"appointment_soon", "appointment_time"})
    kept = score_responses(replace(responses, uncommon_items=most))["appointment"]
    every = answers.select(pl.all_horizontal(pl.col(list(most)).is_not_null())).to_series().to_numpy()
    np.testing.assert_array_equal(kept[every], score_responses(responses)["appointment"][every])
    assert kept[~every].isna().all()
    assert every.mean() > 0.9


def test_forms_without_a_common_question_are_not_put_side_by_side(treatment: Journey) -> None:
    """Two forms that ask each another question: those of the form that most people had are scored, the others not."""
    table = simulate_survey(treatment, practices=4, responses=50, seed=8).answers
    old = pl.int_range(pl.len()) < 60
    halves = table.with_columns(
        pl.when(old).then(None).otherwise("costs_clear").alias("costs_clear"),
        pl.when(~old).then(None).otherwise("costs_beforehand").alias("costs_beforehand"),
        costs_fair=pl.lit(None, dtype=pl.Int8),
    )
    responses = Responses(treatment, halves, pl.DataFrame(schema=REJECTED_COLUMNS))
    every = frozenset({"costs_clear", "costs_beforehand", "costs_fair"})
    scores = score_responses(replace(responses, uncommon_items=every, items_needed=0.3))["costs"]
    assert scores[:60].isna().all()
    assert scores[60:].notna().mean() > 0.8


def test_more_than_half_of_the_items_can_be_asked_for(treatment: Journey) -> None:
    table = simulate_survey(treatment, practices=2, responses=30, seed=8).answers
    first = pl.int_range(pl.len()) == 0
    one_of_three = table.with_columns(
        pl.when(first).then(None).otherwise("appointment_soon").alias("appointment_soon"),
        appointment_easy=pl.col("appointment_easy").fill_null(3),
        appointment_time=pl.col("appointment_time").fill_null(3),
    )
    responses = Responses(treatment, one_of_three, pl.DataFrame(schema=REJECTED_COLUMNS))
    assert np.isfinite(score_responses(responses)["appointment"][0])
    assert np.isnan(score_responses(replace(responses, items_needed=0.8))["appointment"][0])
