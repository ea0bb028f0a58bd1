"""Tests of: How reliable the scales of a journey are: every touchpoint or step, side by side."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from reliability_data import EDGES, edge

from pxanalysis.analysis.reliability import (
    DEFINITIONS,
    REASONS,
    estimate_reliability,
    estimate_scale_reliability,
    scales_of,
)
from pxanalysis.errors import AnalysisError
from pxanalysis.survey.responses import Responses

# ---------------------------------------------------------------- journeys


@pytest.fixture(scope="module")
def responses(treatment) -> Responses:
    """Every touchpoint a factor of its own, reversed items turned, one optional touchpoint not met by a third."""
    rng = np.random.default_rng(10)
    n = 600
    columns: dict[str, object] = {}
    met = rng.random(n) < 0.67
    for touchpoint in treatment.touchpoints:
        common = rng.normal(size=n)
        for placed in treatment.items:
            if placed.touchpoint.id != touchpoint.id:
                continue
            scale = placed.scale
            middle, width = (scale.min + scale.max) / 2, (scale.max - scale.min) / 4
            answer = np.rint(middle + width * (common + 0.8 * rng.normal(size=n))).clip(scale.min, scale.max)
            if placed.item.direction == "lower-is-better":
                answer = scale.min + scale.max - answer
            columns[placed.id] = np.where(met | (not touchpoint.optional), answer, np.nan)
    table = pl.DataFrame(columns).with_columns(pl.all().fill_nan(None).cast(pl.Int64))
    context = pl.DataFrame(
        {
            "response_id": [f"r{i}" for i in range(n)],
            "practice_id": [f"p{i % 12:02d}" for i in range(n)],
            "simulated": [True] * n,
        }
    )
    return Responses(treatment, pl.concat([context, table], how="horizontal"), pl.DataFrame(), {})


def test_every_touchpoint_of_a_journey_gets_a_row(responses, treatment):
    found = estimate_reliability(responses, n_bootstrap=100)
    table = found.table().set_index("scale")
    assert list(table.index) == [touchpoint.id for touchpoint in treatment.touchpoints]
    several = table[table["k"] > 1]
    truth = several["k"] / (several["k"] + 0.64)
    np.testing.assert_allclose(several["alpha"], truth, atol=0.06)
    optional = [touchpoint.id for touchpoint in treatment.touchpoints if touchpoint.optional]
    assert (table.loc[optional, "n"] < 600).all()
    assert found[optional[0]].n_absent + table.loc[optional[0], "n"] == 600
    assert found.n_practices == 12
    assert found.glance().loc[0, "n_scales"] == len(table)
    assert len(found.tidy()) == len(table) * len(DEFINITIONS)
    assert set(found.items["item"]) == {placed.id for placed in treatment.items}
    assert found.discriminant is not None
    assert found.discriminant.pairs["distinct"].mean() > 0.9
    assert "sentence" in found._repr_html_()
    with pytest.raises(KeyError, match="no scale 'nowhere'"):
        found["nowhere"]


def test_scores_are_used_so_that_reversed_items_do_not_spoil_a_scale(responses, treatment):
    placed = next(one for one in treatment.items if one.item.direction == "lower-is-better")
    items = scales_of(treatment)[placed.touchpoint.id]
    found = estimate_reliability(responses, n_bootstrap=0, discriminant=False)
    raw = estimate_scale_reliability(responses.items, items, n_bootstrap=0)
    assert raw["alpha"].estimate < found[placed.touchpoint.id]["alpha"].estimate
    assert found.discriminant is None


def test_steps_hold_the_items_of_all_their_touchpoints(responses, treatment):
    found = estimate_reliability(responses, "step", missing="em", n_bootstrap=20)
    assert [scale.name for scale in found.scales] == [step.id for step in treatment.steps]
    assert sum(scale.k for scale in found.scales) == len(treatment.items)


def test_a_journey_without_responses_or_an_unknown_level_is_refused(responses):
    with pytest.raises(AnalysisError, match="no responses"):
        estimate_reliability(responses.where(pl.lit(value=False)))
    with pytest.raises(AnalysisError, match="expected one of touchpoint, step, received 'item'"):
        estimate_reliability(responses, "item")


def test_figures_show_what_was_estimated(responses):
    found = estimate_reliability(responses, n_bootstrap=30, discriminant=False)
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        f"{found.label(s.name)} ({s.k})" for s in found.scales
    ]
    scale = next(one for one in found.scales if one.k > 2)
    drawn = scale.plot().collections[0].get_offsets()[:, 0]
    assert scale["alpha"].estimate in drawn
    empty = edge({"a": [1, 2, 3, 4]}).plot()
    assert empty.texts[0].get_text() == REASONS["single-item"]
    below = edge(EDGES["negative-alpha"][0]).plot()
    assert any(text.get_text().startswith("◂ -") for text in below.texts)
