"""The researcher's event study: what a hand computes where that is simple, the truth by simulation, and refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

import pxanalysis as pxa
from pxanalysis.analysis.action_effects.event_study import BREACHES, Estimator
from pxanalysis.analysis.action_effects.result import ActionEffects
from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.journey import Journey
from pxanalysis.simulation.actions import ActionSimulation, simulate_actions

AS_OF = date(2026, 7, 1)

pytest.importorskip("diff_diff", reason="the extra 'research' is not installed")


@pytest.fixture(scope="module")
def acted(treatment: Journey) -> ActionSimulation:
    return simulate_actions(treatment, practices=40, responses=(300, 700), seed=3)


@pytest.fixture(scope="module")
def found(acted: ActionSimulation) -> ActionEffects:
    """All actions on one touchpoint, in place in one month: two groups and one date."""
    moved = [replace(one, touchpoint="treatment", in_place_on=date(2025, 7, 1)) for one in acted.actions]
    return pxa.estimate_action_effects(acted.responses, moved, as_of=AS_OF, case_mix=())


def test_with_one_date_it_is_a_difference_of_differences_by_hand(found: ActionEffects) -> None:
    """Callaway and Sant'Anna (2021), equation 2.8 without covariates: each period against the last before the donut."""
    study = found.event_study(estimator="callaway-santanna", months=6, minimum_n=1)
    cells = found.cells
    at = cells.touchpoints.index("treatment")
    months = cells.months - cells.months % 6
    n, total = (
        part[:, -months:, at].reshape(len(cells.practices), -1, 6).sum(axis=2)
        for part in (cells.cells.n, cells.cells.total)
    )
    whole = (n > 0).all(axis=1)
    score = (total / np.where(n > 0, n, 1))[whole]
    acting = np.isin(cells.practices, [one.practice_id for one in found.register])[whole]
    gap = score[acting].mean(axis=0) - score[~acting].mean(axis=0)
    ends = cells.first + cells.months
    first = (date(2025, 7, 1).year * 12 + 6 - (ends - months)) // 6
    by_hand = {int(6 * (t - first)): gap[t] - gap[first - 2] for t in range(len(gap)) if t != first - 2}
    for row in study.effects.itertuples():
        assert row.estimate == pytest.approx(by_hand[int(row.months)], rel=1e-9)
    after = [value for months_since, value in by_hand.items() if months_since >= 0]
    assert study.overall["estimate"].iloc[0] == pytest.approx(np.mean(after), rel=1e-9)


def test_doubt_about_parallel_trends_only_widens(found: ActionEffects) -> None:
    study = found.event_study(estimator="callaway-santanna", months=6, minimum_n=1)
    table = study.sensitivity
    assert table["breach"].tolist() == list(BREACHES)
    assert table["ci_low"].is_monotonic_decreasing
    assert table["ci_high"].is_monotonic_increasing
    overall = study.overall.iloc[0]
    exact = table.iloc[0]
    normal = 1.959964 * overall["std_error"]
    limits = (overall["estimate"] - normal, overall["estimate"] + normal)
    assert (exact["ci_low"], exact["ci_high"]) == pytest.approx(limits, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("estimator", ["imputation", "callaway-santanna"])
def test_intervals_hold_the_effect_that_was_put_in(estimator: Estimator, treatment: Journey) -> None:
    held = []
    for seed in range(40):
        made = simulate_actions(treatment, practices=60, responses=(300, 700), seed=seed)
        study = pxa.estimate_action_effects(made.responses, made.actions, as_of=AS_OF, case_mix=())
        try:
            one = study.event_study(estimator=estimator, months=6)
        except NotEstimableError:
            continue
        effects = made.effects.set_index("action_id")["effect"]
        truth = np.mean(
            [effects[a.action_id] for a in study.register if a.touchpoint == one.touchpoint and a.action_id in effects]
        )
        held.append(bool(one.overall["ci_low"].iloc[0] <= truth <= one.overall["ci_high"].iloc[0]))
    assert len(held) >= 25
    assert np.mean(held) >= 0.85


def test_what_makes_no_sense_is_refused_with_what_to_do(found: ActionEffects) -> None:
    with pytest.raises(AnalysisError, match="nobody acted on 'staff'; there were actions on: treatment"):
        found.event_study("staff")
    with pytest.raises(AnalysisError, match="divide a half-year, received 4"):
        found.event_study(months=4)
    with pytest.raises(NotEstimableError, match="there are 0 and"):
        found.event_study(estimator="callaway-santanna", months=1, minimum_n=10_000)


def test_who_decided_on_something_else_is_in_neither_group(found: ActionEffects) -> None:
    study = found.event_study(months=6, minimum_n=1)
    one = next(action for action in found.register if action.decided_on is not None)
    others = [action for action in found.register if action.practice_id != one.practice_id]
    elsewhere = (replace(one, touchpoint="staff", in_place_on=None), *others)
    moved = replace(found, register=elsewhere).event_study(months=6, minimum_n=1)
    assert (moved.n_practices, moved.n_acting) == (study.n_practices - 1, study.n_acting - 1)


def test_it_reads_as_every_result_does(found: ActionEffects) -> None:
    study = found.event_study(months=6)
    tidy = study.tidy()
    assert list(tidy.columns[:5]) == ["term", "estimate", "std_error", "ci_low", "ci_high"]
    assert tidy["term"].iloc[-1] == "overall"
    assert not study.effects["months"].between(-6, -1).any(), "the half-year that chose the action is left out"
    assert len(repr(study).splitlines()) <= 10
    assert study.plot().get_xlabel().startswith("treatment")
