"""Tests of: How a metric differs between two groups of responses, for example two periods, with its interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from metrics_data import KTV, NPS, TIGHT, R, make_responses, patients, row  # noqa: F401

from pxanalysis.analysis.metrics import (
    estimate_differences,
    estimate_metrics,
)
from pxanalysis.errors import AnalysisError


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


@pytest.mark.slow
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
