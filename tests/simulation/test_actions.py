"""Simulated actions: known effects, chosen where scores were low, the same answers before they were in place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pxanalysis.errors import AnalysisError
from pxanalysis.journey import Journey
from pxanalysis.simulation.actions import ActionDesign, simulate_actions
from pxanalysis.survey.scores import score_responses


def test_actions_are_chosen_where_scores_were_low_and_do_what_is_said(treatment: Journey, tmp_path: Path) -> None:
    made = simulate_actions(treatment, practices=20, responses=(300, 500), seed=2)
    scores = score_responses(made.responses)
    for action in (one for one in made.actions if one.in_place_on is not None):
        before = pl.col("completed_on") < action.decided_on
        half_year = before & (pl.col("completed_on") >= pl.lit(action.decided_on).dt.offset_by("-6mo"))
        recent = made.responses.table.select(half_year).to_series().to_numpy()
        own = made.responses.practice_ids == action.practice_id
        beside = scores[recent & own].mean() - scores[recent].mean()
        assert beside.idxmin() == action.touchpoint
    effects = made.effects.groupby("kind")["effect"].mean()
    assert effects["reorganise"] == 0.0
    assert effects["explain"] > effects["train"] > 1.0
    paths = made.write(tmp_path / "raw", tmp_path / "actions.csv")
    assert [path.name for path in paths][-1] == "actions.csv"
    assert '"effects"' in (tmp_path / "raw" / "simulated_truth.json").read_text()


def test_without_effects_the_same_patients_answer_the_same(treatment: Journey) -> None:
    nothing = ActionDesign(effects=(("explain", 0.0), ("train", 0.0), ("reorganise", 0.0)))
    with_effects, without = (
        simulate_actions(treatment, practices=6, responses=80, seed=2, actions=design).simulation.answers
        for design in (None, nothing)
    )
    items = [one.id for one in treatment.items]
    differs = np.any(
        with_effects.select(items).fill_null(-1).to_numpy() != without.select(items).fill_null(-1).to_numpy(), axis=1
    )
    assert 0 < differs.sum() < 0.3 * len(differs)
    assert with_effects["completed_on"].equals(without["completed_on"])


def test_designs_that_make_no_sense_are_refused() -> None:
    with pytest.raises(AnalysisError, match="share: expected a proportion"):
        ActionDesign(share=2.0)
    with pytest.raises(AnalysisError, match="months: expected 30 or more"):
        ActionDesign(months=12)
