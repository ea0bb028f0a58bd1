"""Progress of a programme against counts and a curve made by hand."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from pxanalysis.analysis.action_effects.progress import estimate_progress
from pxanalysis.survey.action_list import Action

TODAY = date(2026, 6, 30)


def action(number: int, practice: str, age: int, took: int | None = None, dropped: int | None = None) -> Action:
    idea = TODAY - timedelta(days=age)
    done = None if took is None else idea + timedelta(days=took)
    gone = None if dropped is None else idea + timedelta(days=dropped)
    return Action(
        f"a{number}", practice, "staff", "idea", idea_on=idea, decided_on=done, in_place_on=done, dropped_on=gone
    )


ACTIONS = [
    action(1, "p", 200, took=30),
    action(2, "p", 200, took=61),
    action(3, "p", 200, took=62),
    action(4, "q", 200, dropped=20),
    action(5, "q", 61),
    action(6, "r", 60, took=10),
]


def test_shares_count_old_ideas_and_dropped_ones() -> None:
    found = estimate_progress(ACTIONS, today=TODAY)
    whole = found.practices.iloc[0]
    assert (whole["n_ideas"], whole["n_old"], whole["n_realised"]) == (6, 5, 2)
    assert whole["estimate"] == pytest.approx(0.4)
    # Wilson for 2 of 5, as R's binom::binom.wilson(2, 5) has it
    assert (whole["ci_low"], whole["ci_high"]) == pytest.approx((0.1176208, 0.7692757), abs=1e-6)
    assert (found.n_finished, found.n_running) == (2, 1)
    assert found.ideas_per_journey == 2.0
    rows = found.practices.set_index("practice_id")
    assert rows.loc["r", "reason"] == "no idea is 61 days old yet"
    assert rows.loc["q", "median_reason"] != ""
    assert len(repr(found).splitlines()) <= 10
    assert found.tidy()["term"].eq("realised in time").all()
    found.summary()
    found.plot()


def test_the_curve_is_kaplan_and_meiers_with_dropped_ideas_never_realised() -> None:
    curve = estimate_progress(ACTIONS, today=TODAY).curve.set_index("day")
    # at risk: 6 on day 10, 5 on day 30, 4 on day 61 (the open idea leaves that day), 2 on day 62
    expected = {10: 1 - 5 / 6, 30: 1 - 5 / 6 * 4 / 5, 61: 1 - 5 / 6 * 4 / 5 * 3 / 4, 62: 1 - 5 / 6 * 4 / 5 * 3 / 4 / 2}
    for day, share in expected.items():
        assert curve.loc[day, "share"] == pytest.approx(share)
    assert curve["share"].is_monotonic_increasing
    inside = curve.iloc[1:]
    assert ((inside["ci_low"] < inside["share"]) & (inside["share"] < inside["ci_high"])).all()
    median = estimate_progress(ACTIONS, today=TODAY).practices["median_days"].iloc[0]
    assert median == 61


def test_nothing_recorded_says_so() -> None:
    found = estimate_progress([], today=TODAY)
    assert (found.n_finished, found.n_running, found.ideas_per_journey) == (0, 0, 0.0)
    assert np.isnan(found.practices["estimate"].iloc[0])
    assert found.practices["reason"].iloc[0] != ""
    found.plot()
