"""KTV, NPS, CES and behaviours against published intervals, statsmodels, R's survey package and simulated truth."""

from __future__ import annotations

import itertools
import json
import math
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pxanalysis.analysis.metrics import (
    METRICS,
    adjusted_wald,
    estimate_differences,
    estimate_distributions,
    estimate_metrics,
    kish_n,
    metrics_of,
    needed_n_for_mean,
    needed_n_for_net,
    needed_n_for_share,
    wilson,
)
from pxanalysis.analysis.metrics.grouped import group_quantile, group_sums
from pxanalysis.analysis.metrics.intervals import difference_from_intervals, score_interval, t_interval
from pxanalysis.errors import AnalysisError
from pxanalysis.journey.model import Journey
from pxanalysis.survey.responses import REJECTED_COLUMNS, Responses

REFERENCE = Path(__file__).parents[1] / "reference" / "practices"
R = json.loads((REFERENCE / "reference.json").read_text())
# R printed 12 significant digits
TIGHT = {"rel": 1e-9, "abs": 1e-11}


def text(word: str) -> dict[str, str]:
    return {"nl": word, "en": word}


def make_journey(nps: tuple[int, int] = (0, 10), ces: tuple[int, int, str] = (1, 5, "higher-is-better")) -> Journey:
    outcomes = [
        {"id": "ktv", "kind": "ktv", "scale": "grade"},
        {"id": "nps", "kind": "nps", "scale": "likely"},
        {"id": "ces", "kind": "ces", "scale": "effort", "direction": ces[2]},
        {"id": "returned", "kind": "behaviour"},
    ]
    return Journey.model_validate(
        {
            "id": "small",
            "title": text("small"),
            "description": text("small"),
            "providers": [{"id": "practice", "label": text("practice")}],
            "scales": {
                "grade": {"min": 1, "max": 10},
                "likely": {"min": nps[0], "max": nps[1]},
                "effort": {"min": ces[0], "max": ces[1]},
            },
            "steps": [
                {
                    "id": "visit",
                    "label": text("visit"),
                    "sentence": text("I visit"),
                    "provider": "practice",
                    "touchpoints": [
                        {
                            "id": "desk",
                            "label": text("desk"),
                            "items": [{"id": "friendly", "text": text("friendly"), "scale": "grade"}],
                        }
                    ],
                }
            ],
            "outcomes": [{**one, "label": text(one["id"]), "text": text(one["id"])} for one in outcomes],
        }
    )


def make_responses(columns: dict[str, object], practice: object = "a", journey: Journey | None = None) -> Responses:
    n = len(next(iter(columns.values())))
    base = {
        "response_id": [str(i) for i in range(n)],
        "practice_id": [practice] * n if isinstance(practice, str) else list(practice),
        "completed_on": [date(2025, 1, 1) + timedelta(days=i % 300) for i in range(n)],
        "role": ["patient"] * n,
        "channel": ["web" if i % 2 else "paper" for i in range(n)],
        "simulated": [True] * n,
    }
    return Responses(
        journey=journey or make_journey(),
        table=pl.DataFrame({**base, **columns}, strict=False),
        rejected=pl.DataFrame(schema=REJECTED_COLUMNS),
    )


def row(result: pd.DataFrame, metric: str, practice: str = "a") -> pd.Series:
    found = result[(result["metric"] == metric) & (result["practice_id"] == practice)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture(scope="module")
def patients() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "patients.csv")


# --- Intervals against published and computed values --------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3 (score); 4 decimals
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_published(x: int, n: int, low: float, high: float) -> None:
    assert tuple(round(float(edge), 4) for edge in wilson(x / n, n)) == (low, high)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_wilson_statsmodels(confidence: float) -> None:
    from statsmodels.stats.proportion import proportion_confint

    for n in (1, 7, 40, 1000):
        x = np.arange(n + 1)
        mine, theirs = wilson(x / n, n, confidence), proportion_confint(x, n, 1 - confidence, method="wilson")
        np.testing.assert_allclose(mine[0], np.maximum(theirs[0], 0), atol=1e-14)
        np.testing.assert_allclose(mine[1], np.minimum(theirs[1], 1), atol=1e-14)


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    # Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 10 (p1 − p2); 4 decimals
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_difference_of_shares_published(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    one, two = ((np.float64(x / n), *wilson(x / n, n)) for x, n in ((x1, n1), (x2, n2)))
    limits = difference_from_intervals(two, one)
    assert [round(float(edge), 4) for edge in limits] == pytest.approx([low, high], abs=1e-9)


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "low", "high"),
    # by hand from Rocks (2016): n' = n+3, p' = (P+.75)/n', d' = (D+.75)/n', ± 1.959964·√((p'+d'−(p'−d')²)/n')
    [
        (20, 8, 40, 0.0459790, 0.5121606),
        (0, 0, 10, -0.1846504, 0.1846504),
        (10, 0, 10, 0.4750355, 1.0),
        (0, 10, 10, -1.0, -0.4750355),
        (50, 50, 100, -0.1917096, 0.1917096),
    ],
)
def test_adjusted_wald_by_hand(promoters: int, detractors: int, n: int, low: float, high: float) -> None:
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    half = 1.959963984540054 * math.sqrt((p + d - (p - d) ** 2) / (n + 3))
    by_hand = max(-1.0, p - d - half), min(1.0, p - d + half)
    assert by_hand == pytest.approx((low, high), abs=5e-8)
    mine = adjusted_wald(promoters / n, detractors / n, n)
    assert [float(edge) for edge in mine] == pytest.approx([low, high], abs=5e-8)


def trinomial_coverage(p: float, d: float, n: int, plain: bool = False) -> float:
    """Exact coverage of the NPS interval: all (promoters, detractors) with their probability."""
    from scipy.stats import multinomial

    counts = np.array([(a, b) for a, b in itertools.product(range(n + 1), repeat=2) if a + b <= n])
    chance = multinomial.pmf(np.column_stack([counts, n - counts.sum(axis=1)]), n, [p, d, 1 - p - d])
    one, two = counts[:, 0] / n, counts[:, 1] / n
    if plain:
        half = 1.959964 * np.sqrt((one + two - (one - two) ** 2) / n)
        low, high = one - two - half, one - two + half
    else:
        low, high = adjusted_wald(one, two, n)
    return float(chance[(low <= p - d) & (p - d <= high)].sum())


def test_nps_coverage_exact() -> None:
    # METHODS: plain Wald covers .84 instead of .95 at p=.85, n=20
    assert 0.93 < trinomial_coverage(0.85, 0.02, 20) < 0.97
    assert trinomial_coverage(0.85, 0.02, 20, plain=True) < 0.87
    for p, d, n in [(0.6, 0.1, 30), (0.4, 0.3, 20), (0.7, 0.05, 50)]:
        assert 0.93 < trinomial_coverage(p, d, n) < 0.97


def test_nps_coverage_simulated() -> None:
    rng = np.random.default_rng(85)
    counts = rng.multinomial(20, [0.85, 0.02, 0.13], size=40_000)
    low, high = adjusted_wald(counts[:, 0] / 20, counts[:, 1] / 20, 20)
    assert 0.93 < ((low <= 0.83) & (high >= 0.83)).mean() < 0.97


def test_net_difference_coverage() -> None:
    rng = np.random.default_rng(4)
    sides = []
    for n, probabilities in ((25, [0.6, 0.1, 0.3]), (40, [0.75, 0.05, 0.2])):
        c = rng.multinomial(n, probabilities, size=20_000) / n
        sides.append((c[:, 0] - c[:, 1], *adjusted_wald(c[:, 0], c[:, 1], n)))
    low, high = difference_from_intervals(sides[0], sides[1])
    assert 0.93 < ((low <= 0.2) & (high >= 0.2)).mean() < 0.97


def test_pooled_mean_coverage_with_clusters() -> None:
    """Thirty practices that differ: the pooled interval must cover the mean over practices, a naive one does not."""
    rng = np.random.default_rng(11)
    hits, naive, runs = 0, 0, 1500
    codes = np.repeat(np.arange(30), 20)
    zeros, ones = np.zeros(600, dtype=np.intp), np.ones(600)
    from scipy.stats import t as student

    for _ in range(runs):
        values = rng.normal(0, 0.5, 30)[codes] + rng.normal(size=600)
        sums = group_sums(values, zeros, 1, ones, codes)
        hits += abs(sums.mean[0]) < student.ppf(0.975, sums.df[0]) * sums.error[0]
        naive += abs(sums.mean[0]) < 1.96 * values.std(ddof=1) / math.sqrt(600)
    assert 0.93 < hits / runs < 0.97
    assert naive / runs < 0.80


# --- Survey statistics against R ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "column", "weighted", "clustered"),
    [
        ("clustered", "grade", False, True),
        ("weighted", "grade", True, False),
        ("both", "grade", True, True),
        ("both_binary", "binary", True, True),
    ],
)
def test_survey_package(patients: pd.DataFrame, design: str, column: str, weighted: bool, clustered: bool) -> None:
    """R survey 4.1-1 svymean (reference.R); 1e-9, R printed 12 digits."""
    n = len(patients)
    weights = patients["weight"].to_numpy() if weighted else np.ones(n)
    clusters = pd.factorize(patients["practice"])[0].astype(np.intp) if clustered else None
    sums = group_sums(patients[column].to_numpy(float), np.zeros(n, dtype=np.intp), 1, weights, clusters)
    assert sums.mean[0] == pytest.approx(R["survey"][design]["mean"], **TIGHT)
    assert sums.error[0] == pytest.approx(R["survey"][design]["se"], **TIGHT)


def test_survey_domains(patients: pd.DataFrame) -> None:
    """R svyby counts all 24 practices as clusters, ours those with answers in the group: √ of the G/(G−1) apart."""
    health = pd.Categorical(patients["health"])
    clusters = pd.factorize(patients["practice"])[0].astype(np.intp)
    values, weights = patients["grade"].to_numpy(), patients["weight"].to_numpy()
    sums = group_sums(values, health.codes.astype(np.intp), 3, weights, clusters)
    present = sums.df + 1
    ratio = np.sqrt((present / (present - 1)) / (24 / 23))
    np.testing.assert_allclose(sums.mean, R["survey"]["domain"]["mean"], rtol=1e-9)
    np.testing.assert_allclose(sums.error, ratio * np.array(R["survey"]["domain"]["se"]), rtol=1e-9)


def test_t_interval_and_welch_against_r(patients: pd.DataFrame) -> None:
    """R t.test on the simulated grades, as grades of a question on 1-10 rounded to hundredths."""
    responses = make_responses({"ktv": patients["grade"].to_list()})
    mean = row(estimate_metrics(responses, "ktv").tidy(), "mean")
    assert (mean["ci_low"], mean["ci_high"]) == pytest.approx((R["welch"]["t_low"], R["welch"]["t_high"]), **TIGHT)
    split = patients["binary"] == 1
    first = make_responses({"ktv": patients["grade"][split].to_list()})
    second = make_responses({"ktv": patients["grade"][~split].to_list()})
    difference = row(estimate_differences(first, second, "ktv").tidy(), "mean")
    assert difference["method"] == "Welch"
    assert (difference["ci_low"], difference["ci_high"]) == pytest.approx(
        (R["welch"]["low"], R["welch"]["high"]), **TIGHT
    )


def test_pooled_difference_against_r(patients: pd.DataFrame) -> None:
    """R svyglm of the grade on a group, clusters and weights: estimate and standard error."""
    good = (patients["health"] == "good").to_numpy()
    sides = [
        make_responses({"ktv": part["grade"].to_list(), "w": part["weight"].to_list()}, part["practice"])
        for part in (patients[~good], patients[good])
    ]
    result = row(estimate_differences(*sides, "ktv", by=None, weights=("w", "w")).tidy(), "mean", "")
    assert result["estimate"] == pytest.approx(R["survey"]["difference"]["estimate"], **TIGHT)
    from scipy.stats import t as student

    error = (result["ci_high"] - result["ci_low"]) / 2 / student.ppf(0.975, 23)
    assert error == pytest.approx(R["survey"]["difference"]["se"], rel=1e-9)


# --- Definitions by hand --------------------------------------------------------------------------------------------

KTV = [10, 9, 9, 8, 8, 7, 6, 5, 3, 10]
NPS = [10, 9, 9, 8, 7, 6, 6, 0, 10, 8]


def test_ktv_by_hand() -> None:
    table = estimate_metrics(make_responses({"ktv": KTV}), "ktv").tidy()
    expected = {"mean": 7.5, "top2": 0.4, "insufficient": 0.2, "top_box": 0.2, "median": 8.0, "ceiling": 0.2}
    assert dict(zip(table["metric"], table["estimate"], strict=True)) == pytest.approx(expected)
    assert tuple(table["metric"]) == METRICS["ktv"]
    assert set(table["unit"]) == {"grade", "proportion"}
    assert (table["n"] == 10).all()
    assert (table["reason"] == "").all()


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


# --- Weights --------------------------------------------------------------------------------------------------------


def test_kish_by_hand() -> None:
    # Kish (1965): weights 1, 1, 2, 4 → 64/22
    assert float(kish_n(8, 22)) == pytest.approx(64 / 22)


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
@settings(max_examples=25, deadline=None)
def test_equal_weights_change_nothing(weight: float, answers: list[int]) -> None:
    responses = make_responses({"ktv": answers})
    plain = estimate_metrics(responses, "ktv").tidy()
    weighted = estimate_metrics(responses, "ktv", weights=[weight] * len(answers)).tidy()
    for name in ("estimate", "ci_low", "ci_high", "n"):
        np.testing.assert_allclose(weighted[name], plain[name], rtol=1e-9, atol=1e-12)


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(1, 4)), min_size=3, max_size=25))
@settings(max_examples=25, deadline=None)
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
@settings(max_examples=60, deadline=None)
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


@given(st.lists(st.integers(1, 10), min_size=1, max_size=50))
@settings(max_examples=60, deadline=None)
def test_median_is_numpys(answers: list[int]) -> None:
    values = np.array(answers, dtype=float)
    zeros = np.zeros(values.size, dtype=np.intp)
    assert group_quantile(values, zeros, 1, np.ones(values.size), np.array([0.5]))[0] == np.median(values)


# --- Distribution, differences, needed n ------------------------------------------------------------------------------


def test_distribution_by_hand() -> None:
    responses = make_responses({"ktv": [*KTV, None]})
    table = estimate_distributions(responses, "ktv")
    assert list(table["value"]) == list(range(1, 11))
    assert list(table["n"]) == [0, 0, 1, 0, 1, 1, 1, 2, 2, 2]
    assert (table["base"] == 10).all()
    assert table["share"].sum() == pytest.approx(1.0)
    weighted = estimate_distributions(responses, "ktv", weights=[2] + [1] * 10)
    assert weighted["share"].iloc[-1] == pytest.approx(3 / 11)


def test_distribution_adds_up_to_the_metrics() -> None:
    rng = np.random.default_rng(2)
    responses = make_responses({"nps": rng.integers(0, 11, 300).tolist()}, [f"p{j}" for j in rng.integers(0, 9, 300)])
    shares = estimate_distributions(responses, "nps").pivot_table("share", "practice_id", "value")
    nets = estimate_metrics(responses, "nps", metrics=["net"]).tidy().set_index("practice_id")["estimate"]
    by_hand = shares[[9, 10]].sum(axis=1) - shares[list(range(7))].sum(axis=1)
    pd.testing.assert_series_equal(by_hand, nets, check_names=False)


def test_stray_answers_are_refused() -> None:
    with pytest.raises(AnalysisError, match="answer 11"):
        estimate_distributions(make_responses({"ktv": [8, 11]}), "ktv")


def test_differences_per_practice() -> None:
    first = make_responses({"returned": [1] * 48 + [0] * 32, "nps": [9] * 40 + [3] * 40})
    second = make_responses({"returned": [1] * 56 + [0] * 14, "nps": [9] * 50 + [3] * 20})
    table = estimate_differences(first, second, ["returned", "nps"]).tidy()
    share = row(table, "share")
    # Newcombe (1998) method 10: 56/70 − 48/80
    assert [round(share[name], 4) for name in ("estimate", "ci_low", "ci_high")] == [0.2, 0.0524, 0.3339]
    net = row(table, "net")
    assert net["estimate"] == pytest.approx(3 / 7)
    assert net["ci_low"] < 3 / 7 < net["ci_high"]
    assert "median" not in set(table["metric"])


def test_difference_with_itself_is_zero() -> None:
    responses = make_responses({"ktv": KTV, "nps": NPS}, ["a", "b"] * 5)
    for by in ("practice", None):
        table = estimate_differences(responses, responses, ["ktv", "nps"], by=by).tidy()
        assert table["estimate"].abs().max() == 0
        shown = table[table["reason"] == ""]
        np.testing.assert_allclose(shown["ci_low"], -shown["ci_high"], atol=1e-12)


def test_difference_without_answers() -> None:
    first, second = make_responses({"ktv": [7, 8]}, ["a", "b"]), make_responses({"ktv": [9, None]}, ["a", "b"])
    table = estimate_differences(first, second, "ktv").tidy()
    assert "no answers" in row(table, "mean", "b")["reason"]
    assert "too few" in row(table, "mean", "a")["reason"]
    with pytest.raises(AnalysisError, match="by: expected"):
        estimate_differences(first, second, by="channel")


def test_pooled_difference_coverage() -> None:
    """Practices keep their level from one period to the next; the interval of the change must still cover."""
    rng = np.random.default_rng(3)
    hits = 0
    practice = [f"p{j}" for j in range(15) for _ in range(12)]
    for _ in range(200):
        level = np.repeat(rng.normal(7, 0.6, 15), 12)
        sides = [
            make_responses({"ktv": (level + shift + rng.normal(size=180)).tolist()}, practice) for shift in (0, 0.3)
        ]
        result = row(estimate_differences(*sides, "ktv", by=None).tidy(), "mean", "")
        hits += result["ci_low"] <= 0.3 <= result["ci_high"]
    assert 0.91 <= hits / 200 <= 0.99


@pytest.mark.parametrize(
    ("half_width", "share", "expected"),
    # worst case at ±5 points: Wald needs 385 (statsmodels 384.15), Wilson z²/4m² − z² = 380.3
    [(0.05, 0.5, 381), (0.10, 0.5, 93), (0.03, 0.5, 1064)],
)
def test_needed_n_for_share(half_width: float, share: float, expected: int) -> None:
    assert needed_n_for_share(half_width, share) == expected
    for n, fits in ((expected, True), (expected - 1, False)):
        low, high = wilson(share, n)
        assert (float(high - low) / 2 <= half_width) == fits


@given(st.floats(0.02, 0.4), st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_needed_n_for_share_is_the_least(half_width: float, share: float) -> None:
    n = needed_n_for_share(half_width, share)
    scale = 1.959963984540054**2

    def width(size: int) -> float:
        return math.sqrt(scale) * math.sqrt(share * (1 - share) / size + scale / (4 * size**2)) / (1 + scale / size)

    assert width(n) <= half_width + 1e-9
    assert n == 1 or width(n - 1) > half_width - 1e-9


def test_needed_n_for_net() -> None:
    # z²·Var/m² − 3 with Var = .5+.2−.09 = .61, m = .10: 234.3 − 3 → 232
    assert needed_n_for_net(0.10, 0.5, 0.2) == 232
    # worst case Var = 1, m = .10: 384.15 − 3 → 382
    assert needed_n_for_net(0.10) == 382


@pytest.mark.parametrize(("half_width", "sd", "expected"), [(0.25, 1.5, 141), (1.0, 1.5, 12), (5.0, 0.0, 2)])
def test_needed_n_for_mean(half_width: float, sd: float, expected: int) -> None:
    from scipy.stats import t as student

    assert needed_n_for_mean(half_width, sd) == expected
    assert student.ppf(0.975, expected - 1) * sd / math.sqrt(expected) <= half_width
    if expected > 2:
        assert student.ppf(0.975, expected - 2) * sd / math.sqrt(expected - 1) > half_width


def test_needed_n_of_a_result() -> None:
    responses = make_responses({"nps": [9] * 20 + [3] * 8 + [7] * 12})
    result = estimate_metrics(responses, "nps")
    needed = result.needed_n(0.10).set_index("metric")
    assert needed.loc["net", "needed_n"] == needed_n_for_net(0.10, 0.5, 0.2)
    assert needed.loc["net", "more"] == 232 - 40
    assert needed.loc["promoters", "needed_n"] == needed_n_for_share(0.10, 0.5)
    assert math.isnan(needed.loc["median", "needed_n"])


def test_bad_needed_n() -> None:
    for call in (
        lambda: needed_n_for_share(0),
        lambda: needed_n_for_share(0.1, 2),
        lambda: needed_n_for_net(0.1, 0.8, 0.4),
        lambda: needed_n_for_net(2),
        lambda: needed_n_for_mean(-1, 1),
        lambda: needed_n_for_mean(1, math.inf),
    ):
        with pytest.raises(AnalysisError):
            call()


# --- Results, speed -------------------------------------------------------------------------------------------------


def test_result_is_shown_and_not_shared() -> None:
    result = estimate_metrics(make_responses({"ktv": KTV}), "ktv")
    tidy = result.tidy()
    tidy.loc[0, "estimate"] = 99
    assert result.tidy().loc[0, "estimate"] == 7.5
    assert list(tidy.columns[:11]) == [
        "practice_id",
        "outcome",
        "kind",
        "metric",
        "unit",
        "n",
        "estimate",
        "ci_low",
        "ci_high",
        "method",
        "reason",
    ]
    assert "<table" in result._repr_html_()
    assert result.glance().loc[0, "n_obs"] == 10


def test_every_metric_is_defined_for_every_kind() -> None:
    journey = make_journey()
    for outcome in journey.outcomes:
        assert tuple(metric.name for metric in metrics_of(outcome, journey)) == METRICS[outcome.kind]


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


def likert_scores(rng: np.random.Generator, shift: float, shape: tuple[int, int]) -> np.ndarray:
    """Touchpoint scores 0-100 of three questions of 1-5 that go together."""
    common = rng.normal(size=(*shape, 1)) * np.sqrt(0.6)
    latent = shift + common + rng.normal(size=(*shape, 3)) * np.sqrt(0.4)
    return np.asarray(25.0 * np.digitize(latent, [-1.5, -0.5, 0.5, 1.5]).mean(axis=-1))


@pytest.mark.parametrize("n", [10, 20, 40])
@pytest.mark.parametrize("shift", [0.0, 1.05, 2.05, 2.42])
def test_intervals_of_scores_cover_also_near_the_ceiling(n: int, shift: float) -> None:
    """Means of about 50, 75, 91 and 95 of 100."""
    rng = np.random.default_rng(7)
    truth = likert_scores(rng, shift, (1, 200_000)).mean()
    scores = likert_scores(rng, shift, (4000, n))
    mean, sd = scores.mean(axis=1), scores.std(axis=1, ddof=1)
    low, high = score_interval(mean, sd, np.full(4000, n), high=100.0)
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.99
    wide = t_interval(mean, sd / np.sqrt(n), np.full(4000, n - 1.0))
    usual = np.nanmean(np.minimum(wide[1], 100) - np.maximum(wide[0], 0))
    assert (high - low).mean() < (1.05 if shift < 2 else 1.35) * usual


@given(st.floats(0, 100), st.floats(0, 1), st.integers(2, 500))
def test_intervals_of_scores_hold_the_mean_and_stay_on_the_scale(mean: float, part: float, n: int) -> None:
    sd = part * math.sqrt(mean * (100 - mean))
    low, high = (float(bound) for bound in score_interval(mean, sd, n, high=100.0))
    assert -1e-9 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 100 + 1e-9


def test_without_spread_scores_count_as_if_they_were_at_the_ends() -> None:
    """With the normal quantile it would be Wilson's interval of a share; one answer has none."""
    found = score_interval(75.0, 0.0, 10_000, high=100.0)
    np.testing.assert_allclose(np.array(found) / 100, wilson(0.75, 10_000), atol=1e-4)
    assert np.isnan(score_interval(80.0, 0.0, 1, high=100.0)).all()
