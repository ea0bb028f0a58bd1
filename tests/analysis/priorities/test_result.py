"""Tests of: What a practice can do first: gains, ranks and advice per practice and touchpoint."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from priorities_data import DRIVERS, found, responses, rows  # noqa: F401

from pxanalysis.errors import AnalysisError

CONTRACT = ["practice_id", "touchpoint", "importance", "performance", "performance_low", "performance_high"]


# --- against outside values -------------------------------------------------------------------------------------


def test_effect_is_the_least_squares_slope_of_statsmodels(responses, found):
    """statsmodels OLS on the same complete rows; 1e-8, both are direct solutions."""
    frame = responses.numbers([*(f"{name}_item" for name in DRIVERS), "ktv"])
    expected = sm.OLS(frame["ktv"], sm.add_constant(frame.drop(columns="ktv"))).fit().params.iloc[1:]
    np.testing.assert_allclose(rows(found)["effect"], expected, rtol=1e-8)


def test_gain_in_nps_is_the_slope_on_promoters_less_detractors(responses, found):
    frame = responses.numbers([*(f"{name}_item" for name in DRIVERS), "nps"])
    net = (frame["nps"] >= 9).astype(float) - (frame["nps"] <= 6)
    slopes = sm.OLS(net, sm.add_constant(frame.drop(columns="nps"))).fit().params.iloc[1:]
    mine = rows(found)
    gap = (mine["target"] - mine["performance"]).clip(lower=0)
    np.testing.assert_allclose(mine["gain_nps"], slopes.to_numpy() * gap, rtol=1e-8, atol=1e-12)


def test_performance_is_the_mean_drawn_to_the_centre_by_its_reliability(responses, found):
    """mu + R (mean - mu), with the variance components of a balanced one-way analysis of variance by hand."""
    scores = responses.numbers(["t1_item"])["t1_item"]
    groups = scores.groupby(responses.practice_ids)
    n, means = groups.size().iloc[0], groups.mean()
    within = groups.var(ddof=1).mean()
    between = means.var(ddof=1) - within / n
    reliability = between / (between + within / n)
    expected = means.mean() + reliability * (means - means.mean())
    mine = found.frame.query("touchpoint == 't1'").set_index("practice_id")["performance"]
    np.testing.assert_allclose(mine, expected[mine.index], rtol=1e-10)


def test_gain_is_effect_times_gap_and_ipma_times_what_is_missing_to_100(found):
    frame = found.frame
    gap = (frame["target"] - frame["performance"]).clip(lower=0)
    np.testing.assert_allclose(frame["gain"], frame["effect"] * gap * frame["met_share"], rtol=1e-12)
    np.testing.assert_allclose(frame["ipma"], frame["effect"] * (100 - frame["performance"]), rtol=1e-12)


def test_share_negative_and_improvement_score_by_hand(responses, found):
    scores = responses.numbers([f"{name}_item" for name in DRIVERS])
    mine = scores[responses.practice_ids == "0"]
    share = (mine < 50).mean().to_numpy()
    importance = rows(found)["importance"].to_numpy()
    np.testing.assert_allclose(rows(found)["share_negative"], share)
    np.testing.assert_allclose(
        rows(found)["improvement_score"], (1 + 3 * importance / importance.max()) * share, rtol=1e-12
    )


# --- the contract -----------------------------------------------------------------------------------------------


def test_frame_keeps_the_contract(found):
    frame = found.frame
    assert list(frame.columns[: len(CONTRACT)]) == CONTRACT
    assert len(frame) == 12 * 4
    assert set(frame["status"]) <= {"act", "undecided", "keep"}
    assert frame["suppressed"].dtype == bool
    assert (frame.groupby("practice_id")["p_rank3"].sum().round(9) == 3).all()
    assert (frame["p_top3"] <= frame["p_rank3"] + 1e-12).all()
    assert all(sorted(ranks) == [1, 2, 3, 4] for _, ranks in frame.groupby("practice_id")["rank"])
    for name in ("performance", "gain", "rank", "effect", "gain_nps"):
        assert (frame[f"{name}_low"] <= frame[name] + 1e-9).all()
        assert (frame[name] <= frame[f"{name}_high"] + 1e-9).all()
    assert frame["performance_high"].max() <= 100
    assert frame["performance_low"].min() >= 0


def test_a_repr_shows_both_tables_and_no_clock(found):
    page = found._repr_html_()
    assert "n_abstain" in page
    assert page == found._repr_html_()


def test_pictures_show_the_gains_of_a_practice_and_the_advice_to_all(found):
    axes = found.plot("0")
    best_first = rows(found).sort_values("gain", ascending=False)
    assert [label.get_text() for label in axes.get_yticklabels()] == [found.label(name) for name in best_first.index]
    np.testing.assert_allclose(axes.collections[0].get_offsets()[:, 0], best_first["gain"])
    everybody = found.plot()
    widths = sum(patch.get_width() for patch in everybody.patches)
    assert widths == pytest.approx(4), "the shares of each touchpoint add up to 1"
    with pytest.raises(AnalysisError, match="nowhere"):
        found.plot("nowhere")


# --- what if ----------------------------------------------------------------------------------------------------


def test_what_if_is_effect_times_change(found):
    frame = found.what_if({"t0": 10, "t1": -5}).frame
    effect = rows(found)["effect"]
    np.testing.assert_allclose(frame["estimate"], 10 * effect["t0"] - 5 * effect["t1"])
    assert len(frame) == 12
    assert (frame["ci_low"] < frame["estimate"]).all()
    assert (frame["estimate"] < frame["ci_high"]).all()
    assert found.what_if({"t0": 10}, "3").frame["practice_id"].tolist() == ["3"]
    assert "t0 +10" in found.what_if({"t0": 10}).glance()["changes"].iloc[0]


def test_what_if_stops_at_100(found):
    best = rows(found).loc["t0", "performance"]
    most = found.what_if({"t0": 90}, "0").frame["estimate"].iloc[0]
    assert most == pytest.approx((100 - best) * rows(found).loc["t0", "effect"])


@given(st.floats(0, 60), st.floats(0, 60))
def test_what_if_is_monotone_and_nothing_changes_nothing(found, one, other):
    low, high = sorted([one, other])
    gains = [found.what_if({"t0": points}, "1").frame["estimate"].iloc[0] for points in (0.0, low, high)]
    assert gains[0] == 0
    assert all(first <= second + 1e-12 for first, second in pairwise(gains))


@pytest.mark.parametrize(("changes", "message"), [({"nowhere": 5}, "nowhere"), ({"t0": np.nan}, "finite")])
def test_what_if_refuses_what_it_does_not_know(found, changes, message):
    with pytest.raises(AnalysisError, match=message):
        found.what_if(changes)
