"""Tests of: What each metric of an outcome is: which answers count as what, on which scale it is defined."""

from __future__ import annotations

import pytest
from metrics_data import KTV, make_journey, make_responses

from pxanalysis.analysis.metrics import (
    METRICS,
    estimate_metrics,
    metrics_of,
)


def test_ktv_by_hand() -> None:
    table = estimate_metrics(make_responses({"ktv": KTV}), "ktv").tidy()
    expected = {"mean": 7.5, "top2": 0.4, "insufficient": 0.2, "top_box": 0.2, "median": 8.0, "ceiling": 0.2}
    assert dict(zip(table["metric"], table["estimate"], strict=True)) == pytest.approx(expected)
    assert tuple(table["metric"]) == METRICS["ktv"]
    assert set(table["unit"]) == {"grade", "proportion"}
    assert (table["n"] == 10).all()
    assert (table["reason"] == "").all()


def test_every_metric_is_defined_for_every_kind() -> None:
    journey = make_journey()
    for outcome in journey.outcomes:
        assert tuple(metric.name for metric in metrics_of(outcome, journey)) == METRICS[outcome.kind]
