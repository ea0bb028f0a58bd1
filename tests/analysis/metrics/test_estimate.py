"""Tests of: KTV, NPS, CES and behaviours with their intervals, per practice, per period or pooled."""

from __future__ import annotations

import math
import time
from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_data import KTV, NPS, make_journey, make_responses, row

from pxanalysis.analysis.metrics import (
    estimate_metrics,
)
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.proportions.intervals import (
    wilson,
)
from pxanalysis.survey.responses import Responses


def test_nps_by_hand() -> None:
    table = estimate_metrics(make_responses({"nps": NPS}), "nps").tidy()
    expected = {"net": 0.1, "promoters": 0.4, "passives": 0.3, "detractors": 0.3, "mean": 7.3, "ceiling": 0.2}
    found = dict(zip(table["metric"], table["estimate"], strict=True))
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    net = row(table, "net")
    # (4.75 − 3.75)/13 ± 1.959964·√((8.5/13 − 1/169)/13)
    assert (net["ci_low"], net["ci_high"]) == pytest.approx((-0.360639, 0.514486), abs=2e-6)
    assert net["method"] == "adjusted Wald"


def test_nps_asked_from_one_is_said() -> None:
    journey = make_journey(nps=(1, 10))
    table = estimate_metrics(make_responses({"nps": [1, 6, 7, 9, 10]}, journey=journey), "nps").tidy()
    net = row(table, "net")
    assert net["estimate"] == pytest.approx(0.0)
    assert "1-10 instead of 0-10" in net["method"]
    assert "1-10" not in row(estimate_metrics(make_responses({"nps": NPS}), "nps").tidy(), "net")["method"]


def test_nps_on_another_scale_has_a_reason() -> None:
    journey = make_journey(nps=(1, 5))
    net = row(estimate_metrics(make_responses({"nps": [1, 5, 5]}, journey=journey), "nps").tidy(), "net")
    assert math.isnan(net["estimate"])
    assert "1-5" in net["reason"]


@pytest.mark.parametrize(
    ("scale", "answers", "low_effort", "net_easy"),
    [
        ((1, 5, "higher-is-better"), [5, 4, 3, 2, 1, 5], 3 / 6, 1 / 6),
        ((1, 5, "lower-is-better"), [5, 4, 3, 2, 1, 5], 2 / 6, -1 / 6),
        # CES 2.0: 5, 6 and 7 of seven are "easy" (BT's net easy score: easy minus difficult)
        ((1, 7, "higher-is-better"), [7, 6, 5, 4, 3, 2, 1, 7], 4 / 8, 1 / 8),
        ((1, 4, "lower-is-better"), [1, 2, 3, 4, 4], 2 / 5, -1 / 5),
    ],
)
def test_ces_direction(scale: tuple[int, int, str], answers: list[int], low_effort: float, net_easy: float) -> None:
    table = estimate_metrics(make_responses({"ces": answers}, journey=make_journey(ces=scale)), "ces").tidy()
    assert row(table, "low_effort")["estimate"] == pytest.approx(low_effort)
    assert row(table, "net_easy")["estimate"] == pytest.approx(net_easy)
    assert "little effort" in row(table, "mean")["method"]
    assert row(table, "net_easy")["unit"] == "net"


def test_behaviour_is_wilson() -> None:
    table = estimate_metrics(make_responses({"returned": [1] * 81 + [0] * 182 + [None] * 5}), "returned").tidy()
    share = row(table, "share")
    assert (share["n"], share["method"]) == (263, "Wilson")
    assert (round(share["ci_low"], 4), round(share["ci_high"], 4)) == (0.2553, 0.3662)  # Newcombe 1998


def test_median_interval() -> None:
    """Ranks from Wilson's limits of 1/2 at n=100: .4038 and .5962, so the 41st and 60th of 1..100."""
    responses = make_responses({"ktv": list(range(1, 101))})
    median = row(estimate_metrics(responses, "ktv", metrics=["median"]).tidy(), "median")
    assert (median["estimate"], median["ci_low"], median["ci_high"]) == (50.5, 41.0, 60.0)
    few = row(estimate_metrics(make_responses({"ktv": [7, 8, 9, 9]}), "ktv").tidy(), "median")
    assert few["estimate"] == 8.5
    assert "too few" in few["reason"]


def test_weighted_share_uses_effective_n() -> None:
    weights = [1.0] * 5 + [4.0] * 5
    responses = make_responses({"returned": [1, 0] * 5})
    share = row(estimate_metrics(responses, "returned", weights=weights).tidy(), "share")
    effective = 25**2 / (5 + 80)
    expected = (3 * 1 + 2 * 4) / 25
    assert share["estimate"] == pytest.approx(expected)
    assert share["n_effective"] == pytest.approx(effective)
    low, high = wilson(expected, effective)
    assert (share["ci_low"], share["ci_high"]) == pytest.approx((float(low), float(high)))
    assert "Kish" in share["method"]


@given(st.floats(0.01, 50), st.lists(st.integers(1, 10), min_size=2, max_size=40))
def test_equal_weights_change_nothing(weight: float, answers: list[int]) -> None:
    responses = make_responses({"ktv": answers})
    plain = estimate_metrics(responses, "ktv").tidy()
    weighted = estimate_metrics(responses, "ktv", weights=[weight] * len(answers)).tidy()
    for name in ("estimate", "ci_low", "ci_high", "n"):
        np.testing.assert_allclose(weighted[name], plain[name], rtol=1e-9, atol=1e-12)


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(1, 4)), min_size=3, max_size=25))
def test_whole_weights_are_repeats(pairs: list[tuple[int, int]]) -> None:
    """Estimates (not their precision) with weight 3 equal those with the answer given three times."""
    answers, weights = zip(*pairs, strict=True)
    weighted = estimate_metrics(make_responses({"ktv": list(answers)}), "ktv", weights=list(weights)).tidy()
    repeated = estimate_metrics(make_responses({"ktv": np.repeat(answers, weights).tolist()}), "ktv").tidy()
    np.testing.assert_allclose(weighted["estimate"], repeated["estimate"], rtol=1e-9)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0, -1.0, 1.0], "row 1 has weight -1"),
        ([0.0, 0.0, 0.0], "every weight is 0"),
        ([1.0, math.nan, 1.0], "missing or infinite"),
        ([1.0, 2.0], "expected one weight per row"),
        ("absent", "no column 'absent'"),
    ],
)
def test_bad_weights(weights: object, message: str) -> None:
    with pytest.raises(AnalysisError, match=message):
        estimate_metrics(make_responses({"ktv": [7, 8, 9]}), "ktv", weights=weights)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "boolean", "object"])
def test_weights_of_any_dtype(dtype: str) -> None:
    weights = pd.Series([True, True, True, True], dtype=dtype)
    result = estimate_metrics(make_responses({"ktv": [7, 8, 9, 10]}), "ktv", weights=weights).tidy()
    assert row(result, "mean")["estimate"] == 8.5


def test_practice_with_zero_weights_has_no_answers() -> None:
    responses = make_responses({"ktv": [7, 8, 9, 9]}, ["a", "a", "b", "b"])
    table = estimate_metrics(responses, "ktv", weights=[0, 0, 1, 1]).tidy()
    assert row(table, "mean", "a")["reason"] == "no answers"
    assert row(table, "mean", "b")["estimate"] == 9.0


# --- Groups ---------------------------------------------------------------------------------------------------------


def test_grouped_equals_one_by_one() -> None:
    rng = np.random.default_rng(5)
    n = 400
    columns = {
        "ktv": rng.integers(1, 11, n).tolist(),
        "nps": rng.integers(0, 11, n).tolist(),
        "ces": rng.integers(1, 6, n).tolist(),
        "returned": rng.integers(0, 2, n).tolist(),
    }
    responses = make_responses(columns, [f"p{j}" for j in rng.integers(0, 12, n)])
    together = estimate_metrics(responses).tidy()
    for practice in responses.practices:
        alone = estimate_metrics(responses.of_practice(practice)).tidy().drop(columns="practice_id")
        part = together[together["practice_id"] == practice].drop(columns="practice_id").reset_index(drop=True)
        pd.testing.assert_frame_equal(part, alone, rtol=1e-12)


def test_other_groups_and_periods() -> None:
    columns = {"ktv": [8, 9, 7, 6] * 50}
    responses = make_responses(columns, ["a", "b", "c", "d", "e"] * 40)
    channels = estimate_metrics(responses, "ktv", by="channel", metrics=["mean"]).tidy()
    assert list(channels["group"]) == ["paper", "web"]
    assert set(channels["practice_id"]) == {""}
    assert channels["n"].sum() == 200
    months = estimate_metrics(responses, "ktv", period="month", metrics=["mean"]).tidy()
    assert months["period"].iloc[0] == "2025-01"
    quarters = estimate_metrics(responses, "ktv", by=None, period="quarter", metrics=["mean"]).tidy()
    assert list(quarters["period"]) == ["2025-01-01", "2025-04-01", "2025-07-01"]


def test_rows_without_date_are_counted() -> None:
    responses = make_responses({"ktv": [8, 9, 7]})
    undated = Responses(
        responses.journey,
        responses.table.with_columns(pl.Series("completed_on", [None, date(2025, 1, 1), date(2025, 2, 1)])),
        responses.rejected,
        {},
    )
    result = estimate_metrics(undated, "ktv", period="month")
    assert (result.n_obs, result.n_dropped) == (2, 1)


def test_pooled_is_cluster_robust() -> None:
    rng = np.random.default_rng(8)
    practice = np.repeat(np.arange(20), 30)
    level = rng.uniform(0.3, 0.9, 20)[practice]
    responses = make_responses(
        {"returned": (rng.random(600) < level).astype(int).tolist()}, [f"p{j}" for j in practice]
    )
    pooled = row(estimate_metrics(responses, "returned", by=None).tidy(), "share", "")
    assert pooled["n_effective"] < 300
    naive = wilson(pooled["estimate"], 600)
    assert pooled["ci_high"] - pooled["ci_low"] > 1.4 * float(naive[1] - naive[0])
    assert "cluster-robust" in pooled["method"]


def test_pooling_one_practice_is_that_practice() -> None:
    responses = make_responses({"ktv": KTV, "nps": NPS})
    pooled = estimate_metrics(responses, ["ktv", "nps"], by=None).tidy().drop(columns="practice_id")
    alone = estimate_metrics(responses, ["ktv", "nps"]).tidy().drop(columns="practice_id")
    pd.testing.assert_frame_equal(pooled, alone)


def test_group_within_one_practice_says_so() -> None:
    responses = make_responses({"ktv": [8, 9, 7, 6]}, ["a", "b", "a", "b"])
    table = estimate_metrics(responses, "ktv", by="channel", metrics=["mean"]).tidy()
    assert table["reason"].str.contains("one practice").all()
    assert table["estimate"].notna().all()
    assert table["ci_low"].isna().all()


def test_edge_cases_have_reasons() -> None:
    responses = make_responses({"ktv": [9, 9, 9, 7, None]}, ["a", "a", "a", "b", "c"])
    table = estimate_metrics(responses, "ktv").tidy()
    assert "all answers are equal" in row(table, "mean", "a")["reason"]
    assert "one answer" in row(table, "mean", "b")["reason"]
    none = row(table, "mean", "c")
    assert none["reason"] == "no answers"
    assert math.isnan(none["estimate"])
    assert row(table, "top2", "c")["reason"] == "no answers"
    missing = table["ci_low"].isna()
    assert (table.loc[missing, "reason"] != "").all()


def test_uncollected_outcome() -> None:
    responses = make_responses({"ktv": [8, 9]})
    table = estimate_metrics(responses).tidy()
    assert (table.loc[table["outcome"] == "returned", "reason"] == "no answers").all()
    with pytest.raises(AnalysisError, match="not collected"):
        estimate_metrics(responses, "returned")
    with pytest.raises(AnalysisError, match="no outcome 'joy'"):
        estimate_metrics(responses, "joy")
    with pytest.raises(AnalysisError, match="period"):
        estimate_metrics(responses, period="week")
    with pytest.raises(AnalysisError, match="by: expected"):
        estimate_metrics(responses, by="planet")
    with pytest.raises(AnalysisError, match="metrics: expected"):
        estimate_metrics(responses, metrics=["joy"])
    with pytest.raises(AnalysisError, match="confidence"):
        estimate_metrics(responses, confidence=95)


@given(st.lists(st.integers(1, 10), min_size=2, max_size=60), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_intervals_hold_their_estimate_and_stay_on_the_scale(answers: list[int], confidence: float) -> None:
    responses = make_responses({"ktv": answers, "nps": answers})
    table = estimate_metrics(responses, ["ktv", "nps"], confidence=confidence).tidy()
    shown = table[table["ci_low"].notna()]
    assert (shown["ci_low"] <= shown["ci_high"]).all()
    inside = shown[shown["unit"] != "net"]
    assert ((inside["ci_low"] <= inside["estimate"] + 1e-12) & (inside["estimate"] <= inside["ci_high"] + 1e-12)).all()
    limits = {"grade": (1, 10), "scale": (0, 10), "proportion": (0, 1), "net": (-1, 1)}
    for unit, (low, high) in limits.items():
        part = shown[shown["unit"] == unit]
        assert part["ci_low"].ge(low).all()
        assert part["ci_high"].le(high).all()


# --- Results, speed -------------------------------------------------------------------------------------------------


def test_result_is_shown_and_not_shared() -> None:
    result = estimate_metrics(make_responses({"ktv": KTV}), "ktv")
    tidy = result.tidy()
    tidy.loc[0, "estimate"] = 99
    assert result.tidy().loc[0, "estimate"] == 7.5
    assert list(tidy.columns[:6]) == ["practice_id", "term", "estimate", "std_error", "ci_low", "ci_high"]
    assert "<table" in result._repr_html_()
    assert result.glance().loc[0, "n_obs"] == 10


def test_three_hundred_practices_are_quick() -> None:
    rng = np.random.default_rng(1)
    n = 12_000
    columns = {
        "ktv": rng.integers(1, 11, n).tolist(),
        "nps": rng.integers(0, 11, n).tolist(),
        "ces": rng.integers(1, 6, n).tolist(),
    }
    responses = make_responses(columns, [f"p{j:03d}" for j in rng.integers(0, 300, n)])
    estimate_metrics(responses, ["ktv", "nps", "ces"])
    started = time.perf_counter()
    estimate_metrics(responses, ["ktv", "nps", "ces"])
    assert time.perf_counter() - started < 1.0


@pytest.mark.parametrize("answer", [0, 8, 10])
def test_a_net_score_of_one_answer_has_no_interval(answer: int) -> None:
    """Adjusted Wald's would lie between -.98 and .48 around an NPS of -100."""
    net = row(estimate_metrics(make_responses({"nps": [answer]}), "nps").tidy(), "net")
    assert np.isnan([net["ci_low"], net["ci_high"]]).all()
    assert net["reason"] == "one answer; an interval needs at least two"
