"""Means and covariances: against lavaan, against a known truth, and under every wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pxanalysis.analysis.em import fit_em, newton_matrix, score_patterns
from pxanalysis.analysis.inputs import Matrix, check_confidence, check_weights, encode_clusters, numeric_matrix
from pxanalysis.analysis.moments import estimate_moments, linearly_dependent
from pxanalysis.analysis.patterns import find_patterns, pattern_statistics
from pxanalysis.analysis.practice_split import split_moments
from pxanalysis.errors import AnalysisError, NotEstimableError

REFERENCE = Path(__file__).parents[1] / "reference" / "sem"
SHARED = Path(__file__).parents[2].parent / "shared" / "reference" / "sem"
HS = [f"x{i}" for i in range(1, 10)]
BFI = [f"{letter}{i}" for letter in "ACENO" for i in range(1, 6)]


def reference(name: str) -> dict:
    return json.loads((REFERENCE / name).read_text())


def covariance_of(name: str) -> pd.DataFrame:
    table = reference(name)["sample"]["cov"]
    return pd.DataFrame(table["values"], index=table["rows"], columns=table["cols"])


@pytest.fixture(scope="module")
def hs() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "hs_missing10.csv")[HS]


@pytest.fixture(scope="module")
def hs_fiml(hs):
    return estimate_moments(hs)


@pytest.fixture(scope="module")
def hs_listwise(hs):
    return estimate_moments(hs, method="listwise")


@pytest.fixture(scope="module")
def bfi_all() -> pd.DataFrame:
    path = SHARED / "bfi_all.csv"
    if not path.exists():
        pytest.skip("the bfi answers (psychTools, GPL) are not part of the project and ../shared/reference is absent")
    return pd.read_csv(path)[BFI]


@pytest.fixture(scope="module")
def bfi_fiml(bfi_all):
    return estimate_moments(bfi_all)


# lavaan 0.6-14, missing = "fiml": saturated moments of the Holzinger-Swineford scores with 10 % missing cells. lavaan's
# EM stops at steps of 1e-5 (see the reference README), hence the tolerance.
@pytest.mark.parametrize("item", HS)
def test_fiml_moments_equal_lavaan_on_hs(hs_fiml, item):
    sample = reference("lavaan_hs_missing10_fiml.json")["sample"]
    assert hs_fiml.mean[item] == pytest.approx(sample["mean"][item], abs=1e-5)
    expected = covariance_of("lavaan_hs_missing10_fiml.json")
    np.testing.assert_allclose(hs_fiml.cov[item], expected[item], atol=1e-5)


def test_fiml_loglik_equals_lavaan_on_hs_and_is_its_maximum(hs, hs_fiml):
    expected = reference("lavaan_hs_missing10_fiml.json")["fit_measures"]["unrestricted.logl"]
    assert hs_fiml.loglik == pytest.approx(expected, rel=1e-9)
    assert hs_fiml.loglik >= expected
    assert (hs_fiml.n_obs, hs_fiml.n_patterns, hs_fiml.converged) == (301, 55, True)
    patterns = find_patterns(hs.to_numpy())
    statistics = pattern_statistics(np.nan_to_num(hs.to_numpy()), patterns, np.ones(301))
    score = score_patterns(hs_fiml.mean.to_numpy()[None], hs_fiml.cov.to_numpy()[None], statistics)
    assert np.abs(score.mean).max() < 1e-8
    assert np.abs(score.cov).max() < 1e-8


# lavaan 0.6-14, missing = "listwise": complete rows only, so equal to the last digits.
@pytest.mark.parametrize("item", HS)
def test_listwise_moments_equal_lavaan_on_hs(hs_listwise, item):
    sample = reference("lavaan_hs_missing10_listwise.json")["sample"]
    assert hs_listwise.mean[item] == pytest.approx(sample["mean"][item], rel=1e-12)
    np.testing.assert_allclose(
        hs_listwise.cov[item], covariance_of("lavaan_hs_missing10_listwise.json")[item], rtol=1e-10
    )


def test_listwise_counts_and_loglik_equal_lavaan(hs_listwise):
    expected = reference("lavaan_hs_missing10_listwise.json")
    assert hs_listwise.n_obs == expected["nobs"] == 105
    assert hs_listwise.n_dropped == 196
    assert hs_listwise.loglik == pytest.approx(expected["fit_measures"]["unrestricted.logl"], rel=1e-12)


# lavaan 0.6-14, missing = "fiml": 25 bfi items, 2,800 rows in 87 patterns.
@pytest.mark.real_data
@pytest.mark.parametrize("item", BFI)
def test_fiml_moments_equal_lavaan_on_bfi(bfi_fiml, item):
    sample = reference("lavaan_bfi_all_fiml.json")["sample"]
    assert bfi_fiml.mean[item] == pytest.approx(sample["mean"][item], rel=1e-6)
    np.testing.assert_allclose(bfi_fiml.cov[item], covariance_of("lavaan_bfi_all_fiml.json")[item], atol=1e-6)


@pytest.mark.real_data
def test_fiml_loglik_equals_lavaan_on_bfi(bfi_fiml):
    expected = reference("lavaan_bfi_all_fiml.json")["fit_measures"]["unrestricted.logl"]
    assert bfi_fiml.loglik == pytest.approx(expected, rel=1e-11)
    assert bfi_fiml.n_patterns == 87


@pytest.mark.real_data
def test_hospital_with_its_many_patterns_reaches_the_maximum(real_data):
    answers = pd.read_csv(real_data / "hospital_2016" / "responses.csv")
    items = [name for name in answers if name.startswith("Q")] + ["Hospital_food", "sat_score"]
    moments = estimate_moments(answers[items])
    assert moments.converged
    assert moments.n_patterns == 1741
    assert moments.n_dropped == 1
    values = answers[items].dropna(how="all").to_numpy()
    statistics = pattern_statistics(np.nan_to_num(values), find_patterns(values), np.ones(len(values)))
    score = score_patterns(moments.mean.to_numpy()[None], moments.cov.to_numpy()[None], statistics)
    assert np.abs(score.mean).max() / len(values) < 1e-9
    assert np.abs(score.cov).max() / len(values) < 1e-9


def planned_missing(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normal rows, the same with column 2 missing whenever column 0 is high (missing at random), and the truth."""
    rng = np.random.default_rng(seed)
    cov = np.array([[1.0, 0.6, 0.7], [0.6, 2.0, 0.5], [0.7, 0.5, 1.5]])
    rows = rng.multivariate_normal([0.0, 1.0, 2.0], cov, n)
    holed = rows.copy()
    holed[rows[:, 0] > 0.3, 2] = np.nan
    return rows, holed, cov


def test_em_recovers_the_truth_where_listwise_is_biased():
    _, holed, cov = planned_missing(40_000, 1)
    em, listwise = estimate_moments(holed), estimate_moments(holed, method="listwise")
    np.testing.assert_allclose(em.mean, [0.0, 1.0, 2.0], atol=0.03)
    np.testing.assert_allclose(em.cov, cov, atol=0.05)
    assert abs(listwise.mean["x3"] - 2.0) > 0.3
    assert em.n_joint.loc["x1", "x3"] == listwise.n_obs


def test_plain_em_reaches_what_newton_reaches(monkeypatch):
    _, holed, _ = planned_missing(500, 2)
    fast = estimate_moments(holed)
    monkeypatch.setattr("pxanalysis.analysis.em.NEWTON_LIMIT", 0)
    slow = estimate_moments(holed, max_iter=2000)
    assert slow.n_iter > fast.n_iter
    np.testing.assert_allclose(slow.cov, fast.cov, atol=1e-7)
    assert slow.loglik == pytest.approx(fast.loglik, rel=1e-12)


def test_too_few_iterations_say_so():
    _, holed, _ = planned_missing(300, 3)
    moments = estimate_moments(holed, max_iter=3)
    assert not moments.converged
    assert moments.reason == "not converged after 3 iterations"


def test_newton_matrix_is_the_identity_without_missing_values():
    rows, _, _ = planned_missing(200, 4)
    statistics = pattern_statistics(rows, find_patterns(rows), np.ones(200))
    fit = fit_em(statistics, rows.mean(axis=0), np.cov(rows.T, ddof=0))
    np.testing.assert_allclose(newton_matrix(fit.mean, fit.cov, statistics), np.eye(9), atol=1e-10)


tables = hnp.arrays(np.float64, (12, 3), elements=st.floats(-5, 5).map(lambda x: round(x, 3)))


@given(tables)
@settings(max_examples=40)
def test_em_without_missing_values_is_the_ordinary_covariance(table):
    table = table + np.random.default_rng(0).normal(size=table.shape)
    moments = estimate_moments(table)
    np.testing.assert_allclose(moments.cov, np.cov(table.T, ddof=0), atol=1e-9)
    np.testing.assert_allclose(moments.mean, table.mean(axis=0), atol=1e-10)
    np.testing.assert_allclose(moments.unbiased_cov, np.cov(table.T), atol=1e-9)
    np.testing.assert_allclose(moments.correlation, np.corrcoef(table.T), atol=1e-9)


@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50), seed=st.integers(0, 50))
@settings(max_examples=15)
def test_em_follows_a_change_of_units_and_the_order_of_rows(scale, shift, seed):
    _, holed, _ = planned_missing(80, 5)
    first = estimate_moments(holed)
    shuffled = np.random.default_rng(seed).permutation(holed) * scale + shift
    second = estimate_moments(shuffled)
    np.testing.assert_allclose(second.cov, first.cov * scale**2, rtol=1e-6)
    np.testing.assert_allclose(second.mean, first.mean * scale + shift, rtol=1e-6, atol=1e-6)


def test_whole_number_weights_count_rows_more_than_once():
    _, holed, _ = planned_missing(60, 6)
    weights = np.random.default_rng(1).integers(0, 4, 60)
    weighted = estimate_moments(holed, weights=weights)
    repeated = estimate_moments(np.repeat(holed, weights, axis=0))
    np.testing.assert_allclose(weighted.cov, repeated.cov, atol=1e-8)
    np.testing.assert_allclose(weighted.mean, repeated.mean, atol=1e-8)
    assert weighted.n_dropped == (weights == 0).sum()
    assert weighted.n_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_rows_without_any_answer_are_counted_and_left_out():
    _, holed, _ = planned_missing(50, 7)
    more = np.vstack([holed, np.full((4, 3), np.nan)])
    assert estimate_moments(more).n_dropped == 4
    assert estimate_moments(more).loglik == pytest.approx(estimate_moments(holed).loglik)


def test_tidy_glance_and_html_name_what_they_show(hs_fiml):
    tidy = hs_fiml.tidy().set_index("term")
    assert tidy.loc["cov(x2, x1)", "estimate"] == hs_fiml.cov.loc["x2", "x1"]
    assert len(tidy) == 9 + 45
    assert hs_fiml.glance().loc[0, "method"] == "em"
    assert "loglik" in hs_fiml._repr_html_()


WRONG = {
    "duplicated": (pd.DataFrame(np.eye(5), columns=list("aabcd")), "column 'a' occurs more than once"),
    "words": (pd.DataFrame({"a": [1.0, 2], "b": ["x", "y"]}), "column 'b' holds .* expected numbers"),
    "categories": (pd.DataFrame({"a": pd.Categorical([1, 2])}), "column 'a' is categorical"),
    "dates": (pd.DataFrame({"a": pd.to_datetime(["2024-01-01"])}), "column 'a' holds datetime64"),
    "complex": (pd.DataFrame({"a": [1 + 2j]}), "column 'a' holds complex128"),
    "infinite": (pd.DataFrame({"a": [1.0, np.inf], "b": [1.0, 2]}), "column 'a' holds infinite values"),
    "one axis": (np.arange(4), r"shape \(n, p\)"),
    "no columns": (pd.DataFrame(index=range(3)), "at least one column"),
}


@pytest.mark.parametrize(("data", "message"), WRONG.values(), ids=WRONG)
def test_wrong_input_is_refused_by_name(data, message):
    with pytest.raises(AnalysisError, match=message):
        estimate_moments(data)


HOPELESS = {
    "constant": (np.column_stack([np.ones(6), np.arange(6)]), "column 'x1' is constant"),
    "empty": (np.column_stack([np.full(6, np.nan), np.arange(6)]), "column 'x1' has no answers"),
    "too few rows": (np.eye(3), "3 rows with answers for 3 columns"),
    "never together": (
        np.array([[1, np.nan], [2, np.nan], [3, np.nan], [np.nan, 1], [np.nan, 2], [np.nan, 4]]),
        "columns 'x1' and 'x2' were answered together by 0 people",
    ),
}


@pytest.mark.parametrize(("data", "message"), HOPELESS.values(), ids=HOPELESS)
def test_what_the_data_cannot_carry_is_said(data, message):
    with pytest.raises(NotEstimableError, match=message):
        estimate_moments(data)


def test_listwise_with_too_few_complete_rows_points_to_em(hs):
    with pytest.raises(NotEstimableError, match="use method='em'"):
        estimate_moments(hs.mask(np.random.default_rng(0).random(hs.shape) < 0.6), method="listwise")


def test_absent_column_and_unknown_method_list_what_there_is(hs):
    with pytest.raises(AnalysisError, match="no column 'y'; there are: x1, x2"):
        estimate_moments(hs, ["x1", "y"])
    with pytest.raises(AnalysisError, match="expected one of em, listwise, received 'fiml'"):
        estimate_moments(hs, method="fiml")


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0] * 300 + [-1.0], "row 300 has weight -1"),
        ([1.0] * 300 + [np.nan], "weight of row 300 is missing or infinite"),
        ([1.0] * 300 + [np.inf], "weight of row 300 is missing or infinite"),
        ([0.0] * 301, "every weight is 0"),
        ([1.0] * 5, r"one weight per row \(301\), received 5"),
        (["a"] * 301, "expected numbers"),
    ],
)
def test_wrong_weights_are_refused(hs, weights, message):
    with pytest.raises(AnalysisError, match=message):
        estimate_moments(hs, weights=weights)


@pytest.mark.parametrize("dependence", ["copy", "sum"])
@pytest.mark.parametrize("complete", [True, False])
def test_dependent_columns_are_named(hs, dependence, complete):
    hs = hs.dropna() if complete else hs
    extra = hs["x1"] * 2 + 1 if dependence == "copy" else hs["x1"] + hs["x2"]
    moments = estimate_moments(hs[["x1", "x2", "x3"]].assign(extra=extra))
    assert not moments.converged
    involved = "x1, extra" if dependence == "copy" else "x1, x2, extra"
    assert f"columns {involved} are (nearly) weighted sums" in moments.reason
    assert linearly_dependent(np.eye(3), "abc") == []


def test_every_sound_kind_of_column_is_read():
    frame = pd.DataFrame(
        {
            "int": pd.array([1, 2, None, 4], dtype="Int64"),
            "float": pd.array([0.5, None, 2.5, 1.5], dtype="Float64"),
            "bool": [True, False, True, True],
            "maybe": pd.array([True, None, False, True], dtype="boolean"),
            "object": pd.Series([1, None, 3.5, 2], dtype=object),
            "small": np.array([1, 2, 3, 4], dtype=np.int8),
            "arrow": pd.array([1, None, 3, 4], dtype="int64[pyarrow]"),
        }
    )
    before = frame.copy()
    matrix = numeric_matrix(frame)
    assert matrix.numbers.dtype == np.float64
    assert np.isnan(matrix.numbers).sum(axis=0).tolist() == [1, 1, 0, 1, 1, 0, 1]
    assert matrix.numbers[0].tolist() == [1, 0.5, 1, 1, 1, 1, 1]
    pd.testing.assert_frame_equal(frame, before)
    np.testing.assert_array_equal(numeric_matrix(pl.DataFrame({"a": [1, None]})).numbers, [[1.0], [np.nan]])
    assert numeric_matrix(np.ones((2, 2)), ["p", "q"]).names == ("p", "q")
    assert numeric_matrix(pd.Series([1.0, 2.0], name="a")).names == ("a",)
    assert numeric_matrix(Matrix(np.ones((2, 1)), ("m",))).names == ("m",)


def test_clusters_and_confidence_are_checked():
    codes, labels = encode_clusters(pd.Series([2, 1, 2]), 3)
    assert (codes.tolist(), labels) == ([1, 0, 1], ("1", "2"))
    with pytest.raises(AnalysisError, match="row 1 has no practice"):
        encode_clusters(["a", None], 2)
    with pytest.raises(AnalysisError, match=r"one practice per row \(3\), received 2"):
        encode_clusters(["a", "b"], 3)
    with pytest.raises(AnalysisError, match="between 0 and 1"):
        check_confidence(95)
    np.testing.assert_array_equal(check_weights(pd.Series([1, 2], dtype="Int64"), 2), [1.0, 2.0])


def nested(n_practices: int, sizes: tuple[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    practice = np.repeat(np.arange(n_practices), rng.integers(*sizes, n_practices))
    between = rng.multivariate_normal([0, 0], [[0.3, 0.2], [0.2, 0.4]], n_practices)
    return between[practice] + rng.multivariate_normal([0, 0], [[2.0, 0.5], [0.5, 1.0]], practice.size), practice


def test_split_equals_the_analysis_of_variance():
    values, practice = nested(30, (3, 25), 1)
    split = split_moments(values, practice)
    column = pd.Series(values[:, 0])
    means, sizes = column.groupby(practice).transform("mean"), np.bincount(practice)
    msw = ((column - means) ** 2).sum() / (len(column) - 30)
    msb = ((means - column.mean()) ** 2).sum() / 29
    n0 = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / 29
    assert split.within.loc["x1", "x1"] == pytest.approx(msw, rel=1e-12)
    assert split.between.loc["x1", "x1"] == pytest.approx((msb - msw) / n0, rel=1e-10)
    assert split.icc["x1"] == pytest.approx((msb - msw) / n0 / ((msb - msw) / n0 + msw), rel=1e-10)


def test_split_of_a_balanced_design_equals_reml():
    # statsmodels MixedLM (REML), an independent program; REML and ANOVA agree exactly when practices are equally large.
    statsmodels = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    rng = np.random.default_rng(5)
    practice = np.repeat(np.arange(40), 12)
    values = rng.normal(0, 0.7, 40)[practice] + rng.normal(size=practice.size)
    split = split_moments(values[:, None], practice)
    fit = statsmodels.MixedLM(values, np.ones((values.size, 1)), practice).fit(reml=True)
    assert split.within.iloc[0, 0] == pytest.approx(fit.scale, rel=1e-4)
    assert split.between.iloc[0, 0] == pytest.approx(float(fit.cov_re[0, 0]), rel=1e-3)


def test_split_recovers_the_truth_with_and_without_missing_answers():
    values, practice = nested(600, (5, 30), 2)
    holed = np.where(np.random.default_rng(3).random(values.shape) < 0.3, np.nan, values)
    for table in (values, holed):
        split = split_moments(table, practice)
        np.testing.assert_allclose(split.within, [[2.0, 0.5], [0.5, 1.0]], atol=0.06)
        np.testing.assert_allclose(split.between, [[0.3, 0.2], [0.2, 0.4]], atol=0.06)
    assert split.method == "anova, em within practices"
    assert split.between_correlation.iloc[0, 1] == pytest.approx(0.2 / np.sqrt(0.12), abs=0.12)


def test_split_weights_of_one_change_nothing_and_tables_name_practices():
    values, practice = nested(10, (3, 9), 4)
    names = np.array([f"p{j}" for j in practice])
    split = split_moments(values, names, weights=np.full(len(values), 3.0))
    np.testing.assert_allclose(split.between, split_moments(values, practice).between, rtol=1e-10)
    assert split.practice_means.loc["p0", "x1"] == pytest.approx(values[practice == 0, 0].mean())
    assert split.glance().loc[0, "n_practices"] == 10


def test_split_says_when_practices_differ_less_than_chance():
    values = np.tile([1.0, 2.0, 3.0], 8)[:, None]
    split = split_moments(values, np.repeat(np.arange(8), 3))
    assert split.icc.iloc[0] == 0
    assert "less than chance" in split.tidy().loc[0, "reason"]


def test_split_needs_two_practices_and_answers_within_them():
    with pytest.raises(NotEstimableError, match="at least two"):
        split_moments(np.arange(6.0)[:, None], ["a"] * 6)
    with pytest.raises(NotEstimableError, match="no practice has two answers"):
        split_moments(np.arange(6.0)[:, None], list("abcdef"))


@pytest.mark.real_data
def test_split_of_hospital_satisfaction_equals_an_independent_anova(real_data):
    # An ANOVA made outside this project gave an ICC of .015 for satisfaction (project issue 3).
    answers = pd.read_csv(real_data / "hospital_2016" / "responses.csv").dropna(subset=["sat_score"])
    split = split_moments(answers[["sat_score"]], answers["HOSPITAL"])
    assert split.icc["sat_score"] == pytest.approx(0.015, abs=0.0005)
    assert split.n_practices == 23
