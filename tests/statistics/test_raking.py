"""Raking: against R, against a known truth, and what it refuses."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.raking import rake

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "raking" / "weights.csv"


def test_raking_is_that_of_r() -> None:
    rows = list(csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines()))
    age = [row["age"] for row in rows for _ in range(int(row["answered"]))]
    sex = [row["sex"] for row in rows for _ in range(int(row["answered"]))]
    wanted = [float(row["weight"]) for row in rows for _ in range(int(row["answered"]))]
    raked = rake({"age": age, "sex": sex}, {"age": {"1": 35, "2": 40, "3": 25}, "sex": {"1": 0.48, "2": 0.52}})
    np.testing.assert_allclose(raked.weights, wanted, rtol=1e-8)
    assert raked.effective_n == pytest.approx(float(rows[0]["effective_n"]), rel=1e-8)


def test_raking_meets_margins_and_takes_the_bias_away() -> None:
    """Known truth: the young answer half as often and score lower; weighted, the mean of the invited comes back."""
    rng = np.random.default_rng(3)
    n = 40_000
    young = rng.random(n) < 0.5
    score = np.where(young, 6.0, 8.0) + rng.standard_normal(n)
    answered = rng.random(n) < np.where(young, 0.2, 0.4)
    group = np.where(young, "young", "old")
    raked = rake({"age": group[answered].tolist()}, {"age": {"young": young.sum(), "old": (~young).sum()}})
    weighted = np.average(score[answered], weights=raked.weights)
    error = 1.4 / np.sqrt(raked.effective_n)
    assert abs(weighted - score.mean()) < 4 * error
    assert score[answered].mean() - score.mean() > 8 * error
    assert raked.effective_n < answered.sum()
    assert raked.weights.mean() == pytest.approx(1)


@pytest.mark.parametrize(
    ("values", "targets", "said"),
    [
        (["a", "a"], {"a": 0.5, "b": 0.5}, "nobody of x 'b' answered"),
        (["a", "c"], {"a": 1.0}, "'c' of x answered but has no share"),
        ([], {"a": 1.0}, "expected at least one"),
    ],
)
def test_what_cannot_be_weighted_is_refused(values: list[str], targets: dict[str, float], said: str) -> None:
    with pytest.raises(AnalysisError, match=said):
        rake({"x": values}, {"x": targets})


def test_margins_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(AnalysisError, match="contradict each other"):
        rake(
            {"x": ["a", "b"], "y": ["c", "d"]},
            {"x": {"a": 0.5, "b": 0.5}, "y": {"c": 0.9, "d": 0.1}},
        )
