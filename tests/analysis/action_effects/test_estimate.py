"""What is said of actions: the table of texts in its order, self-checks, case mix, and truth by simulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from action_worlds import World, draw_world, summarise

import pxanalysis as pxa
from pxanalysis.analysis.action_effects.result import ActionEffects
from pxanalysis.analysis.action_effects.single import Workbench, describe_action
from pxanalysis.analysis.action_effects.verdicts import Figures, decide
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey import Journey
from pxanalysis.simulation.actions import ActionDesign, ActionSimulation, simulate_actions

AS_OF = date(2026, 7, 1)


@pytest.fixture(scope="module")
def acted(treatment: Journey) -> ActionSimulation:
    return simulate_actions(treatment, practices=40, responses=(150, 700), seed=3)


@pytest.fixture(scope="module")
def found(acted: ActionSimulation) -> ActionEffects:
    return pxa.estimate_action_effects(acted.responses, acted.actions, as_of=AS_OF)


def row_of(acted: ActionSimulation, action: object, **options: object) -> pd.Series:
    others = [one for one in acted.actions if one.practice_id != action.practice_id]  # type: ignore[attr-defined]
    given = {"case_mix": (), "as_of": AS_OF, **options}
    return pxa.estimate_action_effects(acted.responses, [*others, action], **given).actions.iloc[-1]


def test_parts_of_the_raw_change_add_up_and_intervals_hold_the_truth(
    found: ActionEffects, acted: ActionSimulation
) -> None:
    rows = found.actions.merge(acted.effects, on="action_id")
    assert len(rows) == 12
    parts = rows["regression"] + rows["trend"] + rows["estimate"]
    assert parts.to_numpy() == pytest.approx(rows["raw_change"].to_numpy())
    assert ((rows["ci_low"] <= rows["effect"]) & (rows["effect"] <= rows["ci_high"])).mean() >= 0.9
    assert (rows["look"] == 12).all()
    programme = found.programme.iloc[0]
    assert programme["ci_low"] <= acted.effects["effect"].mean() <= programme["ci_high"]
    assert bool(found.checks["sound"].iloc[0])


def test_result_reads_as_every_result_does(found: ActionEffects) -> None:
    tidy = found.tidy()
    assert list(tidy.columns[:5]) == ["scale", "term", "estimate", "std_error", "ci_low"]
    assert (tidy["estimate"].notna() | (tidy["reason"] != "")).all()
    assert len(repr(found).splitlines()) <= 10
    assert "programme" in str(found.summary())
    assert "caused" not in " ".join(found.actions["text"])
    found.plot()


@pytest.mark.parametrize(
    ("estimate", "error", "needed", "others", "verdict"),
    [
        (9.0, 2.6, 150.0, 1.0, "too_early"),
        (9.0, 2.6, np.inf, 1.0, "never"),
        (9.0, 2.6, 900.0, 1.0, "never"),
        (9.0, 2.0, 80.0, 2.6, "other_changes"),
        (1.0, 2.0, 80.0, 2.6, "not_clear"),
        (5.5, 2.0, 80.0, 1.0, "improved"),
        (-5.5, 2.0, 80.0, 1.0, "worse"),
        (-1.0, 2.0, 80.0, 1.0, "no_improvement"),
        (3.0, 2.0, 80.0, np.nan, "not_clear"),
    ],
)
def test_texts_come_in_their_order(estimate: float, error: float, needed: float, others: float, verdict: str) -> None:
    assert decide(Figures(estimate, error, 2.35, needed, 100, 400, 5.0, others)) == verdict


def test_between_looks_the_last_one_stands(acted: ActionSimulation) -> None:
    action = acted.actions[0]
    third = row_of(acted, action, as_of=_months_after(action.in_place_on, 3))
    fifth = row_of(acted, action, as_of=_months_after(action.in_place_on, 5))
    assert (third["look"], fifth["look"]) == (3, 3)
    assert third["until"] == fifth["until"]
    assert third["score_after"] == pytest.approx(fifth["score_after"])
    early = row_of(acted, action, as_of=_months_after(action.in_place_on, 2))
    assert early["verdict"] == "first_look"
    assert np.isnan(early["raw_change"])
    assert third["until"] in early["text"]


def _months_after(day: date | None, months: int) -> date:
    assert day is not None
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def test_a_look_that_adds_fewer_than_ten_answers_waits(acted: ActionSimulation) -> None:
    action = acted.actions[0]
    late = pl.col("completed_on") >= _months_after(action.in_place_on, 3)
    own = pl.col("practice_id") == action.practice_id
    fewer = acted.responses.where(~(own & late) | (pl.col("response_id").str.tail(1) == "0"))
    rows = pxa.estimate_action_effects(fewer, acted.actions, case_mix=(), as_of=AS_OF).actions
    row = rows[rows["action_id"] == action.action_id].iloc[0]
    added = fewer.where(own & late & (pl.col("completed_on") < _months_after(action.in_place_on, 6))).n
    assert added < 10
    assert row["look"] != 6


def test_an_action_at_the_first_or_last_date_is_not_judged(acted: ActionSimulation) -> None:
    first, last = (
        acted.responses.table["completed_on"].min(),
        acted.responses.table["completed_on"].max(),
    )
    action = acted.actions[0]
    early = row_of(acted, replace(action, idea_on=first, decided_on=first, started_on=first, in_place_on=first))
    assert early["verdict"] == "not_possible"
    assert "0 months of answers before the decision" in early["reason"]
    late = row_of(acted, replace(action, idea_on=last, decided_on=last, started_on=last, in_place_on=last))
    assert late["verdict"] == "first_look"
    assert np.isnan(late["estimate"])


def test_nine_answers_are_not_shown(acted: ActionSimulation) -> None:
    action = acted.actions[0]
    own = (pl.col("practice_id") == action.practice_id) & (pl.col("completed_on") >= action.in_place_on)
    items = [one.id for one in acted.responses.journey.items if one.touchpoint.id == action.touchpoint]
    scored = pl.all_horizontal(pl.col(items).is_not_null())
    rank = (own & scored).cum_sum()
    few = acted.responses.where(~own | (scored & (rank <= 9)))
    rows = pxa.estimate_action_effects(few, acted.actions, case_mix=(), as_of=AS_OF).actions
    row = rows[rows["action_id"] == action.action_id].iloc[0]
    assert row["verdict"] == "too_few"
    assert row[["n_before", "n_after", "score_after", "raw_change", "estimate"]].isna().all()


def test_two_actions_at_once_cannot_be_told_apart(acted: ActionSimulation) -> None:
    action = acted.actions[0]
    twin = replace(action, action_id="twin", idea="something else")
    rows = pxa.estimate_action_effects(acted.responses, [*acted.actions, twin], case_mix=(), as_of=AS_OF).actions
    both = rows[rows["action_id"].isin([action.action_id, "twin"])]
    assert (both["verdict"] == "inseparable").all()
    assert both["estimate"].isna().all()
    assert both["raw_change"].notna().all()


def test_unknown_practice_and_renamed_touchpoint_are_said(acted: ActionSimulation) -> None:
    elsewhere = row_of(acted, replace(acted.actions[0], practice_id="nobody"))
    assert "practice 'nobody' has no answers" in elsewhere["reason"]
    renamed = row_of(acted, replace(acted.actions[0], touchpoint="reception"))
    assert "[actions] renamed" in renamed["reason"]


def test_without_comparison_practices_only_the_raw_change_is_shown(acted: ActionSimulation) -> None:
    acting = [one.practice_id for one in acted.actions]
    others = sorted(set(acted.responses.practices) - set(acting))[:7]
    few = acted.responses.where(pl.col("practice_id").is_in([*acting, *others]))
    result = pxa.estimate_action_effects(few, acted.actions, case_mix=(), as_of=AS_OF)
    rows = result.actions.dropna(subset="raw_change")
    assert (rows["verdict"] == "no_comparison").all()
    assert "only 7 practices without an action" in rows["text"].iloc[0]
    assert rows["regression"].notna().all()
    assert rows["estimate"].isna().all()
    assert result.kinds["reason"].ne("").all()


def test_when_practices_without_action_change_too_nothing_is_published(acted: ActionSimulation) -> None:
    # a third of the practices without an action suddenly do much better where they were lowest
    acting = {one.practice_id for one in acted.actions}
    scores = pxa.score_responses(acted.responses)
    means = scores.groupby(acted.responses.practice_ids).mean()
    lowest = (means - means.mean()).idxmin(axis=1)
    quiet = sorted(set(acted.responses.practices) - acting)[::3]
    since = pl.col("completed_on") >= date(2025, 1, 1)
    items = []
    for one in acted.responses.journey.items:
        here = [practice for practice in quiet if lowest[practice] == one.touchpoint.id]
        best = one.scale.min if one.item.direction == "lower-is-better" else one.scale.max
        moved = since & pl.col("practice_id").is_in(here) & pl.col(one.id).is_not_null()
        items.append(pl.when(moved).then(pl.lit(best)).otherwise(pl.col(one.id)).alias(one.id))
    odd = replace(acted.responses, table=acted.responses.table.with_columns(items))
    result = pxa.estimate_action_effects(odd, acted.actions, case_mix=(), as_of=AS_OF)
    assert not result.checks["sound"].iloc[0]
    assert set(result.actions.loc[result.actions["raw_change"].notna(), "verdict"]) == {"withheld"}
    assert result.programme["estimate"].isna().all()
    assert "not published" in result.programme["reason"].iloc[0]


def test_wrong_input_is_refused_with_its_name(acted: ActionSimulation) -> None:
    with pytest.raises(AnalysisError, match=r"actions: expected actions as study\.actions gives them"):
        pxa.estimate_action_effects(acted.responses, ["greet"])
    with pytest.raises(AnalysisError, match="looks: expected months in order"):
        pxa.estimate_action_effects(acted.responses, acted.actions, looks=(6, 3))
    undated = replace(acted.responses, table=acted.responses.table.with_columns(completed_on=pl.lit(None, pl.Date)))
    with pytest.raises(NotEstimableError, match="without dates"):
        pxa.estimate_action_effects(undated, acted.actions)


def test_no_action_at_all_is_no_error(acted: ActionSimulation) -> None:
    result = pxa.estimate_action_effects(acted.responses, [], case_mix=(), as_of=AS_OF)
    assert result.actions.empty
    assert result.programme["reason"].iloc[0].startswith("0 practices")
    assert result.tidy()["term"].tolist() == ["programme"]


def test_a_change_of_who_answers_is_taken_out(treatment: Journey) -> None:
    quiet = ActionDesign(effects=(("nothing", 0.0),), share=0.5)
    made = simulate_actions(treatment, practices=40, responses=(400, 800), seed=4, actions=quiet)
    since = {one.practice_id: one.in_place_on for one in made.actions if one.in_place_on is not None}
    start = pl.col("practice_id").replace_strict(since, default=None, return_dtype=pl.Date)
    older = pl.col("age") >= made.responses.table["age"].median()
    shifted = made.responses.where((pl.col("completed_on") < start).fill_null(value=True) | older)
    means = {
        name: pxa.estimate_action_effects(shifted, made.actions, case_mix=names, as_of=AS_OF).programme["estimate"][0]
        for name, names in (("without", ()), ("with", None))
    }
    whole = pxa.estimate_action_effects(made.responses, made.actions, as_of=AS_OF).programme["estimate"][0]
    # the older half is .8 SD older, worth 1 to 2 points
    assert means["without"] - whole > 0.9
    assert abs(means["with"] - whole) < 0.7


def test_one_planned_look_has_a_shorter_interval() -> None:
    study, actions, _ = draw_world(World(practices=30), np.random.default_rng(1))
    three, one = (describe_action(actions[0], Workbench(study, actions, 10, k), sound=True) for k in ((3, 6), (6,)))
    assert three["estimate"] == one["estimate"]
    assert three["ci_low"] < one["ci_low"]


@pytest.mark.slow
def test_one_practice_and_programme_hold_what_they_promise() -> None:
    found = summarise(World(), 300)
    assert found["naive_bias"] > 0.8
    assert found["one_cover"] >= 0.92
    assert found["one_error"] <= 0.05
    assert found["programme_cover"] >= 0.93
    assert found["programme_error"] <= 0.03
    assert found["improved"] <= 0.02


@pytest.mark.slow
@pytest.mark.parametrize(("world", "runs"), [(World(share=0.1), 300), (World(practices=200, kinds=5), 60)])
def test_kinds_hold_what_they_promise(world: World, runs: int) -> None:
    assert summarise(world, runs)["kinds_cover"] >= 0.92
