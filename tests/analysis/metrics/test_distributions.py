"""Tests of: How the answers to an outcome are distributed: number and share of each answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from metrics_data import KTV, make_responses

from pxanalysis.analysis.metrics import (
    estimate_distributions,
    estimate_metrics,
)
from pxanalysis.errors import AnalysisError

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
