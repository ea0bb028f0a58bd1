"""Tests of: From patient characteristics to the columns of a case-mix model: imputed, dummy-coded, centred, of
full rank.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from practices_data import EXACT, R, codes, patients, simulate  # noqa: F401

from pxanalysis.analysis.practices import (
    build_case_mix,
)
from pxanalysis.errors import AnalysisError
from pxanalysis.statistics.random_effects.shrinkage import difference_from_mean
from pxanalysis.statistics.random_effects.variance import practice_stats
from pxanalysis.statistics.regression.fixed_effects import fit_fixed_effects, kish_weights, remove_case_mix

# --- Case mix -------------------------------------------------------------------------------------------------------


def test_least_squares_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    assert mix.names == ("age", "health=good", "health=poor")
    fit = fit_fixed_effects(patients["grade"].to_numpy(), mix.x, codes, 24)
    for name, value in (
        ("beta", fit.beta),
        ("se_beta", fit.beta_error),
        ("adjusted", fit.adjusted),
        ("se", fit.error),
        ("f", fit.statistic),
        ("p", fit.p_value),
        ("df1", fit.df1),
        ("df2", fit.df2),
    ):
        np.testing.assert_allclose(value, R["ols"][name], **EXACT, err_msg=name)


def test_imputed_adjusters_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    frame = patients[["age", "health"]].copy()
    frame.loc[2::7, "age"] = np.nan
    frame.loc[patients["practice"] == "p01", "age"] = np.nan
    mix = build_case_mix(frame, codes, 24)
    fit = fit_fixed_effects(patients["grade"].to_numpy(), mix.x, codes, 24)
    np.testing.assert_allclose(fit.beta, R["ols_imputed"]["beta"], **EXACT)
    np.testing.assert_allclose(fit.adjusted, R["ols_imputed"]["adjusted"], **EXACT)
    assert mix.imputed["age"].sum() == frame["age"].isna().sum()
    assert not mix.imputed["health"].any()


@given(st.integers(0, 2**32 - 1))
def test_adjusted_means_do_not_depend_on_coding(seed: int) -> None:
    """Another origin, unit or order of adjusters, another reference level: the same adjusted means."""
    rng = np.random.default_rng(seed)
    y, codes, _ = simulate(rng, 8, 10, 0.2)
    frame = pd.DataFrame({"age": rng.normal(50, 10, y.size), "group": rng.choice(["a", "b", "c"], y.size)})
    other = pd.DataFrame({"group": frame["group"].map({"a": "z", "b": "y", "c": "x"}), "age": 1000 - 3 * frame["age"]})
    fits = [fit_fixed_effects(y, build_case_mix(part, codes, 8).x, codes, 8) for part in (frame, other)]
    np.testing.assert_allclose(fits[0].adjusted, fits[1].adjusted, rtol=1e-8)
    np.testing.assert_allclose(fits[0].error, fits[1].error, rtol=1e-6)


def test_remove_case_mix_gives_the_adjusted_means(patients: pd.DataFrame, codes: np.ndarray) -> None:
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    values = np.column_stack([patients["grade"], np.where(np.arange(len(codes)) % 5 == 0, np.nan, patients["ordinal"])])
    cleaned = remove_case_mix(values, mix.x, codes, 24)
    np.testing.assert_allclose(practice_stats(cleaned, codes, 24).mean[:, 0], R["ols"]["adjusted"], **EXACT)
    assert (np.isnan(cleaned) == np.isnan(values)).all()
    np.testing.assert_array_equal(remove_case_mix(values, mix.x[:, :0], codes, 24), values)


def test_weighted_least_squares_equals_transformed_rows(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """statsmodels WLS with practice dummies and the weights scaled to Kish's number per practice."""
    import statsmodels.api as sm

    weights = patients["weight"].to_numpy()
    mix = build_case_mix(patients[["age"]], codes, 24, weights)
    fit = fit_fixed_effects(patients["grade"].to_numpy(), mix.x, codes, 24, weights)
    dummies = (codes[:, None] == np.arange(24)).astype(float)
    scaled = kish_weights(weights, codes, 24)
    theirs = sm.WLS(patients["grade"].to_numpy(), np.column_stack([dummies, mix.x]), weights=scaled).fit()
    np.testing.assert_allclose(fit.adjusted, theirs.params[:24], rtol=1e-9)
    np.testing.assert_allclose(fit.beta, theirs.params[24:], rtol=1e-9)
    # same residual sum; our degrees of freedom count the effective number of answers
    ratio = math.sqrt(theirs.df_resid / (scaled.sum() - 24 - 1))
    np.testing.assert_allclose(fit.error, theirs.bse[:24] * ratio, rtol=1e-9)


# --- Bad case mix ---------------------------------------------------------------------------------------------------


def test_useless_adjusters_are_left_out_with_a_reason(codes: np.ndarray) -> None:
    rng = np.random.default_rng(17)
    n = codes.size
    age = rng.normal(50, 10, n)
    frame = pd.DataFrame(
        {
            "age": age,
            "months": 12 * age,
            "planet": ["earth"] * n,
            "year": 2025,
            "region": codes % 3,
            "empty": [None] * n,
            "sum": age + (rng.random(n) < 0.5),
        }
    )
    mix = build_case_mix(frame, codes, 24)
    assert mix.names == ("age", "sum")
    assert "follows entirely from age" in mix.dropped["months"]
    assert mix.dropped["planet"] == mix.dropped["year"] == "the same for every patient"
    assert "within any practice" in mix.dropped["region"]
    assert mix.dropped["empty"] == "no answers"


def test_free_text_and_duplicates_are_refused(codes: np.ndarray) -> None:
    n = codes.size
    with pytest.raises(AnalysisError, match=r"'story' has \d+ different values"):
        build_case_mix({"story": [f"text {i % 500}" for i in range(n)]}, codes, 24)
    twice = pd.DataFrame(np.zeros((n, 2)), columns=["age", "age"])
    with pytest.raises(AnalysisError, match="'age' occurs more than once"):
        build_case_mix(twice, codes, 24)
    with pytest.raises(AnalysisError, match="'born' holds"):
        build_case_mix({"born": pd.date_range("1950", periods=n)}, codes, 24)
    with pytest.raises(AnalysisError, match="infinite"):
        build_case_mix({"age": [math.inf] * n}, codes, 24)
    with pytest.raises(AnalysisError, match="expected"):
        build_case_mix({"age": [1.0, 2.0]}, codes, 24)


@pytest.mark.parametrize(
    "column",
    [
        lambda v: pd.Series(v > 0),
        lambda v: pd.Series(v > 0, dtype="boolean"),
        lambda v: pd.Series((v > 0).astype(int), dtype="Int64"),
        lambda v: pd.Series((v > 0).astype(float), dtype="Float64"),
        lambda v: pd.Series((v > 0).astype(int).tolist(), dtype=object),
        lambda v: pd.Series(pd.Categorical(np.where(v > 0, "yes", "no"))),
        lambda v: pd.Series(np.where(v > 0, "yes", "no"), dtype="string"),
        lambda v: pd.Series(np.where(v > 0, "yes", "no"), dtype=object),
    ],
)
def test_any_dtype_gives_the_same_adjustment(column: object, codes: np.ndarray) -> None:
    rng = np.random.default_rng(18)
    v, y = rng.normal(size=codes.size), rng.normal(size=codes.size)
    plain = build_case_mix({"v": (v > 0).astype(float)}, codes, 24)
    other = build_case_mix({"v": column(v)}, codes, 24)
    np.testing.assert_allclose(
        fit_fixed_effects(y, other.x, codes, 24).adjusted, fit_fixed_effects(y, plain.x, codes, 24).adjusted
    )


def test_unused_and_ordered_categories() -> None:
    codes = np.array([0, 0, 0, 1, 1, 1])
    levels = pd.Categorical(["b", "c", "b", "c", "b", None], categories=["z", "c", "b"], ordered=True)
    mix = build_case_mix({"level": levels}, codes, 2)
    assert mix.names == ("level=b",)  # z is not used, c comes first in the category's own order
    # the missing one gets its practice's share of b
    assert mix.x[5, 0] - mix.x[3, 0] == pytest.approx(0.5)


def test_difference_from_mean_by_hand_and_against_r(patients: pd.DataFrame, codes: np.ndarray) -> None:
    """CAHPS: Δ = M − M̄; SE² = V(1 − 2w/Σw) + Σw²V/(Σw)²."""
    mean, delta, error = difference_from_mean(
        np.array([7.0, 8.0, 9.0]), np.array([0.1, 0.2, 0.3]), np.array([1.0, 1.0, 2.0])
    )
    assert mean == pytest.approx(8.25)
    np.testing.assert_allclose(delta, [-1.25, -0.25, 0.75])
    common = (0.01 + 0.04 + 4 * 0.09) / 16
    by_hand = [0.01 * (1 - 2 / 4) + common, 0.04 * (1 - 2 / 4) + common, 0.09 * (1 - 4 / 4) + common]
    np.testing.assert_allclose(error**2, by_hand)
    # R: the full covariance matrix of the adjusted means; the formula leaves out that they share β (3 % at most here)
    mix = build_case_mix(patients[["age", "health"]], codes, 24)
    fit = fit_fixed_effects(patients["grade"].to_numpy(), mix.x, codes, 24)
    _, delta, error = difference_from_mean(fit.adjusted, fit.error, np.ones(24))
    np.testing.assert_allclose(delta, R["ols"]["delta"], **EXACT)
    np.testing.assert_allclose(error, R["ols"]["se_delta"], rtol=0.03)
