"""Tests of: Within a touchpoint that matters: which of its items carries it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from driver_data import as_responses, score_journey

from pxanalysis.analysis.drivers.fit import fit_drivers
from pxanalysis.analysis.importance.drilldown import drill_down
from pxanalysis.errors import AnalysisError


def test_drill_down_finds_the_item_that_carries_the_touchpoint() -> None:
    """Of two touchpoints with three items each, one item of the first makes the outcome."""
    rng = np.random.default_rng(15)
    n, practice = 1200, np.arange(1200) % 48
    halo = rng.standard_normal((n, 1))
    items = pd.DataFrame(60 + 6 * halo + 10 * rng.standard_normal((n, 6)), columns=["a1", "a2", "a3", "b1", "b2", "b3"])
    answers = items.assign(ktv=2 + 0.06 * items["a2"] + 0.02 * items[["b1", "b2", "b3"]].mean(axis=1))
    answers["ktv"] += rng.standard_normal(n)
    answers = answers.mask(rng.random(answers.shape) < 0.05)
    journey = score_journey({"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"]})
    model = fit_drivers(as_responses(journey, answers, practice), n_bootstrap=100, cross_validate=False)
    found = drill_down(model, "a", n_bootstrap=100)
    table = found.terms.set_index("item")
    assert table.index.tolist() == ["a1", "a2", "a3"]
    assert table["rank"].idxmin() == "a2"
    assert table.loc["a2", "share"] > 0.8
    assert table.loc["a2", "p_top1"] == 1
    assert table["importance"].sum() == pytest.approx(found.importance)
    assert found.importance_low < found.importance < found.importance_high
    assert found.r2 > model.r2
    with pytest.raises(AnalysisError, match="expected one of a, b, received 'c'"):
        drill_down(model, "c")
    by_item = fit_drivers(as_responses(journey, answers, practice), level="item", n_bootstrap=60, cross_validate=False)
    with pytest.raises(AnalysisError, match="items already"):
        drill_down(by_item, "a")
