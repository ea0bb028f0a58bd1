"""Tests of: Means and covariances of answers, by listwise deletion or by maximum likelihood under planned
missingness.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bootstrap_data import holed, resampled, survey
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from moments_data import HS, hs, hs_fiml, planned_missing, reference  # noqa: F401
from places import SHARED_FOLDER

from pxanalysis.errors import AnalysisError, NotEstimableError
from pxanalysis.statistics.moments.estimate import estimate_moments, linearly_dependent
from pxanalysis.statistics.resampling.practices import bootstrap_moments


def test_em_replicates_equal_the_full_em_of_their_rows():
    values, practice = survey()
    values = holed(values)
    found = bootstrap_moments(values, practice, 30, 4, method="em")
    assert found.method == "em"
    assert found.valid.all()
    for b in (0, 11, 29):
        full = estimate_moments(resampled(values, practice, found.counts[b], list(found.labels)))
        np.testing.assert_allclose(found.mean[b], full.mean, atol=2e-6)
        np.testing.assert_allclose(found.cov[b], full.cov, atol=5e-6)


def test_one_practice_resamples_respondents():
    values, _ = survey(4, seed=10)
    found = bootstrap_moments(values, None, 20, 11)
    assert (found.unit, found.labels) == ("case", ())
    assert found.counts.shape == (20, len(values))
    rows = np.repeat(values, found.counts[3], axis=0)
    np.testing.assert_allclose(found.cov[3], np.cov(rows.T, ddof=0), rtol=1e-10)
    gaps = holed(values)
    some = bootstrap_moments(gaps, ["only"] * len(gaps), 5, 11, method="em")
    full = estimate_moments(np.repeat(gaps[some.rows], some.counts[2], axis=0))
    np.testing.assert_allclose(some.cov[2], full.cov, atol=5e-6)


SHARED = SHARED_FOLDER / "reference" / "sem"


BFI = [f"{letter}{i}" for letter in "ACENO" for i in range(1, 6)]


def covariance_of(name: str) -> pd.DataFrame:
    table = reference(name)["sample"]["cov"]
    return pd.DataFrame(table["values"], index=table["rows"], columns=table["cols"])


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
    monkeypatch.setattr("pxanalysis.statistics.moments.em.NEWTON_LIMIT", 0)
    slow = estimate_moments(holed, max_iter=2000)
    assert slow.n_iter > fast.n_iter
    np.testing.assert_allclose(slow.cov, fast.cov, atol=1e-7)
    assert slow.loglik == pytest.approx(fast.loglik, rel=1e-12)


def test_too_few_iterations_say_so():
    _, holed, _ = planned_missing(300, 3)
    moments = estimate_moments(holed, max_iter=3)
    assert not moments.converged
    assert moments.reason == "not converged after 3 iterations"


tables = hnp.arrays(np.float64, (12, 3), elements=st.floats(-5, 5).map(lambda x: round(x, 3)))


@given(tables)
def test_em_without_missing_values_is_the_ordinary_covariance(table):
    table = table + np.random.default_rng(0).normal(size=table.shape)
    moments = estimate_moments(table)
    np.testing.assert_allclose(moments.cov, np.cov(table.T, ddof=0), atol=1e-9)
    np.testing.assert_allclose(moments.mean, table.mean(axis=0), atol=1e-10)
    np.testing.assert_allclose(moments.unbiased_cov, np.cov(table.T), atol=1e-9)
    np.testing.assert_allclose(moments.correlation, np.corrcoef(table.T), atol=1e-9)


@given(scale=st.floats(0.01, 100), shift=st.floats(-50, 50), seed=st.integers(0, 50))
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


@pytest.mark.parametrize("noise", [0.0, 1e-13])
def test_columns_that_follow_from_each_other_are_named_though_cells_are_missing(noise: float) -> None:
    """On its way EM meets a matrix without an inverse: one message, not an error of linear algebra."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.normal(size=(120, 4)), columns=list("abcd"))
    frame["b"] = 2 * frame["a"] + 1 + noise * rng.normal(size=120)
    frame = frame.mask(pd.DataFrame(rng.random((120, 4)) < 0.05, columns=list("abcd")))
    frame.loc[frame["a"].isna(), "b"] = np.nan
    try:
        reason = estimate_moments(frame).reason
    except NotEstimableError as error:
        reason = str(error)
    assert "columns a, b are (nearly) weighted sums" in reason
