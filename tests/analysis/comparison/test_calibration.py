"""In worlds of known truth: who is named, and whether the intervals hold."""

from __future__ import annotations

import numpy as np
import pytest

from pxanalysis.analysis.comparison.calibration import (
    SCALES,
    WORLDS,
    World,
    _root,
    calibrate_comparison,
    draw_world,
    read_calibration,
    show_calibration,
)


@pytest.mark.parametrize("world", WORLDS[:1] + WORLDS[3:8], ids=lambda world: world.name)
def test_a_world_has_the_correlations_it_says(world: World) -> None:
    large = World(world.name, world.r, practices=400, per_practice=500, icc=world.icc, kind=world.kind)
    columns, criterion, _ = draw_world(large, _root(large), np.random.default_rng(2))
    found = np.corrcoef(columns.T, criterion)[-1, :-1]
    # 200,000 patients, of practices that share something
    np.testing.assert_allclose(found, world.r, atol=0.012)
    for column, (low, high, *_) in zip(columns.T, SCALES.values(), strict=True):
        assert low <= column.min()
        assert column.max() <= high


def test_the_table_in_the_notebook_meets_the_goals() -> None:
    found = read_calibration()
    assert found["term"].tolist() == [world.name for world in WORLDS]
    assert (found["studies"] >= 1000).all()
    assert (found["named_wrong"] <= 0.06).all()
    assert found["coverage"].between(0.93, 0.97).all()
    goal = found[found["term"].str.contains("ahead by .10", regex=False)]
    assert len(goal) == 4
    assert ((goal["n"] == 2000) & (goal["practices"] == 20)).all()
    assert (goal["named_right"] >= 0.90).all()
    assert "KTV ahead by .10" in show_calibration().as_raw_html()


@pytest.mark.slow
def test_the_goals_are_met_again() -> None:
    worlds = (WORLDS[1], WORLDS[2], WORLDS[7])
    found = calibrate_comparison(worlds, studies=150, n_bootstrap=400, seed=11)
    error = 3 * np.sqrt(0.06 * 0.94 / 150)
    assert (found["named_wrong"] <= 0.06 + error).all()
    assert found["coverage"].between(0.93 - 3 * found["coverage_error"], 0.97 + 3 * found["coverage_error"]).all()
    assert found["named_right"].iloc[-1] >= 0.90 - 3 * np.sqrt(0.9 * 0.1 / 150)
