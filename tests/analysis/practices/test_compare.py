"""Tests of: Practices compared after case mix: adjusted and shrunken means, and who differs from the rest."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from practices_data import EXACT, R, codes, make_responses, patients, responses  # noqa: F401

from pxanalysis.analysis.practices import (
    compare_practices,
)
from pxanalysis.errors import NotEstimableError
from pxanalysis.survey.responses import Responses


def test_no_adjusters_leaves_means_as_they_are(responses: Responses, patients: pd.DataFrame) -> None:
    raw = patients.groupby("practice")["grade"].mean().to_numpy()
    result = compare_practices(responses, adjusters=())
    np.testing.assert_allclose(result.tidy()["estimate"], raw, rtol=1e-12)
    np.testing.assert_allclose(result.statistic, R["anova"]["f"], **EXACT)
    assert result.p_value == pytest.approx(R["anova"]["p"], rel=1e-9)
    shares = compare_practices(responses, "returned", adjusters=())
    np.testing.assert_allclose(
        shares.tidy()["estimate"], patients.groupby("practice")["binary"].mean().to_numpy(), atol=1e-9
    )


def test_case_mix_removes_confounding() -> None:
    """Practices are equal, their patients are not: raw means differ, adjusted ones do not, and the F test says so."""
    rng = np.random.default_rng(15)
    codes = np.repeat(np.arange(30), 40).astype(np.intp)
    age = rng.normal(50 + 15 * rng.normal(size=30)[codes], 10)
    y = np.clip(7 + 0.04 * (age - 50) + rng.normal(size=codes.size), 1, 10)
    columns = {"ktv": y.tolist(), "age": age.tolist()}
    raw = compare_practices(make_responses(columns, codes.astype(str)), adjusters=())
    adjusted = compare_practices(make_responses(columns, codes.astype(str)), adjusters=["age"])
    assert raw.p_value < 1e-6
    assert adjusted.p_value > 0.01
    assert adjusted.adjusters.set_index("term").loc["age", "estimate"] == pytest.approx(0.04, abs=0.01)
    assert adjusted.tidy()["estimate"].std() < 0.5 * raw.tidy()["estimate"].std()


def test_more_adjusters_than_the_answers_can_carry() -> None:
    responses = make_responses({"ktv": [7, 8, 9, 6], "age": [20, 30, 40, 60]}, ["a", "a", "b", "b"])
    assert compare_practices(responses, adjusters=["age"]).df2 == 1
    more = make_responses(
        {"ktv": [7, 8, 9, 6], "age": [20, 30, 40, 60], "health": ["good", "fair", "good", "poor"]}, ["a", "a", "b", "b"]
    )
    with pytest.raises(NotEstimableError, match="ktv"):
        compare_practices(more)


def test_separated_logistic_is_refused() -> None:
    rng = np.random.default_rng(19)
    x = rng.normal(size=200)
    responses = make_responses(
        {"returned": (x > 0).astype(int).tolist(), "age": x.tolist()}, np.repeat(list("abcd"), 50)
    )
    with pytest.raises(NotEstimableError, match="perfectly"):
        compare_practices(responses, "returned", adjusters=["age"])


def test_a_level_whose_patients_all_gave_the_highest_answer_is_left_out_and_the_rest_is_adjusted() -> None:
    """Its slope has no finite maximum: Newton's steps end somewhere (here at 30, with an error of millions)."""
    rng = np.random.default_rng(1)
    n, rare = 400, np.arange(400) < 6
    returned = np.where(rare, 1, rng.random(n) < 0.8).astype(int).tolist()
    columns = {"returned": returned, "age": rng.integers(18, 80, n).tolist()}
    practices = rng.choice(list("abcdefgh"), n)
    health = np.where(rare, "poor", rng.choice(["good", "fair"], n)).tolist()
    found = compare_practices(make_responses(columns | {"health": health}, practices), "returned")
    rows = found.adjusters.set_index("term")
    gone = rows[rows["estimate"].isna()]
    assert [term for term in gone.index if term.endswith("poor")] == list(gone.index) != []
    assert "no finite estimate" in gone["reason"].iloc[0]
    joined = np.where(rare, "fair", health).tolist()  # the level that others are held against
    without = compare_practices(make_responses(columns | {"health": joined}, practices), "returned")
    pd.testing.assert_series_equal(found.tidy()["estimate"], without.tidy()["estimate"], rtol=1e-9)


def test_verdict_needs_significant_and_meaningful() -> None:
    codes = np.repeat(np.arange(12), 900)
    level = np.array([-1.0, 0.1, 1.0] + [0.0] * 9)
    y = 7 + level[codes] + np.tile([-1.0, 1.0], codes.size // 2)  # standard deviation 1 in every practice
    responses = make_responses({"ktv": y.tolist()}, [f"p{j:02d}" for j in codes])
    default = compare_practices(responses).tidy().set_index("practice_id")
    assert default.loc["p00", "verdict"] == "lower"
    # significant, but less than 0.2 standard deviations
    assert default.loc["p01", "p_value"] < 0.05
    assert default.loc["p01", "verdict"] == "no difference"
    any_size = compare_practices(responses, meaningful=0.0).tidy().set_index("practice_id")
    assert any_size.loc["p01", "verdict"] == "higher"
    huge = compare_practices(responses, meaningful=5.0).tidy()
    assert set(huge["verdict"]) == {"no difference"}


def test_verdicts_of_equal_practices_keep_their_level() -> None:
    rng = np.random.default_rng(21)
    codes = [f"p{j:03d}" for j in np.repeat(np.arange(200), 30)]
    y = np.clip(7 + rng.normal(size=6000), 1, 10)
    result = compare_practices(make_responses({"ktv": y.tolist()}, codes), meaningful=0.0)
    assert 0.02 < (result.tidy()["verdict"] != "no difference").mean() < 0.09
    assert result.p_value > 0.001
    stars = compare_practices(make_responses({"ktv": y.tolist()}, codes), variance="separate", meaningful=0.0)
    assert 0.02 < (stars.tidy()["verdict"] != "no difference").mean() < 0.10


def test_separate_variances_by_hand() -> None:
    responses = make_responses({"ktv": [7, 9, 5, 5, 8]}, ["a", "a", "b", "b", "c"])
    table = compare_practices(responses, variance="separate").tidy().set_index("practice_id")
    assert table.loc["a", "std_error"] == pytest.approx(1.0)
    assert "one answer" in table.loc["c", "reason"]
    assert table.loc["c", "verdict"] == ""
    for variance in ("pooled", "wider"):
        assert compare_practices(responses, variance=variance).tidy()["std_error"].notna().all()


def test_the_wider_interval_is_that_of_a_wide_practice_and_else_the_pooled_one(responses: Responses) -> None:
    several = responses.where(pl.len().over("practice_id") > 1)
    tables = {
        name: compare_practices(several, variance=name).tidy().set_index("practice_id")
        for name in ("pooled", "separate", "wider")
    }
    for low, high in (("difference_low", "difference_high"), ("ci_low", "ci_high")):
        width = pd.DataFrame({name: table[high] - table[low] for name, table in tables.items()})
        np.testing.assert_allclose(width["wider"], width[["pooled", "separate"]].max(axis=1), rtol=1e-12)
        assert (width["separate"] > width["pooled"]).any()
        assert (width["separate"] < width["pooled"]).any()
    # What is estimated is the same; only how sure it is differs.
    for name in ("estimate", "shrunk", "difference"):
        np.testing.assert_allclose(tables["wider"][name], tables["pooled"][name], rtol=1e-12)
    certain = pd.DataFrame({name: table["p_value"] < 0.05 for name, table in tables.items()})
    assert certain["wider"].equals(certain["pooled"] & certain["separate"])


def test_methods_and_subjects(responses: Responses) -> None:
    share = compare_practices(responses, "returned")
    assert (share.method, share.test, share.unit) == ("logistic", "likelihood ratio", "proportion")
    table = share.tidy()
    assert table["ci_low"].between(0, 1).all()
    assert (table["ci_high"] > table["ci_low"]).all()
    assert table.loc[table["practice_id"] == "p12", "ci_high"].item() == 1.0
    score = compare_practices(responses, "desk")
    assert (score.method, score.unit) == ("ols", "score")
    ordered = compare_practices(responses, "desk_1", method="ordinal")
    assert ordered.method == "ordinal"
    assert ordered.tidy()["estimate"].corr(score.tidy()["estimate"]) > 0.99
    whole = compare_practices(responses, "visit")
    np.testing.assert_allclose(whole.tidy()["estimate"], score.tidy()["estimate"])
    top = compare_practices(responses, "ktv", metric="top2")
    assert top.method == "logistic"
    weighted = compare_practices(responses, weights="weight")
    assert weighted.n_obs == 369
    assert len(share.adjusters) == 3
    assert "<table" in share._repr_html_()
    assert share.glance().loc[0, "n_practices"] == 24


def test_ordinal_practice_with_only_highest_answers() -> None:
    rng = np.random.default_rng(22)
    practice = np.repeat(list("abcde"), 30)
    answers = rng.integers(1, 6, 150)
    answers[practice == "c"] = 5
    responses = make_responses({"desk_1": answers.tolist()}, practice)
    table = compare_practices(responses, "desk_1", method="ordinal", adjusters=()).tidy().set_index("practice_id")
    assert table.loc["c", "estimate"] == 100.0
    assert "highest answer" in table.loc["c", "reason"]
    assert math.isnan(table.loc["c", "shrunk"])
    others = [name for name in "abde"]
    raw = pd.Series(25.0 * (answers - 1)).groupby(practice).mean()
    np.testing.assert_allclose(table.loc[others, "estimate"], raw[others], atol=3)


def test_practice_without_answers_has_a_row_with_a_reason() -> None:
    responses = make_responses({"ktv": [7, 8, 9, 6, None]}, ["a", "a", "b", "b", "c"])
    row = compare_practices(responses).tidy().set_index("practice_id").loc["c"]
    assert (row["n"], row["reason"], row["verdict"]) == (0, "no answers", "")
    assert math.isnan(row["estimate"])
    assert math.isnan(row["shrunk"])
