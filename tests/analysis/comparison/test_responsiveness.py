"""Which metric moves when practices act: by hand, with an effect that was put in, and what cannot be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pxanalysis.analysis.comparison.plan import ComparisonPlan
from pxanalysis.analysis.comparison.responsiveness import responsiveness_rows
from pxanalysis.analysis.comparison.sample import ComparisonSample, draw_sample
from pxanalysis.errors import NotEstimableError
from pxanalysis.journey import Journey
from pxanalysis.simulation.actions import ActionSimulation, simulate_actions
from pxanalysis.survey.responses import Responses


@pytest.fixture(scope="module")
def acted(treatment: Journey) -> ActionSimulation:
    return simulate_actions(treatment, practices=40, responses=(300, 700), seed=3)


def sample_of(responses: Responses) -> ComparisonSample:
    return draw_sample(responses, ComparisonPlan())


@pytest.fixture(scope="module")
def found(acted: ActionSimulation) -> pd.DataFrame:
    return responsiveness_rows(sample_of(acted.responses), acted.actions, 0.95).set_index("term")


def test_a_change_is_the_one_that_a_hand_computes(found: pd.DataFrame, acted: ActionSimulation) -> None:
    frame = acted.responses.table.select("practice_id", "completed_on", "ktv").to_pandas().dropna()
    frame["z"] = (frame["ktv"] - frame["ktv"].mean()) / frame["ktv"].std()
    frame["month"] = frame["completed_on"].map(lambda day: day.year * 12 + day.month)
    starts = {
        one.practice_id: min(
            other.in_place_on.year * 12 + other.in_place_on.month
            for other in acted.actions
            if other.practice_id == one.practice_id and other.in_place_on is not None
        )
        for one in acted.actions
        if one.in_place_on is not None
    }
    others = frame[~frame["practice_id"].isin({one.practice_id for one in acted.actions})]

    def change(rows: pd.DataFrame, start: int) -> tuple[float, float]:
        before = rows.loc[rows["month"].between(start - 12, start - 7), "z"]
        after = rows.loc[rows["month"].between(start, start + 11), "z"]
        return after.mean() - before.mean(), 1 / (1 / len(before) + 1 / len(after))

    effects = []
    for practice, start in starts.items():
        own, _ = change(frame[frame["practice_id"] == practice], start)
        compared = [change(rows, start) for _, rows in others.groupby("practice_id")]
        effects.append(own - np.average([c for c, _ in compared], weights=[w for _, w in compared]))
    row = found.loc["ktv"]
    assert row["n_practices"] == len(effects)
    assert row["estimate"] == pytest.approx(np.mean(effects), rel=1e-9)
    assert row["std_error"] >= np.std(effects, ddof=1) / np.sqrt(len(effects))


def test_the_metric_that_moved_is_the_one_that_is_found(acted: ActionSimulation) -> None:
    """Half a standard deviation more recommendation after each action, and nothing else."""
    plain = sample_of(acted.responses)
    starts = {one.practice_id: one.in_place_on for one in acted.actions if one.in_place_on is not None}
    after = pl.col("completed_on") >= pl.col("practice_id").replace_strict(starts, default=None, return_dtype=pl.Date)
    step = 0.5 * float(plain.answers["nps"].std())
    table = acted.responses.table.with_columns(pl.col("nps") + step * after.fill_null(value=False))
    moved = replace(plain, answers=plain.answers.assign(nps=table["nps"].to_numpy()))
    before = responsiveness_rows(plain, acted.actions, 0.95).set_index("term")
    rows = responsiveness_rows(moved, acted.actions, 0.95).set_index("term")
    assert rows.loc["nps", "estimate"] - before.loc["nps", "estimate"] == pytest.approx(0.5, abs=0.06)
    assert rows.loc["ktv", "estimate"] == pytest.approx(before.loc["ktv", "estimate"])
    assert rows.loc["ktv - nps", "ci_high"] < 0


def test_every_metric_and_every_pair_has_a_row_in_the_comparison(found: pd.DataFrame) -> None:
    assert found["quantity"].value_counts().to_dict() == {"change": 3, "difference": 3}
    single, pair = found.loc["ktv", "estimate"] - found.loc["nps", "estimate"], found.loc["ktv - nps", "estimate"]
    assert pair == pytest.approx(single, abs=0.02), "of those who answered both"


def test_what_is_missing_is_said(acted: ActionSimulation) -> None:
    sample = sample_of(acted.responses)
    with pytest.raises(NotEstimableError, match="no action is in place"):
        responsiveness_rows(sample, [], 0.95)
    first = acted.actions[0].practice_id
    one = [action for action in acted.actions if action.practice_id == first]
    with pytest.raises(NotEstimableError, match=r"practices with an action have 10 answers .*; 5 are needed"):
        responsiveness_rows(sample, one, 0.95)
