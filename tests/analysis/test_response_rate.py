"""Response, tokens and raking: against R, and against counts made by hand."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pxanalysis.analysis.response_rate import estimate_response, match_tokens, weigh_responses
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


LEDGER = pl.DataFrame(
    {
        "token": ["t1", "t2", "t3", "t4", "t5"],
        "practice_id": ["A", "A", "A", "A", "B"],
        "month": ["2026-09"] * 5,
        "expires_on": [date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 1), date(2026, 12, 1), date(2026, 12, 1)],
        "age_group": ["old", "old", "young", "young", "old"],
    }
)
ANSWERS = pl.DataFrame(
    {
        "token": ["t1", "t1", "t2", "zz", "t5", None],
        "practice_id": ["A", "A", "A", "A", "A", "A"],
        "completed_on": [date(2026, 9, 20)] * 2 + [date(2026, 10, 9)] + [date(2026, 9, 20)] * 3,
    }
)


def test_what_tokens_are_worth() -> None:
    assert match_tokens(ANSWERS, LEDGER)["status"].to_list() == [
        "valid", "reused", "expired", "unknown", "other practice",
    ]  # fmt: skip


def test_response_by_hand() -> None:
    found = estimate_response(ANSWERS, LEDGER, case_mix=["age_group"], today=date(2026, 11, 1))
    a, b = found.table.to_dict("records")
    assert (a["invited"], a["answered"], a["open"]) == (4, 1, 1)
    assert a["rate"] == 0.25
    assert a["adjusted_rate"] == pytest.approx(1 / 3)
    assert 0 < a["ci_low"] < 1 / 3 < a["ci_high"] < 1
    assert b["adjusted_rate"] is None
    assert "has passed yet" in b["reason"]
    old = found.missing.set_index("category").loc["old"]
    assert (old["share_invited"], old["share_answered"]) == (pytest.approx(2 / 3), 1.0)
    assert "1 of 5 answered" in repr(found)
    assert found.glance()["n_tokens_refused"].item() == 4
    assert found.plot().get_ylabel().startswith("response")
    assert found.tidy()["estimate"].tolist() == [pytest.approx(1 / 3), None]


def test_weights_for_those_who_answered() -> None:
    ledger = LEDGER.with_columns(pl.lit("A").alias("practice_id"))
    answers = pl.DataFrame(
        {"token": ["t1", "t3", "t2"], "practice_id": ["A"] * 3, "completed_on": [date(2026, 9, 20)] * 3}
    )
    table, raked = weigh_responses(answers, ledger, ["age_group"])
    by_token = dict(table.iter_rows())
    assert by_token["t3"] == pytest.approx(0.4 * 3)
    assert by_token["t1"] == by_token["t2"] == pytest.approx(0.6 * 3 / 2)
    assert raked.effective_n == pytest.approx(9 / (1.2**2 + 2 * 0.9**2))
